"""Steps: the calls of one class, in order.

    conv1, bn1, add(bn1, x)    Step(conv1), Step(bn1), Step(add)

`nesting.py` writes some inside of others.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from archspec.code.annotations import annotation
from archspec.code.early import train_only_early
from archspec.code.first_rounds import with_first_rounds
from archspec.code.handed import called, printed, values
from archspec.code.inplace import Aliasing, is_sum
from archspec.code.loops import called_at_once, counted, enumerated, in_loop, is_by_number, timed
from archspec.code.naming import UNREAD
from archspec.code.parts import BlockPart, OpPart, Part, RunPart, SequencePart, Template
from archspec.code.parts import Item as AnyItem
from archspec.code.readers import called_by_readers
from archspec.code.step import Step
from archspec.graph.graph import Local, Node, Ref, Scope, child_id
from archspec.graph.network import Network
from archspec.graph.walk import find
from archspec.language.names import unused
from archspec.ops.op import Op
from archspec.values.dataclass import dataclass
from archspec.values.expression import Literal, Name
from archspec.values.shape import Shape
from archspec.values.source import Invoke, Item, Source, Tuple, method, of_shapes, part_of

RUNNING = ("x", "out", "z")  # names of the value that goes from call to call
RUNNING_IN_TRAINING = ("y", "z")


@dataclass(frozen=True, slots=True)
class Writer:
    """What the constructor's side of a class says of its parts.

    Attributes:
        operation: an op, the values it reads, and how these are written -> its expression.
        is_module: whether an op is a module.
        owner: how the module of a part is written.
        test: the attribute that says whether an optional part is there.
        measured: the inputs whose sizes an op or a block reads.
        handed: a block, and the variable for the number of a part of a repeat -> the sizes that it is given after its
            tensors.
        turns: how often a loop calls the one module of a repeat, and the inputs whose sizes say it.
        shape: a value and its shapes in all uses -> what the class calls that.
        taken: the names of the file, which no variable may hide.
        named: whether what the class returns has names: it is a network of several outputs.
    """

    operation: Callable[[OpPart, Sequence[Local], Sequence[Source]], Source]
    is_module: Callable[[OpPart], bool]
    owner: Callable[[Part], Source]
    test: Callable[[Part], Source | None]
    measured: Callable[[OpPart | BlockPart], Sequence[str]]
    handed: Callable[[BlockPart, str], Sequence[Source]]
    turns: Callable[[SequencePart], tuple[Source, Sequence[str]] | None]
    shape: Callable[[Local, Sequence[Shape | None]], str]
    taken: frozenset[str]
    named: bool


class Body:
    """What one class computes: its steps, and which value of the graph each of their values is."""

    def __init__(self, network: Network, template: Template, aliasing: Aliasing, writer: Writer) -> None:
        self.network, self.template, self.aliasing = network, template, aliasing
        self.writer = writer
        self.tested: tuple[Part, ...] = ()  # optional parts that the statements ask for
        self.parts = {part.name: part for part in template.parts}
        self.sizes = tuple(map(called, template.sizes))
        self.inputs = (*template.definition.inputs, *self.sizes)
        self.types = tuple(annotation(values(leaf, template.uses)) for leaf in template.sizes)
        self.arguments = self._arguments()
        taken = {*self.writer.taken, *self.parts, *self.inputs, *self.arguments}
        self.variable, self.layer, self.number = (unused(name, taken) for name in ("block", "layer", "i"))

    def _arguments(self) -> tuple[str, ...]:
        """What `forward` takes: tensors by the names of the inputs, then sizes, whose variables hold nothing else."""
        made = [unused(name, self.writer.taken) for name in self.template.definition.inputs]
        for leaf in self.template.sizes:
            made.append(printed(leaf, {*self.writer.taken, *self.parts, *made, *RUNNING, *RUNNING_IN_TRAINING}))
        return tuple(made)

    # -- steps
    # ------------------------------------------------------------------------------------------------------------

    def canonical(self, local: Local) -> Local:
        """The one name that a value has: ports that give the same value count as one."""
        local = self.template.resolve(local)
        part = self.parts.get(local.member)
        match part:
            case BlockPart() if part.others:  # in other uses it is an op, whose one output has no name
                return Local(local.member)
            case BlockPart():
                return Local(local.member, part.template.port(local.port))
            case SequencePart() if part.unrolled:
                return Local(local.member, part.output(local.port))
            case SequencePart():
                return Local(local.member, part.port(local.port))
        return local

    @cached_property
    def given_as(self) -> Mapping[Local, list[str]]:
        """Value -> the outputs of the class that it is."""
        found: dict[Local, list[str]] = {}
        for port, output in self.template.outputs.items():
            found.setdefault(self.canonical(output), []).append(port)
        return found

    @cached_property
    def read_as(self) -> Mapping[Local, str]:
        """Value -> what the one op or block that reads it calls it."""
        return called_by_readers(self.template.parts, self.canonical)

    def unused(self, name: str) -> bool:
        """Whether a variable may be called so: no member and no input is."""
        return name.isidentifier() and name not in self.parts and name not in self.arguments

    def goes_into(self, local: Local, member: str) -> bool:
        """Whether a member reads a value and nothing else, so that both may have its name: `gate = self.gate(gate)`."""
        part = self.parts.get(member)
        return part is not None and tuple(map(self.canonical, part.reads)) == (local,)

    def tensors(self) -> dict[Local, Source]:
        """Parameters and buffers, which are read where they are: `self.class_token`."""
        return {
            Local(part.name): self.writer.owner(part)
            for part in self.template.parts
            if isinstance(part, OpPart) and part.sample.op.holds
        }

    def steps(self) -> list[Step]:
        """The calls of the forward pass in the order in which they run."""
        ordered: list[Step] = []
        for part in self.template.parts:
            ordered.extend(self._part_steps(part))
        read = {local for step in ordered for local in step.reads}.union(
            map(self.canonical, self.template.outputs.values())
        )
        # What takes nothing and is read by nothing only holds tensors.
        ordered = [step for step in ordered if step.reads or not read.isdisjoint(step.gives)]
        self._ask(ordered)
        outputs = map(self.canonical, dict.fromkeys(self.template.outputs.values()))
        return train_only_early(with_first_rounds(ordered, tuple(outputs)), self.network)

    def _ask(self, steps: list[Step]) -> None:
        """Says of optional steps that are no module, and of optional modules right beside them, when they run.

        An optional module that stands alone needs no question: `nn.Identity` takes its place, of one value for one.
        """
        tests = [self.writer.test(step.part) if _is_asked(step) else None for step in steps]
        asked = [
            test is not None and not (step.module and len(step.reads) == len(step.gives) == 1)
            for test, step in zip(tests, steps, strict=True)
        ]
        for i, step in enumerate(steps):
            beside = range(i, len(steps)) if tests[i] and not asked[i] else ()
            joined = next((k for k in beside if asked[k] or tests[k] != tests[i] or steps[k].train_only), len(steps))
            if asked[i] or (tests[i] and joined < len(steps) and asked[joined] and tests[joined] == tests[i]):
                step.test = tests[i]
        self.tested = tuple(step.part for step in steps if step.test is not None)

    def _part_steps(self, part: Part) -> list[Step]:
        reads = tuple(self.canonical(read) for read in part.reads)
        owner = self.writer.owner(part)
        if part.others:
            return [Step(part, reads, (self.canonical(Local(part.name)),), _caller(owner), True)]
        match part:
            case OpPart() if part.sample.op.holds:
                return []
            case OpPart():
                gives = tuple(Local(part.name, port) for port in part.ports)
                summed = self._accumulates(part)
                step = Step(part, reads, gives, self._operation(part, reads), self.writer.is_module(part), summed)
                step.reads += tuple(Local(name) for name in self.writer.measured(part))
                return [step]
            case BlockPart():
                gives = tuple(Local(part.name, port) for port in part.template.ports)
                return [self._call(part, part, reads, gives, owner)]
            case SequencePart() if part.unrolled:
                return self._calls(part, reads)
            case SequencePart() if not part.chained:
                gives = tuple(Local(part.name, port) for port in part.ports)
                return [self._loop(part, range(len(part.items)), reads, gives)]
            case SequencePart() if part.taps:
                return self._stretches(part, reads, owner)
        return [Step(part, reads, (Local(part.name),), _caller(owner), True)]

    def _operation(self, part: OpPart, reads: tuple[Local, ...]) -> Callable[[Sequence[Source]], Source]:
        return lambda args: self.writer.operation(part, reads, args)

    def _calls(self, part: SequencePart, reads: tuple[Local, ...]) -> list[Step]:
        """The calls of a repeat that one loop does not say: a loop for a long stretch of its parts, a call for others.

        `for block in self.layers[:11]: x, skips = block(x, skips)`, and then `x = self.layers[11](x, skips)`.
        """
        given = dict(zip(part.sample.definition.inputs, reads, strict=True))
        steps = []
        for stretch in called_at_once(part):
            item, end = part.items[stretch.start], part.labels[stretch.stop - 1]
            if isinstance(item, RunPart):
                raise AssertionError(f"{part.name} differs in length")
            inner = tuple(given.get(read.member) or Local(part.name, part.place(read)) for read in item.reads)
            gives = tuple(Local(part.name, f"{end}.{port}") for port in item.ports)
            if len(stretch) > 1:
                steps.append(self._loop(part, stretch, inner, gives))
            elif isinstance(item, OpPart):
                module = self.writer.is_module(item)
                step = Step(part, inner, gives, self._operation(item, inner), module)
                step.reads += tuple(Local(name) for name in self.writer.measured(item))
                steps.append(step)
            else:
                steps.append(self._call(part, item, inner, gives, self.writer.owner(item)))
        return steps

    def _call(
        self,
        part: Part,
        item: AnyItem,
        reads: tuple[Local, ...],
        gives: tuple[Local, ...],
        owner: Source,
        number: str = "",
    ) -> Step:
        """The call of a module, with the sizes that it is handed after the tensors, which may follow from a number."""
        if not isinstance(item, BlockPart) or not item.handed:
            return Step(part, reads, gives, _caller(owner), True)
        handed, measured, count = self.writer.handed(item, number), self.writer.measured(item), len(reads)

        def call(args: Sequence[Source]) -> Source:
            values = dict(zip(measured, args[count:], strict=True))
            return Invoke(owner, (*args[:count], *(of_shapes(expr, values) for expr in handed)))

        return Step(part, (*reads, *map(Local, measured)), gives, call, True)

    def _loop(self, part: SequencePart, stretch: range, reads: tuple[Local, ...], gives: tuple[Local, ...]) -> Step:
        """A loop over parts of a repeat: over its modules, or so many times where all are one; a call for one such."""
        first, count = part.items[stretch.start], len(part.items)
        number = self.number if len(stretch) > 1 and is_by_number(first) else ""
        if part.one and not isinstance(first, RunPart):
            step = in_loop(self._call(part, first, reads, gives, self.writer.owner(first), number), first)
            if (turns := self.writer.turns(part)) is not None:
                return timed(step, *turns, number or UNREAD)
            if len(stretch) > 1:
                step.loop, step.variables = counted(stretch if number else range(len(stretch))), (number or UNREAD,)
            return step
        step = in_loop(self._call(part, first, reads, gives, Name(self.variable), number), first)
        owner, step.variables = self.writer.owner(part), (self.variable,)
        whole = owner if part.numbered else method(owner, "values")
        step.loop = whole if len(stretch) == count else part_of(owner, stretch, count)
        if number:
            step.loop, step.variables = enumerated(step.loop, stretch), (number, self.variable)
        return step

    def _stretches(self, part: SequencePart, reads: tuple[Local, ...], owner: Source) -> list[Step]:
        """The calls of a sequence of which values inside are read: a loop up to each, a call where that is one part.

        So the modules are called that are registered, which tracers know; a slice would be a new one. Parts that have
        names are called by slices.
        """
        steps, start = [], 0
        for port, end in part.taps.items():
            gives = (Local(part.name, port),)
            over = part_of(owner, range(start, end), len(part.items))
            if not part.looped:
                steps.append(Step(part, reads, gives, _caller(over), True))
            elif end - start == 1:
                steps.append(Step(part, reads, gives, _caller(Item(owner, (Literal(start),))), True))
            else:
                call = _caller(Name(self.layer))
                steps.append(Step(part, reads, gives, call, True, loop=over, variables=(self.layer,)))
            reads, start = gives, end
        return steps

    def _accumulates(self, part: OpPart) -> bool:
        """Whether `a += b` may stand for `a = a + b`."""
        op = part.sample.op
        if not op.accumulates or len(part.sample.inputs) != 2 or self.canonical(part.reads[0]).member in self.inputs:
            return False
        return all(use is None or (is_sum(use, self.network) and self._fits(use)) for use in part.uses)

    def _fits(self, use: Node) -> bool:
        """Whether the sum has the shape of its first term, which nothing else reads.

        A length of 1 may be of a term that is shorter than the other at other sizes, and is repeated there.
        """
        shape = self.network.shape(Ref(use.id))
        lengths = shape.spatial if len(shape.dims) > 2 else shape.dims[:-1]
        same = self.network.shape(use.inputs[0]) == shape and 1 not in lengths
        return same and self.aliasing.overwritable(use, 0)

    def giver(self, local: Local) -> tuple[Op, str] | None:
        """The op that gives a value, and as which of its outputs; None where no op of this class does."""
        part, port = self.parts.get(local.member), local.port
        item = part.giver(port) if isinstance(part, SequencePart) and part.unrolled else (part, port)
        return (item[0].sample.op, item[1]) if isinstance(item[0], OpPart) else None

    def unpacked(self, step: Step, targets: tuple[Source, ...]) -> tuple[Source, ...]:
        """What a call is assigned to: `x, (h, c)`, of which `x, _` is left where nothing reads the tuple inside."""
        giver = self.giver(step.gives[0])
        if giver is None:
            return targets
        made = giver[0].unpacked(targets)
        return tuple(
            Name(UNREAD) if isinstance(one, Tuple) and set(one.items) == {Name(UNREAD)} else one for one in made
        )

    # -- sizes
    # -------------------------------------------------------------------------------------------------------------

    def shape_comment(self, step: Step) -> str:
        """The shape that the statement gives, where it is new and the class has a name for it."""
        if len(step.gives) != 1 or step.accumulates:
            return ""
        made, first = self._shape(step.gives[0]), step.first_read()
        return made if first is None or made != self._shape(first) else ""

    def _shape(self, local: Local) -> str:
        refs = (self.ref(scope, local) for scope in self.template.uses)
        shapes = [None if ref is None else self.network.shape(ref) for ref in refs]
        return self.writer.shape(self._outside(local), shapes) if any(shape is not None for shape in shapes) else ""

    def _outside(self, local: Local) -> Local:
        """What the class calls the value of a part of an unrolled repeat that is what the whole repeat gives."""
        part = self.parts.get(local.member)
        if not isinstance(part, SequencePart) or not part.unrolled:
            return local
        given = (port for port in part.outputs if part.output(port) == local.port)
        return next((Local(part.name, port) for port in given), local)

    def ref(self, scope: Scope, local: Local) -> Ref | None:
        """The output in the flat graph that `local` stands for in one use; None for what is no tensor, or not there."""
        if local.member in self.sizes:
            return None
        name = scope.written.get(local.member, local.member)
        part = self.parts.get(local.member)
        if isinstance(part, SequencePart) and part.unrolled:
            inner = child_id(scope.id, name)
            there = inner in self.network.graph.scopes
            return find(self.network.graph, inner, part.places[local.port]) if there else None
        return find(self.network.graph, scope.id, Local(name, local.port))


def _is_asked(step: Step) -> bool:
    """Whether a step may have to ask if it is there: an op, or a block of which no identity gives as many values."""
    part = step.part
    several = isinstance(part, BlockPart) and len(step.gives) > 1
    return (isinstance(part, OpPart) or several) and not part.others


def _caller(owner: Source) -> Callable[[Sequence[Source]], Source]:
    return lambda args: Invoke(owner, tuple(args))
