"""Field: which elements of one dimension of a network's input an output of a node is computed from.

Every output has two, which differ behind a join:

    wide      all that any way leads to, and what lies between
    narrow    what the narrowest way leads to: in a ResNet, that over the shortcuts

A field goes along one dimension of the output, whose elements are moved by the stride from one to the next. Where it
goes along none, all elements have the same: behind a global pooling, or attention.

Sizes are those of an input without borders: the 1507 of ResNet-152 are more than the 224 pixels of its image. Only
what is the same for all elements ends where the input does.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from archspec.ops.reach import Along, Fixed, Laid, Reach, Reading
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """What an output is computed from, along one dimension of an input.

    Attributes:
        dim: the dimension of the output that it goes along, counted after the batch; None where all elements are alike.
        wide: by all ways together.
        narrow: by the narrowest way.
        size: elements of the input along its dimension.
        numbered: that dimension numbers pieces, as of windows, whose neighbours do not lie side by side: no stride.
    """

    dim: int | None
    wide: Reach
    narrow: Reach
    size: int
    numbered: bool = False

    @property
    def largest(self) -> int:
        """The most elements that one element is computed from."""
        return self._size_of(self.wide)

    @property
    def smallest(self) -> int:
        """The most elements of the narrowest way."""
        return self._size_of(self.narrow)

    @property
    def everywhere(self) -> bool:
        """Whether all elements of the output are computed from all of the input."""
        return self._covers(self.wide)

    @property
    def stride(self) -> Fraction | None:
        """How far elements of the output are apart on the input; None where all are alike."""
        reach = self._moving()
        return abs(reach.stride) if reach is not None else None

    @property
    def centre(self) -> Fraction | None:
        """Where element 0 of the output has its middle on the input, 0 being the middle of the first element."""
        reach = self._moving()
        return reach.centre if reach is not None else None

    def read(self, reading: Reading, sizes: tuple[int, int]) -> "Field | None":
        """The field of an op's output, where this is that of its input; None where nobody can say.

        Args:
            reading: how the op reads the dimension that the field goes along.
            sizes: of that dimension, and of the one of the output that it is read along.
        """
        if self.dim is None:
            return self
        match reading:
            case Along(dim=dim, reach=reach, numbers=numbers):
                wide, narrow = (one.after(reach, sizes[1]) for one in (self.wide, self.narrow))
                return Field(dim, wide, narrow, self.size, self.numbered or numbers)
            case Fixed(first=first, last=last):
                end = sizes[0] - 1 if last is None else last
                wide, narrow = (self._constant(*one.between(first, end)) for one in (self.wide, self.narrow))
                return Field(None, wide, narrow, self.size)
        return None

    def laid(self, laid: Laid) -> "tuple[Field, Along] | None":
        """The field by the rows of a grid, or by its columns, with how those are read; None where it is neither's."""
        wide, narrow = self.wide.by_row(laid.length), self.narrow.by_row(laid.length)
        along = laid.rows
        if wide is None or narrow is None:
            wide, narrow = self.wide.by_column(laid.length), self.narrow.by_column(laid.length)
            along = laid.columns
        if wide is None or narrow is None:
            return None
        return replace(self, wide=wide, narrow=narrow, numbered=False), along

    def _constant(self, first: int, last: int) -> Reach:
        return Reach((max(first, 0),), (min(last, self.size - 1),), 0)

    def _moving(self) -> Reach | None:
        """The widest way along which elements are apart."""
        if self.dim is None or self.numbered:
            return None
        return next((reach for reach in (self.wide, self.narrow) if reach.step), None)

    def _size_of(self, reach: Reach) -> int:
        first, last = reach.first[0], reach.last[0]
        clipped = reach.step == 0 and reach.period == 1
        return max(min(last, self.size - 1) - max(first, 0) + 1, 0) if clipped else max(reach.sizes)

    def _covers(self, reach: Reach) -> bool:
        return reach.step == 0 and reach.period == 1 and reach.first[0] <= 0 and reach.last[0] >= self.size - 1


def joined(fields: Sequence[Field | None], size: int) -> Field | None:
    """The field of an op that reads several values; None where one of them is not known, unless another is all.

    Args:
        fields: of the values.
        size: of the output's dimension that they go along.
    """
    known = [field for field in fields if field is not None]
    whole = next((field for field in known if field.everywhere), None)
    if len(known) < len(fields):
        return whole
    first, *others = known
    for other in others:
        first = _both(first, other, size)
    return first


def _both(one: Field, other: Field, size: int) -> Field:
    dim = one.dim if one.dim is not None else other.dim
    if None not in (one.dim, other.dim) and one.dim != other.dim:
        dim = None  # of two dimensions that come from one, as in attention over rows and columns
    wide = next((each.wide for each in (one, other) if each.everywhere), None)
    if wide is None:
        wide = one.wide.hull(other.wide, size) if dim is not None or one.dim == other.dim else one.wide
    narrow = min(one.narrow, other.narrow, key=lambda reach: (reach.step == 0, max(reach.sizes)))
    return Field(dim, wide, narrow, one.size, dim is not None and (one.numbered or other.numbered))
