"""Measured: the numbers of any measure for a network, a scope or a set of ops."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from importlib import import_module

from archspec.graph.network import Network
from archspec.measures.known import beside_cost, computed
from archspec.measures.measure import Column, Followed, Measure, Run, Summed, Whole
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Own:
    """The measures that are no column of Cost, by name: of what inference needs, of what training adds, of both."""

    always: Mapping[str, int] = field(default_factory=dict)
    training: Mapping[str, int] = field(default_factory=dict)
    both: Mapping[str, int] = field(default_factory=dict)


_NOTHING = Own()  # shared: most networks are measured with the columns of Cost only


def value(network: Network, measure: Measure, ids: Iterable[str]) -> int:
    """What `measure` says of the ops `ids`, which are in the order of the flow. Linear in them for a sum."""
    match measure.value:
        case Column(name=name):
            return sum(getattr(network.costs[id], name) for id in ids)
        case Summed(of=of):
            return sum(of(network.counted[id]) for id in ids)
        case Whole(of=whole):
            return whole([network.counted[id] for id in ids])
        case Followed() as followed:
            found = _followed(network, measure, followed)
            return max((found.get(id, 0) for id in ids), default=0)
        case Run(together=together) as run:
            found = _of_run(network, measure, run)
            return together([0, *(found.get(id, 0) for id in ids)])


def _of_run(network: Network, measure: Measure, run: Run) -> Mapping[str, int]:
    key = (measure.name, run.how)
    if key not in network.followed:
        found = import_module(run.room).by_node(network, *run.how)
        network.followed.update({(name, run.how): numbers for name, numbers in found.items()})
    return network.followed[key]


def _followed(network: Network, measure: Measure, value: Followed) -> Mapping[str, int]:
    key = (measure.name, ())
    if key not in network.followed:
        network.followed[key] = value.of(tuple(network.counted.values()))
    return network.followed[key]


def own(network: Network, ids: Iterable[str], asked: Sequence[Measure] = ()) -> Own:
    """The measures beside Cost of the ops `ids`, which are in the order of the flow; of those `asked` for, too."""
    measured = dict.fromkeys((*beside_cost(), *filter(computed, asked)))
    if not measured:
        return _NOTHING
    inside = tuple(ids)
    nodes = network.graph.nodes
    return Own(
        _values(network, measured, [id for id in inside if not nodes[id].train_only]),
        _values(network, measured, [id for id in inside if nodes[id].train_only]),
        _values(network, measured, inside),
    )


def ops_in(network: Network, paths: Iterable[str]) -> dict[str, list[str]]:
    """Path of each op or scope of `paths` -> ids of the ops in it, in the order of the flow; "" is the whole.

    Linear in the ops times their depth.
    """
    found: dict[str, list[str]] = {path: [] for path in paths}
    scopes = network.graph.scopes
    for id, node in network.graph.nodes.items() if found else ():
        if id in found:
            found[id].append(id)
        scope = node.scope
        while True:
            if scope in found:
                found[scope].append(id)
            if not scope:
                break
            scope = scopes[scope].parent
    return found


def _values(network: Network, measures: Iterable[Measure], ids: Iterable[str]) -> dict[str, int]:
    return {measure.name: value(network, measure, ids) for measure in measures}
