"""First rounds: calls of a module right before a loop that calls it again, as rounds of the loop.

    x = self.layer(x, padding)                for _ in range(12):
    for _ in range(11):                           x = self.layer(x, padding)
        x = self.layer(x, padding)

A spec has no other way to say it: what shares is written beside what it shares with.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from archspec.graph.graph import Local
from archspec.values.expression import Literal
from archspec.values.source import Invoke, Operand, Source, invoke

if TYPE_CHECKING:
    from archspec.code.steps import Step


def with_first_rounds(steps: "Sequence[Step]", outputs: Collection[Local]) -> "list[Step]":
    """The steps, of which a loop over one module has the call before it among its rounds. Linear in what they read.

    Args:
        steps: of a class, in order.
        outputs: what it returns.
    """
    readers: dict[Local, int] = dict.fromkeys(outputs, 1)
    for step in steps:
        for read in step.reads:
            readers[read] = readers.get(read, 0) + 1
    made: list[Step] = []
    for given in steps:
        step = given
        while made and _is_round(made[-1], step) and all(readers.get(one, 0) <= 1 for one in made[-1].gives):
            step = replace(step, reads=made.pop().reads, loop=_range(_rounds(step) + 1))
        made.append(step)
    return made


def _is_round(call: "Step", loop: "Step") -> bool:
    """Whether a call is what a loop does in each of its rounds, the first of them."""
    carried, count = len(loop.gives), len(call.reads)
    if not _rounds(loop) or call.loop is not None or len(call.gives) != carried or len(loop.reads) != count:
        return False
    plain = not (call.nested or loop.nested or call.test or loop.test or loop.inner)
    goes_on = loop.reads == (*call.gives, *call.reads[carried:])
    args = tuple(map(Operand, range(count)))
    return plain and goes_on and call.train_only == loop.train_only and call.call(args) == loop.call(args)


def _rounds(step: "Step") -> int:
    """How often a loop runs that counts; 0 of any other step."""
    match step.loop:
        case Invoke(_, (Literal(int() as rounds),)) if step.loop == _range(rounds):
            return rounds
    return 0


def _range(rounds: int) -> Source:
    return invoke("range", Literal(rounds))
