"""The emitted forward keeps no tensor longer than the graph needs it."""

import pytest
import torch

from archspec.code.liveness import WORTH
from archspec.graph.memory import liveness_bound, size_in_bytes
from archspec.ops import OPS
from archspec.ops.op import Role
from archspec.runtime.counters import random_inputs
from archspec.runtime.memory import measured_peak
from archspec.values.shape import Shape
from tests.gallery.networks import RUN, sampled
from tests.ops.oracle import make, runnable
from tests.runtime.gallery import module, network, representatives

# Inside attention torch holds projections and weights, and copies the factors of products: the graph shows neither.
SLACK = {"vit": 1.1, "swin_v2": 1.1, "mobilevit": 1.6}


@pytest.mark.parametrize("spec", sampled(representatives(), sample=RUN))
def test_peak_is_near_the_bound(spec: str) -> None:
    """A name may linger where less than `WORTH` of the peak is lost by it."""
    loaded = network(spec)
    bound = liveness_bound(loaded, calls_hold=True)
    peak = measured_peak(module(spec), random_inputs(loaded, device="meta"))
    assert peak.bytes <= SLACK.get(spec.partition(":")[0], 1.02) * bound.bytes / (1 - WORTH), (peak, bound)


# A recurrent layer is one kernel on a machine, and on the meta device a loop over the steps, which holds other tensors.
COMPOSED = [name for name, op in OPS.items() if op.workspace and op.role is not Role.RECURRENT]


@pytest.mark.parametrize("name", [*COMPOSED, "softmax2d", "layer_norm2d", "channel_shuffle", "circular_pad2d"])
def test_an_op_needs_its_workspace_and_no_more(name: str) -> None:
    fields: dict[str, dict[str, object]] = {
        "softmin": {"dim": 1},
        "local_response_norm": {"size": 3},
        "channel_shuffle": {"groups": 2},
        "circular_pad2d": {"padding": 1},
        "cross_map_lrn2d": {"size": 3},
    }
    op, x = make(name, **fields.get(name, {})), Shape((64, 32, 32))
    tensors = 1 + op.workspace
    peak = measured_peak(runnable(op, (x,)).to("meta"), (torch.empty(1, *x.dims, device="meta"),))
    assert tensors <= peak.bytes / (4 * op.infer((x,))[0].numel) <= 1.04 * tensors


UNREAD = [name for name, op in OPS.items() if op.made_unread]
SETTINGS: dict[str, dict[str, object]] = {
    "adaptive": {"output_size": 4},
    "fractional": {"kernel_size": 2, "output_size": 4},
}


@pytest.mark.parametrize("name", [*UNREAD, "max_pool1d"])
def test_a_pool_makes_its_indices_read_or_not(name: str) -> None:
    op = make(name, **SETTINGS.get(name.partition("_")[0], {"kernel_size": 2}))
    x = Shape((8, *[9] * int(name[-2])))
    y, indices = op.infer((x,))
    made = size_in_bytes(y) + size_in_bytes(indices)
    peak = measured_peak(runnable(op, (x,)).to("meta"), (torch.empty(1, *x.dims, device="meta"),))
    assert made <= peak.bytes <= 1.1 * made


def test_the_bound_of_resnet50_by_hand() -> None:
    """Three maps of 256 x 56 x 56 while layer1/0/downsample/1 normalises; the block's input, 64 x 56 x 56, is held."""
    loaded = network("resnet:resnet50")
    assert liveness_bound(loaded).bytes == 3 * 256 * 56 * 56 * 4
    assert liveness_bound(loaded, calls_hold=True).bytes == (3 * 256 + 64) * 56 * 56 * 4
    assert liveness_bound(loaded, batch=2).bytes == 2 * liveness_bound(loaded).bytes
