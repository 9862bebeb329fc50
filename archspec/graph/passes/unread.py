"""Unread: inputs that nothing reads, and values that a part of a repeat gives and the next does not take.

cells: {block: cell, repeat: 3}    cell has `inputs: [x]` and `outputs: [y, state]`: two of the three states go nowhere
"""

from collections.abc import Collection, Iterator

from archspec.diagnostics.diagnostic import Span
from archspec.diagnostics.findings import Findings
from archspec.graph.graph import Definition, Graph, Local, Scope, child_id
from archspec.graph.passes.needed import Needed
from archspec.graph.walk import children, head

_HELP = "leave it out, or read it"


def warn_unread(graph: Graph, found: Needed, quiet: Collection[str], findings: Findings) -> None:
    """Records a warning for each, once where it is written; none inside the scopes that are `quiet`.

    Linear in the graph.
    """
    for place, message in _unread(graph, found, quiet):
        findings.add("unused-node", message, place, severity="warning", help=_HELP)


def _unread(graph: Graph, found: Needed, quiet: Collection[str]) -> Iterator[tuple[Span, str]]:
    root = graph.scopes[""]
    for name in graph.inputs:
        if ("", Local(name)) not in found.names and not _read_elsewhere(graph, root, name):
            yield head(graph.nodes[name].site), f"no output needs the input {name}"
    uses: dict[Definition, list[Scope]] = {}
    for id, scope in graph.scopes.items():
        if id and id in found.ids and id not in quiet:
            if scope.definition.kind == "block":
                uses.setdefault(scope.definition, []).append(scope)
            elif scope.definition.kind == "repeat":
                yield from _dropped(graph, found, scope)
    for definition, scopes in uses.items():
        for name in definition.inputs:
            needed = any(
                (scope.id, Local(name)) in found.names or _read_elsewhere(graph, scope, name) for scope in scopes
            )
            if not needed:
                yield definition.span, f"no output needs the input {name} of {definition.name}"


def _read_elsewhere(graph: Graph, scope: Scope, name: str) -> bool:
    """Whether a member reads an input that is left out here, or that no output needs, which is said of that member."""
    reads = [*scope.absent.values(), *children(graph, scope)]
    return any(local.member == name for member in reads for local in member.reads)


def _dropped(graph: Graph, found: Needed, repeat: Scope) -> Iterator[tuple[Span, str]]:
    """Outputs of the parts of a repeat that have no input of the next part to go to, and are read by nothing else."""
    for name in repeat.members[:-1]:
        part = graph.scopes.get(child_id(repeat.id, name))
        ports = [port for port in part.outputs if "." not in port][1:] if part is not None else []
        lost = [port for port in ports if (repeat.id, Local(name, port)) not in found.names]
        if lost:
            yield (
                head(repeat.site),
                f"the parts of {repeat.name} give {', '.join(lost)}, which the next part does not take",
            )
            return
