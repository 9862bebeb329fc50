"""A rule held against the emitted module: of every size that is tried, whether torch takes it, and what comes out.

Sizes are tried along each dimension of each input, all else as declared, and at the edges of what the rule tells apart.
"""

from collections.abc import Iterable, Iterator

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from archspec.design import Design
from archspec.graph.network import Network
from archspec.runtime.counters import named_outputs
from archspec.sizes.form import Variable, value_at
from archspec.sizes.rule import SizeRule, Sizes

BATCH = 2


def disagreements(design: Design, tried: Iterable[Sizes], device: str = "cpu") -> list[str]:
    """A line for each size at which the rule and the module differ. An empty map is none: archspec has no such size."""
    rule = design.sizes()
    module = design.build(device=device).eval()
    found = []
    for sizes in tried:
        said, given = _said(rule, sizes), _given(design.network, module, sizes, device)
        if said != given:
            found.append(f"{dict(sizes)}: the rule says {said}, torch {given}")
    return found


def along(network: Network, most: int, step: int = 1) -> Iterator[Sizes]:
    """The declared sizes with each dimension of each input from 1 to `most`."""
    declared = {id: network.shapes[id][0].dims for id in network.graph.inputs}
    for id, dims in declared.items():
        for axis in range(len(dims)):
            for size in range(1, most + 1, step):
                yield {**declared, id: (*dims[:axis], size, *dims[axis + 1 :])}


def together(network: Network, most: int) -> Iterator[Sizes]:
    """All dimensions of all inputs from 1 to `most`, but for the channels of images."""
    declared = {id: network.shapes[id][0].dims for id in network.graph.inputs}
    for size in range(1, most + 1):
        yield {id: (*dims[: len(dims) > 1], *[size] * (len(dims) - (len(dims) > 1))) for id, dims in declared.items()}


def edges(rule: SizeRule, most: int) -> Iterator[Sizes]:
    """The least sizes of every way, and those after it."""
    for way in rule.ways:
        for further in (0, 1, 3):
            free = {size: held.above(held.least + further) or held.least for size, held in way.box.sets.items()}
            at = way.box.whole(free)
            if max(at.values(), default=0) <= most:
                yield {
                    id: tuple(at[Variable(id, axis)] for axis in range(len(dims))) for id, dims in rule.declared.items()
                }


def _said(rule: SizeRule, sizes: Sizes) -> list[tuple[int, ...]] | None:
    """What comes out by the rule, with the batch; None where it says that the module stops. Only what is proven."""
    here = rule.point(sizes)
    ways = [way for way in rule.ways if way.box.contains(here)]
    assert len(ways) == 1, "no size goes two ways, and each goes one"
    (way,) = ways
    if way.lost:
        return None if rule.why(sizes) is not None else [(BATCH, *dims) for dims in rule.outputs(sizes).values()]
    if not way.fits:
        return None
    return [
        ((BATCH,) if extent.like.batch else ()) + tuple(value_at(form, here) for form in extent.dims)
        for extent in rule.ends(way).values()
    ]


class _SomeOf(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's own
    """Stops where an op reads an empty map, of which torch would make something: the mean of nothing."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]  # torch's own
        if any(isinstance(one, torch.Tensor) and not one.numel() for one in tree_leaves((args, kwargs))):
            raise ValueError("an empty map")
        return func(*args, **(kwargs or {}))


def runs(design: Design, device: str = "cpu") -> bool:
    """Whether the module takes its declared sizes whatever numbers it is given; a draw by probabilities may not."""
    sizes = {id: design.network.shapes[id][0].dims for id in design.network.graph.inputs}
    module = design.build(device=device).eval()
    return all(_given(design.network, module, sizes, device) is not None for _ in range(3))


def _given(network: Network, module: torch.nn.Module, sizes: Sizes, device: str) -> list[tuple[int, ...]] | None:
    try:
        with torch.no_grad(), _SomeOf():  # type: ignore[no-untyped-call]  # torch's own
            for batch in (1, BATCH):  # what normalises over samples takes some sizes of several only
                given = module(*(_tensor(network, id, dims, device, batch) for id, dims in sizes.items()))
    except Exception:  # noqa: BLE001  whatever torch raises, it does not take this size
        return None
    shapes = [tuple(value.shape) for value in named_outputs(given).values()]
    return shapes if all(min(shape, default=1) for shape in shapes) else None


def _tensor(network: Network, id: str, dims: tuple[int, ...], device: str, batch: int) -> torch.Tensor:
    (shape,) = network.shapes[id]
    if shape.dtype == "float":
        return torch.rand(batch, *dims, device=device)
    return torch.zeros(batch, *dims, dtype=torch.long if shape.dtype == "int" else torch.bool, device=device)
