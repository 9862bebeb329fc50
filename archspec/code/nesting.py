"""Nesting: calls that are written inside the one call that reads what they give.

    x = torch.cat([self.branch1(x), self.branch2(x)], 1)             what a block is given, called in a join
    x = torch.tanh(self.filter(x)) * torch.sigmoid(self.gate(x))     a function of a layer that begins a branch
    x = z * x + (1 - z) * new                                        arithmetic
    x = torch.cat([-right, left], -1)                                one operation of it in a join

Everything runs in the order in which it ran: a call moves into the one right behind it.
"""

from itertools import islice, pairwise

from archspec.code.chains import PAIR, Chains
from archspec.code.parts import OpPart
from archspec.code.rolled import rolled
from archspec.code.step import Step
from archspec.code.steps import Body
from archspec.graph.graph import Local
from archspec.values.source import Operand, operands

MOST = 5  # calls in one statement; beyond, names for what is in between read better


class Nesting:
    """The steps of a class as they are written, n log n in what they read."""

    def __init__(self, body: Body) -> None:
        self.inputs = frozenset(body.inputs)
        outputs = tuple(body.canonical(one) for one in dict.fromkeys(body.template.outputs.values()))
        self.given = rolled(body)
        self.chains = Chains(self.given, map(Local, body.inputs), outputs)
        self.readers: dict[Local, int] = dict.fromkeys(outputs, 1)
        for step in self.given:
            for read in step.reads:
                self.readers[read] = self.readers.get(read, 0) + 1
        read_next = (set(step.gives).intersection(after.reads) for step, after in pairwise(self.given))
        self.running = frozenset(outputs).union(*read_next)

    def steps(self) -> list[Step]:
        """The steps, each with what is written inside of it."""
        made: list[Step] = []
        for step in self.given:
            if not step.module and step.loop is None:
                self._absorb(step, made)
            made.append(step)
        return made

    def _absorb(self, step: Step, made: list[Step]) -> None:
        """Takes the last of `made` into a step, as long as they are what it reads last, in this order."""
        waits = False  # a value is read after what stands before it is computed
        once: bool | None = None
        for i in reversed(range(len(step.reads))):
            inner = made[-1] if made else None
            if inner is None or inner.gives != (step.reads[i],):
                waits = True
                if _is_arithmetic(step) or _is_join(step):
                    continue
                return
            if not (self._may(step, inner) and self._reads_well(step, i, inner, waits)):
                return
            if once is None:  # asked once for all of what a call reads, as it writes the whole call
                once = _once_each(step)
            if not once:
                return
            step.nested[i] = made.pop()
            if i == 0:
                step.accumulates = False

    def _may(self, step: Step, inner: Step) -> bool:
        """Whether nothing else reads what a call gives, and it runs whenever the other does."""
        alone = self.readers[inner.gives[0]] == 1 and not inner.loop
        return alone and inner.train_only == step.train_only and inner.test == step.test

    def _reads_well(self, step: Step, i: int, inner: Step, waits: bool) -> bool:
        """Whether a call reads well where its value is read."""
        if _is_arithmetic(step) and step.test is None and _are_few(step, inner):
            if _is_arithmetic(inner) and not inner.accumulates:
                return True
            if len(step.reads) == 1:
                return inner.module and len(inner.reads) == 1 and self._names(step, inner)
        if _is_join(step) and _is_arithmetic(inner) and not _overwrites(inner):
            return step.test is None and not inner.nested and _are_few(step, inner)
        given = all(read.member in self.inputs for read in inner.reads)
        first = 1 if step.accumulates else 0
        if waits and i == 0 and _is_sum(step) and not step.accumulates:
            return given and inner.module and not inner.nested
        if waits or i < first or not inner.module or inner.nested or len(step.reads) == 1:
            return False
        return given or _goes_around(step, inner)

    def _names(self, step: Step, inner: Step) -> bool:
        """Whether what a function makes of a layer has a name, or begins a branch that is not the main chain."""
        if self.readers[step.gives[0]] > 1 or step.gives[0] not in self.running:
            return True
        parts = inner.reads[0].member in self.inputs or self.readers[inner.reads[0]] > 1
        return parts and not self.chains.is_main(inner.gives[0])


def has_calls_inside(step: Step) -> bool:
    """Whether a statement has calls inside of calls, and is not `x + self.attention(x)`."""
    return any(not _goes_around(step, inner) for inner in step.nested.values())


def _goes_around(step: Step, inner: Step) -> bool:
    """Whether a sum adds a call of its first term to that: `x = x + self.attention(x, mask)`."""
    return _is_sum(step) and inner.reads[:1] == step.reads[:1]


def _is_sum(step: Step) -> bool:
    """Whether a step adds one value to another, or takes it away."""
    return isinstance(step.part, OpPart) and step.part.sample.op.accumulates and len(step.reads) == PAIR


def _is_join(step: Step) -> bool:
    """Whether a step is a function of as many values as there are: `torch.cat([-right, left], -1)`."""
    return not step.module and step.loop is None and isinstance(step.part, OpPart) and step.part.sample.op.variadic


def _is_arithmetic(step: Step) -> bool:
    """Whether a step computes an element of those at its place, with an operator or a function."""
    if step.module or step.loop is not None or not isinstance(step.part, OpPart) or step.part.others:
        return False
    op = step.part.sample.op
    return op.pointwise and not op.aliases_input and not op.selector


def _overwrites(step: Step) -> bool:
    """Whether a step may write over what it reads: `x += y`, `F.relu(x, inplace=True)`."""
    return step.accumulates or (isinstance(step.part, OpPart) and step.part.sample.op.inplace)


def _are_few(*steps: Step) -> bool:
    """Whether there are no more than `MOST` calls, with those inside of them. Looks at no more than one beyond."""
    pending, count = list(steps), 0
    while pending and count <= MOST:
        pending.extend(islice(pending.pop().nested.values(), MOST))
        count += 1
    return count <= MOST


def _once_each(step: Step) -> bool:
    """Whether the call reads each of its inputs once, so that another call may stand there."""
    count = len(step.reads)
    return operands(step.call(tuple(map(Operand, range(count))))) == tuple(range(count))
