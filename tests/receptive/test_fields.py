"""Receptive fields of whole networks, against papers, against torch and by hand."""

from fractions import Fraction

import pytest

import archspec
from archspec.graph.network import Network
from archspec.receptive.alignment import misaligned
from archspec.receptive.field import Field
from archspec.receptive.fields import Axis, fields
from tests.benchmarks.receptive import compared


def field(network: Network, path: str, dim: int = 1, input: str = "") -> Field:
    found = fields(tuple(network.counted.values()))[path, 0][Axis(input or network.graph.inputs[0], dim)]
    assert found is not None
    return found


def spec(graph: str, shape: str = "[3, 64, 48]") -> Network:
    return archspec.loads(f"archspec: 1\nname: Net\ninputs:\n  x: {shape}\ngraph:\n{graph}").network


# VGG-16 and FCN: Long et al., Fully convolutional networks (2015), Table 1. The ResNets: Araujo et al., Computing
# receptive fields of convolutional neural networks (2019), Table 1, which has them in their original form.
PUBLISHED = [
    ("vgg:vgg16", "features/stage5/pool", 212, 32),
    ("fcn:fcn32s", "fc6", 404, 32),
    ("resnet_original:resnet50", "conv5_x/2/add", 483, 32),
    ("resnet_original:resnet101", "conv5_x/2/add", 1027, 32),
    ("resnet_original:resnet152", "conv5_x/2/add", 1507, 32),
    ("resnet:resnet50", "layer4/2/add", 427, 32),
    ("resnet:resnet101", "layer4/2/add", 971, 32),
    ("resnet:resnet152", "layer4/2/add", 1451, 32),
    ("inception_v3", "Mixed_7c/concat", 1311, 32),
    ("mobilenet_v1", "conv6/1/depthwise", 315, 32),
    ("alexnet", "features/12", 195, 32),
]


@pytest.mark.parametrize(("name", "path", "size", "stride"), PUBLISHED)
def test_fields_are_those_that_are_published(name: str, path: str, size: int, stride: int) -> None:
    found = field(archspec.load(name).network, path)
    assert (found.largest, found.stride) == (size, Fraction(stride))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("resnet:resnet18", "layer4/0/bn2"),
        ("googlenet", "inception3b/conv5x5/1/conv"),
        pytest.param("fcn:fcn8s", "score_pool3", marks=pytest.mark.whole),  # takes longest, and has ops of the others
    ],
)
def test_torch_finds_the_same(name: str, path: str) -> None:
    ours, theirs = compared(name, path)
    assert ours == theirs


def test_the_narrowest_way_goes_over_the_shortcuts() -> None:
    """The stem reads 11 pixels; the shortcuts of ResNet-18 pass these on, one in every two."""
    assert field(archspec.load("resnet:resnet18").network, "layer4/1/add").smallest == 11


def test_fields_differ_by_side() -> None:
    network = spec(
        "  a: {op: conv2d, out_channels: 4, kernel_size: [1, 7]}\n  b: {op: max_pool2d, kernel_size: [3, 2]}\n"
    )
    assert [(field(network, "b", dim).largest, field(network, "b", dim).stride) for dim in (1, 2)] == [
        (3, Fraction(3)),
        (8, Fraction(2)),
    ]


def test_what_reads_all_of_a_map_reads_what_the_map_reads() -> None:
    """A row of 62 elements of a 3x3 convolution reads all 64; without the outermost, 62."""
    network = spec(
        "  a: {op: conv2d, out_channels: 4, kernel_size: 3}\n"
        "  b: {op: pad, pad: [-1, -1, -1, -1]}\n"
        "  c: {op: adaptive_avg_pool2d, output_size: 1, from: a}\n"
        "  d: {op: adaptive_avg_pool2d, output_size: 1, from: b}\n"
        "  e: {op: add, from: [c, d]}\n"
    )
    assert [field(network, path).largest for path in "cde"] == [64, 62, 64]
    assert [field(network, path).everywhere for path in "cde"] == [True, False, True]
    assert field(network, "c").stride is None


def test_up_sampling_moves_half_an_element() -> None:
    """Elements 0 and 1 read 0, which lies a quarter of an element behind the middle of both."""
    network = spec("  a: {op: upsample, scale_factor: 2}\n")
    found = field(network, "a")
    assert (found.largest, found.stride, found.centre) == (1, Fraction(1, 2), Fraction(-1, 4))


def test_holes_of_a_dilated_kernel_count() -> None:
    assert field(spec("  a: {op: conv2d, out_channels: 4, kernel_size: 3, dilation: 4}\n"), "a").largest == 9


def test_tokens_are_read_by_attention_all_at_once() -> None:
    network = archspec.load("vit:vit_b_16").network
    assert field(network, "conv_proj").largest == 16
    assert field(
        network, next(id for id in network.graph.nodes if network.graph.nodes[id].op.name == "multi_head_attention")
    ).everywhere


def test_an_input_of_two_dimensions_is_read_along_that_which_is_no_channel() -> None:
    for graph, dim in (
        ("  a: {op: conv1d, out_channels: 4, kernel_size: 3}\n", 1),
        ("  a: {op: linear, out_features: 4}\n", 0),
    ):
        found = fields(tuple(spec(graph, "[8, 20]").counted.values()))["a", 0]
        assert list(found) == [Axis("x", dim)]


def test_what_nobody_can_say_is_unknown_but_for_what_reads_all() -> None:
    rows = "  rows: {op: buffer, shape: [4], init: [0, 5, 2, 1], dtype: int}\n"
    network = spec(f"{rows}  taken: {{op: index_select, dim: 2, from: [x, rows]}}\n")
    assert fields(tuple(network.counted.values()))["taken", 0][Axis("x", 1)] is None


def test_what_is_turned_round_reads_from_the_other_end() -> None:
    graph = """\
  turned: {op: flip, dims: [2]}
  conv: {op: conv2d, out_channels: 4, kernel_size: [5, 1], stride: [3, 1]}
  back: {op: flip, dims: [2]}
  both: {op: add, from: [conv, back]}
"""
    network = spec(graph)  # 64 rows become 20, of which the first reads the rows 59 to 63, and turned back 2 to 6
    assert [field(network, path).wide.at(0) for path in ("turned", "conv", "back")] == [(63, 63), (59, 63), (2, 6)]
    assert [field(network, path).stride for path in ("turned", "conv", "back")] == [1, 3, 3]
    assert field(network, "both").wide.at(0) == (2, 63)
    assert field(network, "both").wide.at(19) == (2, 63)
    assert not list(misaligned(tuple(network.counted.values())))


WINDOWS = """\
  last: {op: permute, dims: [0, 2, 3, 1]}
  windows: {op: window_partition, window_size: [4, 8], GRID}
  turned: {op: transpose, dim0: 2, dim1: 3}
  mixed: {op: linear, out_features: 32}
  back: {op: transpose, dim0: 2, dim1: 3}
  image: {op: window_reverse, from: [back, last], window_size: [4, 8], GRID}
  conv: {op: conv2d, out_channels: 4, kernel_size: 3, from: first}
"""


@pytest.mark.parametrize(
    ("grid", "height", "width"), [("false", (4, 1), (8, 1)), ("true", (3 * 16 + 1, 0), (7 * 6 + 1, 0))]
)
def test_behind_windows_a_pixel_sees_its_window(grid: str, height: tuple[int, int], width: tuple[int, int]) -> None:
    """Of 64 x 48 pixels: windows of 4 x 8, or grids of so many, which are 16 and 6 pixels apart."""
    graph = WINDOWS.replace("GRID", f"grid: {grid}").partition("  conv")[0]
    for dim, (size, stride) in ((1, height), (2, width)):
        found = field(spec(graph), "image", dim)
        assert (found.largest, found.stride or 0) == (size, stride)
        assert field(spec(graph), "mixed", dim).stride is None


def test_shifted_windows_see_two_windows_and_the_next_convolution_more() -> None:
    first = WINDOWS.replace("GRID", "grid: false").partition("  conv")[0]
    again = WINDOWS.replace("GRID", "shift_size: [2, 4]").partition("  conv")[0].partition("\n")[2]
    for name in ("windows", "turned", "mixed", "back", "image"):
        again = again.replace(f"{name}:", f"{name}2:").replace(f"[{name},", f"[{name}2,")
    found = spec(first + again.replace("from: [back2, last]", "from: [back2, image]"))
    assert [field(found, "image2", dim).largest for dim in (1, 2)] == [8, 16]


def test_swin_is_known_and_nothing_of_it_lies_beside() -> None:
    network = archspec.load("swin:swin_t").network
    found = fields(tuple(network.counted.values()))
    assert all(field is not None for known in found.values() for field in known.values())
    assert found["head", 0][Axis("image", 1)].largest == 224  # type: ignore[union-attr]
    assert list(misaligned(tuple(network.counted.values()))) == []


JOIN = """\
  a: {op: conv2d, out_channels: 4, kernel_size: 3, stride: 2, padding: 1}
  b: {op: conv2d, out_channels: 4, kernel_size: KERNEL, stride: 2, from: x}
  sum: {op: add, from: [a, b]}
"""


@pytest.mark.parametrize(("kernel", "by"), [(1, 0), (2, Fraction(1, 2))])
def test_ways_meet_beside_each_other(kernel: int, by: Fraction) -> None:
    network = spec(JOIN.replace("KERNEL", str(kernel)))
    found = [one.by for one in misaligned(tuple(network.counted.values()), worth=Fraction(1, 100))]
    assert found == [by] * 2 if by else found == []
    assert list(misaligned(tuple(network.counted.values()))) == []  # a quarter of the stride is not worth a word


def test_the_crops_of_fcn_meet_without_a_shift() -> None:
    """The offsets 5, 9 and 31 of the paper's code make up for its padding of 100."""
    network = archspec.load("fcn:fcn8s").network
    assert list(misaligned(tuple(network.counted.values()), worth=Fraction(1, 1000))) == []
    assert field(network, "score").centre == 0


def test_nearest_neighbours_lie_beside_strided_convolutions() -> None:
    network = archspec.load("fpn:fpn_resnet50").network
    assert ("fpn/m4", Fraction(8), Fraction(16)) in {
        (one.id, one.by, one.stride) for one in misaligned(tuple(network.counted.values()))
    }
