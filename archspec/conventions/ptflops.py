"""ptflops, `get_model_complexity_info` with its backend "pytorch": its "MACs", biases and elements included.

Source: ptflops 0.7.5, `ptflops/pytorch_ops.py`.
"""

from archspec.conventions.convention import RECURRENT, Convention, Counted, each, products, ranks


def _product(counted: Counted) -> int:
    return counted.cost.macs + counted.bias


def _norm(counted: Counted) -> int:
    return counted.read * (2 if counted.parameters else 1)


CONVENTION = Convention(
    name="ptflops",
    label="MACs (ptflops)",
    doc="ptflops' get_model_complexity_info: MACs with biases, and elements of activations, pooling and norms",
    rules={
        **each((*ranks("nn.Conv", "nn.ConvTranspose"), "nn.Linear"), _product),
        **each(("torch.matmul", "torch.bmm"), products),
        **each((*ranks("nn.BatchNorm", "nn.InstanceNorm"), "nn.GroupNorm"), _norm),
        **each(("nn.LayerNorm",), lambda counted: counted.read),
        **each(("nn.LeakyReLU", "nn.ReLU6", "nn.SiLU", "nn.Softmax"), lambda counted: counted.read),
        **each(("nn.ReLU", "nn.PReLU", "nn.ELU", "nn.GELU"), lambda counted: 2 * counted.read),
        **each(
            ranks("nn.MaxPool", "nn.AvgPool", "nn.AdaptiveMaxPool", "nn.AdaptiveAvgPool"),
            lambda counted: 2 * counted.read,
        ),
        **each(("nn.Upsample",), lambda counted: 2 * counted.written),
    },
    apart=RECURRENT | {"nn.MultiheadAttention"},
    faults=(
        "its MACs hold biases, activations, pooling and norms, which are no multiply-adds",
        "relu, gelu, pooling and interpolation count twice, as the module and as the function that the module calls",
        "code that calls F.relu itself has it once",
        "hardswish, hardsigmoid, sigmoid and tanh count nothing, and relu does",
        "sums count where code says torch.add, and not where it says +",
        "F.linear counts nothing, and nn.Linear does",
    ),
    version="0.7.5",
)
