"""Site: one call that is being said in ops, and the answers that a rule needs to say it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import torch

from archspec.importer.layout import Layout, by_sizes
from archspec.importer.recording import Call, Known, Recording, Value, calls
from archspec.importer.refused import Refused
from archspec.importer.tree import Member, Plain
from archspec.ops import OPS
from archspec.ops.op import ShapeFault
from archspec.values.shape import DType, Shape

# Arguments that change nothing that a spec says.
IGNORED = frozenset({"inplace", "dtype", "out", "layout", "memory_format", "device", "non_blocking", "_stacklevel"})


@dataclass
class Values:
    """All values of a run, and what is found out about them while it is said in ops.

    Attributes:
        run: the recording that is said.
        other: the same with another number of samples.
        layouts: value -> which of torch's dimensions are which of archspec's.
        same: value -> the one that it is.
        shapes: value -> its shape, of those that an op made.
        makers: value -> the call that gave it.
        expanded: value -> the one without a batch that it repeats for each sample.
    """

    run: Recording
    other: Recording
    layouts: dict[int, Layout] = field(default_factory=dict)
    same: dict[int, int] = field(default_factory=dict)
    expanded: dict[int, int] = field(default_factory=dict)
    shapes: dict[int, Shape] = field(default_factory=dict)
    made: list[tuple[Layout, DType]] = field(default_factory=list)
    makers: dict[int, Call] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.makers = {number: call for call in calls(self.run.top) for number in call.gives}
        for number in self.run.inputs:
            self.layouts[number] = self.by_size(number, ())

    def known(self, number: int) -> Known:
        """What the recording knows of a value."""
        return self.run.known[number]

    def found(self, number: int) -> int:
        """The value that this one is."""
        while number in self.same:
            number = self.same[number]
        return number

    def by_size(self, number: int, like: Sequence[Layout]) -> Layout:
        """The layout that the sizes of two runs show."""
        one, two = self.run.known[number], self.other.known[number]
        return by_sizes(one.shape, two.shape, (self.run.batch, self.other.batch), like)

    def layout(self, number: int) -> Layout:
        """The layout of a value; one that is another's may have its batch elsewhere."""
        while number not in self.layouts and number in self.same:
            number = self.same[number]
        if number not in self.layouts:
            self.layouts[number] = self.by_size(number, ())
        return self.layouts[number]

    def dtype(self, number: int) -> DType:
        """What a value holds."""
        number = self.found(number)
        if number >= len(self.run.known):
            return self.made[number - len(self.run.known)][1]
        return dtype_of(self.run.known[number].tensor)

    def shape(self, number: int) -> Shape:
        """Archspec's shape of a value; where an op made it, it knows where its channels are."""
        number = self.found(number)
        if number in self.shapes:
            return self.shapes[number]
        layout = self.layout(number)
        return Shape(layout.dims, 1 if layout.batched else 0, self.dtype(number))

    def fresh(self, layout: Layout, dtype: DType) -> int:
        """A value that torch's run did not have."""
        number = len(self.run.known) + len(self.made)
        self.made.append((layout, dtype))
        self.layouts[number] = layout
        return number


def dtype_of(tensor: torch.Tensor) -> DType:
    """What a tensor holds."""
    if tensor.dtype == torch.bool:
        return "bool"
    if tensor.is_complex():
        raise Refused("computes with complex numbers")
    return "float" if tensor.is_floating_point() else "int"


@dataclass
class Site:
    """One call.

    Attributes:
        call: as recorded.
        values: of the run.
        scope: the path of the module that makes it.
        near: the values that the module was given.
        said: the members that say it, so far.
    """

    call: Call
    values: Values
    scope: str
    near: tuple[int, ...] = ()
    given: Mapping[str, object] = field(default_factory=dict)
    said: list[Member] = field(default_factory=list)

    # -- what the call was given

    def bind(self, takes: Sequence[str]) -> None:
        """Names the arguments. Raises Refused for one that has no name."""
        named = dict(zip(takes, self.call.args, strict=False))
        if len(self.call.args) > len(takes):
            raise Refused(f"{self.call.function} takes more arguments than is known")
        for keyword, value in self.call.kwargs.items():
            name = "input" if keyword in ("self", "x") and "input" in takes else keyword
            if name in takes:
                named[name] = value
            elif name not in IGNORED and value is not None:
                raise Refused(f"{self.call.function} with {name}={value!r}")
        self.given = named

    def has(self, name: str) -> bool:
        """Whether an argument was given, and is not None."""
        return self.given.get(name) is not None

    def value(self, name: str = "input") -> int:
        """The value that an argument is. Raises Refused where it is none."""
        found = self.given.get(name)
        if not isinstance(found, Value):
            raise Refused(f"{self.call.function} of {found!r}")
        return found.number

    def tensor_number(self, argument: object) -> int:
        """The value that a part of an argument is."""
        if not isinstance(argument, Value):
            raise Refused(f"{self.call.function} of {argument!r}")
        return argument.number

    def tensor(self, name: str) -> bool:
        """Whether an argument is a value."""
        return isinstance(self.given.get(name), Value)

    def plain(self, name: str, default: Plain = None) -> Plain:
        """An argument that is no value."""
        return plain(self.given.get(name, default))

    def whole(self, name: str, default: int | None = None) -> int:
        """An argument that is an integer."""
        found = self.given.get(name, default)
        if not isinstance(found, int):
            raise Refused(f"{self.call.function} with {name}={found!r}")
        return int(found)

    def fraction(self, name: str, default: float = 0.0) -> float:
        """An argument that is a number, as a fraction; the default for None."""
        found = default if self.given.get(name) is None else self.given[name]
        if not isinstance(found, int | float):
            raise Refused(f"{self.call.function} with {name}={found!r}")
        return float(found)

    def wholes(self, name: str) -> tuple[int, ...]:
        """An argument of one or more integers, given as a list or one by one."""
        found = self.given.get(name)
        items = found if isinstance(found, tuple) else (found,)
        if not all(isinstance(item, int) for item in items):
            raise Refused(f"{self.call.function} with {name}={found!r}")
        return tuple(int(item) for item in items if isinstance(item, int))

    def spread(self) -> None:
        """Takes what follows the first argument as one list: `x.view(2, 3)` is `x.view((2, 3))`."""
        args = self.call.args
        if len(args) > 2 or (len(args) == 2 and not isinstance(args[1], tuple)):
            self.call = replace(self.call, args=(args[0], tuple(args[1:])))

    # -- what values are

    def batched(self) -> int:
        """A value with a batch that is at hand."""
        return next((one for one in self.near if self.layout(one).batched), self.values.run.inputs[0])

    def layout(self, number: int) -> Layout:
        """The layout of a value."""
        return self.values.layout(number)

    def axis(self, number: int, dim: int) -> int:
        """Archspec's number of a dimension of a value."""
        return self.values.layout(number).axis(dim)

    def size(self, number: int) -> tuple[int, ...]:
        """Torch's sizes of a value."""
        return self.values.known(number).shape

    def require_plain(self, *numbers: int) -> None:
        """Raises Refused where a value's batch is not in front and by itself."""
        for number in numbers:
            if not self.layout(number).plain:
                raise Refused(f"{self.call.function} of a value in which the batch is not the first dimension")

    # -- saying it

    def is_same(self, number: int, layout: Layout | None = None) -> None:
        """The result is that value; with a layout, one whose batch torch has elsewhere."""
        (result,) = self.call.gives
        self.values.same[result] = number
        if layout is not None:
            self.values.layouts[result] = layout

    def emit(
        self,
        op: str,
        reads: Iterable[int],
        fields: Mapping[str, Plain] | None = None,
        *,
        gives: Iterable[int] | None = None,
        layouts: Sequence[Layout] | None = None,
        ports: tuple[str, ...] = (),
        name: str = "",
        own: bool = False,
    ) -> None:
        """Says the call by an op; what that gives is the call's results unless `gives` names others.

        Raises:
            Refused: archspec's own rule gives other sizes than torch gave.
        """
        given = tuple(reads)
        read = tuple(map(self.values.found, given))
        gave = tuple(self.call.gives if gives is None else gives)
        kept = trimmed(op, fields or {})
        for at, number in enumerate(gave):
            if layouts is not None:
                self.values.layouts[number] = layouts[min(at, len(layouts) - 1)]
            elif number not in self.values.layouts:
                batched = [layout for layout in map(self.layout, given) if layout.batched]
                self.values.layouts[number] = self.values.by_size(number, batched)
        shapes = check(op, kept, [self.values.shape(number) for number in read], [self.values.shape(n) for n in gave])
        self.values.shapes |= dict(zip(gave, shapes, strict=False))
        module, path = (self.call.module, self.call.path) if self.call.module is not None else (None, "")
        self.said.append(Member(op, read, gave, name, kept, module=module, path=path, own=own, ports=ports))

    def between(self, op: str, read: int, fields: Mapping[str, Plain], layout: Layout) -> int:
        """A value on the way to the result."""
        made = self.values.fresh(layout, self.values.dtype(read))
        self.emit(op, [read], fields, gives=[made], layouts=[layout])
        return made


Rule: TypeAlias = Callable[[Site], None]


def plain(value: object) -> Plain:
    """An argument as the value of a field. Raises Refused where no field could hold it."""
    if isinstance(value, torch.Size | list | tuple):
        return tuple(map(plain, value))
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    raise Refused(f"a field would hold {value!r}")


def one_of(value: Plain) -> Plain:
    """(3, 3) as 3."""
    if isinstance(value, tuple) and len(value) > 1 and all(type(v) is int and v == value[0] for v in value):
        return value[0]
    return value


def defaults_of(op: str) -> dict[str, Plain]:
    """What the fields of an op are where a spec leaves them out."""
    return {name: field.default for name, field in OPS[op].model_fields.items() if not field.is_required()}


def trimmed(op: str, fields: Mapping[str, Plain]) -> dict[str, Plain]:
    """Fields that are not the op's defaults."""
    defaults = defaults_of(op)
    return {name: value for name, value in fields.items() if name not in defaults or not _same(defaults[name], value)}


def _same(default: Plain, value: Plain) -> bool:
    return one_of(default) == one_of(value) and isinstance(default, bool) == isinstance(value, bool)


def check(op: str, fields: Mapping[str, Plain], xs: Sequence[Shape], ys: Sequence[Shape]) -> tuple[Shape, ...]:
    """What archspec's shape rule gives. Raises Refused where torch gave something else."""
    try:
        made = OPS[op](**fields).outputs(tuple(xs))
    except (ShapeFault, ValueError, TypeError, IndexError) as fault:
        raise Refused(f"{op} of {' and '.join(map(str, xs))}: {fault}") from fault
    for want, have in zip(ys, made, strict=False):
        if (want.dims, bool(want.batch)) != (have.dims, bool(have.batch)):
            raise Refused(f"{op} of {' and '.join(map(str, xs))} gives {have}, and torch gave {want}")
    return made
