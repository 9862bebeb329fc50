"""Readers: what values are to what reads them.

query, key, value = x.unbind(1)
x = F.scaled_dot_product_attention(query, key, value)
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import zip_longest

from archspec.code.parts import BlockPart, OpPart, Part
from archspec.graph.graph import Local

GENERAL = frozenset(("", "x", "other"))  # names that inputs have whatever they are


def called_by_readers(parts: Iterable[Part], canonical: Callable[[Local], Local]) -> Mapping[Local, str]:
    """Value -> what the only op or block that reads it calls it, if it calls all of its inputs by what they are.

    Args:
        parts: of a class.
        canonical: a value as it is called where it is made.
    """
    found: dict[Local, list[str]] = {}
    for part in parts:
        for read, name in zip_longest(part.reads, _inputs(part), fillvalue=""):
            if isinstance(read, Local):
                found.setdefault(canonical(read), []).append(name)
    return {local: names[0] for local, names in found.items() if len(names) == 1 and names[0]}


def _inputs(part: Part) -> tuple[str, ...]:
    """What a part calls its inputs; nothing where one of them has a name that says nothing."""
    if isinstance(part, OpPart):
        names = part.sample.op.input_names[: len(part.reads)]
    else:
        names = part.template.definition.inputs if isinstance(part, BlockPart) else ()
    return names if GENERAL.isdisjoint(names) else ()
