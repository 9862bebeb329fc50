"""Reach: which elements of an input one element of an output is computed from, along one dimension.

A 3x3 convolution of stride 2 with padding 1 computes element i from elements 2i - 1 to 2i + 1 of its input:

    Reach(first=(-1,), last=(1,), step=2)      element i reads first + step * i ... last + step * i

Up-sampling by 2 repeats: elements 0 and 1 read 0, elements 2 and 3 read 1. So a reach has a *period* of elements, after
which all is `step` further: `Reach((0, 0), (0, 0), step=1)`. Elements before 0 and after the last one are padding.
"""

from collections.abc import Collection, Iterator
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import ceil, floor, gcd, lcm
from typing import TypeAlias

from archspec.values.dataclass import dataclass
from archspec.values.shape import Shape


@dataclass(frozen=True)  # no slots: what is looked up over and over is kept
class Reach:
    """Element of an output -> the elements of an input that it reads, without holes.

    Attributes:
        first: the first that is read, by each element of one period.
        last: the last; before the first where an element reads none.
        step: how far both are moved after a period; to the front where a sequence is turned round.
    """

    first: tuple[int, ...]
    last: tuple[int, ...]
    step: int

    @property
    def period(self) -> int:
        """After how many elements all repeats."""
        return len(self.first)

    @property
    def stride(self) -> Fraction:
        """How far an element is from its neighbour, on average: 1/2 where two elements read the same."""
        return Fraction(self.step, self.period)

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many elements each element of a period reads, holes counted; 0 where it reads none."""
        return tuple(max(last - first + 1, 0) for first, last in zip(self.first, self.last, strict=True))

    @property
    def centre(self) -> Fraction:
        """Where what element 0 reads has its middle, on average over a period: what is moved by a stride is moved back.

        Elements 0 and 1 of an up-sampling by 2 read 0: their middle is 0 and -1/2, and -1/4 on average.
        """
        middles = (Fraction(a + b, 2) for a, b in zip(self.first, self.last, strict=True))
        return sum((m - i * self.stride for i, m in enumerate(middles)), Fraction(0)) / self.period

    def at(self, index: int) -> tuple[int, int]:
        """The first and the last element that element `index` reads."""
        times, place = divmod(index, len(self.first))
        return self.first[place] + times * self.step, self.last[place] + times * self.step

    def between(self, low: int, high: int) -> tuple[int, int]:
        """The first and the last that elements `low` to `high` read together."""
        if self._in_order or low > high:
            return self.at(low)[0], self.at(high)[1]
        early = range(low, min(high + 1, low + self.period))
        late = range(max(low, high + 1 - self.period), high + 1)
        if self.step < 0:  # what is turned round reads the last element first
            early, late = late, early
        return min(self.at(i)[0] for i in early), max(self.at(i)[1] for i in late)

    @cached_property
    def _in_order(self) -> bool:
        ends = (*self.first, self.first[0] + self.step), (*self.last, self.last[0] + self.step)
        return all(a <= b for line in ends for a, b in pairwise(line))

    def after(self, later: "Reach", size: int) -> "Reach":
        """What an op reads of the first of two: `self` is of its input, `later` says what the op reads of that.

        Args:
            later: of the op.
            size: elements of the op's output, more than which no period needs to have.
        """
        times = self.period // gcd(self.period, later.step) if later.step else 1
        period = later.period * times
        step = self.step * later.step * times // self.period
        if period > size:
            step = round(size * Fraction(step, period))
            period = size
        ends = [self.between(*later.at(i)) for i in range(period)]
        return _shortest(tuple(a for a, _ in ends), tuple(b for _, b in ends), step)

    def hull(self, other: "Reach", size: int) -> "Reach":
        """All that the two read, and what lies between; of `size` elements where they do not go at one stride."""
        if self.stride == other.stride:
            period = self.period * other.period // gcd(self.period, other.period)
            step = self.step * period // self.period
            if period > size:
                period, step = size, round(size * self.stride)
        else:
            period = size
            step = round(size * max(self.stride, other.stride))
        ends = [(self.at(i), other.at(i)) for i in range(period)]
        return _shortest(tuple(min(a[0], b[0]) for a, b in ends), tuple(max(a[1], b[1]) for a, b in ends), step)

    def by_row(self, length: int) -> "Reach | None":
        """The same by the rows of a grid of so many columns, counted row by row; None where a row is not all alike."""
        ends = [self.at(place) for place in range(lcm(self.period, length))]
        if any(end != ends[place - place % length] for place, end in enumerate(ends)):
            return None
        first, last = ([end[side] for end in ends[::length]] for side in (0, 1))
        return _shortest(tuple(first), tuple(last), self.step * len(ends) // self.period)

    def by_column(self, length: int) -> "Reach | None":
        """The same by the columns of such a grid; None where a column is not all alike."""
        if self.step or length % self.period:
            return None
        ends = [self.at(place) for place in range(length)]
        apart = {later[side] - end[side] for end, later in pairwise(ends) for side in (0, 1)}
        if len(apart) == 1:  # it goes on so
            return Reach(ends[0][:1], ends[0][1:], apart.pop())
        return Reach(tuple(first for first, _ in ends), tuple(last for _, last in ends), 0)


def _shortest(first: tuple[int, ...], last: tuple[int, ...], step: int) -> Reach:
    """The same with the shortest period."""
    period = len(first)
    for short in range(1, period // 2 + 1):
        if period % short == 0 and step * short % period == 0:
            part = Reach(first[:short], last[:short], step * short // period)
            if all(part.at(i) == (first[i], last[i]) for i in range(short, period)):
                return part
    return Reach(first, last, step)


SAME = Reach((0,), (0,), 1)


@dataclass(frozen=True, slots=True)
class Along:
    """A dimension of an input is read along a dimension of the output: its elements say which.

    Attributes:
        dim: of the output, counted after the batch.
        reach: what they read.
        numbers: that dimension numbers pieces, as of windows: its neighbours do not lie side by side.
    """

    dim: int
    reach: Reach = SAME
    numbers: bool = False


@dataclass(frozen=True, slots=True)
class Fixed:
    """Every element of the output reads the same elements of a dimension of the input: from `first` to `last`.

    None as the last one is the end of the dimension.
    """

    first: int = 0
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Laid:
    """A dimension that counts the places of a grid row by row is laid out again, as windows are to an image.

    Attributes:
        length: places in a row of the grid.
        rows: along which dimension of the output its rows are read, and which row an element reads.
        columns: the same of its columns.
    """

    length: int
    rows: Along
    columns: Along


WHOLE = Fixed()
# None: nobody can say, or which elements are read depends on their values.
Reading: TypeAlias = Along | Fixed | Laid | None


# -- what ops read ----------------------------------------------------------------------------------------------------


def window(kernel: int, stride: int = 1, before: int = 0, dilation: int = 1) -> Reach:
    """A sliding window, `before` of which lies in the padding at element 0."""
    return Reach((-before,), (dilation * (kernel - 1) - before,), stride)


def spread(kernel: int, stride: int, cut: int, dilation: int = 1) -> Reach:
    """What the output of a transposed convolution reads: element i is spread over `kernel` elements from i * stride on.

    `cut` of the elements before lie outside of the output. Between elements that are further apart than the kernel is
    long, an element reads nothing: it then has the next one as its first, and the one before as its last.
    """
    first, last = [], []
    for index in range(stride):
        place = index + cut
        read = [(place - dilation * k) // stride for k in range(kernel) if (place - dilation * k) % stride == 0]
        first.append(min(read) if read else ceil(Fraction(place, stride)))
        last.append(max(read) if read else ceil(Fraction(place, stride)) - 1)
    return _shortest(tuple(first), tuple(last), 1)


def bins(size: int, count: int) -> Reach:
    """What adaptive pooling reads: `size` elements in `count` bins, which may share elements."""
    shared = gcd(size, count)
    ends = [(i * size // count, -(-(i + 1) * size // count) - 1) for i in range(count // shared)]
    return _shortest(tuple(a for a, _ in ends), tuple(b for _, b in ends), size // shared)


# mode -> how many elements are read before and after a place between two.
_AROUND = {"linear": (0, 1), "bilinear": (0, 1), "trilinear": (0, 1), "bicubic": (1, 2)}


def interpolated(mode: str, size: int, count: int, ratio: Fraction, *, corners: bool = False) -> Reach:
    """What interpolation of `size` elements to `count` reads; what lies beyond the border is not moved to it.

    Args:
        mode: as PyTorch calls it.
        size: of the input.
        count: of the output.
        ratio: elements of the input for one of the output.
        corners: the outermost elements keep their places.
    """
    if mode == "area":
        return bins(size, count)
    if corners:
        ratio = Fraction(size - 1, count - 1) if count > 1 else Fraction(0)
    period = min(ratio.denominator, count)
    step = round(ratio * period)
    if mode in _AROUND:
        places = [ratio * i if corners else ratio * (i + Fraction(1, 2)) - Fraction(1, 2) for i in range(period)]
        before, after = _AROUND[mode]
        between = [place.denominator > 1 for place in places]
        first = tuple(floor(place) - before * more for place, more in zip(places, between, strict=True))
        last = tuple(floor(place) + after * more for place, more in zip(places, between, strict=True))
        return _shortest(first, last, step)
    middle = Fraction(1, 2) if mode == "nearest-exact" else Fraction(0)
    picked = tuple(floor(ratio * (i + middle)) for i in range(period))
    return _shortest(picked, picked, step)


def cut(sizes: tuple[int, ...], wanted: tuple[int, ...], start: tuple[int, ...] | None) -> tuple[Along, ...]:
    """What is read of the spatial dimensions behind the channels where they are cut, or padded, to other sizes.

    The middle stays where there is no `start`; of what is padded, the odd element comes after.
    """
    begins = start or tuple(
        (size - want) // 2 if size >= want else -((want - size) // 2) for size, want in zip(sizes, wanted, strict=True)
    )
    return tuple(Along(axis, shifted(begin)) for axis, begin in enumerate(begins, start=1))


def shifted(by: int, step: int = 1) -> Reach:
    """Element i reads element `step` * i + `by`."""
    return Reach((by,), (by,), step)


def pointwise(x: Shape, y: Shape) -> tuple[Reading, ...]:
    """Dimensions that meet from the last one on; one of size 1 is read by all elements of what it meets."""
    extra = len(y.dims) - len(x.dims)
    return tuple(
        Along(axis + extra) if axis + extra >= 0 and size == y.dims[axis + extra] else WHOLE
        for axis, size in enumerate(x.dims)
    )


def but(readings: tuple[Reading, ...], *whole: int) -> tuple[Reading, ...]:
    """The same, and dimensions of which everything is read."""
    return tuple(WHOLE if axis in whole else reading for axis, reading in enumerate(readings))


def one_of(x: Shape, axis: int, reading: Reading, *, gone: bool = False) -> tuple[Reading, ...]:
    """How one dimension is read, and all others as they are; `gone`: the output does not have it."""
    others = (Along(other - (gone and other > axis)) for other in range(len(x.dims)))
    return tuple(reading if other == axis else along for other, along in enumerate(others))


def reduced(x: Shape, axes: Collection[int], *, kept: bool) -> tuple[Reading, ...]:
    """Everything along `axes`, which the output has with a size of 1 where they are kept."""
    before = 0
    found: list[Reading] = []
    for axis in range(len(x.dims)):
        found.append(WHOLE if axis in axes else Along(before))
        before += kept or axis not in axes
    return tuple(found)


def reduced_together(x: Shape, met: Shape, axis: int, *, kept: bool) -> tuple[Reading, ...]:
    """Everything along one dimension of what `x` and others broadcast to, `met`."""
    after = reduced(met, {axis}, kept=kept)[len(met.dims) - len(x.dims) :]
    return tuple(
        of if same == Along(at) else WHOLE
        for of, same, at in zip(
            after, pointwise(x, met)[:], range(len(met.dims) - len(x.dims), len(met.dims)), strict=True
        )
    )


def reshaped(x: tuple[int, ...], y: tuple[int, ...]) -> tuple[Reading, ...]:
    """Dimensions that are made one, or several of one, in their order.

    Of (H, W) made one, row i // W and column i % W are read. Of one made (rows, columns), the rows say which.
    """
    found: list[Reading] = [None] * len(x)
    for ins, outs in _groups(x, y):
        larger = [axis for axis in outs if y[axis] > 1]
        if not ins or not larger:
            for axis in ins:
                found[axis] = WHOLE
        elif len(larger) == 1:
            for axis, reach in _digits([x[axis] for axis in ins]):
                found[ins[axis]] = Along(larger[0], reach)
        elif len([axis for axis in ins if x[axis] > 1]) == 1:
            length = 1
            for axis in larger[1:]:
                length *= y[axis]
            for axis in ins:
                found[axis] = Along(larger[0], window(length, length)) if x[axis] > 1 else WHOLE
    return tuple(found)


def _digits(sizes: list[int]) -> Iterator[tuple[int, Reach]]:
    """How each of several dimensions is read where they are made one."""
    inner = 1
    for axis in reversed(range(len(sizes))):
        size = sizes[axis]
        elements = tuple(digit for digit in range(size) for _ in range(inner))
        outermost = all(other == 1 for other in sizes[:axis])
        yield axis, (Reach((0,) * inner, (0,) * inner, 1) if outermost else Reach(elements, elements, 0))
        inner *= size


def _groups(x: tuple[int, ...], y: tuple[int, ...]) -> Iterator[tuple[list[int], list[int]]]:
    """The shortest runs of dimensions of both that hold as many elements."""
    i = j = 0
    while i < len(x) or j < len(y):
        ins, outs = list(range(i, min(i + 1, len(x)))), list(range(j, min(j + 1, len(y))))
        held, made = (x[i] if ins else 1), (y[j] if outs else 1)
        i, j = i + len(ins), j + len(outs)
        while held != made:
            if held < made:
                ins.append(i)
                held, i = held * x[i], i + 1
            else:
                outs.append(j)
                made, j = made * y[j], j + 1
        yield ins, outs
