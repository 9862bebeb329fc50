"""torchinfo, `summary`: its "mult-adds", which are a module's parameters times places of its output.

Source: torchinfo 1.8.0, `torchinfo/layer_info.py`, `LayerInfo.calculate_macs`.
"""

from math import prod

from archspec.conventions.convention import RECURRENT, Convention, Counted, each, ranks


def _convolution(counted: Counted) -> int:
    held = counted.parameters
    return sum(prod(held[name]) for name in ("weight", "bias") if name in held) * prod(counted.ys[0].spatial)


def _once(counted: Counted) -> int:
    held = counted.parameters
    return sum(prod(held[name]) for name in ("weight", "bias") if name in held)


CONVENTION = Convention(
    name="torchinfo",
    label="mult-adds (torchinfo)",
    doc="torchinfo's total_mult_adds: parameters, biases included, times the places of a convolution's output",
    rules={
        **each(ranks("nn.Conv", "nn.ConvTranspose"), _convolution),
        **each(
            (
                *ranks("nn.BatchNorm", "nn.InstanceNorm"),
                *(
                    "nn.Linear",
                    "nn.LayerNorm",
                    "LayerNorm2d",
                    "nn.GroupNorm",
                    "nn.PReLU",
                    "nn.Embedding",
                    "nn.Bilinear",
                ),
            ),
            _once,
        ),
    },
    apart=RECURRENT,
    faults=(
        "a linear layer counts its parameters once, whatever the number of rows that it maps: of 197 tokens, one",
        "attention and products of matrices count nothing",
        "a transposed convolution counts at each place of its output, where it multiplies at each of its input",
        "biases and norms count as multiply-adds",
    ),
    version="1.8.0",
)
