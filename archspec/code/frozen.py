"""Frozen: which class freezes what, at the end of its constructor.

    stem: {op: conv2d, ..., freeze: true}        self.stem.requires_grad_(False)

The class is that around the member, where all of its uses freeze it. Where some do not, it is one further out, which
reaches in: `self.get_submodule("stage1.conv").requires_grad_(False)`. The network's own class has one use, so it ends
there at the latest; in a family, at the function that makes the variant.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from archspec.code.parts import Template
from archspec.code.said import own_uses
from archspec.graph.counting import counted_at, lent
from archspec.graph.graph import Graph, Member, Node, Scope
from archspec.graph.network import Network
from archspec.graph.walk import ancestors, at, children, home, inside, moved
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Frozen:
    """What each class freezes.

    Attributes:
        here: class -> paths inside of it, "" for all of it.
        rigid: what is there decides what is frozen, so that no argument of the network may decide what is there.
    """

    here: Mapping[Template, tuple[str, ...]] = field(default_factory=dict)
    rigid: bool = False


def plan(network: Network, ordered: Sequence[Template]) -> Frozen:
    """What each class of `ordered`, children before parents, freezes. Linear in what is frozen, times the nesting."""
    graph = network.graph
    said = (scope for scope in graph.scopes.values() if scope.frozen_inside and not scope.share)
    whole = {scope.id for scope in said if owns(network, scope)}
    open_ = _Open(graph, _units(network))
    here: dict[Template, tuple[str, ...]] = {}
    rigid = False
    met: set[str] = set()  # uses of classes that were asked
    for template in ordered if whole or open_.inside else ():
        uses = own_uses(template)
        found = [[*[""] * (use.id in whole), *(moved(id, use.id, "") for id in open_.of(use.id))] for use in uses]
        common = [path for path in found[0] if all(path in other for other in found[1:])] if found else []
        common = [""] if "" in common else common
        if common:
            here[template] = tuple(common)
        for use in uses:
            taken = open_.of(use.id) if common == [""] else tuple(moved(path, "", use.id) for path in common)
            rigid = rigid or any(_wavers(graph, use, id, met) for id in taken if common != [""])
            open_.close(taken)
            if use.id in whole and common != [""]:
                open_.add(use.id)
        met.update(use.id for use in uses)
    return Frozen(here, rigid or _hangs(graph))


class _Open:
    """What is frozen, and no class says so yet."""

    def __init__(self, graph: Graph, units: Iterable[str]) -> None:
        self.graph = graph
        self.inside: dict[str, dict[str, None]] = {}  # scope -> what is frozen in it, at any depth
        for id in units:
            self.add(id)

    def add(self, id: str) -> None:
        """Notes one member."""
        for scope in self._around(id):
            self.inside.setdefault(scope, {})[id] = None

    def of(self, scope: str) -> tuple[str, ...]:
        """What is frozen inside of a scope, in writing order."""
        return tuple(self.inside.get(scope, ()))

    def close(self, ids: Iterable[str]) -> None:
        """Takes out what a class says."""
        for id in ids:
            for scope in self._around(id):
                self.inside.get(scope, {}).pop(id, None)

    def _around(self, id: str) -> Iterator[str]:
        yield from ancestors(self.graph, home(at(self.graph, id)))
        yield ""


def _units(network: Network) -> Iterator[str]:
    """What is frozen where it stands and has parameters; a repeat whose parts all are, as one."""
    graph = network.graph
    found: dict[str, None] = {}
    for scope in graph.scopes.values():
        if scope.frozen and not scope.share and owns(network, scope):
            inner = inside(graph, scope) if _in_flat(graph, scope) else (scope,)
            found |= {one.id: None for one in inner if one is scope or (isinstance(one, Node) and owns(network, one))}
    found |= {id: None for id, node in graph.nodes.items() if node.frozen and owns(network, node)}
    if not found:
        return
    for id, scope in graph.scopes.items():
        parts = [part for part in children(graph, scope) if owns(network, part)]
        if scope.definition.kind == "repeat" and parts and all(part.id in found and not part.share for part in parts):
            for part in parts:
                del found[part.id]
            found[id] = None
    yield from (member.id for member in inside(graph, graph.scopes[""]) if member.id in found)


def owns(network: Network, member: Member) -> bool:
    """Whether a member has parameters that are no other member's."""
    graph = network.graph
    counted, lending = counted_at(graph), {tensor.node for tensor in lent(graph)}
    members = (member,) if isinstance(member, Node) else inside(graph, member)
    own = (node.id for node in members if isinstance(node, Node) and not node.share)
    return any(id in lending or network.costs[counted.get(id, id)].params for id in own)


def _in_flat(graph: Graph, scope: Scope) -> bool:
    """Whether a scope has no module, since one around it has everything in one sequence."""
    return any(graph.scopes[id].definition.flat for id in ancestors(graph, scope.parent))


def _hangs(graph: Graph) -> bool:
    """Whether an expression says what is frozen."""
    definitions = any(scope.definition.freeze is not None for scope in graph.scopes.values())
    sites = (*(node.site for node in graph.nodes.values()), *(scope.site for scope in graph.scopes.values()))
    return definitions or any(site.freeze is not None for site in sites)


def _wavers(graph: Graph, use: Scope, id: str, met: Collection[str]) -> bool:
    """Whether a member may be there or not, or in another place, in other networks of the same class."""
    member = at(graph, id)
    while member.id != use.id:
        if member.site.when is not None or member.site.alternative is not None:
            return True
        member = graph.scopes[home(member)]
        if member.id != use.id and (member.definition.kind == "repeat" or member.id in met):
            return True
    return False
