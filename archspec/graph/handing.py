"""What a part of a repeat hands to the next one.

outputs h, c of inputs h, c, skip           h to h, c to c: all outputs are called as inputs are
outputs c, h of inputs h, c, skip           c to c, h to h
outputs out, state of inputs h, c, skip     out to h, state to c: by place
"""

from collections.abc import Sequence
from typing import TypeAlias, TypeVar

from archspec.graph.graph import Definition, Graph, Scope, child_id
from archspec.language.spec import Port

Given = TypeVar("Given")
Pairs: TypeAlias = tuple[tuple[str, str], ...]


def handed_as(outputs: Sequence[str], inputs: Sequence[str]) -> Pairs:
    """The outputs of a part, each with the input that the next part reads it as: by name, else by place."""
    if set(outputs) <= set(inputs):
        return tuple((name, name) for name in outputs)
    return tuple(zip(outputs, inputs, strict=False))


def hands(outputs: Sequence[Port], inputs: Sequence[str]) -> Pairs:
    """The same of the outputs that an author writes; () where it hangs on which of them are there."""
    every = handed_as([port.name.name for port in outputs] or [""], inputs)
    sure = [port.name.name for port in outputs if port.when is None]
    return every if set(handed_as(sure, inputs)) <= set(every) else ()


def handed_places(definition: Definition, ports: Sequence[str]) -> tuple[int, ...]:
    """The places, among the inputs of a part, of what the next one is given for these outputs; by place if unknown."""
    names = dict(definition.hands)
    wanted = [names.get(port, names.get("", "")) for port in ports]
    if not set(wanted) <= set(definition.inputs) or len(set(wanted)) < len(wanted):
        return tuple(range(len(ports)))
    return tuple(map(definition.inputs.index, wanted))


def in_turn(places: Sequence[int], given: Sequence[Given]) -> tuple[Given, ...]:
    """What a part is given: first what the one before hands on, in the order of its outputs, then the rest."""
    return (*(given[k] for k in places if k < len(given)), *(one for k, one in enumerate(given) if k not in places))


def shows_what_it_hands_on(graph: Graph, repeat: Scope, ports: Sequence[str]) -> bool:
    """Whether a repeat has a second part; or its one part gives all that another would read of it, first and in order.

    What nothing needs is not there: of a single cell that gives h and c, with only h needed after it, nobody sees that
    a second one would read c.

    Args:
        graph: the whole.
        repeat: one use of the repeat.
        ports: the outputs that its parts return, in order; empty where they are a chain, which ends in its last member.
    """
    only = graph.scopes.get(child_id(repeat.id, repeat.members[0])) if len(repeat.members) == 1 else None
    if only is None:  # an op hands its one value to its first input
        return True
    wanted = [port for port, name in only.definition.hands if name in only.definition.inputs]
    ends = [port for port, local in only.outputs.items() if local.member == only.members[-1]]
    return bool(wanted) and (wanted == [""] or list(ports or ends)[: len(wanted)] == wanted)
