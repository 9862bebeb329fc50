"""Details: what is in the blocks that a picture draws closed: a panel for each kind that is used more than once.

A block of parallel branches that is used once has one too, where much of the work of the network is in it. Of a block
whose uses have other parts each time, the first is an example.
"""

from collections import Counter, deque
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from itertools import islice

from archspec.figure.diagram import Panel
from archspec.figure.what.block_panels import template
from archspec.figure.what.finish import Setting
from archspec.figure.what.fold import Fold, fold
from archspec.figure.what.panels import panel
from archspec.figure.what.runs import runs
from archspec.figure.what.scales import Scales
from archspec.figure.what.wanted import block_label
from archspec.graph.graph import Definition, Graph, Node, Scope
from archspec.graph.network import Network
from archspec.graph.once import once
from archspec.graph.walk import ancestors, children, inside, moved, own_output, sums, within
from archspec.values.dataclass import dataclass

_PANELS = 2
_LARGE, _WORTH = 4, 3  # boxes in a block that is drawn by itself, and those that this saves in several panels
_BOXES, _MOST = 16, 24  # in one of them, and in one that is the only one and cannot be closed further
_BRANCHES = 2  # more are drawn as bands, which say no more of them than their share
_MUCH = 0.3  # of the work of the network
_BUDGETS = (_BOXES, 8, 1)  # what opens in them: less where there are more, and room for them


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A panel, the blocks that it draws, and what is open in the first of them."""

    fold: Fold
    uses: Sequence[Scope]
    panel: Panel


def detail_panels(setting: Setting, folded: Fold) -> Iterator[Panel]:
    """What is in the blocks that the first panel draws closed: in those of much work, in those used again."""
    graph = setting.network.graph
    kinds = list(_repeated(graph, folded))  # nearer to the first panel first, then larger ones
    sizes = sums(graph, Counter(node.scope for node in graph.nodes.values()))
    kinds.sort(key=lambda kind: (kind[0], -sum(sizes[scope.id] for scope in kind[1])))
    first_of = {id(scopes[0].definition): scopes for _, scopes in reversed(kinds)}
    kinds.sort(key=lambda kind: kind[0] > 0 and first_of[id(kind[1][0].definition)] is not kind[1])
    made = 0
    seen: set[Hashable] = set()
    drawn: set[str] = set()
    held: dict[Definition, Scope] = {}  # what the panels so far have closed
    pending = deque([*_laden(setting.network, folded), *(scopes for _, scopes in kinds)])
    apart = _apart(setting, [scopes[0] for scopes in islice(pending, _PANELS)], folded)
    for budget in _BUDGETS:
        large: deque[list[Scope]] = deque()
        while pending and made < _PANELS:
            scopes = _like(graph, _as_held(graph, pending.popleft()[0], held))
            first = scopes[0]
            if first.id in drawn:
                continue
            budgets = _BUDGETS if _has_much(setting.network, scopes) else (budget,)
            found = next(filter(None, (_small(setting, first, each, apart, alone=not made) for each in budgets)), None)
            if found is None:
                large.append(scopes)
                continue
            drawn.update(scope.id for scope in found.uses)
            told = template(setting, found.panel, found.uses)
            nested = list(_nested(setting.network, found.uses, found.fold))
            pending.extendleft(each for each in reversed(nested) if _has_much(setting.network, each))
            pending += (each for each in nested if not _has_much(setting.network, each))
            if _alike(told, first) not in seen:
                seen.add(_alike(told, first))
                made += 1
                held |= {part.definition: part for part in _closed_parts(graph, found) if part.id not in drawn}
                yield told
        pending = large
    alone = ((template(setting, one.panel, one.uses), one.uses[0]) for one in apart.values() if made)
    yield from (told for told, first in alone if _alike(told, first) not in seen)


def _closed_parts(graph: Graph, drawn: _Drawn) -> Iterator[Scope]:
    """The blocks that a panel has closed."""
    return (part for each in drawn.fold.closed(graph, drawn.uses[0].id) for part in _parts(graph, each))


def _as_held(graph: Graph, first: Scope, held: Mapping[Definition, Scope]) -> Scope:
    """`first`, or the use of its block that a panel has closed, where other things are in that: it would look the same.

    The bottlenecks in the neck of a detector have no residual, and those of its backbone have one.
    """
    looks, shown = _looks(graph), held.get(first.definition, first)
    return first if looks[shown.id] == looks[first.id] else shown


def _apart(setting: Setting, first: Sequence[Scope], folded: Fold) -> Mapping[Definition, _Drawn]:
    """What stands several times in the `first` that are drawn, as the gate of two bottlenecks.

    It is drawn once by itself and closed in those, where that saves boxes.
    """
    graph = setting.network.graph
    held: dict[Definition, list[Scope]] = {}
    for each in (each for scope in first for each in _held(setting.network, scope)):
        if each.definition not in {scope.definition for scope in first} and folded.weights[each.id] >= _LARGE:
            held.setdefault(each.definition, []).append(each)
    saved = {one: (len(uses) - 1) * (folded.weights[uses[0].id] - 1) for one, uses in held.items()}
    found: dict[Definition, _Drawn] = {}
    for one in sorted((one for one in held if saved[one] >= _WORTH), key=lambda one: -saved[one]):
        around = {scope.id for outer in found.values() for scope in outer.uses}
        uses, alike = held[one], _like(graph, held[one][0])
        same = {scope.id for scope in uses} <= {scope.id for scope in alike}
        nested = any(outer in around for scope in uses for outer in ancestors(graph, scope.id))
        panelled = _small(setting, alike[0], _BOXES, (), alone=False) if same and not nested else None
        if panelled is not None and len(found) < _PANELS:
            found[one] = panelled
    return found


def _held(network: Network, outer: Scope) -> Iterator[Scope]:
    """The blocks in a block, one of those that are drawn once: of equal ones in a row, and of the parts of a repeat."""
    graph, found = network.graph, runs(network)
    for each in inside(graph, outer):
        if isinstance(each, Scope) and each.definition.kind == "block":
            again = each.id in found.same and within(found.first(each.id), outer.id)
            if not again and graph.scopes[each.parent].definition.kind != "repeat":
                yield each


def _small(setting: Setting, first: Scope, budget: int, apart: Collection[Definition], *, alone: bool) -> _Drawn | None:
    """The drawing of `first` and of all that look like it; None where that has too many boxes for a panel."""
    found = runs(setting.network)
    in_a_row = Scales(runs=found.of(each for each in found.members if within(each, first.id)))
    graph = setting.network.graph
    shown = fold(graph, root=first.id, budget=budget, scales=in_a_row, idioms=setting.idioms, apart=apart)
    scopes = _like(graph, first, shown.opened)
    more = f" and {len(scopes) - 1} more like it" if len(scopes) > 1 else ""
    where = f"{first.id.replace('/', '.')}{more}"
    drawn = panel(setting, shown, first.id, block_label(first.definition), where, uses=scopes)
    most = _MOST if alone and budget == _BUDGETS[-1] else _BOXES
    return _Drawn(shown, scopes, drawn) if sum(bool(box.nodes) for box in drawn.boxes) <= most else None


def _like(graph: Graph, first: Scope, opened: Collection[str] | None = None) -> list[Scope]:
    """All blocks that are the same as `first` and hold the same, wherever they stand, `first` before all others.

    Of what is not `opened` in `first`, and is one box, only which block it is has to be the same: the U-blocks of
    U2-Net have other heights below their first level.
    """
    looks = _looks(graph)
    same = (each for each in graph.scopes.values() if each.definition is first.definition and not each.train_only)
    if opened is None:
        return [each for each in same if looks[each.id] == looks[first.id]] or [first]
    mine = tuple(_sight(graph, first, first, opened))
    others = (each for each in same if each is not first)
    return [
        first,
        *(
            each
            for each in others
            if looks[each.id] == looks[first.id] or tuple(_sight(graph, each, first, opened)) == mine
        ),
    ]


def _sight(graph: Graph, scope: Scope, first: Scope, opened: Collection[str]) -> Iterator[Hashable]:
    """All that a drawing shows of `scope`, in which that is open which is in `first`."""
    pending = list(children(graph, scope))[::-1]
    while pending:
        found = pending.pop()
        name = moved(found.id, scope.id, first.id)
        if isinstance(found, Node):
            yield name, found.op.name
        elif name in opened:
            yield name, found.definition
            pending.extend(list(children(graph, found))[::-1])
        else:  # how many parts a repeat has is said on its box
            one = found.definition.kind == "block" and len(found.members) > 1
            yield name, found.definition, "" if one else _looks(graph)[found.id]


def _alike(panel: Panel, first: Scope) -> Hashable:
    """All that a panel says of blocks like `first`, but how many they are and their sizes.

    Uses may differ only in what is in a block that the panel has closed: a second drawing would show the same again.
    """
    own = f"{first.id}/"
    boxes = ((box.id.removeprefix(own), box.kind, box.title, box.details, box.repeat) for box in panel.boxes)
    edges = ((edge.tail.removeprefix(own), edge.head.removeprefix(own), edge.kind, edge.label) for edge in panel.edges)
    return first.definition, tuple(boxes), tuple(edges)


def _has_much(network: Network, scopes: Sequence[Scope]) -> bool:
    """Whether blocks have much of the work of the network: they are looked into before others, as far as fits."""
    macs = _macs(network)
    return sum(macs[scope.id] for scope in scopes) > _MUCH * macs[""]


def _laden(network: Network, folded: Fold) -> Iterator[list[Scope]]:
    """The closed blocks of parallel branches that are used once, and have much of the work of the network."""
    graph = network.graph
    for closed in folded.closed(graph):
        last = own_output(graph, closed)
        branches = len(last.inputs) if last is not None and last.op.joins == "concat" else 0
        once = closed.definition.kind != "repeat"  # its parts are drawn, as any that are used again
        if once and branches > _BRANCHES and not closed.train_only and _has_much(network, [closed]):
            yield [closed]


def _nested(network: Network, scopes: Sequence[Scope], folded: Fold) -> Iterator[list[Scope]]:
    """The uses, in all of `scopes`, of each block that the drawing of the first has closed several times.

    A block that has most of the work of the first is one of them though it is there once.
    """
    graph, looks = network.graph, _looks(network.graph)
    uses: dict[Definition, list[Scope]] = {}
    for scope in (part for each in folded.closed(graph, scopes[0].id) for part in _parts(graph, each)):
        uses.setdefault(scope.definition, []).append(scope)
    for definition, found in uses.items():
        look = looks[found[0].id]
        alike = all(not scope.train_only and looks[scope.id] == look for scope in found)
        several = len(found) > 1 or 2 * _macs(network)[found[0].id] > _macs(network)[scopes[0].id]
        if several and alike and folded.weights[found[0].id] > 1:
            every = (each for scope in scopes for each in inside(graph, scope) if isinstance(each, Scope))
            yield [scope for scope in every if scope.definition is definition and looks[scope.id] == look]


@once
def _macs(network: Network) -> Mapping[str, int]:
    """Scope -> the multiply-adds of all in it."""
    own: Counter[str] = Counter()
    for node in network.graph.nodes.values():
        own[node.scope] += network.costs[node.id].macs
    return sums(network.graph, own)


def _repeated(graph: Graph, folded: Fold) -> Iterator[tuple[int, list[Scope]]]:
    """The uses of each block that is closed and used more than once; what is used once is looked into.

    With each, how many blocks that are used once lie around it.
    """
    closed, deep, looks = list(folded.closed(graph)), -1, _looks(graph)
    while closed:
        deep += 1
        uses: dict[tuple[Definition, int], list[Scope]] = {}
        for scope in (part for each in closed for part in _parts(graph, each)):
            if not scope.train_only and folded.weights[scope.id] > 1:
                uses.setdefault((scope.definition, looks[scope.id]), []).append(scope)
        yield from ((deep, scopes) for scopes in uses.values() if len(scopes) > 1)
        once = [scopes[0] for scopes in uses.values() if len(scopes) == 1]
        drawn = {definition for (definition, _), scopes in uses.items() if len(scopes) > 1}
        yield from ((deep, [scope]) for scope in _examples(once) if scope.definition not in drawn)
        closed = [inner for scope in once for inner in children(graph, scope) if isinstance(inner, Scope)]


def _examples(once: Sequence[Scope]) -> Iterator[Scope]:
    """The first use of each block that is used several times, each time with other parts: with more layers."""
    of: dict[Definition, list[Scope]] = {}
    for scope in once:
        of.setdefault(scope.definition, []).append(scope)
    yield from (scopes[0] for scopes in of.values() if len(scopes) > 1)


def _parts(graph: Graph, scope: Scope) -> Iterator[Scope]:
    """The blocks that a closed scope stands for: the parts of a repeat, the one that is all of it, else itself.

    A block of which all is a graph in place stands for itself: that has no name of its own.
    """
    inner = list(children(graph, scope))
    whole = inner[0] if len(inner) == 1 and isinstance(inner[0], Scope) else None
    named = whole is not None and (whole.definition.kind != "inline" or scope.definition.kind == "inline")
    if scope.definition.kind != "repeat" and not named:
        yield scope
        return
    for part in inner:
        if isinstance(part, Scope):
            yield from _parts(graph, part)


@once
def _looks(graph: Graph) -> Mapping[str, int]:
    """Scope -> a number, equal where all that it holds has equal names and ops: no part is in one use only. Linear."""
    numbers: dict[tuple[tuple[str, int | str], ...], int] = {}
    found: dict[str, int] = {}
    for scope in reversed(tuple(graph.scopes.values())):  # what is in a scope comes after it
        held = (
            (each.name, found[each.id] if isinstance(each, Scope) else each.op.name) for each in children(graph, scope)
        )
        found[scope.id] = numbers.setdefault(tuple(held), len(numbers))
    return found
