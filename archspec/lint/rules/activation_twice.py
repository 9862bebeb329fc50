"""One activation behind another of the same kind."""

from collections.abc import Iterator

from archspec.lint.flow import Flow, called
from archspec.lint.rule import Finding, Rule
from archspec.ops.op import Role

_BETWEEN = frozenset({Role.RESHAPE, Role.DROPOUT})


def _find(flow: Flow) -> Iterator[Finding]:
    for node in flow.nodes.values():
        if node.op.role is not Role.ACTIVATION or node.op.weighs(flow.shapes(node)) is not None:
            continue
        here = flow.giver(node)
        while here is not None and here.op.role in _BETWEEN:
            here = flow.giver(here)
        if here is not None and here.op == node.op and node.id not in flow.shared:
            message = f"{called(node)} does to the numbers of {called(here)} what {called(here)} did already"
            yield Finding(node.id, message, f"leave out {called(node)}", ((here.id, "the same activation"),))


RULE = Rule(
    name="activation-twice",
    summary="an activation follows the same one",
    reason="""
    A ReLU of a ReLU changes nothing, and other activations bend the numbers twice, which is seldom meant: a layer
    between them is missing, or one of them is left over.
    """,
    source="arithmetic: relu(relu(x)) = relu(x); NeuraLint's rule DoubleActivation (Nikanjam et al., 2021)",
    bad="""
    archspec: 1
    inputs: {image: [16, 32, 32]}
    graph:
      conv: {op: conv2d, out_channels: 16, kernel_size: 3}
      act: relu
      again: relu
    """,
    good="""
    archspec: 1
    inputs: {image: [16, 32, 32]}
    graph:
      conv: {op: conv2d, out_channels: 16, kernel_size: 3}
      act: relu
    """,
    find=_find,
)
