"""An independent reading of a graph: every node run by itself, in order, with the parameters at its attribute path."""

from collections.abc import Mapping

import torch
import torch.nn.functional as F  # the printed forms name it
from torch import Tensor, nn

from archspec.ir.graph import Node, Ref
from archspec.ir.network import Network
from archspec.runtime.attributes import attribute_paths


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
    if node.op.stateful:
        scope: dict[str, object] = {"torch": torch, "F": F, "nn": nn, "Tensor": Tensor, "__name__": "emitted"}
        for helper in node.op.helpers():
            exec(helper.source, scope)
        module: nn.Module = eval(node.op.module, scope)(**slots)
        own = {name: value for name, value in state.items() if name.rpartition(".")[0] == path}
        module.load_state_dict({name.rpartition(".")[2]: value for name, value in own.items()})
        result = module.eval()(*args)
    else:
        defaults = node.op.defaults()
        printed = {name: repr(value) for name, value in slots.items() if value != defaults.get(name, slots)}
        names = [f"a{i}" for i in range(len(args))]
        scope = {"torch": torch, "F": F, "nn": nn, "inf": float("inf"), **dict(zip(names, args, strict=True))}
        for helper in node.op.helpers():
            exec(f"from torch import Tensor\n{helper.source}", scope)
        result = eval(node.op.expression(names, printed, xs), scope)
    return result if isinstance(result, tuple) else (result,)
