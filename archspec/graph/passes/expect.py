"""Expect: the facts that a spec states, held against what was computed.

`params`, `macs` and `buffers` of the whole network leave train-only parts out, which `train_only_params` counts; those
of a block are the sum of everything inside.
"""

from collections.abc import Iterable

from archspec.diagnostics.findings import Findings
from archspec.graph.graph import Ref
from archspec.graph.network import Network
from archspec.graph.walk import ancestors, default_output
from archspec.language.spec import Fact
from archspec.registry import nearest
from archspec.values.cost import Cost
from archspec.values.expression import Value


def expect(network: Network, facts: Iterable[Fact], findings: Findings) -> None:
    """Records every fact that does not hold, with what was found instead."""
    facts = tuple(facts)
    inside = _costs_of_blocks(network, {fact.path for fact in facts if fact.key.startswith("block ")})
    for fact in facts:
        if fact.key == "output":
            _expect_output(network, fact, findings)
        elif fact.key.startswith("block "):
            _expect_block(network, fact, inside, findings)
        else:
            found = totals(network)[fact.key]
            if found != fact.value:
                _fail(network, fact, fact.key, str(found), findings)


def totals(network: Network) -> dict[str, int]:
    """The figures of the whole network that `expect` knows."""
    always, training = Cost(), Cost()
    for id, cost in network.costs.items():
        if network.graph.nodes[id].train_only:
            training += cost
        else:
            always += cost
    return {
        "params": always.params,
        "macs": always.macs,
        "buffers": always.buffers,
        "train_only_params": training.params,
    }


def _expect_output(network: Network, fact: Fact, findings: Findings) -> None:
    outputs = {output.name: output.ref for output in network.graph.outputs}
    if fact.path not in outputs and (fact.path or not outputs):
        _unknown(fact, fact.path, outputs, "output", findings)
        return
    ref = outputs[fact.path] if fact.path else next(iter(outputs.values()))
    dims = network.shape(ref).dims
    if dims != fact.value:
        _fail(network, fact, f"output {fact.path}".strip(), _list(dims), findings)


def _expect_block(network: Network, fact: Fact, inside: dict[str, Cost], findings: Findings) -> None:
    graph, path, figure = network.graph, fact.path, fact.key.removeprefix("block ")
    if path not in graph.nodes and path not in graph.scopes:
        _unknown(fact, path, (*graph.scopes, *graph.nodes), "block", findings)
        return
    if figure != "shape":
        found = getattr(inside[path], figure)
        if found != fact.value:
            _fail(network, fact, f"{figure} of {path}", str(found), findings)
        return
    scope = graph.scopes.get(path)
    ref = Ref(path) if scope is None else default_output(graph, scope)
    dims = network.shape(ref).dims
    if dims != fact.value:
        _fail(network, fact, f"shape of {path}", _list(dims), findings)


def _costs_of_blocks(network: Network, paths: set[str]) -> dict[str, Cost]:
    """Path -> the sum of everything inside; linear in the nodes times their depth."""
    sums = dict.fromkeys(paths, Cost())
    for id, cost in network.costs.items() if paths else ():
        for path in (id, *ancestors(network.graph, network.graph.nodes[id].scope)):
            if path in sums:
                sums[path] += cost
    return sums


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
