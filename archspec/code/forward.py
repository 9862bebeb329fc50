"""Forward: the statements of one class, and the names of its values.

Names: the running value is `x` (`out` while the block's input is still needed), a value used later keeps its member's
name. A value is written over as soon as nothing reads it, or deleted where it would otherwise raise the peak;
`liveness.py` decides.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from archspec.code.classes import BlockPart, OpPart, Part, RunPart, SequencePart, Template
from archspec.code.inplace import Aliasing
from archspec.code.liveness import deletions
from archspec.code.program import Assign, Delete, If, Loop, Return, Statement, Training
from archspec.graph.graph import Local, Ref, Scope
from archspec.graph.network import Network
from archspec.graph.walk import find
from archspec.values.shape import Shape

# Functions whose type torch's stubs do not state; what they give has to be assigned before it is returned.
UNTYPED = ("F.max_pool", "F.adaptive_max_pool", "F.fractional_max_pool", "self.", "self[", "F.interpolate")
RUNNING = ("x", "out", "z")
_FIRST_NAME = re.compile(r"\(*([A-Za-z_]\w*)")
UNREAD = "_"
RUNNING_IN_TRAINING = ("y", "z")


@dataclass(slots=True, eq=False)
class Step:
    """One call of the forward pass before it has names."""

    part: Part
    reads: tuple[Local, ...]
    gives: tuple[Local, ...]
    call: Callable[[Sequence[str]], str]
    module: bool
    augment: str = ""
    loop: str = ""
    test: str = ""  # the attribute that says whether it runs
    nested: dict[int, "Step"] = field(default_factory=dict)

    @property
    def train_only(self) -> bool:
        """Runs in training alone."""
        return self.part.train_only

    def all_reads(self) -> tuple[Local, ...]:
        """What the statement reads, nested calls included."""
        reads: list[Local] = []
        for i, read in enumerate(self.reads):
            reads.extend(self.nested[i].all_reads() if i in self.nested else (read,))
        return tuple(reads)


@dataclass(frozen=True, slots=True)
class Forward:
    """What the format prints of a forward pass."""

    statements: tuple[Statement, ...]
    inputs: tuple[str, ...]
    result: str


class ForwardBuilder:
    """Builds the forward pass of one template from calls that `arguments` have settled."""

    def __init__(
        self,
        network: Network,
        template: Template,
        aliasing: Aliasing,
        operation: Callable[[OpPart, Sequence[str]], str],
        is_module: Callable[[OpPart], bool],
        owner: Callable[[Part], str],
        test: Callable[[Part], str],
    ) -> None:
        self.network, self.template, self.aliasing = network, template, aliasing
        self.operation, self.is_module, self.owner, self.test = operation, is_module, owner, test
        self.tested: tuple[Part, ...] = ()  # optional parts that the statements ask for
        self.inputs = template.definition.inputs
        self.parts = {part.name: part for part in template.parts}

    def build(
        self,
        result: str,
        returned: Callable[[Sequence[str]], tuple[Statement, ...]] | None = None,
        alone: Sequence[Local] = (),
    ) -> Forward:
        """The statements. `returned` prints the last ones from the outputs' names; by default a plain `return`.

        What is returned `alone` needs a type of its own, because the calls of modules have none.
        """
        steps = self._nest(self._steps())
        outputs = tuple(self.canonical(local) for local in dict.fromkeys(self.template.outputs.values()))
        names = _Names(self, steps, outputs, outputs if len(outputs) == 1 else tuple(map(self.canonical, alone)))
        statements = names.statements()
        values = [names.name_of(local) for local in outputs]
        if returned is not None:
            statements = [*statements, *returned(values)]
        elif len(values) == 1:
            statements = _return_last(statements, values[0], self.inputs)
        else:
            statements = [*statements, Return(", ".join(values))]
        return Forward(tuple(statements), self.inputs, result)

    # -- steps
    # ------------------------------------------------------------------------------------------------------------

    def canonical(self, local: Local) -> Local:
        """The one name that a value has: ports that give the same value count as one."""
        local = self.template.resolve(local)
        part = self.parts.get(local.member)
        match part:
            case BlockPart():
                return Local(local.member, part.template.port(local.port))
            case SequencePart() if part.unrolled:
                return Local(local.member, part.output(local.port))
            case SequencePart() if part.taps:
                sample = part.sample
                port = local.port if local.port in sample.outputs else next(iter(sample.outputs))
                target = sample.outputs[port]
                equal = [name for name in part.taps if sample.outputs[name] == target]
                return Local(local.member, equal[0] if equal else next(reversed(tuple(part.taps))))
            case SequencePart():
                return Local(local.member)
        return local

    def tensors(self) -> dict[Local, str]:
        """Parameters and buffers, which are read where they are: `self.class_token`."""
        return {
            Local(part.name): self.owner(part)
            for part in self.template.parts
            if isinstance(part, OpPart) and part.sample.op.holds
        }

    def _steps(self) -> list[Step]:
        ordered: list[Step] = []
        for part in self.template.parts:
            ordered.extend(self._part_steps(part))
        self._ask(ordered)
        return _train_only_early(ordered)

    def _ask(self, steps: list[Step]) -> None:
        """Says of optional steps that are no module, and of optional modules right beside them, when they run.

        An optional module that stands alone needs no question: `nn.Identity` takes its place.
        """
        tests = [self.test(step.part) if isinstance(step.part, OpPart) else "" for step in steps]
        asked = [
            bool(test) and not (step.module and len(step.reads) == 1) for test, step in zip(tests, steps, strict=True)
        ]
        for i, step in enumerate(steps):
            beside = range(i, len(steps)) if tests[i] and not asked[i] else ()
            joined = next((k for k in beside if asked[k] or tests[k] != tests[i] or steps[k].train_only), len(steps))
            if asked[i] or (tests[i] and joined < len(steps) and asked[joined] and tests[joined] == tests[i]):
                step.test = tests[i]
        self.tested = tuple(step.part for step in steps if step.test)

    def _part_steps(self, part: Part) -> list[Step]:
        reads = tuple(self.canonical(read) for read in part.reads)
        owner = self.owner(part)
        match part:
            case OpPart() if part.sample.op.holds:
                return []
            case OpPart():
                gives = tuple(Local(part.name, port) for port in part.ports)
                augment = self._augment(part)
                return [
                    Step(part, reads, gives, lambda args: self.operation(part, args), self.is_module(part), augment)
                ]
            case BlockPart():
                gives = tuple(Local(part.name, port) for port in part.template.ports)
                return [Step(part, reads, gives, _caller(owner), True)]
            case SequencePart() if part.unrolled:
                return self._calls(part, reads, owner)
            case SequencePart() if not part.chained:
                blocks = owner if part.numbered else f"{owner}.values()"
                return [Step(part, reads, (Local(part.name),), _caller("block"), True, loop=blocks)]
            case SequencePart() if part.taps:
                return self._slices(part, reads, owner)
        return [Step(part, reads, (Local(part.name),), _caller(owner), True)]

    def _calls(self, part: SequencePart, reads: tuple[Local, ...], owner: str) -> list[Step]:
        """A call for each part of a repeat of which more than the end is read."""
        steps = []
        for i, (item, label) in enumerate(zip(part.items, part.labels, strict=True)):
            if isinstance(item, RunPart):
                raise AssertionError(f"{part.name} differs in length")
            gives = tuple(Local(part.name, f"{label}.{port}") for port in item.ports)
            key = str(i) if part.numbered else f'"{label}"'
            steps.append(Step(part, reads, gives, _caller(f"{owner}[{key}]"), True))
            reads = (gives[0], *reads[1:])
        return steps

    def _slices(self, part: SequencePart, reads: tuple[Local, ...], owner: str) -> list[Step]:
        steps, start = [], 0
        for port, end in part.taps.items():
            last = end == len(part.items)
            window = f"{start or ''}:{'' if last else end}"
            steps.append(Step(part, reads, (Local(part.name, port),), _caller(f"{owner}[{window}]"), True))
            reads, start = (Local(part.name, port),), end
        return steps

    def _augment(self, part: OpPart) -> str:
        """`+` where `a += b` may stand for `a = a + b`."""
        sample = part.sample
        if sample.op.name != "add" or len(sample.inputs) != 2 or self.canonical(part.reads[0]).member in self.inputs:
            return ""
        plain = (self.network.input_shapes(use) for use in part.uses if use is not None)
        if any(sample.op.expression(["a", "b"], {}, xs) != "a + b" for xs in plain):
            return ""
        fits = all(
            use is None
            or (
                self.aliasing.overwritable(use, 0)
                and self.network.shape(use.inputs[0]) == self.network.shape(Ref(use.id))
            )
            for use in part.uses
        )
        return "+" if fits else ""

    # -- nesting
    # -----------------------------------------------------------------------------------------------------------

    def _nest(self, steps: list[Step]) -> list[Step]:
        """Calls written inside the join that alone reads them: `torch.cat([self.branch1(x), self.branch2(x)], 1)`."""
        readers: dict[Local, int] = {}
        for step in steps:
            for read in step.reads:
                readers[read] = readers.get(read, 0) + 1
        for local in map(self.canonical, self.template.outputs.values()):
            readers[local] = readers.get(local, 0) + 1
        made: list[Step] = []
        for step in steps:
            if len(step.reads) > 1 and not step.module and self._once_each(step):
                self._absorb(step, made, readers)
            made.append(step)
        return made

    def _absorb(self, step: Step, made: list[Step], readers: Mapping[Local, int]) -> None:
        first = 1 if step.augment else 0
        for i in range(len(step.reads) - 1, first - 1, -1):
            if not made:
                return
            inner = made[-1]
            fits = (
                inner.module
                and not inner.loop
                and not inner.nested
                and inner.gives == (step.reads[i],)
                and readers[step.reads[i]] == 1
                and inner.train_only == step.train_only
                and inner.test == step.test
                and all(read.member in self.inputs for read in inner.reads)
            )
            if not fits:
                return
            step.nested[i] = made.pop()

    def _once_each(self, step: Step) -> bool:
        marks = [f"operand_{i}_" for i in range(len(step.reads))]
        text = step.call(marks)
        return all(text.count(mark) == 1 for mark in marks)

    # -- sizes
    # -------------------------------------------------------------------------------------------------------------

    def shape_comment(self, step: Step) -> str:
        """The shape that the statement gives, where it is new and all uses agree on it."""
        if len(step.gives) != 1 or step.augment:
            return ""
        shapes = {str(shape) for shape in self.shapes(step.gives[0])}
        before = {str(shape) for shape in self.shapes(step.reads[0])} if step.reads else set()
        if len(shapes) != 1 or shapes == before:
            return ""
        return f"({next(iter(shapes)).replace(' x ', ', ')})"

    def shapes(self, local: Local) -> list[Shape]:
        """The shapes of a value in every use that has it."""
        found: list[Shape] = []
        for scope in self.template.uses:
            ref = self.ref(scope, local)
            if ref is not None:
                found.append(self.network.shape(ref))
        return found

    def ref(self, scope: Scope, local: Local) -> Ref | None:
        """The output in the flat graph that `local` stands for in one use."""
        name = scope.written.get(local.member, local.member)
        part = self.parts.get(local.member)
        if isinstance(part, SequencePart) and part.unrolled:
            label, _, port = local.port.partition(".")
            inner = self.network.graph.scopes.get(f"{scope.id}/{name}" if scope.id else name)
            return find(self.network.graph, inner.id, Local(label, port)) if inner is not None else None
        return find(self.network.graph, scope.id, Local(name, local.port))


class _Names:
    """Gives every value of a forward pass its name, in one pass over the steps."""

    def __init__(
        self, builder: ForwardBuilder, steps: list[Step], outputs: tuple[Local, ...], alone: tuple[Local, ...]
    ) -> None:
        self.builder, self.steps, self.outputs, self.alone = builder, steps, outputs, alone
        self.last: dict[Local, int] = {}
        self.reads: dict[Local, list[int]] = {}
        for i, step in enumerate(steps):
            for read in step.all_reads():
                self.last[read] = i
                self.reads.setdefault(read, []).append(i)
        for local in outputs:
            self.last[local] = len(steps)
            self.reads.setdefault(local, []).append(len(steps))
        self.names: dict[Local, str] = {Local(name): name for name in builder.inputs} | builder.tensors()
        self.holder: dict[str, Local] = {name: Local(name) for name in builder.inputs}
        self.bound: list[dict[str, Local]] = []
        self.own: dict[Local, str] = {}
        # Name -> the last step that needs it.
        self.busy = {name: self.last.get(Local(name), -1) for name in builder.inputs}
        for i, step in enumerate(steps):
            self._name_all(i, [local for local in step.gives if not self._running(i, step, local)])
        self.reserved = {*builder.inputs, *self.own.values()}
        self.called = {self.own[local] for step in steps for local in step.gives if _is_called(step)}

    def name_of(self, local: Local) -> str:
        """The name of a value."""
        return self.names[local]

    def _name_all(self, i: int, made: Sequence[Local]) -> None:
        """Names what step `i` makes for later statements: no name is given to two values that are needed at a time."""
        taken: set[str] = set()
        for local in made:
            if len(made) > 1 and local not in self.reads:
                self.own[local] = UNREAD
                continue
            named = list(_own_names(self.builder, local))
            free = (name for name in named if name not in taken and self.busy.get(name, i) <= i)
            name = self.own[local] = next(free, f"{named[-1]}_{i}")
            taken.add(name)
            self.busy[name] = self.last.get(local, i)

    def _own_name(self, local: Local) -> str:
        """The name of a value that is not only read by the next statement."""
        if local not in self.own:
            named = list(_own_names(self.builder, local))
            self.own[local] = next((name for name in named if name not in self.busy), f"{named[-1]}_")
        return self.own[local]

    def statements(self) -> list[Statement]:
        """All statements but the return, deletions included."""
        assigned = [self._assign(i, step) for i, step in enumerate(self.steps)]
        dead = deletions(self.builder, self.steps, self.bound, self.last)
        made: list[Statement] = []
        position = 0
        while position < len(self.steps):
            step = self.steps[position]
            if not step.train_only:
                made.append(assigned[position])
                _join_tests(made)
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
        return self._annotated(made)

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
        if end - start == 1 and len(escaping) == 1 and isinstance(only, Assign) and only.operator == "=":
            return [replace(only, value=f"{only.value} if self.training else None", comment="")]
        made.extend(Assign((self.names[local],), "None", annotation="Tensor | None") for local in escaping)
        return [*made, Training(tuple(assigned[start:end]))]

    # -- names
    # -----------------------------------------------------------------------------------------------------------

    def _running(self, i: int, step: Step, local: Local) -> bool:
        """Whether a value is read by the next statement alone, so that it needs no name of its own."""
        following = i + 1
        if not step.train_only:
            while following < len(self.steps) and self.steps[following].train_only:
                following += 1
        return len(step.gives) == 1 and all(i < read <= following for read in self.reads.get(local, ()))

    def _assign(self, i: int, step: Step) -> Statement:
        args = []
        for k, read in enumerate(step.reads):
            inner = step.nested.get(k)
            args.append(self.names[read] if inner is None else inner.call([self.names[r] for r in inner.reads]))
        comment = self.builder.shape_comment(step)
        targets = tuple(self._target(i, step, local) for local in step.gives)
        for target, local in zip(targets, step.gives, strict=True):
            self.names[local] = target
            self.holder[target] = local
        bound = dict(zip(targets, step.gives, strict=True))
        alone = bool(step.test) and targets[0] != args[0] and self._read_where(step)
        # Where its condition does not hold, the name stays what it was.
        self.bound.append({} if alone else {name: local for name, local in bound.items() if name != UNREAD})
        if step.loop:
            body = Assign(targets, step.call([targets[0], *args[1:]]))
            return Loop("block", step.loop, (body,), start="" if targets[0] == args[0] else f"{targets[0]} = {args[0]}")
        if step.augment and targets[0] == args[0]:
            made = Assign(targets, args[1], operator=f"{step.augment}=", comment=comment)
        else:
            made = Assign(targets, step.call(args), comment=comment)
        if not step.test:
            return made
        start = () if alone or targets[0] == args[0] else (f"{targets[0]} = {args[0]}",)
        return If(step.test, (replace(made, comment=""),), start)

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
        if not isinstance(step.part, OpPart) or step.part.sample.op.name != "add" or len(step.reads) < 2:
            return False
        return 0 not in step.nested and self.last[step.reads[0]] == i and self.names[step.reads[0]] in RUNNING

    def _goes_on(self, i: int, step: Step) -> bool:
        """Whether a value keeps the name that the author gave to one of several: `k = k.transpose(1, 2)`."""
        return (
            len(step.reads) == len(step.gives) == 1
            and not step.nested
            and (self.names[step.reads[0]] in self.called and self.last[step.reads[0]] == i)
        )

    def _target(self, i: int, step: Step, local: Local) -> str:
        if step.test and 0 not in step.nested and self.last[step.reads[0]] == i:
            return self.names[step.reads[0]]
        if step.augment and self.last[step.reads[0]] == i and step.reads[0].member not in self.builder.inputs:
            return self.names[step.reads[0]]
        if self._continues(i, step) or self._goes_on(i, step):
            return self.names[step.reads[0]]
        if not self._running(i, step, local):
            return self._own_name(local)
        candidates = RUNNING_IN_TRAINING if step.train_only else RUNNING
        free = [self.names[read] for read in step.all_reads() if self.names[read] in candidates]
        first = [name for name in self.builder.inputs[:1] if name in candidates]
        tried: list[str] = [*free, *first, *candidates]
        for name in dict.fromkeys(tried):
            if name in self.reserved and name not in self.builder.inputs:
                continue
            held = self.holder.get(name)
            if held is None and name == "x" and "x" not in self.builder.inputs:
                return name
            if held is None or self.last.get(held, -1) <= i:
                return name
        return self._own_name(local)

    def _annotated(self, statements: list[Statement]) -> list[Statement]:
        """`out: Tensor = self.conv(x)` where `out` is returned and what it holds last has no type of its own."""
        made = list(statements)
        for name in {self.names[local] for local in self.alone} - set(self.builder.inputs):
            assigned = [(i, one) for i, one in enumerate(made) if _last_of(one, name) is not None]
            last = _last_of(assigned[-1][1], name) if assigned else None
            if last is not None and _untyped(last, _typed_names(made, self.builder.inputs)):
                first, statement = assigned[0]
                match statement:
                    case Assign():
                        made[first] = replace(statement, annotation="Tensor")
                    case If(_, _, start):
                        typed = tuple(
                            one.replace(" = ", ": Tensor = ", 1) if one.startswith(f"{name} = ") else one
                            for one in start
                        )
                        made[first] = replace(statement, start=typed)
        return made


def _variable(name: str) -> str:
    """A member's name as that of a local variable: `AuxLogits` -> `aux_logits`."""
    return name if name.islower() else re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _last_of(statement: Statement, name: str) -> Assign | None:
    """The last assignment to `name` in a statement."""
    match statement:
        case Assign(targets) if targets == (name,):
            return statement
        case If(_, body):
            return next((found for one in reversed(body) if (found := _last_of(one, name)) is not None), None)
    return None


def _untyped(statement: Assign, typed: Mapping[str, bool]) -> bool:
    """Whether a type checker knows no type for what is assigned."""
    return statement.operator != "=" or not _has_type(statement.value, typed)


def _has_type(value: str, typed: Mapping[str, bool]) -> bool:
    """Whether an expression has a type: a module's call has none, nor has an operator where one operand has none."""
    if value.startswith(UNTYPED):
        return False
    tree = ast.parse(value, mode="eval").body
    if isinstance(tree, ast.BinOp):
        return all(_has_type(ast.unparse(side), typed) for side in (tree.left, tree.right))
    first = _FIRST_NAME.match(value)
    return first is None or typed.get(first[1], True)


def _typed_names(statements: Sequence[Statement], inputs: Sequence[str]) -> dict[str, bool]:
    """Local name -> whether its first assignment gives it a type, which then stays."""
    typed = dict.fromkeys(inputs, True)
    for statement in statements:
        if isinstance(statement, Assign):
            for name in statement.targets:
                known = bool(statement.annotation) or (
                    len(statement.targets) == 1 and _has_type(statement.value, typed)
                )
                typed.setdefault(name, known)
    return typed


def _is_called(step: Step) -> bool:
    """Whether the author names the values that a step gives."""
    return isinstance(step.part, OpPart) and bool(step.part.site.outputs)


def _own_names(builder: ForwardBuilder, local: Local) -> Iterator[str]:
    """Names that say what a value is, the best first."""
    part = builder.parts[local.member]
    if isinstance(part, BlockPart | SequencePart) and len(part.ports) > 1:
        taken = {other.name for other in builder.template.parts} | set(builder.inputs)
        given = [port for port, output in builder.template.outputs.items() if builder.canonical(output) == local]
        yield from (name for name in [*given, local.port] if name.isidentifier() and name not in taken)
        yield f"{_variable(local.member)}_{re.sub(r'[^0-9A-Za-z]', '_', local.port)}"
        return
    name = _variable(local.member if not local.member.isdigit() else f"x{local.member}")
    if isinstance(part, OpPart) and part.site.outputs:
        called = part.site.outputs[int(local.port or 0)]
        if called not in builder.parts and called not in builder.inputs:
            yield called
        yield f"{name}_{called}"
    yield f"{name}_{local.port}" if local.port and isinstance(part, OpPart) else name


def _join_tests(statements: list[Statement]) -> None:
    """Makes the last two statements one `if` where both ask the same."""
    match statements[-2:]:
        case [If(condition, body, start), If(other, more, later)] if condition == other:
            given = {name for one in body if isinstance(one, Assign) for name in one.targets}
            if given.isdisjoint(re.findall(r"\w+", " ".join(later))):
                statements[-2:] = [If(condition, (*body, *more), (*start, *later))]


def _caller(owner: str) -> Callable[[Sequence[str]], str]:
    return lambda args: f"{owner}({', '.join(args)})"


def _train_only_early(steps: list[Step]) -> list[Step]:
    """Train-only steps moved to where their input is made, so that inference does not keep it for them."""
    if not any(step.train_only for step in steps) or all(step.train_only for step in steps):
        return steps
    made: list[Step] = [step for step in steps if not step.train_only]
    position = {local: i for i, step in enumerate(made) for local in step.gives}
    after: dict[int, list[Step]] = {}
    for step in steps:
        if step.train_only:
            at = max((position.get(read, -1) for read in step.reads), default=-1)
            for local in step.gives:
                position[local] = at
            after.setdefault(at, []).append(step)
    ordered = list(after.get(-1, ()))
    for i, step in enumerate(made):
        ordered.append(step)
        ordered.extend(after.get(i, ()))
    return ordered


def _return_last(statements: list[Statement], value: str, inputs: Sequence[str]) -> list[Statement]:
    """`return expression` where the last statement only names what is returned, and its type is known."""
    last = statements[-1] if statements else None
    if (
        isinstance(last, Assign)
        and last.targets == (value,)
        and not _untyped(last, _typed_names(statements[:-1], inputs))
    ):
        return [*statements[:-1], Return(last.value)]
    return [*statements, Return(value)]
