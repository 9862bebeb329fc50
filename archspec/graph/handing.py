"""What a part of a repeat hands to the next one.

outputs h, c of inputs h, c, skip           h to h, c to c: all outputs are called as inputs are
outputs c, h of inputs h, c, skip           c to c, h to h
outputs out, state of inputs h, c, skip     out to h, state to c: by place
"""

from collections.abc import Sequence

from archspec.graph.graph import Graph, Scope, child_id

Pairs = tuple[tuple[str, str], ...]


def handed_as(outputs: Sequence[str], inputs: Sequence[str]) -> Pairs:
    """The outputs of a part, each with the input that the next part reads it as: by name, else by place."""
    if set(outputs) <= set(inputs):
        return tuple((name, name) for name in outputs)
    return tuple(zip(outputs, inputs, strict=False))


def hands(outputs: Sequence[tuple[str, bool]], inputs: Sequence[str]) -> Pairs:
    """The same of what an author writes, `(name, whether it may be missing)`; () where that hangs on what is there."""
    every = handed_as([name for name, _ in outputs] or [""], inputs)
    sure = [name for name, may_miss in outputs if not may_miss]
    return every if set(handed_as(sure, inputs)) <= set(every) else ()


def shows_what_it_hands_on(graph: Graph, repeat: Scope, ports: Sequence[str]) -> bool:
    """Whether a repeat has a second part; or its one part gives all that another would read of it, as that reads it.

    What nothing needs is not there: of a single cell that gives h and c, with only h needed after it, nobody sees that
    a second one would read c. And `for cell in cells: c, h = cell(c, h)` is no way to call cells of inputs h and c.

    Args:
        graph: the whole.
        repeat: one use of the repeat.
        ports: the outputs that its parts return, in order; empty where they are a chain, which ends in its last member.
    """
    only = graph.scopes.get(child_id(repeat.id, repeat.members[0])) if len(repeat.members) == 1 else None
    if only is None:  # an op hands its one value to its first input
        return True
    inputs = only.definition.inputs
    pairs = tuple((port, name) for port, name in only.definition.hands if name in inputs)
    ends = [port for port, local in only.outputs.items() if local.member == only.members[-1]]
    given = (ports or ends) if pairs and pairs[0][0] else [""]
    return bool(pairs) and tuple(zip(given, inputs, strict=False))[: len(pairs)] == pairs
