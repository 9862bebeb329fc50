"""What ops say of inputs and settings that do not fit."""

import pytest
from pydantic import ValidationError

from archspec.ops import ShapeFault
from archspec.values.shape import Shape
from tests.ops.oracle import make

IMAGE = Shape((64, 8, 8))
TOKENS = Shape((49, 32))
INDICES = Shape((64, 8, 8), dtype="int")
TRUTH = Shape((64, 8, 8), dtype="bool")

# op, fields, inputs, code, field, message
FAULTS = [
    ("conv2d", {"out_channels": 8, "kernel_size": 3}, [Shape((3, 2, 2))], "kernel-too-large", "kernel_size",
     "the kernel 3 x 3 is larger than the input 2 x 2"),
    ("conv2d", {"out_channels": 8, "kernel_size": 3, "dilation": 4, "padding": 2}, [Shape((3, 4, 4))],
     "kernel-too-large", "kernel_size",
     "the kernel 3 x 3, 9 x 9 with its dilation, is larger than the padded input 8 x 8"),
    ("conv2d", {"out_channels": 8, "kernel_size": 3, "groups": 5}, [IMAGE], "channels-not-divisible", "groups",
     "5 groups do not divide the 64 channels of the input"),
    ("conv2d", {"out_channels": 9, "kernel_size": 3, "groups": 4}, [IMAGE], "channels-not-divisible", "groups",
     "4 groups do not divide the 9 channels of the output"),
    ("conv2d", {"out_channels": 8, "kernel_size": 3}, [Shape((100,))], "rank-mismatch", "",
     "conv2d needs N x C x H x W, not N x 100"),
    ("conv2d", {"out_channels": 8, "kernel_size": 3, "padding": "same", "stride": 2}, [IMAGE], "bad-padding", "padding",
     "padding: same needs a stride of 1, not 2"),
    ("conv_transpose2d", {"out_channels": 8, "kernel_size": 2, "output_padding": 1}, [IMAGE], "bad-padding",
     "output_padding", "output_padding 1 is not smaller than the stride 1 or the dilation 1"),
    ("conv_transpose2d", {"out_channels": 8, "kernel_size": 2, "padding": 5}, [IMAGE], "size-below-one", "",
     "conv_transpose2d of N x 64 x 8 x 8 comes out as -1 x -1: every size must be 1 or more"),
    ("max_pool2d", {"kernel_size": 3, "padding": 2}, [IMAGE], "bad-padding", "padding",
     "padding 2 x 2 is more than half of the kernel 3 x 3"),
    ("max_unpool2d", {"kernel_size": 2}, [IMAGE, IMAGE], "wrong-type", "",
     "max_unpool2d needs the indices of a max pooling as its second input, not its values"),
    ("max_unpool2d", {"kernel_size": 2}, [IMAGE, INDICES, Shape((64, 18, 16))], "shape-mismatch", "",
     "no pooling of this kernel and stride leads from the size 18 x 16 to that of the input"),
    ("group_norm", {"num_groups": 5}, [IMAGE], "channels-not-divisible", "num_groups",
     "5 groups do not divide the 64 channels of the input"),
    ("batch_norm2d", {}, [Shape((64,))], "rank-mismatch", "", "batch_norm2d needs N x C x H x W, not N x 64"),
    ("add", {}, [IMAGE, Shape((64, 4, 4))], "shape-mismatch", "", "add needs inputs of one shape"),
    ("add", {}, [IMAGE, Shape((32, 1, 1), batch=0)], "shape-mismatch", "", "add needs inputs of one shape"),
    ("add", {}, [Shape((49, 32)), Shape((2, 49, 32), batch=0)], "shape-mismatch", "", "add needs inputs of one shape"),
    ("add", {}, [IMAGE], "missing-option", "", "add takes another input, or a number as other"),
    ("mul", {"other": 2.0}, [IMAGE, IMAGE], "bad-option", "other",
     "mul takes another input or a number as other, and has 2 inputs"),
    ("conv2d", {"out_channels": 8, "kernel_size": 3}, [Shape((3, 8, 8), batch=0)], "rank-mismatch", "",
     "conv2d needs N x C x H x W, not 3 x 8 x 8"),
    ("parameter", {"shape": (8,), "std": 0.02}, [], "bad-option", "std", "std has no meaning with init: zeros"),
    ("buffer", {"shape": (8, 8), "init": "arange"}, [], "rank-mismatch", "shape",
     "init: arange fills one dimension, not 2"),
    ("buffer", {"shape": (8, 8), "init": (1, 2, 3)}, [], "shape-mismatch", "init",
     "init has 3 numbers for a shape of 8×8"),
    ("buffer", {"shape": (2,), "init": (1, 0.5), "dtype": "int"}, [], "bad-option", "init",
     "dtype: int holds whole numbers, not 0.5"),
    ("buffer", {"shape": (2,), "init": (1, 2), "dtype": "bool"}, [], "bad-option", "init",
     "dtype: bool holds 0 and 1, not 2"),
    ("buffer", {"shape": (2,), "init": "arange", "dtype": "bool"}, [], "bad-option", "init",
     "dtype: bool holds 0 and 1, and arange counts on"),
    ("concat", {}, [IMAGE, Shape((64, 4, 4))], "shape-mismatch", "",
     "concat needs inputs that are equal but for dimension 1"),
    ("concat", {"dim": 0}, [IMAGE, IMAGE], "bad-option", "dim", "concat over dimension 0 mixes the samples of a batch"),
    ("concat", {"offset": 3}, [IMAGE, IMAGE], "bad-option", "offset", "offset goes with align: crop, not strict"),
    ("add", {"align": "crop", "offset": 5}, [IMAGE, Shape((64, 4, 4))], "shape-mismatch", "offset",
     "a window of 4 x 4 at offset 5 x 5 reaches beyond the 8 x 8 of an input"),
    ("concat", {"align": "crop"}, [IMAGE, Shape((8, 4, 16))], "shape-mismatch", "align",
     "no input of this concat is the smallest in every dimension"),
    ("packed_buffer", {"shape": (2,), "packed": "no table"}, [], "bad-option", "packed",
     "packed is no base64 of what zlib made"),
    ("packed_buffer", {"shape": (3,), "packed": "eNpjZIAAAAAQAAI="}, [], "shape-mismatch", "packed",
     "packed has 2 numbers for a shape of 3"),
    ("split_batch", {"size": 4}, [IMAGE], "shape-mismatch", "size",
     "4 does not divide the batch of N x 64 x 8 x 8"),
    ("upsample", {}, [IMAGE], "missing-option", "",
     "upsample takes one of size, scale_factor or an input `like`; none is given"),
    ("upsample", {"scale_factor": 2, "align_corners": True}, [IMAGE], "bad-option", "align_corners",
     "align_corners has no meaning with mode: nearest"),
    ("pixel_shuffle", {"upscale_factor": 3}, [IMAGE], "channels-not-divisible", "upscale_factor",
     "the square of the factor 3 does not divide the 64 channels of the input"),
    ("multi_head_attention", {"num_heads": 5}, [Shape((49, 32))], "channels-not-divisible", "num_heads",
     "5 heads do not divide the 32 features of the input"),
    ("multi_head_attention", {"num_heads": 4}, [IMAGE], "rank-mismatch", "",
     "multi_head_attention needs N x L x E, not N x 64 x 8 x 8"),
    ("multi_head_attention", {"num_heads": 4, "is_causal": True}, [TOKENS, Shape((9, 32))], "shape-mismatch",
     "is_causal", "is_causal needs as many keys as queries: 9 are not 49"),
    ("multi_head_attention", {"num_heads": 4, "is_causal": True}, [*[TOKENS] * 3, Shape((49, 49))], "bad-option",
     "is_causal", "is_causal has no meaning with a mask of its own"),
    ("multi_head_attention", {"num_heads": 4, "is_causal": True, "add_zero_attn": True}, [TOKENS], "bad-option",
     "add_zero_attn", "add_zero_attn adds a key that is_causal would hide"),
    ("multi_head_attention", {"num_heads": 4, "average_attn_weights": False}, [TOKENS], "bad-option",
     "average_attn_weights", "average_attn_weights has no meaning without need_weights"),
    ("multi_head_attention", {"num_heads": 4}, [*[TOKENS] * 3, Shape((48,))], "shape-mismatch", "",
     "multi_head_attention takes a mask of 49 x 49 for queries and keys, or N x 49 for keys, not N x 48"),
    ("multi_head_attention", {"num_heads": 4}, [*[TOKENS] * 3, Shape((49,)), Shape((49,))], "shape-mismatch", "",
     "multi_head_attention takes one mask of queries and keys and one of keys, not two of a kind"),
    ("multi_head_attention", {"num_heads": 4}, [*[TOKENS] * 3, Shape((49,), dtype="int")], "wrong-type", "",
     "multi_head_attention adds its mask to the scores; this one holds integers"),
    ("scaled_dot_product_attention", {"enable_gqa": True}, [TOKENS] * 3, "bad-option", "enable_gqa",
     "enable_gqa needs N x heads x L x E, not N x 49 x 32"),
    ("scaled_dot_product_attention", {}, [Shape((8, 9, 4)), Shape((3, 9, 4)), Shape((3, 9, 4))], "shape-mismatch", "",
     "queries and keys have as many features, keys and values as many places, and all the same heads"),
    ("matmul", {}, [IMAGE, Shape((64, 9, 8))], "shape-mismatch", "",
     "matmul needs as many columns as the other factor has rows, 9"),
    ("einsum", {"equation": "nld,nsd->ls"}, [Shape((4, 8)), Shape((5, 8))], "bad-option", "equation",
     "the output of nld,nsd->ls does not start with the batch, n"),
    ("einsum", {"equation": "nld,nsd->nls"}, [Shape((4, 8)), Shape((5, 9))], "shape-mismatch", "equation",
     "d of nld,nsd->nls is 8 in one place and 9 in another"),
    ("einsum", {"equation": "nl,nl,nl->nl"}, [Shape((4,)), Shape((4,))], "bad-option", "equation",
     "nl,nl,nl->nl has letters for 3 inputs, and einsum has 2"),
    ("einsum", {"equation": "nl,nl->nl"}, [Shape((4,))] * 9, "bad-option", "equation",
     "einsum takes 8 inputs at most, not 9"),
    ("einsum", {"equation": "nld,nsd->nlx"}, [Shape((4, 8)), Shape((5, 8))], "bad-option", "equation",
     "the output of nld,nsd->nlx has x, which no input has"),
    ("embedding", {"num_embeddings": 9, "embedding_dim": 4}, [Shape((4,))], "wrong-type", "",
     "embedding takes integers, and its input holds fractions: N x 4"),
    ("split", {"split_size": (32, 16)}, [IMAGE], "shape-mismatch", "split_size",
     "the parts [32, 16] do not make up the 64 of N x 64 x 8 x 8"),
    ("chunk", {"chunks": 3}, [IMAGE], "size-not-divisible", "chunks",
     "3 chunks do not divide the 64 of N x 64 x 8 x 8"),
    ("slice", {"dim": 1, "start": 64}, [IMAGE], "size-below-one", "dim",
     "nothing of the 64 of N x 64 x 8 x 8 is left"),
    ("window_partition", {"window_size": (4, 4), "shift_size": (4, 0)}, [IMAGE], "bad-option", "shift_size",
     "a shift of 4 x 0 is not smaller than the window 4 x 4"),
    ("window_reverse", {"window_size": (4, 4)}, [Shape((4, 16, 8)), Shape((8, 16, 8))], "shape-mismatch", "",
     "N x 8 x 16 x 8 has 8 windows of 16 pixels, not those of N x 4 x 16 x 8"),
    ("reshape", {"shape": (5, -1)}, [IMAGE], "shape-mismatch", "shape",
     "5 x -1 does not hold the 4096 elements of N x 64 x 8 x 8"),
    ("celu", {"alpha": 0}, [IMAGE], "bad-option", "alpha", "alpha 0 would divide by zero"),
    ("rrelu", {"lower": 0.5}, [IMAGE], "bad-option", "lower", "lower 0.5 is above upper 0.333333"),
    ("clamp", {}, [IMAGE], "missing-option", "", "clamp takes min, max or both; none is given"),
    ("clamp", {"min": 2, "max": 1}, [IMAGE], "bad-option", "min", "min 2 is above max 1"),
    ("round", {"decimals": 1}, [INDICES], "wrong-type", "decimals",
     "round takes fractions where it has decimals, and its input holds integers: N x 64 x 8 x 8"),
    ("topk", {"k": 65, "dim": 1}, [IMAGE], "shape-mismatch", "k",
     "k is 65, and dimension 1 of N x 64 x 8 x 8 has 64"),
    ("kthvalue", {"k": 65, "dim": 1}, [IMAGE], "shape-mismatch", "k",
     "k is 65, and dimension 1 of N x 64 x 8 x 8 has 64"),
    ("renorm", {"p": 2, "dim": 1, "maxnorm": 1}, [IMAGE], "bad-option", "dim",
     "renorm of dimension 1 mixes the samples of a batch"),
    ("bucketize", {}, [TOKENS, Shape((3,))], "rank-mismatch", "",
     "bucketize takes boundaries of one dimension and without a batch, not N x 3"),
    ("searchsorted", {}, [Shape((3,)), TOKENS], "shape-mismatch", "",
     "searchsorted needs a sequence for each row of numbers, or one for all, without a batch"),
    ("sort", {"dim": 0}, [IMAGE], "bad-option", "dim", "sort over dimension 0 mixes the samples of a batch"),
    ("argmax", {"dim": -4}, [IMAGE], "bad-option", "dim", "argmax over dimension -4 mixes the samples of a batch"),
    ("cumsum", {"dim": 4}, [IMAGE], "rank-mismatch", "dim",
     "cumsum over dimension 4 needs more dimensions than N x 64 x 8 x 8"),
    ("layer_norm", {}, [Shape(())], "rank-mismatch", "", "layer_norm needs N x K or more dimensions, not N"),
    ("sum", {"dim": 1}, [Shape(())], "rank-mismatch", "dim", "sum over dimension 1 needs more dimensions than N"),
    ("std", {"dim": 1, "correction": 64}, [IMAGE], "bad-option", "correction",
     "std over 64 elements with correction 64 divides by zero"),
    ("gather", {"dim": 1}, [IMAGE, IMAGE], "wrong-type", "",
     "gather takes integers, and its input holds fractions: N x 64 x 8 x 8"),
    ("gather", {"dim": 1}, [IMAGE, Shape((3, 9, 8), dtype="int")], "shape-mismatch", "",
     "gather needs an index that is no larger than its value but along dimension 1"),
    ("gather", {"dim": 0}, [IMAGE, INDICES], "bad-option", "dim",
     "gather over dimension 0 mixes the samples of a batch"),
    ("index_select", {"dim": 1}, [IMAGE, INDICES], "rank-mismatch", "",
     "index_select takes an index of one dimension and without a batch, not N x 64 x 8 x 8"),
    ("scatter_add", {"dim": 1}, [IMAGE, INDICES, INDICES], "wrong-type", "",
     "scatter_add adds integers to fractions, and needs the same in both"),
    ("scatter", {"dim": 1}, [IMAGE, INDICES], "bad-option", "value",
     "scatter takes a src or a value; none is given"),
    ("scatter", {"dim": 1, "value": 0.5}, [INDICES, INDICES], "wrong-type", "value",
     "scatter puts 0.5 to integers"),
    ("one_hot", {"num_classes": 3}, [IMAGE], "wrong-type", "",
     "one_hot takes integers, and its input holds fractions: N x 64 x 8 x 8"),
    ("full_like", {"fill_value": 0.5}, [INDICES], "wrong-type", "fill_value",
     "full_like holds what `like` holds, and 0.5 is no whole number: N x 64 x 8 x 8"),
    ("tril", {}, [Shape((8,))], "rank-mismatch", "", "tril needs two dimensions, the batch not counted, and not N x 8"),
    ("flip", {"dims": (0, 1)}, [IMAGE], "bad-option", "dims", "flip over dimension 0 mixes the samples of a batch"),
    ("flip", {"dims": (1, -3)}, [IMAGE], "bad-option", "dims", "dims [1, -3] names no dimension, or one twice"),
    ("tile", {"dims": (1, 2, 2, 2)}, [IMAGE], "rank-mismatch", "dims",
     "dims has 4 numbers where N x 64 x 8 x 8 has 3 after the batch"),
    ("outer", {}, [Shape((8,)), Shape((8,))], "rank-mismatch", "", "outer needs vectors without a batch"),
    ("arange", {"end": 2, "start": 3}, [], "size-below-one", "end", "there is no number from 3 to 2 in steps of 1"),
    ("arange", {"end": 2, "step": 0}, [], "bad-option", "step", "step 0 leads nowhere"),
    ("fmod", {"other": 0}, [IMAGE], "bad-option", "other", "fmod by 0 is no number"),
    ("remainder", {}, [TRUTH, TRUTH], "wrong-type", "", "remainder takes numbers, and its inputs hold truth values"),
    ("where", {}, [TRUTH, IMAGE], "missing-option", "",
     "where takes a condition and two values, inputs or numbers as input and other, and has 1 value"),
    ("where", {"other": 0}, [TRUTH, IMAGE, IMAGE], "bad-option", "",
     "where takes a condition and two values, inputs or numbers as input and other, and has 3 values"),
    ("where", {"other": 0}, [IMAGE, IMAGE], "wrong-type", "",
     "where takes a condition of truth values, and this one holds fractions: N x 64 x 8 x 8"),
    ("where", {}, [TRUTH, IMAGE, Shape((64, 4, 4))], "shape-mismatch", "", "where needs inputs of one shape"),
    ("glu", {}, [Shape((7,))], "size-not-divisible", "dim", "dimension -1 of N x 7 does not divide into halves"),
    ("glu", {"dim": 0}, [IMAGE], "bad-option", "dim", "glu over dimension 0 mixes the samples of a batch"),
    ("softmax2d", {}, [Shape((64,))], "rank-mismatch", "", "softmax2d needs N x C x H x W, not N x 64"),
    ("rms_norm", {"normalized_shape": 9}, [IMAGE], "shape-mismatch", "normalized_shape",
     "rms_norm over 9 needs an input that ends so, not N x 64 x 8 x 8"),
    ("layer_norm2d", {}, [Shape((49, 64))], "rank-mismatch", "", "layer_norm2d needs N x C x H x W, not N x 49 x 64"),
    ("global_response_norm", {}, [Shape((49, 64))], "rank-mismatch", "",
     "global_response_norm needs N x H x W x C, not N x 49 x 64"),
    ("avg_pool3d", {"kernel_size": 3, "padding": 1}, [Shape((3, 2, 2, 2))], "kernel-too-large", "kernel_size",
     "the kernel 3 x 3 x 3 is larger than the input 2 x 2 x 2"),
    ("fractional_max_pool2d", {"kernel_size": 2}, [IMAGE], "missing-option", "",
     "fractional_max_pool2d takes one of output_size and output_ratio; none is given"),
    ("fractional_max_pool2d", {"kernel_size": 2, "output_size": 3, "output_ratio": 0.5}, [IMAGE], "bad-option",
     "output_ratio", "fractional_max_pool2d takes one of output_size and output_ratio; both are given"),
    ("fractional_max_pool2d", {"kernel_size": 2, "output_size": 8}, [IMAGE], "kernel-too-large", "kernel_size",
     "8 x 8 windows of 2 x 2 do not fit into the input 8 x 8"),
    ("max_unpool1d", {"kernel_size": 2}, [Shape((4, 8)), Shape((4, 7), dtype="int")], "shape-mismatch", "",
     "max_unpool1d needs values and indices of one shape"),
    ("fold", {"output_size": 4, "kernel_size": 2}, [Shape((6, 9))], "channels-not-divisible", "kernel_size",
     "the kernel 2 x 2 does not divide the 6 rows of the input"),
    ("fold", {"output_size": 4, "kernel_size": 2}, [Shape((8, 4))], "shape-mismatch", "output_size",
     "4 x 4 has 3 x 3 windows, and the input has 4 columns"),
    ("unfold", {"kernel_size": 9}, [IMAGE], "kernel-too-large", "kernel_size",
     "the kernel 9 x 9 is larger than the input 8 x 8"),
    ("channel_shuffle", {"groups": 5}, [IMAGE], "channels-not-divisible", "groups",
     "5 groups do not divide the 64 channels of the input"),
    ("reflection_pad1d", {"padding": 8}, [Shape((4, 8))], "bad-padding", "padding",
     "mode: reflect cannot fill 8 from a size of 8"),
    ("circular_pad2d", {"padding": -1}, [IMAGE], "bad-padding", "padding",
     "circular_pad2d cannot cut, which -1 asks for"),
    ("lstm", {"hidden_size": 4}, [IMAGE], "rank-mismatch", "", "lstm needs N x L x E, not N x 64 x 8 x 8"),
    ("lstm", {"hidden_size": 4}, [TOKENS, Shape((1, 4))], "missing-input", "",
     "lstm takes both h0 and c0, or none of them"),
    ("lstm", {"hidden_size": 4, "proj_size": 4}, [TOKENS], "bad-option", "proj_size",
     "proj_size 4 is not smaller than hidden_size 4"),
    ("gru", {"hidden_size": 4, "bidirectional": True}, [TOKENS, Shape((1, 4))], "shape-mismatch", "",
     "gru needs N x 2 x 4 as its h0, not N x 1 x 4"),
    ("rnn", {"hidden_size": 4, "dropout": 0.5}, [TOKENS], "bad-option", "dropout",
     "dropout 0.5 has no meaning with one layer: it stands between layers"),
    ("gru_cell", {"hidden_size": 4}, [TOKENS], "rank-mismatch", "", "gru_cell needs N x E, not N x 49 x 32"),
    ("lstm_cell", {"hidden_size": 4}, [Shape((8,)), Shape((4,)), Shape((5,))], "shape-mismatch", "",
     "lstm_cell needs N x 4 as its c0, not N x 5"),
    ("bilinear", {"out_features": 4}, [TOKENS, Shape((48, 32))], "shape-mismatch", "",
     "bilinear needs inputs that are equal but for their features"),
    ("cosine_similarity", {"dim": 0}, [TOKENS, TOKENS], "bad-option", "dim",
     "cosine_similarity over dimension 0 mixes the samples of a batch"),
    ("embedding_bag", {"num_embeddings": 9, "embedding_dim": 4}, [INDICES], "rank-mismatch", "",
     "embedding_bag needs N x L, not N x 64 x 8 x 8"),
    ("embedding_bag", {"num_embeddings": 9, "embedding_dim": 4}, [Shape((5,), dtype="int"), Shape((5,))], "bad-option",
     "mode", "weights go with mode: sum, not mean"),
    ("grid_sample", {}, [IMAGE, Shape((4, 4, 3))], "shape-mismatch", "",
     "grid_sample needs a grid of N x H x W x 2, not N x 4 x 4 x 3"),
    ("grid_sample", {"mode": "bicubic"}, [Shape((4, 4, 4, 4)), Shape((2, 2, 2, 3))], "bad-option", "mode",
     "mode: bicubic is for images, not for volumes"),
    ("affine_grid", {}, [Shape((2, 3))], "missing-option", "size",
     "affine_grid takes a size or an input `like`; none is given"),
    ("affine_grid", {"size": (4, 4)}, [Shape((3, 4))], "shape-mismatch", "",
     "affine_grid needs N x 2 x 3, not N x 3 x 4"),
    ("functional_conv2d", {}, [IMAGE, Shape((8, 64, 3, 3))], "rank-mismatch", "",
     "functional_conv2d needs a weight of out x in x H x W"),
    ("dynamic_conv_transpose2d", {}, [IMAGE, Shape((8, 64, 3, 3))], "shape-mismatch", "",
     "dynamic_conv_transpose2d needs a weight of 64 input channels"),
    ("dynamic_conv2d", {"groups": 2}, [IMAGE, Shape((8, 64, 3, 3))], "shape-mismatch", "",
     "dynamic_conv2d needs a weight of 64 input channels in 2 groups"),
    ("zero_pad1d", {"padding": -4}, [Shape((4, 8))], "size-below-one", "",
     "zero_pad1d of N x 4 x 8 comes out as 4 x 0: every size must be 1 or more"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "fields", "xs", "code", "field", "message"), FAULTS)
def test_faults_name_what_does_not_fit(
    name: str, fields: dict[str, object], xs: list[Shape], code: str, field: str, message: str
) -> None:
    with pytest.raises(ShapeFault) as caught:
        make(name, **fields).infer(tuple(xs))
    assert (caught.value.code, caught.value.field, str(caught.value)) == (code, field, message)


HELD = [
    ("conv2d", {"out_channels": 8, "kernel_size": 3}, [TRUTH], "takes fractions, and its input holds truth values"),
    ("abs", {}, [TRUTH], "takes numbers, and its input holds truth values"),
    ("sub", {}, [IMAGE, TRUTH], "takes numbers, and its input other holds truth values"),
    ("frac", {}, [INDICES], "takes fractions, and its input holds integers"),
]


@pytest.mark.parametrize(("name", "fields", "xs", "message"), HELD)
def test_what_an_input_holds_is_said_with_the_cure(
    name: str, fields: dict[str, object], xs: list[Shape], message: str
) -> None:
    with pytest.raises(ShapeFault) as caught:
        make(name, **fields).outputs(tuple(xs))
    assert (caught.value.code, str(caught.value)) == ("wrong-type", f"{name} {message}: {xs[-1]}")
    assert "mul" in caught.value.help


@pytest.mark.parametrize("name", ["add", "concat"])
def test_joins_point_at_the_shapes_and_offer_align(name: str) -> None:
    with pytest.raises(ShapeFault) as caught:
        make(name).infer((IMAGE, Shape((64, 4, 4)), IMAGE))
    assert caught.value.pointed == "N x 64 x 8 x 8, N x 64 x 4 x 4 and N x 64 x 8 x 8"
    assert caught.value.help == "align: crop, pad or resize brings heights and widths together"


@pytest.mark.parametrize(("name", "other", "batch"), [("functional", "dynamic", 1), ("dynamic", "functional", 0)])
def test_a_weight_of_each_sample_and_one_of_all_are_two_ops(name: str, other: str, batch: int) -> None:
    with pytest.raises(ShapeFault) as caught:
        make(f"{name}_conv2d").infer((IMAGE, Shape((8, 64, 3, 3), batch=batch)))
    assert caught.value.help.startswith(f"{other}_conv2d takes a weight, and a bias, for ")


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("conv2d", {"out_channels": 0, "kernel_size": 3}),
        ("conv2d", {"out_channels": True, "kernel_size": 3}),
        ("conv2d", {"out_channels": 8, "kernel_size": True}),
        ("conv2d", {"out_channels": 8, "kernel_size": (3, 3, 3)}),
        ("conv2d", {"out_channels": 8, "kernel_size": ()}),
        ("conv2d", {"out_channels": 8, "kernel_size": 3.0}),
        ("conv2d", {"out_channels": 8, "kernel_size": 3, "padding": "full"}),
        ("conv2d", {"out_channels": 8, "kernel_size": 3, "padding": -1}),
        ("conv2d", {"out_channels": 8, "kernel_size": 3, "inplace": True}),
        ("batch_norm2d", {"eps": True}),
        ("batch_norm2d", {"affine": 1}),
        ("dropout", {"p": 1.5}),
        ("stochastic_depth", {"p": 0.1, "mode": "sample"}),
        ("lp_pool2d", {"norm_type": 0, "kernel_size": 2}),
        ("lp_pool2d", {"norm_type": float("inf"), "kernel_size": 2}),
        ("lp_pool1d", {"norm_type": 2, "kernel_size": (2,)}),
        ("fractional_max_pool2d", {"kernel_size": 2, "output_ratio": 1.0}),
        ("zero_pad1d", {"padding": (1, 1, 1, 1)}),
        ("softshrink", {"lambd": -0.5}),
        ("adaptive_avg_pool2d", {"output_size": None}),
        ("buffer", {"shape": (4,), "init": ((1, 2), (3,))}),
        ("buffer", {"shape": (1,), "init": ()}),
        ("buffer", {"shape": (2,), "init": (1, "one")}),
        ("upsample", {"scale_factor": 0}),
        ("lstm", {"hidden_size": 4, "batch_first": False}),
    ],
)
def test_fields_of_another_kind_are_one_error(name: str, fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        make(name, **fields)
    assert len({error["loc"][0] for error in caught.value.errors()}) == 1


def test_whole_numbers_do_for_fractions() -> None:
    assert make("batch_norm2d", eps=1) == make("batch_norm2d", eps=1.0)
    assert hash(make("batch_norm2d", eps=1)) == hash(make("batch_norm2d", eps=1.0))


def test_the_mask_of_a_causal_mask_is_no_mask_of_scores_and_says_what_is() -> None:
    with pytest.raises(ShapeFault) as caught:
        make("multi_head_attention", num_heads=4).infer((TOKENS, TOKENS, TOKENS, Shape((1, 1, 49, 49), batch=0)))
    assert caught.value.help == "`is_causal: true` hides the keys after each query"
