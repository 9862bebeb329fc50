"""Training: members that run in training only, found by comparing what the module does in both modes."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from archspec.importer.recording import Call, Recording, calls
from archspec.importer.refused import Refused
from archspec.importer.tree import Graph, Member


def same_calls(one: Recording, two: Recording) -> bool:
    """Whether two runs call the same, in the same order."""
    return [_signature(call) for call in calls(one.top)] == [_signature(call) for call in calls(two.top)]


def _signature(call: Call) -> tuple[str, str]:
    return call.function, call.path


def marked(training: Graph, inference: Graph) -> Graph:
    """The graph of training, with what inference does not do marked as such.

    Raises:
        Refused: inference does something that training does not.
    """
    members = list(training.members)
    matcher = SequenceMatcher(None, _keys(members), _keys(inference.members), autojunk=False)
    for tag, start, end, other, other_end in matcher.get_opcodes():
        if tag in ("insert", "replace"):
            raise Refused("inference does what training does not", training.path)
        if tag == "delete":
            members[start:end] = [replace(member, training=True) for member in members[start:end]]
            continue
        for at, there in zip(range(start, end), inference.members[other:other_end], strict=True):
            inner = members[at].graph
            if inner is not None and there.graph is not None:
                members[at] = replace(members[at], graph=marked(inner, there.graph))
    return replace(training, members=tuple(members))


def _keys(members: Sequence[Member]) -> list[tuple[str, str]]:
    return [(member.name, member.op) for member in members]
