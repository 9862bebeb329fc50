"""DOT: the network's own panel as a Graphviz file that draws by itself: `dot -Tsvg`.

Every node is a table of two rows: the box, which edges meet at its port `b`, and the captions below it. Graphviz
chooses the places; an encoder-decoder gets one rank for each resolution.
"""

from html import escape
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

from archspec.figure.diagram import SIGNS, Box, Diagram, Edge, Group, Panel, level_row
from archspec.figure.look.theme import Theme
from archspec.figure.look.typeface import BLOCK, COUNTS, DETAIL, TITLE
from archspec.figure.place.sizes import box_size
from archspec.figure.wishes import OF_PAGES, VOLUMES
from archspec.figure.write.format import Format, OfDiagram

if TYPE_CHECKING:
    from graphviz import Digraph

_GAPS = {False: (9, 15), True: (13, 20)}  # points between boxes beside and before each other; True by levels
_FONTS = "Helvetica,Arial,sans-serif"


def render(diagram: Diagram) -> bytes:
    """The network's own panel as a DOT file."""
    graph = _graph(diagram.panels[0], diagram.theme)
    title = f'<FONT POINT-SIZE="{TITLE}"><B>{escape(diagram.title)}</B></FONT>'
    lines = [f"{title}  {escape(' · '.join(diagram.facts))}", *map(escape, diagram.footnotes)]
    end = '<BR ALIGN="LEFT"/>'
    graph.attr(label=f"<{end.join(lines)}{end}>", labelloc="t", labeljust="l")
    graph.attr(bgcolor=diagram.theme.background, fontname=_FONTS, fontsize=f"{DETAIL}", fontcolor=diagram.theme.faint)
    return str(graph.source).encode()


def _graph(panel: Panel, theme: Theme) -> "Digraph":
    from graphviz import Digraph

    levels = panel.arrangement == "levels"
    graph = Digraph("network")
    graph.attr(rankdir="TB" if levels else "LR", splines="true", outputorder="edgesfirst", pad="0.1")
    beside, before = _GAPS[levels]
    graph.attr(nodesep=f"{beside / 72:.3f}", ranksep=f"{before / 72:.3f}")
    graph.attr("node", shape="plain", fontname=_FONTS, fontsize=f"{DETAIL}", fontcolor=theme.ink)
    graph.attr("edge", arrowsize="0.5", arrowhead="normal")
    names = {box.id: f"n{index}" for index, box in enumerate(panel.boxes)}
    rows = {box.id: level_row(box) if levels else 0 for box in panel.boxes}
    if levels:
        _by_level(graph, panel, names, rows)
    _nodes(graph, panel, () if levels else panel.groups, names)
    bars = {box.id for box in panel.boxes if box.kind == "concat" and not levels}
    for edge in panel.edges:
        _edge(graph, edge, names, rows, into="" if edge.head in bars else ":w")
    return graph


def _nodes(graph: "Digraph", panel: Panel, groups: tuple[Group, ...], names: dict[str, str]) -> None:
    """Nodes, those of a group inside its cluster."""
    known = {group.id for group in groups}
    inner: dict[str, list[Box]] = {}
    for box in panel.boxes:
        inner.setdefault(next((name for name in box.groups if name in known), ""), []).append(box)
    children: dict[str, list[Group]] = {}
    for group in groups:
        children.setdefault(group.parent, []).append(group)

    def fill(into: "Digraph", name: str) -> None:
        for box in inner.get(name, ()):
            into.node(names[box.id], label=_label(box), tooltip=box.note)
        for group in children.get(name, ()):
            with into.subgraph(name=f"cluster_{group.id}") as cluster:
                paint = group.paint
                cluster.attr(label=group.words, labeljust="l", margin="6", penwidth=f"{paint.width}")
                cluster.attr(style="rounded,filled", color=paint.stroke, fillcolor=paint.fill)
                fill(cluster, group.id)

    fill(graph, "")


def _by_level(graph: "Digraph", panel: Panel, names: dict[str, str], rows: dict[str, int]) -> None:
    """One rank for each resolution, from left to right in drawing order."""
    by_row: dict[int, list[str]] = {}
    for name, row_number in rows.items():
        by_row.setdefault(row_number, []).append(names[name])
    drawn = {(names[edge.tail], names[edge.head]) for edge in panel.edges}
    ranked = [by_row[level] for level in sorted(by_row)]
    for row in ranked:
        with graph.subgraph() as same:
            same.attr(rank="same")
            for name in row:
                same.node(name)
        for left, right in pairwise(row):
            if (left, right) not in drawn:
                graph.edge(left, right, style="invis")
    for upper, lower in pairwise(ranked):
        graph.edge(upper[0], lower[0], style="invis", weight="0")


def _edge(graph: "Digraph", edge: Edge, names: dict[str, str], rows: dict[str, int], *, into: str) -> None:
    attributes = {"weight": "10" if edge.kind == "flow" and not edge.train_only else "1"}
    attributes |= {"color": edge.paint.stroke, "penwidth": f"{edge.paint.width}"}
    attributes |= {"style": "dashed"} if edge.train_only else {}
    attributes |= {"label": edge.label, "fontsize": f"{COUNTS}"} if edge.label else {}
    tail, head = names[edge.tail], names[edge.head]
    if rows[edge.tail] == rows[edge.head]:
        graph.edge(f"{tail}:b:e", f"{head}:b{into}", **attributes)
    elif rows[edge.tail] < rows[edge.head]:
        graph.edge(f"{tail}:s", f"{head}:b:n", **attributes)
    else:
        graph.edge(f"{head}:s", f"{tail}:b:n", **attributes, dir="back")


def _label(box: Box) -> str:
    """The table of a node."""
    size = box_size(box)
    width, height = ceil(size.width), ceil(max(size.height, size.height_in))
    style = "ROUNDED,DASHED" if box.train_only or box.paint.dashed else "ROUNDED"
    look = f'BGCOLOR="{box.paint.fill}" COLOR="{box.paint.stroke}" STYLE="{style}"'
    below = f'<TR><TD WIDTH="{width}" BORDER="0">{_captions(box)}</TD></TR>'
    return (
        '<<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="0">'
        f'<TR><TD PORT="b" WIDTH="{width}" HEIGHT="{height}" {look}>{_words(box)}</TD></TR>{below}</TABLE>>'
    )


def _words(box: Box) -> str:
    if box.kind in (*SIGNS, "concat"):
        return "<BR/>".join((SIGNS.get(box.kind, box.title), *map(escape, box.details)))
    repeated = f" ×{box.repeat}" if box.repeat > 1 else ""
    title = f'<FONT POINT-SIZE="{BLOCK}"><B>{escape(box.title + repeated)}</B></FONT>'
    return "<BR/>".join((title, *map(escape, box.details)))


def _captions(box: Box) -> str:
    lines = [escape(line) for line in (box.counts, box.shape) if line]
    return f'<FONT POINT-SIZE="{COUNTS}">{"<BR/>".join(lines)}</FONT>' if lines else ""


FORMAT = Format(
    suffixes=(".dot",),
    made=OfDiagram(render),
    without=(VOLUMES, *OF_PAGES),
    because="which leaves the layout to Graphviz",
    rank=6,
)
