"""Order: members in the order in which the module registers them, where the flow allows it: the state_dict's order."""

from collections.abc import Sequence
from dataclasses import replace

from torch import nn

from archspec.importer.naming import numbered
from archspec.importer.tree import Graph, Member


def ordered(graph: Graph) -> Graph:
    """The graph and those inside, each with its members in the module's order. What reads a member stands below it."""
    members = tuple(
        member if member.graph is None else replace(member, graph=ordered(member.graph)) for member in graph.members
    )
    return replace(graph, members=members if numbered(members) else _sorted(members, graph.module))


def registered(module: nn.Module) -> dict[str, int]:
    """Where each tensor and module stands in what the module registers: its tensors come first."""
    names = [*module._parameters, *module._buffers, *module._modules]
    return {name: at for at, name in enumerate(names)}


def place(module: nn.Module, name: str) -> tuple[int, ...]:
    """Where a tensor or module stands in what the module registers, level by level; empty where it has no such one."""
    found: list[int] = []
    for key in name.split("."):
        places = registered(module)
        if key not in places:
            break
        found.append(places[key])
        module = module._modules.get(key) or _NOTHING
    return tuple(found)


def as_made(names: Sequence[str]) -> list[str]:
    """Names in the order in which the source registers them: what a list or a mapping has, where its first one stands.

    >>> as_made(["ups.1", "maps.b", "ups.0", "maps.a"])
    ['ups.0', 'ups.1', 'maps.b', 'maps.a']
    """
    inside: dict[str, list[str]] = {}
    for name in names:
        first, _, rest = name.partition(".")
        inside.setdefault(first, []).append(rest)
    numbered = all(map(str.isdigit, inside))
    made: list[str] = []
    for first in sorted(inside, key=int) if numbered else inside:
        rests = inside[first]
        made += [first] if rests == [""] else [f"{first}.{rest}" for rest in as_made(rests)]
    return made


def moved(written: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """What `order` says so that the source registers names as wanted: of a list, its first where that is enough.

    >>> moved(["mid", "ups.0", "ups.1", "out"], ["ups.0", "ups.1", "mid", "out"])
    ('ups.0', 'mid', 'out')
    """
    if as_made(written) == as_made(wanted):
        return ()
    firsts = {name.partition(".")[0]: name for name in reversed(written)}
    order = tuple(name for name in wanted if firsts[name.partition(".")[0]] == name)
    named = iter(order)
    found = [next(named) if name in order else name for name in written]
    return order if as_made(found) == as_made(wanted) else tuple(wanted)


_NOTHING = nn.Module()


def _sorted(members: tuple[Member, ...], module: nn.Module) -> tuple[Member, ...]:
    maker = {number: at for at, member in enumerate(members) for number in member.gives}
    ranks: list[tuple[tuple[int, ...], int]] = []
    for at, member in enumerate(members):
        before = max((ranks[maker[n]][0] for n in member.reads if maker.get(n, at) < at), default=())
        known = place(module, member.name)
        ranks.append((known or max(before, ranks[-1][0] if ranks else ()), at))
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
