"""Formulas: the shapes and multiply-adds of a network as formulas in the sizes of its inputs.

They hold for a class of sizes, that of the declared ones: `H = 32k`, in which every stride comes out even, or uneven in
one way. In it each size is a straight line in one of the input's, and each count a polynomial.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import lcm

from archspec.sizes.box import Box
from archspec.sizes.explore import Way, answering
from archspec.sizes.follow import Extent, Follower
from archspec.sizes.form import Form, constant, period, variables
from archspec.sizes.number import Unfollowed
from archspec.sizes.periodic import Periodic
from archspec.sizes.rule import SizeRule
from archspec.sizes.solve import MAX_PERIOD
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Formulas:
    """What is known of a network at the sizes of one class.

    Attributes:
        where: the sizes.
        extents: node id -> its outputs.
        macs: node id -> its multiply-adds, for those that inference needs.
    """

    where: Box
    extents: Mapping[str, tuple[Extent, ...]]
    macs: Mapping[str, Form]

    def total(self, ids: Iterable[str]) -> Form | None:
        """The multiply-adds of some nodes; None where those of one are not followed."""
        total = constant(0)
        for id in ids:
            if id not in self.macs:
                return None
            total = total + self.macs[id]
        return total


def formulas(rule: SizeRule) -> Formulas | None:
    """The formulas of the class of the declared sizes; None where no form follows its way to the end."""
    way = rule.way(rule.declared)
    if not way.fits:
        return None
    where = _class(rule, way)
    follower = Follower(rule.network, training=rule.training)
    asked = answering(where)
    macs: dict[str, Form] = {}
    for node in follower.nodes:
        try:
            macs[node.id] = follower.macs(node, way.extents, asked)
        except (Unfollowed, TypeError):
            continue
    return Formulas(where, way.extents, macs)


def _class(rule: SizeRule, way: Way) -> Box:
    """The sizes of a way that leave the declared ones' rest where floors repeat."""
    here = rule.point(rule.declared)
    steps = dict.fromkeys(way.box.sets, 1)
    forms = {form for several in way.extents.values() for extent in several for form in extent.dims}
    for form in forms:
        for size in variables(way.box.simplest(form)):
            steps[size] = lcm(steps[size], period(form))
    sets = {
        size: held & Periodic(0, 0, steps[size], 1 << here[size] % steps[size]) if steps[size] <= MAX_PERIOD else held
        for size, held in way.box.sets.items()
    }
    return replace(way.box, sets=sets)
