"""calflops, `calculate_flops`: its FLOPs, by the rules of DeepSpeed's profiler, from which its own were made.

Source: calflops 0.3.2, `calflops/pytorch_ops.py`.
"""

from archspec.conventions.convention import RECURRENT, Convention, ranks
from archspec.conventions.deepspeed import RULES

CONVENTION = Convention(
    name="calflops",
    label="FLOPs (calflops)",
    doc="calflops' calculate_flops: 2 x MACs, biases of convolutions, elements of activations, norms and pooling",
    rules=RULES,
    apart=RECURRENT | {"nn.MultiheadAttention", "nn.Upsample", *ranks("nn.ConvTranspose")},
    faults=(
        "the bias of a convolution counts, and that of a linear layer does not",
        "relu6 counts nothing: its module calls another function than F.relu6",
        "hardswish, hardsigmoid, sigmoid and tanh count nothing, and relu does",
        "attention by scaled_dot_product_attention counts nothing",
        "a product in an einsum counts FLOPs and no MACs",
    ),
    version="0.3.2",
)
