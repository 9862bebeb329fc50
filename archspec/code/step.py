"""Step: one call of a forward pass, before its values have names."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from typing import TypeAlias

from archspec.code.parts import Part
from archspec.graph.graph import Local
from archspec.values.dataclass import dataclass
from archspec.values.source import Source

Written: TypeAlias = Callable[[Sequence[Source]], Source]  # what a call reads, as written -> the call


@dataclass(frozen=True, slots=True, eq=False)
class Inner:
    """A value in a loop that has a name there: the variable, the value of the last time, and the call."""

    name: str  # "" for that of what goes from round to round, which nothing needs any more
    value: Local
    call: Written


@dataclass(slots=True, eq=False)
class Step:
    """One call of the forward pass before it has names."""

    part: Part
    reads: tuple[Local, ...]
    gives: tuple[Local, ...]
    call: Written
    module: bool
    accumulates: bool = False  # `a += b` may stand for it
    loop: Source | None = None
    variables: tuple[str, ...] = ()  # of the loop
    inner: tuple[Inner, ...] = ()  # what a loop computes first each time
    held: tuple[tuple[Local, Local], ...] = ()  # values whose name a loop gives to another, and which that is
    test: Source | None = None  # the attribute that says whether it runs
    nested: dict[int, "Step"] = field(default_factory=dict)

    @property
    def train_only(self) -> bool:
        """Runs only in training."""
        return self.part.train_only

    def keeps(self, local: Local) -> bool:
        """Whether a loop reads a value again in each round, so that it may not set the variable that holds it."""
        return self.loop is not None and local in self.reads[len(self.gives) :]

    def all_reads(self) -> tuple[Local, ...]:
        """What the statement reads, nested calls included."""
        reads: list[Local] = []
        for i, read in enumerate(self.reads):
            reads.extend(self.nested[i].all_reads() if i in self.nested else (read,))
        return tuple(reads)

    def first_read(self) -> Local | None:
        """What the statement reads first: what it is that a new shape differs from."""
        inner = self.nested.get(0)
        return inner.first_read() if inner is not None else next(iter(self.reads), None)

    def inside_out(self) -> "Iterator[Step]":
        """The calls of the statement in the order in which they run."""
        for _, inner in sorted(self.nested.items()):
            yield from inner.inside_out()
        yield self
