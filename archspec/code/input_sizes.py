"""Input sizes: what the sizes of a template's inputs are called, "@0.1" for size 1 of the first, the batch left out."""

from collections.abc import Iterator, Sequence

from archspec.ops.fields import channel_axis
from archspec.values.dataclass import dataclass
from archspec.values.shape import Shape

LENGTH = "length"
FLAT = 2  # features and tokens have no height or width


@dataclass(frozen=True, slots=True)
class InputSize:
    """A size of an input of a template: which input, which dimension, and what code calls it.

    `noun` is "channels", "features" or "length"; empty where no constructor takes it by itself, such as a height.
    """

    input: int
    axis: int
    noun: str

    @property
    def called(self) -> str:
        """What it is called of a block with one input: `in_channels`, but `length`."""
        return self.noun if self.noun == LENGTH else f"in_{self.noun}"


def size_name(input: int, axis: int) -> str:
    """The name of a size of an input inside a template."""
    return f"@{input}.{axis}"


def rest_name(input: int) -> str:
    """The name of all other sizes of an input; it has no value."""
    return f"@{input}"


def input_sizes(k: int, shapes: Sequence[Shape], *, signal: bool) -> Iterator[InputSize]:
    """The sizes that input `k` of a template has in every use, counted from the end where its uses differ in rank.

    Args:
        k: the number of the input.
        shapes: of it, in each use.
        signal: whether one of two sizes has its channels first, (N, C, W).
    """
    ranks = {len(shape.dims) for shape in shapes}
    if len(ranks) == 1:
        (rank,) = ranks
        for axis in range(rank):
            yield InputSize(k, axis, _noun(shapes[0], axis, signal=signal))
        return
    last = {channel_axis(shape) - len(shape.dims) for shape in shapes}
    if last == {-1} and 0 not in ranks:
        yield InputSize(k, -1, "features" if max(ranks) <= FLAT else "channels")
    elif {channel_axis(shape) for shape in shapes} == {0}:
        yield InputSize(k, 0, "channels")


def _noun(shape: Shape, axis: int, *, signal: bool) -> str:
    """What code calls a size. (C, W) and (L, E) look alike, and are told by who reads them."""
    if len(shape.dims) > FLAT:
        return "channels" if axis == channel_axis(shape) else ""
    if axis == len(shape.dims) - 1:
        return "features"
    return "channels" if signal else LENGTH
