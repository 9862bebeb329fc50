"""Prove params: the source of a spec with other values of its params is the module made with these."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from archspec.code.naming import root_class
from archspec.code.pytorch import emit
from archspec.graph.report import totals
from archspec.importer.arguments import Making
from archspec.importer.elsewhere import smaller_sizes
from archspec.importer.inputs import batch_of
from archspec.importer.params import Found, Other
from archspec.importer.prove import equal, held_keys
from archspec.importer.side import Side
from archspec.importer.state import Kept, draw, undrawn
from archspec.pipeline import read_text
from archspec.runtime.build import load_class

MOST_MACS = 2_000_000_000  # of a run whose values are compared; of a larger one only keys and sizes are


def failing_params(text: str, making: Making, there: Found) -> tuple[Other, ...]:
    """What params were found by of which one does not hold: none, where all hold together or each by itself.

    Args:
        text: the spec.
        making: how the module is made again.
        there: its params.
    """
    if not there.others or _holds(text, making, there.others):
        return ()
    return (
        tuple(one for one in there.others if not _holds(text, making, [one])) if len(there.others) > 1 else there.others
    )


def _holds(text: str, making: Making, others: Sequence[Other]) -> bool:
    """Whether the module made with all of these arguments has the keys, the sizes and the outputs of the source."""
    settings: Mapping[str, object] = {one.made.name: one.made.value for one in others}
    try:
        with undrawn():
            module, _ = making.make(settings)
            network = read_text(text, settings=settings)()
            source = load_class(emit(network), root_class(network), filename=f"<archspec {network.name}>")()
    except Exception:  # noqa: BLE001  neither the user's module nor a spec has to take any value
        return False
    draw(module)
    if not held_keys(source, module).holds:
        return False
    shapes = {name: network.shapes[id][0] for name, id in zip(others[0].made.inputs, network.graph.inputs, strict=True)}
    inputs = {
        name: torch.zeros((1, *shapes[name].dims), dtype=one.dtype) for name, one in others[0].made.inputs.items()
    }
    theirs = Side(module, True, Kept(module, restored=False), others[0].tree.batch_at)
    mine = Side(source, False, Kept(source, restored=False))
    sizes = [*smaller_sizes(inputs), *([inputs] if totals(network)[0].macs <= MOST_MACS else [])]
    return _equal_somewhere(mine, theirs, sizes, inputs)


def _equal_somewhere(mine: Side, theirs: Side, sizes: Sequence[Mapping[str, Tensor]], declared: object) -> bool:
    """Whether both give the same at the first of these sizes that both take; the declared one they have to."""
    for size in sizes:
        inputs = batch_of(size, 2)
        want, have = (_outputs(side, inputs) for side in (theirs, mine))
        if want is not None and (have is not None or size is declared):
            return have is not None and equal(want, have).holds
    return True


def _outputs(side: Side, inputs: Mapping[str, Tensor]) -> list[Tensor] | None:
    try:
        return side.outputs(inputs, training=False)
    except Exception:  # noqa: BLE001  either may refuse a size
        return None
