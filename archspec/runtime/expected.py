"""What a network promises of the module made from it: costs and output sizes by attribute path.

An op that the emitted code writes as an expression has no module at its path; a block's path always has one if it holds
parameters.
"""

from collections.abc import Iterator
from math import prod

from archspec.code.choices import classes
from archspec.code.constructors import settled
from archspec.graph.counting import lent
from archspec.graph.graph import Graph, Ref
from archspec.graph.network import Network
from archspec.graph.passes.reach import reach
from archspec.graph.rounds import graph_in_lists
from archspec.graph.walk import module_outputs, resolve, within
from archspec.ops.op import Op
from archspec.runtime.attributes import attribute_paths, prefixes
from archspec.values.cost import Cost
from archspec.values.shape import Shape

Size = tuple[int, ...]


def expected_costs(network: Network, *, training: bool = False, dead: bool = True) -> dict[str, Cost]:
    """Cost of every attribute path: a node's own, and the sum of all inside for a scope. The root is "".

    Args:
        network: the network.
        training: with the train-only parts.
        dead: with what a use of a shared module computes and nothing reads then, which a tracer leaves out.
    """
    paths = attribute_paths(network.graph)
    totals = {path: Cost() for path in paths.values()}
    given = [output.ref.node for output in network.graph.outputs if training or not output.train_only]
    read = reach(network.graph, given)
    for id, node in network.graph.nodes.items():
        if (training or not node.train_only) and (dead or id in read):
            for path in prefixes(paths[id]):
                totals[path] = totals.get(path, Cost()) + network.costs[id]
    for borrower, owner, params in _lent(network) if training else ():
        for path, more in ((paths[borrower], -params), (paths[owner], params)):
            for around in prefixes(path):
                totals[around] += Cost(params=more)
    return totals


def _lent(network: Network) -> Iterator[tuple[str, str, int]]:
    """Nodes that tied parameters are counted at, those that hold them, as only training runs these, and how many."""
    for held, counted in lent(network.graph).items():
        node = network.graph.nodes[counted.node]
        yield node.id, held.node, prod(node.op.parameters(network.input_shapes(node))[counted.name])


def expected_calls(network: Network, *, batch: int) -> dict[str, list[tuple[Size, ...]]]:
    """Sizes of the outputs at every attribute path in an eval pass, one entry a call: shared parts have several.

    An output of a block that nobody reads in any use of its class is not among them.
    """
    graph, paths = network.graph, attribute_paths(network.graph)
    meant = graph_in_lists(graph).meant
    given_by = {meant[use.id]: template for template in classes(settled(network)[0]) for use in template.uses}
    calls: dict[str, list[tuple[Size, ...]]] = {}
    readers = _readers(graph)
    outputs = module_outputs(graph)
    for id, node in graph.nodes.items():
        if node.train_only or id in graph.inputs:
            continue
        ports = zip(node.op.ports, network.shapes[id], strict=True)
        made = [
            _called(node.op, port, size(shape, batch))
            for port, shape in ports
            if port not in node.op.ports_on_demand or Ref(id, port) in readers
        ]
        calls.setdefault(paths[id], []).append(tuple(made))
    for id, scope in graph.scopes.items():
        if id and id in paths and not scope.train_only:
            template = given_by.get(id)
            read = [
                ref
                for ref in dict.fromkeys(resolve(graph, id, local) for local in scope.outputs.values())
                if any(not within(reader, id) for reader in readers.get(ref, ()))
            ]
            if template is not None:  # a class gives what is read in any of its uses
                locals_ = outputs[scope.share or id]
                read = [resolve(graph, id, locals_[port]) for port in template.ports if port in locals_]
            given = [network.shape(ref) for ref in read if not graph.nodes[ref.node].train_only]
            calls.setdefault(paths[id], []).append(tuple(size(shape, batch) for shape in given))
    return calls


def expected_outputs(network: Network, *, batch: int, training: bool = False) -> list[Size]:
    """Sizes of the final outputs, in order."""
    return [size(network.shape(o.ref), batch) for o in network.graph.outputs if training or not o.train_only]


def _readers(graph: Graph) -> dict[Ref, list[str]]:
    """Who reads each output, in eval or in training: ids of nodes, and "" for the caller of the network."""
    readers: dict[Ref, list[str]] = {}
    for id, node in graph.nodes.items():
        for ref in node.inputs:
            readers.setdefault(ref, []).append(id)
    for output in graph.outputs:
        readers.setdefault(output.ref, []).append("")
    return readers


def _called(op: Op, port: str, made: Size) -> Size:
    """The size that the module of an op gives, which may have its batch second."""
    return (made[1], made[0], *made[2:]) if port in op.batch_second else made


def size(shape: Shape, batch: int) -> Size:
    """The tensor's size, with a batch dimension where it has one."""
    return (batch * shape.batch, *shape.dims) if shape.batch else shape.dims
