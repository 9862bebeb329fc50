"""Saved: what autograd keeps of an op from the forward pass to the backward pass.

    conv       its input; the weight is a parameter, which is there anyway
    relu       its output, which it may have written over its input
    batch_norm its input, and the mean and the deviation of each channel
    add        nothing

Kept are whole tensors. What is a view of another keeps that one.
"""

from collections.abc import Sequence

from archspec.values.dataclass import dataclass
from archspec.values.shape import Shape


@dataclass(frozen=True, slots=True)
class Saved:
    """What is kept for the gradients of one op.

    Attributes:
        inputs: numbers of the inputs that are.
        outputs: numbers of the outputs.
        made: tensors besides, which nobody else has: a mask, indices, statistics.
        copies: numbers of inputs of which a copy is kept, one for a value that is read several times.
        view: torch hands out its output as a view of a tensor of its own, in another shape. Whoever writes over that
            has two gradients more for a moment on the way back.
    """

    inputs: tuple[int, ...] = ()
    outputs: tuple[int, ...] = ()
    made: tuple[Shape, ...] = ()
    copies: tuple[int, ...] = ()
    view: bool = False


NOTHING = Saved()
INPUT = Saved(inputs=(0,))
OUTPUT = Saved(outputs=(0,))


def of_product(wants: Sequence[bool]) -> Saved:
    """Of a product: each factor is kept where another one wants a gradient."""
    return Saved(inputs=tuple(i for i in range(len(wants)) if any(w for j, w in enumerate(wants) if j != i)))


def statistics(x: Shape, groups: int, *, each_sample: bool = True, kinds: int = 2, view: bool = False) -> Saved:
    """Of a norm: the input, and `kinds` numbers for each of `groups`, of each sample or of the batch."""
    one = Shape((groups,), x.batch if each_sample else 0)
    return Saved(inputs=(0,), made=(one,) * kinds, view=view)
