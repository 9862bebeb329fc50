"""Rows: what counts further than the rows of the table that it is read by fails in torch, and so in `check`.

places: {op: positions, from: tokens}                            counts 2,048
wpe: {op: embedding, num_embeddings: 1024, embedding_dim: 64}    has 1,024 rows

So does what puts values back into a smaller map than the one whose places it is told.
"""

from collections.abc import Callable

from archspec.diagnostics.diagnostic import Label
from archspec.diagnostics.findings import Findings
from archspec.graph.elaborate.expand import Expanded
from archspec.graph.graph import Graph, Node, Ref
from archspec.graph.walk import head
from archspec.ops import Op
from archspec.ops.sizes import by
from archspec.ops.unsaid import Places, beyond
from archspec.values.shape import Shape

PUT_BACK = "read the size from the pooling's input too: from: [values, pool.indices, what the pooling reads]"


def check_rows(expanded: Expanded, findings: Findings) -> Graph:
    """The graph as it is. What is asked for rows that it does not have is a mistake: `too-few-rows`, `smaller-map`.

    Linear in nodes, times what only views lie between.
    """
    graph, shapes = expanded.graph, expanded.shapes

    def shape(ref: Ref) -> Shape:
        return shapes[ref.node][graph.nodes[ref.node].op.ports.index(ref.port)]

    for node in graph.nodes.values():
        found = counted_rows(graph, node.op, node, tuple(map(shape, node.inputs)), shape)
        if found is None:
            continue
        rows, giver, counted = found
        if not beyond(counted, rows):
            continue
        labels = (Label(head(giver.site), "counts"),) if giver.site.span.source == node.site.span.source else ()
        message = put_back(giver, rows, counted)
        if message:
            findings.add("smaller-map", f"{node.name} {message}", head(node.site), labels=labels, help=PUT_BACK)
        elif isinstance(counted, int):
            message = f"{node.name} has {rows:,} rows, and {giver.name} counts to {counted - 1:,}, from 0"
            help = "give the table as many rows, or the network a shorter input"
            findings.add("too-few-rows", message, head(node.site), labels=labels, help=help)
    return graph


def put_back(giver: Node, rows: int | tuple[int, ...], counted: int | Places) -> str:
    """What is wrong where values are put back into too small a map; "" where it is a table."""
    if not isinstance(rows, tuple) or not isinstance(counted, Places):
        return ""
    whole = by(counted.sizes)
    return f"puts values back into a map of {by(rows)}, and {giver.name} counts the places of {whole}"


def counted_rows(
    graph: Graph, op: Op, node: Node, xs: tuple[Shape, ...], shape: Callable[[Ref], Shape]
) -> tuple[int | tuple[int, ...], Node, int | Places] | None:
    """How many rows a table has, what says which are taken, and one more than the last of them; of a map, places.

    None where the op takes no rows, or nobody knows which.

    Args:
        graph: it.
        op: that of the node, at these sizes.
        node: it.
        xs: the shapes of its inputs.
        shape: the shape of any output.
    """
    taken = op.rows(xs)
    if taken is None:
        return None
    input, rows = taken
    giver = graph.nodes[node.inputs[op.input_names.index(input)].node]
    while giver.op.view and giver.inputs:
        giver = graph.nodes[giver.inputs[0].node]
    counted = giver.op.counts_to(tuple(map(shape, giver.inputs)))
    return None if counted is None else (rows, giver, counted)
