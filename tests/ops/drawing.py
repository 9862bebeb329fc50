"""Settings and inputs of an op, drawn from a seed outside of a Hypothesis test, as `draws_*.py` say."""

from random import Random
from typing import TypeVar

from hypothesis.control import BuildContext
from hypothesis.errors import StopTest, UnsatisfiedAssumption
from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.strategies import SearchStrategy
from pydantic import ValidationError

from archspec.ops import OPS, Op, ShapeFault
from archspec.values.shape import Shape, Shapes
from tests.ops.draws_tensors import EVERY, NAMES, TOGETHER
from tests.ops.strategies import Draw, Fields

Drawn = TypeVar("Drawn")

# Ops whose settings fit inputs of any size, with a strategy of the settings by itself.
OF_ONE = tuple(name for name in NAMES if name in EVERY and isinstance(EVERY[name], Draw) and OPS[name].required == 1)


def drawn(strategy: SearchStrategy[Drawn], rng: Random) -> Drawn | None:
    """A value of a strategy; None where the seed leads to none."""
    data = ConjectureData(random=rng)
    try:
        with BuildContext(data, is_final=False, wrapped_test=None):  # type: ignore[arg-type]  # there is no test
            return data.draw(strategy)
    except (StopTest, UnsatisfiedAssumption):
        return None


def use_of(name: str, rng: Random) -> tuple[Fields, tuple[Shape, ...]] | None:
    """Settings of an op with inputs, which need not fit."""
    return drawn(TOGETHER[name] if name in TOGETHER else EVERY[name].both(), rng)


def settings_of(name: str, rng: Random) -> Fields | None:
    """Settings of an op of one input, whatever that is; see `OF_ONE`."""
    draw = EVERY[name]
    assert isinstance(draw, Draw)
    return drawn(draw.fields, rng)


def fitting(name: str, fields: Fields, xs: tuple[Shape, ...]) -> tuple[Op, tuple[Shape, ...]] | None:
    """The op and what it gives; None where the settings do not fit the inputs."""
    try:
        op = OPS[name](**fields)
        return op, op.outputs(xs)
    except (ValidationError, ShapeFault):
        return None


def fitting_uses(name: str, tries: int) -> list[tuple[Op, Shapes, Shapes]]:
    """So many uses that fit, as the op, its inputs and its outputs, the same each time; fewer where few fit."""
    rng, found = Random(name), []
    for _ in range(10 * tries):
        drawn = use_of(name, rng)
        made = None if drawn is None else fitting(name, *drawn)
        if drawn is not None and made is not None:
            found.append((made[0], drawn[1], made[1]))
    return found[:tries]
