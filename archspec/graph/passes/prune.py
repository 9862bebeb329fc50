"""Prune: leaves out what no output needs, inside every use of a block and through its inputs.

A use that needs other members or other inputs of its block than its fellows has a definition of its own.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from archspec.diagnostics.findings import Findings
from archspec.graph.assemble import assemble
from archspec.graph.elaborate.expand import Expanded
from archspec.graph.graph import Absent, Definition, Graph, Local, Member, Node, Scope, Tensor, child_id
from archspec.graph.passes.needed import Needed, needed
from archspec.graph.passes.unread import warn_unread
from archspec.graph.walk import children, head, port_of
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class _Selection:
    """What one use of a definition lacks: inputs, members that other uses have, and the same of what stands in it."""

    takes: tuple[str, ...]
    gone: frozenset[str]
    inner: frozenset["tuple[Definition, _Selection]"]

    def all_of(self, definition: Definition) -> bool:
        """Whether the use lacks nothing."""
        return self.takes == definition.inputs and not self.gone and not self.inner


def prune(expanded: Expanded, findings: Findings) -> Graph:
    """The graph without what no output needs: nodes, scopes, their inputs and outputs. Linear in nodes and edges.

    Args:
        expanded: the graph, and the scopes whose use chooses its outputs.
        findings: takes a warning for each site that is written and needed nowhere.
    """
    graph = expanded.graph
    found = needed(graph)
    takes = {id: found.takes(graph, id) for id in graph.scopes if id in found.ids}
    takes |= {id: graph.scopes[id].definition.inputs for id in expanded.whole}
    quiet = _quiet(graph, expanded.chosen)
    warn_unread(graph, found, quiet, findings)
    if len(found.ids) == len(graph.nodes) + len(graph.scopes) and all(
        len(inputs) == len(graph.scopes[id].definition.inputs) for id, inputs in takes.items()
    ):
        return graph
    _warn(graph, found, quiet, findings)
    nodes = {id: node for id, node in graph.nodes.items() if id in found.ids}
    scopes = _Pruner(graph, found, takes).scopes()
    owners = {id: owner for members in (nodes, scopes) for id, owner in _owners(members)}
    tied = zip(nodes.items(), _ties(nodes, owners), strict=True)
    nodes = {id: replace(n, share=owners[id], ties=ties) if n.share or n.ties else n for (id, n), ties in tied}
    scopes = {id: replace(s, share=owners[id]) if s.share != owners[id] else s for id, s in scopes.items()}
    return assemble(nodes, scopes, graph.inputs, graph.outputs)


def _owners(members: Mapping[str, Node] | Mapping[str, Scope]) -> Iterator[tuple[str, str]]:
    """Whose parameters each member uses again: where the owner goes, the first that is left becomes the owner."""
    heirs: dict[str, str] = {}
    for id, member in members.items():
        if not member.share or member.share in members:
            yield id, member.share
        else:
            heir = heirs.setdefault(member.share, id)
            yield id, heir if heir != id else ""


def _ties(nodes: Mapping[str, Node], owners: Mapping[str, str]) -> Iterator[tuple[tuple[str, Tensor], ...]]:
    """The ties of each node: where the owner of a tensor goes, the first that is left with it becomes the owner."""
    heirs: dict[Tensor, Tensor] = {}
    modules: dict[str, str] = {}  # of a module that goes -> the second use that has it now
    for id, node in nodes.items():
        kept: dict[str, Tensor] = {}
        if node.share and not owners[id]:
            modules[node.share] = id
            kept = {gone.name: heir for gone, heir in heirs.items() if gone.node == node.share}
        for name, owner in node.ties:
            if owner.node in nodes:
                kept[name] = owner
            elif owner.node in modules:
                kept[name] = Tensor(modules[owner.node], owner.name)
            elif (heir := heirs.setdefault(owner, Tensor(id, name))).node != id:
                kept[name] = heir
        yield tuple(kept.items())


class _Pruner:
    """Makes the scopes anew from what of them is needed."""

    def __init__(self, graph: Graph, found: Needed, takes: Mapping[str, tuple[str, ...]]) -> None:
        self.graph, self.found, self.takes = graph, found, takes
        self.outputs: dict[str, Mapping[str, Local]] = {}
        self.absent: dict[str, Mapping[str, Absent]] = {}

    def scopes(self) -> dict[str, Scope]:
        """The scopes that stay, with what stays in them."""
        for scope in reversed(tuple(self.graph.scopes.values())):  # the inner ones first, for their outputs
            if scope.id in self.takes:
                self.absent[scope.id] = self.absent_of(scope)
                self.outputs[scope.id] = {port: to for port, to in scope.outputs.items() if self.stands(scope, to)}
        selected = self.selections()
        copies: dict[tuple[Definition, _Selection], Definition] = {}
        made: dict[str, Scope] = {}
        for id, takes in self.takes.items():
            scope = self.graph.scopes[id]
            definition, selection = scope.definition, selected[id]
            if not selection.all_of(definition):
                made_anew = replace(definition, inputs=takes, alone=self.is_alone(scope))
                definition = copies.setdefault((definition, selection), made_anew)
            made[id] = self.rebuilt(scope, definition)
        return made

    def is_alone(self, scope: Scope) -> bool:
        """Whether a scope is a repeat whose first part takes nothing that the next part would be given of it."""
        if scope.definition.kind != "repeat" or not scope.members:
            return False
        part = self.graph.scopes.get(child_id(scope.id, scope.members[0]))
        if part is None:  # an op hands its one value to its first input
            return scope.definition.inputs[:1] != self.takes[scope.id][:1]
        taken = self.takes.get(part.id, ())  # nothing where no output needs the first part, as none reads it
        return not {name for _, name in part.definition.hands} & set(taken)

    def rebuilt(self, scope: Scope, definition: Definition) -> Scope:
        """A scope with what stays in it."""
        members, absent = self.members(scope), self.absent[scope.id]
        there = {*members, *absent}
        read = [name in definition.inputs for name in scope.definition.inputs] if scope.id else []
        return replace(
            scope,
            definition=definition,
            reads=tuple(local for local, stays in zip(scope.reads, read, strict=True) if stays),
            inputs=tuple(ref for ref, stays in zip(scope.inputs, read, strict=True) if stays),
            members=members,
            absent=absent,
            order=tuple(name for name in scope.order if name in there),
            outputs=self.outputs[scope.id],
            written={number: name for number, name in scope.written.items() if name in there},
        )

    def members(self, scope: Scope) -> tuple[str, ...]:
        """The members of a scope that stay."""
        return tuple(name for name in scope.members if child_id(scope.id, name) in self.found.ids)

    def absent_of(self, scope: Scope) -> Mapping[str, Absent]:
        """The left-out members of a scope that still have something to pass on."""
        stays: dict[str, Absent] = {}
        for name in scope.order:
            absent = scope.absent.get(name)
            if absent is not None and all(self.stands(scope, read, stays) for read in absent.reads):
                stays[name] = absent
        return stays

    def stands(self, scope: Scope, local: Local, absent: Collection[str] | None = None) -> bool:
        """Whether a name in a scope still leads to a value."""
        if local.member in scope.absent:
            return local.member in (self.absent[scope.id] if absent is None else absent)
        if local.member in scope.definition.inputs:
            return local.member in self.takes[scope.id]
        id = child_id(scope.id, local.member)
        if id not in self.found.ids:
            return False
        inner = self.graph.scopes.get(id)
        return inner is None or port_of(inner, local.port) in self.outputs[id]

    def selections(self) -> dict[str, _Selection]:
        """What each scope lacks, the inner ones first. What no use has is lacking in none."""
        present: dict[Definition, set[str]] = {}
        for id in self.takes:
            scope = self.graph.scopes[id]
            present.setdefault(scope.definition, set()).update(self.members(scope))
        found: dict[str, _Selection] = {}
        inner: dict[str, set[tuple[Definition, _Selection]]] = {}
        for id in reversed(tuple(self.takes)):
            scope = self.graph.scopes[id]
            gone = present[scope.definition] & set(scope.members) - set(self.members(scope))
            made = found[id] = _Selection(self.takes[id], frozenset(gone), frozenset(inner.get(id, ())))
            if not made.all_of(scope.definition):
                inner.setdefault(scope.parent, set()).add((scope.definition, made))
        return found


def _quiet(graph: Graph, chosen: Collection[str]) -> set[str]:
    """Scopes of which nothing is reported: what other specs have, and blocks of which a use chooses the outputs."""
    quiet: set[str] = set()
    here = graph.scopes[""].definition.span.source
    for id, scope in graph.scopes.items():
        if id and (scope.definition.span.source is not here or scope.parent in quiet or id in chosen):
            quiet.add(id)
    return quiet


def _warn(graph: Graph, found: Needed, quiet: Collection[str], findings: Findings) -> None:
    """Reports what goes, once per site."""
    members: tuple[Member, ...] = (*graph.nodes.values(), *graph.scopes.values())
    used = {member.site for member in members if member.id in found.ids}
    for id, scope in graph.scopes.items():
        if id not in found.ids or id in quiet:
            continue
        gone = [member for member in children(graph, scope) if member.id not in found.ids]
        unused = {member.site: f"no output needs {member.name}" for member in gone if member.site not in used}
        if scope.definition.kind == "repeat" and gone:
            parts = f"{len(gone)} of the {len(scope.members)} parts of {scope.name}"
            unused = {scope.site: f"no output needs {parts}"}
        for site, message in unused.items():
            findings.add(
                "unused-node",
                message,
                head(site),
                severity="warning",
                help="leave it out, or give it as one of the outputs",
            )
