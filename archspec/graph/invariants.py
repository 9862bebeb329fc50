"""Verify: the invariants of a Graph. A broken one is a bug of archspec, never a mistake in a spec."""

from collections.abc import Iterator

from archspec.graph.graph import Graph, Local, Ref, child_id
from archspec.graph.walk import resolve, through


class BrokenGraph(AssertionError):
    """The graph is not as `graph/graph.py` promises."""


def verify(graph: Graph) -> None:
    """Raises BrokenGraph where the graph breaks an invariant. Linear in nodes and edges.

    - Nodes stand in a topological order, and an id is its scope's id and its name.
    - Every reference leads to an output that there is, and what a member is said to read is what it reads.
    - Scopes stand parents first, and hold exactly their members; `order` has the members and the absent ones.
    - What shares parameters shares with something that holds its own, and is written before it; so with single tensors.
    - What inference needs reads nothing that runs only in training.
    """
    for broken in _broken(graph):
        raise BrokenGraph(f"{broken}: this is a bug in archspec")


def _broken(graph: Graph) -> Iterator[str]:
    yield from _broken_nodes(graph)
    yield from _broken_scopes(graph)
    for output in graph.outputs:
        if not _there(graph, output.ref):
            yield f"output {output.name} is {output.ref}, which is not there"


def _broken_nodes(graph: Graph) -> Iterator[str]:
    before: set[str] = set()
    for id, node in graph.nodes.items():
        if id != node.id or id != child_id(node.scope, node.name) or node.scope not in graph.scopes:
            yield f"{id} does not stand in its scope"
        if len(node.inputs) != len(node.reads):
            yield f"{id} reads {len(node.inputs)} values and names {len(node.reads)}"
        for ref, local in zip(node.inputs, node.reads, strict=False):
            if ref.node not in before or not _there(graph, ref):
                yield f"{id} reads {ref}, which is not there before it"
            elif not _means(graph, node.scope, local, ref):
                yield f"{id} reads {ref}, and names {local}"
            elif not node.train_only and any(member.train_only for member in through(graph, node.scope, local)):
                yield f"{id} reads {ref.node} through what runs only in training"
        if node.share and (node.share not in before or graph.nodes[node.share].share):
            yield f"{id} shares with {node.share}, which holds no parameters of its own before it"
        for _, owner in node.ties:
            if owner.node not in before or owner.name in dict(graph.nodes[owner.node].ties):
                yield f"{id} takes {owner}, which is no tensor of its own before it"
        before.add(id)


def _broken_scopes(graph: Graph) -> Iterator[str]:
    before = {""}
    for id, scope in graph.scopes.items():
        if scope.parent not in before or (id and id != child_id(scope.parent, scope.name)):
            yield f"scope {id} does not stand in its parent"
        before.add(id)
        if id and not len(scope.inputs) == len(scope.reads) == len(scope.definition.inputs):
            yield f"scope {id} has not one value for each input"
        for ref, local in zip(scope.inputs, scope.reads, strict=False):
            if not _there(graph, ref) or not _means(graph, scope.parent, local, ref):
                yield f"scope {id} reads {ref}, and names {local}"
        for port, local in scope.outputs.items():
            if not _leads(graph, id, local):
                yield f"output {port} of scope {id} leads nowhere"
    yield from _broken_members(graph)


def _broken_members(graph: Graph) -> Iterator[str]:
    held: dict[str, set[str]] = {id: set() for id in graph.scopes}
    for node in graph.nodes.values():
        if node.id not in graph.inputs:
            held[node.scope].add(node.name)
    for scope in graph.scopes.values():
        if scope.id:
            held[scope.parent].add(scope.name)
    for id, scope in graph.scopes.items():
        if set(scope.members) != held[id] or len(scope.members) != len(held[id]):
            yield f"scope {id} does not hold its members"
        if set(scope.order) != {*scope.members, *scope.absent} or len(scope.order) != len(set(scope.order)):
            yield f"scope {id} does not order its members"


def _there(graph: Graph, ref: Ref) -> bool:
    node = graph.nodes.get(ref.node)
    return node is not None and ref.port in node.op.ports


def _means(graph: Graph, scope: str, local: Local, ref: Ref) -> bool:
    try:
        return resolve(graph, scope, local) == ref
    except (KeyError, StopIteration):
        return False


def _leads(graph: Graph, scope: str, local: Local) -> bool:
    try:
        return _there(graph, resolve(graph, scope, local))
    except (KeyError, StopIteration):
        return False
