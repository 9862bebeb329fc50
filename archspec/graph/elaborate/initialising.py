"""Initialising: what `init:` says, evaluated in every use, and whether the tensors can start so.

Members and scopes are noted on the way; all is settled at the end, when every node is there.
"""

from dataclasses import replace

from archspec.diagnostics.diagnostic import Label
from archspec.graph.elaborate.evaluation import Values, division_help
from archspec.graph.elaborate.frame import Frame, Place
from archspec.graph.elaborate.nodes import Nodes
from archspec.graph.elaborate.sites import Sites
from archspec.graph.graph import Node, Scope, Start
from archspec.graph.starts import start
from archspec.graph.walk import head
from archspec.language.expression.evaluate import Missing
from archspec.language.op_fields import OptionFaults, build
from archspec.language.spec import Block, WrittenRule, WrittenStart
from archspec.ops.initialiser import INITIALISERS, Initialiser
from archspec.ops.op import ShapeFault
from archspec.values.expression import Value


class Initialising:
    """Takes note of what `init:` says, and gives it to nodes and scopes at the end."""

    def __init__(self, values: Values, nodes: Nodes, scopes: dict[str, Scope], sites: Sites) -> None:
        self.values, self.nodes, self.scopes, self.sites = values, nodes, scopes, sites
        self.places: list[Place] = []
        self.frames: list[tuple[Block, Frame]] = []

    def note(self, place: Place) -> None:
        """Keeps a member that says what its tensors start with."""
        if place.entry.init is not None:
            self.places.append(place)

    def enter(self, block: Block, frame: Frame) -> None:
        """Keeps a scope whose block has rules."""
        if block.init:
            self.frames.append((block, frame))

    def settle(self) -> None:
        """Gives scopes and nodes their starts; a mistake in one is recorded. Linear in the nodes, times the nesting."""
        for block, frame in self.frames:
            made = tuple(one for rule in block.init for one in self.starts(rule, frame))
            self.scopes[frame.scope] = replace(self.scopes[frame.scope], init=made)
        nodes = self.nodes.nodes
        for place in self.places:
            if place.entry.init is not None and place.id in nodes:
                nodes[place.id] = replace(nodes[place.id], init=tuple(self.starts(place.entry.init, place.frame)))
        if self.frames or self.places:
            frames = {frame.scope: frame for _, frame in self.frames}
            for node in nodes.values():
                self.check(node, frames)

    def starts(self, written: WrittenRule, frame: Frame) -> list[Start]:
        """What a rule says in one use; nothing of a tensor whose start is at fault."""
        holds = self.values.holds(written.when, frame)
        pairs = zip(self.sites.rules(written), written.starts, strict=True)
        found = ((rule, self.made(start, frame)) for rule, start in pairs)
        return [Start(rule, value, holds) for rule, value in found if value is not None]

    def made(self, written: WrittenStart, frame: Frame) -> Initialiser | None:
        """The initialiser with its values; None after a fault, which is recorded."""
        settings: dict[str, Value] = {}
        for name, setting in written.settings.items():
            value = self.values.value(setting, frame)
            if isinstance(value, Missing):
                return None
            settings[name] = value
        try:
            return build(INITIALISERS[written.initialiser.name], settings)
        except OptionFaults as error:
            for fault in error.faults:
                setting_at_fault = written.settings.get(fault.field)
                span = setting_at_fault.span if setting_at_fault is not None else written.initialiser.span
                help = fault.help or (division_help(setting_at_fault, settings.get(fault.field)) if fault.whole else "")
                self.values.report(fault.code, fault.message, span, frame, help=help)
            return None

    def check(self, node: Node, frames: dict[str, Frame]) -> None:
        """Records where a tensor of a node cannot start as is said of it."""
        if not node.op.tensors or node.share:
            return
        held = self.nodes.parameters(node)
        for tensor, names in self.nodes.tensors(node).items():
            found = start(self.scopes, node, tensor)
            if found is None:
                continue
            try:
                found.value.require(held[names[0]])
            except ShapeFault as fault:
                size = Label(head(node.site), f"{tensor} is {list(held[names[0]])}")
                frame = frames.get(node.scope) or next(iter(frames.values()), None) or self.places[0].frame
                message = f"{tensor} of {node.name}: {fault.message}"
                self.values.report(fault.code, message, found.rule.span, frame, help=fault.help, labels=(size,))
