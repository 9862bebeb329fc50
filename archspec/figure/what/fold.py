"""Fold: which scopes a picture opens and which it draws as one box.

    open         drawn as its members
    closed       drawn as one box with its own totals
    transparent  holds one box's worth of ops (conv + norm + activation), so opening it costs nothing: always open

Left to itself a picture opens blocks from the outside in, all uses of one definition together, for as long as it fits
its budget of boxes. A repeat stays closed, as one box with its count, and so does a head that runs only in training.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace

from archspec.figure.what.idioms import NO_IDIOMS, Idioms
from archspec.figure.what.runs import NO_RUNS, Runs
from archspec.figure.what.scales import NO_SCALES, Scales
from archspec.figure.what.wanted import asking, hidden
from archspec.graph.graph import Definition, Graph, Node, Scope
from archspec.graph.once import once
from archspec.graph.walk import ancestors, asked, children, inside, level, within
from archspec.ops.op import Role
from archspec.registry import nearest
from archspec.values.dataclass import dataclass

BUDGET = 32  # boxes that can be read on one page

_AGAIN = 1  # second uses of one block, open: a tower beside another; heads of five maps are drawn once
_USES = 6  # of one block, open: what is used more often is drawn once, in a panel of its own
_FEW = 4  # so often a block is used in what is closed, for each time that it could open: it is drawn where those are
MOST_PARTS = 64  # of a repeat that stand one by one: so many are read as a row, and more are one box with their count
_CUT = 4  # boxes in a block that opens since an idiom reaches into it
_FUSED = 8  # of what follows a box, before it counts as more: a norm and an activation join it, and few reshapes do

FOLLOWERS = frozenset({Role.NORM, Role.ACTIVATION, Role.DROPOUT, Role.RESHAPE})  # drawn inside the box they follow


class DrawError(ValueError):
    """The picture cannot be made as it was asked for; the message says what to ask for instead."""


class NoRoom(DrawError):
    """The picture cannot be made as small as the page that was asked for."""


class UnknownPath(DrawError):
    """A path to expand names nothing in the network."""


@dataclass(frozen=True, slots=True)
class Fold:
    """What is open.

    Attributes:
        opened: ids of the scopes drawn as their members; "" is always one of them.
        weights: scope id -> boxes that it holds when all of it is open.
        asked: the user said what to open.
        runs: equal blocks in a row, which are drawn once.
        idioms: ops that are drawn as one box, where they all stand in open scopes.
        hidden: ids of the nodes that have no box, since the author of the spec asks for none.
    """

    opened: frozenset[str]
    weights: Mapping[str, int]
    asked: bool
    runs: Runs = NO_RUNS
    idioms: Idioms = NO_IDIOMS
    hidden: frozenset[str] = frozenset()

    def closed(self, graph: Graph, root: str = "") -> Iterator[Scope]:
        """The outermost closed scopes below `root`, in writing order."""
        for scope in graph.scopes.values():
            drawn, around = self.runs.first(scope.id), self.runs.first(scope.parent)
            if drawn not in self.opened and around in self.opened and within(scope.id, root):
                yield scope


def fold(
    graph: Graph,
    *,
    depth: int | None = None,
    expand: Sequence[str] = (),
    root: str = "",
    budget: int = BUDGET,
    scales: Scales = NO_SCALES,
    idioms: Idioms = NO_IDIOMS,
    apart: Collection[Definition] = (),
) -> Fold:
    """Which scopes below `root` to open. Linear in nodes and scopes, times the nesting of definitions.

    Args:
        graph: what to draw.
        depth: levels to show; None for as many as fit.
        expand: paths to open besides, "/" or "." between names; what is around them opens too.
        root: the scope that the picture is of.
        budget: boxes that it may hold where neither `depth` nor `expand` says otherwise.
        scales: blocks that give maps of several resolutions, which open first, and equal ones in a row.
        idioms: ops that are drawn as one box. Those in a block that `expand` names are not.
        apart: blocks that stay closed, since they have drawings of their own.

    Raises:
        UnknownPath: a path names nothing; the message offers the nearest.
    """
    idioms = idioms.without({asked_scope for path in expand for asked_scope in _asked_scope(graph, path)})
    own = _own(graph, idioms)
    weights = _weights(graph, own)
    scales = replace(scales, runs=scales.runs.of(first for first, weight in weights.items() if weight > 1))
    opened = {scope.id for scope in graph.scopes.values() if _transparent(graph, scope, weights, own)}
    asks = {member.id: asked.opened for member, asked in asking(graph) if isinstance(member, Scope)}
    opened |= {outer for id, open_ in asks.items() if open_ for outer in ancestors(graph, id)}
    opened |= {"", root} | {scope for scope in _cut(graph, idioms) if weights[scope] <= _CUT}
    if depth is not None:
        opened |= {path for path in graph.scopes if level(path) < depth}
    else:
        opened |= _fitting(graph, (weights, own), opened, root, budget, scales, apart)
    opened -= {id for id, open_ in asks.items() if open_ is False and id != root}
    for path in expand:
        opened |= around_path(graph, path)
    said = depth is not None or bool(expand)
    return Fold(frozenset(opened), weights, said, NO_RUNS if said else scales.runs, idioms, hidden(graph))


def _weights(graph: Graph, own: Mapping[str, int]) -> dict[str, int]:
    """Boxes in each scope when all of it is open; parts of a repeat that are one box each are drawn as at most two."""
    weights = dict(own)
    for scope in reversed(tuple(graph.scopes.values())):
        if scope.definition.kind == "repeat" and weights[scope.id] <= len(scope.members):
            weights[scope.id] = min(weights[scope.id], 2)
        if scope.id:
            weights[scope.parent] += weights[scope.id]
    return weights


def _own(graph: Graph, idioms: Idioms) -> dict[str, int]:
    """Boxes of the ops that stand in each scope itself; equal convolutions in a row are one, and so is an idiom."""
    found = dict.fromkeys(graph.scopes, 0)
    for idiom in idioms:
        found[idiom.home] += 1
    hosts: dict[str, Node] = {}
    taken: dict[str, int] = {}
    for node in graph.nodes.values():
        if node.id in idioms.of:
            hosts[node.id] = node
            continue
        before = hosts.get(node.inputs[0].node) if node.inputs else None
        behind_join = before is not None and bool(before.op.joins) and len(before.inputs) > 1
        if node.op.role in FOLLOWERS and not (node.op.role is Role.NORM and behind_join):
            host = hosts[node.id] = before or node
            taken[host.id] = taken.get(host.id, 0) + 1
            found[node.scope] += taken[host.id] > _FUSED
            continue
        again = before is not None and before.scope == node.scope and before.op == node.op
        found[node.scope] += not (again and node.op.role is Role.CONV)
        hosts[node.id] = node
    return found


def _transparent(graph: Graph, scope: Scope, weights: Mapping[str, int], own: Mapping[str, int]) -> bool:
    if weights[scope.id] <= 1:
        return True
    if scope.definition.kind != "repeat":
        return False
    alike = own[scope.id] + sum(weights.get(member.id, 0) for member in children(graph, scope))
    return alike <= MOST_PARTS and all(weights.get(member.id, 1) <= 1 for member in children(graph, scope))


def _fitting(
    graph: Graph,
    held: tuple[Mapping[str, int], Mapping[str, int]],
    opened: set[str],
    root: str,
    budget: int,
    scales: Scales,
    apart: Collection[Definition],
) -> frozenset[str]:
    """What opens within the budget, definition by definition from the outside in. `held`: weights, and boxes of ops."""
    weights, own = held
    boxes = dict(own)  # when open, with what it holds closed
    again = scales.runs.same
    for scope in reversed(tuple(graph.scopes.values())):
        if scope.id and scope.id not in again:
            boxes[scope.parent] += boxes[scope.id] if scope.id in opened else 1
    for scope in graph.scopes.values():
        if scope.id in opened and scope.definition.kind == "repeat":
            boxes[scope.id] = weights[scope.id]

    used = Counter(scope.definition for scope in graph.scopes.values() if scope.id not in again)
    more: set[str] = set()
    tried: set[Hashable] = set()
    total = boxes[root]
    while True:
        frontier = _frontier(graph, opened | more, root, tried, scales)
        if not frontier:
            return frozenset(more)
        for definition, scopes in frontier.items():
            tried.add(definition)
            often = len(scopes) > _USES or (not root and _is_rare(scopes, used))
            laned = all(scope.id in scales.laned for scope in scopes)
            if (often and not laned) or definition in apart:
                continue
            if sum(len(scales.runs.members.get(scope.id, (scope.id,))) for scope in scopes if scope.share) > _AGAIN:
                continue
            extra = sum(boxes[scope.id] - 1 for scope in scopes)
            if total + extra <= (scales.more if laned else 1) * budget:
                total += extra
                more |= {scope.id for scope in scopes}


def _is_rare(scopes: Sequence[Scope], used: Mapping[Definition, int]) -> bool:
    """Whether a block that is used often could open in a few places only."""
    definition = scopes[0].definition
    return definition.kind == "block" and used[definition] > max(_USES, _FEW * len(scopes))


def _frontier(
    graph: Graph, opened: set[str], root: str, tried: set[Hashable], scales: Scales
) -> dict[Hashable, list[Scope]]:
    """The closed scopes that may open next, by definition; those of several lanes first, those that meet together.

    A block that others of them are made of comes behind these: an hourglass opens before the residuals beside it. One
    that is drawn closed beside it, as a part of a repeat, stays closed, so that it is drawn in one way.
    """
    found: dict[Hashable, list[Scope]] = {}
    meeting = {graph.scopes[id].definition for id in scales.meeting}
    staged = {graph.scopes[first].definition for first in scales.runs.stages}
    for scope in graph.scopes.values():
        if scope.definition.kind == "repeat" and scope.id not in opened and scope.parent in opened:
            staged |= {part.definition for part in children(graph, scope) if isinstance(part, Scope)}
    for scope in graph.scopes.values():
        if scope.id in opened or scope.parent not in opened or not within(scope.id, root):
            continue
        key: Hashable = "meeting" if scope.definition in meeting else scope.definition
        whole = scope.definition.kind == "repeat" and scope.id not in scales.laned
        again = scope.id in scales.runs.same or scope.definition in staged
        if whole or scope.train_only or key in tried or again or scope.id in scales.still:
            continue
        found.setdefault(key, []).append(scope)
    made_of = _made_of(graph, found)
    first = sorted(found, key=lambda key: (not all(scope.id in scales.laned for scope in found[key]), made_of[key]))
    return {key: found[key] for key in first}


def _made_of(graph: Graph, found: Mapping[Hashable, Sequence[Scope]]) -> dict[Hashable, int]:
    """How many of the definitions are made of each."""
    counts = dict.fromkeys(found, 0)
    for key, scopes in found.items() if len(found) > 1 else ():
        for other in _held(graph)[scopes[0].definition]:
            if other in counts and other != key:
                counts[other] += 1
    return counts


@once
def _held(graph: Graph) -> Mapping[Definition, frozenset[Definition]]:
    """What the first use of each definition is made of, at any depth. Linear in what is in these uses."""
    firsts = {scope.definition: scope for scope in reversed(tuple(graph.scopes.values()))}
    return {
        definition: frozenset(each.definition for each in inside(graph, scope) if isinstance(each, Scope))
        for definition, scope in firsts.items()
    }


def _cut(graph: Graph, idioms: Idioms) -> Iterator[str]:
    """Scopes that an idiom reaches into from the one around them: closed, they would hide that it is one."""
    for idiom in idioms:
        around = set(ancestors(graph, idiom.home))
        for id in idiom.nodes:
            yield from (scope for scope in ancestors(graph, graph.nodes[id].scope) if scope not in around)


def _asked_scope(graph: Graph, path: str) -> Iterator[str]:
    """The scope that `path` names, or in which the op stands that it names; nothing for no path of the graph."""
    name = asked(graph, path)
    if name in graph.scopes:
        yield name
    elif name in graph.nodes:
        yield graph.nodes[name].scope


def around_path(graph: Graph, path: str) -> set[str]:
    """`path` and the scopes around it. Raises UnknownPath."""
    name = asked(graph, path)
    if name in graph.scopes:
        return set(ancestors(graph, name))
    if name in graph.nodes:
        return set(ancestors(graph, graph.nodes[name].scope))
    near = nearest(name, graph.scopes) or nearest(name, graph.nodes)
    raise UnknownPath(f"no block {path!r} to expand" + (f"; the nearest is {near!r}" if near else ""))
