"""--checkpoint: the blocks that are computed again on the way back."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archspec.graph.network import Network


def checkpoints(network: "Network", given: str | None) -> tuple[str, ...]:
    """Ids of the blocks that are named, in the order of the flow.

    A name is a path, `layer1.0`, that of a repeat, `layer1`, for all of its parts, or that of a block, `bottleneck`,
    for all of its uses.

    Raises:
        Usage: there is none of this name, it is no module of its own, or one lies inside of another.
    """
    from archspec.cli.application import Usage
    from archspec.graph.walk import asked, within
    from archspec.memory.planner import checkpointable, drifting
    from archspec.registry import nearest

    graph = network.graph
    able = [id for id, scope in graph.scopes.items() if checkpointable(network, scope)]
    found: dict[str, None] = {}
    for name in filter(None, (part.strip() for part in (given or "").split(","))):
        path = asked(graph, name)
        uses = [path] if path in able else [id for id in able if graph.scopes[id].definition.name == name]
        if not uses and path in graph.scopes and graph.scopes[path].definition.kind == "repeat":
            uses = [id for id in able if graph.scopes[id].parent == path]
        if not uses:
            drift = next(drifting(network, graph.scopes[path]), None) if path in graph.scopes else None
            if drift is not None:
                what = drift.id.replace("/", ".")
                raise Usage(f"{name} cannot be computed again: {what} gives something else in each run of training")
            if path in graph.scopes or path in graph.nodes:
                raise Usage(f"{name} cannot be computed again by itself: it is no block with a module of its own")
            near = nearest(
                name, (*(id.replace("/", ".") for id in able), *(graph.scopes[id].definition.name for id in able))
            )
            raise Usage(f"there is no block {name}" + (f"; did you mean {near}?" if near else ""))
        found.update(dict.fromkeys(uses))
    for id in found:
        inner = next((other for other in found if other != id and within(other, id)), None)
        if inner is not None:
            raise Usage(f"{inner.replace('/', '.')} lies inside of {id.replace('/', '.')}, which is computed again")
    return tuple(id for id in graph.scopes if id in found)
