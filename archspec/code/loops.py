"""Loops: which parts of a repeat one loop calls, and over what.

for block in self.layers:                         SHORTEST_LOOP parts and more, else a call for each
for i in range(1, 4):
for _ in range(words.shape[1] - 1):               as often as a size says
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from archspec.code.parts import BlockPart, SequencePart, places
from archspec.code.parts import Item as AnyItem
from archspec.graph.graph import Local
from archspec.graph.handing import in_turn
from archspec.language.expression.symbolic import names
from archspec.values.expression import Literal
from archspec.values.source import Operand, Source, invoke, of_shapes

if TYPE_CHECKING:
    from archspec.code.step import Step

SHORTEST_LOOP = 3  # parts of a repeat in a row that a loop says in fewer lines


def counted(numbers: range) -> Source:
    """`range(3)`, or `range(1, 4)`."""
    starts = (Literal(numbers.start),) if numbers.start else ()
    return invoke("range", *starts, Literal(numbers.stop))


def enumerated(modules: Source, numbers: range) -> Source:
    """`enumerate(self.layers)`, or `enumerate(self.layers[2:], 2)`."""
    starts = (Literal(numbers.start),) if numbers.start else ()
    return invoke("enumerate", modules, *starts)


def is_by_number(part: AnyItem) -> bool:
    """Whether a part of a repeat is handed what follows from its number."""
    return isinstance(part, BlockPart) and any("i" in names(expr) for expr in part.handed)


def called_at_once(part: SequencePart) -> Iterator[range]:
    """The parts of a repeat as they are called: a long stretch at once, which one loop says, others one by one."""
    for stretch in part.stretches:
        if len(stretch) >= SHORTEST_LOOP and part.numbered:
            yield stretch
        else:
            yield from (range(i, i + 1) for i in stretch)


def in_loop(step: "Step", first: AnyItem) -> "Step":
    """A call in a loop: what a part hands on is read first, whatever the place at which the next is given it.

    `state = block(words, state)` reads state, which it gives, and then words.
    """
    call, count = step.call, len(step.reads)
    order = in_turn(places(first), range(count))
    step.reads = tuple(step.reads[k] for k in order)
    back = [order.index(k) for k in range(count)]
    step.call = lambda args: call([args[k] for k in back])
    return step


def timed(step: "Step", turns: Source, measured: Sequence[str], variable: str) -> "Step":
    """A call as a loop that runs as often as the sizes of inputs say, which it reads after what the call does."""
    call, count = step.call, len(step.reads)
    given: dict[str, Source] = {owner: Operand(count + k) for k, owner in enumerate(measured)}
    step.reads += tuple(map(Local, measured))
    step.call = lambda args: call(args[:count])
    step.loop, step.variables = invoke("range", of_shapes(turns, given)), (variable,)
    return step
