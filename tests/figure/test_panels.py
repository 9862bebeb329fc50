"""Panels of blocks: what each is called, where its table stands, and what its words and lines say."""

from archspec.figure.diagram import Diagram, Panel
from archspec.figure.place.drawing import draw
from archspec.figure.place.fit import fitted
from archspec.figure.place.grid import arrange
from archspec.figure.place.nest import nest
from archspec.figure.scene import Text
from archspec.figure.what.captions import DASH
from archspec.figure.what.depict import Page, diagram
from archspec.pipeline import load_network, load_text
from tests.figure.drawn import written


def figure(name: str) -> Diagram:
    return fitted(load_network(name), width=504.0)


def texts(made: Diagram) -> list[Text]:
    return [shape for mark in draw(made).marks for shape in mark.shapes if isinstance(shape, Text)]


def test_a_block_of_which_all_is_a_graph_in_place_goes_by_its_own_name() -> None:
    assert [panel.title for panel in figure("efficientnet:b0").panels[1:]] == ["MBConv", "MBConv", "squeeze_excite"]


def test_a_table_stands_below_its_panel_or_beside_it_and_never_below_another() -> None:
    """Only the first use of FCN's bottleneck has a stride: the table that says it belongs to the second panel."""
    made = figure("fcn_resnet50")
    drawn = texts(made)
    names = [text for text in drawn if text.text == "bottleneck" and text.bold]
    [stride] = [text for text in drawn if text.text == "stride"]
    assert made.panels[2].table is not None
    assert stride.x >= names[-1].x
    assert stride.y > names[-1].y


def test_uses_in_a_table_are_called_by_what_differs_in_their_paths() -> None:
    table = figure("maxvit").panels[2].table
    assert table is not None
    assert table.columns[:2] == ("blocks.0.window_attention", "blocks.0.grid_attention")


def test_a_rate_of_dropout_that_a_block_hands_on_is_no_row_of_a_table() -> None:
    tables = [panel.table for panel in figure("maxvit").panels if panel.table is not None]
    assert "drop" not in {name for table in tables for name, _ in table.rows}


def test_a_state_put_behind_states_is_no_dense_block() -> None:
    """Each step of RNNSearch puts one more row below the states; their features stay 300."""
    made = figure("gru_seq2seq:small")
    assert not any(box.bus for panel in made.panels for box in panel.boxes)
    assert not any(box.bands for panel in made.panels for box in panel.boxes)


def test_what_is_shared_is_named_from_where_it_stands() -> None:
    shared = {
        line for panel in figure("cbam_resnet:cbam_resnet50").panels for box in panel.boxes for line in box.shares
    }
    assert shared == {"shares mlp"}


def test_every_division_says_which_value_divides() -> None:
    made = figure("capsnet")
    divisions = [box for panel in made.panels for box in panel.boxes if box.title == "div"]
    assert len([text for text in texts(made) if text.text == "\N{DIVISION SIGN}"]) == len(divisions) == 2


def test_heads_that_follow_from_the_channels_are_a_share_of_them() -> None:
    """No param of MaxViT's attention is called heads, and the op that they are read from is a softmax."""
    said = {line for panel in figure("maxvit").panels for box in panel.boxes for line in box.details}
    assert "C/32 heads" in said


def test_equal_blocks_in_a_row_are_one_in_a_panel_too() -> None:
    """In a column InceptionV4 is drawn closed, and its features below: 4, 7 and 3 equal modules."""
    made = fitted(load_network("inception_v4"), width=245.0)
    assert [box.repeat for box in made.panels[1].boxes if box.repeat > 1] == [4, 7, 3]
    module = {box.counts for box in made.panels[2].boxes}
    assert "402 k · 116 M" in module  # of one of the seven, as its title says


ATTENTION = """
graph:
  start: {op: reshape, shape: [12, 256]}
  qkv: {op: linear, out_features: 384}
  heads: {op: unflatten, dim: 2, unflattened_size: [6, 64]}
  split: {op: split, split_size: [16, 16, 32], dim: 3}
  q: {op: transpose, dim0: 1, dim1: 2, from: split.0}
  k: {op: permute, dims: [0, 2, 3, 1], from: split.1}
  v: {op: transpose, dim0: 1, dim1: 2, from: split.2}
  scores: {op: matmul, from: [q, k]}
  weights: {op: softmax, dim: -1}
  mixed: {op: matmul, from: [weights, v]}
  beside: {op: transpose, dim0: 1, dim1: 2}
  flat: {op: flatten, start_dim: 2}
  out: {op: linear, out_features: 256}
"""


def test_heads_are_told_where_values_are_wider_than_queries() -> None:
    said = {line for box in written(ATTENTION).panels[0].boxes for line in box.details}
    assert "6 heads" in said


PARTS = """
blocks:
  part:
    params: {gain: float, side: int}
    graph:
      conv: {op: conv2d, out_channels: 3, kernel_size: 3, padding: 1}
      again: {op: conv2d, out_channels: 3, kernel_size: 5, padding: 2}
      scaled: {op: mul, other: $gain}
      flat: {op: flatten, start_dim: 2}
      back: {op: unflatten, dim: 2, unflattened_size: [$side, -1]}
graph:
  p1: {block: part, gain: 0.9805806756909201, side: 32}
  pool: {op: max_pool2d, kernel_size: 2}
  p2: {block: part, gain: 2.0, side: 16}
""" + "\n".join(f"  p{number}: {{block: part, gain: {number}.0, side: 16}}" for number in range(3, 9))


def test_a_table_has_fractions_to_four_digits_and_no_row_that_no_box_reads() -> None:
    """What is said is the gain; `side` is read by an op that has no box."""
    table = written(PARTS).panels[1].table
    assert table is not None
    assert dict(table.rows) == {"gain": ("0.9806", "2", "3", "4", "5", "6", "7", "8")}


def test_names_in_a_panel_of_a_graph_in_place_have_their_values() -> None:
    """What Xception's `convs` say, `width` and `channels`, are params of the block around them."""
    convs = figure("xception").panels[2]
    said = {line for box in convs.boxes for line in box.details}
    told = {name for name, _ in convs.table.rows} if convs.table is not None else set()
    for name in {"width", "channels"} & said:
        assert name in told or f"{name} " in convs.subtitle.replace("depthwise channels", "")


def test_two_values_of_a_block_never_go_by_one_name() -> None:
    """Both separable convolutions of Xception's `convs` have a `depthwise`, of which the second has other channels."""
    convs = figure("xception").panels[2]
    said = [line for box in convs.boxes for line in box.details if "depthwise" in line]
    assert said == ["C, depthwise", "width, depthwise"]
    assert convs.subtitle.endswith("C 128, 256, 728 in entry2, entry3, exit")


def test_channels_that_are_a_multiple_of_others_in_all_uses_say_so() -> None:
    """GhostNet's cheap operations give half of what their module gives, and an excited gate what it gates."""
    boxes = [box for panel in figure("ghostnet").panels[1:] for box in panel.boxes]
    said = {word for box in boxes for line in box.details for word in line.split(", ")}
    assert {"exp/2", "channels/2", "exp"} <= said
    assert {"expand·C, depthwise", "expand·C"} <= {
        line for box in figure("efficientnet_v2").panels[1].boxes for line in box.details
    }
    assert {"6C, depthwise"} <= {line for box in figure("efficientnet:b0").panels[1].boxes for line in box.details}


def test_channels_are_told_by_those_of_the_input_where_no_param_says_them() -> None:
    """SegFormer's attention reduces what it reads and keeps its channels, which its spec reads from a shape."""
    said = {line for box in figure("segformer").panels[1].boxes for line in box.details}
    assert {"C, /reduction", "4C, depthwise", "C"} <= said


def test_a_kernel_is_no_multiple_of_channels() -> None:
    said = figure("mobilenet_v3").panels[1].subtitle
    assert "kernel 3, 5 \N{MIDDLE DOT} expanded 672, 960" in said


def test_rows_of_a_table_that_are_equal_are_one() -> None:
    assert "channels = C 24, 40" in figure("efficientnet:b0").panels[1].subtitle


def test_a_table_of_many_uses_is_turned_where_that_is_lower() -> None:
    """53 convolutions in 20 columns would be cut into four tables below each other."""
    made = fitted(load_network("resnet_v2"), width=504.0)
    table = next(panel.table for panel in made.panels if panel.table is not None)
    tables = [mark for mark in draw(made).marks if mark.kind == "table"]
    assert len(tables) == 1
    said = [shape.text for mark in tables for shape in mark.shapes if isinstance(shape, Text)]
    assert sorted(said) == sorted((*table.columns, *(text for name, row in table.rows for text in (name, *row))))


TWO_STACKS = """
archspec: 1
name: TwoStacks
inputs: {x: [8, 16, 16]}
blocks:
  layer:
    inputs: [over, beside]
    graph:
      conv1: {op: conv2d, from: beside, out_channels: 8, kernel_size: 3, padding: 1}
      conv2: {op: conv2d, from: over, out_channels: 8, kernel_size: 3, padding: 1}
      sum: {op: add, from: [conv1, conv2]}
    outputs: {over: conv2, beside: sum}
graph:
  layers: {block: layer, from: [x, x], repeat: 6}
outputs: [layers.over, layers.beside]
"""


def test_inputs_that_are_given_one_value_keep_their_lines() -> None:
    panel = fitted(load_text(TWO_STACKS)).panels[1]
    lines = {(edge.tail, edge.head) for edge in panel.edges}
    assert {("input@beside", "layers/0/conv1"), ("input@over", "layers/0/conv2")} <= lines


EXCHANGE = """
archspec: 1
name: Exchange
inputs: {image: [3, 64, 64]}
blocks:
  unit: {graph: [{op: conv2d, out_channels: $x.channels, kernel_size: 3, padding: 1}, relu]}
  bring:
    inputs: [x, like]
    graph: [{op: conv2d, out_channels: $like.channels, kernel_size: 1}, {op: upsample, from: [0, like]}]
  mix:
    inputs: [like, maps.*]
    graph:
      brought: {block: bring, each: maps, from: [maps.i, like]}
      sum: {op: add, from: brought.*}
  exchange:
    inputs: [maps.*]
    graph:
      units: {block: unit, each: maps, repeat: 2}
      fused: {block: mix, each: units, from: [units.i, units.*]}
    outputs: {maps.*: fused.*}
graph:
  a: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  b: {op: conv2d, out_channels: 16, kernel_size: 3, padding: 1, stride: 2}
  c: {op: conv2d, out_channels: 32, kernel_size: 3, padding: 1, stride: 2}
  d: {op: conv2d, out_channels: 64, kernel_size: 3, padding: 1, stride: 2}
  first: {block: exchange, from: [a, b, c, d]}
  second: {block: exchange, from: first.maps.*}
outputs: {a: second.maps.0, b: second.maps.1, c: second.maps.2, d: second.maps.3}
"""


def closed(title: str) -> Panel:
    made = diagram(load_text(EXCHANGE), page=Page(by_level=False, budget=6))
    return next(panel for panel in made.panels if panel.title == title)


def test_each_of_several_that_read_all_of_several_others_stands_in_the_lane_of_one() -> None:
    shown = closed("exchange")
    lanes = arrange(nest(shown)[""]).lanes
    for number in range(4):
        names = f"input@maps_{number}", f"first/units.{number}/0/0", f"first/fused.{number}", f"output@maps_{number}"
        assert len({lanes[name] for name in names}) == 1


LISTS = """
archspec: 1
name: Lists
inputs: {image: [3, 64, 64]}
blocks:
  unit:
    params: {width: int}
    graph:
      conv: {op: conv2d, out_channels: $width, kernel_size: 3, padding: 1}
      norm: {op: batch_norm2d}
      pool: {op: max_pool2d, kernel_size: 3, padding: 1, stride: 1}
      last: {op: conv2d, out_channels: $width, kernel_size: 1}
graph:
  cls.0: {block: unit, from: image, width: 8}
  cls.1: {block: unit, width: 8}
  cls.2: {block: unit, width: 8}
  box.0: {block: unit, from: image, width: 16}
  box.1: {block: unit, width: 16}
  box.2: {block: unit, width: 16}
outputs: [cls.2, box.2]
"""


def test_members_of_a_list_with_equal_values_are_one_column() -> None:
    shown = diagram(load_text(LISTS), page=Page(budget=6)).panels[1]
    assert shown.subtitle == f"cls.0 and 5 more like it: width 8, 16 in cls.0{DASH}2, box.0{DASH}2"


def test_the_line_below_a_title_is_narrow_where_panels_then_stand_side_by_side() -> None:
    """The subtitles of SE-ResNet's panels were as wide as 220 points, and one panel had no room beside the others."""
    assert draw(fitted(load_network("se_resnet:se_resnet50"), width=504.0)).height < 360
