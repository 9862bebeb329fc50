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
    network = archspec.load("swin:swin_t").network
    found = fields(tuple(network.counted.values()))
    attention = next(id for id, node in network.graph.nodes.items() if node.op.name == "window_partition")
    assert set(found[attention, 0].values()) == {None}


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
