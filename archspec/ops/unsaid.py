"""Unsaid: what sizes alone do not say of an op: which rows it takes, and what of its inputs no window reaches."""

from collections.abc import Sequence
from typing import ClassVar

from archspec.ops.strides import Read, Strides, alike, sizes
from archspec.values.dataclass import dataclass
from archspec.values.shape import Shape, Shapes


@dataclass(frozen=True, slots=True)
class Places:
    """Places of a map, numbered row by row.

    Attributes:
        sizes: of the map.
        read: how many elements of each dimension are among them, from the first on.
    """

    sizes: tuple[int, ...]
    read: tuple[int, ...]

    def beyond(self, sizes: tuple[int, ...]) -> bool:
        """Whether the last of them lies beyond a map of these sizes."""
        for axis, (read, size) in enumerate(zip(self.read, sizes, strict=True)):
            if read > size:
                return True
            if read > 1:
                return any(
                    mine > theirs for mine, theirs in zip(self.sizes[axis + 1 :], sizes[axis + 1 :], strict=True)
                )
        return False


class Unsaid:
    """The part of an op that says so. Nothing of it, unless a subclass knows more."""

    pointwise: ClassVar[bool] = False  # an element is made of those at its place, and of nothing around it
    laid_anew: ClassVar[bool] = False  # outputs lie in the order of their dimensions, whatever the inputs do
    aliases_input: ClassVar[bool] = False  # the output may share memory with the input (views; dropout in eval)
    folds: ClassVar[bool] = False  # it takes one input after another, `a + b + c`
    hands_on_gradient: ClassVar[bool] = False  # that of an input is that of the output, or a view of it
    workspace: ClassVar[int] = 0  # tensors of the output's size that torch holds at the peak beside inputs and outputs
    workspace_backward: ClassVar[int] = 0  # the same in the backward pass, beside gradients and what autograd keeps

    @property
    def stays(self) -> bool:
        """Whether it is there although no output needs it."""
        return False

    def within(self) -> str:
        """Where its module stands in the one that its class makes, "" for that one itself."""
        return ""

    def counts_to(self, xs: tuple[Shape, ...]) -> int | Places | None:
        """One more than the largest whole number that it gives; None where neither sizes nor fields say so."""
        return None

    def unread(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> tuple[int, ...]:
        """How many elements at the end of each spatial dimension no window reaches, as a step does not come out even.

        Empty for what reads all, or slides no windows.
        """
        return ()

    def put_behind(self) -> tuple[int, ...]:
        """How many elements it puts behind each of the last dimensions, the last one first; empty for none."""
        return ()

    def rows(self, xs: tuple[Shape, ...]) -> tuple[str, int | tuple[int, ...]] | None:
        """The input that says which of some rows are taken, and how many there are; None where it takes none.

        Of places in a map, its sizes.
        """
        return None

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        """What torch makes for itself at inference and holds at the peak, beside inputs and outputs."""
        return (ys[0],) * self.workspace

    def scratch_forward(self, xs: Shapes, ys: Shapes) -> Shapes:
        """The same in a forward pass of training, beside what autograd keeps."""
        return ()

    def scratch_backward(self, xs: Shapes, ys: Shapes) -> Shapes:
        """The same in the backward pass, beside gradients and what autograd keeps."""
        return (ys[0],) * self.workspace_backward

    def shares(self, xs: Shapes) -> bool:
        """Whether the output is memory of the input; where it may be, unless an op knows better."""
        return self.aliases_input

    def strides(self, xs: Shapes, ys: Shapes, given: Sequence[Strides]) -> tuple[Strides | None, ...]:
        """How the elements of each output lie in memory; None where in the order of its dimensions.

        Of an op that `shares` the memory of its input, None says that it has to copy it.
        """
        whole = (step for x, step in zip(xs, given, strict=True) if (x.batch, x.dims) == (ys[0].batch, ys[0].dims))
        first = next(whole, None) if self.pointwise and not self.laid_anew else None
        return tuple(alike(sizes(y), first) if first is not None else None for y in ys)

    def read_as(self, xs: Shapes, ys: Shapes, *, training: bool) -> tuple[Read | None, ...]:
        """How each input is read, as a copy where it has to be; None of those that are read as they are."""
        return ()

    def hands_on(self, xs: Shapes, index: int) -> bool:
        """Whether the gradient of an input is that of the output, or a view of it."""
        return self.hands_on_gradient

    def strays(self, xs: tuple[Shape, ...], written: tuple[Shape, ...]) -> str:
        """Why the line written for inputs `written` does not do for `xs`, whose form is another; "" where it does."""
        return "the source says it in another way at this size"


def beyond(counted: int | Places, rows: int | tuple[int, ...]) -> bool:
    """Whether somebody counts further than there are rows, or places of a map. Nobody takes the ones for the others.

    Places are numbered row by row. Where the rows of the other map are shorter, the last row counts too far:

        0 1 2 3 4 | 5 6 7 8 9     of a map of 2 x 5; the last is more than the 8 places of 2 x 4
    """
    if isinstance(counted, Places):
        return isinstance(rows, tuple) and counted.beyond(rows)
    return not isinstance(rows, tuple) and counted > rows
