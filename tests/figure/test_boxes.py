"""What boxes and edges say."""

import pytest

from archspec.figure.what.captions import DASH, short, total
from archspec.figure.what.depict import DrawError, diagram
from archspec.pipeline import load_text
from tests.figure.drawn import boxes, network, picture, written

CHAIN = """
graph:
  conv1: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  bn1: batch_norm2d
  relu1: relu
  conv2: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  bn2: batch_norm2d
  relu2: relu
  conv3: {op: conv2d, out_channels: 16, kernel_size: 1}
  drop: dropout
  flatten: flatten
  fc: {op: linear, out_features: 10}
  act: relu
"""


def test_norm_activation_dropout_and_flatten_join_the_box_before_them() -> None:
    drawn = boxes(written(CHAIN))
    assert drawn["conv1"].nodes == ("conv1", "bn1", "relu1", "conv2", "bn2", "relu2")
    assert drawn["conv3"].nodes == ("conv3", "drop", "flatten")
    assert drawn["fc"].nodes == ("fc", "act")


def test_what_is_fused_is_said_once_and_boxes_say_what_differs() -> None:
    made = written(CHAIN)
    drawn = boxes(made)
    assert made.footnotes[0] == "Convolutions include batch norm and ReLU unless a box says otherwise."
    assert drawn["conv1"].details == ("8",)
    assert drawn["conv3"].details == ("16", "no BN or ReLU")
    assert drawn["fc"].details == ("10", "+ ReLU")


def test_equal_convolutions_in_a_row_are_one_box() -> None:
    conv = boxes(written(CHAIN))["conv1"]
    assert (conv.title, conv.repeat, conv.params) == ("3×3", 2, 2 * 16 + 3 * 8 * 9 + 8 + 8 * 8 * 9 + 8)


def test_an_identity_shortcut_is_residual() -> None:
    (panel,) = (p for p in picture("resnet:resnet50").panels if p.subtitle.startswith("layer1.1 "))
    kinds = {(edge.tail, edge.head): edge.kind for edge in panel.edges}
    assert kinds["input@x", "layer1/1/add"] == "residual"
    assert list(kinds.values()).count("residual") == 1


def test_a_projection_shortcut_is_residual_on_both_sides_of_its_convolution() -> None:
    (panel,) = (p for p in picture("resnet:resnet50").panels if p.subtitle.startswith("layer1.0 "))
    red = {(edge.tail, edge.head) for edge in panel.edges if edge.kind == "residual"}
    assert red == {("input@x", "layer1/0/downsample/0"), ("layer1/0/downsample/0", "layer1/0/add")}


def test_the_branches_of_an_inception_module_are_ordinary_flow() -> None:
    assert {edge.kind for panel in picture("googlenet").panels for edge in panel.edges} == {"flow"}


def test_the_copies_of_an_encoder_decoder_are_skips_and_its_rows_are_levels() -> None:
    panel = picture("unet").panels[0]
    skips = [(edge.tail, edge.head) for edge in panel.edges if edge.kind == "skip"]
    assert skips == [(f"down{level}/conv1", f"concat{level}") for level in (4, 3, 2, 1)]
    assert panel.arrangement == "levels"
    levels = {box.id: box.level for box in panel.boxes}
    assert all(levels[tail] == levels[head] for tail, head in skips)


def test_unpooling_reads_its_pools_indices() -> None:
    panel = picture("unet:unpool").panels[0]
    labels = [(edge.tail, edge.head, edge.label) for edge in panel.edges if edge.label]
    assert labels == [(f"pool{level}", f"unpool{level}", "indices") for level in (4, 3, 2, 1)]


def test_the_title_line_counts_what_training_adds_apart() -> None:
    facts = picture("googlenet").facts
    assert facts == ("7.00 M params", "1.58 G MACs", "input 3×224×224", "training adds 6.38 M params")


def test_the_variant_stands_on_the_title_line() -> None:
    assert picture("resnet:resnet50").facts[0] == "resnet50"


def test_shapes_stand_where_the_resolution_changes() -> None:
    drawn = boxes(picture("resnet:resnet50"))
    assert [(drawn[name].title, drawn[name].shape) for name in ("conv1", "maxpool", "fc")] == [
        ("7×7", "64×112²"),
        ("max pool", "64×56²"),
        ("linear", ""),
    ]


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (999, "999"), (9408, "9.41 k"), (99_950, "100 k"), (999_500, "1.00 M"), (118_013_952, "118 M")],
)
def test_counts_have_three_digits(count: int, text: str) -> None:
    assert short(count) == text


@pytest.mark.parametrize(
    ("count", "text"), [(25_557_032, "25.56 M"), (999, "999"), (1000, "1.00 k"), (999_999, "1.00 M")]
)
def test_totals_have_two_decimals(count: int, text: str) -> None:
    assert total(count) == text


def test_the_legend_names_what_is_there_and_nothing_else() -> None:
    assert [key.label for key in picture("googlenet").legend] == [
        "convolution",
        "pooling",
        "linear",
        "branches, as high as their share of the channels",
        "in training only",
    ]


def test_a_theme_changes_colours_alone() -> None:
    light, dark = picture("resnet:resnet18"), diagram(network("resnet:resnet18"), theme="dark")
    assert light.theme.background != dark.theme.background
    assert [box.title for box in light.panels[0].boxes] == [box.title for box in dark.panels[0].boxes]


def test_an_unknown_theme_lists_those_there_are() -> None:
    with pytest.raises(DrawError, match=r"^no theme 'sepia'; there are light, dark and print$"):
        diagram(network("resnet:resnet18"), theme="sepia")


def test_a_sum_with_a_number_says_the_number() -> None:
    drawn = boxes(
        written(
            """
graph:
  conv: {op: conv2d, out_channels: 8, kernel_size: 1}
  more: {op: add, other: 1}
  both: {op: add, from: [conv, more]}
"""
        )
    )
    assert (drawn["more"].kind, drawn["more"].title, drawn["both"].kind) == ("op", "add 1", "add")


def test_a_line_into_a_closed_block_is_called_as_the_block_calls_it() -> None:
    made = written(
        """
blocks:
  decoder:
    inputs: [x, memory]
    graph:
      attn: {op: multi_head_attention, num_heads: 1, from: {query: x, key: memory}}
      add: {op: add, from: [attn, x]}
graph:
  memory: {op: select, dim: 1, index: 0}
  tokens: {op: select, dim: 1, index: 1, from: image}
  layers: {block: decoder, from: [tokens, memory], repeat: 12}
"""
    )
    assert {edge.tail: edge.label for edge in made.panels[0].edges if edge.head == "layers"} == {
        "memory": "memory",
        "tokens": "",
    }


@pytest.mark.parametrize(
    ("inputs", "op", "said"),
    [
        ("[3, 32, 32]", "{op: conv2d, out_channels: 8, kernel_size: 3, stride: 2}", "(channels × height × width) "),
        (
            "[3, 8, 32, 32]",
            "{op: conv3d, out_channels: 8, kernel_size: 3, stride: 2}",
            "(channels × depth × height × width) ",
        ),
        ("[3, 32]", "{op: conv1d, out_channels: 8, kernel_size: 3, stride: 2}", "(channels × length) "),
        ("[16, 32]", "{op: linear, out_features: 8}", "(tokens × features) "),
        ("[32]", "{op: linear, out_features: 8}", ""),
    ],
    ids=["map", "volume", "signal", "tokens", "features"],
)
def test_the_footnote_says_what_the_numbers_of_its_shapes_are(inputs: str, op: str, said: str) -> None:
    made = diagram(load_text(f"archspec: 1\ninputs: {{x: {inputs}}}\ngraph:\n  a: {op}\n"))
    assert f"Below a block: params · MACs, and its output shape {said}where that changes." in made.footnotes


GATED = """
blocks:
  unit:
    graph:
      conv1: {op: conv2d, out_channels: 32, kernel_size: 3, padding: 1}
      conv2: {op: conv2d, out_channels: 32, kernel_size: 3, padding: 1}
      pool: {op: adaptive_avg_pool2d, output_size: 1}
      down: {op: conv2d, out_channels: 4, kernel_size: 1}
      up: {op: conv2d, out_channels: 32, kernel_size: 1}
      sigmoid: sigmoid
      scale: {op: mul, from: [conv2, sigmoid]}
graph:
  first: {block: unit}
"""


def test_the_widths_of_a_gate_are_not_those_of_the_block_around_it() -> None:
    """Convolutions with squeeze and excitation behind them are no bottleneck."""
    shown = diagram(load_text(f"archspec: 1\ninputs: {{x: [16, 8, 8]}}\n{GATED}"), depth=1).panels[0]
    [box] = [box for box in shown.boxes if box.kind == "block"]
    assert box.details == ("unit", f"32{DASH}32")


BORDER = """
blocks:
  stage:
    graph:
      pool: {op: max_pool2d, kernel_size: 2}
      conv: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
graph:
  stem: {op: conv2d, out_channels: 8, kernel_size: 1}
  relu0: relu
  stage: {block: stage}
  relu: relu
  more: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  last: {op: linear, out_features: 8}
"""


def test_what_stands_behind_a_block_is_not_said_in_its_frame() -> None:
    """A norm, an activation or an equal convolution: a frame holds what its block does and nothing else."""
    shown = boxes(written(BORDER))
    assert "relu" in shown
    assert [str(one) for one in shown["stage/conv"].beside] == ["no ReLU"]
    assert shown["stage/conv"].repeat == 1
    assert "more" in shown


def test_what_stands_behind_a_block_of_one_box_joins_it() -> None:
    """The near miss: a block that has no frame has no border."""
    shown = boxes(written(BORDER.replace("      pool: {op: max_pool2d, kernel_size: 2}\n", "")))
    assert "relu" not in shown


GATES = """
  stem: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  act: relu
  a: {op: conv2d, out_channels: 8, kernel_size: 5, padding: 2}
  b: relu
  c: {op: conv2d, out_channels: 8, kernel_size: 1}
  d: relu
  z: {op: conv2d, out_channels: 8, kernel_size: 1, from: d}
  zs: sigmoid
  r: {op: conv2d, out_channels: 8, kernel_size: 1, from: d}
  rs: sigmoid
  s: {op: conv2d, out_channels: 8, kernel_size: 1, from: d}
  ss: sigmoid
  one: {op: mul, from: [d, zs]}
  two: {op: mul, from: [one, rs]}
  three: {op: mul, from: [two, ss]}
  e: {op: conv2d, out_channels: 4, kernel_size: 3}
"""


def test_what_a_gate_has_is_not_what_convolutions_usually_have() -> None:
    shown = written(f"graph:{GATES}")
    beside = {id: [str(one) for one in box.beside] for id, box in boxes(shown).items()}
    assert {id: beside[id] for id in "aczrse"} == {
        "a": [],
        "c": [],
        "z": ["sigmoid"],
        "r": ["sigmoid"],
        "s": ["sigmoid"],
        "e": ["no ReLU"],
    }
