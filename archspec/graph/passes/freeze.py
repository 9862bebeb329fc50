"""Freeze: a parameter of several members learns, or does not, in all of them; and what is frozen has parameters."""

from collections.abc import Iterator

from archspec.diagnostics.diagnostic import Label
from archspec.diagnostics.findings import Findings
from archspec.graph.elaborate.expand import Expanded
from archspec.graph.freezing import owners, said_frozen
from archspec.graph.graph import Graph, Node, Scope
from archspec.graph.walk import head, inside


def check_freezing(expanded: Expanded, findings: Findings) -> Graph:
    """The graph as it is. Linear in nodes, times the nesting of what is frozen.

    A parameter that is frozen in one place and not in another is a mistake, recorded as `frozen-share`; what says
    `freeze` and has no parameters is worth a warning, `nothing-to-freeze`.
    """
    graph = expanded.graph
    frozen = said_frozen(graph)
    for node in graph.nodes.values() if frozen else ():
        for name, id in owners(node):
            owner, still = graph.nodes[id], (node.id in frozen, id in frozen)
            if still == (True, False):
                _report(node, name, owner, node, findings)
            elif still == (False, True) and name:
                _report(node, name, owner, owner, findings)
    for member in _said(graph):
        if not any(_has_parameters(expanded, node) for node in _nodes(graph, member)):
            message = f"{member.name} has no parameters that could be frozen"
            findings.add("nothing-to-freeze", message, head(member.site), help="leave out `freeze`", severity="warning")
    return graph


def _report(node: Node, name: str, owner: Node, frozen: Node, findings: Findings) -> None:
    what = f"{name} of {node.name} is" if name else f"the parameters of {node.name} are"
    message = f"{what} those of {owner.name}, and only {frozen.name} is frozen"
    if name:
        message = f"{what} a parameter of {owner.name}, and only {frozen.name} is frozen"
    other = owner if frozen is node else node
    labels = (Label(head(other.site), "learns"),)
    help = f"freeze {other.name} too, or neither of them"
    findings.add("frozen-share", message, head(frozen.site), labels=labels, help=help)


def _said(graph: Graph) -> Iterator[Node | Scope]:
    yield from (node for node in graph.nodes.values() if node.frozen)
    yield from (scope for scope in graph.scopes.values() if scope.frozen or scope.frozen_inside)


def _nodes(graph: Graph, member: Node | Scope) -> Iterator[Node]:
    if isinstance(member, Node):
        yield member
    else:
        yield from (found for found in inside(graph, member) if isinstance(found, Node))


def _has_parameters(expanded: Expanded, node: Node) -> bool:
    graph, shapes = expanded.graph, expanded.shapes
    xs = (shapes[ref.node][graph.nodes[ref.node].op.ports.index(ref.port)] for ref in node.inputs)
    return bool(node.op.parameters(tuple(xs)))
