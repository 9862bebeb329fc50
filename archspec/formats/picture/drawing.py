"""Drawing: from a Diagram to the shapes of a Scene.

title line
the network's panel
panels of its blocks, side by side where the page is wide enough
legend
footnotes
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count, pairwise
from math import hypot
from re import sub

from archspec.formats.picture.placed import Frame, PlacedBox, PlacedPanel, Route
from archspec.formats.picture.placement import lay_out
from archspec.formats.picture.rows import PAGE
from archspec.formats.picture.scene import Circle, Curve, Mark, Point, Polygon, Rectangle, Scene, Shape, Text
from archspec.formats.picture.sizes import STACK
from archspec.formats.picture.typeface import BLOCK, CAPITALS, COUNTS, DETAIL, LEADING, PANEL, TITLE, width
from archspec.views.figure import Diagram, Key, Panel
from archspec.views.theme import Paint, Theme

MARGIN = 10.0
SPACE = 10.0  # between the parts of the page
ARROW = (5.0, 3.6)  # length and width of an arrowhead


def draw(diagram: Diagram) -> Scene:
    """The whole page.

    Raises:
        DrawError: no layout within the time limit.
    """
    theme = diagram.theme
    placed = lay_out(diagram)
    inner = max(PAGE - 2 * MARGIN, *(panel.width for panel in placed))
    marks: list[Mark] = [_title(diagram)]
    y = MARGIN + TITLE * LEADING + SPACE
    for row in _side_by_side(placed, inner):
        x = MARGIN
        height = 0.0
        for index, panel in row:
            head = PANEL * LEADING + 5 if panel.panel.title else 0.0
            if panel.panel.title:
                marks.append(_panel_title(panel.panel, index, x, y, theme))
            indent = (inner - panel.width) / 2 if index == 0 else 0.0
            marks += _panel(panel, index, x + indent, y + head, theme)
            height = max(height, head + panel.height)
            x += panel.width + 2 * SPACE
        y += height + SPACE
    y += 2
    for mark, bottom in _legend(diagram.legend, theme, inner, y):
        marks.append(mark)
        y = bottom
    for line in _wrapped(diagram.footnotes, inner):
        y += COUNTS * LEADING
        marks.append(Mark("", "footnote", (Text(MARGIN, y, line, COUNTS, theme.faint),)))
    title = " · ".join((diagram.title, *diagram.facts))
    return Scene(title, diagram.description, inner + 2 * MARGIN, y + MARGIN, theme, tuple(marks))


def _side_by_side(placed: Sequence[PlacedPanel], inner: float) -> list[list[tuple[int, PlacedPanel]]]:
    """The first panel alone, the others as many in a row as fit."""
    rows: list[list[tuple[int, PlacedPanel]]] = [[(0, placed[0])]]
    used = inner
    for index, panel in enumerate(placed[1:], 1):
        if used + panel.width > inner:
            rows.append([])
            used = 0.0
        rows[-1].append((index, panel))
        used += panel.width + 2 * SPACE
    return rows


def _title(diagram: Diagram) -> Mark:
    baseline = MARGIN + TITLE * CAPITALS
    theme = diagram.theme
    name = Text(MARGIN, baseline, diagram.title, TITLE, theme.ink, bold=True)
    after = MARGIN + width(diagram.title, TITLE, bold=True) + 8
    return Mark("title", "title", (name, Text(after, baseline, " · ".join(diagram.facts), BLOCK, theme.faint)))


def _panel_title(panel: Panel, index: int, x: float, y: float, theme: Theme) -> Mark:
    baseline = y + PANEL * CAPITALS
    name = Text(x, baseline, panel.title, PANEL, theme.ink, bold=True)
    after = x + width(panel.title, PANEL, bold=True) + 6
    return Mark(f"panel{index}", "title", (name, Text(after, baseline, panel.subtitle, DETAIL, theme.faint)))


def _panel(panel: PlacedPanel, index: int, x: float, y: float, theme: Theme) -> Iterator[Mark]:
    prefix = f"panel{index}-" if index else ""
    for number, frame in enumerate(panel.frames):
        yield _frame(frame, f"{prefix}frame{number}", x, y, theme)
    names = {box.box.id: f"{prefix}{_identifier(box.box.id)}" for box in panel.boxes}
    for route in sorted(panel.routes, key=lambda route: route.edge.kind != "flow"):
        moved = tuple((px + x, py + y) for px, py in route.points)
        yield _edge(route, moved, f"{names[route.edge.tail]}--{names[route.edge.head]}")
    for box in panel.boxes:
        moved_box = PlacedBox(box.box, box.size, box.x + x, box.y + y)
        kind = f"box {box.box.kind}"
        yield Mark(names[box.box.id], kind, tuple(_box(moved_box, theme)), box.box.note, box.box.source)


def _identifier(path: str) -> str:
    """`path` as an XML id that tells different paths apart."""
    return sub(
        r"[^A-Za-z0-9_.-]", lambda match: {"/": ".", "@": "-"}.get(match[0], f"-{ord(match[0]):x}-"), f"b-{path}"
    )


def _frame(frame: Frame, name: str, x: float, y: float, theme: Theme) -> Mark:
    paint = replace(frame.group.paint, dashed=frame.group.train_only)
    rectangle = Rectangle(x + frame.x, y + frame.y, frame.width, frame.height, 4, paint)
    label = Text(x + frame.x + 5, y + frame.y + DETAIL + 2, frame.group.title, DETAIL, theme.faint)
    return Mark(name, "frame", (rectangle, label), frame.group.id)


def _edge(route: Route, points: tuple[Point, ...], name: str) -> Mark:
    paint = replace(route.edge.paint, dashed=route.edge.train_only)
    line, head = _arrow(points, paint)
    shapes: list[Shape] = [Curve(line, paint), head]
    if route.edge.label:
        (x0, y0), (x1, y1) = max(pairwise(points), key=lambda pair: abs(pair[1][0] - pair[0][0]))
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        shapes.append(Text(x, y - 3, route.edge.label, COUNTS, paint.stroke, anchor="middle"))
    return Mark(name, f"edge {route.edge.kind}", tuple(shapes))


def _arrow(points: tuple[Point, ...], paint: Paint) -> tuple[tuple[Point, ...], Polygon]:
    """The line shortened by its arrowhead, and the arrowhead: a polygon, since converters drop markers."""
    length, breadth = ARROW
    x, y = points[-1]
    before = next((p for p in reversed(points[:-1]) if hypot(p[0] - x, p[1] - y) > 1), points[0])
    distance = hypot(x - before[0], y - before[1]) or 1.0
    ux, uy = (x - before[0]) / distance, (y - before[1]) / distance
    base = (x - ux * length, y - uy * length)
    side = (-uy * breadth / 2, ux * breadth / 2)
    head = ((x, y), (base[0] + side[0], base[1] + side[1]), (base[0] - side[0], base[1] - side[1]))
    near = [p if hypot(p[0] - x, p[1] - y) > length else base for p in points[:-1]]
    return (*near, (x - ux * length * 0.8, y - uy * length * 0.8)), Polygon(head, Paint(paint.stroke, "none"))


def _box(placed: PlacedBox, theme: Theme) -> Iterator[Shape]:
    box, size = placed.box, placed.size
    x, y = placed.x, placed.y
    paint = replace(box.paint, dashed=box.train_only)
    if box.kind == "add":
        radius = size.width / 2
        yield Circle(x, y, radius, replace(paint, fill=theme.background, stroke=theme.ink))
        for dx, dy in ((radius * 0.55, 0.0), (0.0, radius * 0.55)):
            ends = (x - dx, y - dy), (x + dx, y + dy)
            yield Curve((ends[0], ends[0], ends[1], ends[1]), Paint("none", theme.ink, 0.9))
    else:
        yield from _outline(placed, paint)
    if box.kind == "concat":
        pass
    elif box.kind != "add":
        yield from _lines(placed, theme)
    yield from _captions(placed, theme)
    if box.repeat > 1:
        yield from _pill(f"×{box.repeat}", x + size.width / 2, y - size.height / 2, theme)


def _outline(placed: PlacedBox, paint: Paint) -> Iterator[Shape]:
    box, (x, y) = placed.box, (placed.x, placed.y)
    w, h, h_in = placed.size.width, placed.size.height, placed.size.height_in
    if box.kind in ("down", "up"):
        corners = ((-w, -h_in), (w, -h), (w, h), (-w, h_in))
        yield Polygon(tuple((x + dx / 2, y + dy / 2) for dx, dy in corners), paint)
        return
    if box.repeat > 1:
        for card in (2, 1):
            shift = card * STACK
            yield Rectangle(x - w / 2 + shift, y - h / 2 - shift, w, h, 3, paint)
    radius = {"concat": 2, "input": 8, "output": 8}.get(box.kind, 3)
    heavy = replace(paint, width=1.3) if box.kind == "block" else paint
    yield Rectangle(x - w / 2, y - h / 2, w, h, radius, heavy)


def _lines(placed: PlacedBox, theme: Theme) -> Iterator[Text]:
    """Title and details, centred in the box."""
    box = placed.box
    total = BLOCK * LEADING + len(box.details) * DETAIL * LEADING
    y = placed.y - total / 2 + (BLOCK * (LEADING + CAPITALS)) / 2
    yield Text(placed.x, y, box.title, BLOCK, theme.ink, bold=True, anchor="middle")
    for line in box.details:
        y += DETAIL * LEADING
        yield Text(placed.x, y, line, DETAIL, theme.ink, anchor="middle")


def _captions(placed: PlacedBox, theme: Theme) -> Iterator[Text]:
    box, size = placed.box, placed.size
    y = placed.y + max(size.height, size.height_in) / 2 + 1.5
    for line, color in ((box.counts, theme.faint), (box.shape, theme.ink)):
        if line:
            y += COUNTS * LEADING - 0.4
            yield Text(placed.x, y, line, COUNTS, color, anchor="middle")


def _pill(text: str, x: float, y: float, theme: Theme) -> Iterator[Shape]:
    """The count of a repeat on the upper right corner of its box."""
    w, h = width(text, COUNTS, bold=True) + 6, COUNTS + 2.4
    left = x - w + 5
    yield Rectangle(left, y - h / 2 - 2, w, h, h / 2, Paint(theme.pill.fill, "none"))
    middle = y - 2 + COUNTS * CAPITALS / 2
    yield Text(left + w / 2, middle, text, COUNTS, theme.pill.stroke, bold=True, anchor="middle")


def _legend(keys: Iterable[Key], theme: Theme, inner: float, top: float) -> Iterator[tuple[Mark, float]]:
    """Each key with the height at which the page goes on."""
    x, y = MARGIN, top
    numbers = count()
    for key in keys:
        taken = 14 + 4 + width(key.label, DETAIL)
        if x + taken > inner + MARGIN:
            x, y = MARGIN, y + DETAIL * 1.8
        sample = _sample(key, x, y + DETAIL / 2)
        label = Text(x + 18, y + DETAIL * (1 + CAPITALS) / 2, key.label, DETAIL, theme.ink)
        yield Mark(f"key{next(numbers)}", "key", (*sample, label)), y + DETAIL + 5
        x += taken + 14


def _sample(key: Key, x: float, y: float) -> Iterator[Shape]:
    if key.sample == "edge":
        line, head = _arrow(((x, y), (x + 5, y), (x + 9, y), (x + 14, y)), key.paint)
        yield Curve(line, key.paint)
        yield head
        return
    if key.sample == "stack":
        yield Rectangle(x + 3.5, y - 4.5, 10, 7, 1.5, key.paint)
    paint = replace(key.paint, dashed=key.sample == "dashed")
    yield Rectangle(x + 2, y - 3.5 + (0.5 if key.sample == "stack" else 0), 10, 7, 1.5, paint)


def _wrapped(sentences: Sequence[str], inner: float) -> Iterator[str]:
    """Sentences as lines no wider than the page."""
    line = ""
    for word in " ".join(sentences).split(" "):
        longer = f"{line} {word}" if line else word
        if line and width(longer, COUNTS) > inner:
            yield line
            longer = word
        line = longer
    if line:
        yield line
