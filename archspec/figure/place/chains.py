"""Chains: lanes for the items of a container and for its links, once their columns are known.

The main way is the longest. What is left falls into chains; a chain takes a lane of its own from the column after the
item it leaves to the column before the item that it joins, and brings along the chains that hang on it. A link that
jumps over columns is a chain without items. Shorter chains come to lie nearer to the one that they hang on, so that
arches nest; a lane is taken only where it is free, so no link crosses an item.
"""

from bisect import bisect_right, insort
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from itertools import pairwise

from archspec.figure.place.sheet import OUTSIDE, Link
from archspec.values.dataclass import dataclass

_BEHIND = 1 << 60  # more than any column


@dataclass(slots=True)
class _Chain:
    """Items in a row, or a long link without any, with the columns that it takes and the chains that hang on it."""

    first: int
    last: int
    items: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    above: bool = False
    rank: int = 0
    parent: int = -1
    enters: bool = False  # a link leads to it through the gap before its first column
    leaves: bool = False  # a link leads on through the gap behind its last column
    ends: bool = False  # nothing reads its last item
    top: int = 0  # lanes that it takes with all that hangs on it, counted from its own
    bottom: int = 0
    offset: int = 0  # of its own lane from that of its parent
    hanging: list[int] = field(default_factory=list)


class _Lanes:
    """Which columns and gaps of which lanes are taken: column c is 2 * c, and the gap before it one less."""

    def __init__(self) -> None:
        self.taken: dict[int, list[tuple[int, int]]] = {}

    def free(self, lane: int, first: int, last: int) -> bool:
        """Whether all from `first` to `last` is free."""
        spans = self.taken.get(lane, [])
        index = bisect_right(spans, (last, _BEHIND))
        # Spans do not overlap, so the one that starts last before the end is the one that could reach in.
        return not (index and spans[index - 1][1] >= first)

    def take(self, lane: int, first: int, last: int) -> None:
        """Takes all from `first` to `last`."""
        insort(self.taken.setdefault(lane, []), (first, last))


class Arranger:
    """Gives lanes to some items of a container and to some of its links."""

    def __init__(self, items: Sequence[str], links: Sequence[Link], columns: Mapping[str, int]) -> None:
        self.items, self.links, self.columns = items, links, columns
        known = set(items)
        self.into: dict[str, list[Link]] = {}
        self.out: dict[str, list[Link]] = {}
        for link in links:
            if link.head in known:
                self.into.setdefault(link.head, []).append(link)
            if link.tail in known:
                self.out.setdefault(link.tail, []).append(link)
        self.flows = dict(self._chosen(known))
        self.place = {item: index for index, item in enumerate(items)}
        self.homes: dict[str, int] = {}  # item -> index of its chain
        self.chains: list[_Chain] = []
        self.riding: dict[Link, int] = {}  # link -> index of the chain in whose lane it runs

    def _chosen(self, known: Collection[str]) -> Iterator[tuple[str, Link]]:
        """The link that is the way to each head; of equal ones that of a tail from which no other way goes on.

        So each of several items that read all of several others goes on with one of these.
        """
        taken: set[str] = set()
        for item in self.items:
            coming = self.into.get(item, ())
            if coming:
                link = max(coming, key=lambda link: (self._weight(link, known), link.tail not in taken))
                taken.add(link.tail)
                yield item, link

    def _weight(self, link: Link, known: Collection[str]) -> tuple[bool, bool, bool, int]:
        """How much a link is the way to its head: no gate, of data, of a way that began before, and the longest."""
        return not link.edge.gate, not link.edge.fixed, self._goes_on(link, known), self.columns.get(link.tail, -1)

    def _goes_on(self, link: Link, known: Collection[str]) -> bool:
        """Whether a way through `link` began before its tail: a parameter reads nothing."""
        return link.tail not in known or link.tail in self.into

    def run(self) -> tuple[dict[str, int], dict[Link, int]]:
        """Item -> lane and link -> lane, counted from the main way's."""
        self._main()
        for item in self.items:
            if item not in self.homes:
                self._chain(item)
        self._wires()
        for index, chain in enumerate(self.chains):
            if chain.parent >= 0:
                self.chains[chain.parent].hanging.append(index)
        for index in range(len(self.chains) - 1, -1, -1):
            self._settle(self.chains[index])
        lanes: list[int] = []
        for chain in self.chains:
            lanes.append(chain.offset + (lanes[chain.parent] if chain.parent >= 0 else 0))
        return (
            {item: lanes[home] for item, home in self.homes.items()},
            {link: lanes[home] for link, home in self.riding.items()},
        )

    # -- chains -----------------------------------------------------------------------------------------------------

    def _main(self) -> None:
        """The longest way to the last item that something is for: an output, or what leaves the container."""
        if not self.items:
            return
        goals = [item for item in self.items if self._leaves(item)] or list(self.items)
        item = max(goals, key=lambda name: (self.columns[name], -self.place[name]))
        way = [item]
        while (link := self._flow_into(item)) is not None and link.tail in self.place:
            item = link.tail
            way.append(item)
        way.reverse()
        chain = _Chain(self.columns[way[0]], self.columns[way[-1]], way)
        chain.leaves = any(link.head == OUTSIDE for link in self.out.get(way[-1], ()))
        self._add(chain)
        for link in self.links:
            if link.tail not in self.homes or link.head not in self.homes:
                continue
            if self._step(link) or self._flow_into(link.head) is link:
                self.riding[link] = 0
        self._lead_in(chain, 0)
        flows = {link.source for link in self.into.get(way[0], ()) if link.edge.kind == "flow"}
        chain.enters = len(flows) > 1  # another that comes in beside it has a lane of its own; a skip may meet it

    def _leaves(self, item: str) -> bool:
        """Whether `item` has no reader that runs only in training, or is read outside: where a main way may end."""
        links = self.out.get(item, [])
        if any(link.head == OUTSIDE and not link.edge.train_only for link in links):
            return True
        dashed = bool(self.into.get(item)) and all(link.edge.train_only for link in self.into[item])
        return not dashed and not any(link.head in self.place for link in links)

    def _flow_into(self, item: str) -> Link | None:
        """The link that brings the longest way to `item`."""
        return self.flows.get(item)

    def _step(self, link: Link) -> bool:
        return self.columns[link.head] - self.columns[link.tail] == 1

    def _chain(self, item: str) -> None:
        """A chain from `item` on, along items that have no chain yet."""
        way = [item]
        while (after := self._next(way[-1])) is not None:
            way.append(after)
        chain = _Chain(self.columns[way[0]], self.columns[way[-1]], way)
        index = self._add(chain)
        for first, second in pairwise(way):
            for link in self.out[first]:
                if link.head == second:
                    self.riding[link] = index
        source = self._lead_in(chain, index)
        targets = [link for link in self.out.get(way[-1], []) if link.head not in self.place or link.head not in way]
        inner = [link for link in targets if link.head in self.place]
        target = min(inner, key=lambda link: self.columns[link.head], default=None)
        if target is None:
            target = next((link for link in targets if link.head == OUTSIDE), None)
        chain.enters, chain.leaves = source is not None, target is not None
        if target is not None:
            chain.last = max(chain.last, self._end(target) - 1)
            self.riding[target] = index
        chain.parent = self._parent(source, target)
        chain.above, chain.ends = self._side(source, target), target is None
        chain.rank = self.place[way[-1] if chain.ends else item]

    def _next(self, item: str) -> str | None:
        for link in self.out.get(item, []):
            head = link.head
            if head in self.place and head not in self.homes and self._flow_into(head) is link:
                return head
        return None

    def _lead_in(self, chain: _Chain, index: int) -> Link | None:
        """The link by which the flow comes to a chain runs in the chain's lane."""
        link = self._flow_into(chain.items[0])
        if link is not None:
            self.riding.setdefault(link, index)
            chain.first = min(chain.first, self.columns.get(link.tail, -1) + 1)
        return link

    def _parent(self, source: Link | None, target: Link | None) -> int:
        """The chain that a chain hangs on: where it leaves, else where it joins, else the main way."""
        for link, end in ((source, "tail"), (target, "head")):
            if link is not None:
                home = self.homes.get(link.tail if end == "tail" else link.head)
                if home is not None and home < len(self.chains) - 1:
                    return home
        return 0 if len(self.chains) > 1 else -1

    def _side(self, source: Link | None, target: Link | None) -> bool:
        """Whether a chain lies above: shortcuts do, and branches written before the way that they join."""
        if any(link.edge.train_only for link in (source, target) if link is not None):
            return False
        if target is None or target.head == OUTSIDE:
            return False
        if target.edge.kind != "flow":
            return True
        beside = self._flow_into(target.head)
        return beside is not None and self.place.get(beside.tail, -1) > self.place[target.tail]

    # -- links that jump --------------------------------------------------------------------------------------------

    def _wires(self) -> None:
        """Links that run in no chain's lane and pass over columns get a chain without items, one for each line.

        So do those that enter or leave the container where another value does.
        """
        lines: dict[tuple[str, bool], list[Link]] = {}
        doors = {(end, home): link.source for link, home in self.riding.items() for end in _sides(link)}
        for link in self.links:
            if link in self.riding:
                continue
            lane = self.homes.get(link.tail, self.homes.get(link.head, 0))
            long = self._end(link) - self._start(link) > 1
            if long or any(doors.setdefault((end, lane), link.source) != link.source for end in _sides(link)):
                lines.setdefault((link.source, link.edge.train_only), []).append(link)
            else:
                self.riding[link] = lane
        for rank, ((_, train_only), links) in enumerate(lines.items()):
            first = min(map(self._start, links)) + 1
            chain = _Chain(first, max(map(self._end, links)) - 1, links=links, above=not train_only, rank=-rank)
            chain.enters = chain.leaves = True
            chain.parent = self._shared(links)
            self.chains.append(chain)
            self.riding |= dict.fromkeys(links, len(self.chains) - 1)

    def _start(self, link: Link) -> int:
        return self.columns.get(link.tail, -1)

    def _end(self, link: Link) -> int:
        return self.columns[link.head] if link.head != OUTSIDE else 1 + max(self.columns.values())

    def _shared(self, links: Iterable[Link]) -> int:
        """The innermost chain that all ends of `links` are on or hang on."""
        ends = [self.homes.get(end, 0) for link in links for end in (link.tail, link.head)]
        known: list[int] = []
        index = ends[0]
        while index >= 0:
            known.append(index)
            index = self.chains[index].parent
        ranks = {chain: rank for rank, chain in enumerate(known)}
        highest = 0
        for end in ends[1:]:
            index = end
            while index not in ranks and index >= 0:
                index = self.chains[index].parent
            highest = max(highest, ranks.get(index, len(known) - 1))
        return known[highest]

    # -- lanes ------------------------------------------------------------------------------------------------------

    def _add(self, chain: _Chain) -> int:
        self.chains.append(chain)
        index = len(self.chains) - 1
        self.homes |= dict.fromkeys(chain.items, index)
        return index

    def _settle(self, chain: _Chain) -> None:
        """Places all that hangs on `chain` around it, the shortest nearest; what ends, in the order of the ends."""
        taken = _Lanes()
        if chain.items or chain.links:
            taken.take(0, *_stretch(chain))
        hanging = [self.chains[child] for child in chain.hanging]
        heads: dict[int, int] = {}  # column in which chains that end begin -> the longest of them
        for child in hanging:
            if child.ends:
                heads[child.first] = max(heads.get(child.first, 0), child.last - child.first)

        def order(child: _Chain) -> tuple[int, int]:
            length = heads[child.first] if child.ends else child.last - child.first
            return length, -child.rank if child.above else child.rank

        hanging.sort(key=order)
        tried: dict[tuple[int, int, bool], int] = {}  # offsets that are known to be taken, by what is taken and side
        for child in hanging:
            key = *_stretch(child), child.above
            tried[key] = self._hang(chain, child, taken, tried.get(key, 0))
        for child in hanging:
            if child.first < chain.first or (child.first == chain.first and child.enters):
                chain.first, chain.enters = child.first, child.enters
            if child.last > chain.last or (child.last == chain.last and child.leaves):
                chain.last, chain.leaves = child.last, child.leaves

    def _hang(self, chain: _Chain, child: _Chain, taken: _Lanes, start: int) -> int:
        """The first offset from `start` on, on its side of `chain`, at which all lanes of `child` are free."""
        step = -1 if child.above else 1
        offset = start
        lanes = range(child.top, child.bottom + 1)
        while not all(taken.free(offset + lane, *_stretch(child)) for lane in lanes):
            offset += step
        for lane in lanes:
            taken.take(offset + lane, *_stretch(child))
        child.offset = offset
        chain.top = min(chain.top, offset + child.top)
        chain.bottom = max(chain.bottom, offset + child.bottom)
        return offset


def _sides(link: Link) -> Iterator[bool]:
    """The sides of the container that a link passes: False where it enters, True where it leaves."""
    if link.tail == OUTSIDE:
        yield False
    if link.head == OUTSIDE:
        yield True


def _stretch(chain: _Chain) -> tuple[int, int]:
    """The first and the last of the columns and gaps that a chain takes, with all that hangs on it."""
    return 2 * chain.first - chain.enters, 2 * chain.last + chain.leaves
