"""First rounds: calls of a module right before a loop that calls it again, as rounds of the loop.

    x = self.layer(x, padding)                for _ in range(12):
    for _ in range(11):                           x = self.layer(x, padding)
        x = self.layer(x, padding)

    x = self.step(x, words, 0)                for i in range(words.shape[1]):
    for i in range(words.shape[1] - 1):           x = self.step(x, words, i)
        x = self.step(x, words, i + 1)

A spec has no other way to say it: what shares is written beside what it shares with.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from archspec.graph.graph import Local
from archspec.values.expression import Binary, Expr, Global, Literal, Name
from archspec.values.source import Invoke, Operand, Operation, Source, invoke, replaced

if TYPE_CHECKING:
    from archspec.code.step import Step, Written


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
            step = _with_one_more(step, made.pop())
        made.append(step)
    return made


def _is_round(call: "Step", loop: "Step") -> bool:
    """Whether a call is what a loop does in each of its rounds, the first of them."""
    carried, count = len(loop.gives), len(call.reads)
    counted = isinstance(loop.loop, Invoke) and loop.loop.function == Global("range") and len(loop.loop.args) == 1
    if not counted or call.loop is not None or len(call.gives) != carried or len(loop.reads) < count:
        return False
    plain = not (call.nested or loop.nested or call.test or loop.test or loop.inner)
    goes_on = loop.reads[:count] == (*call.gives, *call.reads[carried:])
    if not (plain and goes_on and call.train_only == loop.train_only):
        return False
    args, all_args = (tuple(map(Operand, range(len(step.reads)))) for step in (call, loop))
    return call.call(args) == _renumbered(loop, Literal(0))(all_args)


def _renumbered(loop: "Step", number: Expr) -> "Written":
    """The call of a loop with another number in place of `i + 1`; a plain `i` in it stays."""
    counted = Name(loop.variables[0]), Literal(1)
    before: dict[Source, Source] = {Binary("+", *counted): number, Operation("+", *counted): number}
    return lambda args: replaced(loop.call(args), before)


def _with_one_more(loop: "Step", call: "Step") -> "Step":
    """A loop with a call as its first round."""
    over = loop.loop
    rounds = over.args[0] if isinstance(over, Invoke) else Literal(0)
    match rounds:
        case Literal(int() as many):
            more: Source = Literal(many + 1)
        case Binary("-", several, Literal(1)) | Operation("-", several, Literal(1)):
            more = several
        case Binary("-", several, Literal(int() as less)) | Operation("-", several, Literal(int() as less)):
            more = Operation("-", several, Literal(less - 1))
        case _:
            more = Operation("+", rounds, Literal(1))
    reads = (*call.reads, *loop.reads[len(call.reads) :])
    return replace(loop, reads=reads, call=_renumbered(loop, Name(loop.variables[0])), loop=invoke("range", more))
