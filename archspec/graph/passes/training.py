"""Training: tells what runs only in training from what every output needs.

always    what the outputs need that inference has
training  `when: training`, and what only such parts or such outputs need
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from archspec.diagnostics.findings import Findings
from archspec.graph.assemble import assemble
from archspec.graph.elaborate.expand import Expanded
from archspec.graph.graph import Graph, Local, Node, Output, Scope
from archspec.graph.passes.reach import reach
from archspec.graph.walk import ancestors, head, through


def mark_training(expanded: Expanded, findings: Findings) -> Graph:
    """The graph with `train_only` set on every node, scope and output that inference does without. Linear.

    A node that inference needs and that reads a train-only value is a mistake, recorded as `train-only-value`; so is a
    network that gives nothing in inference, recorded as `train-only-outputs`.
    """
    graph = expanded.graph
    marked = {id for id, node in graph.nodes.items() if node.train_only}
    asked = any(o.train_only for o in graph.outputs) or any(scope.train_only for scope in graph.scopes.values())
    if not marked and not asked:
        return graph
    given = graph.scopes[""].outputs
    outputs = tuple(replace(o, train_only=o.train_only or _marked(graph, "", given[o.name])) for o in graph.outputs)
    if all(output.train_only for output in outputs):
        _report_outputs(outputs, findings)
    always = _in_shared(graph, reach(graph, [o.ref.node for o in outputs if not o.train_only]), marked)
    for id in always - marked:
        _report(graph.nodes[id], graph, findings)
    added = reach(graph, [*(o.ref.node for o in outputs if o.train_only), *marked])
    only = _in_shared(graph, always | added, frozenset()) - always
    nodes = {
        id: replace(node, train_only=id in only) if node.train_only != (id in only) else node
        for id, node in graph.nodes.items()
    }
    mixed = _mixed(graph, nodes, [given[output.name] for output in outputs if not output.train_only])
    scopes = {
        id: replace(scope, train_only=id not in mixed) if scope.train_only != (id not in mixed) else scope
        for id, scope in graph.scopes.items()
    }
    return assemble(nodes, scopes, graph.inputs, outputs)


def _in_shared(graph: Graph, always: set[str], marked: AbstractSet[str]) -> set[str]:
    """`always`, and what else runs then: a shared module is one, so its uses in inference run what one of them needs.

    Linear in the nodes and in the uses of each.
    """
    modules = {scope.share for scope in graph.scopes.values() if scope.share}
    found, new = set(always), set(always) if modules else set()
    runs: dict[str, set[str]] = {module: set() for module in modules}  # the uses that inference has
    inside: dict[str, set[str]] = {module: set() for module in modules}  # the nodes that it runs there
    while new:
        twins: set[str] = set()
        for id in new:
            for use in ancestors(graph, graph.nodes[id].scope):
                module = graph.scopes[use].share or use
                if module not in modules:
                    continue
                if use not in runs[module]:
                    runs[module].add(use)
                    twins.update(use + twin for twin in inside[module])
                if (name := id.removeprefix(use)) not in inside[module]:
                    inside[module].add(name)
                    twins.update(other + name for other in runs[module])
        new = reach(graph, [id for id in twins - found if id in graph.nodes and id not in marked]) - found
        found |= new
    return found


def _mixed(graph: Graph, nodes: Mapping[str, Node], outputs: Iterable[Local]) -> set[str]:
    """The scopes that inference has: with a node in them that it runs, or handing on to it what they read."""
    mixed = {""}
    always = [node for node in nodes.values() if not node.train_only]
    read = [(node.scope, local) for node in always for local in node.reads] + [("", local) for local in outputs]
    passed = (
        member.id for scope, local in read for member in through(graph, scope, local) if isinstance(member, Scope)
    )
    for id in (*(node.scope for node in always), *passed):
        for scope in ancestors(graph, id):
            if scope in mixed:
                break
            mixed.add(scope)
    return mixed


def _marked(graph: Graph, scope: str, local: Local) -> bool:
    """Whether a name stands for what is marked: a node, or what a marked scope hands on."""
    return any(member.train_only for member in through(graph, scope, local))


def _report(node: Node, graph: Graph, findings: Findings) -> None:
    """Reports a node that inference needs, where it reads what runs only in training."""
    for local in node.reads:
        only = next((member for member in through(graph, node.scope, local) if member.train_only), None)
        if only is not None:
            findings.add(
                "train-only-value",
                f"{node.name} reads {only.name}, which runs only in training",
                head(node.site),
                help="mark it `when: training` too, or read something else",
            )


def _report_outputs(outputs: tuple[Output, ...], findings: Findings) -> None:
    """Reports a network that gives nothing in inference, once: at its first output."""
    first = outputs[0]
    named = f"the only output, {first.name}, runs" if len(outputs) == 1 else f"all {len(outputs)} outputs run"
    findings.add(
        "train-only-outputs",
        f"inference gives nothing: {named} only in training",
        first.span,
        help="leave out `when: training`, or give another output that inference has: outputs: {main: ..., aux: ...}",
    )
