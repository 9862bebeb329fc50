"""Forward: the statements of one class, and the names of its values.

Names: the running value is `x` (`out` while the block's input is still needed), a value used later keeps its member's
name. A value is written over as soon as nothing reads it, or deleted where `liveness.py` says so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from archspec.code.calls import first_of_pair
from archspec.code.chains import Chains
from archspec.code.liveness import Timing
from archspec.code.naming import FUNCTIONS_OF_PYTHON, UNREAD, stem, variable
from archspec.code.nesting import Nesting, has_calls_inside
from archspec.code.parts import OpPart
from archspec.code.program import Assign, Delete, If, Loop, Return, Statement, Training, join_tests
from archspec.code.step import Step
from archspec.code.steps import RUNNING, RUNNING_IN_TRAINING, Body
from archspec.code.types import annotated, returned_last
from archspec.code.value_names import HandedOn, goes_around, goes_round, is_called, names_of, side_by_side, starts_of
from archspec.graph.graph import Local
from archspec.language.names import unused
from archspec.values.dataclass import dataclass
from archspec.values.expression import Literal, Name
from archspec.values.source import SELF, Choice, Member, Operand, Source, Tuple, replaced


@dataclass(frozen=True, slots=True)
class Forward:
    """What the format prints of a forward pass."""

    statements: tuple[Statement, ...]
    inputs: tuple[str, ...]
    sizes: tuple[tuple[str, str], ...]
    result: str


class ForwardPass:
    """The forward pass of a class: every value has a name, every call its statement."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.steps = steps = Nesting(body).steps()
        # What no value may be called: names of the file, and the variables of loops.
        looped = {name for step in steps for name in (*step.variables, *(one.name for one in step.inner)) if name}
        self.hidden = body.writer.taken | FUNCTIONS_OF_PYTHON | looped
        self.outputs = outputs = tuple(body.canonical(one) for one in dict.fromkeys(body.template.outputs.values()))
        self.last: dict[Local, int] = {}
        self.reads: dict[Local, list[int]] = {}
        for i, step in enumerate(steps):
            for read in step.all_reads():
                self.last[read] = i
                self.reads.setdefault(read, []).append(i)
            self.last.update((inner.value, i) for inner in step.inner)
        for local in outputs:
            self.last[local] = len(steps)
            self.reads.setdefault(local, []).append(len(steps))
        given = dict(zip(body.arguments, map(Local, body.inputs), strict=True))
        self.together = side_by_side(steps, self.last)
        self.names: dict[Local, str] = {local: name for name, local in given.items()}
        self.tensors = body.tensors()
        self.holder: dict[str, Local] = dict(given)
        self.bound, self.bound_where = list[dict[str, Local]](), dict[int, frozenset[str]]()
        self.own, self.overwriting = dict[Local, str](), set[int]()
        # Name -> the last step that needs it.
        self.busy = {name: self.last.get(local, -1) for name, local in given.items()}
        self.running, self.inputs, self.around = dict[Local, int](), given, set[Local]()
        self.starts, handed = starts_of(steps, self.reads), HandedOn(steps, self.last)
        for i, step in enumerate(steps):
            running = [local for local in step.gives if self._is_running(i, step, local)]
            self.running.update((local, self.last.get(local, len(steps))) for local in running)
            self._name_all(i, [local for local in step.gives if local not in self.running])
            handed.note(i, step, self.own, self.busy)
        self.branches = Chains(steps, given.values(), outputs).ends(steps, self._chained())
        self._name_branches()
        self.reserved = {*body.arguments, *self.own.values()}
        named = [local for step in steps if is_called(step) for local in step.gives]
        self.called = {self.own[local] for local in named if local in self.own}
        self.assigned = [self._assign(i, step) for i, step in enumerate(steps)]

    @property
    def timing(self) -> Timing:
        """When its values are made and read."""
        return Timing(self.body, self.steps, self.bound, self.bound_where, self.last, frozenset(self.overwriting))

    def kind(self, output: Local) -> str:
        """The type of what the class gives: none without training, where only that makes it."""
        made = (step for step in self.steps if self.body.canonical(output) in step.gives)
        return "Tensor | None" if any(step.train_only for step in made) else "Tensor"

    def printed(
        self,
        result: str,
        dead: Mapping[int, tuple[str, ...]],
        returned: Callable[[Sequence[Source]], tuple[Statement, ...]] | None = None,
        alone: Sequence[Local] = (),
    ) -> Forward:
        """The statements; `returned` makes the last ones from the outputs, by default a plain `return`.

        Args:
            result: annotation of what is returned.
            dead: number of a step -> names to delete after it.
            returned: outputs -> statements.
            alone: what is returned by itself and needs a type of its own, because the calls of modules have none.
        """
        body, outputs = self.body, self.outputs
        typed = outputs if len(outputs) == 1 else tuple(map(body.canonical, alone))
        returns = {self.names[local] for local in typed if local in self.names}
        tensors = body.arguments[: len(body.inputs) - len(body.sizes)]
        made: Sequence[Statement] = annotated(self._statements(dead), returns, tensors)
        values = [self.value(local) for local in outputs]
        if returned is not None:
            made = [*made, *returned(values)]
        elif len(values) == 1 and isinstance(values[0], Name) and outputs[0] in self.names:
            made = returned_last(made, self.names[outputs[0]], tensors)
        else:
            made = [*made, Return(values[0] if len(values) == 1 else Tuple(tuple(values), bare=True))]
        sizes = zip(body.arguments[len(tensors) :], body.types, strict=True)
        return Forward(tuple(made), tensors, tuple(sizes), result)

    def value(self, local: Local) -> Source:
        """How a statement reads a value."""
        if local in self.tensors:
            return self.tensors[local]
        held, giver = Name(self.names[local]), self.body.giver(local)
        return held if giver is None else giver[0].read(giver[1], held)

    def _holding(self, local: Local) -> str:
        """The variable that holds a value; "" where none does."""
        return self.names.get(local, "")

    def _name_all(self, i: int, made: Sequence[Local]) -> None:
        """Names what step `i` makes for later statements: no name is given to two values that are needed at a time."""
        taken: set[str] = set()
        started = self._started(i)
        for local in made:
            if len(self.steps[i].gives) > 1 and local not in self.reads and self.steps[i].loop is None:
                self.own[local] = UNREAD
                continue
            named = self._own_names(local)
            # A loop reads its other inputs again after it has set its value.
            until = i - 1 if self.steps[i].loop is not None else i
            if self.steps[i].train_only:  # its value is declared before what may read the name runs
                until = -1
            idle = {name for name in named if name == started.get(local) or self.busy.get(name, until) <= until}
            free = (name for name in named if name in idle - taken)
            name = self.own[local] = next(free, f"{named[-1]}_{i}")
            taken.add(name)
            self.busy[name] = self.last.get(local, i)

    def _started(self, i: int) -> Mapping[Local, str]:
        """What a loop hands on -> the variable of what it starts with, where nothing else reads that any more."""
        step, names = self.steps[i], {**self.names, **self.own}
        if step.loop is None or step.train_only:
            return {}
        pairs = [(local, read) for local, read in zip(step.gives, step.reads, strict=False) if self.last[read] == i]
        return {local: names[read] for local, read in pairs if read in names and step.reads.count(read) == 1}

    def _own_name(self, local: Local) -> str:
        """The name of a value that is not only read by the next statement."""
        if local not in self.own:
            named = self._own_names(local)
            name = self.own[local] = next((name for name in named if name not in self.busy), f"{named[-1]}_")
            self.busy[name] = self.last.get(local, len(self.steps))
        return self.own[local]

    def _name_branches(self) -> None:
        """Names branches after what they end in; one of numbered members, `branch_1` and `branch_2`, is `branch`."""
        members: dict[Local, dict[str, None]] = {}
        for local, end in self.branches.items():
            members.setdefault(end, {end.member: None})[local.member] = None
        for end, those in members.items():
            called = stem(tuple(those)) if len(those) > 1 else ""
            if self.body.unused(called) and called not in {*self.busy, *self.hidden} and variable(called) == called:
                self.busy[called] = self.last[end]
                self.own[end] = called
            else:
                self._own_name(end)

    def _own_names(self, local: Local) -> list[str]:
        """Names that say what a value is, the best first; none hides what the file has."""
        both = dict.fromkeys((self.starts.get(local, local), local))
        called = (name for one in both for name in names_of(self.body, one, one in self.together))
        return [unused(name, self.hidden) for name in called]

    def _statements(self, dead: Mapping[int, tuple[str, ...]]) -> list[Statement]:
        """All statements but the return, deletions included."""
        assigned = self.assigned
        made: list[Statement] = []
        position = 0
        while position < len(self.steps):
            step = self.steps[position]
            if not step.train_only:
                made.append(assigned[position])
                join_tests(made)
                if dead.get(position):
                    made.append(Delete(dead[position]))
                position += 1
                continue
            end = position
            while end < len(self.steps) and self.steps[end].train_only:
                end += 1
            made.extend(self._training(position, end, assigned))
            gone = sorted(name for step in range(position, end) for name in dead.get(step, ()))
            if gone:
                made.append(Delete(tuple(gone)))
            position = end
        return made

    def _training(self, start: int, end: int, assigned: list[Statement]) -> list[Statement]:
        """A run of train-only statements: a conditional expression for one, an `if` for more."""
        escaping = [
            local
            for step in self.steps[start:end]
            for local in step.gives
            if any(not start <= read < end for read in self.reads.get(local, ()))
        ]
        made: list[Statement] = []
        only = assigned[start]
        one = end - start == 1 and len(escaping) < 2
        alone = one and isinstance(only, Assign) and only.targets == tuple(map(self.value, escaping))
        if alone and isinstance(only, Assign) and only.operator == "=":
            return [replace(only, value=Choice(Member(SELF, "training"), only.value, Literal(None)), comment="")]
        made.extend(Assign((self.value(local),), Literal(None), annotation="Tensor | None") for local in escaping)
        return [*made, Training(tuple(assigned[start:end]))]

    def _is_running(self, i: int, step: Step, local: Local) -> bool:
        """Whether a value is read by the next statement only, so that it needs no name of its own.

        It has one where a loop reads it in each round, or a statement more than once, `norm / (norm + 1)`, but to add
        what it makes of it.
        """
        if local in self.starts or self._is_one_of_several(local) or self._becomes_output(local):
            return False
        reads = self.reads.get(local, [])
        readers = self.steps[reads[0] : reads[0] + 1] if reads else []
        if any(one.keeps(local) or (len(reads) > len(set(reads)) and has_calls_inside(one)) for one in readers):
            return False
        following = i + 1
        if not step.train_only:
            while following < len(self.steps) and self.steps[following].train_only:
                following += 1
        soon = all(i < read <= following for read in reads) or goes_round(self.steps, reads, i)
        return self._only(step, local) and (soon or self._goes_around(i, local))

    def _goes_around(self, i: int, local: Local) -> bool:
        """Whether a value is `x` all along a branch that is added to it: the block's own `x` is needed no more."""
        needed = (self.last.get(given, -1) > i for name, given in self.inputs.items() if name in RUNNING)
        found = not any(needed) and goes_around(self.steps, self.reads, i)
        if found and not any(map(self._is_one_of_several, self.steps[self.last[local]].gives)):
            self.around.add(local)
        return local in self.around

    def _becomes_output(self, local: Local) -> bool:
        """Whether a sum that the class returns beside others is added to a value: `conv += time`."""
        reader = next((self.steps[k] for k in self.reads.get(local, ()) if k < len(self.steps)), None)
        if reader is None or not reader.accumulates or reader.reads[0] != local:
            return False
        return any(map(self._is_one_of_several, reader.gives))

    def _is_one_of_several(self, local: Local) -> bool:
        """Whether the class returns a value beside others, so that it has a name."""
        return len(self.outputs) > 1 and local in self.outputs

    def _chained(self) -> dict[Local, int]:
        """Running values -> the step that reads them, where the name of what that makes may be theirs, too."""
        read = ((local, reader) for local, reader in self.running.items() if reader < len(self.steps))
        return {local: reader for local, reader in read if not self.steps[reader].keeps(local)}

    def _only(self, step: Step, local: Local) -> bool:
        """Whether a value is all that a step gives; an op's other outputs are nothing where nobody reads them."""
        if len(step.gives) == 1:
            return True
        read = islice((one for one in step.gives if one in self.reads), 2)  # of a thousand, two say enough
        return [*read] == [local] and not is_called(step) and self.body.giver(local) is not None

    def _assign(self, i: int, step: Step) -> Statement:
        args = self._args(step)
        comment = self.body.shape_comment(step)
        names = tuple(self._target(i, step, local) for local in step.gives)
        for name, local in zip(names, step.gives, strict=True):
            self.names[local] = name
            self.holder[name] = local
        targets = tuple(map(Name, names))
        unpacked = self.body.unpacked(step, targets)
        looped = len(targets) if step.loop is not None else 1
        goes_on = bool(args) and targets[:looped] == tuple(args[:looped])
        alone = step.test is not None and not goes_on and self._read_where(step)
        if alone:  # where its condition does not hold, the name stays what it was
            self.bound_where[i] = frozenset(names)
        bound = {**{one.name: one.value for one in step.inner if one.name}, **dict(zip(names, step.gives, strict=True))}
        self.bound.append({} if alone else bound)
        start = () if goes_on else (Assign(targets[:1], args[0]),) if args else ()
        if step.loop is not None:
            if not goes_on and looped > 1:
                others = [pair for pair in zip(targets, args, strict=False) if pair[0] != pair[1]]
                begin = tuple(value for _, value in others)
                value = begin[0] if len(begin) == 1 else Tuple(begin, bare=True)
                start = (Assign(tuple(one for one, _ in others), value),)
            given = (*targets, *args[looped:])
            inner = tuple(Assign((Name(one.name or names[0]),), one.call(given)) for one in step.inner)
            run = Assign(targets, step.call(given))
            over = replaced(step.loop, {Operand(k): arg for k, arg in enumerate(args)})
            return Loop(step.variables, over, (*inner, run), next(iter(start), None))
        if step.accumulates and goes_on:
            self.overwriting.add(i)
            made = Assign(targets, args[1], operator="+=", comment=comment)
        else:
            made = Assign(*first_of_pair(step.part, unpacked, step.call(args)), comment=comment)
        if step.test is None:
            return made
        return If(step.test, (replace(made, comment=""),), () if alone else start)

    def _args(self, step: Step) -> list[Source]:
        """What a call is given: values, and the calls that are written inside of it."""
        inside = step.nested
        return [
            self.value(read) if k not in inside else inside[k].call(self._args(inside[k]))
            for k, read in enumerate(step.reads)
        ]

    def _read_where(self, step: Step) -> bool:
        """Whether what an optional step gives is read under its own condition alone.

        What an optional step reads first stands for it where it is not there, so that is read either way.
        """
        reads = {read for local in step.gives for read in self.reads.get(local, ())}
        return all(
            read < len(self.steps)
            and self.steps[read].test == step.test
            and self.steps[read].reads[0] not in step.gives
            for read in reads
        )

    def _continues(self, i: int, step: Step) -> bool:
        """Whether a sum may take the name of its first term, `x = x + out`: nothing reads that afterwards."""
        if not isinstance(step.part, OpPart) or not step.part.sample.op.accumulates or len(step.reads) < 2:
            return False
        read = step.reads[0]
        if step.keeps(read) or (self._is_one_of_several(step.gives[0]) and read.member not in self.body.inputs):
            return False
        return 0 not in step.nested and self.last[read] == i and self._holding(read) in RUNNING

    def _residual(self, i: int, step: Step, local: Local) -> str | None:
        """The name that a sum has of what goes around a branch, `x = out + x`, where more than the next call reads it.

        What a block is given keeps its name through its residual sums, in whichever order these are written.
        """
        if not step.accumulates or (local in self.running and local not in self.around):
            return None
        around = (self._holding(read) for k, read in enumerate(step.reads) if k and k not in step.nested)
        free = (name for name in around if name in RUNNING and name in self.body.arguments[:1])
        return next((name for name in free if self._is_free(name, i)), None)

    def _goes_on(self, i: int, step: Step) -> bool:
        """Whether a value keeps the name that the author gave to one of several: `k = k.transpose(1, 2)`."""
        read = step.all_reads()
        return len(read) == len(step.gives) == 1 and self._holding(read[0]) in self.called and self.last[read[0]] == i

    def _target(self, i: int, step: Step, local: Local) -> str:
        first = step.reads[0] if step.test is not None and 0 not in step.nested else None
        if first in self.names and self.last[first] == i:
            return self.names[first]
        if (residual := self._residual(i, step, local)) is not None:
            return residual
        if step.accumulates and self.last[step.reads[0]] == i and step.reads[0].member not in self.body.inputs:
            return self.names[step.reads[0]]
        if self._continues(i, step) or self._goes_on(i, step):
            return self.names[step.all_reads()[0]]
        if local not in self.running:
            return local.port if self._replaces_input(i, step, local) else self._own_name(local)
        if (end := self.branches.get(local)) is not None and self._is_free(self.own[end], i):
            return self.own[end]
        kept = {self._holding(read) for read in step.reads[1:]} if step.loop is not None else set()
        candidates = RUNNING_IN_TRAINING if step.train_only else RUNNING
        free = [name for read in step.all_reads() if (name := self._holding(read)) in candidates]
        given = [name for name in self.body.arguments[:1] if name in candidates]
        tried: list[str] = [*free, *given, *candidates]
        for name in dict.fromkeys(tried):
            if name in kept or (name in self.reserved and name not in self.body.arguments):
                continue
            if self._is_free(name, i):
                return name
        return self._own_name(local)

    def _replaces_input(self, i: int, step: Step, local: Local) -> bool:
        """Whether one of several outputs is called as an input that is needed no more: `x, skip = self.down(x)`."""
        plain = len(step.gives) > 1 and step.loop is None and not step.train_only and local in self.reads
        return plain and local.port in self.body.arguments and self._is_free(local.port, i)

    def _is_free(self, name: str, i: int) -> bool:
        """Whether nothing after step `i` reads what a variable holds."""
        held = self.holder.get(name)
        return held is None or self.last.get(held, -1) <= i
