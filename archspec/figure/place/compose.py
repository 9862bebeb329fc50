"""Compose: a Panel laid out block by block, the innermost first, and put together in one system of coordinates."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from archspec.figure.diagram import Box, Edge, Group, Panel, level_row
from archspec.figure.look.theme import Fonts
from archspec.figure.place.blocks import lay_out_sheet
from archspec.figure.place.cabinet import SCALES, rescaled
from archspec.figure.place.level_names import name_widths
from archspec.figure.place.lines import Point, rounded
from archspec.figure.place.nest import around, crossed, nest
from archspec.figure.place.placed import Frame, PlacedBox, PlacedPanel, Route
from archspec.figure.place.row_frames import HEADING, PAD, members, row_frames, whole_frames, with_frame
from archspec.figure.place.scales.frames import framed_items, in_frames, run_frames
from archspec.figure.place.scales.layout import lay_out_scales
from archspec.figure.place.sheet import Container, Item, Sheet
from archspec.figure.place.sizes import Size, box_item, box_size
from archspec.figure.place.upright import turned, upright_frame, upright_item, upright_size
from archspec.values.dataclass import dataclass

CORNER = 3.5
FONTS = Fonts()
_BESIDE = 0.25  # of the page, for what stands before and behind an open block
_TRIES = 12
_LESS = (2.0, 4.0, 8.0, 16.0, 32.0)  # points that boxes leave to lines round the ends of rows, where these stick out


@dataclass(frozen=True, slots=True)
class _Placed:
    """A container's sheet and where its corner stands on the page."""

    sheet: Sheet
    x: float
    y: float


@lru_cache(maxsize=128)  # of pictures that are tried, compared, found to fit and drawn
def lay_out_blocks(panel: Panel, *, width: float, fill: bool = False, fonts: Fonts = FONTS) -> PlacedPanel:
    """`panel` in rows no wider than `width`, where each box is narrower than that.

    Solids are as large as one row of them, or one row for each level, can be. n log n in boxes and edges, times the
    nesting of blocks.
    """
    if any(box.solid for box in panel.boxes):
        for scale in SCALES:
            scaled = rescaled(panel, scale)
            if _lay_out(scaled, float("inf"), False, fonts).width <= width:
                return _lay_out(scaled, width, fill, fonts)
    made = _lay_out(panel, width, fill, fonts)
    if made.width <= width or panel.arrangement != "rows":
        return made
    tries = (_lay_out(panel, width - less, fill, fonts) for less in _LESS)
    return next((narrower for narrower in tries if narrower.width <= width), made)


def _lay_out(panel: Panel, width: float, fill: bool, fonts: Fonts) -> PlacedPanel:
    by_level, upright = panel.arrangement == "levels", panel.runs_down
    groups = () if by_level else whole_frames(panel)
    containers = nest(panel, groups)
    boxes = {box.id: box for box in panel.boxes}
    size_of, item_of = (upright_size, upright_item) if upright else (box_size, box_item)
    sizes = {box.id: size_of(box, fonts) for box in panel.boxes}
    items: dict[str, Item] = {box.id: item_of(box, sizes[box.id], fonts) for box in panel.boxes}
    labels = {name: item.label for name, item in items.items()}
    framing = _Framing({group.id: group for group in groups}, fonts, upright, members(panel, groups))
    if by_level:
        levels = {box.id: level_row(box) for box in panel.boxes}
        items |= framed_items(panel, items, levels, fonts)
        frames = tuple(map(frozenset, in_frames(panel).values()))
        names = name_widths(panel, fonts)
        sheets = {
            "": lay_out_scales(containers[""], items, levels, names, width=width, frames=frames, folded=panel.folded)
        }
    else:
        items |= {name: with_frame(items[name], fonts) for name in framing.held.intersection(boxes)}
        sheets = _sheets(containers, items, framing, width=width, fill=fill)
    placed = _absolute(containers, sheets, framing.lead)
    laid = {name: Size(items[name].width, 2 * items[name].above, 2 * items[name].above) for name in boxes}
    stand = tuple(_boxes(containers, placed, boxes, laid if upright else sizes, items))
    made = PlacedPanel(
        panel,
        stand,
        tuple(_routes(panel, groups, placed)),
        tuple(
            run_frames(panel, stand, items, labels, fonts)
            if by_level
            else _frames(panel, containers, placed, items, framing)
        ),
        sheets[""].width,
        sheets[""].height,
    )
    return turned(made, sizes) if upright else made


@dataclass(frozen=True, slots=True)
class _Framing:
    """How frames stand round open blocks: `groups` by their ids, and what is written on them in `fonts`.

    `parts` are the frames that are drawn in parts, and what they hold.
    """

    groups: Mapping[str, Group]
    fonts: Fonts
    upright: bool
    parts: Mapping[str, Sequence[str]]

    @property
    def held(self) -> frozenset[str]:
        """The items that have room for the part of a frame round them."""
        return frozenset(item for held in self.parts.values() for item in held)

    @property
    def lead(self) -> float:
        """From where a frame begins, along the flow, to what is in it."""
        return PAD + self.fonts.detail + HEADING if self.upright else PAD

    def item(self, name: str, sheet: Sheet) -> Item:
        """The room that an open block takes, that for a frame in parts included."""
        made = self.frame(name, sheet)
        return with_frame(made, self.fonts) if name in self.held else made

    def frame(self, name: str, sheet: Sheet) -> Item:
        """The room that an open block takes with its own frame."""
        if not self.upright:
            return frame_item(name, sheet, self.fonts)
        group = self.groups[name]
        return upright_frame(name, group.title, group.repeat, sheet, PAD, self.lead, self.fonts)


def _sheets(
    containers: Mapping[str, Container], items: dict[str, Item], framing: _Framing, *, width: float, fill: bool
) -> dict[str, Sheet]:
    """Every container laid out, the innermost first; `items` gets the open blocks too.

    An open block that fills the page puts what is before it and what is behind it in rows of their own: it is tried in
    a narrower form, with room for these beside it, and that is taken where it is lower.
    """
    wide = dict(items)
    sheets = _sheets_within(containers, wide, framing, width=width, fill=fill, reserve=0.0)
    if len(containers) > 1 and len(sheets[""].rows) > 1 and not framing.upright:
        narrow = dict(items)
        beside = _sheets_within(containers, narrow, framing, width=width, fill=fill, reserve=_BESIDE * width)
        if beside[""].width <= width and beside[""].height < sheets[""].height:
            wide, sheets = narrow, beside
    items |= wide
    return sheets


def _sheets_within(
    containers: Mapping[str, Container],
    items: dict[str, Item],
    framing: _Framing,
    *,
    width: float,
    fill: bool,
    reserve: float,
) -> dict[str, Sheet]:
    """The same with `reserve` beside each open block; more where lines round its row need it."""
    depths = _depths(tuple(framing.groups.values()))
    sheets: dict[str, Sheet] = {}
    for _ in range(_TRIES):
        for name, container in containers.items():
            inner = width - (framing.lead + PAD + reserve) * depths[name]
            sheets[name] = lay_out_sheet(container, items, width=inner, fill=fill and not name, level=False)
            if name:
                items[name] = framing.item(name, sheets[name])
        excess = sheets[""].width - width
        if excess <= 0 or len(containers) == 1:
            break
        reserve += max(excess / max(depths.values()), 4.0)
    return sheets


def frame_item(name: str, sheet: Sheet, fonts: Fonts = FONTS) -> Item:
    """The room that an open block takes: its sheet, and the frame round it."""
    return Item(
        id=name,
        width=sheet.width + 2 * PAD,
        above=sheet.axis_in + fonts.detail + HEADING,
        below=sheet.height - sheet.axis_in + PAD,
        entries={source: y - sheet.axis_in for source, y in sheet.entries.items()},
        exits={source: y - sheet.axis_in for source, y in sheet.exits.items()},
    )


def _depths(groups: Sequence[Group]) -> dict[str, int]:
    parents = {group.id: group.parent for group in groups}
    depths = {"": 0}
    for group in groups:
        chain, name = [], group.id
        while name not in depths:
            chain.append(name)
            name = parents[name]
        for index, inner in enumerate(reversed(chain), 1):
            depths[inner] = depths[name] + index
    return depths


def _absolute(containers: Mapping[str, Container], sheets: Mapping[str, Sheet], lead: float) -> dict[str, _Placed]:
    """Every container in its place, from the outside in; `lead` is from where a frame begins to what is in it."""
    placed = {"": _Placed(sheets[""], 0.0, 0.0)}
    for name in reversed(tuple(containers)):
        outer = placed[name]
        for item in containers[name].items:
            if item in sheets:
                spot, inner = outer.sheet.spots[item], sheets[item]
                placed[item] = _Placed(inner, outer.x + spot.x + lead, outer.y + spot.axis - inner.axis_in)
    return placed


def _boxes(
    containers: Mapping[str, Container],
    placed: Mapping[str, _Placed],
    boxes: Mapping[str, Box],
    sizes: Mapping[str, Size],
    items: Mapping[str, Item],
) -> Iterator[PlacedBox]:
    for name in reversed(tuple(containers)):
        outer = placed[name]
        for item in containers[name].items:
            if item not in boxes:
                continue
            spot, size, room = outer.sheet.spots[item], sizes[item], items[item]
            y = outer.y + spot.axis
            if (spot.above + room.margins[0], spot.below + room.margins[1]) != (room.above, room.below):
                y += (spot.below - spot.above) / 2
                size = Size(size.width, spot.above + spot.below, spot.above + spot.below)
            yield PlacedBox(boxes[item], size, outer.x + spot.x + size.width / 2, y)


def _routes(panel: Panel, groups: Sequence[Group], placed: Mapping[str, _Placed]) -> Iterator[Route]:
    """Every edge's whole way, put together from its pieces in the containers that it passes."""
    ways = {
        (name, line.link.tail, line.link.head, line.link.source): line.points
        for name, outer in placed.items()
        for line in outer.sheet.lines
    }
    homes = around(panel, groups)
    corners: dict[Edge, list[Point]] = {}
    flows: dict[str, list[list[Point]]] = {}
    for edge in panel.edges:
        way: list[Point] = []
        for container, tail, head in crossed(edge, homes):
            outer = placed[container]
            way += [(x + outer.x, y + outer.y) for x, y in ways[container, tail, head, edge.source]]
        corners[edge] = _straightened(way)
        if edge.kind == "flow" and not edge.train_only:
            flows.setdefault(edge.source, []).append(corners[edge])
    for edge, way in corners.items():
        beside = () if edge.kind == "flow" and not edge.train_only else flows.get(edge.source, ())
        yield Route(edge, rounded(min([way, *(_parted(way, flow) for flow in beside)], key=len), CORNER))


def _parted(way: list[Point], flow: Sequence[Point]) -> list[Point]:
    """`way` from where it leaves `flow`: what they have in common is drawn once, as flow."""
    index = 0
    while index < min(len(way), len(flow)) and _near(way[index], flow[index]):
        index += 1
    if index == 0 or index >= len(way):
        return way
    if index < len(flow) and _between(way[index], flow[index - 1], flow[index]) and index + 1 < len(way):
        return way[index:]
    return way[index - 1 :]


def _near(one: Point, other: Point) -> bool:
    return abs(one[0] - other[0]) < 0.01 and abs(one[1] - other[1]) < 0.01


def _between(point: Point, start: Point, end: Point) -> bool:
    """Whether a point lies on a level or upright line."""
    (x, y), (x0, y0), (x1, y1) = point, start, end
    on_line = (abs(y - y0) < 0.01 and abs(y1 - y0) < 0.01) or (abs(x - x0) < 0.01 and abs(x1 - x0) < 0.01)
    return on_line and min(x0, x1) - 0.01 <= x <= max(x0, x1) + 0.01 and min(y0, y1) - 0.01 <= y <= max(y0, y1) + 0.01


def _straightened(corners: Sequence[Point]) -> list[Point]:
    """`corners` without those on a straight line between their neighbours."""
    kept: list[Point] = [corners[0]]
    for index in range(1, len(corners) - 1):
        (x0, y0), (x, y), (x1, y1) = kept[-1], corners[index], corners[index + 1]
        level = abs(y0 - y) < 0.01 and abs(y1 - y) < 0.01
        upright = abs(x0 - x) < 0.01 and abs(x1 - x) < 0.01
        if not level and not upright:
            kept.append((x, y))
    return [*kept, corners[-1]]


def _frames(
    panel: Panel,
    containers: Mapping[str, Container],
    placed: Mapping[str, _Placed],
    items: Mapping[str, Item],
    framing: _Framing,
) -> Iterator[Frame]:
    """Frames from the outside in."""
    yield from row_frames(panel, framing.parts, placed[""].sheet, items, framing.fonts)
    for name in reversed(tuple(containers)):
        if name:
            outer = placed[name]
            item = framing.frame(name, outer.sheet)
            top = outer.y + outer.sheet.axis_in - item.above
            yield Frame(framing.groups[name], outer.x - framing.lead, top, item.width, item.above + item.below)
