"""A softmax of a softmax."""

from collections.abc import Iterator

from archspec.lint.flow import Flow, called
from archspec.lint.rule import Finding, Rule
from archspec.ops.op import Role

_BETWEEN = frozenset({Role.RESHAPE, Role.DROPOUT})


def _find(flow: Flow) -> Iterator[Finding]:
    for node in flow.nodes.values():
        if node.op.weighs(flow.shapes(node)) is None:
            continue
        here = flow.giver(node)
        while here is not None and here.op.role in _BETWEEN:
            here = flow.giver(here)
        if here is not None and here.op.weighs(flow.shapes(here)) is not None:
            message = f"{called(node)} is a softmax of {called(here)}, whose numbers are probabilities already"
            yield Finding(node.id, message, f"leave out {called(node)}", ((here.id, "gives probabilities"),))


RULE = Rule(
    name="softmax-twice",
    summary="a softmax of what a softmax gives",
    reason="""
    The numbers of a softmax lie between 0 and 1. A softmax of these is almost even whatever they are: of 1 and 0 it
    makes 0.73 and 0.27, and little gradient is left.
    """,
    source="arithmetic: e / (e + 1) = 0.73 is the largest share that two classes can get",
    bad="""
    archspec: 1
    inputs: {features: [32]}
    graph:
      head: {op: linear, out_features: 10}
      probabilities: {op: softmax, dim: 1}
      again: {op: softmax, dim: 1}
    """,
    good="""
    archspec: 1
    inputs: {features: [32]}
    graph:
      head: {op: linear, out_features: 10}
      probabilities: {op: softmax, dim: 1}
    """,
    find=_find,
)
