"""The figure of a difference: the two networks one above the other, each box painted by what happened to it.

Blocks that have changes inside are open as far as the page allows; what is the same stays closed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from archspec.ir.graph import Graph, Scope, child_id
from archspec.ir.network import Network
from archspec.views.captions import total
from archspec.views.diagram import Page, diagram
from archspec.views.difference_changes import Comparison
from archspec.views.difference_marks import Look, Mark, Marks, named, painted
from archspec.views.difference_table import Difference, Side
from archspec.views.difference_words import headline, percent, spoken
from archspec.views.figure import Box, Diagram, Key, Panel
from archspec.views.fold import FOLLOWERS, fold
from archspec.views.heat import ink_on
from archspec.views.theme import LIGHT, Paint, Theme

BUDGET = 24  # boxes that may be shown of each network
_WHOLE = 2  # parts of a repeat that may be opened one by one
_ORDER: tuple[Look, ...] = ("added", "removed", "changed", "renamed", "affected", "same")
_SPOKEN_FORMS = frozenset({"turned", "slab", "bands", "volume", "copy", "concat", "bar"})  # forms that show no details


def difference_figure(
    compared: Comparison,
    difference: Difference,
    *,
    theme: str | Theme = LIGHT.name,
    depth: int | None = None,
    page: Page | None = None,
) -> Diagram:
    """The picture of both networks. n log n in nodes.

    Args:
        compared: the networks and what changed.
        difference: the table of the same.
        theme: the colours, or their name.
        depth: levels of changed blocks to open; None for as many as `page` allows.
        page: what the picture must fit.

    Raises:
        DrawError: the theme is unknown.
    """
    page = page or Page(budget=BUDGET)
    opened = _opened(compared, depth, page.budget)
    networks = compared.first, compared.second
    expands = [one for one, _ in opened], [other for _, other in opened]
    drawn = [
        diagram(network, depth=1, expand=paths, theme=theme, page=page)
        for network, paths in zip(networks, expands, strict=True)
    ]
    colours = drawn[0].theme
    sides = difference.before, difference.after
    seen: dict[Look, None] = {}
    panels = []
    for number, (made, side) in enumerate(zip(drawn, sides, strict=True)):
        marks = Marks(compared, second=bool(number))
        panels.append(_panel(made.panels[0], marks, colours, seen, _title(side, sides[1 - number])))
    return replace(
        drawn[1],
        title=headline(difference),
        facts=tuple(_facts(difference)),
        panels=tuple(panels),
        legend=tuple(_legend(panels, seen, colours)),
        footnotes=tuple(_footnotes(drawn, sides)),
        description=f"{headline(difference)}: {spoken(difference.rows) or 'no differences'}.",
        bars=(),
    )


# -- what is open -----------------------------------------------------------------------------------------------------


def _opened(compared: Comparison, depth: int | None, budget: int) -> list[tuple[str, str]]:
    """Pairs of blocks to open: those with changes inside, from the outside in, uses of one block together."""
    first, second = compared.first.graph, compared.second.graph
    pairs = compared.match.pairs
    sizes = _Sizes(first), _Sizes(second)
    left = [budget - size.boxes("") for size in sizes]
    opened: list[tuple[str, str]] = []
    level = [""]
    while level:
        groups: dict[tuple[object, object], list[str]] = {}
        for around in level:
            for id in _stirred(compared, first.scopes[around]):
                kinds = first.scopes[id].definition, second.scopes[pairs[id]].definition
                groups.setdefault(kinds, []).append(id)
        level = []
        for ids in groups.values():
            costs = [
                sum(size.boxes(one) - 1 for one in which)
                for size, which in zip(sizes, (ids, [pairs[id] for id in ids]), strict=True)
            ]
            if depth is not None:
                fits = ids[0].count("/") + 1 < depth
            else:
                fits = all(cost <= room for cost, room in zip(costs, left, strict=True))
                fits = fits and all(_worth_opening(compared, first.scopes[id]) for id in ids)
            if fits:
                left = [room - cost for room, cost in zip(left, costs, strict=True)]
                level += ids
                opened += [(id, pairs[id]) for id in ids]
    return opened


def _stirred(compared: Comparison, scope: Scope) -> Iterator[str]:
    for name in scope.members:
        id = child_id(scope.id, name)
        if id in compared.stirred:
            yield id


def _worth_opening(compared: Comparison, scope: Scope) -> bool:
    """Whether a block says more when open: a repeat of which all parts changed alike, or came, says it closed."""
    if scope.definition.kind != "repeat":
        return True
    other = compared.second.graph.scopes[compared.match.pairs[scope.id]]
    parts = sum(1 for _ in _stirred(compared, scope))
    return len(scope.members) == len(other.members) and parts <= _WHOLE < len(scope.members)


class _Sizes:
    """How many boxes open blocks show."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.weights = fold(graph, depth=1).weights
        self.own = dict.fromkeys(graph.scopes, 0)
        for node in graph.nodes.values():
            self.own[node.scope] += node.op.role not in FOLLOWERS

    def boxes(self, scope: str) -> int:
        """Boxes of an open block with what is in it closed."""
        inner = (child_id(scope, name) for name in self.graph.scopes[scope].members)
        return self.own[scope] + sum(min(self.weights[id], 1) for id in inner if id in self.weights)


# -- what is drawn ----------------------------------------------------------------------------------------------------


def _title(side: Side, other: Side) -> str:
    """What tells a network from the other."""
    if side.name == other.name and side.variant != other.variant:
        return side.variant or f"{side.name}, defaults"
    return side.label


def _panel(panel: Panel, marks: Marks, theme: Theme, seen: dict[Look, None], title: str) -> Panel:
    """`panel` in the colours of what happened."""
    looks = {box.id: marks.of(box) for box in panel.boxes}
    boxes = []
    for box in panel.boxes:
        mark = looks[box.id]
        if box.kind not in ("input", "output"):
            seen[mark.look] = None
        boxes.append(_box(box, mark, theme))
    quiet = Paint("none", theme.faint)
    edges = []
    for edge in panel.edges:
        look = next((marks.look(node) for node in edge.nodes), "same")
        seen[look] = None
        edges.append(replace(edge, paint=quiet if look == "same" else Paint("none", painted(look, theme).stroke, 1.2)))
    totals = marks.compared.second if marks.second else marks.compared.first
    return replace(
        panel,
        title=title,
        subtitle=" · ".join(_totals(totals)),
        boxes=tuple(boxes),
        edges=tuple(edges),
        groups=tuple(replace(group, paint=theme.frame) for group in panel.groups),
    )


def _totals(network: Network) -> Iterator[str]:
    costs = [network.costs[node.id] for node in network.graph.nodes.values() if not node.train_only]
    yield f"{total(sum(cost.params for cost in costs))} params"
    yield f"{total(sum(cost.macs for cost in costs))} MACs"


def _box(box: Box, mark: Mark, theme: Theme) -> Box:
    if box.kind in ("input", "output"):
        return box
    paint = painted(mark.look, theme)
    form = box.form
    if mark.lines and form in _SPOKEN_FORMS:
        form = "text"
    faint = theme.faint if mark.look == "same" else ink_on(theme, paint.fill)
    return replace(
        box,
        details=(*box.details, *mark.lines),
        paint=paint,
        form=form,
        bands=() if form == "text" else tuple(replace(band, paint=paint) for band in box.bands),
        ink=faint,
        note="\n".join((box.note, *mark.lines)),
    )


def _facts(difference: Difference) -> Iterator[str]:
    if difference.empty:
        yield "no differences"
        return
    before, after = difference.before.totals.always, difference.after.totals.always
    for name, one, other in (("params", before.params, after.params), ("MACs", before.macs, after.macs)):
        change = other - one
        sign = "+" if change > 0 else "-" if change < 0 else ""
        share = percent(one, other)
        yield f"{sign}{total(abs(change))} {name}" + (f" ({share})" if share and change else "")


def _legend(panels: Sequence[Panel], seen: dict[Look, None], theme: Theme) -> Iterator[Key]:
    for look in _ORDER:
        if look in seen:
            yield Key(named(look), "dashed" if look == "removed" else "box", painted(look, theme))
    if any(box.repeat > 1 for panel in panels for box in panel.boxes):
        yield Key("×N in a row", "stack", painted("same", theme))


def _footnotes(drawn: Sequence[Diagram], sides: Sequence[Side]) -> Iterator[str]:
    """What is said of both once, and what is said of one with its name."""
    both = [note for note in drawn[0].footnotes if note in drawn[1].footnotes]
    for made, side in zip(drawn, sides, strict=True):
        for note in made.footnotes:
            if note not in both:
                yield f"{side.variant or side.name}: {note}"
    yield from both
