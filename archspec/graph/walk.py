"""Walk: the questions about a Graph that every stage asks, each answered here only.

    resolve         which node gives this value?   through left-out members, inputs, repeats and blocks
    find            the same, None where nothing gives it
    default_output  which node gives what the bare name of a scope means?
    own_output      the same, only where that node stands inside the scope

In a block with `graph: {conv: ..., act: {when: false, ...}}` the last member `act` is left out: `resolve(graph, block,
Local("act"))` is then the output of `conv`.
"""

from archspec.graph.graph import Graph, Local, Node, Ref, Scope, child_id


def resolve(graph: Graph, scope: str, local: Local) -> Ref:
    """The output that `local`, said inside `scope`, stands for: through left-out members, and into scopes.

    Linear in the left-out members and scopes that it passes. Raises KeyError where the name stands for nothing.
    """
    here = graph.scopes[scope]
    while True:
        if local.member in here.absent:
            local = here.absent[local.member].reads[0]
            continue
        if local.member in here.definition.inputs:
            if not here.id:
                return Ref(local.member)
            return here.inputs[here.definition.inputs.index(local.member)]
        member = child_id(here.id, local.member)
        if member in graph.nodes:
            return Ref(member, local.port)
        here = graph.scopes[member]
        local = here.outputs[local.port if local.port or "" in here.outputs else next(iter(here.outputs))]


def find(graph: Graph, scope: str, local: Local) -> Ref | None:
    """The output that `local`, said inside `scope`, stands for; None where the scope has no such value."""
    try:
        return resolve(graph, scope, local)
    except KeyError:
        return None


def own_output(graph: Graph, scope: Scope) -> Node | None:
    """The node inside `scope` that gives what its bare name means; None where the scope hands on what it reads."""
    ref = default_output(graph, scope)
    return graph.nodes[ref.node] if not scope.id or ref.node.startswith(f"{scope.id}/") else None


def default_output(graph: Graph, scope: Scope) -> Ref:
    """The output that the bare name of `scope` means; outside of it where the scope hands on what it reads."""
    return resolve(graph, scope.id, next(iter(scope.outputs.values())))
