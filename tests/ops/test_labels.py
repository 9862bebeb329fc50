"""Labels: what each says of its op, which fields it tells, and how a name stands in place of a value."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archspec.ops import OPS, Label, Part
from archspec.ops.label import channels_part, groups_parts, kernel_part, stride_parts
from tests.examples import examples
from tests.ops.draws_tensors import NAMES, uses
from tests.ops.oracle import make

CONV = Label(
    "conv",
    (channels_part("out_channels", 64), *groups_parts(4), *stride_parts(2)),
    before=kernel_part(3, 2),
    implied=True,
)
POOL = Label("max pool", stride_parts(2), before=kernel_part((1, 3), 2), aside=True)

LABELS = [
    ("conv2d", {"out_channels": 64, "kernel_size": 7, "stride": 2}, "7×7 conv, 64, /2"),
    ("conv2d", {"out_channels": 256, "kernel_size": 1}, "1×1 conv, 256"),
    ("conv2d", {"out_channels": 128, "kernel_size": 3, "groups": 32}, "3×3 conv, 128, 32 groups"),
    ("conv2d", {"out_channels": 128, "kernel_size": (1, 7), "dilation": 2}, "1×7 conv, 128, dilation 2"),
    ("conv_transpose2d", {"out_channels": 64, "kernel_size": 2, "stride": 2}, "2×2 up-conv, 64"),
    ("conv_transpose2d", {"out_channels": 21, "kernel_size": 64, "stride": 32}, "64×64 up-conv, 21, ×32"),
    ("max_pool2d", {"kernel_size": 3, "stride": 2}, "3×3 max pool, /2"),
    ("max_pool2d", {"kernel_size": 2}, "2×2 max pool, /2"),
    ("avg_pool2d", {"kernel_size": 3, "stride": 1}, "3×3 avg pool"),
    ("adaptive_avg_pool2d", {"output_size": (1, 1)}, "global avg pool"),
    ("adaptive_avg_pool2d", {"output_size": 7}, "avg pool to 7×7"),
    ("linear", {"out_features": 1000}, "linear, 1000"),
    ("batch_norm2d", {}, "batch norm"),
    ("relu", {}, "ReLU"),
    ("layer_norm2d", {}, "layer norm"),
    ("rms_norm", {}, "RMS norm"),
    ("stochastic_depth", {"p": 0.1}, "stochastic depth, 0.1"),
    ("lp_pool2d", {"norm_type": 2.0, "kernel_size": 2}, "2×2 L2 pool, /2"),
    ("fractional_max_pool2d", {"kernel_size": 2, "output_size": 14}, "2×2 fractional max pool, to 14×14"),
    ("fractional_max_pool2d", {"kernel_size": 2, "output_ratio": 0.7}, "2×2 fractional max pool, ×0.7"),
    ("max_unpool1d", {"kernel_size": 2}, "k=2 max unpool"),
    ("conv1d", {"out_channels": 8, "kernel_size": 3}, "k=3 conv, 8"),
    ("multi_head_attention", {"num_heads": 1}, "attention, 1 head"),
    ("channel_shuffle", {"groups": 4}, "channel shuffle, 4 groups"),
    ("fold", {"output_size": 4, "kernel_size": 2}, "fold to 4×4"),
    ("unfold", {"kernel_size": 2}, "unfold 2×2"),
    ("circular_pad1d", {"padding": 2}, "circular pad 2"),
    ("pad", {"pad": (1, 0)}, "pad left 1"),
    ("pad", {"pad": (0, 0, 0, 0, 0, 64)}, "pad back 64"),
    ("pad", {"pad": (1, 0, 1, 0)}, "pad 1, 0, 1, 0"),
    ("pad", {"pad": (0, -1)}, "crop right 1"),
    ("pad", {"pad": (-1, -2)}, "crop 1, 2"),
    ("pad", {"pad": (2, 2), "mode": "reflect"}, "reflect pad 2, 2"),
    ("chunk", {"chunks": 3}, "chunk 3"),
    ("split", {"split_size": (4, 12)}, "split, 4, 12"),
    ("select", {"dim": 1, "index": 0}, "select 0"),
    ("slice", {"dim": 1, "start": 1}, "slice 1:"),
    ("slice", {"dim": 1, "start": 1, "step": 2}, "slice 1::2"),
    ("concat", {}, "concat"),
    ("upsample", {"scale_factor": 2}, "upsample ×2, nearest"),
    ("conv2d", {"out_channels": 8, "kernel_size": 3, "stride": (1, 2)}, "3×3 conv, 8, /1×2"),
    ("conv3d", {"out_channels": 8, "kernel_size": 3, "stride": (2, 2, 2)}, "3×3×3 conv, 8, /2"),
    ("conv2d", {"out_channels": 8, "kernel_size": 3, "groups": 2, "stride": 2, "dilation": (1, 2)},
     "3×3 conv, 8, 2 groups, /2, dilation 1×2"),
    ("conv_transpose2d", {"out_channels": 8, "kernel_size": 3, "groups": 2}, "3×3 up-conv, 8, 2 groups"),
    ("adaptive_max_pool2d", {"output_size": (7, None)}, "max pool to 7×same"),
    ("fractional_max_pool2d", {"kernel_size": 2, "output_ratio": (0.7, 0.5)}, "2×2 fractional max pool, ×0.7×0.5"),
    ("max_pool2d", {"kernel_size": (2, 3)}, "2×3 max pool, /2×3"),
    ("mul", {"other": 0.5}, "mul 0.5"),
    ("mul", {}, "mul"),
    ("gt", {"other": 0}, "gt 0"),
    ("one_hot", {"num_classes": 10}, "one-hot, 10"),
    ("full_like", {"fill_value": 1}, "full 1"),
    ("topk", {"k": 2}, "top 2"),
    ("kthvalue", {"k": 2}, "k-th value, k 2"),
    ("renorm", {"p": 2, "dim": 0, "maxnorm": 1}, "renorm to 1"),
    ("bucketize", {}, "bins"),
    ("searchsorted", {"right": True}, "bins, right"),
    ("linspace", {"start": 0, "end": 1, "steps": 5}, "linspace, 0 .. 1, 5 steps"),
    ("topk", {"k": 3, "largest": False}, "least 3"),
    ("argmax", {"dim": -1}, "argmax"),
    ("where", {"other": 0.0}, "where, 0"),
    ("multi_head_attention", {"num_heads": 8}, "attention, 8 heads"),
    ("scaled_dot_product_attention", {"is_causal": True}, "causal attention"),
    ("einsum", {"equation": "nhld, nhmd -> nhlm"}, "einsum, nhld, nhmd -> nhlm"),
    ("dropout", {}, "dropout, 0.5"),
    ("pow", {"exponent": 2}, "pow, 2"),
    ("embedding", {"num_embeddings": 10, "embedding_dim": 8}, "embedding, 8"),
    ("group_norm", {"num_groups": 32}, "group norm, 32"),
    ("local_response_norm", {"size": 5}, "LRN, 5"),
    ("zero_pad2d", {"padding": (1, 1, 2, 2)}, "pad 1, 1, 2, 2"),
    ("pad_to_multiple", {"multiple": 32}, "pad to a multiple of 32"),
    ("parameter", {"shape": (1, 197, 768)}, "parameter, 1×197×768"),
    ("buffer", {"shape": (8,)}, "buffer, 8"),
    ("pixel_shuffle", {"upscale_factor": 2}, "pixel shuffle ×2"),
    ("pixel_unshuffle", {"downscale_factor": 2}, "pixel unshuffle /2"),
    ("window_partition", {"window_size": (7, 7)}, "windows 7×7"),
    ("window_partition", {"window_size": (7, 7), "grid": True}, "grids 7×7"),
    ("upsample", {"scale_factor": (2, 1.5), "mode": "bilinear"}, "upsample ×2×1.5, bilinear"),
    ("upsample", {"size": 8}, "upsample, nearest"),
    ("add", {}, "add"),
    ("bilinear", {"out_features": 4}, "bilinear, 4"),
    ("embedding_bag", {"num_embeddings": 9, "embedding_dim": 4}, "embedding bag, 4, mean"),
    ("grid_sample", {}, "grid sample, bilinear"),
    ("affine_grid", {"size": (4, 6)}, "affine grid, 4×6"),
    ("dynamic_conv2d", {"stride": 2}, "dynamic conv, /2"),
    ("dynamic_conv_transpose2d", {"stride": 2}, "dynamic up-conv, ×2"),
    ("multi_head_attention", {"num_heads": 8, "is_causal": True}, "causal attention, 8 heads"),
    ("lstm", {"hidden_size": 64, "num_layers": 2}, "LSTM, 64 hidden, 2 layers"),
    ("gru", {"hidden_size": 64, "bidirectional": True}, "bidirectional GRU, 2×64 hidden"),
    ("lstm", {"hidden_size": 64, "proj_size": 16}, "LSTM, 64 hidden, to 16"),
    (
        "lstm",
        {"hidden_size": 64, "proj_size": 16, "bidirectional": True},
        "bidirectional LSTM, 2×64 hidden, to 2×16",
    ),
    ("lstm", {"hidden_size": 64}, "LSTM, 64 hidden"),
    ("sub", {"other": 1, "number_first": True}, "1 - x"),
    ("div", {"other": 0.5, "number_first": True}, "0.5 / x"),
    ("sub", {"other": 1}, "sub 1"),
    ("rnn_cell", {"hidden_size": 64}, "RNN cell, 64 hidden"),
]  # fmt: skip


def test_a_label_says_what_stands_before_and_behind_its_title_and_then_its_parts() -> None:
    assert str(CONV) == "3×3 conv, 64, 4 groups, /2"
    assert (CONV.heading, CONV.detail) == ("3×3 conv", "64, 4 groups, /2")
    assert str(CONV.without_parts()) == "3×3 conv"


def test_a_box_says_below_the_title_what_is_told_aside() -> None:
    assert str(POOL) == "1×3 max pool, /2"
    assert (POOL.boxed().heading, POOL.boxed().detail) == ("max pool", "1×3, /2")
    assert CONV.boxed() == CONV


@pytest.mark.parametrize(
    ("part", "name", "said"),
    [
        (channels_part("out_channels", 64), "width", "width"),
        (channels_part("out_channels", 64), "channels", "channels"),
        (groups_parts(4)[0], "g", "g groups"),
        (groups_parts(4)[0], "groups", "groups"),
        (stride_parts(2)[0], "s", "/s"),
        (stride_parts(2)[0], "stride", "/stride"),
        (Part("output_size", "7×7", "size", word="to"), "bins", "to bins"),
        (Part("output_size", "1×1", "size", instead="global", word="to"), "bins", "to bins"),
        (kernel_part(3, 2), "k", "kernel k"),
        (kernel_part(3, 2), "kernel", "kernel"),
    ],
)
def test_a_name_in_place_of_a_value_says_what_it_is(part: Part, name: str, said: str) -> None:
    assert str(part.symbol(name)) == said


def test_what_is_left_out_stands_for_one() -> None:
    assert (stride_parts(1), stride_parts((1, 1)), groups_parts(1)) == ((), (), ())
    assert {part.unsaid for part in (*stride_parts(2), *groups_parts(2))} == {"1"}


def test_a_plain_text_is_a_title() -> None:
    assert OPS["relu"]().caption == Label("ReLU")


@pytest.mark.parametrize(("name", "fields", "words"), LABELS)
def test_words_of_a_label(name: str, fields: dict[str, object], words: str) -> None:
    assert str(make(name, **fields).caption) == words


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=examples(20), derandomize=True, deadline=None, database=None)
def test_parts_tell_fields_of_the_op_as_they_are(name: str, data: st.DataObject) -> None:
    """A part that names another field would have a picture put the wrong name in its place."""
    op = data.draw(uses(name))[0]
    parts = tuple(op.caption)
    assert {part.field for part in parts} <= set(type(op).model_fields)
    assert len({part.noun for part in parts} - {""}) == len(parts)
    for part in parts:
        value = getattr(op, part.field)
        told = [f"{one:g}" if isinstance(one, int | float) else one for one in each_of(value)]
        assert all(one is None or str(one) in part.value for one in told), part


def each_of(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def test_words_in_place_of_a_value_take_the_place_of_all_around_it() -> None:
    assert str(replace(groups_parts(4)[0], instead="depthwise")) == "depthwise"
