"""Remarks: what is said of parameters, `init` and `freeze`: noted on the way, settled when all members are there."""

from archspec.graph.elaborate.evaluation import Values
from archspec.graph.elaborate.frame import Frame, Place
from archspec.graph.elaborate.freezing import Freezing
from archspec.graph.elaborate.initialising import Initialising
from archspec.graph.elaborate.nodes import Nodes
from archspec.graph.elaborate.sites import Sites
from archspec.graph.graph import Scope
from archspec.language.spec import Block


class Remarks:
    """All of them together."""

    def __init__(self, values: Values, nodes: Nodes, scopes: dict[str, Scope], sites: Sites) -> None:
        self.all = (Initialising(values, nodes, scopes, sites), Freezing(values, nodes, scopes))

    def note(self, place: Place) -> None:
        """Keeps a member of which something is said."""
        for one in self.all:
            one.note(place)

    def enter(self, block: Block, frame: Frame) -> None:
        """Keeps a scope of whose block something is said."""
        for one in self.all:
            one.enter(block, frame)

    def settle(self) -> None:
        """Gives nodes and scopes what is said of them; a mistake in it is recorded."""
        for one in self.all:
            one.settle()
