"""Naming: names for members that the module has none for, and for modules that are called again."""

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import replace
from itertools import chain, count

from archspec.importer.refused import Refused
from archspec.importer.tree import Graph, Member, ops
from archspec.language.names import fault_of_member

# What would do where a module does more in one call than in another.
BESIDE = "do what differs beside that module, or put both calls into a module inside: it is opaque"
# Ops that people call otherwise.
SHORT = {
    "adaptive_avg_pool1d": "avgpool",
    "adaptive_avg_pool2d": "avgpool",
    "adaptive_avg_pool3d": "avgpool",
    "avg_pool2d": "avgpool",
    "max_pool2d": "maxpool",
    "scaled_dot_product_attention": "attend",
    "functional_linear": "linear",
    "functional_conv2d": "conv",
    "dynamic_conv2d": "conv",
    "functional_conv_transpose2d": "up",
    "dynamic_conv_transpose2d": "up",
    "multi_head_attention": "attention",
}


def named(graph: Graph) -> Graph:
    """The graph in which each member has a name of its own, those inside too. Lists keep their numbers.

    Raises:
        Refused: ops stand between members of a list, and these are called in another order than they have there.
    """
    members = tuple(
        member if member.graph is None else replace(member, graph=named(member.graph)) for member in graph.members
    )
    members = _again(members)
    if numbered(members):
        return replace(graph, members=tuple(replace(m, name=str(at)) for at, m in enumerate(members)))
    numbers = [member.name for member in members if member.name.isdigit()]
    if numbers != list(map(str, range(len(numbers)))):
        raise Refused("ops between the modules of a list", graph.path)
    taken = {member.name for member in members} | set(filter(None, graph.named))
    wanted = Counter(base(member) for member in members if not member.name)
    made: list[Member] = []
    for member in members:
        name = member.name or free(base(member), taken, many=wanted[base(member)] > 1)
        taken.add(name)
        made.append(replace(member, name=name))
    return replace(graph, members=tuple(made))


def base(member: Member) -> str:
    """What a member is called that the module has no name for: as its author, its op, or the function it stands for."""
    if member.called:
        return member.called
    target = member.fields.get("target")
    return target.partition(":")[2] if isinstance(target, str) else SHORT.get(member.op, member.op)


def numbered(members: Iterable[Member]) -> bool:
    """Whether all that has a name has the number of its place, and what has none the numbers in between: a list."""
    names = [member.name for member in members]
    return any(names) and all(name in ("", str(at)) for at, name in enumerate(names))


def free(base: str, taken: Container[str], *, many: bool = False) -> str:
    """A name that nothing has: `relu`, or `relu1` where there are several."""
    if base.startswith("__"):  # which no number behind it makes a name of ours
        base = base.lstrip("_") or "x"
    candidates = chain(() if many else (base,), (f"{base}{number}" for number in count(1)))
    return next(name for name in candidates if name not in taken and fault_of_member(name) is None)


def _again(members: tuple[Member, ...]) -> tuple[Member, ...]:
    """Modules that are called more than once: those with parameters are shared, the others are a member each time.

    Raises:
        Refused: a shared one is given a mask here, and none there: uses of one block have the same inputs. Or it does
            something else: they have the same members, with other numbers at most.
    """
    counts = Counter(member.name for member in members if member.name)
    first: dict[str, Member] = {}
    made: list[Member] = []
    taken = set(counts)
    for member in members:
        if counts[member.name] < 2 or not member.name:
            made.append(member)
            continue
        holds = member.module is not None and bool(member.module.state_dict())
        name, before = member.name, first.setdefault(member.name, member)
        if holds and member.graph is not None and len(member.reads) != len(before.reads):
            counted = sorted(len(one.reads) for one in (member, before))
            raise Refused("is called with {} values, and elsewhere with {}".format(*counted), member.path)
        if holds and member.fields.get("shapes") != before.fields.get("shapes"):
            raise Refused("gives values of other sizes where it is called again", member.path)
        if holds and [one.op for one in ops(member)] != [one.op for one in ops(before)]:
            raise Refused("does something else where it is called again", member.path, cure=BESIDE)
        if not holds or before is not member:
            name = _further(member.name, taken)
        taken.add(name)
        made.append(replace(member, name=name, share=member.name if name != member.name and holds else ""))
    return tuple(made)


def _further(name: str, taken: Container[str]) -> str:
    """What a module is called where it is called again: of a list, the next number."""
    if name.isdigit():
        return next(number for number in map(str, count()) if number not in taken)
    return free(name.replace(".", "_").replace("-", "_"), taken, many=True)
