"""The figure of a difference: the two networks one above the other, each box painted by what happened to it.

Blocks that have changes inside are open as far as the page allows; what is the same stays closed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from archspec.compare.changes import Comparison
from archspec.compare.table import Difference
from archspec.compare.words import headline, percent, spoken, told_apart
from archspec.figure.diagram import Diagram, Key, Panel, Style
from archspec.figure.look.theme import LIGHT, Paint, Theme
from archspec.figure.what.captions import total
from archspec.figure.what.depict import Page, diagram
from archspec.figure.what.difference_marks import NAMES, Marks, painted
from archspec.figure.what.difference_panels import Letters, line_paint, repainted, side_by_side
from archspec.figure.what.fold import FOLLOWERS, fold
from archspec.graph.graph import Definition, Graph, Scope
from archspec.graph.walk import children, level
from archspec.measures.known import shown_in

BUDGET = 24  # boxes that may be shown of each network
_WHOLE = 2  # parts of a repeat that may be opened one by one


def difference_figure(
    compared: Comparison,
    difference: Difference,
    opened: Sequence[tuple[str, str]] = (),
    *,
    theme: str | Theme = LIGHT.name,
    by_level: bool = True,
    style: Style = "figure",
) -> Diagram:
    """The picture of both networks. n log n in nodes.

    Args:
        compared: the networks and what changed.
        difference: the table of the same.
        opened: the blocks to open, by their paths in the first network and in the second.
        theme: the colours, or their name.
        by_level: an encoder-decoder may take a row for each resolution.
        style: as of `diagram`; "plain" has one panel, for formats that leave the layout to their readers.

    Raises:
        DrawError: the theme is unknown.
    """
    networks = compared.first, compared.second
    expands = [one for one, _ in opened], [other for _, other in opened]
    drawn = [
        diagram(
            network, depth=1, expand=paths, theme=theme, style=style, page=Page(by_level=by_level, each_branch=True)
        )
        for network, paths in zip(networks, expands, strict=True)
    ]
    names, colours = told_apart(difference), drawn[0].theme
    letters = Letters()
    panels = tuple(
        repainted(made.panels[0], Marks(compared, second=bool(number)), colours, names[number], letters)
        for number, made in enumerate(drawn)
    )
    return replace(
        drawn[1],
        title=headline(difference),
        facts=tuple(_facts(difference)),
        panels=_in_one(panels, colours) if style == "plain" else panels,
        legend=tuple(_legend(panels, colours)),
        footnotes=(*letters.footnotes(), *_footnotes(drawn, names)),
        description=f"{headline(difference)}: {spoken(difference.rows) or 'no differences'}.",
        theme=replace(colours, skip=Paint("none", colours.faint)),  # colour is for what happened alone
        bars=(),
    )


def _in_one(panels: Sequence[Panel], theme: Theme) -> tuple[Panel]:
    """Both in one panel, which says which is which."""
    where = ("before", "after")
    titled = [replace(panel, title=f"{name}: {panel.title}") for name, panel in zip(where, panels, strict=True)]
    return (side_by_side(titled, where, theme),)


def _facts(difference: Difference) -> Iterator[str]:
    """By how much the totals differ."""
    if difference.empty:
        yield "no differences"
    else:
        yield from changed_totals(difference)


def changed_totals(difference: Difference) -> Iterator[str]:
    """Of each column by how much its total differs: `+3.76 M params (+17.2 %)`."""
    before, after = difference.before.always, difference.after.always
    for measure in shown_in("columns"):
        one, other = before.of(measure), after.of(measure)
        change, share = other - one, percent(one, other)
        words = f"{'+' if change > 0 else '-'}{total(abs(change))} {measure.label}" + (f" ({share})" if share else "")
        yield words if change else f"{measure.label} the same"


def _legend(panels: Sequence[Panel], theme: Theme) -> Iterator[Key]:
    boxes = [box for panel in panels for box in panel.boxes]
    of_boxes = {box.paint for box in boxes}
    of_lines = {edge.paint for panel in panels for edge in panel.edges}
    for look in NAMES:
        paint, line = painted(look, theme), line_paint(look, theme)
        if paint in of_boxes:
            yield Key(NAMES[look], "dashed" if look == "removed" else "box", paint)
        elif line in of_lines:
            yield Key(NAMES[look], "edge", line)
    if any(box.repeat > 1 for box in boxes):
        yield Key("×N in a row", "stack", painted("same", theme))
    if any(box.train_only for box in boxes):
        yield Key("in training only", "dashed", theme.terminal)


def _footnotes(drawn: Sequence[Diagram], names: Sequence[str]) -> Iterator[str]:
    """What is said of both once, and what is said of one with its name."""
    both = [note for note in drawn[0].footnotes if note in drawn[1].footnotes]
    for made, name in zip(drawn, names, strict=True):
        own = " ".join(note for note in made.footnotes if note not in both)
        if own:
            yield f"{name}: {own}"
    yield from both


# -- what is open -----------------------------------------------------------------------------------------------------


def worth_opening(
    compared: Comparison, *, depth: int | None = None, budget: int = BUDGET
) -> tuple[tuple[str, str], ...]:
    """The blocks with changes inside, from the outside in. Linear in nodes and scopes.

    Uses of one block open together. Where there is no room for that, the first of them opens for all.

    Args:
        compared: the networks and what changed.
        depth: levels to open; None for as many as show no more than `budget` boxes of each network.
        budget: boxes.
    """
    opening = _Opening(compared, budget)
    frontier = [""]
    while frontier:
        groups: dict[tuple[object, ...], list[str]] = {}
        for around in frontier:
            for id in _stirred(compared, compared.first.graph.scopes[around]):
                groups.setdefault(opening.kind(id), []).append(id)
        if depth is None:
            frontier = [id for ids in groups.values() for id in opening.fitting(ids)]
        else:
            frontier = [id for ids in groups.values() for id in ids if level(id) < depth]
            opening.open(frontier)
    return tuple(opening.opened)


class _Opening:
    """What is open so far, and the boxes that are left."""

    def __init__(self, compared: Comparison, budget: int) -> None:
        self.compared = compared
        self.sizes = _Sizes(compared.first.graph), _Sizes(compared.second.graph)
        self.left = [budget - size.boxes("") for size in self.sizes]
        self.opened: list[tuple[str, str]] = []

    def both(self, id: str) -> tuple[Scope, Scope]:
        """A scope of the first network, and that of the second."""
        graphs = self.compared.first.graph, self.compared.second.graph
        return graphs[0].scopes[id], graphs[1].scopes[self.compared.match.pairs[id]]

    def kind(self, id: str) -> tuple[object, ...]:
        """What opens together: uses of one block in each network, and repeats of one."""
        graphs = self.compared.first.graph, self.compared.second.graph
        return tuple(_repeated(graph, scope) for graph, scope in zip(graphs, self.both(id), strict=True))

    def fitting(self, ids: Sequence[str]) -> Sequence[str]:
        """Opens of what uses one block all, the first for all, or none, and gives what it opened."""
        whole = ids if all(_says_more(self.compared, self.both(id)[0]) for id in ids) else ()
        for some in (whole, ids[:1] if _tells(*self.both(ids[0])) else ()):
            if some and all(cost <= left for cost, left in zip(self.costs(some), self.left, strict=True)):
                self.open(some)
                return some
        return ()

    def costs(self, ids: Sequence[str]) -> list[int]:
        """Boxes that opening them adds in each network."""
        pairs = [self.both(id) for id in ids]
        return [sum(size.boxes(pair[side].id) - 1 for pair in pairs) for side, size in enumerate(self.sizes)]

    def open(self, ids: Sequence[str]) -> None:
        """Opens them."""
        self.left = [left - cost for left, cost in zip(self.left, self.costs(ids), strict=True)]
        self.opened += [(one.id, other.id) for one, other in map(self.both, ids)]


def _repeated(graph: Graph, scope: Scope) -> tuple[bool, Definition]:
    """Whether a scope is a repeat, and the definition of it, or of the first of its parts."""
    if scope.definition.kind != "repeat":
        return False, scope.definition
    first = next(children(graph, scope), scope)
    return True, first.definition if isinstance(first, Scope) else scope.definition


def _tells(one: Scope, other: Scope) -> bool:
    """Whether an open block tells what its box does not: a repeat that grew or shrank says so closed."""
    return len(one.members) == len(other.members) or one.definition.kind != "repeat"


def _stirred(compared: Comparison, scope: Scope) -> Iterator[str]:
    return (member.id for member in children(compared.first.graph, scope) if member.id in compared.stirred)


def _says_more(compared: Comparison, scope: Scope) -> bool:
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
        inner = (member for member in children(self.graph, self.graph.scopes[scope]) if isinstance(member, Scope))
        return self.own[scope] + sum(min(self.weights[each.id], 1) for each in inner)
