"""Ports: what the outputs of a box are called, of which several are read."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from archspec.figure.what.runs import Runs
from archspec.graph.graph import Graph, Node, Ref, Scope
from archspec.graph.network import Network
from archspec.graph.walk import find

Read: TypeAlias = Mapping[str, Sequence[Ref]]  # box -> its outputs that are read, the main one last

_PORT_NAMES = 2  # of a path, from its end, that name an output of a closed block


def ports_of(network: Network, read: Read, runs: Runs) -> dict[Ref, str]:
    """Output -> what to call it, of closed blocks and ops of which several are `read`, beside a block's main one."""
    graph = network.graph
    ports: dict[Ref, str] = {}
    for source, refs in read.items():
        if source not in graph.scopes:
            ops = [graph.nodes[ref.node].op for ref in refs]
            named = len(refs) > 1 or any(op.numbered and len(op.ports) > 1 for op in ops)
            ports.update({ref: port_name(graph.nodes[ref.node], ref.port) for ref in refs if named})
            continue
        called = {runs.first_ref(ref): port for ref, port in _named(network, graph.scopes[source]).items()}
        ports.update({ref: called.get(ref) or _inside_name(graph, source, ref) for ref in refs[:-1]})
    return ports


def main_outputs(graph: Graph, read: Read) -> dict[str, Ref]:
    """Closed block of which several outputs are `read` -> the main one, whose line has no name."""
    return {source: refs[-1] for source, refs in read.items() if source in graph.scopes and len(refs) > 1}


def outputs_read(graph: Graph, owners: Mapping[str, str], runs: Runs) -> dict[str, list[Ref]]:
    """Box -> its outputs that another reads, or that the network gives; the main one, made last, at the end."""
    read: dict[str, dict[Ref, None]] = {}
    for name, owner in owners.items():
        for ref in graph.nodes[name].inputs:
            source = owners.get(ref.node)
            if source is not None and source != owner:
                read.setdefault(source, {})[runs.first_ref(ref)] = None
    for output in graph.outputs:
        if output.ref.node in owners:
            read.setdefault(owners[output.ref.node], {})[runs.first_ref(output.ref)] = None
    order = {name: index for index, name in enumerate(owners)}
    mains = {source: max(refs, key=lambda ref: order[ref.node]) for source, refs in read.items()}
    return {source: [*(ref for ref in refs if ref != mains[source]), mains[source]] for source, refs in read.items()}


def port_name(node: Node, port: str) -> str:
    """What an output of an op is called: by its author, by its number, or by the op."""
    if not node.op.numbered or (len(node.op.ports) == 1 and not node.site.outputs):
        return port
    index = node.op.ports.index(port)
    return node.site.outputs[index] if index < len(node.site.outputs) else str(index)


def _inside_name(graph: Graph, scope: str, ref: Ref) -> str:
    """What an output of a closed block is called that gives it no name: the end of its path, and the port."""
    port = port_name(graph.nodes[ref.node], ref.port)
    return ".".join(filter(None, (*ref.node[len(scope) + 1 :].split("/")[-_PORT_NAMES:], port)))


def _named(network: Network, scope: Scope) -> dict[Ref, str]:
    """Output -> what `scope` calls it, where that is no path."""
    found: dict[Ref, str] = {}
    for port, member in scope.outputs.items():
        ref = find(network.graph, scope.id, member)
        if ref is not None and "." not in port:
            found.setdefault(ref, port)
    return found
