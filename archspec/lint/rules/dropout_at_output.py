"""Dropout behind the last layer."""

from collections.abc import Iterator

from archspec.lint.flow import Flow, called
from archspec.lint.rule import Finding, Rule
from archspec.ops.op import Role

_NOTHING_LEARNED = frozenset({Role.ACTIVATION, Role.RESHAPE, Role.DROPOUT})


def _find(flow: Flow) -> Iterator[Finding]:
    for node in flow.nodes.values():
        rate = node.op.acting.get("p")
        if node.op.role is not Role.DROPOUT or not isinstance(rate, float) or not rate:
            continue
        giver = flow.giver(node)
        while giver is not None and giver.op.role in _NOTHING_LEARNED:
            giver = flow.giver(giver)
        end = node
        for there in flow.onward(node):
            if there.op.role not in _NOTHING_LEARNED:
                break
            end = there
        if end.id in flow.outputs and giver is not None and giver.op.role is Role.LINEAR:
            message = f"{called(node)} sets {rate:.0%} of an output to 0 in training"
            yield Finding(
                node.id, message, f"move {called(node)} before {called(giver)}", ((giver.id, "gives the output"),)
            )


RULE = Rule(
    name="dropout-at-output",
    summary="dropout stands behind the last layer",
    reason="""
    Dropout hides features from the layer that reads them. Behind the last layer nothing reads them but the loss,
    which sees scores of 0 where the network said something else.
    """,
    source="Srivastava et al., Dropout (2014), section 4: units of the input and of hidden layers are dropped",
    bad="""
    archspec: 1
    inputs: {features: [32]}
    graph:
      head: {op: linear, out_features: 10}
      drop: {op: dropout, p: 0.5}
    """,
    good="""
    archspec: 1
    inputs: {features: [32]}
    graph:
      drop: {op: dropout, p: 0.5}
      head: {op: linear, out_features: 10}
    """,
    find=_find,
)
