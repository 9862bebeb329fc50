"""The rule of a network's sizes: which it takes, what comes out, why one does not fit, and which are nearest to it."""

from collections.abc import Mapping
from functools import cached_property
from typing import TypeAlias

from archspec.graph.network import Network
from archspec.sizes.box import Box
from archspec.sizes.explore import Way, at, explore
from archspec.sizes.follow import Extent, Refusal
from archspec.sizes.form import Variable, value_at
from archspec.sizes.periodic import NONE, Periodic, at_least, one
from archspec.sizes.region import said_in_few
from archspec.values.dataclass import dataclass

FAR = 1 << 20  # beyond which sizes all go one way

Sizes: TypeAlias = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)  # no slots: the regions are found once, when somebody asks
class SizeRule:
    """Which sizes a network takes, and why.

    Attributes:
        network: at its declared sizes.
        ways: all that it can go, each with the sizes that go it.
        training: train-only parts run as well.
    """

    network: Network
    ways: tuple[Way, ...]
    training: bool = False

    @cached_property
    def regions(self) -> tuple[Box, ...]:
        """The sizes that fit, in few boxes: that of the declared sizes first, then by their least sizes."""
        found = said_in_few((way.box for way in self.ways if way.fits), (way.box for way in self.ways if not way.fits))
        here = self.point(self.declared)
        return tuple(sorted(found, key=lambda box: (not box.contains(here), _least(box))))

    @property
    def unproven(self) -> tuple[Way, ...]:
        """The ways that no form follows to the end: what fits there is found size by size only."""
        return tuple(way for way in self.ways if way.lost)

    @property
    def declared(self) -> Sizes:
        """The sizes at which the network is checked and counted."""
        return {id: self.network.shapes[id][0].dims for id in self.network.graph.inputs}

    def point(self, sizes: Sizes) -> dict[Variable, int]:
        """The sizes by variable."""
        return {Variable(id, axis): size for id, dims in sizes.items() for axis, size in enumerate(dims)}

    def way(self, sizes: Sizes) -> Way:
        """The way that these sizes go."""
        here = self.point(sizes)
        return next(way for way in self.ways if way.box.contains(here))

    def fits(self, sizes: Sizes) -> bool:
        """Whether the network takes these sizes of all its inputs, without the batch."""
        way = self.way(sizes)
        return way.fits if not way.lost else self.why(sizes) is None

    def why(self, sizes: Sizes) -> Refusal | None:
        """Why it does not take them; None where it does."""
        way = at(self.network, sizes, training=self.training)
        if way.lost:
            return Refusal(way.lost, "its sizes follow from the declared ones only")
        return way.refusal

    def outputs(self, sizes: Sizes) -> dict[str, tuple[int, ...]]:
        """The sizes of the outputs by name, without the batch, at sizes that fit.

        Raises:
            ValueError: they do not fit.
        """
        if not self.fits(sizes):
            raise ValueError(f"{self.network.name} does not take {dict(sizes)}")
        way, here = at(self.network, sizes, training=self.training), self.point(sizes)
        return {name: tuple(value_at(form, here) for form in extent.dims) for name, extent in self.ends(way).items()}

    def ends(self, way: Way) -> dict[str, Extent]:
        """The outputs of the network by name, on a way that fits."""
        nodes = self.network.graph.nodes
        return {
            out.name: way.extents[out.ref.node][nodes[out.ref.node].op.ports.index(out.ref.port)]
            for out in self.network.graph.outputs
            if self.training or not out.train_only
        }

    def typical(self, region: Box) -> Way | None:
        """The way that most sizes of a region go: that of its largest ones, where it has no end."""
        free = {size: held.above(FAR) or held.greatest or held.least for size, held in region.sets.items()}
        here = region.whole(free)
        places = (here, self.point(self.declared)) if region.conditions else (here,)  # which few sizes meet
        return next((way for at in places for way in self.ways if way.fits and way.box.contains(at)), None)

    def nearest(self, sizes: Sizes) -> tuple[Sizes, ...]:
        """The sizes nearest to these that fit: none larger, and none smaller; each where there is one."""
        here = self.point(sizes)
        found = []
        for up in (False, True):
            near = [one for box in self.regions if (one := _nearest(box, here, up=up)) is not None]
            if near:
                best = min(near, key=lambda one: sum(abs(one[size] - here[size]) for size in here))
                found.append({id: tuple(best[Variable(id, a)] for a in range(len(dims))) for id, dims in sizes.items()})
        return tuple(found)

    def stops(self) -> tuple[tuple[Sizes, Refusal], ...]:
        """The sizes nearest to the declared ones, a size smaller or larger, that it does not take, and why.

        What has to be as large as another moves with it.
        """
        if not self.regions:
            return ()
        found: list[tuple[Sizes, Refusal]] = []
        here = self.point(self.declared)
        for size, held in self.regions[0].sets.items():
            if held.only is not None:
                continue  # weights say it: a channel more is another network
            moving = self._moving(size)
            stops = at_least(1) - self._along(moving, here)
            for value in (stops.below(here[size]), stops.above(here[size])):
                if value is None:
                    continue
                moved = {**here, **{one: value + by for one, by in moving.items()}}
                sizes = {id: tuple(moved[Variable(id, a)] for a in range(len(d))) for id, d in self.declared.items()}
                why = self.why(sizes) if min(moved.values()) > 0 else None
                if why is not None:
                    found.append((sizes, why))
        return tuple(found)

    def _moving(self, size: Variable) -> dict[Variable, int]:
        """A size and those that follow it, each with how much larger it is."""
        return {size: 0, **{tied: by for tied, (to, by) in self.regions[0].ties.items() if to == size}}

    def _along(self, moving: Mapping[Variable, int], here: Mapping[Variable, int]) -> Periodic:
        """The values that fit of sizes that move together, where all others stay."""
        found = NONE
        for box in self.regions:
            held = at_least(1)
            for size, values in box.sets.items():
                if size in moving:
                    held = held & values.shifted(-moving[size])
                elif here[size] not in values:
                    held = NONE
            apart = [size for size, (to, by) in box.ties.items() if not (size in moving and to in moving)]
            if any(here[size] != here[box.ties[size][0]] + box.ties[size][1] for size in apart):
                held = NONE
            elif box.conditions or any(size in moving or box.ties[size][0] in moving for size in apart):
                held = held & one(here[next(iter(moving))])
            found = found | held
        return found


def size_rule(network: Network, *, training: bool = False) -> SizeRule:
    """The rule of a network. Linear in its nodes, times the ways that sizes part."""
    return SizeRule(network, explore(network, training=training), training)


def _nearest(box: Box, here: Mapping[Variable, int], *, up: bool) -> dict[Variable, int] | None:
    """The sizes of a box nearest to these on one side of all of them."""
    free: dict[Variable, int] = {}
    for size, held in box.sets.items():
        wanted = [here[size], *(here[tied] - by for tied, (to, by) in box.ties.items() if to == size)]
        value = held.above(max(wanted)) if up else held.below(min(wanted))
        if value is None:
            return None
        free[size] = value
    whole = box.whole(free)
    return whole if box.contains(whole) else None


def _least(box: Box) -> tuple[int, ...]:
    return tuple(held.least for held in box.sets.values())
