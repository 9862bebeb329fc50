"""Prune: leaves out what no output needs.

A member stays in every use of its block where one use needs it, for the block becomes one class. A use that chooses its
outputs (`outputs:` at the use) stands apart from the others: there everything else goes, and its parameters with it.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import TypeAlias

from archspec.diagnostics.findings import Findings
from archspec.graph.assemble import assemble
from archspec.graph.elaborate.expand import Expanded
from archspec.graph.graph import Definition, Graph, Local, Node, Scope, Site, child_id, head
from archspec.graph.walk import at, children, home, resolve, standing

MAIN = 0
_Selection: TypeAlias = tuple[Definition, int]


def prune(expanded: Expanded, findings: Findings) -> Graph:
    """The graph without unneeded nodes, scopes and scope outputs. Linear in nodes and edges.

    Args:
        expanded: the graph, and the scopes whose use chooses its outputs.
        findings: takes a warning for each site that is written and needed nowhere.
    """
    graph = expanded.graph
    worlds = _worlds(graph, expanded.chosen)
    kept = _Keeper(graph, worlds).kept()
    if len(kept) == len(graph.nodes) + len(graph.scopes):
        return graph
    _warn(graph, kept, worlds, findings)
    nodes = {id: node for id, node in graph.nodes.items() if id in kept}
    scopes = {id: _without(graph, scope, kept) for id, scope in graph.scopes.items() if id in kept}
    if len(set(worlds.values())) > 1:
        scopes = _told_apart(graph, scopes, worlds)
    return assemble(nodes, scopes, graph.inputs, graph.outputs)


def _worlds(graph: Graph, chosen: Collection[str]) -> dict[str, int]:
    """Scope id -> which of the ways of choosing outputs it stands in; uses of one written choice share theirs."""
    worlds = {"": MAIN}
    numbers: dict[tuple[int, Site], int] = {}
    for id, scope in graph.scopes.items():
        if id:
            around = worlds[scope.parent]
            worlds[id] = numbers.setdefault((around, scope.site), len(numbers) + 1) if id in chosen else around
    return worlds


class _Keeper:
    """Finds the nodes and scopes that stay. Ids of nodes and scopes are never the same.

    A site is live in a world where one member written there stays; then it stays in every use of its block that stays.
    """

    def __init__(self, graph: Graph, worlds: dict[str, int]) -> None:
        self.graph, self.worlds = graph, worlds
        self.found: set[str] = {""}
        self.open: list[str] = []
        self.live: set[tuple[int, Site]] = set()
        self.alike: dict[tuple[int, Site], list[str]] = {}
        for id in (*graph.nodes, *graph.scopes):
            if id:
                self.alike.setdefault(self.key(id), []).append(id)

    def kept(self) -> set[str]:
        """Everything that the outputs need, and what is alike in other uses of a block."""
        for id in (*self.graph.inputs, *(output.ref.node for output in self.graph.outputs)):
            self.need(id)
        for local in self.graph.scopes[""].outputs.values():
            self.need_member("", local)
        while self.open:
            while self.open:
                self.keep(self.open.pop())
            for id in [id for id in self.graph.scopes if id in self.found]:
                for local in self.graph.scopes[id].outputs.values():
                    if resolve(self.graph, id, local).node in self.found:
                        self.need_member(id, local)
        return self.found

    def keep(self, id: str) -> None:
        """Keeps what one member reads, what it stands in, and what is alike."""
        member = at(self.graph, id)
        scope = home(member)
        self.need(scope)
        for ref, local in zip(member.inputs, member.reads, strict=True):
            self.need(ref.node)
            self.need_member(scope, local)
        if member.share:
            self.need(member.share)
        self.spread(id, member)

    def spread(self, id: str, member: Node | Scope) -> None:
        """Keeps what is alike in other uses that stay."""
        key = self.key(id)
        if key not in self.live:
            self.live.add(key)
            for other in self.alike[key]:
                if home(at(self.graph, other)) in self.found:
                    self.need(other)
        if isinstance(member, Scope):
            for inner in children(self.graph, member):
                if self.key(inner.id) in self.live:
                    self.need(inner.id)

    def key(self, id: str) -> tuple[int, Site]:
        member = at(self.graph, id)
        return self.worlds[home(member)], member.site

    def need(self, id: str) -> None:
        if id not in self.found:
            self.found.add(id)
            self.open.append(id)

    def need_member(self, scope: str, local: Local) -> None:
        """Keeps a scope that is read although it hands on what it reads and holds no node that is needed."""
        id = child_id(scope, standing(self.graph.scopes[scope], local).member)
        if id in self.graph.scopes:
            self.need(id)


def _without(graph: Graph, scope: Scope, kept: set[str]) -> Scope:
    """The scope without the members and outputs that go."""
    members = tuple(name for name in scope.members if child_id(scope.id, name) in kept)
    outputs = {port: local for port, local in scope.outputs.items() if resolve(graph, scope.id, local).node in kept}
    if len(members) == len(scope.members) and len(outputs) == len(scope.outputs):
        return scope
    there = {*members, *scope.absent}
    return replace(scope, members=members, order=tuple(n for n in scope.order if n in there), outputs=outputs)


def _told_apart(graph: Graph, scopes: dict[str, Scope], worlds: dict[str, int]) -> dict[str, Scope]:
    """The scopes with a definition of its own for every different selection of one block's members."""
    lost: dict[_Selection, set[object]] = {}
    inner: dict[_Selection, set[_Selection]] = {}
    for id, scope in scopes.items():
        key = (scope.definition, worlds[id])
        gone = set(graph.scopes[id].members) - set(scope.members)
        lost.setdefault(key, set()).update(("member", name) for name in gone)
        lost[key].update(("output", port) for port in scope.outputs)
        if id:
            around = scopes[scope.parent]
            inner.setdefault((around.definition, worlds[scope.parent]), set()).add(key)
    selected: dict[_Selection, object] = {}

    def selection(key: _Selection) -> object:
        """What is lost in a block and in those inside it. Recursive only over the nesting."""
        if key not in selected:
            below = frozenset((part[0], selection(part)) for part in inner.get(key, ()))
            selected[key] = (frozenset(lost[key]), below)
        return selected[key]

    copies: dict[tuple[Definition, object], Definition] = {}
    taken: set[Definition] = set()
    for key in lost:
        known = (key[0], selection(key))
        if known not in copies:
            copies[known] = replace(key[0]) if key[0] in taken else key[0]
            taken.add(key[0])
    return {
        id: replace(scope, definition=copies[scope.definition, selected[scope.definition, worlds[id]]])
        for id, scope in scopes.items()
    }


def _warn(graph: Graph, kept: set[str], worlds: dict[str, int], findings: Findings) -> None:
    """Reports what goes, once per site; not in used specs, and not where a use chooses its outputs."""
    used = {node.site for id, node in graph.nodes.items() if id in kept}
    used |= {scope.site for id, scope in graph.scopes.items() if id in kept}
    quiet: set[str] = set()
    for id, scope in graph.scopes.items():
        if id and (scope.definition.kind == "spec" or scope.parent in quiet or worlds[id] != MAIN):
            quiet.add(id)
        if id not in kept or id in quiet:
            continue
        for gone in children(graph, scope):
            if gone.id not in kept and gone.site not in used:
                findings.add(
                    "unused-node",
                    f"no output needs {gone.name}",
                    head(gone.site),
                    severity="warning",
                    help="leave it out, or give it as one of the outputs",
                )
