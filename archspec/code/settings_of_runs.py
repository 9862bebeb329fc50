"""Settings of runs: what the parts of a repeat are given whose length differs between the uses of a class.

    layers: {block: dense_layer, repeat: $depth}

    self.layers = nn.Sequential(*(DenseLayer(in_channels + i * 32) for i in range(depth)))

Each setting is one that all parts have, or follows from `i`, their number. Where it does neither, uses of different
lengths have classes of their own.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from archspec.code.followed import same
from archspec.code.parts import BlockPart, OpPart, RunPart
from archspec.graph.graph import Node
from archspec.language.expression.symbolic import LARGEST, size
from archspec.values.expression import Expr, Value

if TYPE_CHECKING:
    from archspec.code.settings import Settings, Settling


def settle_run(settling: "Settling", own: "Settings", run: RunPart) -> None:
    """Settles what the ops of a run are given; what blocks are given is not known yet."""
    item, shapes = run.item, settling.network.input_shapes
    if isinstance(item, BlockPart):
        own.runs[item] = run
    elif isinstance(item, OpPart):
        numbered, slots = own.indexed.pop(item, {}), own.slots[item]
        held = [[one.op.slots(shapes(one)) for one in parts if isinstance(one, Node)] for parts in run.all]
        for slot, plain in slots.items():
            values = [[given.get(slot) for given in parts] for parts in held]
            found = _numbered(own, numbered.get(slot), values)
            slots[slot] = found if found is not None else _plain(settling, own, run, plain, values)


def arguments_of_run(
    settling: "Settling",
    own: "Settings",
    part: BlockPart,
    child: "Settings",
    argument: "Callable[[str, Settings], Expr]",
) -> dict[str, Expr]:
    """What each block of a run is given.

    Args:
        settling: the settings so far.
        own: those of the template that the run stands in.
        part: the first block of it.
        child: the settings of the block's template.
        argument: how the first block is given what the template calls so.
    """
    run, made = own.runs[part], dict[str, Expr]()
    for name in child.parameters:
        held = child.values.get(name) or child.extras[name]
        values = [[held[settling.position[one.id]] for one in parts] for parts in run.all]
        found = _numbered(own, own.indexed.get(part, {}).get(name), values)
        if found is not None and name in child.ops and not own.chooses(found):
            found = None  # a list of more than ops, whose parts then have classes of their own
        made[name] = found if found is not None else _plain(settling, own, run, argument(name, child), values)
    return made


def _numbered(own: "Settings", expr: Expr | None, values: Sequence[Sequence[Value]]) -> Expr | None:
    """A setting by the number of the part, where it holds for all, although the uses may have one part at most."""
    return expr if expr is not None and _fits(own, expr, values) else None


def _plain(settling: "Settling", own: "Settings", run: RunPart, expr: Expr, values: Sequence[Sequence[Value]]) -> Expr:
    """A setting that all parts have; notes where they do not."""
    if not _fits(own, expr, values):
        settling.endless.add(id(run.definition))
    return expr


def _fits(own: "Settings", expr: Expr, values: Sequence[Sequence[Value]]) -> bool:
    """Whether an expression gives the value that each part has, in every use."""
    if size(expr) > LARGEST:
        return False
    return all(
        same(own.value(expr, use, i), value) for use, held in enumerate(values) for i, value in enumerate(held, 1)
    )
