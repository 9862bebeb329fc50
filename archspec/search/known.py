"""Known: what earlier variants found, so that nothing is evaluated, made or inferred twice.

Every value gets a number, the same for equal values of one type, and every shape is one object. What follows from
values is then looked up by their numbers: `width * 2` by that of width, a convolution on a shape by both.
"""

from collections.abc import Mapping

from archspec.language.expression.evaluate import Bound, Unknown, evaluate
from archspec.language.expression.grammar import names_in
from archspec.ops.op import Op
from archspec.values.cost import COLUMNS, Cost
from archspec.values.dataclass import dataclass
from archspec.values.expression import Expr, Value
from archspec.values.shape import Shape

Counts = tuple[int, ...]  # in the order of COLUMNS
MOST = 100_000  # of each kind that is kept: about 100 MB


class Otherwise(Exception):
    """Something does not go as it went: what was noted says nothing of this variant."""


@dataclass(frozen=True, slots=True, eq=False)
class Room:
    """Names with their values.

    Attributes:
        values: what each name is.
        numbers: of the values, by name.
        spec: the params of the spec that it stands in.
        spec_numbers: of those.
    """

    values: Mapping[str, Bound]
    numbers: Mapping[str, int]
    spec: Mapping[str, Value]
    spec_numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Formula:
    """An expression, and the names that it reads."""

    expr: Expr
    names: tuple[str, ...]

    @classmethod
    def of(cls, expr: Expr) -> "Formula":
        """The formula of an expression."""
        return cls(expr, tuple(dict.fromkeys(names_in(expr))))


class Known:
    """What is known so far."""

    def __init__(self) -> None:
        self.ops: dict[tuple[int | str, ...], Op] = {}
        self.rooms: dict[tuple[int, ...], Room] = {}  # every room is kept, since a key may hold its id
        self._specs: dict[tuple[int, ...], tuple[Mapping[str, Value], Mapping[str, int]]] = {}
        self._numbers: dict[str, int] = {}
        self._shapes: dict[Shape, Shape] = {}
        self._values: dict[tuple[int, ...], tuple[Value, int]] = {}
        self._counted: dict[tuple[int, ...], tuple[tuple[Shape, ...], Counts]] = {}

    def make_room(self) -> None:
        """Forgets everything where that has become much; between variants, for a number stands for an object."""
        most = max(len(self._numbers), len(self._shapes), len(self._values), len(self._counted))
        if max(most, len(self.ops), len(self.rooms)) > MOST:
            self.ops.clear()
            self.rooms.clear()
            self._specs.clear()
            self._numbers.clear()
            self._shapes.clear()
            self._values.clear()
            self._counted.clear()

    def root(self, params: Mapping[str, Value], inputs: Mapping[str, Shape]) -> Room:
        """The room of a network: the params of its spec, and the shapes of its inputs."""
        numbers = {name: self.number(value) for name, value in params.items()}
        spec = self._specs.setdefault(tuple(numbers.values()), (params, numbers))
        shapes = {name: self.shape(shape) for name, shape in inputs.items()}
        seen = {name: id(shape) for name, shape in shapes.items()}
        key = (0, id(spec[1]), *seen.values())
        found = self.rooms.get(key)
        if found is None:
            found = self.rooms[key] = Room({**spec[0], **shapes}, {**numbers, **seen}, *spec)
        return found

    def number(self, value: Value) -> int:
        """The number of a value: 1, 1.0 and True have three."""
        return self._numbers.setdefault(repr(value), len(self._numbers))

    def shape(self, shape: Shape) -> Shape:
        """The one object for this shape."""
        return self._shapes.setdefault(shape, shape)

    def value(self, formula: Formula, room: Room) -> tuple[Value, int]:
        """What an expression is in a room, and the number of that. Raises ExpressionFault and Unknown."""
        numbers = room.numbers
        try:
            key = (id(formula), *[numbers[name] for name in formula.names])
        except KeyError:
            raise Unknown from None
        found = self._values.get(key)
        if found is None:
            value = evaluate(formula.expr, room.values)
            found = self._values[key] = value, self.number(value)
        return found

    def counted(self, op: Op, xs: tuple[Shape, ...]) -> tuple[tuple[Shape, ...], Counts]:
        """Output shapes and counts of an op on these inputs. Raises ShapeFault, and Otherwise for an empty one."""
        key = (id(op), *map(id, xs))
        found = self._counted.get(key)
        if found is None:
            ys = tuple(map(self.shape, op.outputs(xs)))
            if any(size < 1 for y in ys for size in y.dims):
                raise Otherwise
            found = self._counted[key] = ys, columns(op.cost(xs, ys))
        return found


def columns(cost: Cost) -> Counts:
    """The counts of a cost, in the order of COLUMNS."""
    return tuple(getattr(cost, name) for name in COLUMNS)
