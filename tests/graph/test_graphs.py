"""Invariants of every graph, on specs drawn at random."""

import yaml
from hypothesis import given, settings

from archspec.graph.invariants import verify
from archspec.graph.passes.measure import measure
from archspec.graph.walk import resolve
from archspec.pipeline import load_text
from tests.code.drawn_specs import specs
from tests.examples import examples


@settings(max_examples=examples(100))
@given(specs())
def test_graph_keeps_its_promises(spec: dict[str, object]) -> None:
    net = load_text(yaml.safe_dump(spec, sort_keys=False))
    graph = net.graph
    verify(graph)
    place = {id: i for i, id in enumerate(graph.nodes)}
    assert all(place[ref.node] < place[id] for id, node in graph.nodes.items() for ref in node.inputs)
    assert set(graph.dag.edges) == {(ref.node, id) for id, node in graph.nodes.items() for ref in node.inputs}
    assert set(net.shapes) == set(net.costs) == set(graph.nodes)
    assert measure(graph, net.shapes) == net.costs


@settings(max_examples=examples(100))
@given(specs())
def test_every_node_is_needed_by_an_output(spec: dict[str, object]) -> None:
    graph = load_text(yaml.safe_dump(spec, sort_keys=False)).graph
    needed = {output.ref.node for output in graph.outputs} | {*graph.inputs}
    for node in reversed(tuple(graph.nodes.values())):
        if node.id in needed:
            needed |= {ref.node for ref in node.inputs}
    assert needed == set(graph.nodes)


@settings(max_examples=examples(100))
@given(specs())
def test_names_lead_to_what_is_read(spec: dict[str, object]) -> None:
    graph = load_text(yaml.safe_dump(spec, sort_keys=False)).graph
    for node in graph.nodes.values():
        assert tuple(resolve(graph, node.scope, local) for local in node.reads) == node.inputs
    for scope in graph.scopes.values():
        assert tuple(resolve(graph, scope.parent, local) for local in scope.reads) == scope.inputs


@settings(max_examples=examples(100))
@given(specs())
def test_loading_twice_gives_the_same(spec: dict[str, object]) -> None:
    text = yaml.safe_dump(spec, sort_keys=False)
    first, second = load_text(text), load_text(text)
    assert list(first.graph.nodes) == list(second.graph.nodes)
    assert list(first.graph.scopes) == list(second.graph.scopes)
    assert [node.op for node in first.graph.nodes.values()] == [node.op for node in second.graph.nodes.values()]
    assert first.costs == second.costs
