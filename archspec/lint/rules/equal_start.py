"""Weights that all start as one number."""

from collections.abc import Iterator

from archspec.graph.starts import start
from archspec.lint.flow import Flow, called
from archspec.lint.rule import Finding, Rule


def _find(flow: Flow) -> Iterator[Finding]:
    for node in flow.nodes.values():
        weight = flow.weight(node)
        if weight is None or len(weight) < 2 or weight[0] == 1 or node.op.depthwise(flow.shapes(node)):
            continue
        said = start(flow.network.graph.scopes, node, "weight")
        if said is not None and said.value.same:
            message = f"all weights of {called(node)} start as {said.value.same:g}: its {weight[0]} outputs are one"
            yield Finding(node.id, message, "init: {weight: kaiming_normal}, or no init of the weight")


RULE = Rule(
    name="equal-start",
    summary="all weights of a layer start as one number that is not 0",
    reason="""
    Where all weights are equal, all outputs of a layer are equal too: a hundred channels start as one, and what sets
    them apart is only what later layers make of them. Random numbers start them apart. Zeros are another matter: at
    the end of a residual branch, or as a head, they are meant.
    """,
    source="Goodfellow, Bengio & Courville, Deep learning (2016), section 8.4; NeuraLint's rule ConstantInit",
    bad="""
    archspec: 1
    inputs: {features: [32]}
    graph:
      hidden: {op: linear, out_features: 64, init: {weight: ones}}
      act: relu
      head: {op: linear, out_features: 10}
    """,
    good="""
    archspec: 1
    inputs: {features: [32]}
    graph:
      hidden: {op: linear, out_features: 64, init: {weight: kaiming_normal}}
      act: relu
      head: {op: linear, out_features: 10}
    """,
    find=_find,
    of_starts=True,
)
