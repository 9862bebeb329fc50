"""Blocks that are computed again: what is planned fits, and the source does it."""

from itertools import combinations

import pytest
import torch

import archspec
from archspec.cli.application import Usage
from archspec.cli.checkpoints import checkpoints
from archspec.code.pytorch import emit
from archspec.graph.graph import Scope
from archspec.graph.network import Network
from archspec.graph.walk import within
from archspec.memory.need import Plan, need
from archspec.memory.planner import checkpointable, choices, planned
from archspec.memory.tape import Tape
from archspec.runtime.build import build
from archspec.runtime.counters import random_inputs
from archspec.runtime.training import measured_step, on_fake_cpu
from tests.gallery.networks import sampled
from tests.runtime.gallery import module, network, representatives

CHAIN = """\
archspec: 1
name: Net
inputs: {x: [4, 16, 16]}
graph:
  a: {block: part, width: 4}
  b: {block: part, width: 8}
  c: {block: part, width: 16}
  d: {block: part, width: 4}
  out: {op: conv2d, out_channels: 1, kernel_size: 1}
blocks:
  part:
    params: {width: int}
    graph:
      conv: {op: conv2d, out_channels: $width, kernel_size: 3, padding: 1}
      act: {op: silu}
      again: {op: conv2d, out_channels: $width, kernel_size: 3, padding: 1}
      last: {op: silu}
"""


def able(loaded: Network) -> list[Scope]:
    return [scope for scope in loaded.graph.scopes.values() if checkpointable(loaded, scope)]


@pytest.mark.parametrize("spec", sampled(representatives()))
def test_a_block_that_can_be_computed_again_is_a_module(spec: str) -> None:
    paths = {path for path, _ in module(spec).named_modules()}
    assert {scope.id.replace("/", ".") for scope in able(network(spec))} <= paths


def test_gradients_and_names_stay_the_same() -> None:
    loaded = archspec.loads(CHAIN).network
    plain, again = (build(emit(loaded, checkpoints=ids), "Net", filename="<net>") for ids in ((), ("a", "c")))
    again.load_state_dict(plain.state_dict())
    x = torch.randn(2, 4, 16, 16)
    for made in (plain, again):
        made.train()(x).square().sum().backward()
    for one, other in zip(plain.parameters(), again.parameters(), strict=True):
        assert torch.allclose(one.grad, other.grad)  # type: ignore[arg-type]


LATE = """
archspec: 1
name: Net
inputs: {x: [4]}
graph:
  first: {op: linear, out_features: 4}
  act: {block: part}
  last: {op: linear, out_features: 4}
blocks: {part: {graph: {act: rrelu}}}
"""


def test_what_is_saved_before_it_is_filled_is_filled_again() -> None:
    """torch stops to compute again as soon as all that was saved is there: of rrelu, before it draws its slopes."""
    loaded = archspec.loads(LATE).network
    sources = [emit(loaded, checkpoints=ids) for ids in ((), ("act",))]
    assert ["early_stop" in source for source in sources] == [False, True]
    plain, again = (build(source, "Net", filename="<net>") for source in sources)
    again.load_state_dict(plain.state_dict())
    x = torch.randn(3, 4)
    for made in (plain, again):
        torch.manual_seed(0)
        made.train()(x).square().sum().backward()
    for one, other in zip(plain.parameters(), again.parameters(), strict=True):
        assert torch.allclose(one.grad, other.grad)  # type: ignore[arg-type]


@pytest.mark.parametrize("before", ["flatten", "{op: dropout, p: 0.0}"])
@pytest.mark.parametrize("listed", [False, True])
def test_what_a_block_is_given_is_there_when_it_is_computed_again(before: str, listed: bool) -> None:
    """Behind a view of the input, too, which a silu in place would write over."""
    entries = [before, "silu", "{op: linear, out_features: 4}"]
    graph = f"[{', '.join(entries)}]" if listed else f"{{a: {entries[0]}, b: {entries[1]}, c: {entries[2]}}}"
    loaded = archspec.loads(LATE.replace("{act: rrelu}", graph)).network
    plain, again = (build(emit(loaded, checkpoints=ids), "Net", filename="<net>") for ids in ((), ("act",)))
    again.load_state_dict(plain.state_dict())
    x = torch.randn(3, 4)
    for made in (plain, again):
        made.train()(x).square().sum().backward()
    for one, other in zip(plain.parameters(), again.parameters(), strict=True):
        assert torch.allclose(one.grad, other.grad)  # type: ignore[arg-type]


def test_a_block_that_gives_something_else_each_time_is_not_computed_again() -> None:
    norm = "conv: {op: conv2d, out_channels: $width, kernel_size: 3, padding: 1, parametrization: %s}"
    plain = "conv: {op: conv2d, out_channels: $width, kernel_size: 3, padding: 1}"
    for name, blocks in (("weight_norm", 4), ("spectral_norm", 0)):
        loaded = archspec.loads(CHAIN.replace(plain, norm % name)).network
        assert len(able(loaded)) == blocks
    with pytest.raises(
        Usage, match=r"^a cannot be computed again: a\.conv gives something else in each run of training$"
    ):
        checkpoints(loaded, "a")


@pytest.mark.parametrize(
    ("spec", "scopes"),
    [
        ("vgg:vgg11", ()),
        ("resnet:resnet18", ("layer1/0", "layer1/1")),
        ("squeezenet:squeezenet1_1", ("features/3",)),
    ],
)
def test_a_step_then_holds_what_is_said(spec: str, scopes: tuple[str, ...]) -> None:
    loaded = network(spec)
    said = need(loaded, Plan(2, recomputed=frozenset(scopes)))
    made = build(emit(loaded, checkpoints=scopes), loaded.name, filename="<net>", device="meta")
    sizes = [x.shape for x in random_inputs(loaded, batch=2, device="meta")]
    with on_fake_cpu(made):
        found = measured_step(made, tuple(map(torch.empty, sizes)))
    assert said.kept == pytest.approx(found.saved, rel=0.01)
    assert said.training == pytest.approx(found.peak, rel=0.03)


def test_a_plan_is_of_the_least_work_that_fits() -> None:
    """Against every choice of blocks, of a network where there are few."""
    loaded, plan = archspec.loads(CHAIN).network, Plan(64)
    worth = choices(Tape(loaded), plan)
    every = [frozenset(ids) for count in range(5) for ids in combinations("abcd", count)]
    sizes = {ids: need(loaded, Plan(64, recomputed=ids)).in_training for ids in every}
    for room in sorted(sizes.values()):
        found = planned(loaded, plan, room)
        least = min(sum(worth[id].macs for id in ids if id in worth) for ids in every if sizes[ids] <= room)
        assert found.fits
        assert found.after.in_training <= room
        assert found.macs <= 1.5 * least
    assert not planned(loaded, plan, min(sizes.values()) - 1).fits


def test_the_blocks_of_a_plan_lie_side_by_side() -> None:
    loaded = network("resnet:resnet50")
    before = need(loaded, Plan(16, "adam")).in_training
    found = planned(loaded, Plan(16, "adam"), before * 7 // 10)
    assert found.fits
    assert not any(within(a, b) for a in found.scopes for b in found.scopes if a != b)
    assert planned(loaded, Plan(16, "adam"), before).scopes == ()
