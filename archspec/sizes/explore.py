"""Explore: every way that a network can go at any sizes of its inputs, each with the sizes that go it.

    H any    down: (H // 2)    up: 2 * (H // 2)    add with H: equal?    yes: H = 2k      fits, comes out as H
                                                                         no:  H = 2k + 1  stops at add

The ops' rules run on forms. Where a rule asks what some sizes answer with yes and others with no, the sizes part there,
and each part goes on by itself. The ways that come out are all there are, and no size goes two of them.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import inf

from archspec.graph.graph import Node
from archspec.graph.network import Network
from archspec.sizes.box import Answer, Box, decide, span
from archspec.sizes.follow import Extent, Extents, Follower, Refusal, Stopped, declared
from archspec.sizes.form import Form, Variable, constant, of_atom
from archspec.sizes.number import Asked, Unfollowed
from archspec.sizes.periodic import TooLarge, at_least
from archspec.sizes.remember import Asking, Memory, Outcome
from archspec.sizes.solve import Relation
from archspec.values.dataclass import dataclass

MOST_WAYS = 20_000
MOST_VALUES = 64  # of a size that a rule needs as a plain number: each goes its own way


@dataclass(frozen=True, slots=True)
class Way:
    """What happens at the sizes of a box.

    Attributes:
        box: the sizes.
        extents: node id -> its outputs, as far as the module gets.
        refusal: why it stops; None where it does not.
        lost: the node whose rule could not be followed, so that nothing is proven from there on; "" for none.
    """

    box: Box
    extents: Extents
    refusal: Refusal | None = None
    lost: str = ""

    @property
    def fits(self) -> bool:
        """Whether the network takes these sizes, proven."""
        return self.refusal is None and not self.lost


class _Parting(BaseException):
    """A question with several answers. No rule catches it: it is no fault of one."""

    def __init__(self, answers: tuple[Answer, ...]) -> None:
        super().__init__()
        self.answers = answers


class _Run:
    """The answers to the questions that one rule asks: those that were given before, then those that a box gives."""

    def __init__(self, box: Box, given: tuple[bool, ...]) -> None:
        self.box, self.given, self.at = box, given, 0
        self.row: list[Asking] = []
        self.told = False  # which questions a told value takes hangs on the box
        self.asked = Asked(self.ask, self.tell)

    def ask(self, form: Form, relation: Relation) -> bool:
        """The answer. Raises _Parting where the box has several."""
        if self.at == len(self.given):
            answers = decide(self.box, form, relation)
            if len(answers) > 1:
                raise _Parting(answers)
            self.given = (*self.given, answers[0].holds)
        self.at += 1
        self.row.append((form, relation, self.given[self.at - 1]))
        return self.given[self.at - 1]

    def again(self) -> None:
        """Goes back to the first question, with the answers so far."""
        self.at, self.row = 0, []

    def tell(self, form: Form) -> int:
        """The value of a form, one of few. Raises Unfollowed where it has too many."""
        self.told = True
        form = self.box.simplest(form)
        low, high = span(self.box, form)
        if abs(low) == inf or high - low > MOST_VALUES:
            raise Unfollowed
        for value in range(int(low), int(high)):
            if self.ask(form - constant(value), "zero"):
                return value
        return int(high)


@dataclass(frozen=True, slots=True)
class _State:
    """A stretch of the way that is still to go: the node at which it is, and what its rule was answered so far."""

    at: int
    extents: dict[str, tuple[Extent, ...]]
    box: Box
    given: tuple[bool, ...] = ()


def explore(network: Network, *, training: bool = False) -> tuple[Way, ...]:
    """All ways. Linear in the nodes, times the ways.

    Args:
        network: at its declared sizes.
        training: train-only nodes run as well.
    """
    sizes = {
        id: tuple(Variable(id, axis) for axis in range(len(network.shapes[id][0].dims))) for id in network.graph.inputs
    }
    inputs: dict[str, tuple[Extent, ...]] = {
        id: (Extent(tuple(map(of_atom, sizes[id])), declared(network, id).like),) for id in network.graph.inputs
    }
    start = Box({size: at_least(1) for of_one in sizes.values() for size in of_one}, {})
    return tuple(_ways(Follower(network, training=training), _State(0, inputs, start)))


def at(network: Network, sizes: Mapping[str, tuple[int, ...]], *, training: bool = False) -> Way:
    """The one way at these sizes; its refusal says them."""
    inputs: dict[str, tuple[Extent, ...]] = {
        id: (Extent(tuple(map(constant, sizes[id])), declared(network, id).like),) for id in network.graph.inputs
    }
    (way,) = _ways(Follower(network, training=training), _State(0, inputs, Box({}, {})))
    return way


def answering(box: Box) -> Asked:
    """Answers questions by a box, where it has one answer; of others a rule is not followed."""

    def ask(form: Form, relation: Relation) -> bool:
        answers = decide(box, form, relation)
        if len(answers) > 1:
            raise Unfollowed
        return answers[0].holds

    return Asked(ask, _Run(box, ()).tell)


def _ways(follower: Follower, start: _State) -> list[Way]:
    ways: list[Way] = []
    memory = Memory()
    open_ = [start]
    while open_:
        state = open_.pop()
        if len(ways) + len(open_) > MOST_WAYS:
            ways.append(Way(state.box, state.extents, lost=follower.nodes[state.at].id))
            continue
        found = _go(_Walk(follower, memory), state)
        if isinstance(found, Way):
            ways.append(found)
        else:
            open_ += found
    return ways


@dataclass(frozen=True, slots=True)
class _Walk:
    """What serves all ways of a network."""

    follower: Follower
    memory: Memory

    def outcome(self, node: Node, extents: Extents, run: _Run) -> Outcome:
        """What a node gives, or why it stops; None where its rule is not followed. Raises _Parting."""
        key = self.follower.key(node, extents)
        if key is None:
            return self._made(node, extents, run)
        known = self.memory.recall(key, run.ask)
        if known is not None:
            return known.outcome
        run.again()
        outcome = self._made(node, extents, run)
        if not run.told:
            self.memory.keep(key, run.row, outcome)
        return outcome

    def _made(self, node: Node, extents: Extents, run: _Run) -> Outcome:
        try:
            return self.follower.outputs(node, extents, run.asked)
        except Stopped as stopped:
            return stopped.refusal
        except (Unfollowed, TooLarge, TypeError):
            return None


def _go(walk: _Walk, state: _State) -> Way | list[_State]:
    """Follows one way until it ends; where it parts, the parts."""
    extents, box, given = dict(state.extents), state.box, state.given
    nodes = walk.follower.nodes
    for number in range(state.at, len(nodes)):
        node, run = nodes[number], _Run(box, given)
        try:
            outcome = walk.outcome(node, extents, run)
        except _Parting as parting:
            return [
                _State(number, extents, answer.box, (*run.given, answer.holds)) for answer in reversed(parting.answers)
            ]
        if outcome is None:
            return Way(box, extents, lost=node.id)
        if isinstance(outcome, Refusal):
            return Way(box, extents, replace(outcome, node=node.id))
        extents[node.id] = outcome
        given = ()
    return Way(box, extents)
