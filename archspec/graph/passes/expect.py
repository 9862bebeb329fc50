"""Expect: the facts that a spec states, held against what was computed.

Measures of the whole network leave train-only parts out, which `train_only_params` counts; those of a block are of
everything inside.
"""

from collections.abc import Iterable, Mapping

from archspec.diagnostics.findings import Findings
from archspec.graph.graph import Ref
from archspec.graph.measured import ops_in, value
from archspec.graph.network import Network
from archspec.graph.walk import asked, default_output
from archspec.language.spec import SHAPE, Fact
from archspec.measures.known import measures
from archspec.registry import nearest
from archspec.values.expression import Value


def expect(network: Network, facts: Iterable[Fact], findings: Findings) -> None:
    """Records every fact that does not hold, with what was found instead."""
    facts = tuple(facts)
    inside = ops_in(network, {asked(network.graph, fact.path) for fact in facts if fact.of == "block"})
    for fact in facts:
        if fact.of == "output":
            _expect_output(network, fact, findings)
        elif fact.of == "block":
            _expect_block(network, fact, inside, findings)
        else:
            measure, nodes = measures()[fact.figure], network.graph.nodes
            ids = (id for id, node in nodes.items() if node.train_only is measure.training)
            found = value(network, measure, ids)
            if found != fact.value:
                _fail(network, fact, fact.figure, str(found), findings)


def _expect_output(network: Network, fact: Fact, findings: Findings) -> None:
    outputs = {output.name: output.ref for output in network.graph.outputs}
    if fact.path not in outputs and (fact.path or not outputs):
        _unknown(fact, fact.path, outputs, "output", findings)
        return
    ref = outputs[fact.path] if fact.path else next(iter(outputs.values()))
    dims = network.shape(ref).dims
    if dims != fact.value:
        _fail(network, fact, f"output {fact.path}".strip(), _list(dims), findings)


def _expect_block(network: Network, fact: Fact, inside: Mapping[str, list[str]], findings: Findings) -> None:
    graph = network.graph
    path = asked(graph, fact.path)
    if path not in graph.nodes and path not in graph.scopes:
        _unknown(fact, path, (*graph.scopes, *graph.nodes), "block", findings)
        return
    if fact.figure != SHAPE:
        found = value(network, measures()[fact.figure], inside[path])
        if found != fact.value:
            _fail(network, fact, f"{fact.figure} of {path}", str(found), findings)
        return
    scope = graph.scopes.get(path)
    ref = Ref(path) if scope is None else default_output(graph, scope)
    dims = network.shape(ref).dims
    if dims != fact.value:
        _fail(network, fact, f"shape of {path}", _list(dims), findings)


def _fail(network: Network, fact: Fact, what: str, found: str, findings: Findings) -> None:
    variant = f" of {network.variant}" if network.variant else ""
    written = _list(fact.value) if isinstance(fact.value, tuple) else str(fact.value)
    what = what.replace("/", ".")
    findings.add(
        "expect-failed",
        f"{what}{variant} is {found}, not {written}",
        fact.span,
        pointed=f"found {found}",
        notes=_difference(fact, found),
    )


def _difference(fact: Fact, found: str) -> tuple[str, ...]:
    if not isinstance(fact.value, int) or not found.isdigit():
        return ()
    difference = int(found) - fact.value
    return (f"the network has {abs(difference):,} {'more' if difference > 0 else 'less'} than expected",)


def _unknown(fact: Fact, name: str, known: Iterable[str], kind: str, findings: Findings) -> None:
    near = nearest(name, known)
    help = f"did you mean {near.replace('/', '.')}?" if near else ""
    findings.add("unknown-reference", f"there is no {kind} {name.replace('/', '.')}".rstrip(), fact.span, help=help)


def _list(dims: Value) -> str:
    return f"[{', '.join(map(str, dims))}]" if isinstance(dims, tuple) else str(dims)
