"""A softmax before what a loss takes as logits."""

from collections.abc import Iterator

from archspec.graph.graph import Node
from archspec.lint.flow import Flow, called
from archspec.lint.rule import Finding, Rule
from archspec.ops.op import Role


def _find(flow: Flow) -> Iterator[Finding]:
    graph = flow.network.graph
    wanted = {named.name for named in graph.scopes[""].definition.told.logits}
    for output in graph.outputs:
        given = flow.nodes[output.ref.node]
        end = _squashed(flow, given) if output.name in wanted else None
        if end is not None:
            message = f"{called(end)} squashes {output.name}, which the loss takes as logits and squashes itself"
            help = f"leave out {called(end)}; where inference wants probabilities, give them as another output"
            yield Finding(end.id, message, help)


def _squashed(flow: Flow, node: Node) -> Node | None:
    """The last op before an output that squashes numbers, behind nothing but changes of form; None for none."""
    for here in flow.back(node):
        if here.op.role is Role.ACTIVATION:
            return here
        if here.op.role is not Role.RESHAPE:
            return None
    return None


RULE = Rule(
    name="softmax-before-logits",
    summary="an activation stands before an output that a loss takes as logits",
    reason="""
    `F.cross_entropy` and `F.binary_cross_entropy_with_logits` take logits and squash them themselves, in a way that
    stays exact for large numbers. Behind a softmax of the network's own they squash twice: the largest probability
    that the loss can see is that of logits of 0 and 1, and the gradient nearly vanishes. The rule looks at the
    outputs that the spec names in `lint: {logits: [...]}`.
    """,
    source="Goodfellow, Bengio & Courville, Deep learning (2016), section 6.2.2.3; PyTorch's documentation "
    "of CrossEntropyLoss",
    bad="""
    archspec: 1
    inputs: {features: [32]}
    lint: {logits: [scores]}
    graph:
      head: {op: linear, out_features: 10}
      scores: {op: softmax, dim: 1}
    """,
    good="""
    archspec: 1
    inputs: {features: [32]}
    lint: {logits: [scores]}
    graph:
      scores: {op: linear, out_features: 10}
    """,
    find=_find,
)
