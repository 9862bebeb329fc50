"""Rule: what an op's own shape rule gives for inputs and fields that are followed. `traced` has the numbers.

A question that the rule asks, `size > 7`, is answered the other way too. Where it then refuses, the answer is required
and says nothing; where it gives the same sizes, it does not matter; else what it gives hangs on the answer, and is not
followed.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import cast

from archspec.code.followed import NOTHING, Followed, Sizes, constant, opposite
from archspec.code.traced import Question, Trace, Traced, without_division
from archspec.ops.op import Op, ShapeFault
from archspec.values.dataclass import dataclass
from archspec.values.expression import Expr, List, Literal, Value
from archspec.values.shape import Shape


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule gives: the sizes of each output, and how each slot of the PyTorch form is written.

    `counted` are the names on which the number of something hangs, or the form of the code.
    """

    outputs: tuple[Sizes, ...]
    slots: Mapping[str, Followed]
    counted: frozenset[str] = NOTHING


@dataclass(frozen=True, slots=True)
class _Run:
    outputs: tuple[Sizes, ...]
    slots: Mapping[str, Followed]
    form: Hashable


class Rule:
    """The rule of an op, for inputs and fields that are followed.

    Args:
        op: with its values in one use.
        xs: the shapes of its inputs there.
        reads: how the sizes of each input are written, as many as it has.
        fields: how fields are written, those that are no literal.
        divisors: what is known to divide what; what the rule requires is put in.
        matters: whether a question about such names matters.
    """

    def __init__(
        self,
        op: Op,
        xs: tuple[Shape, ...],
        reads: Sequence[Sizes],
        fields: Mapping[str, Followed],
        divisors: set[tuple[Expr, Expr]],
        matters: Callable[[frozenset[str]], bool],
    ) -> None:
        self.op, self.xs, self.reads, self.fields = op, xs, reads, fields
        self.divisors, self.matters = divisors, matters

    def outcome(self) -> Outcome:
        """What the rule gives. Linear in the questions that it asks, times the rule.

        What it requires to divide something is asked first, since sizes are written more simply then.
        """
        known = len(self.divisors)
        made = self._asked()
        return made if len(self.divisors) == known else self._asked()

    def _asked(self) -> Outcome:
        """What the rule gives, each of its questions answered the other way too."""
        trace = Trace(self.divisors, self.matters)
        try:
            made = self._run(trace)
        except (ShapeFault, TypeError, AttributeError):  # it wants plain numbers
            return self._unknown()
        counted = set(trace.counted)
        for number, question in enumerate(trace.questions):
            try:
                other = self._run(Trace(self.divisors, self.matters, number))
            except ShapeFault:
                if question.divides is not None:
                    self.divisors.add(question.divides)
                continue
            except Exception:  # noqa: BLE001  whatever goes wrong with an answer that is not true
                counted |= question.names
                continue
            if _kind(other) == _kind(made):
                made = _hanging(made, other, question)
            else:
                counted |= question.names
        outputs = tuple(tuple(map(self._divided, sizes)) for sizes in made.outputs)
        return Outcome(outputs, made.slots, frozenset(counted))

    def _divided(self, said: Followed) -> Followed:
        """A size without a division that leaves nothing: `width` for `2 * (width // 2)`, where 2 divides it."""
        return said if said.expr is None else Followed(without_division(said.expr, self.divisors), said.names)

    def _run(self, trace: Trace) -> _Run:
        op = self.op
        if self.fields:
            op = op.model_copy(update={name: self._field(name, said, trace) for name, said in self.fields.items()})
        xs = tuple(
            replace(x, dims=tuple(_traced(n, said, trace) for n, said in zip(x.dims, sizes, strict=True)))
            for x, sizes in zip(self.xs, self.reads, strict=True)
        )
        ys, slots, form = op.infer(xs), op.slots(xs), op.form(xs)
        lost = frozenset(trace.lost)
        outputs = tuple(tuple(_said(n, lost) for n in y.dims) for y in ys)
        return _Run(outputs, {slot: _said(value, lost) for slot, value in slots.items()}, form)

    def _field(self, name: str, said: Followed, trace: Trace) -> object:
        held = getattr(self.op, name)
        if not isinstance(held, tuple) or isinstance(said.expr, Literal):
            return held if isinstance(held, tuple) else _traced(held, said, trace)
        match said.expr:
            case List(items) if len(items) == len(held):
                each = [Followed(item, said.names) for item in items]
            case _:
                each = [Followed(None, said.names)] * len(held)
        return tuple(_traced(value, one, trace) for value, one in zip(held, each, strict=True))

    def _unknown(self) -> Outcome:
        names = frozenset().union(
            *(said.names for sizes in self.reads for said in sizes), *(said.names for said in self.fields.values())
        )
        outputs = tuple((Followed(None, names),) * len(y.dims) for y in self.op.infer(self.xs))
        return Outcome(outputs, dict.fromkeys(self.op.slots(self.xs), Followed(None, names)), names)


def is_argument(op: Op, xs: tuple[Shape, ...], flag: str) -> bool:
    """Whether the other value of a flag is another argument in the same code, `bias=False`, and nothing else."""
    other = op.model_copy(update={flag: not getattr(op, flag)})
    for rule in (type(op).infer, type(op).form):
        if rule(op, xs) != rule(other, xs):
            return False
    kept = not op.holds or op.buffers(xs) == other.buffers(xs)  # whether it persists is no argument of a tensor
    said, turned = op.slots(xs), other.slots(xs)
    return kept and op.helpers() == other.helpers() and flag in said and said[flag] != turned.get(flag)


def _kind(run: _Run) -> Hashable:
    """What no expression can say of a run: how many outputs and dimensions it has, and the form of its code."""
    return run.form, tuple(map(len, run.outputs)), tuple(run.slots)


def _hanging(made: _Run, other: _Run, question: Question) -> _Run:
    """A run with what came out otherwise under another answer not followed, but for a flag that is the answer."""

    def one(a: Followed, b: Followed) -> Followed:
        match a.expr, b.expr:
            case Literal(bool() as flag), Literal(bool() as turned) if flag != turned and question.said is not None:
                said = question.said if flag == question.answer else opposite(question.said)
                return Followed(said, question.names)
        return a if a == b else Followed(None, a.names | b.names | question.names)

    outputs = tuple(tuple(map(one, ours, theirs)) for ours, theirs in zip(made.outputs, other.outputs, strict=True))
    slots = {slot: one(said, other.slots[slot]) for slot, said in made.slots.items()}
    return _Run(outputs, slots, made.form)


def _traced(value: object, said: Followed, trace: Trace) -> int:
    """A number that knows how it is written, for a rule that takes it for a number; a plain one stays."""
    if isinstance(said.expr, Literal) or isinstance(value, bool) or not isinstance(value, int | float):
        return cast("int", value)
    return cast("int", Traced(value, said, trace))


def _said(value: object, lost: frozenset[str]) -> Followed:
    """How a result is written."""
    match value:
        case Traced():
            return value.said
        case tuple():
            items = [_said(item, lost) for item in value]
            names = frozenset().union(*(item.names for item in items))
            exprs = tuple(item.expr for item in items if item.expr is not None)
            if len(exprs) < len(items):
                return Followed(None, names)
            values = tuple(expr.value for expr in exprs if isinstance(expr, Literal))
            return Followed(Literal(values) if len(values) == len(exprs) else List(exprs), names)
    return Followed(None, lost) if lost else constant(cast("Value", value))
