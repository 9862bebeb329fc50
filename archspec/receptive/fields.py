"""Fields: what every output of a network is computed from, followed from its inputs on. Linear in nodes and edges."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from archspec.ops.input import Input
from archspec.ops.reach import SAME, Along, Laid, Reading
from archspec.receptive.field import Field, joined
from archspec.values.dataclass import dataclass
from archspec.values.shape import Shape

if TYPE_CHECKING:
    from archspec.measures.measure import Counted

Fields: TypeAlias = "Mapping[Axis, Field | None]"


@dataclass(frozen=True, slots=True)
class Axis:
    """A dimension of an input of the network.

    Attributes:
        input: id of the input.
        dim: counted after the batch.
    """

    input: str
    dim: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """An op that reads values of several ways, and what each of them is computed from.

    Attributes:
        op: it.
        axis: the dimension of the input.
        fields: of what it reads, as it meets there, by the number of the op's input; only those that go along.
    """

    op: "Counted"
    axis: Axis
    fields: Mapping[int, Field]


def fields(ops: "Sequence[Counted]") -> dict[tuple[str, int], Fields]:
    """Id of a node and number of its output -> field by dimension of an input; of what depends on it only."""
    found: dict[tuple[str, int], Fields] = {}
    axes = _axes(ops)
    for op in ops:
        for port in range(len(op.shapes)):
            if op.id in axes:
                sizes = ((dim, op.shapes[0].dims[dim]) for dim in axes[op.id])
                found[op.id, port] = {Axis(op.id, dim): Field(dim, SAME, SAME, size) for dim, size in sizes}
            else:
                given = _given(op, port, found)
                found[op.id, port] = {axis: joined(list(ways.values()), _size(op, port, ways)) for axis, ways in given}
    unasked = set(_channels(ops, found))
    return {
        output: {axis: one for axis, one in known.items() if axis not in unasked} for output, known in found.items()
    }


def meetings(ops: "Sequence[Counted]") -> Iterator[Meeting]:
    """Where ways meet that go along a dimension of an input."""
    found = fields(ops)
    for op in ops:
        for axis, ways in _given(op, 0, found):
            along = {index: field for index, field in ways.items() if field is not None and field.stride is not None}
            if len(along) > 1:
                yield Meeting(op, axis, along)


def _axes(ops: "Sequence[Counted]") -> dict[str, tuple[int, ...]]:
    """Input -> the dimensions that may be read along, counted after the batch."""
    return {op.id: _spatial(op.shapes[0]) for op in ops if isinstance(op.op, Input)}


def _channels(ops: "Sequence[Counted]", found: Mapping[tuple[str, int], Fields]) -> Iterator[Axis]:
    """Of inputs of two dimensions, those that are channels: the first to be read whole while the other is not."""
    asked = {op.id for op in ops if isinstance(op.op, Input) and len(op.shapes[0].dims) == 2}
    for op in ops if asked else ():
        for id in tuple(asked):
            pair = [found[op.id, 0].get(Axis(id, dim)) for dim in (0, 1)]
            whole = [field is not None and field.dim is None for field in pair]
            if any(whole) and not all(whole):
                asked.discard(id)
                yield Axis(id, whole.index(True))


def _spatial(x: Shape) -> tuple[int, ...]:
    """The dimensions of an input that are no channels; of two, either may be."""
    if len(x.dims) < 3:
        return tuple(range(len(x.dims)))
    return tuple(range(len(x.dims)))[slice(0, -1) if x.channels_last else slice(1, None)]


def _given(
    op: "Counted", port: int, found: Mapping[tuple[str, int], Fields]
) -> Iterator[tuple[Axis, dict[int, Field | None]]]:
    """For each dimension of an input, the fields of what an op reads, as it meets there; by number of the input."""
    ways: dict[Axis, dict[int, Field | None]] = {}
    for index, (id, from_port) in enumerate(zip(op.reads, op.ports, strict=True)):
        known = found[id, from_port]
        if not known or op.op.reads_size(index):
            continue
        readings = op.op.reach(op.takes, op.shapes, index, port)
        for axis, field in known.items():
            ways.setdefault(axis, {})[index] = _read(field, readings, op.takes[index], op.shapes[port])
    yield from ways.items()


def _read(field: Field | None, readings: tuple[Reading, ...], x: Shape, y: Shape) -> Field | None:
    if field is None or field.dim is None:
        return field
    reading, size = readings[field.dim], x.dims[field.dim]
    if isinstance(reading, Laid):
        found = field.laid(reading)
        if found is None:
            return None
        size //= reading.length
        field, reading = found
    if isinstance(reading, Along) and reading.reach == SAME:
        return field if reading.dim == field.dim else replace(field, dim=reading.dim)
    return field.read(reading, (size, y.dims[reading.dim] if isinstance(reading, Along) else 1))


def _size(op: "Counted", port: int, ways: Mapping[int, Field | None]) -> int:
    dim = next((field.dim for field in ways.values() if field is not None and field.dim is not None), None)
    return op.shapes[port].dims[dim] if dim is not None else 1
