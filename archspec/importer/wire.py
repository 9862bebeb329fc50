"""Wire: what each graph of the tree takes from outside and gives to it, and which members nobody needs."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from archspec.importer.tree import Graph, Member, every, graphs, reads


def wire(root: Graph, outputs: Iterable[int]) -> Graph:
    """The tree without what nobody reads, each graph with the values that cross its edge.

    Args:
        root: the tree.
        outputs: the values that the network gives.
    """
    gives = tuple(dict.fromkeys(outputs))
    spare = _spare(root, gives)
    root = _without_unread(root, (*gives, *spare))
    total = Counter((*reads(root), *gives))
    faced = _faced(root, total, spare)
    return replace(faced, reads=root.reads, named=root.named, gives=gives)


def _spare(root: Graph, gives: tuple[int, ...]) -> frozenset[int]:
    """Results of a module that nobody outside reads of this call, and somebody does of another: all calls have them."""
    total = Counter((*reads(root), *gives))
    calls: dict[str, list[Graph]] = {}
    for graph in graphs(root):
        if graph.path:
            calls.setdefault(graph.path, []).append(graph)
    found: set[int] = set()
    for several in calls.values():
        if len(several) < 2:
            continue
        inner = [Counter(reads(one)) for one in several]
        needed = {
            (at, total[number] > own[number])
            for one, own in zip(several, inner, strict=True)
            for at, number in enumerate(one.gives)
        }
        both = {at for at, outside in needed if outside and (at, False) in needed}
        found.update(number for one in several for at, number in enumerate(one.gives) if at in both)
    return frozenset(found)


def _without_unread(root: Graph, gives: tuple[int, ...]) -> Graph:
    while True:
        read = set(reads(root)).union(gives, *(graph.apart.values() for graph in graphs(root)))
        unread = {id(m) for m in every(root) if m.graph is None and not read & set(m.gives) and "kept" not in m.fields}
        if not unread:
            return root
        root = _dropped(root, unread)


def _dropped(graph: Graph, gone: set[int]) -> Graph:
    kept: list[Member] = []
    for member in graph.members:
        if id(member) in gone:
            continue
        inner = _dropped(member.graph, gone) if member.graph is not None else None
        if inner is None or inner.members:
            kept.append(replace(member, graph=inner))
    return replace(graph, members=tuple(kept))


def _faced(graph: Graph, total: Mapping[int, int], spare: frozenset[int]) -> Graph:
    """A graph and those inside with their edges: values in the order of the module's arguments and results."""
    members = tuple(
        member if member.graph is None else _edged(member, _faced(member.graph, total, spare))
        for member in graph.members
    )
    within = replace(graph, members=members)
    inside = [member for member in every(within) if member.graph is None]
    made = dict.fromkeys(number for member in inside for number in member.gives)
    inner = Counter(reads(within))
    # In the order of the first that reads them: a list of blocks is given what its first block takes.
    outside = dict.fromkeys(number for member in members for number in member.reads if number not in made)
    taken = [number for number in dict.fromkeys(graph.reads) if number in outside]
    taken += [number for number in outside if number not in taken]
    names = dict(zip(graph.reads, graph.named, strict=False))
    own = spare.intersection(graph.gives)
    given = [number for number in made if total[number] > inner[number] or number in own]
    ordered = [number for number in dict.fromkeys(graph.gives) if number in given]
    ordered += [number for number in given if number not in ordered]
    named = tuple(names.get(number, "") for number in taken)
    return replace(within, reads=tuple(taken), gives=tuple(ordered), named=named)


def _edged(member: Member, graph: Graph) -> Member:
    return replace(member, graph=graph, reads=graph.outer, gives=graph.gives)
