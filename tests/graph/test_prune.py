"""What no output needs is left out: in every use of a block, through its inputs, and of its outputs."""

import pytest
import yaml
from hypothesis import given, settings

from archspec.design import Design
from archspec.graph.graph import Graph, Local
from archspec.graph.network import Network
from archspec.graph.passes.needed import needed
from archspec.pipeline import load_text
from tests.code.drawn_specs import specs
from tests.examples import examples
from tests.gallery.networks import network as known_network
from tests.gallery.networks import representatives, sampled
from tests.graph.specs import network

TWO = """
blocks:
  two:
    graph: {a: {op: conv2d, out_channels: 3, kernel_size: 1}, b: {op: conv2d, from: x, out_channels: 3, kernel_size: 1}}
    outputs: [a, b]
"""


def test_a_member_that_nothing_reads_goes_with_a_warning() -> None:
    net = network("graph: {a: relu, b: relu, c: {op: relu, from: a}}")
    assert list(net.graph.nodes) == ["image", "a", "c"]
    assert net.graph.scopes[""].order == ("a", "c")
    assert [(warning.code, warning.span.line) for warning in net.warnings] == [("unused-node", 4)]


def test_each_use_of_a_block_has_what_is_needed_of_it() -> None:
    uses = "p: {block: two}, q: {block: two, from: image}"
    net = network(f"{TWO}\ngraph: {{{uses}, sum: {{op: add, from: [p.b, q]}}}}")
    scopes = net.graph.scopes
    assert (scopes["p"].members, dict(scopes["p"].outputs)) == (("b",), {"b": Local("b")})
    assert (scopes["q"].members, dict(scopes["q"].outputs)) == (("a",), {"a": Local("a")})
    assert scopes["p"].definition is not scopes["q"].definition
    assert net.warnings == ()  # each is needed in one use


def test_a_use_that_nothing_reads_goes_although_others_stay() -> None:
    net = network(f"{TWO}\ngraph: {{p: {{block: two}}, q: {{block: two}}, sum: {{op: add, from: [p, p.b]}}}}")
    assert "q" not in net.graph.scopes
    assert [warning.message for warning in net.warnings] == ["no output needs q"]


def test_a_use_that_chooses_its_outputs_has_a_definition_of_its_own() -> None:
    text = f"{TWO}\ngraph: {{p: {{block: two}}, q: {{block: two, outputs: [b]}}, sum: {{op: add, from: [p, p.b, q]}}}}"
    net = network(text)
    assert net.graph.scopes["q"].members == ("b",)
    assert dict(net.graph.scopes["q"].outputs) == {"b": Local("b")}
    assert net.graph.scopes["q"].definition is not net.graph.scopes["p"].definition
    assert net.warnings == ()


def test_uses_that_choose_alike_have_one_definition() -> None:
    text = f"{TWO}\ngraph: {{q: {{block: two, outputs: [b], repeat: 2}}}}"
    net = network(text)
    assert net.graph.scopes["q/0"].definition is net.graph.scopes["q/1"].definition


def test_a_scope_that_hands_on_what_it_reads_stays() -> None:
    net = network("graph: {a: relu, b: {graph: {c: {op: relu, when: false}}}, d: relu}")
    assert net.graph.nodes["d"].inputs[0].node == "a"
    assert "b" in net.graph.scopes


def test_a_used_spec_keeps_what_is_asked_of_it() -> None:
    net = network("use: {resnet: resnet}\ngraph: {body: {block: resnet, variant: resnet50, outputs: [layer3]}}")
    assert net.graph.scopes["body"].members[-1] == "layer3"
    assert net.warnings == ()


PAIR = """
blocks:
  pair:
    inputs: [a, b]
    graph:
      fa: {op: conv2d, from: a, out_channels: 4, kernel_size: 1}
      fb: {op: conv2d, from: b, out_channels: 4, kernel_size: 1}
    outputs: {fa: fa, fb: fb, passed: a}
"""


def params(net: Network) -> int:
    return sum(cost.params for cost in net.costs.values())


def warned(net: Network) -> list[str]:
    return [warning.message for warning in net.warnings]


@pytest.mark.parametrize("read", ["{block: pair, from: [a, b], outputs: [fb]}", "{block: pair, from: [a, b]}"])
def test_what_only_a_dead_input_of_a_block_reads_goes(read: str) -> None:
    net = network(
        f"""{PAIR}
graph:
  a: {{op: conv2d, out_channels: 4, kernel_size: 1}}
  b: {{op: conv2d, from: image, out_channels: 4, kernel_size: 1}}
  pair: {read}
outputs: {{y: pair.fb}}
"""
    )
    pair = net.graph.scopes["pair"]
    assert list(net.graph.nodes) == ["image", "b", "pair/fb"]
    assert (pair.definition.inputs, pair.reads) == (("b",), (Local("b"),))
    assert dict(pair.outputs) == {"fb": Local("fb")}
    assert params(net) == 36
    assert warned(net)[0] == ("no output needs fa" if "outputs" not in read else "no output needs a")
    assert warned(net)[-1] == "no output needs a"


def test_an_input_that_only_passes_through_is_live() -> None:
    net = network(f"{PAIR}\ngraph: {{p: {{block: pair, from: [image, image]}}, r: {{op: relu, from: p.passed}}}}")
    assert net.graph.scopes["p"].definition.inputs == ("a",)
    assert net.graph.scopes["p"].members == ()
    assert list(net.graph.nodes) == ["image", "r"]


def test_liveness_goes_through_nested_blocks() -> None:
    net = network(
        f"""{PAIR}
  outer:
    inputs: [c, d]
    graph: {{inner: {{block: pair, from: [c, d]}}}}
    outputs: {{first: inner.fa, second: inner.fb}}
graph:
  dead: {{op: conv2d, from: image, out_channels: 4, kernel_size: 1}}
  o: {{block: outer, from: [dead, image]}}
outputs: {{y: o.second}}
"""
    )
    assert list(net.graph.nodes) == ["image", "o/inner/fb"]
    assert net.graph.scopes["o"].definition.inputs == ("d",)
    assert net.graph.scopes["o/inner"].definition.inputs == ("b",)


CELL = """
blocks:
  cell:
    inputs: [h]
    graph:
      a: {op: conv2d, from: h, out_channels: 3, kernel_size: 1}
      s: {op: conv2d, from: h, out_channels: 3, kernel_size: 1}
      b: {op: add, from: [h, s]}
    outputs: [a, b]
"""


def test_parts_of_a_repeat_differ_where_the_outputs_of_the_last_do() -> None:
    net = network(f"{CELL}\ngraph: {{c: {{block: cell, repeat: 3}}}}\noutputs: {{y: c.b}}")
    assert [net.graph.scopes[f"c/{i}"].members for i in range(3)] == [("a",), ("a",), ("s", "b")]
    assert [net.graph.scopes[f"c/{i}"].definition.inputs for i in range(3)] == [("h",), ("h",), ("h",)]
    assert net.graph.scopes["c/0"].definition is net.graph.scopes["c/1"].definition
    assert "self.c = nn.Sequential(*(Cell() for _ in range(2)), LastCell())" in Design(net).source()


def test_parts_of_a_repeat_that_go_are_named() -> None:
    net = network("graph: {c: {repeat: 4, graph: [relu]}}\noutputs: {y: c.1}")
    assert net.graph.scopes["c"].members == ("0", "1")
    assert warned(net) == ["no output needs 2 of the 4 parts of c"]


TOWERS = """
blocks:
  tower:
    graph:
      a: {op: conv2d, out_channels: 3, kernel_size: 1}
      b: {op: conv2d, from: x, out_channels: 3, kernel_size: 1}
      c: {op: conv2d, from: x, out_channels: 3, kernel_size: 1}
    outputs: [a, b, c]
"""


def test_uses_that_share_hold_what_one_of_them_needs() -> None:
    net = network(
        f"""{TOWERS}
graph: {{one: {{block: tower}}, two: {{block: tower, from: image, share: one}}, sum: {{op: add, from: [one.a, two.b]}}}}
"""
    )
    assert net.graph.scopes["one"].members == net.graph.scopes["two"].members == ("a", "b")
    assert net.graph.scopes["one"].definition is net.graph.scopes["two"].definition
    assert net.graph.nodes["two/a"].share == "one/a"
    assert params(net) == 24


def test_a_use_that_no_output_needs_hands_its_parameters_to_the_next() -> None:
    net = network(
        f"""{TOWERS}
graph:
  one: {{block: tower}}
  two: {{block: tower, from: image, share: one}}
  three: {{block: tower, from: image, share: one}}
  lone: {{op: conv2d, from: image, out_channels: 3, kernel_size: 1}}
  pair: {{op: conv2d, from: two.a, out_channels: 3, kernel_size: 1, share: lone}}
  sum: {{op: add, from: [pair, three.a]}}
"""
    )
    graph = net.graph
    assert [id for id in graph.scopes if id] == ["two", "three"]
    assert [graph.scopes[id].share for id in ("two", "three")] == ["", "two"]
    assert [graph.nodes[id].share for id in ("two/a", "pair", "three/a")] == ["", "", "two/a"]
    assert params(net) == 24
    assert warned(net) == ["no output needs b", "no output needs c", "no output needs one", "no output needs lone"]


def test_what_only_a_dead_input_needs_may_run_in_training_only() -> None:
    net = network(
        """
blocks:
  pick: {inputs: [a, b], graph: {r: {op: relu, from: a}}}
graph:
  stem: relu
  aux: {op: conv2d, out_channels: 2, kernel_size: 1, when: training}
  head: flatten
  out: {block: pick, from: [stem, head]}
"""
    )
    assert list(net.graph.nodes) == ["image", "stem", "out/r"]
    assert warned(net) == ["no output needs the input b of pick", "no output needs aux", "no output needs head"]


def dead(graph: Graph) -> set[str]:
    """What is in a graph and no output needs: nodes, scopes, and inputs of scopes."""
    found = needed(graph)
    unread = {id for id, scope in graph.scopes.items() if found.takes(graph, id) != scope.definition.inputs}
    return ({*graph.nodes, *graph.scopes} - found.ids) | unread


@settings(max_examples=examples(100))
@given(specs())
def test_no_drawn_network_has_what_no_output_needs(spec: dict[str, object]) -> None:
    assert dead(load_text(yaml.safe_dump(spec, sort_keys=False)).graph) == set()


@pytest.mark.parametrize("spec", sampled(representatives()))
def test_no_known_network_has_what_no_output_needs(spec: str) -> None:
    net = known_network(spec)
    assert dead(net.graph) == set()
    assert [warning for warning in net.warnings if warning.code == "unused-node"] == []
