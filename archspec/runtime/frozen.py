"""Frozen: which parameters of a module learn, beside what the spec says of them."""

from collections.abc import Iterator

from torch import nn

from archspec.graph.freezing import frozen
from archspec.graph.network import Network
from archspec.runtime.attributes import attribute_paths, prefixes


def differences(network: Network, module: nn.Module) -> Iterator[str]:
    """Parameters that learn and should not, or the other way round."""
    paths = attribute_paths(network.graph)
    still = {paths[id] for id in frozen(network.graph)}
    named = list(module.named_parameters(remove_duplicate=False))
    said_of = {id(parameter) for name, parameter in named if not still.isdisjoint(prefixes(name))}
    for name, parameter in named:
        said = id(parameter) in said_of  # by any of its names: one parameter may have several
        if said and parameter.requires_grad:
            yield f"{name}: learns, and the spec freezes it"
        elif not said and not parameter.requires_grad:
            yield f"{name}: is frozen, and the spec does not say so"


def learning(module: nn.Module) -> set[str]:
    """Names of the parameters that learn."""
    return {name for name, parameter in module.named_parameters(remove_duplicate=False) if parameter.requires_grad}
