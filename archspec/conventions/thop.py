"""thop (pytorch-OpCounter), `thop.profile`: its "MACs", which hold norms, poolings and softmax too.

Source: thop 0.1.1, `thop/profile.py` and `thop/vision/basic_hooks.py`.
"""

from math import prod

from archspec.conventions.convention import RECURRENT, Convention, Counted, each, products, ranks


def _transposed(counted: Counted) -> int:
    """As of a convolution, which a transposed one is not: `weight` is (in, out / groups, kernel)."""
    channels, each_group, *kernel = counted.parameters["weight"]
    groups = counted.ys[0].channels // each_group
    return counted.written * (channels // groups) * prod(kernel)


def _norm(counted: Counted) -> int:
    return 2 * counted.read * (2 if counted.parameters else 1)


def _softmax(counted: Counted) -> int:
    along = counted.op.weighs(counted.xs) or 0
    count = counted.xs[0].dims[along]
    return (counted.read // count) * (3 * count - 1)


def _adaptive(counted: Counted) -> int:
    (before, *_), (after, *_) = counted.xs, counted.ys
    kernel = prod(one / other for one, other in zip(before.spatial, after.spatial, strict=True))
    return int((kernel + 1) * counted.written)


def _upsample(counted: Counted) -> int:
    times = {"nearest": 1, "linear": 5, "bilinear": 11, "bicubic": 259}
    return counted.written * times.get(str(counted.op.acting["mode"]), 0)


CONVENTION = Convention(
    name="thop",
    label="MACs (thop)",
    doc="thop's profile: MACs of modules, plus 2 or 4 per element for norms, and poolings, softmax and upsampling",
    rules={
        **each((*ranks("nn.Conv"), "nn.Linear"), products),
        **each(ranks("nn.ConvTranspose"), _transposed),
        **each((*ranks("nn.BatchNorm", "nn.InstanceNorm"), "nn.LayerNorm"), _norm),
        **each(("nn.Softmax",), _softmax),
        **each(ranks("nn.AvgPool"), lambda counted: counted.written),
        **each(ranks("nn.AdaptiveAvgPool"), _adaptive),
        **each(("nn.PReLU",), lambda counted: counted.read),
        **each(("nn.Upsample",), _upsample),
    },
    apart=RECURRENT,
    faults=(
        "it sees modules only: F.linear, F.adaptive_avg_pool2d and products of matrices count nothing",
        "attention counts nothing",
        "a transposed convolution counts at each place of its output, where it multiplies at each of its input",
        "its MACs of norms, pooling and softmax are no multiply-adds",
        "group norm counts nothing, and layer norm does",
    ),
    version="0.1.1-2209072238",
)
