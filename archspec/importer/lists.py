"""Lists: members of a ModuleList or a ModuleDict that nobody calls, reached by their numbers or keys.

layers.0, layers.1                  layers: [...]             one behind the other: a graph in place
fuse.0, add, fuse.1, add1           fuse: [...], add, add1    others in between that can wait, or go first: as well
ups.0, join, ups.1                  ups.0, join, ups.1        others in between that cannot: by their own names
body.wte, add, body.drop            body: {wte, add, drop}    and of a mapping inside of it, where they hold nothing
"""

from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

from torch import nn

from archspec.importer.naming import numbered
from archspec.importer.refused import Refused
from archspec.importer.tree import Graph, Member, ops
from archspec.ops import OPS


def grouped(graph: Graph) -> Graph:
    """The graph with its lists as graphs in place, those inside too. Raises Refused for a list that no spec can say."""
    members = tuple(
        member if member.graph is None else replace(member, graph=grouped(member.graph)) for member in graph.members
    )
    for name in dict.fromkeys(_top(member) for member in members if "." in member.name):
        members = _list(replace(graph, members=members), name)
    return replace(graph, members=members)


def _top(member: Member) -> str:
    return member.name.partition(".")[0]


def _list(graph: Graph, name: str) -> tuple[Member, ...]:
    """The members with one list made a graph, or each of its items."""
    found = _gathered(graph, name) or _absorbed(graph, name)
    if found is not None:
        return found
    items = dict.fromkeys(".".join(m.name.split(".")[:2]) for m in graph.members if _top(m) == name)
    members = graph.members
    for item in items:
        gathered = _gathered(replace(graph, members=members), item)
        if gathered is None:
            raise Refused(f"the members of {item} run between others", graph.path)
        members = gathered
    numbers = [item.rpartition(".")[2] for item in items]
    if sorted(numbers) != sorted(map(str, range(len(numbers)))):
        raise Refused(f"the modules of {name} run between others and are not numbered 0, 1, ...", graph.path)
    return members


def _gathered(graph: Graph, name: str) -> tuple[Member, ...] | None:
    """The members with those under `name.` as one graph; None where others have to run between them."""
    members = graph.members
    listed = [member.name[: len(name) + 1] == f"{name}." for member in members]
    if not any(listed):
        return members
    apart = _apart(members, listed)
    if apart is None or any(member.name == name for member in members):
        return None
    before, behind = apart
    inside = tuple(
        replace(member, name=member.name[len(name) + 1 :]) for member, it in zip(members, listed, strict=True) if it
    )
    path = f"{graph.path}.{name}" if graph.path else name
    module = attrgetter(name)(graph.module)
    inner = grouped(Graph(inside, (), (), module, path, block=False))
    made = Member("", (), (), name, graph=inner, module=module, path=path)
    return (*before, made, *behind)


def _absorbed(graph: Graph, name: str) -> tuple[Member, ...] | None:
    """The members with a mapping of modules as one graph, in which what runs between them stands too.

    None where a list is to be numbered, or where something of the module's own runs between.
    """
    if not isinstance(attrgetter(name)(graph.module), nn.ModuleDict):
        return None
    at = [at for at, member in enumerate(graph.members) if member.name[: len(name) + 1] == f"{name}."]
    inside = graph.members[at[0] : at[-1] + 1]
    if any(member.name[: len(name) + 1] != f"{name}." and (member.name or OPS[member.op].holds) for member in inside):
        return None
    members = tuple(
        replace(member, name=f"{name}.{member.name[len(name) + 1 :]}" if member.name else f"{name}.{at}-")
        for at, member in enumerate(inside)
    )
    gathered = _gathered(
        replace(graph, members=(*graph.members[: at[0]], *members, *graph.members[at[-1] + 1 :])), name
    )
    return None if gathered is None else tuple(map(_unnamed, gathered))


def _unnamed(member: Member) -> Member:
    """A member in which what was named to be gathered has no name again."""
    if member.graph is None:
        return member
    members = tuple(replace(one, name="") if one.name[-1:] == "-" else one for one in member.graph.members)
    return replace(member, graph=replace(member.graph, members=members))


def _apart(members: Sequence[Member], listed: Sequence[bool]) -> tuple[list[Member], list[Member]] | None:
    """The other members: those that can run before all that are listed, and those that need one of these.

    None where one that is listed needs one that needs another.
    """
    before: list[Member] = []
    behind: list[Member] = []
    late: set[int] = set()  # what is given by those that need one
    made: set[int] = set()  # what is given by those that are listed
    last = len(listed) - 1 - listed[::-1].index(True)
    for at, (member, inside) in enumerate(zip(members, listed, strict=True)):
        if inside:
            if late & set(member.reads):
                return None
            made |= set(member.gives)
        elif at > last or (late | made) & set(member.reads):
            behind.append(member)
            late |= set(member.gives)
        else:
            before.append(member)
    return before, behind


def freed(graph: Graph) -> Graph:
    """The graph with ops out of lists that cannot number them: in front where they need no module of it, or behind."""
    members: list[Member] = []
    for member in graph.members:
        if member.graph is None:
            members.append(member)
            continue
        inner = freed(member.graph)
        listed = any(one.name.isdigit() for one in inner.members) and not numbered(inner.members)
        before, behind = _around(inner) if listed else ([], [])
        apart = {id(one) for one in (*before, *behind)}
        kept = tuple(one for one in inner.members if id(one) not in apart)
        members += [*before, replace(member, graph=replace(inner, members=kept)), *behind]
    return replace(graph, members=tuple(members))


def _around(graph: Graph) -> tuple[list[Member], list[Member]]:
    """The ops without a name that can run before all modules of a list, and those that can run after them."""
    made: set[int] = set()
    before: list[Member] = []
    for member in graph.members:
        if member.name or not made.isdisjoint(member.reads):
            made |= {number for one in ops(member) for number in one.gives}
        else:
            before.append(member)
    read: set[int] = set()
    behind: list[Member] = []
    for member in reversed(graph.members):
        if member in before:
            continue
        if member.name or not read.isdisjoint(member.gives):
            read |= {number for one in ops(member) for number in one.reads}
        else:
            behind.insert(0, member)
    return before, behind
