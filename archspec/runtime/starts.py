"""Starts: what constructors do to tensors, seen on the meta device, where nothing is drawn.

    nn.init.trunc_normal_(weight, std=0.02)    uniform_(0.02..., 0.97...) erfinv_() mul_(0.028...) add_(0.0) clamp_(...)

Two tensors start alike where the same is done to them, with the same numbers.
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from archspec.graph.network import Network
from archspec.graph.starts import start
from archspec.ops.initialiser import Initialiser
from archspec.runtime.attributes import attribute_paths
from archspec.runtime.interpret import module_of


class Fills(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """What is done in place while it is entered, in order: the memory and the call.

    Attributes:
        done: the calls, each with the number of the memory that it is done to.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.done: list[tuple[int, str]] = []
        self.kept: list[object] = []  # so that no memory is freed and another takes its number

    def __torch_dispatch__(
        self,
        func: torch._ops.OpOverload,
        types: object,
        args: tuple[object, ...] = (),
        kwargs: dict[str, object] | None = None,
    ) -> object:
        target = (kwargs or {}).get("out", args[0] if args else None)
        if func._schema.is_mutable and isinstance(target, Tensor):
            numbers = [str(one) for one in args if not isinstance(one, Tensor)]
            self.kept.append(target.untyped_storage())
            self.done.append((memory(target), f"{func._schema.name.removeprefix('aten::')}({', '.join(numbers)})"))
        return func(*args, **(kwargs or {}))


def memory(tensor: Tensor) -> int:
    """The number of what a tensor stands in; a view has that of what it is a view of."""
    return int(tensor.untyped_storage()._cdata)


def made(make: Callable[[], nn.Module]) -> tuple[nn.Module, Fills]:
    """A module on the meta device, and what its constructor did to its tensors."""
    with Fills() as fills, torch.device("meta"):
        module = make()
    return module, fills


def by_parameter(module: nn.Module, fills: Fills) -> dict[str, list[str]]:
    """What was done to each parameter of a module, by its key in the state_dict."""
    done: dict[int, list[str]] = {}
    for place, call in fills.done:
        done.setdefault(place, []).append(call)
    return {key: done.get(memory(held), []) for key, held in module.named_parameters(remove_duplicate=False)}


def differences(network: Network, kind: Callable[[], nn.Module]) -> Iterator[str]:
    """The tensors of a module that do not start as the spec says or, where it says nothing, as PyTorch has them."""
    found = by_parameter(*made(kind))
    for key, wanted, exact in starts(network):
        done = found.get(key)
        if done is None:  # a parameter that is not there, which is for the count of them to say
            continue
        if (wanted and done[-len(wanted) :] != wanted) or (exact and done != wanted):
            yield f"{key}: {' '.join(done) or 'nothing is done'}, and not {' '.join(wanted) or 'nothing'}"


def starts(network: Network) -> Iterator[tuple[str, list[str], bool]]:
    """Parameter -> what has to be done to it last, and whether nothing else may be."""
    paths, graph = attribute_paths(network.graph), network.graph
    defaults: dict[tuple[object, ...], dict[str, list[str]]] = {}
    for node in graph.nodes.values():
        if not node.op.tensors or node.share or node.op.around():
            continue
        xs = network.input_shapes(node)
        if (node.op, xs) not in defaults:
            defaults[node.op, xs] = by_parameter(*made(lambda node=node, xs=xs: module_of(node.op, xs)))  # type: ignore[misc]
        tied = {name for name, _ in node.ties}
        shapes = node.op.parameters(xs)
        for tensor, names in node.op.tensors_of(xs).items():
            said = start(graph.scopes, node, tensor)
            for name in names:
                if name in tied:
                    continue
                key = f"{paths[node.id]}.{name}" if paths[node.id] else name
                wanted = defaults[node.op, xs][name] if said is None else _done(said.value, shapes[name])
                yield key, wanted, said is None


def said_of(network: Network) -> int:
    """How many tensors the spec says the start of."""
    return sum(1 for _, _, default in starts(network) if not default)


def _done(initialiser: Initialiser, shape: tuple[int, ...]) -> list[str]:
    with Fills() as fills, torch.device("meta"):
        tensor = nn.Parameter(torch.empty(shape))
        getattr(nn.init, f"{initialiser.name}_")(tensor, **initialiser.settings())
    return [call for place, call in fills.done if place == memory(tensor)]
