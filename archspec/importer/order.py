"""Order: members in the order in which the module registers them, where the flow allows it: the state_dict's order."""

from dataclasses import replace

from torch import nn

from archspec.importer.tree import Graph, Member


def ordered(graph: Graph) -> Graph:
    """The graph and those inside, each with its members in the module's order. What reads a member stands below it."""
    members = tuple(
        member if member.graph is None else replace(member, graph=ordered(member.graph)) for member in graph.members
    )
    return replace(graph, members=_sorted(members, registered(graph.module)))


def registered(module: nn.Module) -> dict[str, int]:
    """Where each tensor and module stands in what the module registers: its tensors come first."""
    names = [*module._parameters, *module._buffers, *module._modules]
    return {name: at for at, name in enumerate(names)}


def _sorted(members: tuple[Member, ...], places: dict[str, int]) -> tuple[Member, ...]:
    maker = {number: at for at, member in enumerate(members) for number in member.gives}
    ranks: list[tuple[int, int]] = []
    for at, member in enumerate(members):
        first = member.name.partition(".")[0]
        before = max((ranks[maker[n]][0] for n in member.reads if maker.get(n, at) < at), default=-1)
        known = places.get(member.name, places.get(first))
        ranks.append((known if known is not None else max(before, ranks[-1][0] if ranks else -1), at))
    if ranks == sorted(ranks):
        return members
    todo, made = list(range(len(members))), list[int]()
    while todo:
        waiting = set(todo)
        free = (at for at in todo if not any(maker.get(n, at) in waiting - {at} for n in members[at].reads))
        chosen = min(free, key=lambda at: ranks[at])
        todo.remove(chosen)
        made.append(chosen)
    return tuple(members[at] for at in made)
