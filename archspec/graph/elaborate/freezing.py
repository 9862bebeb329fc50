"""Freezing: what `freeze:` says, evaluated in every use, once all members are there."""

from dataclasses import replace

from archspec.graph.elaborate.evaluation import Values
from archspec.graph.elaborate.frame import Frame, Place
from archspec.graph.elaborate.nodes import Nodes
from archspec.graph.graph import Scope
from archspec.language.expression.evaluate import Missing, kind_of
from archspec.language.spec import Block, Written


class Freezing:
    """Takes note of what `freeze:` says, and gives it to nodes and scopes at the end."""

    def __init__(self, values: Values, nodes: Nodes, scopes: dict[str, Scope]) -> None:
        self.values, self.nodes, self.scopes = values, nodes, scopes
        self.found: list[tuple[str, Written, Frame]] = []
        self.definitions: list[tuple[str, Written, Frame]] = []

    def note(self, place: Place) -> None:
        """Keeps a member that is frozen; of a repeat, each part."""
        if place.entry.freeze is not None:
            self.found.append((place.id, place.entry.freeze, place.frame))

    def enter(self, block: Block, frame: Frame) -> None:
        """Keeps a scope whose block is frozen."""
        if block.freeze is not None:
            self.definitions.append((frame.scope, block.freeze, frame))

    def settle(self) -> None:
        """Marks what is frozen. Linear in what says `freeze`."""
        for id, written, frame in self.found:
            if not self.holds(written, frame):
                continue
            if id in self.scopes:
                self.scopes[id] = replace(self.scopes[id], frozen=True)
            elif id in self.nodes.nodes:
                self.nodes.nodes[id] = replace(self.nodes.nodes[id], frozen=True)

        for id, written, frame in self.definitions:
            if self.holds(written, frame):
                self.scopes[id] = replace(self.scopes[id], frozen_inside=True)

    def holds(self, written: Written, frame: Frame) -> bool:
        """Whether it is so in one use; what is at fault, which is recorded, is not."""
        value = self.values.value(written, frame)
        if isinstance(value, (bool, Missing)):
            return value is True
        message = f"`freeze` is true or false, not {kind_of(value)}"
        self.values.report("wrong-type", message, written.span, frame)
        return False
