"""Planner: which blocks to compute again on the way back, so that a step of training fits with the least work.

A block that is computed again keeps what it is given, and nothing that is made inside of it; its forward pass then runs
twice. The blocks of a plan lie side by side. For a price of a byte in multiply-adds, a block is worth what it saves
times the price, less its own multiply-adds; what is worth most in all is found from the innermost blocks outwards. The
least price is sought whose plan fits. Then blocks leave it that need not be there.

Source: Chen et al., Training deep nets with sublinear memory cost (2016), section 4, for the idea.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from archspec.graph.graph import Node, Scope
from archspec.graph.network import Network
from archspec.graph.rounds import is_round
from archspec.graph.walk import ancestors, inside
from archspec.memory.need import Need, Plan, need, training_peak
from archspec.memory.tape import Piece, Sizes, Tape
from archspec.values.dataclass import dataclass

_STEPS = 24  # halvings of the range in which the price lies
_TRIES = 4  # of the search, each for more than the last


@dataclass(frozen=True, slots=True)
class Choice:
    """What it is to compute a scope again.

    Attributes:
        saves: bytes that are then not kept.
        macs: multiply-adds that it costs for a batch.
        at_once: bytes that come back while the scope is on its way back.
    """

    saves: int
    macs: int
    at_once: int


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and what it is good for.

    Attributes:
        scopes: those that are computed again, in the order of the flow.
        before: what training needs without it.
        after: with it.
        macs: multiply-adds that are done again, for a batch.
        fits: it needs no more than was asked for.
    """

    scopes: tuple[str, ...]
    before: Need
    after: Need
    macs: int
    fits: bool


def choices(tape: Tape, plan: Plan) -> dict[str, Choice]:
    """What each scope would save and cost: those that are modules of their own and save anything."""
    network, sizes = tape.network, Sizes.of_plan(plan.batch, plan.dtype)
    users: dict[Piece, int] = {}
    for kept in tape.kept.values():
        for piece in kept.pieces:
            users[piece] = users.get(piece, 0) + 1
    found: dict[str, Choice] = {}
    for scope in network.graph.scopes.values():
        if checkpointable(network, scope):
            nodes = {member.id for member in inside(network.graph, scope) if isinstance(member, Node)}
            kept_inside = Counter(piece for id in nodes for piece in tape.kept[id].pieces)
            made = [piece for piece in kept_inside if piece.node in nodes]
            dropped = [piece for piece in made if kept_inside[piece] == users[piece]]
            given = {own for ref in scope.inputs if (own := tape.owner[ref]) is not None and own not in users}
            saves = sum(map(sizes.of, dropped)) - sum(map(sizes.of, given))
            macs = plan.batch * sum(network.costs[id].macs for id in nodes)
            if saves > 0:
                found[scope.id] = Choice(saves, macs, sum(map(sizes.of, made)))
    return found


def checkpointable(network: Network, scope: Scope) -> bool:
    """Whether it is called as one module, with tensors only, is not the whole network, and gives the same again."""
    around = (network.graph.scopes[id] for id in (*ancestors(network.graph, scope.parent), ""))
    called = scope.definition.kind in ("block", "inline", "spec") and not any(one.definition.flat for one in around)
    outside = bool(scope.id) and bool(scope.inputs) and not scope.share and not scope.train_only
    called = called and not is_round(network.graph, scope)
    return called and outside and bool(scope.members) and not any(drifting(network, scope))


def drifting(network: Network, scope: Scope) -> Iterator[Node]:
    """What gives something else in each run of training, so that to run it again is no way to have its values."""
    for node in inside(network.graph, scope):
        drifts = node.op.drifts if isinstance(node, Node) else {}
        if isinstance(node, Node) and drifts and all(getattr(node.op, name) == held for name, held in drifts.items()):
            yield node


def planned(network: Network, plan: Plan, room: int) -> Planned:
    """A plan of little work with which training needs at most `room` bytes; the one that needs least if none does."""
    tape = Tape(network, autocast=plan.autocast)
    before = need(network, plan, tape)
    worth = choices(tape, plan)
    after, wanted = before, room
    for _ in range(_TRIES if worth else 0):
        if after.in_training <= room:
            break
        chosen = _least_work(network, worth, before.in_training - wanted)
        found = need(network, replace(plan, recomputed=chosen), tape)
        wanted -= max(found.in_training - room, 0)  # what the search took for saved and is not
        after = min(after, found, key=lambda each: each.in_training)
    if after.in_training <= room:
        after = _without_the_needless(network, after, room, worth, tape)
    order = tuple(id for id in network.graph.scopes if id in after.plan.recomputed)
    return Planned(order, before, after, sum(worth[id].macs for id in order), after.in_training <= room)


def _least_work(network: Network, worth: Mapping[str, Choice], excess: int) -> frozenset[str]:
    """Scopes side by side that save `excess` bytes with the least work; the most bytes where none do.

    What one scope brings back at once has to be saved by the others too. So each such amount is tried as the most.
    """
    found: list[tuple[bool, int, frozenset[str]]] = []
    for most in sorted({choice.at_once for choice in worth.values()}):
        fitting = {id: choice for id, choice in worth.items() if choice.at_once <= most}
        chosen = _chosen(network, fitting, None)
        missing = excess + most - _saved(fitting, chosen)
        if missing <= 0:
            chosen = _cheapest(network, fitting, excess + most, chosen)
        found.append((missing > 0, missing if missing > 0 else _work(fitting, chosen), chosen))
    return min(found, key=lambda each: each[:2])[2]


def _saved(worth: Mapping[str, Choice], chosen: frozenset[str]) -> int:
    return sum(worth[id].saves for id in chosen)


def _work(worth: Mapping[str, Choice], chosen: frozenset[str]) -> int:
    return sum(worth[id].macs for id in chosen)


def _cheapest(network: Network, worth: Mapping[str, Choice], bytes_: int, best: frozenset[str]) -> frozenset[str]:
    """The scopes of the least price that save so much; `best` do."""
    low, high = 0.0, 2 * max((choice.macs + 1) / choice.saves for choice in worth.values())
    for _ in range(_STEPS):
        price = (low + high) / 2
        chosen = _chosen(network, worth, price)
        if _saved(worth, chosen) >= bytes_:
            high, best = price, chosen
        else:
            low = price
    return best


def _chosen(network: Network, worth: Mapping[str, Choice], price: float | None) -> frozenset[str]:
    """Scopes side by side that are worth most at a price of a byte; None where only bytes count."""
    gain: dict[str, float] = dict.fromkeys(network.graph.scopes, 0.0)
    taken: dict[str, list[str]] = {id: [] for id in network.graph.scopes}
    for scope in reversed(tuple(network.graph.scopes.values())):
        choice = worth.get(scope.id)
        own = 0.0 if choice is None else choice.saves if price is None else choice.saves * price - choice.macs
        if own > gain[scope.id]:
            gain[scope.id], taken[scope.id] = own, [scope.id]
        if scope.id:
            gain[scope.parent] += gain[scope.id]
            taken[scope.parent] += taken[scope.id]
    return frozenset(taken[""])


def _without_the_needless(network: Network, found: Need, room: int, worth: Mapping[str, Choice], tape: Tape) -> Need:
    """The same without scopes that can be left out, those of the most work first."""
    chosen, fixed = found.plan.recomputed, found.in_training - max(found.training, found.gradients)
    for id in sorted(chosen, key=lambda id: -worth[id].macs):
        if fixed + training_peak(tape.recomputing(chosen - {id}), found.plan) <= room:
            chosen -= {id}
    return need(network, replace(found.plan, recomputed=chosen), tape)
