"""Training: members that run in training only, found by comparing what the module does in both modes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import TypeAlias

from archspec.importer.drops import by_hand
from archspec.importer.recording import Call, Recording, calls
from archspec.importer.refused import Refused
from archspec.importer.tree import Graph, Member, every
from archspec.importer.values import Values
from archspec.ops import OPS
from archspec.ops.op import Role

Step: TypeAlias = tuple[str, int, int, int, int]  # of a comparison, as difflib says it


class Unmarked(Refused):
    """Training does otherwise than inference, and not only more."""


def same_calls(one: Recording, two: Recording) -> bool:
    """Whether two runs call the same with the same numbers, in the same order."""
    return [_signature(call) for call in calls(one.top)] == [_signature(call) for call in calls(two.top)]


def _signature(call: Call) -> tuple[object, ...]:
    """What a call is told from others by: `F.dropout(x, p=0.0)` of inference is none of training's `p=0.1`."""
    given = (*call.args, *call.kwargs.values())
    return call.function, call.path, *(one for one in given if type(one) in (int, float))


def marked(training: Graph, inference: Graph, values: Values, *, late: bool = False) -> Graph:
    """The graph of training, with what inference does not do marked as such; what drops by chance does nothing in it.

    Args:
        training: what the run in training was translated to.
        inference: the same of inference.
        values: of the run in training.
        late: of equal members in a row, inference has the last: a head that training calls for each stage, say.

    Raises:
        Unmarked: inference does something that training does not, or reads what only training makes.
    """
    found = by_hand(_marked(training, inference, late=late), values)
    made = made_in_training(found)
    for member in _always(found):
        if member.graph is None and not made.isdisjoint(member.reads):
            raise Unmarked(
                f"it computes in another way what {member.path or member.name or member.op} reads", training.path
            )
    return found


def made_in_training(graph: Graph) -> frozenset[int]:
    """The values that are made in training only."""
    return frozenset(number for member in _only(graph) for number in _given(member))


def require_given_in_both(graph: Graph, inference: Mapping[str, int], values: Values) -> None:
    """Raises Unmarked where training computes more for what inference gives too.

    Args:
        graph: of training, marked.
        inference: the outputs of the run in inference.
        values: of the run in training.
    """
    made, training = made_in_training(graph), values.run.outputs
    late = late_outputs(inference, training)
    if any(values.found(number) in made for name, number in training.items() if name not in late):
        raise Unmarked("it computes in another way what it gives", graph.path)


def given_in_both(inference: Recording, training: Recording) -> Mapping[str, int]:
    """The outputs of runs of the same calls: those of training, where it gives what inference does, and maybe more."""
    more = set(inference.outputs) <= set(training.outputs) or tuple(inference.outputs) == ("",)
    return training.outputs if more and len(training.known) == len(inference.known) else inference.outputs


def late_outputs(inference: Mapping[str, int], given: Mapping[str, int]) -> list[str]:
    """The names of what only training gives: of `return (x, aux) if self.training else x` all but the first."""
    if "" in inference and "" not in given:
        return list(given)[1:]
    return [name for name in given if name not in inference]


def _marked(training: Graph, inference: Graph, *, late: bool) -> Graph:
    members = list(training.members)
    keys, others = _keys(members), _keys(inference.members)
    opcodes = SequenceMatcher(None, keys, others, autojunk=False).get_opcodes()
    for tag, start, end, other, other_end in _slid(opcodes, keys) if late else opcodes:
        if tag in ("insert", "replace"):
            raise Unmarked("inference does what training does not", training.path)
        if tag == "delete":
            members[start:end] = [replace(one, training=not _is_drop(one)) for one in members[start:end]]
            continue
        for at, there in zip(range(start, end), inference.members[other:other_end], strict=True):
            inner = members[at].graph
            if inner is not None and there.graph is not None:
                members[at] = replace(members[at], graph=_marked(inner, there.graph, late=late))
    return replace(training, members=tuple(members))


def _slid(opcodes: Sequence[Step], keys: Sequence[object]) -> list[Step]:
    """The steps of a comparison with what is left out earlier, where the same stands in front of it.

    a b c b c     a b c, then `b c` left out     ->     a, then `b c` left out, then b c
    """
    steps = list(opcodes)
    for at in range(len(steps) - 1, 0, -1):
        (before, begin, _, other, other_end), (tag, start, end, *_) = steps[at - 1], steps[at]
        if (before, tag) != ("equal", "delete"):
            continue
        more = 0
        while more < start - begin and keys[start - 1 - more] == keys[end - 1 - more]:
            more += 1
        middle = other_end - more
        steps[at - 1 : at + 1] = [
            ("equal", begin, start - more, other, middle),
            ("delete", start - more, end - more, middle, middle),
            ("equal", end - more, end, middle, other_end),
        ]
    return steps


def _is_drop(member: Member) -> bool:
    return bool(member.op) and OPS[member.op].role is Role.DROPOUT


def _keys(members: Sequence[Member]) -> list[tuple[str, str, int]]:
    """What members are told apart by: `x + 0.8` is no `x + y`."""
    return [(member.name, member.op, 0 if member.graph else len(member.reads)) for member in members]


def _only(graph: Graph) -> Iterator[Member]:
    """The members that are there in training only, not those inside of them."""
    for member in graph.members:
        if member.training:
            yield member
        elif member.graph is not None:
            yield from _only(member.graph)


def _always(graph: Graph) -> Iterator[Member]:
    """The others."""
    for member in graph.members:
        if not member.training:
            yield member
            if member.graph is not None:
                yield from _always(member.graph)


def _given(member: Member) -> Iterator[int]:
    """The values that a member makes, and those that are made inside of it."""
    yield from member.gives
    if member.graph is not None:
        for inner in every(member.graph):
            yield from inner.gives
