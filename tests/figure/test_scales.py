"""The grid of resolutions: a row for each, streams side by side, exchanges as fans, laterals straight, outputs last."""

from itertools import pairwise

import pytest

from archspec.figure.diagram import Diagram, level_row
from archspec.figure.place.drawing import draw, place
from archspec.figure.place.fit import fitted
from archspec.figure.place.placed import PlacedBox, PlacedPanel, Route
from archspec.figure.place.sizes import box_item, box_size
from archspec.gallery import names
from archspec.pipeline import load_text
from tests.figure.drawn import network
from tests.figure.geometry import faults

SPECS = ("hrnet", "fpn", "csp_pan", "unet_plusplus")

PYRAMID = """archspec: 1
inputs: {image: [3, 64, 64]}
blocks:
  stage: {params: {channels: int}, graph: [
    {op: conv2d, out_channels: $channels, kernel_size: 3, padding: 1}, relu,
    {op: conv2d, out_channels: $channels, kernel_size: 1}, relu]}
  meet: {inputs: [fine, coarse], graph: {
    down: {op: conv2d, from: fine, out_channels: 8, kernel_size: 3, stride: 2, padding: 1},
    add: {op: add, from: [down, coarse]}, act: relu}}
  rise: {inputs: [fine, coarse], graph: {
    up: {op: upsample, from: coarse, scale_factor: 2}, add: {op: add, from: [up, fine]}, act: relu}}
graph:
  a: {block: stage, channels: 8}
  down: {op: conv2d, from: image, out_channels: 8, kernel_size: 3, stride: 2, padding: 1}
  b: {block: stage, channels: 8}
  fine: {block: rise, from: [a, b]}
  coarse: {block: meet, from: [a, b]}
outputs: {f: fine, c: coarse}
"""
STREAMS = """archspec: 1
inputs: {image: [3, 128, 128]}
blocks:
  cbr:
    params: {c: int, s: 1}
    graph: [{op: conv2d, out_channels: $c, kernel_size: 3, stride: $s, padding: 1, bias: false}, batch_norm2d, relu]
  exchange:
    inputs: [a, b, c]
    graph:
      a1: {block: cbr, c: 16, from: a}
      b1: {block: cbr, c: 32, from: b}
      c1: {block: cbr, c: 64, from: c}
      ba: {graph: [{op: conv2d, out_channels: 16, kernel_size: 1}, {op: upsample, scale_factor: 2}], from: b1}
      ca: {graph: [{op: conv2d, out_channels: 16, kernel_size: 1}, {op: upsample, scale_factor: 4}], from: c1}
      oa: {op: add, from: [a1, ba, ca]}
      ab: {block: cbr, c: 32, s: 2, from: a1}
      cb: {graph: [{op: conv2d, out_channels: 32, kernel_size: 1}, {op: upsample, scale_factor: 2}], from: c1}
      ob: {op: add, from: [b1, ab, cb]}
      ac: {graph: [{block: cbr, c: 32, s: 2}, {block: cbr, c: 64, s: 2}], from: a1}
      bc: {block: cbr, c: 64, s: 2, from: b1}
      oc: {op: add, from: [c1, ac, bc]}
    outputs: [oa, ob, oc]
graph:
  stem: {block: cbr, c: 32, s: 2}
  a: {block: cbr, c: 16, s: 2}
  b: {block: cbr, c: 32, s: 2}
  c: {block: cbr, c: 64, s: 2}
  x1: {block: exchange, from: [a, b, c]}
  x2: {block: exchange, from: [x1.oa, x1.ob, x1.oc]}
  ub: {op: upsample, scale_factor: 2, from: x2.ob}
  uc: {op: upsample, scale_factor: 4, from: x2.oc}
  cat: {op: concat, from: [x2.oa, ub, uc]}
  head: {op: conv2d, out_channels: 17, kernel_size: 1}
outputs: {heatmap: head}
"""


def panel(spec: str) -> PlacedPanel:
    return place(fitted(network(spec), width=504.0))[0]


def boxes(shown: PlacedPanel) -> dict[str, PlacedBox]:
    return {box.box.id: box for box in shown.boxes}


def route(shown: PlacedPanel, tail: str, head: str) -> Route:
    return next(one for one in shown.routes if (one.edge.tail, one.edge.head) == (tail, head))


def is_straight(one: Route) -> bool:
    """Whether a line is one level or upright piece."""
    (x0, y0), (x1, y1) = one.points[0], one.points[-1]
    return len(one.points) == 4 and (abs(x1 - x0) < 0.01 or abs(y1 - y0) < 0.01)


@pytest.mark.parametrize("spec", SPECS)
def test_boxes_of_one_level_stand_in_one_row_below_those_of_finer_ones(spec: str) -> None:
    """Fails where a coarser map is drawn above or beside a finer one."""
    shown = panel(spec)
    assert shown.panel.arrangement == "levels"
    rows: dict[int, list[float]] = {}
    for box in shown.boxes:
        rows.setdefault(level_row(box.box), []).append(box.y)
    ordered = [rows[level] for level in sorted(rows)]
    assert all(max(finer) < min(coarser) for finer, coarser in pairwise(ordered))


def test_streams_are_parallel_and_exchanges_are_fans() -> None:
    """HRNet: four streams, each straight on; every branch of a stage goes to every resolution."""
    shown = panel("hrnet")
    stand = boxes(shown)
    for stage, lanes in (("stage2", 2), ("stage3/0", 3), ("stage4/0", 4)):
        branches = [f"{stage}/branches.{lane}" for lane in range(lanes)]
        for lane in range(lanes):
            fuse = stand[f"{stage}/fuses.{lane}"]
            assert stand[branches[lane]].y == pytest.approx(fuse.y)
            assert fuse.box.form == "dot"
            assert {one.edge.tail for one in shown.routes if one.edge.head == fuse.box.id} == set(branches)
        assert len({round(stand[branch].x, 2) for branch in branches}) == 1
    assert shown.height < 270


ONE_BY_ONE = """
  stage4_0: {block: module, from: [stage3.maps.*, transition3]}
  stage4_1: {block: module, from: stage4_0.maps.*}
  stage4_2: {block: module, from: stage4_1.maps.*}
"""


def test_equal_modules_in_a_row_are_drawn_once_with_their_number() -> None:
    """HRNet has four modules in stage 3, which a `repeat` says, and here three in stage 4 one after the other."""
    written = names()["hrnet"].read_text("utf-8")
    repeat = "  stage4: {block: module, from: [stage3.maps.*, transition3], repeat: 3}\n"
    assert repeat in written
    for text, last in (
        (written, "stage4"),
        (written.replace(repeat, ONE_BY_ONE[1:]).replace("stage4.", "stage4_2."), "stage4_0\N{EN DASH}2"),
    ):
        net = load_text(text)
        made = fitted(net, width=504.0)
        groups = [(group.title, group.repeat) for group in made.panels[0].groups]
        assert groups == [("stage2", 1), ("stage3", 4), (last, 3)]
        arrows = {id for edge in made.panels[0].edges for id in edge.nodes}
        counted = sum(box.params for box in made.panels[0].boxes) + sum(net.costs[id].params for id in arrows)
        assert counted == 21_299_004


def test_laterals_are_straight_and_outputs_stand_at_the_right_from_fine_to_coarse() -> None:
    shown = panel("fpn")
    stand = boxes(shown)
    for level in range(3):
        assert is_straight(route(shown, f"body/layer{level + 1}", f"fpn/inner_blocks/{level}/0"))
        assert is_straight(route(shown, f"fpn/inner_blocks/{level}/0", f"fpn/m{level + 2}"))
    for upper, lower in (("fpn/m2", "fpn/m3"), ("fpn/m3", "fpn/m4")):
        assert is_straight(route(shown, lower, upper))
        assert stand[upper].x == pytest.approx(stand[lower].x)
    ends = [stand[f"output@{name}"] for name in ("p2", "p3", "p4", "p5", "pool")]
    assert [end.y for end in ends] == sorted(end.y for end in ends)
    assert {round(end.x, 2) for end in ends} == {round(max(box.x for box in shown.boxes), 2)}


def test_a_nested_u_is_a_lattice() -> None:
    """U-Net++: node x_ij stands in row i, right of x_i(j-1)."""
    stand = boxes(panel("unet_plusplus"))
    for row in range(4):
        nodes = [stand[f"x{row}{column}"] for column in range(1, 5 - row)]
        assert len({node.y for node in nodes}) == 1
        assert [node.x for node in nodes] == sorted(node.x for node in nodes)
        assert all(node.box.level == row for node in nodes)


def test_a_strided_convolution_between_two_rows_is_an_arrow_with_its_counts_in_the_legend() -> None:
    """Fails where the params of an arrow are told nowhere."""
    made = fitted(network("csp_pan"), width=504.0)
    costs = network("csp_pan").costs
    arrows = {id for edge in made.panels[0].edges for id in edge.nodes}
    assert {"down3/conv", "pan_down4/conv"} <= arrows
    assert "3×3 conv, /2: 2.31 M · 2.36 G" in {key.words for key in made.legend}
    assert round(sum(costs[id].params for id in arrows) / 1e6, 2) == 2.31


def dots(made: Diagram) -> set[str]:
    return {box.id for box in made.panels[0].boxes if box.form == "dot"}


def test_a_fan_is_between_all_and_all() -> None:
    made = fitted(load_text(PYRAMID), depth=1)
    assert dots(made) == {"fine", "coarse"}
    assert faults(made) == []


def test_what_is_made_of_each_other_stands_in_columns_of_its_own() -> None:
    """A fan whose second map is made of the first: there is no column for both."""
    made = fitted(load_text(PYRAMID.replace("from: image, ", "from: a, ")), depth=1)
    stand = boxes(place(made)[0])
    assert stand["a"].x < stand["b"].x <= stand["fine"].x
    assert faults(made) == []


def test_what_reads_only_some_of_the_maps_is_in_no_fan() -> None:
    """The near miss: with a coarse block that reads one map there is no exchange."""
    text = PYRAMID.replace("coarse: {block: meet, from: [a, b]}", "coarse: {block: stage, channels: 8, from: b}")
    made = fitted(load_text(text), depth=1)
    assert dots(made) == set()
    assert made.panels[0].arrangement == "levels"


@pytest.mark.parametrize("spec", ["resnet:resnet50", "se_resnet:se_resnet50", "googlenet", "conformer"])
def test_one_map_that_grows_coarser_is_a_chain(spec: str) -> None:
    """The near miss of a grid: a classifier has no rows, though gates or waves of another size hang on it."""
    assert fitted(network(spec)).panels[0].arrangement == "rows"


def test_streams_that_meet_in_several_resolutions_have_rows_whatever_they_are_made_of() -> None:
    """No map is an output of its own and no exchange a fan; a sum reads what comes up at two resolutions."""
    made = fitted(load_text(STREAMS))
    assert made.panels[0].arrangement == "levels"
    assert {name for _, name in made.panels[0].levels} == {"128²", "64²", "32²", "16²", "8²"}
    assert faults(made) == []


def test_what_leads_to_a_frame_stands_before_it_and_what_it_leads_to_behind() -> None:
    shown = place(fitted(load_text(STREAMS)))[0]
    [frame] = shown.frames
    for box in shown.boxes:
        inside = frame.x < box.x < frame.x + frame.width
        assert inside == ("x1" in box.box.groups), box.box.id


def test_a_narrow_page_closes_blocks_that_runs_had_kept_open() -> None:
    made = fitted(load_text(STREAMS), width=245.0)
    assert draw(made).width == pytest.approx(245.0, abs=0.5)


TWINS = """archspec: 1
inputs: {left: [3, 32, 32], right: [3, 32, 32]}
blocks:
  tower:
    graph:
      - {op: conv2d, out_channels: 8, kernel_size: 3, stride: 2, padding: 1}
      - relu
      - {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
      - relu
graph:
  one: {block: tower, from: left}
  two: {share: one, from: right}
  both: {op: concat, from: [one, two]}
  conv: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  up: {op: upsample, scale_factor: 2}
  skip: {op: concat, from: [up, left]}
  last: {op: conv2d, out_channels: 2, kernel_size: 1}
"""


def test_the_second_use_of_a_block_says_so_where_rows_have_no_frames() -> None:
    made = fitted(load_text(TWINS))
    [main, *_] = made.panels
    assert main.arrangement == "levels"
    assert not main.groups
    said = {box.id: box.below for box in main.boxes if box.below}
    assert said == {"two/0": ("shares one",), "two/2": ("shares one",)}
    assert faults(made) == []


PLACED = """
archspec: 1
inputs: {image: [3, 64, 64]}
graph:
  e1: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  patches: {op: conv2d, out_channels: 16, kernel_size: 4, stride: 4}
  flat: {op: flatten, start_dim: 2}
  tokens: {op: transpose, dim0: 1, dim1: 2}
  places: {op: parameter, shape: [1, 256, 16]}
  queries: {op: expand, from: {x: places, like: tokens}}
  placed: {op: add, from: [queries, tokens]}
  attn: {op: multi_head_attention, num_heads: 4, from: QUERY}
  back: {op: transpose, dim0: 1, dim1: 2}
  maps: {op: unflatten, dim: 2, unflattened_size: [16, 16]}
  up: {op: conv_transpose2d, out_channels: 8, kernel_size: 4, stride: 4}
  joined: {op: concat, from: [e1, up]}
  d1: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
"""


@pytest.mark.parametrize("query", ["placed", "[queries, placed]"])
def test_what_depends_on_no_data_has_the_level_of_what_it_meets(query: str) -> None:
    """A table of places, and queries that are learned: neither lifts the tokens of a coarse map to the finest row."""
    made = fitted(load_text(PLACED.replace("QUERY", query)))
    rows = {box.id: level_row(box) for box in made.panels[0].boxes}
    coarse = {id for id, row in rows.items() if row == 2}
    assert {"places", "queries", "placed"} <= coarse
    assert {row for id, row in rows.items() if id.startswith(("image", "e1", "joined", "d1", "output"))} == {0}
    assert made.panels[0].levels[0] == (0, "64²")


def full_scale(levels: int, side: int) -> str:
    """A U-Net 3+: each decoder reads a map of every level."""
    conv = "{op: conv2d, out_channels: 16, kernel_size: 3, padding: 1}"
    graph = [f"  e0: {conv}"]
    for level in range(1, levels):
        graph += [f"  p{level}: {{op: max_pool2d, kernel_size: 2}}", f"  e{level}: {conv}"]
    for level in range(levels - 2, -1, -1):
        read = []
        for other in range(levels):
            tail = f"e{other}" if other <= level or other == levels - 1 else f"d{other}"
            scale = 2 ** abs(level - other)
            resize = f"{{op: max_pool2d, kernel_size: {scale}}}, " if other < level else ""
            resize = f"{{op: upsample, scale_factor: {scale}}}, " if other > level else resize
            graph.append(f"  d{level}_{other}: {{from: {tail}, graph: [{resize}{conv}, relu]}}")
            read.append(f"d{level}_{other}")
        graph += [f"  c{level}: {{op: concat, from: [{', '.join(read)}]}}", f"  d{level}: {conv}"]
    return f"archspec: 1\ninputs: {{image: [3, {side}, {side}]}}\ngraph:\n" + "\n".join(graph) + "\n"


def test_rows_may_be_a_little_wide_where_text_runs_would_be_higher_than_the_page() -> None:
    made = fitted(load_text(full_scale(7, 128)))
    assert made.panels[0].arrangement == "levels"
    assert 504 < draw(made).width < 1.25 * 504
    assert fitted(load_text(full_scale(7, 128)), width=504.0).width == 504.0


def test_rows_draw_together_before_they_give_way_to_text_runs() -> None:
    made = fitted(load_text(full_scale(5, 64)), width=535.0)
    assert made.panels[0].arrangement == "levels"
    assert faults(made) == []
    assert draw(made).height < 900  # as text runs it is twice as high


def test_a_line_from_the_top_of_a_box_that_slants_starts_at_its_side() -> None:
    text = """archspec: 1
inputs: {image: [3, 32, 32]}
graph:
  a: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  pool: {op: max_pool2d, kernel_size: 2}
  mid: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  unpool: {op: max_unpool2d, from: [mid, pool.indices], kernel_size: 2, figure: {glyph: up}}
  b: {op: conv2d, out_channels: 6, kernel_size: 1}
"""
    made = fitted(load_text(text))
    (box,) = (box for box in made.panels[0].boxes if box.id == "unpool")
    item, size = box_item(box, box_size(box)), box_size(box)
    assert size.height != size.height_in
    assert item.reach_above == (size.height + size.height_in) / 4


def test_what_keeps_its_indices_is_a_slab_among_slabs() -> None:
    """SegNet: pools whose indices are read, and what reads these, are told in the legend as convolutions are."""
    made = fitted(network("segnet"), width=504.0)
    forms = {box.id.rpartition("/")[2]: box.form for box in made.panels[0].boxes}
    assert {forms["pool1"], forms["unpool1"]} == {"slab"}
    assert {"max pool, 2\N{MULTIPLICATION SIGN}2, /2", "max unpool, 2\N{MULTIPLICATION SIGN}2"} <= {
        key.label for key in made.legend
    }


@pytest.mark.parametrize(
    "spec",
    [
        "unet",
        "unet:unpool",
        "unet_plusplus",
        "attention_unet",
        "vnet",
        "ddpm_unet",
        "segnet",
        "unet_3d",
        "fpn",
        "csp_pan",
        "bifpn",
    ],
)
def test_a_column_of_a_paper_has_a_row_for_each_resolution(spec: str) -> None:
    """Fails where an encoder-decoder or a pyramid falls back to text runs at 245 pt."""
    made = fitted(network(spec), width=245.0)
    assert made.panels[0].arrangement == "levels"
    assert faults(made) == []
    assert len(made.panels[0].boxes) >= 10
    assert place(made)[0].height < 600


def test_where_the_page_is_narrow_boxes_stand_below_what_they_read() -> None:
    """V-Net at 245 pt: the way down is one column and the way up another."""
    stand = boxes(place(fitted(network("vnet"), width=245.0))[0])
    down = [stand[f"down_tr{channels}"].x for channels in (32, 64, 128, 256)]
    up = [stand[f"up_tr{channels}"].x for channels in (256, 128, 64, 32)]
    assert max(down) - min(down) < 0.01
    assert max(up) - min(up) < 0.01
    assert up[0] > down[0]


def test_lines_run_back_between_rows_where_nothing_else_fits() -> None:
    """SegNet at 245 pt: every level of the encoder begins at the left, and the line to it runs back."""
    shown = place(fitted(network("segnet"), width=245.0))[0]
    assert shown.panel.folded
    stand = boxes(shown)
    assert len({round(stand[f"pool{level}"].x, 2) for level in (1, 2, 3, 4)}) == 1
    assert all(stand[one.edge.head].x < stand[one.edge.tail].x for one in shown.routes if one.edge.head == "pool2")
