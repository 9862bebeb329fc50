"""The gallery as live modules: what every proof below runs over."""

from functools import cache

import torch
from torch import nn

from archspec.code.pytorch import emit
from archspec.design import Setting
from archspec.graph.network import Network
from archspec.runtime.build import build
from tests.gallery.networks import network, representatives, specs

__all__ = ["module", "network", "network_at", "representatives", "source", "specs"]


@cache
def source(spec: str, **params: str) -> str:
    return emit(network(spec, **params))


def module(spec: str, device: str = "meta", **params: str) -> nn.Module:
    """A fresh module in eval mode; `torch.device("cpu")` initialises it, "meta" costs nothing."""
    made = build(source(spec, **params), network(spec).name, filename=f"<archspec {spec}>", device="meta").eval()
    if device == "meta":
        return made
    torch.manual_seed(0)
    return build(source(spec, **params), network(spec).name, filename=f"<archspec {spec}>", device=device).eval()


def network_at(spec: str, size: tuple[int, ...], **params: str) -> Network:
    """The network with its image at another height and width, or with as many tokens."""
    import archspec

    loaded = network(spec, **params)
    (image,) = loaded.graph.inputs
    shape = loaded.shapes[image][0]
    settings: dict[str, Setting] = {**params}
    inputs = {image: (*shape.dims[: -len(size)], *size)}
    return archspec.load(spec, None, inputs=inputs, permit=archspec.Permit(), **settings).network
