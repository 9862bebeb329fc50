"""Linear layers one behind the other with nothing between that is not linear."""

from collections.abc import Iterator

from archspec.graph.graph import Node
from archspec.lint.flow import Flow, called, transposed
from archspec.lint.rule import Finding, Rule
from archspec.ops.op import Role

_LINEAR = frozenset({Role.DROPOUT, Role.RESHAPE})


def _find(flow: Flow) -> Iterator[Finding]:
    for node in flow.nodes.values():
        sizes = _dense(flow, node)
        if sizes is None:
            continue
        for there in flow.onward(node):
            if (then := _dense(flow, there)) is not None and sizes[1] == then[0] and node.op.role is there.op.role:
                if sizes[1] >= min(sizes[0], then[1]):
                    message = (
                        f"{called(there)} follows {called(node)} with no activation between: both are one linear layer"
                    )
                    yield Finding(there.id, message, "put an activation between them", ((node.id, "is linear"),))
                break
            if there.op.role not in _LINEAR:
                break


def _dense(flow: Flow, node: Node) -> tuple[int, int] | None:
    """The channels that a layer reads and gives, where it mixes all of them at each place; None of all else."""
    weight = flow.weight(node)
    if weight is None or len(weight) < 2 or transposed(node) or node.op.acting.get("groups", 1) != 1:
        return None
    return (weight[1], weight[0]) if all(size == 1 for size in weight[2:]) else None


RULE = Rule(
    name="missing-activation",
    summary="linear layers follow each other with no activation between",
    reason="""
    Two linear layers with nothing between are one linear layer: the product of their matrices does the same with
    fewer parameters. Where the layer between is narrower than both sides they are a matrix of low rank, which can be
    meant, and the rule says nothing.
    """,
    source="arithmetic: A (B x) = (A B) x; NeuraLint's rule MissingRelus (Nikanjam et al., 2021)",
    bad="""
    archspec: 1
    inputs: {features: [32]}
    graph:
      one: {op: linear, out_features: 64}
      two: {op: linear, out_features: 16}
    """,
    good="""
    archspec: 1
    inputs: {features: [32]}
    graph:
      one: {op: linear, out_features: 64}
      act: relu
      two: {op: linear, out_features: 16}
    """,
    find=_find,
)
