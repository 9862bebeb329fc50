"""Drawing: from a Diagram to the shapes of a Scene.

title line
the network's panel
bars of cost
panels of its blocks and tables of how their uses differ, side by side where the page is wide enough
legend
footnotes
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from math import inf

from archspec.figure.diagram import Diagram
from archspec.figure.look.theme import Theme
from archspec.figure.look.typeface import CAPITALS, LEADING, width
from archspec.figure.place.bounds import require_bounded
from archspec.figure.place.compose import lay_out_blocks
from archspec.figure.place.furniture import Piece, cost_bars, footnotes, legend, wrapped
from archspec.figure.place.glyphs import shapes
from archspec.figure.place.level_names import level_marks
from archspec.figure.place.marks import border_pieces, edge_mark, frame_mark, identifier, labels, line_pieces
from archspec.figure.place.placed import PlacedBox, PlacedPanel
from archspec.figure.place.shelves import SPACE, centred, column_of, lowest, packed, row_of, shelved, stacked
from archspec.figure.place.sizes import box_item, caption_width
from archspec.figure.place.tables import table_forms
from archspec.figure.place.upright import room
from archspec.figure.scene import Mark, Scene, Text
from archspec.figure.what.fold import DrawError
from archspec.figure.what.outline import outline

COLUMN = 504.0  # points: a double column
MARGIN = 6.0
_SUBTITLE = 220.0  # least width of a line under a panel's title
_NARROW = 120.0  # the same where panels stand upright


def draw(diagram: Diagram) -> Scene:
    """The whole page.

    Raises:
        DrawError: the page is too narrow.
    """
    theme = diagram.theme
    inner = (diagram.width or COLUMN) - 2 * MARGIN
    panels = place(diagram)
    widest = page_width(panels) - 2 * MARGIN
    if diagram.width and widest > inner + 0.5:
        raise DrawError(too_narrow(diagram, panels))
    upright = panels[0].panel.runs_down  # such panels are narrow, and all stand side by side
    whole = diagram.width or widest > 0.7 * inner or (upright and len(panels) > 1)
    inner = max(inner, widest) if whole else max(widest, _heading_width(diagram))
    marks: list[Mark] = []
    y = MARGIN
    for line in _title(diagram, inner) if diagram.headed else ():
        y += line.height
        marks += line.marks(MARGIN, y)
    y += SPACE if diagram.headed else 0.0
    forms = list(_detail_forms(panels, theme, inner, 0 if diagram.beside or upright else 1))
    rows = lowest(forms, lambda pieces: list(shelved(pieces, inner) if upright else packed(pieces, inner)))
    bars = cost_bars(diagram.bars, theme, inner)
    main = [] if diagram.beside or upright else [_main_piece(panels[0], theme, inner)]
    strip = [bars] if bars.height else []
    made, y = stacked([*rows, *strip] if upright else [*main, *strip, *rows], MARGIN, y)
    marks += made
    for piece in (legend(diagram.legend, theme, inner), footnotes(diagram.footnotes, theme, inner)):
        marks += piece.marks(MARGIN, y)
        y += piece.height
    title = " \N{MIDDLE DOT} ".join((diagram.title, *diagram.facts))
    return Scene(
        title, diagram.description, inner + 2 * MARGIN, y + MARGIN, theme, tuple(marks), tuple(outline(diagram))
    )


def place(diagram: Diagram) -> list[PlacedPanel]:
    """The panels, each by itself.

    Raises:
        DrawError: one of them is too large to lay out.
    """
    for panel in diagram.panels:
        require_bounded(panel)
    inner = (diagram.width or COLUMN) - 2 * MARGIN
    fonts = diagram.theme.fonts
    return [
        lay_out_blocks(
            panel,
            width=diagram.column if panel.arrangement == "columns" else inner,
            fill=panel.arrangement != "columns" and not all(box.flat for box in panel.boxes),
            fonts=fonts,
        )
        for panel in diagram.panels
    ]


def page_width(panels: Sequence[PlacedPanel]) -> float:
    """How wide a page the panels need."""
    return max(panel.width for panel in panels) + 2 * MARGIN


def too_narrow(diagram: Diagram, panels: Sequence[PlacedPanel]) -> str:
    """What to say where the page is too narrow."""
    widest = max(panels, key=lambda panel: panel.width)
    upright = widest.panel.runs_down
    cure = "leave out --orientation vertical" if upright else "close blocks with --depth 1"
    needed = page_width([widest])
    return (
        f"{diagram.width:g} pt is too narrow: what is shown needs {needed:.0f} pt; "
        f"use --width {needed:.0f}pt, or {cure}"
    )


def _heading_width(diagram: Diagram) -> float:
    fonts = diagram.theme.fonts
    name = width(diagram.title, fonts.title, bold=True) + 8
    keys = sum(32 + width(key.words, fonts.detail) for key in diagram.legend)
    return min(max(name + width(_facts(diagram), fonts.block), keys, 250.0), COLUMN - 2 * MARGIN)


def _facts(diagram: Diagram) -> str:
    return " \N{MIDDLE DOT} ".join(diagram.facts)


def _title(diagram: Diagram, inner: float) -> Iterator[Piece]:
    """The name, and the facts behind it or, where they are too long, on lines of their own."""
    theme, fonts = diagram.theme, diagram.theme.fonts
    after = width(diagram.title, fonts.title, bold=True) + 8
    behind = after + width(_facts(diagram), fonts.block) <= inner

    def name(x: float, y: float) -> Iterator[Mark]:
        texts = [Text(x, y, diagram.title, fonts.title, theme.ink, bold=True)]
        if behind:
            texts.append(Text(x + after, y, _facts(diagram), fonts.block, theme.faint))
        yield Mark("title", "title", tuple(texts))

    yield Piece(inner, fonts.title * CAPITALS + 1, name)
    if behind:
        return
    line: list[str] = []
    for index, fact in enumerate((*diagram.facts, "")):
        if line and (not fact or width(" \N{MIDDLE DOT} ".join([*line, fact]), fonts.block) > inner):
            yield _fact_line(" \N{MIDDLE DOT} ".join(line), index, theme, inner)
            line = []
        line.append(fact)


def _fact_line(text: str, index: int, theme: Theme, inner: float) -> Piece:
    def marks(x: float, y: float) -> Iterator[Mark]:
        yield Mark(f"facts{index}", "title", (Text(x, y, text, theme.fonts.block, theme.faint),))

    return Piece(inner, theme.fonts.block * LEADING + 2, marks)


def _main_piece(placed: PlacedPanel, theme: Theme, inner: float) -> Piece:
    """The first panel, in the middle of the page where it has no title."""
    piece = _panel_piece(placed, 0, theme)
    return piece if placed.panel.title else centred(piece, inner)


def _detail_forms(panels: Sequence[PlacedPanel], theme: Theme, inner: float, first: int) -> Iterator[tuple[Piece, ...]]:
    """Each panel, with its table beside it or below it, in the forms that fit the page."""
    for index, panel in enumerate(panels[first:], first):
        piece = _panel_piece(panel, index, theme)
        if panel.panel.table is None:
            narrow = _panel_piece(panel, index, theme, least=_NARROW)
            yield (piece, narrow) if narrow.width < piece.width else (piece,)
            continue
        tables = list(table_forms(panel.panel.table, index, theme, inner))
        beside = [row_of([piece, table]) for table in tables]
        below = [column_of([piece, table]) for table in tables]
        yield (*(form for form in beside if form.width <= inner), *below)


def _panel_piece(placed: PlacedPanel, index: int, theme: Theme, *, least: float = _SUBTITLE) -> Piece:
    """A panel with its title, and the names of its levels at the left; a line below the title may be `least` wide."""
    fonts = theme.fonts
    head = fonts.panel * LEADING + 4 if placed.panel.title else 0.0
    title_width = width(placed.panel.title, fonts.panel, bold=True) + 6
    least = _NARROW if placed.panel.runs_down else least
    lines = wrapped(placed.panel.subtitle, max(placed.width, least), fonts.counts, title_width)
    head += fonts.counts * LEADING * (len(lines) - 1) if lines else 0.0
    said = [width(line, fonts.counts) + (0 if index else title_width) for index, line in enumerate(lines)]

    def marks(x: float, y: float) -> Iterator[Mark]:
        if placed.panel.title:
            baseline = y + fonts.panel * CAPITALS
            name = Text(x, baseline, placed.panel.title, fonts.panel, theme.ink, bold=True)
            texts = [name]
            for number, line in enumerate(lines):
                start = x if number else x + title_width
                texts.append(Text(start, baseline + number * fonts.counts * LEADING, line, fonts.counts, theme.faint))
            yield Mark(f"panel{index}", "title", tuple(texts))
        yield from level_marks(placed, x, y + head, theme)
        yield from _panel(placed, index, x, y + head, theme)

    return Piece(max(placed.width, *said, 0.0, 0.0), head + placed.height, marks)


def _panel(panel: PlacedPanel, index: int, x: float, y: float, theme: Theme) -> Iterator[Mark]:
    prefix = f"panel{index}-" if index else ""
    for number, frame in enumerate(panel.frames):
        yield frame_mark(frame, f"{prefix}frame{number}", x, y, theme)
    names = {box.box.id: f"{prefix}{identifier(box.box.id)}" for box in panel.boxes}
    boxes = list(_box_marks(panel, names, x, y, theme, main=not index))
    solid = any(box.box.form == "volume" for box in panel.boxes)  # lines begin on a face of theirs
    if solid:
        yield from boxes
    labelled = any(route.edge.label for route in panel.routes)
    fixed = (line_pieces(panel.routes, x, y), border_pieces(panel.frames, x, y), _rooms(panel, x, y, theme))
    beyond = ((-inf, -inf, x, inf), (x + panel.width, -inf, inf, inf))  # names of lines stay on the page
    obstacles = [*beyond, *chain.from_iterable(fixed)] if labelled else []
    for route in sorted(panel.routes, key=lambda route: (route.edge.kind == "flow", not route.edge.train_only)):
        moved = tuple((px + x, py + y) for px, py in route.points)
        name = f"{names[route.edge.tail]}--{names[route.edge.head]}"
        mark = edge_mark(route, moved, name, theme, obstacles)
        obstacles += labels(mark)
        yield mark
    if not solid:
        yield from boxes


def _box_marks(
    panel: PlacedPanel, names: Mapping[str, str], x: float, y: float, theme: Theme, *, main: bool
) -> Iterator[Mark]:
    """The marks of the boxes; those of the `main` panel are known by their paths."""
    for box in panel.boxes:
        moved = PlacedBox(box.box, box.size, box.x + x, box.y + y)
        kind = f"box {box.box.kind}"
        yield Mark(
            names[box.box.id],
            kind,
            tuple(shapes(moved, theme)),
            box.box.note,
            box.box.source,
            box.box.id if main else "",
        )


def _rooms(panel: PlacedPanel, x: float, y: float, theme: Theme) -> Iterator[tuple[float, float, float, float]]:
    """The room that each box takes with what is written above and below it, moved by (x, y)."""
    for placed in panel.boxes:
        if placed.box.upright:
            left, top, right, bottom = room(placed, theme.fonts)
            yield x + left, y + top, x + right, y + bottom
            continue
        half = max(placed.size.width, caption_width(placed.box, theme.fonts)) / 2
        item = box_item(placed.box, placed.size, theme.fonts)
        yield x + placed.x - half, y + placed.y - item.above, x + placed.x + half, y + placed.y + item.below
