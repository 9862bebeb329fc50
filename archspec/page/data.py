"""Page data: a Page as the numbers and texts that the page's script reads. `page/model.js` is its reader.

Every block is laid out by itself with all in it closed; the script stretches these sheets where blocks open. What is
equal is written once: glyphs, sheets, words. Shapes carry the number of a paint, so that both themes share them.

    measures label, unit and total of what is measured besides params and MACs; `figures` holds it for each item
    heats    label, unit and larger units of what boxes can be coloured by besides; `amounts` holds it for each item
    marks    of a difference, for each item: look, words, the item that corresponds (-1 for none), paint of its frame
    groups   title and items of the frames that the spec asks for
    items    boxes and blocks in the order of the flow, each block before what is in it
    blocks   for each, its item (-1 for the whole), sheets, items, sources of its lines, title and the title's width
    sheets   rows, spots and lines; they name items and sources by their place in the block's lists, -1 is outside; a
             source is an item, or has a number behind all items where it is one of several outputs
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import sqrt
from typing import TypeAlias

from archspec.figure.diagram import Edge, EdgeKind, level_row
from archspec.figure.look.heat import STEPS
from archspec.figure.look.typeface import width
from archspec.figure.place.arrow import ARROW
from archspec.figure.place.blocks import lay_out_sheet
from archspec.figure.place.compose import CORNER
from archspec.figure.place.nest import nest
from archspec.figure.place.sheet import OUTSIDE, Container, Item, Line, Sheet, Spot
from archspec.figure.place.sizes import box_item, box_size
from archspec.measures.words import SCALES
from archspec.page.page import Entry, Page
from archspec.page.shapes import Glyph, Paints, Pair, glyph, number

Json: TypeAlias = "str | int | float | Sequence[Json] | Mapping[str, Json]"

_OUTSIDE = -1
_KINDS: tuple[EdgeKind, ...] = ("flow", "residual", "skip")
_ENTRY_KINDS = ("op", "block", "input", "output")
_NARROWEST = 640.0  # points; blocks are laid out in rows of this width or more
_ASPECT = 1.7  # of what needs many rows
_ROOM = 18.0  # beside and below an item, about
_NARROWER = (1.4, 2.0, 3.0, 5.0, 8.0)  # parts of its width on which a block is laid out in more rows
_ROOMS = (1100.0, 700.0, 450.0, 300.0)  # widths in which blocks are cut into rows by what is open in them at first
_FEW = 100  # items of a network without blocks that are laid out for narrow windows too; more do not read there


class Words:
    """Texts by number, each once."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        """The number of a text."""
        return self.numbers.setdefault(text, len(self.numbers))


class PageData:
    """The data of one page as JSON; `pairs` are the paints that it speaks of."""

    def __init__(self, page: Page) -> None:
        light, dark = page.light, page.dark
        self._page = page
        self._paints, self._words, self._glyphs, self._sheets = Paints(), Words(), Words(), Words()
        self._looks = Words()
        self._open: dict[str, float] = {}  # the widths that blocks have which are open at first, about
        self._boxes = {box.id: box for box in (*light.panel.boxes, *light.closed.values())}
        self._dark_boxes = {box.id: box for box in (*dark.panel.boxes, *dark.closed.values())}
        self._dark_edges = dict(zip(light.panel.edges, dark.panel.edges, strict=True))
        self._titles = {group.id: group.title for group in light.panel.groups}
        self._containers = nest(light.panel)
        self._order = list(_preorder(self._containers))
        self._index = {item: index for index, item in enumerate(self._order)} | {"": _OUTSIDE}
        self._sources = {item: index for index, item in enumerate(self._order)}
        self.json = dumped(self._made())
        self.pairs: tuple[Pair, ...] = tuple(self._paints.numbers)

    def _made(self) -> dict[str, Json]:
        page = self._page
        fonts = page.themes[0].fonts
        frame, other = (theme.frame for theme in page.themes)
        frames = [self._paints(replace(frame, dashed=d), replace(other, dashed=d)) for d in (False, True)]
        made: dict[str, Json] = {
            "title": page.title,
            "variant": page.variant,
            "doc": page.doc,
            "inputs": page.inputs,
            "params": page.params,
            "macs": page.macs,
            "training": page.training,
            "footnote": page.footnote,
            "scheme": page.scheme,
            "fonts": [fonts.block, fonts.detail, fonts.counts],
            "arrow": ARROW,
            "corner": CORNER,
            "frames": frames,
            "facts": page.facts,
            **self._measured(),
            "looks": [],
            "marks": list(self._marks()),
            "legend": [[key.label, key.sample, self._paints(key.paint, same.paint)] for key, same in page.legend],
            "sources": [[source.name, source.text] for source in page.sources],
            "items": list(self._items()),
            "blocks": [self._block(container) for container in self._containers.values()],
            "groups": [[title, [self._index[item] for item in inside]] for title, inside in page.groups],
            "opened": [self._index[name] for name in page.opened],
            "entries": [self._entry(entry) for entry in page.entries],
        }
        made["looks"] = list(self._looks.numbers)
        made["glyphs"] = [json.loads(text) for text in self._glyphs.numbers]
        made["sheets"] = [json.loads(text) for text in self._sheets.numbers]
        made["words"] = list(self._words.numbers)
        return made

    def _measured(self) -> dict[str, Json]:
        """What is measured besides params and MACs: in columns, and as colours."""
        page = self._page
        return {
            "measures": [[each.label, each.unit, total] for each, total in page.measures],
            "figures": [page.figures[item] for item in self._order] if page.figures else [],
            "heats": [[each.label, each.unit, SCALES.get(each.shown, ())] for each in page.heats],
            "amounts": [page.amounts[item] for item in self._order] if page.heats else [],
            "steps": STEPS,
            "heat": page.heat,
        }

    # -- items and entries --------------------------------------------------------------------------------------------

    def _items(self) -> Iterator[Json]:
        parents = {item: name for name, container in self._containers.items() for item in container.items}
        for item in self._order:
            drawn: Glyph = glyph(self._boxes[item], self._dark_boxes[item], self._page.themes, self._paints)
            words = self._words(self._page.light.words[item])
            yield [self._index[parents[item]], self._glyphs(dumped(drawn)), words]

    def _marks(self) -> Iterator[Json]:
        for item in self._order if self._page.marks else ():
            mark = self._page.marks[item]
            partner = self._index[mark.partner]
            yield [self._looks(mark.look), self._words(mark.words), partner, self._paints(*mark.frames)]

    def _entry(self, entry: Entry) -> Json:
        place, definition = entry.place, entry.definition
        return [
            entry.path,
            self._index[entry.item],
            _ENTRY_KINDS.index(entry.kind),
            self._words(entry.type),
            self._words(entry.settings),
            self._words(entry.doc),
            self._words(entry.shape),
            entry.params,
            entry.macs,
            int(entry.train_only),
            *(place.source, place.line, place.end_line),
            *((definition.source, definition.line, definition.end_line) if definition != place else ()),
        ]

    # -- blocks -------------------------------------------------------------------------------------------------------

    def _block(self, container: Container) -> Json:
        fonts = self._page.themes[0].fonts
        items = {name: self._item(name) for name in container.items}
        sheets = self._laid_out(container, items)
        sources = list(dict.fromkeys(link.source for link in container.links))
        title, counts = "", ""
        if container.id:
            title, counts = self._titles[container.id], self._boxes[container.id].counts
        return [
            self._index[container.id],
            [self._sheets(dumped(self._sheet(container, items, sheet, sources))) for sheet in sheets],
            [self._index[name] for name in container.items],
            [self._sources.setdefault(name, len(self._sources)) for name in sources],
            title,
            counts,
            number(width(title, fonts.detail, bold=True) + width(counts, fonts.counts)),
        ]

    def _laid_out(self, container: Container, items: Mapping[str, Item]) -> list[Sheet]:
        """The sheet of a block, and narrower ones with more rows: for narrow windows, and where much in it is open."""
        levels = self._levels(container)
        room = _width(items.values())
        sheets = [lay_out_sheet(container, items, width=room, levels=levels)]
        opens = not self._containers.keys().isdisjoint(container.items)
        outermost = not container.id and len(items) <= _FEW
        grown = {name: self._open[name] for name in container.items if name in self._open}
        if levels is None and (opens or outermost):
            room = min(room, sheets[0].width)
            for part in _NARROWER:
                narrower = lay_out_sheet(container, items, width=room / part)
                if len(narrower.rows) > len(sheets[-1].rows):
                    sheets.append(narrower)
            rooms = _ROOMS if grown else ()
            sheets += [lay_out_sheet(container, items, width=room, grown=grown) for room in rooms]
        if container.id in self._page.opened:
            more = sum(width - items[name].width for name, width in grown.items())
            self._open[container.id] = min(sheets[0].width + more, _ROOMS[0])
        return sheets

    def _item(self, name: str) -> Item:
        fonts = self._page.themes[0].fonts
        box = self._boxes[name]
        return box_item(box, box_size(box, fonts), fonts)

    def _levels(self, container: Container) -> dict[str, int] | None:
        """The level of each item where a skip passes what is coarser than its ends: an encoder and its decoder."""
        rows = {name: level_row(self._boxes[name]) for name in container.items}
        deepest = _Deepest([rows[name] for name in container.items])
        place = {name: index for index, name in enumerate(container.items)}
        for link in container.links:
            if link.edge.kind != "flow" and not link.edge.train_only and OUTSIDE not in (link.tail, link.head):
                ends = max(rows[link.tail], rows[link.head])
                if deepest.between(place[link.tail] + 1, place[link.head]) > ends:
                    return rows
        return None

    def _sheet(self, container: Container, items: Mapping[str, Item], sheet: Sheet, sources: Sequence[str]) -> Json:
        place = {name: index for index, name in enumerate(container.items)} | {OUTSIDE: _OUTSIDE}
        source = {name: index for index, name in enumerate(sources)}
        return [
            *map(number, (sheet.width, sheet.height, sheet.axis_in)),
            [
                [
                    number(row.top),
                    number(row.bottom),
                    [[number(left), number(right)] for left, right in row.columns],
                    [[number(lane.top), number(lane.axis), number(lane.bottom)] for lane in row.lanes],
                ]
                for row in sheet.rows
            ],
            [_spot(sheet.spots[name], items[name]) for name in container.items],
            [self._line(line, place, source) for line in sheet.lines],
            [[source[name], number(y)] for name, y in sheet.entries.items()],
            [[source[name], number(y)] for name, y in sheet.exits.items()],
        ]

    def _line(self, line: Line, place: Mapping[str, int], source: Mapping[str, int]) -> Json:
        link = line.link
        return [
            place[link.tail],
            place[link.head],
            source[link.source],
            _KINDS.index(link.edge.kind),
            self._stroke(link.edge),
            link.edge.label if link.head == link.edge.head else "",
            *(number(value) for point in line.points for value in point),
        ]

    def _stroke(self, edge: Edge) -> int:
        other = self._dark_edges[edge]
        dashed = edge.train_only
        return self._paints(replace(edge.paint, dashed=dashed), replace(other.paint, dashed=dashed))


class _Deepest:
    """The deepest of a stretch of levels, looked up in a table of stretches whose lengths are powers of two."""

    def __init__(self, levels: Sequence[int]) -> None:
        self._table = [list(levels)]
        span = 1
        while 2 * span <= len(levels):
            last = self._table[-1]
            self._table.append([max(last[i], last[i + span]) for i in range(len(last) - span)])
            span *= 2

    def between(self, start: int, end: int) -> int:
        """The deepest from `start` to before `end`; -1 where that is empty."""
        if start >= end:
            return -1
        row = (end - start).bit_length() - 1
        return max(self._table[row][start], self._table[row][end - (1 << row)])


def dumped(value: Json) -> str:
    """`value` as JSON that may stand inside a `<script>`: no text in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _preorder(containers: Mapping[str, Container]) -> Iterator[str]:
    """All items in the order of the flow, each block before what is in it."""
    stack = list(reversed(containers[""].items))
    while stack:
        item = stack.pop()
        yield item
        if item in containers:
            stack.extend(reversed(containers[item].items))


def _width(items: Iterable[Item]) -> float:
    """How wide the rows of a block are: wider where there is much in it, so that it is no strip."""
    area = sum((item.width + _ROOM) * (item.above + item.below + _ROOM) for item in items)
    return max(_NARROWEST, sqrt(_ASPECT * area))


def _spot(spot: Spot, item: Item) -> Json:
    bar = item.form == "bar"
    reaches = bar and (spot.above, spot.below) != (item.above, item.below)  # over several lanes
    below = item.above if bar and not reaches else spot.below  # of a bar without its captions
    place = spot.x, spot.axis, item.width, spot.above, below, max(item.label, item.width)
    return [*map(number, place), spot.row, spot.column, spot.lane, int(reaches)]
