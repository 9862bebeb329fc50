"""Sums: of which the terms are made where they are read, `a + self.b(x) + self.c(x)`, and let go of one by one."""

from collections.abc import Iterable

from archspec.code.liveness import Timing
from archspec.code.parts import OpPart
from archspec.code.places import Places
from archspec.code.step import Step
from archspec.graph.graph import Graph
from archspec.graph.sums import Turns


def in_turns(graph: Graph, timings: Iterable[Timing]) -> Turns:
    """Sums and products of more than two -> for each term that is made in between, the last node of that, else ""."""
    places, found = Places(graph), dict[str, tuple[str, ...]]()
    order = tuple(places.position)
    for timing in timings:
        for step in (one for whole in timing.steps for one in whole.inside_out() if _folds(one)):
            for use, member in enumerate(step.part.uses):
                terms = (step.nested.get(number) for number in range(len(step.reads)))
                ends = [places.end(timing.body, term, use) if term is not None else -1 for term in terms]
                if member is not None and max(ends) >= 0:
                    found[member.id] = tuple(order[end] if end >= 0 else "" for end in ends)
    return found


def _folds(step: Step) -> bool:
    """Whether a step adds what it reads one after another, and some of that is made in between."""
    return isinstance(step.part, OpPart) and step.part.sample.op.folds and len(step.reads) > 2 and bool(step.nested)
