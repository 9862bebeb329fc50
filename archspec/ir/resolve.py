"""Resolve: what a name stands for in the flat graph."""

from archspec.ir.graph import Graph, Local, Ref, child_id


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
        if not local.port and local.port not in here.outputs:
            local = next(iter(here.outputs.values()))
        else:
            local = here.outputs[local.port]
