"""What `verify` expects of a module, and where: the same counts and shapes as of the scopes that stand there.

A scope that shares its parameters stands where the other stands, and a flat one is one numbered list.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from math import prod

import pytest
import yaml
from hypothesis import given, settings

from archspec.graph.graph import Local, Node, Scope
from archspec.graph.network import Network
from archspec.graph.walk import home, resolve
from archspec.pipeline import load_text
from archspec.runtime.attributes import attribute_paths, prefixes
from archspec.runtime.expected import expected_calls, expected_costs, expected_outputs
from archspec.values.shape import Shape
from tests.agreement.networks import load, sampled_names
from tests.agreement.told import nodes_inside, read_by_bare_name, scopes_around, told
from tests.code.drawn_specs import specs
from tests.examples import examples

BATCH = 2


def _size(shape: Shape) -> tuple[int, ...]:
    """A tensor's size at BATCH samples: there may be several rows a sample, as of windows, or none, as of a weight."""
    return (BATCH * shape.batch, *shape.dims) if shape.batch else shape.dims


def _dotted(*names: str) -> str:
    return ".".join(filter(None, names))


def _numbered(net: Network) -> dict[str, tuple[str, int]]:
    """Node in a flat scope -> the outermost flat scope around it, and its number there."""
    found: dict[str, tuple[str, int]] = {}
    inside = nodes_inside(net)
    for id, scope in net.graph.scopes.items():
        if scope.definition.flat and inside[id] and inside[id][0] not in found:
            found |= {node: (id, number) for number, node in enumerate(inside[id])}
    return found


def assert_paths_are_those_of_the_graph(net: Network) -> None:
    """A path is the path in the spec with dots; but for what is numbered, in lists, or shares with another."""
    graph, paths, numbered = net.graph, attribute_paths(net.graph), _numbered(net)
    for id, node in graph.nodes.items():
        if node.share:
            assert paths[id] == paths[node.share], id
        elif id in numbered:
            flat, number = numbered[id]
            assert paths[id] == _dotted(paths[flat], str(number)), id
        else:
            assert paths[id] in _places(net, paths, node), id
    own = [paths[id] for id, node in graph.nodes.items() if not node.share]
    assert len(own) == len(set(own))
    for id, scope in graph.scopes.items():
        if id in paths and id:
            assert paths[id] in ([paths[scope.share]] if scope.share else _places(net, paths, scope)), id
    unnamed = {id for id in graph.scopes if any(graph.scopes[up].definition.flat for up in _above(net, id))}
    unnamed |= {id for id, scope in graph.scopes.items() if scope.definition.rounds or _in_round(net, scope)}
    assert set(paths) == {*graph.nodes, *graph.scopes} - unnamed


def _in_round(net: Network, member: Node | Scope) -> bool:
    """Whether a member stands in rounds over lists itself, as each of the rounds does."""
    return bool(member.id) and net.graph.scopes[home(member)].definition.rounds


def _places(net: Network, paths: dict[str, str], member: Node | Scope) -> list[str]:
    """Where a member may stand: in what is around it; of a round, in a list of what is around the rounds, or beside."""
    scopes = net.graph.scopes
    part = scopes[home(member)]
    if not _in_round(net, part):
        return [_dotted(paths[part.id], member.name)]
    around, number = paths[scopes[part.parent].parent], part.name
    beside = f"{member.name.replace('.', '_')}_{number}"
    return [_dotted(around, member.name, number), *(_dotted(around, f"{beside}{'_' * more}") for more in range(3))]


def _above(net: Network, scope: str) -> Iterator[str]:
    """The scopes around a scope, the root last."""
    while scope:
        scope = net.graph.scopes[scope].parent
        yield scope


def assert_costs_agree(net: Network) -> None:
    """At a path stand the counts of all scopes that stand there; what is shared or tied, where its parameters are."""
    graph, paths, found = net.graph, attribute_paths(net.graph), told(net)
    expected, crossed, lent = expected_costs(net, training=True), _crossed(net, paths), _lent(net, paths)
    for path, ids in _by_path(paths, (id for id in graph.scopes if id)).items():
        if path in crossed:
            continue
        cost = expected[path]
        wanted = sum(found[id].params for id in ids) + lent[path], sum(found[id].macs for id in ids)
        assert (cost.params, cost.macs) == wanted, path
    always = expected_costs(net)
    for path, ids in _by_path(paths, graph.nodes).items():
        told_here = [found[id] for id in ids]
        assert (expected[path].params, expected[path].macs) == (
            sum(each.params for each in told_here) + lent[path],
            sum(each.macs for each in told_here),
        ), path
        running = [each for each in told_here if not each.train_only]
        assert always[path].macs == sum(each.macs for each in running), path
    assert always[""].params == sum(
        each.params for id, each in found.items() if id in graph.nodes and not each.train_only
    )


def _lent(net: Network, paths: dict[str, str]) -> Counter[str]:
    """Path -> parameters that its module holds and that count elsewhere: at the first that inference ties to them."""
    nodes, found, seen = net.graph.nodes, Counter[str](), set()
    running = {node.share for node in nodes.values() if not node.train_only}
    for node in nodes.values():
        for name, tensor in node.ties if not (node.share or node.train_only) else ():
            if nodes[tensor.node].train_only and tensor.node not in running and tensor not in seen:
                seen.add(tensor)
                held = prod(node.op.parameters(net.input_shapes(node))[name])
                found.update(dict.fromkeys(prefixes(paths[tensor.node]), held))
                found.subtract(dict.fromkeys(prefixes(paths[node.id]), held))
    return found


def _by_path(paths: dict[str, str], ids: Iterable[str]) -> dict[str, list[str]]:
    """Path -> those of `ids` that stand there."""
    found: dict[str, list[str]] = {}
    for id in ids:
        if id in paths:
            found.setdefault(paths[id], []).append(id)
    return found


def _crossed(net: Network, paths: dict[str, str]) -> set[str]:
    """Paths of scopes with a node inside whose parameters stand elsewhere, and of those where such parameters stand."""
    found: set[str] = set()
    for node in net.graph.nodes.values():
        around = {paths[scope] for scope in scopes_around(net, node) if scope in paths}
        found |= around ^ set(list(prefixes(paths[node.id]))[1:])
    return found


def _given(net: Network, id: str) -> list[Local]:
    """What the module of a scope gives, each value once: the outputs of all scopes that use its parameters."""
    scopes = net.graph.scopes.values()
    owner = net.graph.scopes[id].share or id
    return list({local: None for each in scopes if owner in (each.id, each.share) for local in each.outputs.values()})


def assert_calls_agree(net: Network) -> None:
    """Every use of a module gives what its uses are said to give; a scope's default output where that is read."""
    graph, paths, found = net.graph, attribute_paths(net.graph), told(net)
    read = {id for id, _ in read_by_bare_name(net)}
    calls = expected_calls(net, batch=BATCH)
    for path, ids in _by_path(paths, (id for id in graph.scopes if id)).items():
        there = [id for id in ids if not graph.scopes[id].train_only]
        assert len(calls.get(path, [])) == len(there), path
        for id, call in zip(there, calls.get(path, []), strict=True):
            given = [_size(net.shape(resolve(graph, id, local))) for local in _given(net, id)]
            assert not Counter(call) - Counter(given), id
            if id in read:
                assert _size(found[id].shape) in call, id
    for path, ids in _by_path(paths, (id for id in graph.nodes if id not in graph.inputs)).items():
        there = [id for id in ids if not graph.nodes[id].train_only]
        assert [call[0] for call in calls.get(path, [])] == [_size(found[id].shape) for id in there], path


def assert_expectations_agree(net: Network) -> None:
    assert_paths_are_those_of_the_graph(net)
    assert_costs_agree(net)
    assert_calls_agree(net)
    outputs = [_size(net.shape(output.ref)) for output in net.graph.outputs if not output.train_only]
    assert expected_outputs(net, batch=BATCH) == outputs


@pytest.mark.parametrize("name", sampled_names())
def test_verify_expects_of_every_network_what_the_graph_says(name: str) -> None:
    assert_expectations_agree(load(name))


@settings(max_examples=examples(100))
@given(specs())
def test_verify_expects_of_drawn_specs_what_the_graph_says(spec: dict[str, object]) -> None:
    assert_expectations_agree(load_text(yaml.safe_dump(spec, sort_keys=False)))
