"""An independent reading of a graph: every node run by itself, in order, with the parameters at its attribute path."""

from collections.abc import Mapping

import torch
import torch.nn.functional as F  # the printed forms name it
from torch import Tensor, nn

from archspec.graph.graph import Node, Ref
from archspec.graph.network import Network
from archspec.runtime.attributes import attribute_paths
from archspec.values.expression import Literal, Name
from archspec.values.printing import text


def run(network: Network, state: Mapping[str, Tensor], inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Outputs of the network in eval, by name, train-only ones left out."""
    paths = attribute_paths(network.graph)
    values: dict[Ref, Tensor] = {Ref(name): value for name, value in inputs.items()}
    for node in network.graph.nodes.values():
        if node.id in network.graph.inputs or node.train_only:
            continue
        results = _node(network, node, state, paths[node.id], [values[ref] for ref in node.inputs])
        for port, result in zip(node.op.ports, results, strict=False):
            values[Ref(node.id, port)] = result
    return {output.name: values[output.ref] for output in network.graph.outputs if not output.train_only}


def _node(
    network: Network, node: Node, state: Mapping[str, Tensor], path: str, args: list[Tensor]
) -> tuple[Tensor, ...]:
    xs = network.input_shapes(node)
    slots = {**node.op.slots(xs), **dict.fromkeys(node.op.ports_on_demand.values(), True)}
    names = [f"a{i}" for i in range(len(args))]
    scope: dict[str, object] = {"torch": torch, "F": F, "nn": nn, "Tensor": Tensor, "inf": float("inf")}
    scope |= {"__name__": "emitted", **dict(zip(names, args, strict=True))}
    for helper in node.op.helpers():
        exec(helper.source, scope)
    defaults = node.op.defaults()
    given = {name: Literal(value) for name, value in slots.items() if value != defaults.get(name, slots)}
    inputs = tuple(map(Name, names))
    if node.op.holds:  # what the state does not hold is a buffer that follows from its settings
        result = state[path] if path in state else eval(text(node.op.declaration(given)), scope)
    elif node.op.stateful:
        module: nn.Module = eval(node.op.module, scope)(**slots)
        inside = f"{path}."
        own = {name.removeprefix(inside): value for name, value in state.items() if name.startswith(inside)}
        module.load_state_dict(own)
        result = eval(text(node.op.call(Name("module"), inputs)), {**scope, "module": module.eval()})
    else:
        result = eval(text(node.op.expression(inputs, given, xs)), scope)
    return result if isinstance(result, tuple) else (result,)
