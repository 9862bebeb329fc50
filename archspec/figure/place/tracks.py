"""Tracks: where in its gap each leg runs.

A track is for the legs that leave one item with one value, or enter one item as one line. Two tracks may run on one x
where their legs keep to different lanes. Where one value leaves an item at the height at which another arrives behind
it, the one that leaves turns first. Else the two look like one line from [b] to [c]:

    [a]-----.              [a]--.
            |       not         |
    [b]--.  '-->[c]        [b]------.
         |                      '-->[c]
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from heapq import heapify, heappop, heappush
from typing import TypeAlias

from archspec.values.dataclass import dataclass

Station: TypeAlias = tuple[int, float]  # a lane, and how far from its axis
Key: TypeAlias = tuple[str, str, str]  # what legs of one track have in common


@dataclass(frozen=True, slots=True)
class Leg:
    """A change of lane in a gap."""

    gap: int
    key: Key
    start: Station
    end: Station


@dataclass(slots=True)
class _Reach:
    """From which to which lane the legs of a track reach, where they start and where they end."""

    low: float
    high: float
    starts: set[Station] = field(default_factory=set)
    ends: set[Station] = field(default_factory=set)


def tracks(legs: Iterable[Leg]) -> tuple[dict[tuple[int, Key], int], dict[int, int]]:
    """A track for each key of a gap, forks first, and the number of tracks of each gap."""
    reaches: dict[int, dict[Key, _Reach]] = {}
    for leg in legs:
        low, high = sorted((leg.start[0] + leg.start[1] / 1e4, leg.end[0] + leg.end[1] / 1e4))
        known = reaches.setdefault(leg.gap, {}).setdefault(leg.key, _Reach(low, high))
        known.low, known.high = min(known.low, low), max(known.high, high)
        known.starts.add(leg.start)
        known.ends.add(leg.end)
    places: dict[tuple[int, Key], int] = {}
    widths: dict[int, int] = {}
    for gap, found in reaches.items():
        keys = _nested(found)
        first = 0
        for kind in ("fork", "join"):
            own = {key: reach for key, reach in keys.items() if key[0] == kind}
            indices = _indices(own, _before(own))
            places |= {(gap, key): first + index for key, index in indices.items()}
            first += 1 + max(indices.values(), default=-1)
        widths[gap] = first
    return places, widths


def _indices(keys: Mapping[Key, _Reach], before: Mapping[Key, Iterable[Key]]) -> dict[Key, int]:
    """The first track that is free for each of `keys`, behind those of the keys that turn before it."""
    taken = _Taken(keys.values())
    found: dict[Key, int] = {}
    for key in _ordered(list(keys), before):
        reach = keys[key]
        least = 1 + max((found[other] for other in before.get(key, ()) if other in found), default=-1)
        found[key] = taken.take(reach, least)
    return found


class _Taken:
    """The tracks that are taken, as bits of a number for each place in a gap: n log n where n lines end at one box.

    A binary tree over the places at which a leg begins or ends; two legs meet where both are at such a place. A node
    holds the tracks that are taken all over it, and those that are taken somewhere in it.
    """

    def __init__(self, reaches: Iterable[_Reach]) -> None:
        ends = sorted({end for reach in reaches for end in (reach.low, reach.high)})
        self._places = {end: place for place, end in enumerate(ends)}
        self._size = 1 << max(len(ends) - 1, 0).bit_length()
        self._whole, self._partly = [0] * (2 * self._size), [0] * (2 * self._size)

    def take(self, reach: _Reach, least: int) -> int:
        """The first track from `least` on that is free where `reach` is, which is taken now."""
        nodes = list(self._nodes(reach))
        around = self._around(nodes)
        taken = 0
        for node in nodes:
            taken |= self._partly[node]
        for node in around:
            taken |= self._whole[node]
        free = ~(taken >> least)
        track = least + (free & -free).bit_length() - 1
        for node in nodes:
            self._whole[node] |= 1 << track
        for node in (*nodes, *around):
            self._partly[node] |= 1 << track
        return track

    def _nodes(self, reach: _Reach) -> Iterator[int]:
        """The nodes of the tree that are just the places of `reach`."""
        low, high = self._size + self._places[reach.low], self._size + self._places[reach.high] + 1
        while low < high:
            if low & 1:
                yield low
                low += 1
            if high & 1:
                high -= 1
                yield high
            low, high = low >> 1, high >> 1

    def _around(self, nodes: Iterable[int]) -> set[int]:
        """The nodes that hold one of `nodes` with all that is below it."""
        found: set[int] = set()
        for node in nodes:
            above = node >> 1
            while above and above not in found:
                found.add(above)
                above >>= 1
        return found


def _before(keys: Mapping[Key, _Reach]) -> dict[Key, list[Key]]:
    """Key -> those that start where it ends."""
    starting: dict[Station, list[Key]] = {}
    for key, reach in keys.items():
        for station in reach.starts:
            starting.setdefault(station, []).append(key)
    return {
        key: list(dict.fromkeys(one for end in reach.ends for one in starting.get(end, ()) if one != key))
        for key, reach in keys.items()
    }


def _ordered(keys: list[Key], before: Mapping[Key, Iterable[Key]]) -> Iterator[Key]:
    """`keys` in their order, but each behind those before it; of a circle, as they come."""
    place = {key: number for number, key in enumerate(keys)}
    waiting = {key: sum(1 for _ in before.get(key, ())) for key in keys}
    behind: dict[Key, list[Key]] = {}
    for key, others in before.items():
        for other in others:
            behind.setdefault(other, []).append(key)
    ready = [place[key] for key in keys if not waiting[key]]
    heapify(ready)
    done: set[Key] = set()
    while len(done) < len(keys):
        key = keys[heappop(ready)] if ready else next(one for one in keys if one not in done)
        if key in done:
            continue
        done.add(key)
        yield key
        for other in behind.get(key, ()):
            waiting[other] -= 1
            if not waiting[other] and other not in done:
                heappush(ready, place[other])


def _nested(keys: Mapping[Key, _Reach]) -> dict[Key, _Reach]:
    """`keys`; of those at one item the shortest last where they leave it and first where they enter, so none cross."""
    items = {key[1]: place for place, key in reversed(list(enumerate(keys)))}

    def order(entry: tuple[Key, _Reach]) -> tuple[int, float]:
        (kind, item, _), reach = entry
        return items[item], reach.low - reach.high if kind == "fork" else reach.high - reach.low

    return dict(sorted(keys.items(), key=order))
