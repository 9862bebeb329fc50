"""Omit: a picture without some of its parts, and the footnotes, which say what is there and what is not."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from archspec.figure.diagram import Diagram, Key, Panel
from archspec.figure.what import captions
from archspec.figure.what.finish import Setting
from archspec.figure.what.panels import untold
from archspec.figure.what.wanted import hidden_names
from archspec.graph.network import Network

Part: TypeAlias = Literal["panels", "counts", "strip", "legend", "title"]
PARTS: dict[Part, str] = {
    "panels": "the panels of blocks",
    "counts": "params and MACs",
    "strip": "the strip of costs",
    "legend": "the legend",
    "title": "the title",
}


def without(made: Diagram, parts: Collection[Part]) -> Diagram:
    """`made` without some parts; the panels of blocks are never made where they are not wanted."""
    if "counts" in parts:
        panels = tuple(
            replace(panel, boxes=tuple(replace(box, counts="") for box in panel.boxes)) for panel in made.panels
        )
        made = replace(made, panels=panels, legend=tuple(replace(key, counts="") for key in made.legend))
    return replace(
        made,
        bars=() if "strip" in parts else made.bars,
        legend=() if "legend" in parts else made.legend,
        headed="title" not in parts,
    )


def footnotes(
    setting: Setting,
    panels: Sequence[Panel],
    legend: Sequence[Key],
    omitted: Collection[Part],
    for_room: Sequence[Part],
) -> Iterator[str]:
    """What is said once instead of on every box, what the numbers at boxes are, and what is not shown."""
    network, usual = setting.network, setting.habit
    forms = {box.form for box in panels[0].boxes}
    shown = {key.label for key in legend} if "volume" in forms and len(panels) == 1 else set()
    if unseen := [one for one in usual if one.name not in shown]:
        yield captions.included(unseen)
    yield from dict.fromkeys(
        idiom.note
        for panel in panels
        for box in panel.boxes
        if box.kind != "block" and (idiom := setting.idioms.drawn(box.nodes)) is not None and idiom.note
    )
    if any(box.high for panel in panels for box in panel.boxes):
        long = "wide" if panels[0].arrangement == "columns" else "high"
        yield (
            f"In a block that is wider inside than at its ends, layers are as {long} as their channels, as words allow."
        )
    yield from _numbers(panels[0], counted="counts" not in omitted)
    yield from _unseen(setting.network, panels[0])
    if names := list(dict.fromkeys(hidden_names(network.graph))):
        yield f"Not shown, as the spec asks: {captions.sentence(names)}."
    if for_room:
        yield f"Left out for want of room: {captions.sentence([PARTS[part] for part in for_room])}."


def _unseen(network: Network, shown: Panel) -> Iterator[str]:
    """What no box shows, and what boxes show but where it is in a closed block."""
    nodes = network.graph.nodes
    closed = {id for box in shown.boxes if box.kind == "block" for id in box.nodes}
    left_out = [nodes[id] for id in untold(network, shown) if nodes[id].op.unseen]
    told = {nodes[id].op.caption.title for box in shown.boxes for id in box.says if nodes[id].op.unseen}
    partly = told.difference(node.op.caption.title for node in left_out if node.id not in closed)
    yield from filter(
        None,
        (
            captions.left_out(node.op for node in left_out if node.op.caption.title not in partly),
            captions.left_out((node.op for node in left_out if node.op.caption.title in partly), "in closed blocks"),
        ),
    )


def _numbers(shown: Panel, *, counted: bool) -> Iterator[str]:
    """What the numbers in and beside boxes are."""
    forms = {box.form for box in shown.boxes}
    if "volume" in forms:
        yield "Solids are as high and deep as the resolution, as thick as the channels, on logarithmic scales."
        yield "Below them: channels, params, MACs." if counted else "Below them: channels."
    elif "card" in forms:
        yield "In a block: its channels, params and MACs." if counted else "In a block: its channels."
    elif forms & {"slab", "copy"}:
        if counted:
            yield "Below a block: params · MACs."
        yield "Above it: channels." if counted else "Above a block: channels."
    else:
        where = "Beside" if shown.arrangement == "columns" else "Below"
        before = "params · MACs, and its" if counted else "its"
        axes = "; ".join(dict.fromkeys(box.axes for box in shown.boxes if box.shape and box.axes))
        yield f"{where} a block: {before} output shape {f'({axes}) ' if axes else ''}where that changes."
    if counted and any(group.repeat > 1 for group in shown.groups):
        yield "In a frame ×N: params and MACs of all N."
