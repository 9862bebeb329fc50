"""What no output needs is left out, and what one use of a block needs stays in all of them."""

from archspec.graph.graph import Local
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


def test_an_output_that_one_use_needs_stays_in_all() -> None:
    net = network(f"{TWO}\ngraph: {{p: {{block: two}}, q: {{block: two}}, sum: {{op: add, from: [p.b, q]}}}}")
    assert net.graph.scopes["q"].members == ("a", "b")
    assert net.warnings == ()


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
