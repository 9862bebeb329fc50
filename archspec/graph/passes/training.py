"""Training: tells what runs only in training from what every output needs.

always    what the outputs need that inference has
training  `when: training`, and what only such parts or such outputs need
"""

from dataclasses import replace

from archspec.diagnostics.findings import Findings
from archspec.graph.assemble import assemble
from archspec.graph.elaborate.expand import Expanded
from archspec.graph.graph import Graph, head
from archspec.graph.passes.reach import reach
from archspec.graph.walk import ancestors


def mark_training(expanded: Expanded, findings: Findings) -> Graph:
    """The graph with `train_only` set on every node, scope and output that inference does without.

    A node that inference needs and that reads a train-only value is a mistake, recorded as `train-only-value`.
    """
    graph = expanded.graph
    marked = {id for id, node in graph.nodes.items() if node.train_only}
    if not marked and not any(output.train_only for output in graph.outputs):
        return graph
    outputs = tuple(replace(o, train_only=o.train_only or o.ref.node in marked) for o in graph.outputs)
    always = reach(graph, [o.ref.node for o in outputs if not o.train_only])
    for id in always & marked:
        _report(graph, id, always, findings)
    training = reach(graph, [o.ref.node for o in outputs if o.train_only]) | marked
    only = training - always
    nodes = {
        id: replace(node, train_only=id in only) if node.train_only != (id in only) else node
        for id, node in graph.nodes.items()
    }
    scopes = dict(graph.scopes)
    mixed = {""}
    for node in nodes.values():
        if node.train_only:
            continue
        for scope in ancestors(graph, node.scope):
            if scope in mixed:
                break
            mixed.add(scope)
    for id, scope_ in scopes.items():
        if scope_.train_only != (id not in mixed):
            scopes[id] = replace(scope_, train_only=id not in mixed)
    return assemble(nodes, scopes, graph.inputs, outputs)


def _report(graph: Graph, id: str, always: set[str], findings: Findings) -> None:
    """Reports the readers that inference needs of a train-only node."""
    for reader in graph.readers[id]:
        node = graph.nodes[reader]
        if reader in always and not node.train_only:
            findings.add(
                "train-only-value",
                f"{node.name} reads {graph.nodes[id].name}, which runs only in training",
                head(node.site),
                help="mark it `when: training` too, or read something else",
            )
