"""The tree of members that a module's run becomes: ops and graphs in place, by the module's own names."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from typing import TypeAlias

from torch import nn

from archspec.values.dataclass import dataclass

Plain: TypeAlias = "int | float | bool | str | tuple[Plain, ...] | None"


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """An op, or a graph in place.

    Attributes:
        op: its name; "" for a graph.
        reads: the values it reads, in the op's order; of a graph, in the order of its inputs.
        gives: the values it gives, one for each port that is known.
        name: the module's, relative to the graph around: `conv1`, `layers.0`; "" where it has none.
        fields: of the op, those that are not its defaults.
        graph: what is inside; None for an op.
        module: that it stands for; None for a function.
        path: where that stands in the root.
        training: it is there in training only.
        own: it takes the name of the module whose weights it uses, whatever else the module does.
        share: the member whose parameters it uses again.
        tied: tensor of its own -> the one that it is.
        ports: the names of its inputs, where they do not go by place.
        called: what the author calls its result, "" for nothing that says what it is.
        results: the same of an op of several.
        stretch: where its fields say how long a value is of which the size was asked for before, as in
            `table[:, : x.shape[1]]`, ("stop",), and `h.repeat(1, x.shape[1], 1)`, ("dims", 0).
    """

    op: str
    reads: tuple[int, ...]
    gives: tuple[int, ...]
    name: str = ""
    fields: Mapping[str, Plain] = field(default_factory=dict)
    graph: "Graph | None" = None
    module: nn.Module | None = None
    path: str = ""
    training: bool = False
    own: bool = False
    share: str = ""
    tied: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[str, ...] = ()
    called: str = ""
    results: tuple[str, ...] = ()
    stretch: tuple[str] | tuple[str, int] | tuple[()] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """The members of one call of a module, or of a list that nobody calls.

    Attributes:
        members: in the order of the run.
        reads: the values that come from outside, in the order of forward's arguments.
        gives: the values that others read, in the order in which it returns them.
        named: the names of what it reads, "" where it has none.
        module: that it is a call of.
        path: where that stands.
        block: whether the module's class becomes a block: a class of its own that is no mere container.
        apart: of what it reads, what is one value in the graph around: the number here -> that there.
        called: what a block of it is called, where that is not as the module's class.
        rounds: "one" of rounds over lists of the graph around, or "all" of them; "" for any other graph.
    """

    members: tuple[Member, ...]
    reads: tuple[int, ...]
    gives: tuple[int, ...]
    module: nn.Module
    path: str
    named: tuple[str, ...] = ()
    block: bool = True
    apart: Mapping[int, int] = field(default_factory=dict)
    called: str = ""
    rounds: str = ""

    @property
    def outer(self) -> tuple[int, ...]:
        """What it reads, by the numbers of the graph around."""
        return tuple(self.apart.get(number, number) for number in self.reads)


def every(graph: Graph) -> Iterator[Member]:
    """Each member, and what stands inside of it behind it."""
    for member in graph.members:
        yield member
        if member.graph is not None:
            yield from every(member.graph)


def ops(member: Member) -> list[Member]:
    """A member that is an op, or those inside of it: what makes and reads values before the tree is wired."""
    return [member] if member.graph is None else [one for one in every(member.graph) if one.graph is None]


def reads(graph: Graph) -> Iterator[int]:
    """What the ops of a graph and those inside read, by the numbers of the graph."""
    for member in graph.members:
        if member.graph is None:
            yield from member.reads
        else:
            yield from (member.graph.apart.get(number, number) for number in reads(member.graph))


def given_by(member: Member) -> set[int]:
    """The values that a member makes, those inside of a graph among them, which need not be wired yet."""
    return {number for one in ops(member) for number in one.gives}


def read_by(member: Member) -> set[int]:
    """The values of others that a member reads; a graph of it need not be wired yet."""
    return set(member.reads) if member.graph is None else set(reads(member.graph)) - given_by(member)


def graphs(graph: Graph) -> Iterator[Graph]:
    """A graph and each inside of it."""
    yield graph
    for member in graph.members:
        if member.graph is not None:
            yield from graphs(member.graph)


def renumbered(graph: Graph, start: int) -> Graph:
    """The graph with its values counted from another number, so that those of several runs stand side by side."""

    def later(numbers: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(start + number for number in numbers)

    members = tuple(
        replace(
            member,
            reads=later(member.reads),
            gives=later(member.gives),
            graph=None if member.graph is None else renumbered(member.graph, start),
        )
        for member in graph.members
    )
    apart = {start + number: start + outside for number, outside in graph.apart.items()}
    return replace(graph, members=members, reads=later(graph.reads), gives=later(graph.gives), apart=apart)


def resolved(graph: Graph, value: Callable[[int], int]) -> Graph:
    """The graph in which members read what a value was found to be after they were said."""
    members = tuple(
        replace(
            member,
            reads=tuple(map(value, member.reads)),
            graph=None if member.graph is None else resolved(member.graph, value),
        )
        for member in graph.members
    )
    apart = {number: value(outside) for number, outside in graph.apart.items()}
    edges = tuple(map(value, graph.reads)), tuple(map(value, graph.gives))
    return replace(graph, members=members, reads=edges[0], gives=edges[1], apart=apart)
