"""Rounds over lists with their members in the graph around them, where their modules stand.

    rounds: {repeat: 2, lists: true, graph: {convs: {op: conv2d, ...}, relu: relu}}

    rounds/0/convs  rounds/0/relu     becomes     convs.0  relu_0
    rounds/1/convs  rounds/1/relu                 convs.1  relu_1

Figures, tables and pages show the rounds as the repeat that they are. The source has lists of modules, `self.convs`,
and knows neither `rounds` nor its parts.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace

from archspec.graph.assemble import assemble
from archspec.graph.graph import (
    NO_NAMES,
    Definition,
    Graph,
    Local,
    Member,
    Node,
    Ref,
    Rounds,
    Scope,
    Site,
    Tensor,
    child_id,
)
from archspec.graph.network import Network
from archspec.graph.once import once
from archspec.graph.walk import children, home, last_name, member_of, port_of, shared, standing
from archspec.language.expression.symbolic import names, replaced
from archspec.language.names import called_in_lists, nested, unused
from archspec.values.dataclass import dataclass
from archspec.values.expression import Expr, Literal, Name

INDEX = Name("i")  # what the number of a round is called


@dataclass(frozen=True, slots=True)
class InLists:
    """A graph in which no rounds are scopes.

    Attributes:
        graph: it.
        called: id of a node or a scope -> its id there; rounds over lists and their parts have none.
    """

    graph: Graph
    called: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)

    @property
    def meant(self) -> Mapping[str, str]:
        """The other way round: an id there -> that of the node or scope."""
        return {there: id for id, there in self.called.items()}


@once
def in_lists(network: Network) -> Network:
    """The network as its modules stand in its source. Linear in nodes; the same network where it has no rounds."""
    made, graph = graph_in_lists(network.graph), network.graph
    if made.graph is graph:
        return network
    shapes = {made.called[id]: shapes for id, shapes in network.shapes.items()}
    costs = {made.called[id]: cost for id, cost in network.costs.items()}
    return replace(network, graph=made.graph, shapes=shapes, costs=costs)


@once
def graph_in_lists(graph: Graph) -> InLists:
    """The graph as its modules stand in its source. Linear in nodes; the same graph where it has no rounds."""
    if not any(scope.definition.rounds for scope in graph.scopes.values()):
        return InLists(graph, {id: id for id in (*graph.scopes, *graph.nodes)})
    return _Dissolving(graph).made()


def is_round(graph: Graph, scope: Scope) -> bool:
    """Whether a scope is one of the rounds over lists, and so no module."""
    return bool(scope.id) and graph.scopes[scope.parent].definition.rounds


class _Dissolving:
    """Moves the members of rounds over lists into the graphs around them."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.around: dict[str, str] = {}  # id of rounds, or of a part of them -> that of the graph around, as it was
        self.numbers: dict[str, int] = {}  # id of a scope of which the author's `i` is the number of a round -> that
        self.taken: dict[str, set[str]] = {}
        self.lists: dict[str, set[str]] = {}
        self.called: dict[str, str] = {}
        self.definitions: dict[tuple[Definition, tuple[str, ...]], Definition] = {}
        self.sites: dict[tuple[Site, int, bool], Site] = {}

    def made(self) -> InLists:
        """The graph and what everything is called in it."""
        graph = self.graph
        for scope in graph.scopes.values():
            self._enter(scope)
        for id, node in graph.nodes.items():
            self.called[id] = self._moved(node)
        scopes = {made.id: made for made in map(self._scope, graph.scopes.values()) if made is not None}
        nodes = {made.id: made for made in map(self._node, graph.nodes.values())}
        outputs = tuple(replace(output, ref=self._ref(output.ref)) for output in graph.outputs)
        return InLists(assemble(nodes, scopes, graph.inputs, outputs), self.called)

    # -- what things are called ---------------------------------------------------------------------------------------

    def _enter(self, scope: Scope) -> None:
        """Finds out where a scope comes to stand; those around it have been entered."""
        inside = scope.parent in self.numbers and scope.definition.kind in ("inline", "repeat")
        if is_round(self.graph, scope):
            self.around[scope.id] = self.around[scope.parent]
            self.numbers[scope.id] = self.graph.scopes[scope.parent].members.index(scope.name)
        elif scope.definition.rounds:
            self.around[scope.id] = scope.parent
        else:
            self.called[scope.id] = self._moved(scope) if scope.id else ""
            if inside and self.graph.scopes[scope.parent].definition.kind != "repeat":
                self.numbers[scope.id] = self.numbers[scope.parent]

    def _moved(self, member: Member) -> str:
        """The id that a member comes to have: one of a round stands in a list if it is a module of its own."""
        parent = home(member)
        if parent not in self.around:
            return child_id(self.called[parent], member.name)
        around, number = self.graph.scopes[self.around[parent]], self.numbers[parent]
        if member.name in self._lists(self.graph.scopes[parent].parent) and not shared(self.graph, member):
            return child_id(self.called[around.id], f"{member.name}.{number}")
        if around.id not in self.taken:
            self.taken[around.id] = {*around.order, *around.definition.inputs}
        name = unused(f"{member.name.replace('.', '_')}_{number}", self.taken[around.id])
        self.taken[around.id].add(name)
        return child_id(self.called[around.id], name)

    def _lists(self, rounds: str) -> set[str]:
        """The names of the members of rounds that are modules of their own in some round, and so in lists."""
        if rounds not in self.lists:
            inner = (one for part in self._parts(self.graph.scopes[rounds]) for one in children(self.graph, part))
            own = (one for one in inner if not shared(self.graph, one))
            self.lists[rounds] = {one.name for one in own if isinstance(one, Scope) or one.op.stateful}
        return self.lists[rounds]

    # -- what things are ----------------------------------------------------------------------------------------------

    def _node(self, node: Node) -> Node:
        id = self.called[node.id]
        return replace(
            node,
            id=id,
            name=last_name(id) if node.scope in self.around else node.name,
            scope=self.called[self.around.get(node.scope, node.scope)],
            inputs=tuple(map(self._ref, node.inputs)),
            reads=self._reads(node.scope, node.reads),
            site=self._site(node),
            share=self.called.get(node.share, ""),
            ties=tuple((name, Tensor(self.called[owner.node], owner.name)) for name, owner in node.ties),
        )

    def _scope(self, scope: Scope) -> Scope | None:
        """A scope as it comes to be; None of rounds and their parts."""
        if scope.id in self.around:
            return None
        id, numbered = self.called[scope.id], scope.id in self.numbers
        members = tuple(last_name(self.called[one.id]) for one in self._members(scope))
        order = tuple(self._order(scope))
        return replace(
            scope,
            id=id,
            definition=self._definition(scope),
            name=last_name(id) if scope.parent in self.around else scope.name,
            parent=self.called[self.around.get(scope.parent, scope.parent)] if scope.id else "",
            site=self._site(scope) if scope.id else scope.site,
            args={name: value for name, value in scope.args.items() if name != INDEX.name or not numbered},
            reads=self._reads(scope.parent, scope.reads),
            inputs=tuple(map(self._ref, scope.inputs)),
            members=members,
            order=order,
            absent={
                name: replace(one, reads=self._reads(scope.id, one.reads), site=self._numbered(one.site, scope.id))
                for name, one in scope.absent.items()
            },
            outputs={port: self._local(scope.id, local) for port, local in scope.outputs.items()},
            conditions=(*scope.conditions, *self._decided(scope)),
            rounds=tuple(map(self._rounds, self._dissolved(scope))),
            share=self.called.get(scope.share, ""),
            written=called_in_lists(order)
            if any(map(nested, order)) and not scope.definition.listed
            else scope.written,
        )

    def _members(self, scope: Scope) -> Iterator[Member]:
        """What comes to stand in a scope itself, in writing order."""
        for member in children(self.graph, scope):
            if member.id in self.around and isinstance(member, Scope):
                for part in children(self.graph, member):
                    yield from children(self.graph, part) if isinstance(part, Scope) else ()
            else:
                yield member

    def _order(self, scope: Scope) -> Iterator[str]:
        """The names of a scope, those of left-out members included."""
        for name in scope.order:
            member = None if name in scope.absent else member_of(self.graph, scope, name)
            if isinstance(member, Scope) and member.id in self.around:
                for part in children(self.graph, member):
                    inner = children(self.graph, part) if isinstance(part, Scope) else ()
                    yield from (last_name(self.called[one.id]) for one in inner)
            else:
                yield name

    def _definition(self, scope: Scope) -> Definition:
        """What a scope is a use of, with the order of the lists in it; the same one for equal orders."""
        definition, rounds = scope.definition, {one.name: self._in_order(one) for one in self._dissolved(scope)}
        named = definition.order or tuple(name for name, (said, _) in rounds.items() if said)
        order = tuple(one for name in named for one in (rounds[name][1] if name in rounds else (name,)))
        if order == definition.order:
            return definition
        return self.definitions.setdefault((definition, order), replace(definition, order=order))

    def _in_order(self, rounds: Scope) -> tuple[bool, tuple[str, ...]]:
        """Whether rounds say in which order their lists are, and the members of these in that order."""
        lists: dict[str, list[str]] = {}
        said: tuple[str, ...] = ()
        for part in self._parts(rounds):
            said = part.definition.order
            for one in children(self.graph, part):
                if one.name in self._lists(rounds.id) and not shared(self.graph, one):
                    lists.setdefault(one.name, []).append(last_name(self.called[one.id]))
        moved = iter([name for name in said if name in lists])
        names = [next(moved) if name in said else name for name in lists]
        return bool(said), tuple(one for name in names for one in lists[name])

    def _dissolved(self, scope: Scope) -> Iterator[Scope]:
        """The rounds in a scope itself."""
        for member in children(self.graph, scope):
            if isinstance(member, Scope) and member.id in self.around:
                yield member

    def _parts(self, rounds: Scope) -> Iterator[Scope]:
        return (part for part in children(self.graph, rounds) if isinstance(part, Scope))

    def _rounds(self, rounds: Scope) -> Rounds:
        """What of rounds is still to be said, when their members stand around them."""
        inner = [member for part in self._parts(rounds) for member in children(self.graph, part)]
        lists = dict.fromkeys(one.name for one in inner if one.name in self._lists(rounds.id))
        said = (one.share or one.frozen or one.site.freeze is not None for one in inner)
        tied = (isinstance(one, Node) and one.ties for one in inner)
        chosen = ("i" in names(test) for one in inner for test in one.site.tests)  # other rounds may have none of it
        left_out = any(part.absent for part in self._parts(rounds))
        plain = not (any(said) or any(tied) or any(chosen) or left_out)
        reads = tuple(tuple(map(self._ref, part.inputs)) for part in self._parts(rounds))
        return Rounds(rounds.site, tuple(lists), reads, plain)

    def _decided(self, scope: Scope) -> Iterator[Expr]:
        """What decides whether rounds are there, and what is in each: where it is another, that is another class."""
        for rounds in self._dissolved(scope):
            yield from (expr for expr in (rounds.site.when,) if expr is not None)
            for part in self._parts(rounds):
                members = (*children(self.graph, part), *part.absent.values())
                for site in (one.site for one in members):
                    tests = site.alternative.every if site.alternative is not None else (site.when, site.repeat)
                    number = self.numbers[part.id]
                    yield from (_at(expr, number) for expr in (*tests, *site.chosen) if expr is not None)

    # -- what they read -----------------------------------------------------------------------------------------------

    def _ref(self, ref: Ref) -> Ref:
        return Ref(self.called[ref.node], ref.port)

    def _reads(self, scope: str, reads: Iterable[Local]) -> tuple[Local, ...]:
        return tuple(self._local(scope, read) for read in reads)

    def _local(self, scope: str, local: Local) -> Local:
        """What a name said in a scope is called where that, or what is around the rounds that it is in, comes to be."""
        scopes = self.graph.scopes
        here = scopes[scope]
        while True:
            if here.id in self.around:
                local = standing(here, local)
                if local.member in here.definition.inputs:
                    local, here = here.reads[here.definition.inputs.index(local.member)], scopes[here.parent]
                    continue
            id = child_id(here.id, local.member)
            if id not in self.around:
                return Local(last_name(self.called.get(id, local.member)), local.port)
            here = scopes[id]
            local = here.outputs[port_of(here, local.port)]

    # -- what is written of them --------------------------------------------------------------------------------------

    def _site(self, member: Member) -> Site:
        """Where a member is written; what decides whether one of a round is there is decided."""
        parent = home(member)
        if parent not in self.around:
            return self._numbered(member.site, parent)
        number, exprs = self.numbers[parent], member.site.exprs
        key = member.site, number, True
        if key not in self.sites:
            said = {name: expr for name, expr in exprs.items() if INDEX.name in names(expr)}
            made = self._numbered(member.site, parent)
            self.sites[key] = replace(made, when=None, alternative=None, number=number, numbered=said)
        return self.sites[key]

    def _numbered(self, site: Site, scope: str) -> Site:
        """A site in a scope, with the number of the round in place of `i`."""
        number = self.numbers.get(scope)
        if number is None or not any(INDEX.name in names(expr) for expr in _exprs(site)):
            return site
        key = site, number, False
        if key not in self.sites:
            exprs = {name: _at(expr, number) for name, expr in site.exprs.items()}
            self.sites[key] = replace(
                site,
                exprs={name: expr for name, expr in exprs.items() if not isinstance(expr, Literal)},
                when=_at(site.when, number) if site.when is not None else None,
                repeat=_at(site.repeat, number) if site.repeat is not None else None,
                freeze=_at(site.freeze, number) if site.freeze is not None else None,
                chosen=tuple(_at(expr, number) for expr in site.chosen),
            )
        return self.sites[key]


def _exprs(site: Site) -> Iterator[Expr]:
    yield from site.exprs.values()
    yield from site.chosen
    yield from (expr for expr in (site.when, site.repeat, site.freeze) if expr is not None)


def _at(expr: Expr, number: int) -> Expr:
    """An expression in the round of this number."""
    return replaced(expr, lambda leaf: Literal(number) if leaf == INDEX else leaf) or expr
