"""Prove params: the source of a spec with other values of its params is the module made with these."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from archspec.code.naming import root_class
from archspec.code.pytorch import emit
from archspec.graph.network import Network
from archspec.graph.report import totals
from archspec.importer.arguments import Making, settings_of
from archspec.importer.elsewhere import smaller_sizes
from archspec.importer.inputs import batch_of
from archspec.importer.params import Found, Other
from archspec.importer.prove import equal, held_keys
from archspec.importer.side import Side
from archspec.importer.state import Kept, draw, settled, undrawn
from archspec.pipeline import read_text
from archspec.runtime.build import load_class

MOST_MACS = 2_000_000_000  # of a run whose values are compared; of a larger one only keys and sizes are


def failing_params(text: str, making: Making, there: Found) -> tuple[Other, ...]:
    """What params were found by, of those that do not hold.

    They are held at values by which none was found, all at once, and each by itself where these fit none together. What
    has no third value, a flag, is held at the second; a number that the module takes no third value of does not hold.
    Of several that hold alone and not together, the last does not. A text is held at each that it may be.

    Args:
        text: the spec.
        making: how the module is made again.
        there: its params.
    """
    texts = {one.made.argument.name: one for one in there.others if isinstance(one.made.value, str)}
    later = [one for one in there.others if isinstance(one.made.value, str) and one not in texts.values()]
    rest = [(one, _further(one)) for one in there.others if one not in later]
    if not rest:
        return ()
    for at in (0, -1):
        settings = settings_of((one.made.argument, values[at]) for one, values in rest)
        held = _holds(text, making, settings, there.others[0])
        if held is not None:
            break
    rest = [(one, _further(one)) for one in later] + ([] if held else rest)
    failing = tuple(one for one, values in rest if not _holds_alone(text, making, one, values))
    return failing or (there.others[-1:] if held is False else ())


def _further(other: Other) -> "list[float | str]":
    """Values that it was not found by, and that one last where there is no other."""
    was = other.made.value
    found: list[float | str] = [
        value for value in other.made.argument.others() if value != was and type(value) is type(was)
    ]
    return found or [was]


def _holds_alone(text: str, making: Making, other: Other, values: "Sequence[float | str]") -> bool:
    """Whether a param holds at the first of these values that the module takes; not where it takes none."""
    for value in values:
        held = _holds(text, making, settings_of([(other.made.argument, value)]), other)
        if held is not None:
            return held
    return False


def _holds(text: str, making: Making, settings: Mapping[str, object], other: Other) -> bool | None:
    """Whether the module made with these has the keys, sizes and outputs of the source; None where one is not made."""
    try:
        with undrawn():
            module, _ = making.made(settings)
            network = read_text(text, settings=settings)()
            source = load_class(emit(network), root_class(network), filename=f"<archspec {network.name}>")()
            inputs = _inputs(network, other)
            settled(module, inputs)
    except Exception:  # noqa: BLE001  neither has to take any value, such as patches larger than the image
        return None
    macs, whole = totals(network)[0].macs, _numbers(inputs)
    sizes = [one for one in (*smaller_sizes(inputs), inputs) if macs * _numbers(one) <= MOST_MACS * whole]
    if sizes:
        draw(module)
    if not held_keys(source, module).holds:
        return False
    theirs = Side(module, True, Kept(module, restored=False), other.batch_in)
    mine = Side(source, False, Kept(source, restored=False))
    return _equal_somewhere(mine, theirs, sizes, inputs)


def _inputs(network: Network, other: Other) -> dict[str, Tensor]:
    """One sample of each input, of the sizes that the network takes."""
    shapes = {name: network.shapes[id][0] for name, id in zip(other.made.inputs, network.graph.inputs, strict=True)}
    return {name: torch.zeros((1, *shapes[name].dims), dtype=one.dtype) for name, one in other.made.inputs.items()}


def _numbers(inputs: Mapping[str, Tensor]) -> int:
    return sum(one.numel() for one in inputs.values())


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
