"""DOT: boxes and edges for Graphviz, as a file of its own and as what the layout engine is given.

Every node is a table of two rows: the box, which edges meet at its port `b`, and the captions below it. For
the layout all sizes are fixed and the text is left out, so that the fonts of the machine change nothing.
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

_GAPS = {False: (9, 15), True: (13, 20)}  # points between boxes beside and before each other; True by levels
_FONTS = "Helvetica,Arial,sans-serif"


@dataclass(frozen=True, slots=True)
class Piece:
    """What one run of the engine lays out: a whole panel, or one row of it.

    `enters` are the edges from the row before, the main one first; `leaves` is the id of the box that the row after is
    tied to, "" for none.
    """

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    groups: tuple[Group, ...]
    arrangement: Arrangement
    enters: tuple[Edge, ...] = ()
    leaves: str = ""

    def names(self) -> dict[str, str]:
        """Box id -> its name in DOT."""
        return {box.id: f"n{index}" for index, box in enumerate(self.boxes)}

    def arches(self) -> frozenset[tuple[str, str]]:
        """Ends of the edges that are drawn over the boxes of their row, which needs no layout.

        In rows that is what leaves the chain and meets it again with nothing on its way; by levels, what has boxes of
        its own row before it.
        """
        rows = self.rows()
        place = {name: index for index, name in enumerate(sorted(rows, key=lambda name: rows[name]))}
        if self.arrangement == "rows":
            return frozenset((edge.tail, edge.head) for edge in (*self.edges, *self.enters[1:]) if edge.over)
        return frozenset(
            (edge.tail, edge.head)
            for edge in self.edges
            if edge.kind != "flow" and rows[edge.tail] == rows[edge.head] and place[edge.head] - place[edge.tail] > 1
        )

    def homes(self) -> dict[str, str]:
        """Box id -> id of the innermost of the piece's frames around it, "" for none."""
        known = {group.id for group in self.groups}
        return {box.id: next((name for name in box.groups if name in known), "") for box in self.boxes}

    def rows(self) -> dict[str, int]:
        """Box id -> its row: by levels, what changes the resolution stands in the lower of its two."""
        if self.arrangement == "rows":
            return dict.fromkeys((box.id for box in self.boxes), 0)
        return {box.id: box.level if box.kind == "block" else max(box.level, box.level_in) for box in self.boxes}


def render(diagram: Diagram) -> bytes:
    """The network's own panel as a DOT file that draws by itself: `dot -Tsvg`."""
    shown = diagram.panels[0]
    groups = shown.groups if shown.arrangement == "rows" else ()
    piece = Piece(shown.boxes, shown.edges, groups, shown.arrangement)
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
    beside, before = _GAPS[levels]
    graph.attr(nodesep=f"{beside / 72:.3f}", ranksep=f"{before / 72:.3f}")
    graph.attr("node", shape="plain", fontname=_FONTS, fontsize=f"{DETAIL}", fontcolor=theme.ink)
    graph.attr("edge", arrowsize="0.5", arrowhead="normal" if text else "none")
    names = piece.names()
    if levels:
        _by_level(graph, piece, names)
    _nodes(graph, piece, names, text=text)
    arches = piece.arches()
    bars = {box.id for box in piece.boxes if box.kind == "concat" and not levels}
    rows = piece.rows()
    for edge in piece.edges:
        if text or (edge.tail, edge.head) not in arches:
            _edge(graph, edge, names, rows, into="" if edge.head in bars else ":w", text=text)
    if piece.enters:
        graph.node(ENTRY, shape="point", width="0.01")
        for index, edge in enumerate(piece.enters):
            if (edge.tail, edge.head) not in arches:
                graph.edge(ENTRY, f"{names[edge.head]}:b:w", weight="1" if index else "20")
    if piece.leaves:
        graph.node(EXIT, shape="point", width="0.01")
        graph.edge(f"{names[piece.leaves]}:b:e", EXIT, weight="20")
        with graph.subgraph() as last:
            last.attr(rank="max")
            last.node(EXIT)
    return graph


def _nodes(graph: Digraph, piece: Piece, names: dict[str, str], *, text: bool) -> None:
    """Nodes, those of a group inside its cluster."""
    homes = piece.homes()
    inner: dict[str, list[Box]] = {}
    for box in piece.boxes:
        inner.setdefault(homes[box.id], []).append(box)
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

    fill(graph, "")


def _by_level(graph: Digraph, piece: Piece, names: dict[str, str]) -> None:
    """One rank for each resolution, from left to right in drawing order."""
    rows: dict[int, list[str]] = {}
    for name, row_number in piece.rows().items():
        rows.setdefault(row_number, []).append(names[name])
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


def _edge(graph: Digraph, edge: Edge, names: dict[str, str], rows: dict[str, int], *, into: str, text: bool) -> None:
    attributes = {"weight": "10" if edge.kind == "flow" and not edge.train_only else "1"}
    if text:
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


def _label(box: Box, *, text: bool) -> str:
    """The table of a node."""
    size = box_size(box)
    fixed = f'WIDTH="{size.width}"' if text else f'FIXEDSIZE="TRUE" WIDTH="{size.width}"'
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
