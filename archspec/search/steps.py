"""Steps: what an expansion did, as values, so that it can be done again at other values of the params.

Everything in an expansion follows from names: params, and what stands for inputs of blocks. A **room** is one set of
names, that of a use of a block, of a graph in place or of a part of a repeat. Rooms and nodes are numbered in the order
in which they were met; a step reads earlier ones by their numbers.

    params: {width: 8}
    graph: {conv: {op: conv2d, out_channels: $width, kernel_size: 3}, act: relu}

    Node(conv2d, exprs={out_channels: $width}, room 0, reads node 0)      its op is made anew
    Node(relu, reads node 1)                                              its op stays; its shape is inferred anew
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import field
from typing import TypeAlias

from archspec.language.op_fields import build, build_op
from archspec.language.settings import conform
from archspec.language.spec import Block, ParamDecl, Written
from archspec.ops.initialiser import INITIALISERS
from archspec.ops.op import Op
from archspec.ops.unsaid import beyond
from archspec.search.known import Counts, Formula, Known, Otherwise, Room
from archspec.values.dataclass import dataclass
from archspec.values.expression import Value
from archspec.values.shape import Shape

Place: TypeAlias = tuple[int, int]  # an output: number of the node, and of the port
Inputs: TypeAlias = tuple[tuple[str, Place], ...]


@dataclass(slots=True)
class Going:
    """One time that the steps are done: what rooms and nodes came to be so far.

    Attributes:
        known: what earlier times found.
        rooms: each with its names.
        ops: of each node.
        reads: shapes of the inputs of each node.
        shapes: of the outputs of each node.
        counts: of each node.
    """

    known: Known
    rooms: list[Room] = field(default_factory=list)
    ops: list[Op] = field(default_factory=list)
    reads: list[tuple[Shape, ...]] = field(default_factory=list)
    shapes: list[tuple[Shape, ...]] = field(default_factory=list)
    counts: list[Counts] = field(default_factory=list)

    def shape(self, place: Place) -> Shape:
        """The shape of an output."""
        return self.shapes[place[0]][place[1]]


class Step(ABC):
    """Something that an expansion does."""

    __slots__ = ()

    @abstractmethod
    def do(self, going: Going) -> None:
        """Does it again.

        Raises:
            Otherwise: it does not go as it went.
            ExpressionFault, Unknown, OptionFaults, ShapeFault: a mistake of this variant.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Node(Step):
    """An op in its place.

    Attributes:
        op: as it was.
        fields: all that are written, with the values of those that are plain.
        exprs: the others.
        room: where they are read.
        reads: its inputs.
        written: the fields as written, one object for all uses of one entry.
    """

    op: Op
    fields: Mapping[str, Value]
    exprs: tuple[tuple[str, Formula], ...]
    room: int
    reads: tuple[Place, ...]
    written: Mapping[str, Written]

    def do(self, going: Going) -> None:
        """Makes the op where its fields follow from names, and asks it about its inputs."""
        op = self._made(going.known, going.rooms[self.room]) if self.exprs else self.op
        shapes = going.shapes
        xs = tuple([shapes[node][port] for node, port in self.reads])
        ys, counts = going.known.counted(op, xs)
        going.ops.append(op)
        going.reads.append(xs)
        shapes.append(ys)
        going.counts.append(counts)

    def _made(self, known: Known, room: Room) -> Op:
        values = [known.value(formula, room) for _, formula in self.exprs]
        key: tuple[int | str, ...] = (id(self.written), self.op.name, *[number for _, number in values])
        found = known.ops.get(key)
        if found is None:
            given = {name: value for (name, _), (value, _) in zip(self.exprs, values, strict=True)}
            found = build_op(self.op.name, {**self.fields, **given})
            if found.ports != self.op.ports:
                raise Otherwise
            known.ops[key] = found
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Use(Step):
    """A use of a block or of another spec, which makes a room.

    Attributes:
        block: that is used.
        args: param -> its value where it is the same in every variant.
        given: param -> its declaration and the expression of the use.
        follows: the same of params that follow from those above them.
        room: of the use.
        spec: what is used is a spec, whose params its blocks read.
        inputs: input -> what it is.
        names: that the expressions of the use read.
    """

    block: Block
    args: Mapping[str, Value]
    given: Mapping[str, tuple[ParamDecl, Formula]]
    follows: Mapping[str, tuple[ParamDecl, Formula]]
    room: int
    spec: bool
    inputs: Inputs
    names: tuple[str, ...]

    def do(self, going: Going) -> None:
        """Gives the params their values, unless they had them before."""
        around, shapes = going.rooms[self.room], going.shapes
        numbers = around.numbers
        read = [numbers.get(name, -1) for name in self.names]
        seen = [id(shapes[node][port]) for _, (node, port) in self.inputs]
        key = (id(self), id(around.spec_numbers), *read, *seen)
        found = going.known.rooms.get(key)
        if found is None:
            found = going.known.rooms[key] = self._made(going, around)
        going.rooms.append(found)

    def _made(self, going: Going, around: Room) -> Room:
        known = going.known
        values, numbers = dict[str, Value](), dict[str, int]()
        for name in self.block.params:
            if name in self.given:
                decl, formula = self.given[name]
                found = known.value(formula, around)
            elif name in self.follows:
                decl, formula = self.follows[name]
                found = known.value(formula, Room(values, numbers, {}, {}))
            else:
                values[name] = self.args[name]
                numbers[name] = known.number(self.args[name])
                continue
            values[name], fault = conform(decl, found[0])
            numbers[name] = found[1] if values[name] is found[0] else known.number(values[name])
            if fault is not None:
                raise Otherwise
        spec = (values, numbers) if self.spec else (around.spec, around.spec_numbers)
        return _room((spec[0], values), (spec[1], numbers), self.inputs, going, spec)


@dataclass(frozen=True, slots=True, eq=False)
class Inside(Step):
    """A graph in place, or a part of a repeat: the names around it, and its inputs or the number of the part."""

    room: int
    inputs: Inputs = ()
    part: int | None = None

    def do(self, going: Going) -> None:
        """Adds the names."""
        around, shapes = going.rooms[self.room], going.shapes
        key = (id(self), id(around), *[id(shapes[node][port]) for _, (node, port) in self.inputs])
        found = going.known.rooms.get(key)
        if found is None:
            part: Mapping[str, Value] = {} if self.part is None else {"i": self.part}
            number = {name: going.known.number(value) for name, value in part.items()}
            spec = around.spec, around.spec_numbers
            made = _room((around.values, part), (around.numbers, number), self.inputs, going, spec)
            found = going.known.rooms[key] = made
        going.rooms.append(found)


def _room(
    values: tuple[Mapping[str, object], ...],
    numbers: tuple[Mapping[str, int], ...],
    inputs: Inputs,
    going: Going,
    spec: tuple[Mapping[str, Value], Mapping[str, int]],
) -> Room:
    """A room of names, the later ones over the earlier ones, and inputs over both."""
    made, counted = dict(values[0]), dict(numbers[0])
    made.update(values[1])
    counted.update(numbers[1])
    for name, place in inputs:
        shape = going.shape(place)
        made[name], counted[name] = shape, id(shape)
    return Room(made, counted, *spec)  # type: ignore[arg-type]  # a mapping of names to what they are bound to


@dataclass(frozen=True, slots=True, eq=False)
class Start(Step):
    """What `init:` says of a tensor in one use: it counts nothing, and may be a mistake."""

    initialiser: str
    fields: Mapping[str, Value]
    exprs: tuple[tuple[str, Formula], ...]
    room: int

    def do(self, going: Going) -> None:
        """Makes the initialiser."""
        room = going.rooms[self.room]
        given = {name: going.known.value(formula, room)[0] for name, formula in self.exprs}
        build(INITIALISERS[self.initialiser], {**self.fields, **given})


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A value that decides what there is: a condition, how often something repeats, which op or block it is."""

    formula: Formula
    room: int

    def answer(self, going: Going) -> Value:
        """The value this time. Raises ExpressionFault and Unknown."""
        return going.known.value(self.formula, going.rooms[self.room])[0]


@dataclass(frozen=True, slots=True, eq=False)
class Same(Step):
    """A module that is used twice: both uses stay as alike as they were, so that it still is one module."""

    node: int
    owner: int
    alike: tuple[bool, ...]

    def do(self, going: Going) -> None:
        """Compares their fields and their parameters."""
        op, owner = going.ops[self.node], going.ops[self.owner]
        held = op.parameters(going.reads[self.node]) == owner.parameters(going.reads[self.owner])
        if not held or fields_alike(op, owner) != self.alike:
            raise Otherwise


@dataclass(frozen=True, slots=True, eq=False)
class Tied(Step):
    """A tensor that is another's: both keep one size."""

    node: int
    name: str
    owner: int
    owner_name: str

    def do(self, going: Going) -> None:
        """Compares their sizes."""
        mine = going.ops[self.node].parameters(going.reads[self.node])
        theirs = going.ops[self.owner].parameters(going.reads[self.owner])
        if mine.get(self.name) != theirs.get(self.owner_name):
            raise Otherwise


@dataclass(frozen=True, slots=True, eq=False)
class Rowed(Step):
    """A table whose rows another node counts: it has as many."""

    node: int
    giver: int

    def do(self, going: Going) -> None:
        """Compares what is counted with the rows."""
        taken = going.ops[self.node].rows(going.reads[self.node])
        counted = going.ops[self.giver].counts_to(going.reads[self.giver])
        if taken is not None and counted is not None and beyond(counted, taken[1]):
            raise Otherwise


def fields_alike(one: Op, other: Op) -> tuple[bool, ...]:
    """Of each field, whether it is the same in both."""
    return tuple(mine == getattr(other, name, None) for name, mine in one)
