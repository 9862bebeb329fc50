"""Outline: the whole picture as indented lines of text, for screen readers and for whoever searches a file.

    ResNet, resnet50, 25.56 M params, 4.09 G MACs, input 3×224×224
      input 3×224×224
      conv1: 7×7 conv, 64, /2, 9.54 k params, 118 M MACs, output 64×112×112
      layer1
        ...

A line for each box in drawing order, set in by the frames it stands in. What a box reads is said where that is not the
box before it alone.
"""

from collections.abc import Iterator

from archspec.figure.diagram import Bar, Box, Diagram, Edge, Group, Panel, Table
from archspec.figure.what.captions import sentence, short

_STEP = "  "


def outline(diagram: Diagram) -> tuple[str, ...]:
    """The lines of `diagram`. Linear in boxes and edges."""
    return tuple(_lines(diagram))


def _lines(diagram: Diagram) -> Iterator[str]:
    yield ", ".join((diagram.title, *diagram.facts))
    for index, panel in enumerate(diagram.panels):
        if index:
            yield ", ".join(filter(None, (panel.title, panel.subtitle)))
        yield from _panel(panel)
    for bar in diagram.bars:
        yield _bar(bar)
    yield from diagram.footnotes


def _panel(panel: Panel) -> Iterator[str]:
    names = {box.id: _name(box) for box in panel.boxes}
    reads, _ = panel.ends()
    groups = {group.id: group for group in panel.groups}
    opened: list[str] = []
    before = ""
    for box in panel.boxes:
        around = [group for group in reversed(box.groups) if group in groups]
        kept = 0
        while kept < min(len(around), len(opened)) and around[kept] == opened[kept]:
            kept += 1
        for depth, group in enumerate(around[kept:], kept + 1):
            yield _STEP * depth + _frame(groups[group])
        opened = around
        yield _STEP * (len(around) + 1) + _box(box, names, reads.get(box.id, []), before)
        before = box.id
    if panel.table:
        yield from _table(panel.table)


def _name(box: Box) -> str:
    """What a box is called in other lines: its path with dots, inputs and outputs by their name."""
    return box.id.rpartition("@")[2].replace("/", ".")


def _frame(group: Group) -> str:
    row = f", {group.repeat}" + ("" if group.parallel else " in a row") if group.repeat > 1 else ""
    return group.title + row + (", in training only" if group.train_only else "")


def _box(box: Box, names: dict[str, str], reads: list[Edge], before: str) -> str:
    name = "" if box.kind in ("input", "output") or names[box.id] == box.title else f"{names[box.id]}: "
    parts = [name + (box.spoken or box.title), *box.details]
    if box.repeat > 1:
        parts.append(str(box.repeat) if box.parallel else f"{box.repeat} in a row")
    parts += box.solid.beside if box.solid else ()
    if box.params:
        parts.append(f"{short(box.params)} params")
    if box.macs:
        parts.append(f"{short(box.macs)} MACs")
    if box.shape:
        parts.append(f"output {box.shape}")
    if box.frozen:
        parts.append("frozen")
    if box.train_only:
        parts.append("in training only")
    if any(edge.tail != before or edge.label or edge.nodes for edge in reads):
        parts.append("reads " + sentence([_way(edge, names) for edge in reads]))
    return ", ".join(filter(None, parts))


def _way(edge: Edge, names: dict[str, str]) -> str:
    label = f" ({edge.label})" if edge.label else ""
    through = f" through {sentence([node.replace('/', '.') for node in edge.nodes])}" if edge.nodes else ""
    return names[edge.tail] + label + through


def _table(table: Table) -> Iterator[str]:
    """A line for each use, with what it has: read by itself, no column has to be kept in mind."""
    for index, column in enumerate(table.columns):
        yield f"{_STEP}{column}: " + ", ".join(f"{name} {cells[index]}" for name, cells in table.rows)


def _bar(bar: Bar) -> str:
    parts = (f"{label} {_percent(share)}" for label, share, _ in bar.parts if label)
    return f"{bar.label}: " + ", ".join(parts)


def _percent(share: float) -> str:
    return f"{round(100 * share)} %" if share >= 0.005 else "under 1 %"
