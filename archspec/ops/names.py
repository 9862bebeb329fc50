"""Names: what other tools call the fields of ops, and what several outputs are called.

A field says its names where it is declared, once.

    stride: Annotated[Sizes, STRIDES] = Field(default=1, description="step of the kernel")

    conv2d has no option strides  ->  help: strides is called stride here

The names are those of Keras and TensorFlow, of Flax and Haiku, of ONNX and of Caffe. One that has another meaning
elsewhere, as `keep_prob` beside `p`, is no name of the field: the op says the cure in `options_elsewhere`.
"""

from functools import cache

from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Called:
    """Marks a field with its names in other tools; they mean the same, for the same values."""

    names: tuple[str, ...]


CHANNELS = Called(("filters", "features", "num_filters", "output_channels", "num_output"))
FEATURES = Called(("units", "features", "filters", "output_size", "num_output", "output_dim"))
KERNELS = Called(("kernel_shape", "pool_size", "window_shape", "filter_size", "ksize"))
STRIDES = Called(("strides", "window_strides", "subsample"))
DILATIONS = Called(("dilation_rate", "dilations", "kernel_dilation", "rhs_dilation"))
GROUPS = Called(("group", "feature_group_count"))
BIASES = Called(("use_bias", "with_bias", "bias_term"))
STATES = Called(("units", "features", "cell_size"))
LAYERS = Called(("depth", "n_layers"))
RATES = Called(("rate", "dropout_rate", "drop_rate", "drop_prob", "ratio"))
EPSILONS = Called(("epsilon",))
AXES = Called(("axis", "axes"))
KEPT = Called(("keepdims", "keep_dims"))
HEADS = Called(("heads", "n_heads", "n_head", "nhead"))
ROWS = Called(("input_dim", "vocab_size", "num_tokens"))
WIDTHS = Called(("output_dim", "features", "embed_dim"))
SLOPES = Called(("alpha",))

# Cures for options that no op has, since the input, the source or the training decides.
INFERRED = "leave it out: it follows from the input"
STARTS = "init says what its tensors start with: init: {weight: {normal: {std: 0.02}}, bias: zeros}"
TRAINED = "leave it out: a spec describes a network, and no training of it"
MODE = "leave it out: train() and eval() of the built module decide"
ELSEWHERE: dict[str, str] = {
    **dict.fromkeys(("in_channels", "in_features", "num_features", "num_channels", "embed_dim"), INFERRED),
    **dict.fromkeys(("input_shape", "input_size", "input_dim"), INFERRED),
    **dict.fromkeys(("kernel_initializer", "bias_initializer", "kernel_init", "bias_init", "weight_init"), STARTS),
    **dict.fromkeys(("kernel_regularizer", "bias_regularizer", "weight_decay"), TRAINED),
    "trainable": "freeze: true says that its parameters do not learn",
    **dict.fromkeys(("use_running_average", "deterministic", "training", "is_training"), MODE),
    **dict.fromkeys(("device", "param_dtype"), "leave it out: whoever builds the network chooses"),
    "activation": "an activation is an op of its own: put it behind this one",
    "data_format": "leave it out: images are N x C x H x W here, and permute makes N x H x W x C of them",
    "inplace": "leave it out: the source writes over a value where it may",
    "name": "the key in front of an op is its name",
}


@cache
def numbered_ports(count: int) -> tuple[str, ...]:
    """What so many outputs are called: "", "1", "2". All ops of as many have one tuple, since each read asks for it."""
    return ("", *map(str, range(1, count)))
