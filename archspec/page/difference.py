"""The page of a difference: both networks in one picture, one above the other, each item with what happened to it.

Each network is a block of the page, `before` and `after`, so that all that a page does holds for both: opening, search,
table, source. What corresponds knows its partner, and opens and is found with it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Literal, TypeAlias, TypeVar

from archspec.compare.changes import Comparison
from archspec.compare.table import Difference
from archspec.compare.words import headline, told_apart
from archspec.figure.diagram import Box, Group, Key
from archspec.figure.look.theme import LIGHT, Paint, Theme
from archspec.figure.what import captions
from archspec.figure.what.difference_figure import changed_totals, worth_opening
from archspec.figure.what.difference_marks import NAMES, Look, Mark, Marks, painted
from archspec.figure.what.difference_panels import BARE, marked_box, marked_edge
from archspec.graph.measured import value
from archspec.graph.network import Network
from archspec.graph.report import totals
from archspec.measures.known import shown_in
from archspec.page.entries import Entry, Sources, entries
from archspec.page.groups import groups
from archspec.page.page import Drawn, ItemMark, Page, amounts, drawn, footnote, heats, pair_of_themes
from archspec.page.parts import Picture
from archspec.values.dataclass import dataclass

_V = TypeVar("_V")
_Where: TypeAlias = Literal["before", "after"]
_BUDGET = 16  # boxes that are shown of each network at first
_QUIET: frozenset[Look] = frozenset({"same", "affected"})


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two networks.

    Attributes:
        where: the block of the page that it is.
        name: what tells it from the other.
        network: itself.
        drawn: its pictures, as they are on a page of its own.
        marks: what happened to what is in it.
    """

    where: _Where
    name: str
    network: Network
    drawn: Drawn
    marks: Marks

    def __call__(self, path: str) -> str:
        """What the page calls an item of this network; "" for none."""
        return f"{self.where}/{path}" if path else ""


def difference_page(
    compared: Comparison, difference: Difference, *, theme: str | Theme = LIGHT.name, depth: int | None = None
) -> Page:
    """The page of two networks. Linear in nodes and edges, times the nesting of blocks.

    Args:
        compared: the networks and what changed.
        difference: the table of the same.
        theme: the colours, or their name.
        depth: levels of blocks with changes inside that are open at first; None for as many as can be read.

    Raises:
        DrawError: the theme is unknown, or a network is too large for a page.
    """
    themes, scheme = pair_of_themes(theme)
    sides = _sides(compared, difference, themes)
    light, dark = (_both(sides, dark, each) for dark, each in enumerate(themes))
    sources = Sources()
    for side in sides:
        sources.index(side.network.graph.scopes[""].site.span)
    listed = tuple(chain.from_iterable(_entries(side, sources) for side in sides))
    inference, training = totals(compared.second)
    return Page(
        title=headline(difference),
        variant="",
        doc="",
        inputs=(),
        params=inference.params,
        macs=inference.macs,
        training=training.params,
        measures=(),
        figures={},
        footnote=_footnote(sides),
        scheme=scheme,
        light=light,
        dark=dark,
        themes=themes,
        legend=tuple(_legend(light, themes)),
        opened=tuple(_opened(compared, sides, light, depth)),
        entries=listed,
        sources=sources.known(),
        facts=tuple(_facts(difference)),
        marks=dict(_marked(compared, sides, light, themes)),
        heats=heats(),
        amounts=_merged(_amounts(side) for side in sides),
        groups=tuple(chain.from_iterable(groups(side.network.graph, listed, side) for side in sides)),
    )


def _sides(compared: Comparison, difference: Difference, themes: tuple[Theme, Theme]) -> tuple[_Side, _Side]:
    names = told_apart(difference)
    first = Marks(compared, second=False, apart=False)
    second = Marks(compared, second=True, apart=False)
    return (
        _Side("before", names[0], compared.first, drawn(compared.first, themes), first),
        _Side("after", names[1], compared.second, drawn(compared.second, themes), second),
    )


# -- pictures ---------------------------------------------------------------------------------------------------------


def _both(sides: Sequence[_Side], dark: int, theme: Theme) -> Picture:
    """Both networks as one picture, each in a block of its own."""
    parts = [_repainted(side, side.drawn.dark if dark else side.drawn.light, theme) for side in sides]
    panels = [part.panel for part in parts]
    return Picture(
        panel=replace(
            panels[1],
            boxes=tuple(box for panel in panels for box in panel.boxes),
            edges=tuple(edge for panel in panels for edge in panel.edges),
            groups=tuple(group for panel in panels for group in panel.groups),
            arrangement="rows",
        ),
        closed=_merged(part.closed for part in parts),
        words=_merged(part.words for part in parts),
    )


def _repainted(side: _Side, shown: Picture, theme: Theme) -> Picture:
    """The picture of one network in its block, painted by what happened."""
    panel = shown.panel
    outer = Group(side.where, side.name, "", train_only=False, paint=theme.frame)
    inner = [replace(group, id=side(group.id), parent=side(group.parent) or side.where) for group in panel.groups]
    signs = {edge: side.marks.on(edge) for edge in panel.edges}
    return Picture(
        panel=replace(
            panel,
            boxes=tuple(_box(side, box, theme) for box in panel.boxes),
            edges=tuple(
                replace(marked_edge(edge, mark, theme, _sign(mark)), tail=side(edge.tail), head=side(edge.head))
                for edge, mark in signs.items()
            ),
            groups=(outer, *inner),
        ),
        closed={side.where: _whole(side, theme)}
        | {side(name): _box(side, box, theme) for name, box in shown.closed.items()},
        words={side.where: "network"} | {side(name): words for name, words in shown.words.items()},
    )


def _box(side: _Side, box: Box, theme: Theme) -> Box:
    mark = side.marks.of(box)
    made = marked_box(box, mark, theme, _sign(mark) if box.form in BARE else "")
    return replace(made, id=side(box.id), groups=(*map(side, box.groups), side.where))


def _sign(mark: Mark) -> str:
    """The sign of a status, for what has no room for words."""
    return mark.lines[0][0] if mark.lines else ""


def _whole(side: _Side, theme: Theme) -> Box:
    """A whole network as one closed block."""
    inference, _ = totals(side.network)
    outputs = [side.network.shape(output.ref) for output in side.network.graph.outputs]
    return Box(
        id=side.where,
        kind="block",
        title=side.name,
        details=(side.where,),
        counts=captions.counts(inference.params, inference.macs),
        shape=captions.size(outputs[0]),
        repeat=1,
        params=inference.params,
        macs=inference.macs,
        note="",
        source="",
        nodes=tuple(side.network.graph.nodes),
        groups=(),
        inputs=0,
        level=0,
        level_in=0,
        train_only=False,
        paint=painted("same", theme),
        ink=theme.ink,
    )


def _merged(parts: Iterable[Mapping[str, _V]]) -> dict[str, _V]:
    return {name: value for part in parts for name, value in part.items()}


# -- what happened ----------------------------------------------------------------------------------------------------


def _marked(
    compared: Comparison, sides: Sequence[_Side], shown: Picture, themes: tuple[Theme, Theme]
) -> Iterator[tuple[str, ItemMark]]:
    """Every item that something happened to, or that has a partner."""
    items = {box.id for box in shown.panel.boxes} | shown.closed.keys()
    partners = {**compared.match.pairs, **compared.match.moved}
    there = (partners, {right: left for left, right in partners.items()})
    for at, side in enumerate(sides):
        other = sides[1 - at]
        yield side.where, ItemMark("same", "", other.where, _frames("same", themes))
        for box in (*side.drawn.light.panel.boxes, *side.drawn.light.closed.values()):
            mark = side.marks.of(box) if box.kind not in ("input", "output") else Mark("same")
            partner = other(there[at].get(box.id, ""))
            words = "; ".join(mark.lines)
            yield (
                side(box.id),
                ItemMark(mark.look, words, partner if partner in items else "", _frames(mark.look, themes)),
            )


def _frames(look: Look, themes: tuple[Theme, Theme]) -> tuple[Paint, Paint]:
    """The paints of an open block, in each theme: its frame says what its box did."""
    light, dark = (
        theme.frame if look in _QUIET else replace(painted(look, theme), fill=theme.frame.fill) for theme in themes
    )
    return light, dark


def _opened(compared: Comparison, sides: Sequence[_Side], shown: Picture, depth: int | None) -> Iterator[str]:
    """Both networks, and in them the blocks that are worth opening."""
    pairs = worth_opening(compared, depth=depth, budget=_BUDGET)
    for at, side in enumerate(sides):
        yield side.where
        yield from (name for pair in pairs if (name := side(pair[at])) in shown.closed)


# -- words ------------------------------------------------------------------------------------------------------------


def _entries(side: _Side, sources: Sources) -> Iterator[Entry]:
    """The network itself, and all paths in it."""
    graph = side.network.graph
    place = sources.place(graph.scopes[""].site.span)
    shape = captions.size(side.network.shape(graph.outputs[0].ref))
    doc = side.network.doc
    yield Entry(side.where, side.where, "block", side.name, "", doc, shape, *_counts(side.network), False, place, place)
    for entry in entries(side.network, side.drawn.light, sources):
        yield replace(entry, path=side(entry.path), item=side(entry.item))


def _counts(network: Network) -> tuple[int, int]:
    inference, _ = totals(network)
    return inference.params, inference.macs


def _amounts(side: _Side) -> dict[str, tuple[int, ...]]:
    """Item -> how much it has of what boxes can be coloured by."""
    network = side.network
    inside = {side(item): found for item, found in amounts(network, side.drawn.light, heats()).items()}
    whole = [id for id, node in network.graph.nodes.items() if not node.train_only]
    return {side.where: tuple(value(network, measure, whole) for measure in heats())} | inside


def _footnote(sides: Sequence[_Side]) -> str:
    """What boxes leave out, once where that is the same in both."""
    said = [footnote(side.network, side.drawn.usual, side.drawn.light) for side in sides]
    if said[0] == said[1]:
        return said[0]
    return " ".join(f"{side.name}: {words}" for side, words in zip(sides, said, strict=True) if words)


def _facts(difference: Difference) -> Iterator[tuple[str, str]]:
    """By how much the totals differ, in short and to the last unit."""
    before, after = difference.before.always, difference.after.always
    for measure, said in zip(shown_in("columns"), changed_totals(difference), strict=True):
        yield said, f"{measure.unit}: {before.of(measure):,} -> {after.of(measure):,}"
    ops = difference.ops
    counts = {"changed": ops.changed, "added": ops.added, "removed": ops.removed, "moved": ops.moved}
    told = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
    yield (f"ops: {told}" if told else "no ops changed"), f"{difference.same:,} are the same"


def _legend(shown: Picture, themes: tuple[Theme, Theme]) -> Iterator[tuple[Key, Key]]:
    light, dark = themes
    paints = {box.paint for box in (*shown.panel.boxes, *shown.closed.values())}
    for look, name in NAMES.items():
        if painted(look, light) in paints:
            yield Key(name, "box", painted(look, light)), Key(name, "box", painted(look, dark))
