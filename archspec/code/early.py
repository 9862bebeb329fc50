"""Early: where the statements stand that run only in training."""

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING

from archspec.code.parts import Part, SequencePart
from archspec.code.program import If, Statement, Training
from archspec.graph.graph import Local, Node, Scope
from archspec.graph.network import Network
from archspec.graph.walk import inside
from archspec.values.expression import Literal
from archspec.values.source import SELF, Member, Operation, Source

if TYPE_CHECKING:
    from archspec.code.step import Step

TRAINING = Member(SELF, "training")


def train_only_early(steps: "Sequence[Step]", network: Network) -> "list[Step]":
    """Train-only steps moved to where their input is made, so that inference does not keep it for them.

    One that only such steps read goes to the first of these: in one `if self.training:` with it, it has a type. No call
    of a module with buffers passes another call of it: each of them updates what a batch norm counts. Linear.
    """
    if not any(step.train_only for step in steps) or all(step.train_only for step in steps):
        return list(steps)
    made = [step for step in steps if not step.train_only]
    added = [step for step in steps if step.train_only]
    places = _places(made, added, list(_in_turn(steps, network)))
    after: dict[int, list[Step]] = {}
    for step in added:
        after.setdefault(places[id(step)], []).append(step)
    ordered = list(after.get(-1, ()))
    for i, step in enumerate(made):
        ordered.append(step)
        ordered.extend(after.get(i, ()))
    return ordered


def asked_in_training(steps: "Sequence[Step]", start: int, end: int, value: Callable[[Local], Source]) -> Source:
    """What a run of train-only statements asks: for training, or for what an earlier run made then, `a is not None`.

    Args:
        steps: those of a class, in order.
        start: the first step of the run.
        end: the step behind its last.
        value: how a value is read.
    """
    read = dict.fromkeys(local for step in steps[start:end] for local in step.all_reads())
    made = {local for step in steps[:start] if step.train_only for local in step.gives}
    tests = [Operation("!=", value(local), Literal(None)) for local in read if local in made]
    return reduce(lambda one, other: Operation("and", one, other), tests) if tests else TRAINING


def under(test: Source, statements: Sequence[Statement]) -> Statement:
    """Statements that run where a test holds which `asked_in_training` gave."""
    return Training(tuple(statements)) if test == TRAINING else If(test, tuple(statements))


def _places(made: "Sequence[Step]", added: "Sequence[Step]", turns: "Sequence[tuple[Step, Step]]") -> dict[int, int]:
    """Train-only step, by its id -> the number of the step that it stands after; -1 is before all.

    Args:
        made: the steps that inference has.
        added: the train-only steps.
        turns: pairs of steps of which the first has to run before the second.
    """
    position = {local: i for i, step in enumerate(made) for local in step.gives}
    after = {id(step): i for i, step in enumerate(made)}
    before = {id(later): id(step) for step, later in turns}
    for step in added:
        earliest = after[before[id(step)]] if id(step) in before else -1
        at = after[id(step)] = max((earliest, *(position.get(read, -1) for read in step.reads)))
        position.update(dict.fromkeys(step.gives, at))
    behind = {id(step): later for step, later in turns}
    first: dict[Local, int] = {}  # value -> where it is first read
    for step in reversed(added):
        readers = [first[local] for local in step.gives if local in first]
        at = min(readers, default=after[id(step)])
        if (later := behind.get(id(step))) is not None:
            at = min(at, after[id(later)] - (not later.train_only))
        after[id(step)] = at
        first.update((read, min(at, first.get(read, at))) for read in step.reads)
    return after


def _in_turn(steps: "Sequence[Step]", network: Network) -> "Iterator[tuple[Step, Step]]":
    """Each two calls, one after the other, of a module with buffers that training calls more often than inference."""
    calls: dict[str, list[Step]] = {}
    for step in steps:
        if step.module:
            calls.setdefault(_module(step.part), []).append(step)
    for several in calls.values():
        if len({step.train_only for step in several}) > 1 and _has_buffers(several[0].part, network):
            yield from pairwise(several)


def _module(part: Part) -> str:
    """The name of the member whose module a part is."""
    return part.share or (part.shared if isinstance(part, SequencePart) else "") or part.name


def _has_buffers(part: Part, network: Network) -> bool:
    """Whether something inside of a part has buffers, which a call may update."""
    sample = part.sample
    inner = inside(network.graph, sample) if isinstance(sample, Scope) else (sample,)
    return any(isinstance(one, Node) and one.op.buffers(network.input_shapes(one)) for one in inner)
