"""Sums: how long terms and partial sums are there where a source makes the terms in between.

    a + self.b(x) + self.c(x)      what b gives is let go of when it is added; while c runs, the partial sum is there

The same holds of products. A term that has a name stays as long as that.
"""

from collections.abc import Iterator, Mapping

from archspec.graph.graph import Ref
from archspec.graph.network import Network
from archspec.values.dataclass import dataclass
from archspec.values.shape import Shape

Turns = Mapping[str, tuple[str, ...]]  # id of a sum -> for each term, the last node that makes it in between, or ""


@dataclass(frozen=True, slots=True)
class Partial:
    """A partial sum, and the places of the first and the last node that run while it is there."""

    first: int
    last: int
    shape: Shape


def let_go(network: Network, turns: Turns, position: Mapping[str, int]) -> Iterator[tuple[str, Ref, int]]:
    """Each term that is made in between: the sum, the term, and the place of the node after which it is added."""
    for id, turn in turns.items():
        places = _places(id, turn, position)
        for number, ref in enumerate(network.graph.nodes[id].inputs):
            if turn[number]:
                yield id, ref, places[max(number, 1)]


def partial_sums(network: Network, turns: Turns, position: Mapping[str, int]) -> dict[int, list[Partial]]:
    """Place of the first node -> the partial sums that are there from then on."""
    found: dict[int, list[Partial]] = {}
    for id, turn in turns.items():
        places = _places(id, turn, position)
        for number in range(1, len(turn) - 1):
            first = next(place for place in places[number:] if place >= 0)
            if places[number + 1] >= 0:
                partial = Partial(first, places[number + 1], network.shapes[id][0])
                found.setdefault(first, []).append(partial)
    return found


def _places(id: str, turn: tuple[str, ...], position: Mapping[str, int]) -> list[int]:
    """For each term the place of the node after which it is added; -1 before all that is made in between."""
    places, at = [], -1
    for made in turn[:-1]:
        at = max(at, position[made]) if made else at
        places.append(at)
    return [*places, position[id]]
