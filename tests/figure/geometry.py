"""What of a drawing can be measured: where boxes, edges and texts lie."""

from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise, product
from typing import Generic, TypeVar

from archspec.figure.diagram import Diagram
from archspec.figure.look.typeface import CAPITALS, width
from archspec.figure.place.drawing import draw, place
from archspec.figure.place.placed import PlacedPanel
from archspec.figure.scene import Circle, Curve, Mark, Polygon, Rectangle, Scene, Text

T = TypeVar("T")
Span = tuple[float, float, float, float]  # left, top, right, bottom


def faults(made: Diagram) -> list[str]:
    """All that is wrong with a drawing, in words."""
    scene = draw(made)
    found = [*_off_page(scene), *_small(scene), *_texts(scene), *_struck(scene)]
    for panel in place(made):
        found += [*_boxes(panel), *_crossings(panel), *_strangers(panel)]
    return found


def span(shape: Text | Rectangle | Circle | Polygon | Curve) -> Span:
    """The room that a shape takes."""
    if isinstance(shape, Text):
        long, high = width(shape.text, shape.size, bold=shape.bold), shape.size * CAPITALS
        before = {"start": 0.0, "middle": long / 2, "end": long}[shape.anchor]
        if shape.turned:
            return shape.x - high, shape.y - long + before, shape.x, shape.y + before
        return shape.x - before, shape.y - high, shape.x - before + long, shape.y
    if isinstance(shape, Rectangle):
        return shape.x, shape.y, shape.x + shape.width, shape.y + shape.height
    if isinstance(shape, Circle):
        return shape.x - shape.radius, shape.y - shape.radius, shape.x + shape.radius, shape.y + shape.radius
    xs, ys = [x for x, _ in shape.points], [y for _, y in shape.points]
    return min(xs), min(ys), max(xs), max(ys)


def overlap(one: Span, other: Span, slack: float = 0.05) -> bool:
    """Whether two spans have room in common."""
    return (
        one[0] + slack < other[2]
        and other[0] + slack < one[2]
        and one[1] + slack < other[3]
        and other[1] + slack < one[3]
    )


def _off_page(scene: Scene) -> Iterator[str]:
    for mark in scene.marks:
        for shape in mark.shapes:
            left, top, right, bottom = span(shape)
            if left < -0.01 or top < -0.01 or right > scene.width + 0.01 or bottom > scene.height + 0.01:
                yield f"{mark.id or mark.kind} leaves the page"


def _small(scene: Scene) -> Iterator[str]:
    for mark in scene.marks:
        for shape in mark.shapes:
            if isinstance(shape, Text) and shape.size < 5.5:
                yield f"{shape.text!r} is set in {shape.size} pt"


def _texts(scene: Scene) -> Iterator[str]:
    """Texts on each other, texts under what is drawn later, and texts on boxes that are not their own."""
    texts = [(mark, shape, span(shape)) for mark in scene.marks for shape in mark.shapes if isinstance(shape, Text)]
    texts = [entry for entry in texts if entry[1].text]
    texts.sort(key=lambda entry: entry[2][0])
    for index, (_, text, room) in enumerate(texts):
        for _, other, taken in texts[index + 1 :]:
            if taken[0] > room[2]:
                break
            if overlap(room, taken):
                yield f"{text.text!r} lies on {other.text!r}"
    for mark in scene.marks:
        for index, shape in enumerate(mark.shapes):
            later = (other for other in mark.shapes[index + 1 :] if isinstance(other, Rectangle))
            if isinstance(shape, Text) and any(overlap(span(shape), span(other)) for other in later):
                yield f"{shape.text!r} of {mark.id} is covered"
    boxes = _Map((mark, outline(mark)) for mark in scene.marks if mark.kind.startswith("box"))
    for mark, text, room in texts:
        for box, taken in boxes.near(room):
            if box is not mark and overlap(room, taken) and mark.kind != "frame":
                yield f"{text.text!r} of {mark.id} lies on {box.id}"


def outline(mark: Mark) -> Span:
    """The room that a box takes without its texts."""
    spans = [span(shape) for shape in mark.shapes if not isinstance(shape, Text)]
    if not spans:
        return 0.0, 0.0, 0.0, 0.0
    return min(s[0] for s in spans), min(s[1] for s in spans), max(s[2] for s in spans), max(s[3] for s in spans)


def sides(panel: PlacedPanel) -> dict[str, Span]:
    """Box id -> the room that the box takes."""
    return {
        box.box.id: (
            box.x - box.size.width / 2,
            box.y - max(box.size.height, box.size.height_in) / 2,
            box.x + box.size.width / 2,
            box.y + max(box.size.height, box.size.height_in) / 2,
        )
        for box in panel.boxes
    }


def _boxes(panel: PlacedPanel) -> Iterator[str]:
    rooms = sorted(sides(panel).items(), key=lambda entry: entry[1][0])
    for index, (name, room) in enumerate(rooms):
        for other, taken in rooms[index + 1 :]:
            if taken[0] > room[2]:
                break
            if overlap(room, taken):
                yield f"box {name} lies on box {other}"


def _strangers(panel: PlacedPanel) -> Iterator[str]:
    """Boxes that stand in a frame that is not theirs, or outside of their own."""
    rooms = sides(panel)
    groups = {box.box.id: box.box.groups for box in panel.boxes}
    parts: dict[str, list[Span]] = {}  # a frame over several rows may have one for each
    for frame in panel.frames:
        room = frame.x, frame.y, frame.x + frame.width, frame.y + frame.height
        parts.setdefault(frame.group.id, []).append(room)
    for group, frames in parts.items():
        for name, taken in rooms.items():
            if any(overlap(room, taken) for room in frames) != (group in groups[name]):
                yield f"box {name} stands wrong by frame {group}"


class _Map(Generic[T]):
    """Things by where they lie, for asking what is near without looking at everything."""

    CELL = 60.0  # points

    def __init__(self, things: Iterable[tuple[T, Span]]) -> None:
        self.cells: dict[tuple[int, int], list[tuple[int, T, Span]]] = {}
        for number, (thing, room) in enumerate(things):
            for cell in self._cells(room):
                self.cells.setdefault(cell, []).append((number, thing, room))

    def near(self, place: Span) -> Iterator[tuple[T, Span]]:
        """What lies in the cells of `place`, each once, in the order in which it was given."""
        found = {entry[0]: entry for cell in self._cells(place) for entry in self.cells.get(cell, ())}
        for number in sorted(found):
            yield found[number][1:]

    def _cells(self, room: Span) -> Iterator[tuple[int, int]]:
        left, top, right, bottom = (int(edge // self.CELL) for edge in room)
        return product(range(left, right + 1), range(top, bottom + 1))


def _crossings(panel: PlacedPanel) -> Iterator[str]:
    """Edges that run through boxes that they do not end in."""
    rooms = _Map(sides(panel).items())
    for route in panel.routes:
        corners = [route.points[0], *route.points[3::3]]
        for (x0, y0), (x1, y1) in pairwise(corners):
            line = min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
            for name, room in rooms.near(line):
                if name not in (route.edge.tail, route.edge.head) and _through(line, room):
                    yield f"{route.edge.kind} {route.edge.tail} -> {route.edge.head} runs through {name}"


def shared_stretches(made: Diagram) -> Iterator[str]:
    """Stretches of line that two values share: a reader cannot tell where each of them goes."""
    for panel in place(made):
        pieces = _Map(
            ((route.edge, (x0, y0, x1, y1)), (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
            for route in panel.routes
            for corners in [[route.points[0], *route.points[3::3]]]
            for (x0, y0), (x1, y1) in pairwise(corners)
            if x0 == x1 or y0 == y1  # fans are slanted
        )
        for entries in pieces.cells.values():
            for (_, (edge, _), one), (_, (other, _), two) in combinations(entries, 2):
                if edge.source != other.source and _along(one, two):
                    yield f"{edge.source} -> {edge.head} and {other.source} -> {other.head} share a line"


def _along(one: Span, two: Span, least: float = 1.5) -> bool:
    """Whether two level or upright lines lie on each other for more than a point and a half."""
    wide, high = (min(one[at + 2], two[at + 2]) - max(one[at], two[at]) for at in (0, 1))
    return (wide > least and abs(high) < 0.5) or (high > least and abs(wide) < 0.5)


def _through(line: Span, room: Span) -> bool:
    """Whether a level or upright line has a point strictly inside `room`."""
    return (
        line[0] < room[2] - 0.05
        and room[0] + 0.05 < line[2] + 0.1
        and line[1] < room[3] - 0.05
        and room[1] + 0.05 < line[3] + 0.1
        and line[2] > room[0] + 0.05
        and line[3] > room[1] + 0.05
    )


def _struck(scene: Scene) -> Iterator[str]:
    """Texts that an edge runs through."""
    shapes = [(mark, shape) for mark in scene.marks for shape in mark.shapes if isinstance(shape, Text)]
    texts = _Map(((mark, text), span(text)) for mark, text in shapes)
    for mark in scene.marks:
        if not mark.kind.startswith("edge"):
            continue
        for curve in (shape for shape in mark.shapes if isinstance(shape, Curve)):
            corners = [curve.points[0], *curve.points[3::3]]
            for (x0, y0), (x1, y1) in pairwise(corners):
                line = min(x0, x1) - 0.2, min(y0, y1) - 0.2, max(x0, x1) + 0.2, max(y0, y1) + 0.2
                for (owner, text), room in texts.near(line):
                    if owner is not mark and owner.kind != "frame" and overlap(line, room):
                        yield f"{mark.id} runs through {text.text!r} of {owner.id}"
