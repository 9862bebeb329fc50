"""Lists: members of a ModuleList or a ModuleDict that nobody calls, reached by their numbers or keys.

layers.0, layers.1                  layers: [...]             one behind the other: a graph in place
fuse.0, add, fuse.1, add1           fuse: [...], add, add1    others in between that can wait, or go first: as well
body.wte, add, body.drop            body: {wte, add, drop}    and of a mapping inside of it, where they hold nothing
ups.0, join, ups.1                  ups.0, join, ups.1        others in between that cannot: by their own names
downs.0.1, join, downs.1.1          downs.0.1, ...            and those inside of its items by theirs
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from operator import attrgetter

from torch import nn

from archspec.importer.naming import numbered
from archspec.importer.refused import Refused
from archspec.importer.tree import Graph, Member, given_by, ops, read_by
from archspec.language.names import fault_of_member
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
    """The members with one list made a graph, or each of its items, or what is inside of these."""
    at = _places(graph, name)
    if not at:
        return graph.members
    if any(member.name == name for member in graph.members):
        graph = replace(graph, members=tuple(_opened(graph, name)))
        at = _places(graph, name)
    found = _whole(graph, name, at)
    if found is not None:
        return found
    start = len(name) + 1
    keys = dict.fromkeys(graph.members[one].name[start:].partition(".")[0] for one in at)
    _require_sayable(graph, name, tuple(keys))
    items = [f"{name}.{key}" for key in keys]
    members: tuple[Member, ...] | None = graph.members
    for item in items:
        if members is not None:
            members = _gathered(replace(graph, members=members), item) if _reads_as_one(graph, item) else None
    if members is not None:
        return members
    members = graph.members
    for item in items:
        members = _list(replace(graph, members=members), item)
    return members


def _opened(graph: Graph, name: str) -> Iterator[Member]:
    """The members with what each call of a module does, where modules inside of it are called by themselves too.

    Raises:
        Refused: it holds tensors itself, which have no place among modules.
    """
    for member in graph.members:
        inner = member.graph
        if member.name != name:
            yield member
        elif inner is None or inner.apart or any(not (one.module or one.graph) and one.name for one in inner.members):
            raise Refused(f"{name} is called, and modules inside of it by themselves", graph.path)
        else:
            yield from (replace(one, name=f"{name}.{one.name}" if one.name else "") for one in inner.members)


def _whole(graph: Graph, name: str, at: Sequence[int]) -> tuple[Member, ...] | None:
    """The members with a list as one graph; None where it is none, or does not read as one thing."""
    found = _gathered(graph, name) if _reads_as_one(graph, name) else None
    if found is None and _reads_as_one(graph, name, range(at[0], at[-1] + 1)):
        found = _absorbed(graph, name)
    return found


def _reads_as_one(graph: Graph, name: str, inside: Sequence[int] = ()) -> bool:
    """Whether a list is one thing: of modules; of lists, where one value comes of it; in a list, where one goes in too.

    `inside` is where what would stand in it is, if that is more than its own modules.
    """
    at = _places(graph, name)
    if "." not in name and all(graph.members[one].name.count(".") == 1 for one in at):
        return True
    reads, gives = _ends(graph, inside or at)
    return gives <= 1 and (reads <= 1 or "." not in name)


def _places(graph: Graph, name: str) -> list[int]:
    """Where the members stand that are inside of a list."""
    return [at for at, member in enumerate(graph.members) if member.name.startswith(f"{name}.")]


def _ends(graph: Graph, inside: Sequence[int]) -> tuple[int, int]:
    """How many values these members read of others, and how many of theirs others read."""
    within = set(inside)
    read, made, used = set[int](), set[int](), set(graph.gives)
    for at, member in enumerate(graph.members):
        if at in within:
            read |= read_by(member)
            made |= given_by(member)
        else:
            used |= read_by(member)
    return len(read - made), len(used & made)


def _require_sayable(graph: Graph, name: str, keys: Sequence[str]) -> None:
    """Raises Refused where the modules of a container have no names that a list or a mapping has."""
    numbers = [key for key in keys if key.isdigit()]
    if faults := [fault[1] for key in keys if (fault := fault_of_member(f"{name}.{key}")) is not None]:
        raise Refused(f"modules of {name} run between others: {faults[0]}", graph.path)
    if numbers and len(numbers) < len(keys):
        raise Refused(f"some modules of {name} have numbers and others names, and run between others", graph.path)
    there = attrgetter(name)(graph.module)._modules
    counted = range(max(map(int, numbers), default=0))
    if (missing := next((number for number in counted if str(number) not in there), None)) is not None:
        reason = f"the modules of {name} are called {', '.join(numbers)} and run between others"
        raise Refused(f"{reason}, and a list has a {missing}", graph.path)


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
            if late & read_by(member):
                return None
            made |= given_by(member)
        elif at > last or (late | made) & read_by(member):
            behind.append(member)
            late |= given_by(member)
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
