"""Values: what is known of each value of a run, and how fields are said and held against the ops' own rules."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

import torch

from archspec.importer.layout import BATCH, Group, Layout, by_sizes
from archspec.importer.recording import Call, Known, Recording, calls
from archspec.importer.refused import Refused
from archspec.importer.tree import Plain
from archspec.ops import OPS
from archspec.ops.op import ShapeFault
from archspec.values.dataclass import dataclass
from archspec.values.shape import DType, Shape


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
        stretched: value -> the one that it is with sizes of 1 repeated.
        unsplit: value -> the one that it is with other dimensions in its batch, and these.
        each: value without a batch -> the same for each sample, which is all that was made of it.
        read: what calls read, and the network gives.
        holds: path of a module -> the names of the tensors that it holds itself and that the state_dict has.
        lost: value that no spec can say -> why; so is what follows from it.
    """

    run: Recording
    other: Recording
    layouts: dict[int, Layout] = field(default_factory=dict)
    same: dict[int, int] = field(default_factory=dict)
    expanded: dict[int, int] = field(default_factory=dict)
    stretched: dict[int, int] = field(default_factory=dict)
    shapes: dict[int, Shape] = field(default_factory=dict)
    made: list[tuple[Layout, DType]] = field(default_factory=list)
    makers: dict[int, Call] = field(default_factory=dict)
    unsplit: dict[int, tuple[int, Group]] = field(default_factory=dict)
    each: dict[int, int] = field(default_factory=dict)
    read: set[int] = field(default_factory=set)
    holds: dict[str, set[str]] = field(default_factory=dict)
    lost: dict[int, Refused] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key in self.run.keys:
            owner, _, name = key.rpartition(".")
            self.holds.setdefault(owner, set()).add(name)
        self.makers = {number: call for call in calls(self.run.top) for number in call.gives}
        for number in self.run.inputs:
            self.layouts[number] = self.by_size(number, ())

    def noted(self) -> tuple[dict[int, Any], ...]:
        """What is found out by now, to which one may come back."""
        return tuple(map(dict, self._found()))

    def back_to(self, noted: tuple[dict[int, Any], ...]) -> None:
        """Forgets what was found out since it was noted."""
        for now, before in zip(self._found(), noted, strict=True):
            now.clear()
            now.update(before)

    def _found(self) -> tuple[dict[int, Any], ...]:
        return self.same, self.layouts, self.expanded, self.stretched, self.shapes, self.unsplit, self.each, self.lost

    def known(self, number: int) -> Known:
        """What the recording knows of a value."""
        return self.run.known[number]

    def found(self, number: int) -> int:
        """The value that this one is."""
        while number in self.same:
            number = self.same[number]
        return number

    def is_read(self, number: int) -> bool:
        """Whether any call reads a value, or the network gives it."""
        if not self.read:
            self.read.update(self.run.outputs.values(), *(call.reads for call in calls(self.run.top)))
        return number in self.read

    def by_size(self, number: int, like: Sequence[Layout]) -> Layout:
        """The layout that the sizes of two runs show."""
        one, two = self.run.known[number], self.other.known[number]
        return by_sizes(one.shape, two.shape, (self.run.batch, self.other.batch), like)

    def asked(self, call: Call, size: tuple[int, ...], start: int = 0) -> Iterator[int]:
        """The values whose size was asked for before a call, the latest first, that have this one from `start`."""
        for number in reversed(call.sized):
            shape = self.known(number).shape
            if shape[start:] == size and 0 not in shape and self.layout(number).plain:
                yield number

    def layout(self, number: int) -> Layout:
        """The layout of a value; one that is another's may have its batch elsewhere."""
        while number not in self.layouts and number in self.same:
            number = self.same[number]
        if number not in self.layouts:
            self.layouts[number] = self.by_size(number, self.guesses(number))
        return self.layouts[number]

    def is_as(self, number: int, other: int) -> None:
        """Notes that a value has the layout and the shape of another."""
        self.layouts[number], self.shapes[number] = self.layout(other), self.shape(other)

    def guesses(self, number: int) -> list[Layout]:
        """Layouts that a constant may have: one sample behind the other, which whoever makes it proves."""
        known = self.run.known[number] if number < len(self.run.known) else None
        if known is None or known.origin != "constant":
            return []
        return [Layout(((BATCH, size // self.run.batch),)) for size in known.shape if size % self.run.batch == 0]

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
        return "complex"
    return "float" if tensor.is_floating_point() else "int"


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
    """(3, 3) as 3, and (3,) too: one number for all dimensions."""
    if isinstance(value, tuple) and value and all(type(v) is int and v == value[0] for v in value):
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
