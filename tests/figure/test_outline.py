"""The picture in words: a line for each box, in the order in which it is drawn."""

from dataclasses import replace

from archspec.figure.diagram import Bar, Box, Diagram, Edge, Group, Panel, Table
from archspec.figure.look.theme import LIGHT, Paint
from archspec.figure.what.outline import outline
from tests.figure.drawn import picture, written

PAINT = Paint("none", "none")
BOX = Box(
    id="conv1",
    kind="op",
    title="3×3 conv",
    details=("64",),
    counts="",
    shape="",
    repeat=1,
    params=0,
    macs=0,
    note="",
    source="",
    nodes=(),
    groups=(),
    inputs=1,
    level=0,
    level_in=0,
    train_only=False,
    paint=PAINT,
)


def edge(tail: str, head: str, label: str = "", nodes: tuple[str, ...] = ()) -> Edge:
    return Edge(tail, head, "flow", label, False, False, PAINT, nodes)


def drawing(*panels: Panel) -> Diagram:
    return Diagram("Net", ("1.00 k params",), panels, (), ("A footnote.",), "", LIGHT)


def panel(boxes: tuple[Box, ...], edges: tuple[Edge, ...] = (), groups: tuple[Group, ...] = ()) -> Panel:
    return Panel("block", "a and 2 more like it", boxes, edges, groups, "rows")


def test_a_box_says_all_that_is_printed_at_it() -> None:
    box = replace(BOX, params=9408, macs=118_013_952, shape="64×112×112", repeat=2, train_only=True)
    assert outline(drawing(panel((box,)))) == (
        "Net, 1.00 k params",
        "  conv1: 3×3 conv, 64, 2 in a row, 9.41 k params, 118 M MACs, output 64×112×112, in training only",
        "A footnote.",
    )


def test_a_box_says_what_it_reads_where_that_is_not_the_box_before_alone() -> None:
    one, two, three = (replace(BOX, id=name, title=name, details=()) for name in ("a/one", "two", "three"))
    edges = (edge("a/one", "two"), edge("two", "three"), edge("a/one", "three", "indices"))
    assert outline(drawing(panel((one, two, three), edges)))[1:-1] == (
        "  a.one: a/one",
        "  two",
        "  three, reads two and a.one (indices)",
    )


def test_what_stands_on_an_edge_is_said_with_it() -> None:
    one, two = (replace(BOX, id=name, title=name, details=()) for name in ("one", "two"))
    told = outline(drawing(panel((one, two), (edge("one", "two", nodes=("pool1",)),))))
    assert told[2] == "  two, reads one through pool1"


def test_what_a_colour_says_is_said_in_words() -> None:
    told = outline(drawing(panel((replace(BOX, title="1×1", spoken="1×1 conv"), replace(BOX, id="p", title="2×2")))))
    assert told[1:-1] == ("  conv1: 1×1 conv, 64", "  p: 2×2, 64")


def test_frames_set_their_boxes_in() -> None:
    outer, inner = Group("a", "a ×3", "", False, PAINT), Group("a/b", "b", "a", True, PAINT)
    boxes = (
        replace(BOX, id="a/x", title="x", details=(), groups=("a",)),
        replace(BOX, id="a/b/y", title="y", details=(), groups=("a/b", "a")),
        replace(BOX, id="z", title="z", details=()),
    )
    assert outline(drawing(panel(boxes, groups=(outer, inner))))[1:-1] == (
        "  a ×3",
        "    a.x: x",
        "    b, in training only",
        "      a.b.y: y",
        "  z",
    )


def test_further_panels_tables_and_bars_follow() -> None:
    table = Table(("3a", "3b"), (("1×1", ("64", "128")), ("3×3", ("128", "192"))))
    made = drawing(panel((BOX,)), replace(panel((BOX,)), table=table))
    made = replace(made, bars=(Bar("params", (("stem", 0.251, PAINT), ("head", 0.746, PAINT), ("add", 0.003, PAINT))),))
    assert outline(made)[2:-1] == (
        "block, a and 2 more like it",
        "  conv1: 3×3 conv, 64",
        "  3a: 1×1 64, 3×3 128",
        "  3b: 1×1 128, 3×3 192",
        "params: stem 25 %, head 75 %, add under 1 %",
    )


def test_inputs_and_outputs_are_called_by_their_names() -> None:
    told = outline(written("graph:\n  conv: {op: conv2d, out_channels: 8, kernel_size: 3}\noutputs: {y: conv}\n"))
    assert [line.split(",")[0] for line in told[1:4]] == ["  image", "  conv: 3×3 conv", "  y"]


def test_every_box_of_a_network_has_its_line() -> None:
    made = picture("googlenet")
    frames = sum(len(panel.groups) for panel in made.panels)
    boxes = sum(len(panel.boxes) for panel in made.panels)
    assert sum(line.startswith("  ") for line in outline(made)) >= boxes
    assert len(outline(made)) >= boxes + frames
