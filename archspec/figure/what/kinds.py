"""Kinds: which edges are ordinary flow, which are residual and which are skips.

In a join, the input that comes the longest way is the flow; of a sum, the way of most layers, those in closed blocks
included, so that pools and a projection are no way. Beside it

    residual   an input of an addition, as large as the sum, from which the flow was computed; a projection may stand
               on it, and pools that bring it to the size of the sum
    skip       an input of a concatenation or an up-sampling from which the flow was computed, or one of another way
               that is far shorter, from where both were one; beside such a one all that meet what was up-sampled

An input of a closed block is what the join in the block makes of it, which it meets with one projection on it at most.
What a gate or an attention reads is flow, and so is what depends on no data, places, tables, sizes; but where the flow
was computed from what is learned, as from the latents of a Perceiver, their sum has a residual edge.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from archspec.figure.diagram import EdgeKind
from archspec.figure.what.links import Link
from archspec.graph.graph import Definition
from archspec.values.dataclass import dataclass

FAR = 4  # boxes that the other way is longer by


@dataclass(frozen=True, slots=True)
class Heads:
    """Boxes by what they do with what they read.

    Attributes:
        add: those that add.
        take_in: concatenations and up-samplings.
        risen: up-samplings: what one gives is no earlier map.
        blocks: links into closed blocks -> the kind that the join in the block makes of them.
        raises: closed blocks in which something is up-sampled.
        plain: links of which the value has not the dimensions of what the head gives, conditions and masks, or is added
            by each use of a block: the keys by each step of a decoder.
        held: what looks up or is learned, which is no way past anything.
        stays: what may not stand on a residual edge: attention, an MLP, what stands for several.
        pools: those that pool, which may stand on one beside a projection.
        inputs: what the network, or the block of a panel, is given.
        older: inputs of a block, each with another that was computed from it.
        alike: box -> how many in a row it stands for.
        layers: box -> how many layers stand one behind the other in it; 0 in one that pools, or only moves values.
        defined: closed block -> which block it is.
    """

    add: frozenset[str]
    take_in: frozenset[str]
    risen: frozenset[str]
    blocks: Mapping[Link, EdgeKind]
    raises: frozenset[str]
    plain: frozenset[Link]
    held: frozenset[str]
    stays: frozenset[str]
    pools: frozenset[str]
    inputs: frozenset[str]
    older: frozenset[tuple[str, str]]
    alike: Mapping[str, int]
    layers: Mapping[str, int]
    defined: Mapping[str, Definition]


def kinds(order: Sequence[str], links: Sequence[Link], heads: Heads) -> dict[Link, EdgeKind]:
    """The kind of every link; `order` is topological. Linear in links, times the boxes that lead to a join."""
    return _Kinds(order, links, heads).found()


class _Kinds:
    """What is known of the ways to each box."""

    def __init__(self, order: Sequence[str], links: Sequence[Link], heads: Heads) -> None:
        self.links, self.heads = links, heads
        self.into: dict[str, list[Link]] = {}
        self.out: dict[str, list[Link]] = {}
        for link in links:
            self.into.setdefault(link.head, []).append(link)
            self.out.setdefault(link.tail, []).append(link)
        data = {name: [link.tail for link in incoming if not link.fixed] for name, incoming in self.into.items()}
        self.depth: dict[str, int] = {}  # ops on the longest way to a box, itself included
        self.work: dict[str, int] = {}  # layers on the way of most
        for name in order:
            tails = data.get(name, ())
            self.depth[name] = max((self.depth[tail] for tail in tails), default=0) + heads.alike.get(name, 1)
            self.work[name] = max((self.work[tail] for tail in tails), default=0) + heads.layers.get(name, 1)
        self.place = {name: 1 << index for index, name in enumerate(order)}
        values = dict.fromkeys((link.tail, link.port) for link in links)
        self.value = {value: 1 << index for index, value in enumerate(values, len(order))}
        # box -> the boxes, itself included, and the values that it was computed from, as bits
        self.before: dict[str, int] = {}
        for name in order:
            bits = self.place[name]
            for link in self.into.get(name, ()):
                if not link.fixed:
                    bits |= self.before[link.tail] | self.value[link.tail, link.port]
                elif name not in heads.add | heads.take_in:  # what is added or joined on, a table of places, leads on
                    bits |= self.value[link.tail, link.port]
            self.before[name] = bits

    def found(self) -> dict[Link, EdgeKind]:
        """The kind of every link."""
        found: dict[Link, EdgeKind] = dict.fromkeys(self.links, "flow")
        for name, incoming in self.into.items():
            flowing = [link for link in incoming if not link.fixed]
            if not flowing or name not in self.heads.add | self.heads.take_in | {
                link.head for link in self.heads.blocks
            }:
                continue
            main = max((link.tail for link in flowing), key=partial(self._far, name))
            for link in incoming if name in self.heads.add else flowing:
                found[link] = self._kind(link, main) if not link.fixed else self._learned(link, main)
            if any(found[link] == "skip" for link in flowing):
                found |= dict.fromkeys(self._beside_a_skip(flowing, main), "skip")
                found |= dict.fromkeys(self._like_skips(flowing, main, found), "skip")
            for link in incoming:
                if found[link] != "flow":
                    found |= dict.fromkeys(self._line(link), found[link])
        return found

    def _beside_a_skip(self, flowing: Sequence[Link], main: str) -> list[Link]:
        """What meets an up-sampled map beside an earlier one, in sight or in a closed block."""
        no_map = self.heads.risen | self.heads.held | {main}
        inside = {link for link in flowing if self.heads.blocks.get(link) == "skip" and link.head in self.heads.raises}
        met = [link for link in flowing if main in self.heads.risen or link in inside]
        return [link for link in met if link.tail not in no_map]

    def _like_skips(self, flowing: Sequence[Link], main: str, found: Mapping[Link, EdgeKind]) -> list[Link]:
        """What comes out of such a block as most skips do: of heads of six maps, that of the second finest."""
        skips = Counter(self.heads.defined.get(link.tail) for link in flowing if found[link] == "skip")
        del skips[None]
        like = (link for link in flowing if link.tail != main and found[link] == "flow")
        return [link for link in like if skips[self.heads.defined.get(link.tail)] > 1]

    def _kind(self, link: Link, main: str) -> EdgeKind:
        """The kind of a link into a box that the flow comes to by `main`."""
        nearer = self._far(link.head, link.tail) < self._far(link.head, main)
        older = self._older(link.tail, main)
        if not (nearer or older) or link.tail in self.heads.held or link in self.heads.plain:
            return "flow"
        if link.tail in self.heads.risen and link.head in self.heads.take_in:
            return "flow"
        if link.head in self.heads.add:
            return "residual" if self._passes_by(link, main) else "flow"
        wanted = self.heads.blocks.get(link, "skip" if link.head in self.heads.take_in else "flow")
        if wanted == "residual":
            return wanted if self._passes_by(link, main) else "flow"
        if wanted == "flow":
            return wanted
        earlier = older or self._leads(link.tail, main) or self._far_shorter(link.tail, main)
        return wanted if earlier else "flow"

    def _far(self, head: str, tail: str) -> tuple[int, int]:
        """By what the ways to `tail` are compared where they meet in `head`, the longest last."""
        return (self.work[tail] if head in self.heads.add else 0, self.depth[tail])

    def _learned(self, link: Link, main: str) -> EdgeKind:
        """The kind of a link into a sum that no data flows on: residual where the flow was computed from its value."""
        return "residual" if link not in self.heads.plain and self._read_by(link, main) else "flow"

    def _older(self, name: str, main: str) -> bool:
        """Whether a box is an input of the block from which another was computed that the flow comes from."""
        return any(name == first and self.before[main] & self.place[second] for first, second in self.heads.older)

    def _passes_by(self, link: Link, main: str) -> bool:
        """Whether the flow was computed from what a link brings, or from what the one op on it reads."""
        if self._read_by(link, main):
            return True
        return any(self._read_by(one, main) for one in self._line(link))

    def _line(self, link: Link) -> tuple[Link, ...]:
        """The links before `link` on its line, back to a fork; () where more than a projection and pools lie there."""
        line: list[Link] = []
        projected = False
        while self._only(link.tail) and link.tail not in self.heads.stays:
            pools = link.tail in self.heads.pools
            several = projected or self.heads.alike.get(link.tail, 1) > 1
            if several and not pools:
                return ()
            projected = projected or not pools
            [link] = self.into[link.tail]
            line.append(link)
        return tuple(line) if line and len(self.out[line[-1].tail]) > 1 else ()

    def _read_by(self, link: Link, main: str) -> bool:
        """Whether a box was computed from the value of a link: of a chunk, from this part and not from another."""
        return link.tail != main and bool(self.before[main] & self.value[link.tail, link.port])

    def _leads(self, name: str, main: str) -> bool:
        """Whether a box leads to another, and is not the same."""
        return name != main and bool(self.before[main] & self.place[name])

    def _far_shorter(self, name: str, main: str) -> bool:
        """Whether the way to a box is far shorter than that to `main`, from the last box that both were computed from.

        An input of the network is no such box.
        """
        both = self.before[name] & self.before[main]
        common = [box for box, bit in self.place.items() if both & bit and box not in self.heads.inputs]
        if not common:
            return False
        fork = max(common, key=lambda box: self.depth[box])
        return self._way(fork, main) - self._way(fork, name) >= FAR

    def _way(self, fork: str, name: str) -> int:
        """How many ops stand on the longest way from a box to another that was computed from it, itself included."""
        length = {fork: 0}
        for box, bit in self.place.items():  # in order
            if box != fork and self.before[name] & bit and self.before[box] & self.place[fork]:
                behind = (length[link.tail] for link in self.into[box] if link.tail in length)
                length[box] = max(behind, default=0) + self.heads.alike.get(box, 1)
        return length[name]

    def _only(self, name: str) -> bool:
        """Whether a box stands on one line: it has one link into it and one out of it."""
        return len(self.into.get(name, ())) == len(self.out.get(name, ())) == 1
