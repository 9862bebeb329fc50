"""Places: where in the order of the graph the steps of a class run, in each of its uses."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from archspec.code.parts import SequencePart
from archspec.graph.graph import Graph, Scope
from archspec.graph.memory import in_order
from archspec.graph.walk import ancestors

if TYPE_CHECKING:
    from archspec.code.step import Step
    from archspec.code.steps import Body


class Places:
    """Places of the nodes of inference in their order, and of the first and the last node of every scope.

    Attributes:
        position: id of a node -> its place.
    """

    def __init__(self, graph: Graph) -> None:
        self.position = {id: at for at, id in enumerate(in_order(graph))}
        self._spans = _spans(graph, self.position)

    def start(self, scope: Scope) -> int:
        """Of the first node of a scope."""
        return self._spans[scope.id][0] if scope.id in self._spans else 0

    def end(self, body: "Body", step: "Step", use: int) -> int:
        """Of the last node of a step in one use of its class; -1 where it runs none."""
        part, scope = step.part, body.template.uses[use]
        if isinstance(part, SequencePart) and (part.unrolled or part.taps):  # a step is only some of its nodes
            refs = (body.ref(scope, given) for given in step.gives)
            return max((self.position.get(ref.node, -1) for ref in refs if ref is not None), default=-1)
        member = part.uses[use]
        if isinstance(member, Scope):
            return self._spans[member.id][1] if member.id in self._spans else -1
        return self.position.get(member.id, -1) if member is not None else -1


def _spans(graph: Graph, position: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Scope -> the positions of its first and its last node."""
    spans: dict[str, tuple[int, int]] = {}
    for id, at in position.items():
        for scope in ancestors(graph, graph.nodes[id].scope):
            spans[scope] = (spans.get(scope, (at, at))[0], at)
    return spans
