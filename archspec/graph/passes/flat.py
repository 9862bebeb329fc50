"""Flat: what is flat is one sequence of modules, which hands nothing on but its value, and so no size."""

from archspec.diagnostics.findings import Findings
from archspec.graph.elaborate.expand import Expanded
from archspec.graph.graph import Graph, Node, Scope, Site
from archspec.graph.walk import ancestors, children, head, inside
from archspec.language.expression.symbolic import is_fact, leaves
from archspec.values.expression import Expr, Name


def check_flat(expanded: Expanded, findings: Findings) -> Graph:
    """The graph as it is. Linear in nodes, times the nesting of graphs.

    An op without a module of its own that reads a size inside of a graph inside of a flat one is a mistake, recorded as
    `size-in-flat`. One right in a flat graph of ops only has a class around it that knows the size. Rounds over lists
    make no sequence, and are recorded as `flat-not-a-chain`.
    """
    graph = expanded.graph
    told: set[Site] = set()
    for scope in graph.scopes.values():
        if (
            scope.definition.rounds
            and scope.site not in told
            and any(graph.scopes[id].definition.flat for id in (*ancestors(graph, scope.parent), ""))
        ):
            told.add(scope.site)
            message = f"{scope.name} makes lists inside of a flat graph, which is one sequence"
            findings.add("flat-not-a-chain", message, head(scope.site), help="leave out `flat: true`, or `lists: true`")
        if not scope.definition.flat or all(isinstance(member, Node) for member in children(graph, scope)):
            continue
        for node in inside(graph, scope):
            if isinstance(node, Node) and node.site not in told and _measures(graph, node):
                told.add(node.site)
                message = f"{node.site.name} reads a size inside of {scope.name}, which is flat and hands none on"
                help = f"leave out `flat: true` of {scope.name}, or have nothing but ops in it"
                findings.add("size-in-flat", message, head(node.site), help=help)
    return graph


def _measures(graph: Graph, node: Node) -> bool:
    """Whether an op reads a size that only a run knows."""
    around = graph.scopes[node.scope]
    return node.op.formed and any(_reads_size(graph, around, expr) for expr in node.site.exprs.values())


def _reads_size(graph: Graph, scope: Scope, expr: Expr) -> bool:
    """Whether what is written in a scope hangs on a size. Recursion over nesting, which is bounded."""
    while scope.id and scope.definition.kind in ("inline", "repeat"):
        scope = graph.scopes[scope.parent]
    return any(
        is_fact(leaf) or (isinstance(leaf, Name) and _given_a_size(graph, scope, leaf.name)) for leaf in leaves(expr)
    )


def _given_a_size(graph: Graph, use: Scope, param: str) -> bool:
    """Whether a use of a block writes a param with a size."""
    written = use.site.exprs.get(param) if use.id else None
    return written is not None and _reads_size(graph, graph.scopes[use.parent], written)
