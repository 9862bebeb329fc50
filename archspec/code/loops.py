"""Loops: which parts of a repeat one loop calls, and over what.

for block in self.layers:                         SHORTEST_LOOP parts and more, else a call for each
for i in range(1, 4):
"""

from collections.abc import Iterator

from archspec.code.parts import SequencePart
from archspec.values.expression import Literal
from archspec.values.source import Source, invoke

SHORTEST_LOOP = 3  # parts of a repeat in a row that a loop says in fewer lines


def counted(numbers: range) -> Source:
    """`range(3)`, or `range(1, 4)`."""
    starts = (Literal(numbers.start),) if numbers.start else ()
    return invoke("range", *starts, Literal(numbers.stop))


def called_at_once(part: SequencePart) -> Iterator[range]:
    """The parts of a repeat as they are called: a long stretch at once, which one loop says, others one by one."""
    for stretch in part.stretches:
        if len(stretch) >= SHORTEST_LOOP and part.numbered:
            yield stretch
        else:
            yield from (range(i, i + 1) for i in stretch)
