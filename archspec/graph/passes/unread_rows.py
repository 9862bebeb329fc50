"""Unread rows: elements at the end of a map that no window reaches, since its step does not come out even.

pool: {op: max_pool2d, kernel_size: 2}        of 7 rows, 3 windows read 6

What an op before it put there as padding is no loss.
"""

from archspec.diagnostics.diagnostic import Label
from archspec.diagnostics.findings import Findings
from archspec.graph.graph import Node
from archspec.graph.network import Network
from archspec.graph.walk import head
from archspec.ops.sizes import plural

NOUNS = {1: ("element",), 2: ("row", "column"), 3: ("plane", "row", "column")}


def warn_unread_rows(network: Network, findings: Findings) -> None:
    """Records a warning for each place that loses some at the declared sizes, once where it is written.

    Linear in the nodes.
    """
    for node in network.graph.nodes.values():
        lost = node.op.unread(network.input_shapes(node), network.shapes[node.id])
        if any(lost):
            behind = network.graph.nodes[node.inputs[0].node].op.put_behind()
            put = (*behind, *[0] * len(lost))[: len(lost)][::-1]
            real = tuple(max(count - added, 0) for count, added in zip(lost, put, strict=True))
            if any(real):
                _warn(network, node, real, findings)


def _warn(network: Network, node: Node, lost: tuple[int, ...], findings: Findings) -> None:
    x = network.input_shapes(node)[0]
    nouns = NOUNS.get(len(lost), ("element",) * len(lost))
    told = [plural(count, noun) for count, noun in zip(lost, nouns, strict=True) if count]
    giver = network.graph.nodes[node.inputs[0].node]
    findings.add(
        "unread-rows",
        f"no window of {node.op.name if node.name.isdigit() else node.name} reads the last {' and '.join(told)} of {x}",
        head(node.site),
        severity="warning",
        labels=(Label(head(giver.site), str(x)),) if giver.site.span.source == node.site.span.source else (),
        notes=(f"in {node.id.replace('/', '.')}",) if node.scope else (),
        help="declare a size whose steps come out even (`archspec sizes` tells which fit), or pad before it",
    )
