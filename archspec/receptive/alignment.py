"""Alignment: where ways meet whose values lie over different places of the input.

    x: conv, kernel 3, stride 2, padding 1      element 0 has its middle at 0, element 1 at 2
    y: conv, kernel 2, stride 2                 element 0 has its middle at 1/2, element 1 at 5/2
    add(x, y)                                   y is half an element beside x, a quarter of the stride

Padding and cropping in other places can make up for it, which the middles then show. By half a stride or more, the
values of neighbours are confused. What lies beside each other by all ways together and not by the narrowest does so
only because it reads further to one side, as shifted windows do; and ways that have nothing in common by the narrowest
are neighbours that are put together on purpose, as the four pixels of a square are.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from archspec.ops.reach import Reach
from archspec.receptive.field import Field
from archspec.receptive.fields import Axis, Meeting, meetings
from archspec.values.dataclass import dataclass

if TYPE_CHECKING:
    from archspec.measures.measure import Counted

WORTH = Fraction(1, 2)  # of a stride


@dataclass(frozen=True, slots=True)
class Misalignment:
    """Ways that meet beside each other.

    Attributes:
        id: of the op where they meet.
        axis: of the input, along which they do.
        middles: number of the op's input -> where the middle of its values is beside that of the first such input, in
            elements of the network's input, on average.
        stride: from one value to the next.
        in_step: all ways go at that stride, so that they lie beside each other by the same everywhere.
    """

    id: str
    axis: Axis
    middles: Mapping[int, Fraction]
    stride: Fraction
    in_step: bool

    @property
    def by(self) -> Fraction:
        """How far the ways are apart that are furthest from each other."""
        return max(self.middles.values()) - min(self.middles.values())


def misaligned(ops: "Sequence[Counted]", worth: Fraction = WORTH) -> Iterator[Misalignment]:
    """Where ways meet that are `worth` strides or more beside each other. Linear in nodes, edges and sizes."""
    for meeting in meetings(ops):
        moving = {index: reach for index, field in meeting.fields.items() if (reach := _moving(field)) is not None}
        first, *_ = moving.values()
        dim = next(iter(meeting.fields.values())).dim
        size = meeting.op.shapes[0].dims[dim] if dim is not None else 1
        middles = {index: _beside(reach, first, size) for index, reach in moving.items()}
        stride = max(abs(reach.stride) for reach in moving.values())
        in_step = len({reach.stride for reach in moving.values()}) == 1
        found = Misalignment(meeting.op.id, meeting.axis, middles, stride, in_step)
        if found.by and found.by >= worth * stride and _by_narrowest(meeting, size) >= worth * stride:
            yield found


def _by_narrowest(meeting: Meeting, size: int) -> Fraction:
    """How far ways are apart by the narrowest each; nothing where they nowhere read an element together."""
    ways = [field.narrow if field.narrow.step else field.wide for field in meeting.fields.values()]
    ends = ([way.at(i) for way in ways] for i in range(size))
    if all(max(first for first, _ in at) > min(last for _, last in at) for at in ends):
        return Fraction(0)
    middles = [_beside(way, ways[0], size) for way in ways]
    return max(middles) - min(middles)


def _moving(field: Field) -> Reach | None:
    return next((reach for reach in (field.wide, field.narrow) if reach.step), None)


def _beside(reach: Reach, other: Reach, size: int) -> Fraction:
    """How far the middle is behind that of another; on average where they do not go at one stride."""
    if reach.stride == other.stride:
        return reach.centre - other.centre
    ends = ((*reach.at(i), *other.at(i)) for i in range(size))
    return sum((Fraction(a + b - c - d, 2) for a, b, c, d in ends), Fraction(0)) / size
