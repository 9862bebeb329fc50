"""Measure: something that can be said of any set of ops as one number.

    Column    a column of Cost, which every op counts already; a set has the sum
    Summed    a number for each op; a set has the sum
    Whole     a number of the set itself, which is no sum over its ops: the longest way through, the widest output
    Followed  a number for each op that follows from all before it in the network; a set has the largest
    Run       a number for each op that follows from how the source runs; a set has the sum, or the largest

`params` is a Column: two convolutions have the parameters of both. The longest way through two branches is a Whole: it
is that of the longer branch.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias

from archspec.values.cost import Cost
from archspec.values.dataclass import dataclass
from archspec.values.shape import Shape

if TYPE_CHECKING:
    from archspec.ops.op import Op

Place: TypeAlias = Literal["columns", "data", "heat", "expect", "expect of a block"]
Shown: TypeAlias = Literal["count", "exact", "bytes", "time"]

EVERYWHERE: frozenset[Place] = frozenset({"columns", "data", "heat", "expect", "expect of a block"})


@dataclass(frozen=True, slots=True)
class Counted:
    """One op in its network.

    Attributes:
        id: its path.
        op: what it is.
        reads: ids of the ops whose outputs it reads, in the order of its inputs.
        cost: what it counts; parameters used a second time cost no params.
        shapes: of its outputs.
        ports: which outputs of those ops, by number.
        takes: shapes of what it reads.
    """

    id: str
    op: "Op"
    reads: tuple[str, ...]
    cost: Cost
    shapes: tuple[Shape, ...]
    ports: tuple[int, ...] = ()
    takes: tuple[Shape, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """The sum of a column of Cost."""

    name: str


@dataclass(frozen=True, slots=True)
class Summed:
    """The sum of what each op has."""

    of: Callable[[Counted], int]


@dataclass(frozen=True, slots=True)
class Whole:
    """What a set of ops has as a whole. They come in the order of the flow: what an op reads stands before it.

    Some of what they read may lie outside of the set.
    """

    of: Callable[[Sequence[Counted]], int]


@dataclass(frozen=True, slots=True)
class Followed:
    """What each op has by those before it: given all ops of the network in the order of the flow, id -> number.

    A set of ops has the largest of its own. It is found once for a network.
    """

    of: Callable[[Sequence[Counted]], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Run:
    """What each op has by how the source of the network runs, which later rooms know.

    Attributes:
        room: a module that is loaded where it is asked for. Its `by_node` gives, of a network, the name of each of its
            measures -> id of a node -> number. It is found once for a network.
        together: what a set of ops has: `sum`, or `max`.
        how: what `by_node` is told besides the network, where it is not to take what it takes by itself.
    """

    room: str
    together: Callable[[Iterable[int]], int]
    how: tuple[Hashable, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured, and where it shows.

    Attributes:
        name: its key in JSON, CSV and `expect`, and what `--heat` calls it.
        label: what people read: `MACs`.
        unit: of the number: `multiply-adds per sample`.
        value: how it is computed.
        places: where it shows. "columns" are those of tables, differences and pages; "data" is JSON and CSV.
        training: it is of what training adds, and not of inference.
        shown: to people: 25.56 M, to the last unit, 4.00 MiB, or, of nanoseconds, 1.25 ms.
    """

    name: str
    label: str
    unit: str
    value: Column | Summed | Whole | Followed | Run
    places: frozenset[Place] = EVERYWHERE
    training: bool = False
    shown: Shown = "count"


@dataclass(frozen=True, slots=True)
class Values:
    """All that is measured of one set of ops. `own` holds what is no column of Cost, by name."""

    cost: Cost = Cost()
    own: Mapping[str, int] = field(default_factory=dict)

    def __sub__(self, other: "Values") -> "Values":
        return Values(self.cost - other.cost, {name: self.own[name] - other.own.get(name, 0) for name in self.own})

    def of(self, measure: Measure) -> int:
        """The number of one measure."""
        if isinstance(measure.value, Column):
            return int(getattr(self.cost, measure.value.name))
        return self.own.get(measure.name, 0)
