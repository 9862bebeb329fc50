"""DeepSpeed's flops profiler, `get_model_profile`: its FLOPs, two for a multiply-add, and elements of what it knows.

It replaces functions of torch while the network runs, and modules call those, so it counts what is written either way.

Source: deepspeed 0.19.8, `deepspeed/profiling/flops_profiler/profiler.py`.
"""

from math import prod

from archspec.conventions.convention import RECURRENT, Convention, Counted, each, ranks


def product(counted: Counted) -> int:
    """A linear layer: its bias counts nothing."""
    return 2 * counted.cost.macs


def convolution(counted: Counted) -> int:
    """Multiply-adds and the bias."""
    return 2 * counted.cost.macs + counted.bias


def batch_norm(counted: Counted) -> int:
    """In eval mode."""
    return counted.read * (2 if counted.parameters else 1)


def norm(counted: Counted) -> int:
    """Of layers, groups and instances, which find the statistics too."""
    return counted.read * (5 if counted.parameters else 4)


def elements(counted: Counted) -> int:
    """One for each element that is read."""
    return counted.read


RULES = {
    **each(("nn.Linear", "torch.matmul", "torch.bmm"), product),
    **each(ranks("nn.Conv"), convolution),
    **each(ranks("nn.BatchNorm"), batch_norm),
    **each((*ranks("nn.InstanceNorm"), "nn.LayerNorm", "LayerNorm2d", "nn.GroupNorm"), norm),
    **each(("nn.ReLU", "nn.PReLU", "nn.ELU", "nn.LeakyReLU", "nn.SiLU", "nn.GELU", "nn.Softmax"), elements),
    **each(ranks("nn.MaxPool", "nn.AvgPool", "nn.AdaptiveMaxPool", "nn.AdaptiveAvgPool"), elements),
}


def _upsample(counted: Counted) -> int:
    """Elements of the output; of one that says its size, the size only."""
    size = counted.op.acting.get("size")
    if size is None:
        return counted.written
    return prod(counted.ys[0].spatial) if isinstance(size, tuple) else int(str(size))


CONVENTION = Convention(
    name="deepspeed",
    label="FLOPs (DeepSpeed)",
    doc="DeepSpeed's get_model_profile: 2 x MACs, biases of convolutions, elements of activations, norms and pooling",
    rules={**RULES, **each(ranks("nn.ConvTranspose"), convolution), "nn.Upsample": _upsample},
    apart=RECURRENT | {"nn.MultiheadAttention"},
    faults=(
        "the bias of a convolution counts, and that of a linear layer does not",
        "relu6 counts nothing: its module calls another function than F.relu6",
        "hardswish, hardsigmoid, sigmoid and tanh count nothing, and relu does",
        "sums count where code says torch.add, and not where it says +",
        "interpolation to a size counts the size, and not the channels",
    ),
    version="0.19.8",
)
