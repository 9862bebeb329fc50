"""A name that another tool gives to an op leads to the op; one that only looks alike does not."""

import pytest

from archspec.ops import OPS
from archspec.ops.called import OTHERWISE, cure_of_option, field_of, help_of, meant, names_of_fields, others_of, written
from archspec.ops.names import ELSEWHERE, STARTS

ONE = {
    # PyTorch
    "nn.ConvTranspose2d": "conv_transpose2d",
    "MultiheadAttention": "multi_head_attention",
    "F.logsigmoid": "log_sigmoid",
    "torch.cat": "concat",
    "interpolate": "upsample",
    "clip": "clamp",
    "bmm": "matmul",
    # Keras
    "Conv2D": "conv2d",
    "Conv2DTranspose": "conv_transpose2d",
    "MaxPooling2D": "max_pool2d",
    "Dense": "linear",
    "LeakyReLU": "leaky_relu",
    "Concatenate": "concat",
    "UpSampling2D": "upsample",
    "LayerNormalization": "layer_norm",
    "MultiHeadAttention": "multi_head_attention",
    "SpatialDropout2D": "dropout2d",
    "ZeroPadding2D": "zero_pad2d",
    "tf.nn.swish": "silu",
    # JAX and Flax
    "jax.nn.hard_silu": "hardswish",
    "stop_gradient": "detach",
    "expand_dims": "unsqueeze",
    # ONNX
    "Gemm": "linear",
    "MatMul": "matmul",
    "Relu": "relu",
    "ReduceMean": "mean",
    "DepthToSpace": "pixel_shuffle",
    "ArgMax": "argmax",
    "Less": "lt",
    # papers
    "swish": "silu",
    "drop_path": "stochastic_depth",
    "mha": "multi_head_attention",
}
RANKS = {
    "conv": "conv",
    "deconv": "conv_transpose",
    "batch_norm": "batch_norm",
    "BatchNormalization": "batch_norm",
    "InstanceNorm": "instance_norm",
    "avg_pool": "avg_pool",
    "AveragePool": "avg_pool",
    "MaxPool": "max_pool",
    "adaptive_avg_pool": "adaptive_avg_pool",
    "reflection_pad": "reflection_pad",
}
# Other things, which look like an op: no hint is better than a wrong one.
UNKNOWN = ("deform_conv2d", "squeeze_excite", "nn.Sequential", "", "_", ".")


@pytest.mark.parametrize(("name", "op"), ONE.items())
def test_a_name_of_another_tool_is_called_here(name: str, op: str) -> None:
    assert help_of(name) == f"{name} is called {op} here"


@pytest.mark.parametrize(("name", "op"), RANKS.items())
def test_a_name_without_a_number_of_dimensions_means_an_op_for_each(name: str, op: str) -> None:
    assert help_of(name) == f"{name} is called {op}1d, {op}2d or {op}3d here"


@pytest.mark.parametrize("name", ["GlobalAveragePooling2D", "global_avg_pool2d"])
def test_options_that_make_an_op_what_was_named_are_said(name: str) -> None:
    assert help_of(name) == f"{name} is called adaptive_avg_pool2d here, with output_size: 1"


def test_a_slip_of_the_pen_is_told_from_another_name() -> None:
    assert help_of("con2d") == "did you mean conv2d?"
    assert help_of("softmx") == "did you mean softmax?"


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_looks_like_an_op_and_is_another_is_not_offered(name: str) -> None:
    assert help_of(name) == OTHERWISE


@pytest.mark.parametrize("name", written())
def test_an_op_is_meant_by_its_own_name(name: str) -> None:
    assert meant(name) == {name: ""}


def test_a_name_of_another_tool_is_no_op_and_belongs_to_one_kind() -> None:
    for op in map(OPS.__getitem__, written()):
        for name, options in others_of(op):
            found = meant(name)
            assert found[op.name] == options, name
            assert len({other.rstrip("123d") for other in found}) == 1, (name, found)


FIELDS = [
    # Keras
    ("conv2d", "filters", "out_channels"),
    ("conv2d", "strides", "stride"),
    ("conv2d", "dilation_rate", "dilation"),
    ("conv_transpose2d", "use_bias", "bias"),
    ("max_pool2d", "pool_size", "kernel_size"),
    ("avg_pool1d", "strides", "stride"),
    ("linear", "units", "out_features"),
    ("lstm", "units", "hidden_size"),
    ("dropout", "rate", "p"),
    ("batch_norm2d", "epsilon", "eps"),
    ("softmax", "axis", "dim"),
    ("mean", "keepdims", "keepdim"),
    ("embedding", "input_dim", "num_embeddings"),
    ("embedding", "output_dim", "embedding_dim"),
    ("leaky_relu", "alpha", "negative_slope"),
    # Flax and Haiku
    ("conv2d", "features", "out_channels"),
    ("conv2d", "feature_group_count", "groups"),
    ("conv2d", "kernel_dilation", "dilation"),
    ("linear", "features", "out_features"),
    ("linear", "with_bias", "bias"),
    ("max_pool2d", "window_shape", "kernel_size"),
    # ONNX
    ("conv2d", "kernel_shape", "kernel_size"),
    ("conv2d", "group", "groups"),
    ("concat", "axis", "dim"),
    # papers
    ("multi_head_attention", "n_heads", "num_heads"),
]
CURES = [
    ("conv2d", "activation", "an activation is an op of its own: put it behind this one"),
    ("conv2d", "in_channels", "leave it out: it follows from the input"),
    ("linear", "kernel_initializer", STARTS),
    ("batch_norm2d", "use_running_average", "leave it out: train() and eval() of the built module decide"),
    ("batch_norm2d", "decay", "momentum is the weight of the newest batch here: 1 - decay"),
    ("dropout", "keep_prob", "p is the probability of a zero here: 1 - keep_prob"),
    ("lstm", "return_sequences", "the op gives every step; the state behind the last is its output `hidden`"),
    ("relu", "inplace", "leave it out: the source writes over a value where it may"),
]


@pytest.mark.parametrize(("op", "option", "field"), FIELDS)
def test_an_option_of_another_tool_is_a_field_here(op: str, option: str, field: str) -> None:
    assert field_of(OPS[op], option) == field


@pytest.mark.parametrize(("op", "option", "cure"), CURES)
def test_an_option_that_no_op_has_has_a_cure(op: str, option: str, cure: str) -> None:
    assert (field_of(OPS[op], option), cure_of_option(OPS[op], option)) == (None, cure)


@pytest.mark.parametrize("op", written())
def test_a_name_elsewhere_is_no_field_and_means_one(op: str) -> None:
    others = [other for _, other in names_of_fields(OPS[op])]
    assert len(set(others)) == len(others)
    assert set(others).isdisjoint(OPS[op].model_fields)
    assert set(OPS[op].options_elsewhere).isdisjoint({*OPS[op].model_fields, *others})


def test_what_every_op_leaves_out_is_no_field_of_most() -> None:
    having = {name: [op for op in written() if name in OPS[op].model_fields] for name in ELSEWHERE}
    assert {name: ops for name, ops in having.items() if ops} == {}
