"""Counts: where something turned out to have one number, when it could have had any."""

from archspec.diagnostics.diagnostic import Span
from archspec.graph.graph import Definition, Site
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """What is known of how many there are of something.

    Attributes:
        fixed: where rounds over lists are written whose number is no argument.
        apart: where blocks of any number of inputs are written that have a class for each number.
        alone: where such blocks are written that have one number of inputs, so that their sizes are what they are.
        free: where repeats are written that may have any number of parts.
    """

    fixed: frozenset[Site] = frozenset()
    apart: frozenset[Span] = frozenset()
    alone: frozenset[Span] = frozenset()
    free: frozenset[Site] = frozenset()

    def before(self, definition: Definition) -> int:
        """How many inputs a block has before those of which its one class takes any number; all where it has none."""
        joined = definition.many and definition.span not in self.apart | self.alone
        return definition.before if joined else len(definition.inputs)
