"""The measures there are."""

from functools import cache

from archspec.measures.costs import COSTS
from archspec.measures.measure import Column, Measure, Place
from archspec.registry import Registry, declared


@cache
def measures() -> Registry[Measure]:
    """Name -> measure: the columns of Cost, then the files of `archspec/measures/` by their names."""
    known: Registry[Measure] = Registry("measure")
    for measure in (*COSTS, *declared("archspec.measures", "MEASURE", Measure)):
        known.add(measure.name, measure)
    return known


@cache
def shown_in(place: Place) -> tuple[Measure, ...]:
    """Those that show in `place`, in the order in which they are listed."""
    return tuple(measure for _, measure in measures().items() if place in measure.places)


@cache
def added(place: Place) -> tuple[Measure, ...]:
    """Those of `place` that are files of their own, and so have no words or columns made for them."""
    return tuple(measure for measure in shown_in(place) if measure not in COSTS)


@cache
def beside_cost() -> tuple[Measure, ...]:
    """Those of the tables that no op counts by itself. What a table is asked for besides is not among them."""
    shown = {*shown_in("columns"), *shown_in("data")}
    return tuple(measure for _, measure in measures().items() if measure in shown and computed(measure))


def computed(measure: Measure) -> bool:
    """Whether it is no column of Cost."""
    return not isinstance(measure.value, Column)
