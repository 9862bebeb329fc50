"""DOT: boxes and edges for Graphviz, as a file of its own and as what the layout engine is given.

Every node is a table of two rows: the box, which edges meet at its port `b`, and the captions below it. All sizes are
fixed here, so that the fonts of the machine change nothing.
"""

from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Literal

from graphviz import Digraph

from archspec.formats.picture.sizes import CAPTION, box_size
from archspec.formats.picture.typeface import BLOCK, COUNTS, DETAIL, PANEL, TITLE, width
from archspec.views.figure import Arrangement, Box, Diagram, Edge, Group
from archspec.views.theme import Theme

Side = Literal["e", "w", "n", "s"]

ENTRY, EXIT = "entry", "exit"  # where a row is entered and left

_RANK_GAP, _NODE_GAP, _LEVEL_GAP = 15, 9, 20  # points
_FONTS = "Helvetica,Arial,sans-serif"


@dataclass(frozen=True, slots=True)
class Piece:
    """What one run of the engine lays out: a whole panel, or one row of it.

    `enters` and `leaves` are the ids of the boxes that the rows before and after are tied to, "" for none.
    """

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    groups: tuple[Group, ...]
    arrangement: Arrangement
    enters: str = ""
    leaves: str = ""

    def names(self) -> dict[str, str]:
        """Box id -> its name in DOT."""
        return {box.id: f"n{index}" for index, box in enumerate(self.boxes)}

    def reversed(self, edge: Edge) -> bool:
        """Whether DOT has the edge the other way round, because it climbs to a higher row."""
        levels = {box.id: box.level for box in self.boxes}
        return self.arrangement == "levels" and levels[edge.tail] > levels[edge.head]


def render(diagram: Diagram) -> bytes:
    """The network's own panel as a DOT file that draws by itself: `dot -Tsvg`."""
    shown = diagram.panels[0]
    piece = Piece(shown.boxes, shown.edges, shown.groups, shown.arrangement)
    graph = _graph(piece, diagram.theme, text=True)
    title = f'<FONT POINT-SIZE="{TITLE}"><B>{escape(diagram.title)}</B></FONT>'
    lines = [f"{title}  {escape(' · '.join(diagram.facts))}", *map(escape, diagram.footnotes)]
    end = '<BR ALIGN="LEFT"/>'
    graph.attr(label=f"<{end.join(lines)}{end}>", labelloc="t", labeljust="l")
    graph.attr(bgcolor=diagram.theme.background, fontname=_FONTS, fontsize=f"{DETAIL}", fontcolor=diagram.theme.faint)
    return str(graph.source).encode()


def layout_source(piece: Piece, theme: Theme) -> str:
    """`piece` for the engine: the same graph without its text."""
    return str(_graph(piece, theme, text=False).source)


def _graph(piece: Piece, theme: Theme, *, text: bool) -> Digraph:
    levels = piece.arrangement == "levels"
    graph = Digraph("network")
    graph.attr(rankdir="TB" if levels else "LR", splines="true", outputorder="edgesfirst", pad="0.1")
    graph.attr(nodesep=f"{_NODE_GAP / 72:.3f}", ranksep=f"{(_LEVEL_GAP if levels else _RANK_GAP) / 72:.3f}")
    graph.attr("node", shape="plain", fontname=_FONTS, fontsize=f"{DETAIL}", fontcolor=theme.ink)
    graph.attr("edge", arrowsize="0.5", arrowhead="normal" if text else "none")
    names = piece.names()
    if levels:
        _by_level(graph, piece, names)
    _nodes(graph, piece, names, text=text)
    for edge in piece.edges:
        _edge(graph, piece, edge, names, text=text)
    if piece.enters:
        graph.node(ENTRY, shape="point", width="0.01")
        graph.edge(ENTRY, f"{names[piece.enters]}:b:w", weight="20")
    if piece.leaves:
        graph.node(EXIT, shape="point", width="0.01")
        graph.edge(f"{names[piece.leaves]}:b:e", EXIT, weight="20")
        with graph.subgraph() as last:
            last.attr(rank="max")
            last.node(EXIT)
    return graph


def _nodes(graph: Digraph, piece: Piece, names: dict[str, str], *, text: bool) -> None:
    """Nodes, those of a group inside its cluster."""
    inner: dict[str, list[Box]] = {}
    for box in piece.boxes:
        inner.setdefault("" if piece.arrangement == "levels" else box.group, []).append(box)
    children: dict[str, list[Group]] = {}
    for group in piece.groups:
        children.setdefault(group.parent, []).append(group)

    def fill(into: Digraph, name: str) -> None:
        for box in inner.get(name, ()):
            style = {"tooltip": box.note} if text else {}
            into.node(names[box.id], label=_label(box, text=text), **style)
        for group in children.get(name, ()):
            with into.subgraph(name=f"cluster_{group.id}") as cluster:
                paint = group.paint
                cluster.attr(label=_group_label(group, text=text), labeljust="l", margin="6", penwidth=f"{paint.width}")
                cluster.attr(style="rounded,filled", color=paint.stroke, fillcolor=paint.fill)
                fill(cluster, group.id)

    if piece.arrangement == "levels":
        children = {}
    fill(graph, "")


def _by_level(graph: Digraph, piece: Piece, names: dict[str, str]) -> None:
    """One rank for each resolution, from left to right in drawing order."""
    rows: dict[int, list[str]] = {}
    for box in piece.boxes:
        rows.setdefault(box.level, []).append(names[box.id])
    drawn = {(names[edge.tail], names[edge.head]) for edge in piece.edges}
    ranked = [rows[level] for level in sorted(rows)]
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


def _edge(graph: Digraph, piece: Piece, edge: Edge, names: dict[str, str], *, text: bool) -> None:
    levels = {box.id: box.level for box in piece.boxes}
    attributes = {"weight": "10" if edge.kind == "flow" and not edge.train_only else "1"}
    if text:
        attributes |= {"color": edge.paint.stroke, "penwidth": f"{edge.paint.width}"}
        attributes |= {"style": "dashed"} if edge.train_only else {}
        attributes |= {"label": edge.label, "fontsize": f"{COUNTS}"} if edge.label else {}
    tail, head = names[edge.tail], names[edge.head]
    if piece.arrangement == "rows" or levels[edge.tail] == levels[edge.head]:
        graph.edge(f"{tail}:b:e", f"{head}:b:w", **attributes)
    elif levels[edge.tail] < levels[edge.head]:
        graph.edge(f"{tail}:s", f"{head}:b:n", **attributes)
    else:
        graph.edge(f"{head}:s", f"{tail}:b:n", **attributes, dir="back")


def _label(box: Box, *, text: bool) -> str:
    """The table of a node."""
    size = box_size(box)
    fixed = f'FIXEDSIZE="TRUE" WIDTH="{size.width}"'
    height = max(size.height, size.height_in)
    below = f'<TR><TD {fixed} HEIGHT="{CAPTION}" BORDER="0">{_captions(box) if text else ""}</TD></TR>'
    style = "ROUNDED,DASHED" if box.train_only else "ROUNDED"
    look = f'BGCOLOR="{box.paint.fill}" COLOR="{box.paint.stroke}" STYLE="{style}"' if text else ""
    inside = _words(box) if text else ""
    return (
        '<<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="0">'
        f'<TR><TD PORT="b" {fixed} HEIGHT="{height}" {look}>{inside}</TD></TR>{below}</TABLE>>'
    )


def _words(box: Box) -> str:
    if box.kind == "add":
        return "+"
    if box.kind == "concat":
        return ""
    repeated = f" ×{box.repeat}" if box.repeat > 1 else ""
    title = f'<FONT POINT-SIZE="{BLOCK}"><B>{escape(box.title + repeated)}</B></FONT>'
    return "<BR/>".join((title, *map(escape, box.details)))


def _captions(box: Box) -> str:
    lines = [escape(line) for line in (box.counts, box.shape) if line]
    return f'<FONT POINT-SIZE="{COUNTS}">{"<BR/>".join(lines)}</FONT>' if lines else ""


def _group_label(group: Group, *, text: bool) -> str:
    if text:
        return group.title
    cell = f'FIXEDSIZE="TRUE" WIDTH="{int(width(group.title, DETAIL)) + 1}" HEIGHT="{int(PANEL)}"'
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR><TD {cell}></TD></TR></TABLE>>'
