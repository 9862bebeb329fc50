"""Mermaid: the network's own panel as a flowchart, for Markdown pages that draw it themselves."""

from collections.abc import Iterator
from json import dumps

from archspec.figure.diagram import SIGNS, Box, Diagram, Edge, Panel
from archspec.figure.wishes import OF_PAGES, VOLUMES
from archspec.figure.write.format import Format, OfDiagram

_FORMS = {
    "input": ("([", "])"),
    "output": ("([", "])"),
    "add": ("((", "))"),
    "times": ("((", "))"),
    "block": ("[[", "]]"),
}


def render(diagram: Diagram) -> bytes:
    """`diagram` as a Mermaid file."""
    return ("\n".join(_lines(diagram)) + "\n").encode()


def _lines(diagram: Diagram) -> Iterator[str]:
    panel = diagram.panels[0]
    yield "---"
    yield f"title: {dumps(' · '.join((diagram.title, *diagram.facts)), ensure_ascii=False)}"
    yield "---"
    yield "flowchart TB"
    names = {box.id: f"n{index}" for index, box in enumerate(panel.boxes)}
    yield from _members(panel, names, "", "  ")
    if diagram.footnotes:
        yield f"  notes[{_quoted(' '.join(diagram.footnotes))}]"
        yield "  style notes fill:none,stroke:none"
    for number, edge in enumerate(panel.edges):
        yield f"  {names[edge.tail]} {_arrow(edge)} {names[edge.head]}"
        if edge.kind != "flow":
            yield f"  linkStyle {number} stroke:{edge.paint.stroke}"
    yield from _styles(panel, names, diagram.theme.ink)


def _members(panel: Panel, names: dict[str, str], group: str, indent: str) -> Iterator[str]:
    for box in panel.boxes:
        if next(iter(box.groups), "") == group:
            yield f"{indent}{names[box.id]}{_form(box)}"
    for index, inner in enumerate(panel.groups):
        if inner.parent == group:
            yield f"{indent}subgraph g{index}[{_quoted(inner.words)}]"
            yield from _members(panel, names, inner.id, indent + "  ")
            yield f"{indent}end"


def _form(box: Box) -> str:
    before, after = _FORMS.get(box.kind, ("[", "]"))
    if box.kind in SIGNS:
        return f'{before}"{"<br/>".join((SIGNS[box.kind], *map(_escaped, box.details)))}"{after}'
    repeated = f" ×{box.repeat}" if box.repeat > 1 else ""
    lines = (f"<b>{_escaped(box.title)}{repeated}</b>", *map(_escaped, box.details), box.counts, box.shape)
    return f'{before}"{"<br/>".join(line for line in lines if line)}"{after}'


def _arrow(edge: Edge) -> str:
    line = "-.->" if edge.train_only else "==>" if edge.kind != "flow" else "-->"
    return f"{line}|{_quoted(edge.label)}|" if edge.label else line


def _styles(panel: Panel, names: dict[str, str], ink: str) -> Iterator[str]:
    """One class for each way in which boxes are painted."""
    classes: dict[str, list[str]] = {}
    for box in panel.boxes:
        dashes = ",stroke-dasharray:4 3" if box.train_only or box.paint.dashed else ""
        style = f"fill:{box.paint.fill},stroke:{box.paint.stroke},color:{ink}{dashes}"
        classes.setdefault(style, []).append(names[box.id])
    for index, (style, members) in enumerate(classes.items()):
        yield f"  classDef c{index} {style}"
        yield f"  class {','.join(members)} c{index}"


def _escaped(text: str) -> str:
    """Characters that Mermaid or its HTML would read as markup, as Mermaid's entities."""
    return text.replace("&", "#amp;").replace("<", "#lt;").replace(">", "#gt;").replace('"', "#quot;")


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


FORMAT = Format(
    suffixes=(".mmd",),
    made=OfDiagram(render),
    without=(VOLUMES, *OF_PAGES),
    because="which leaves the layout to Mermaid",
    rank=7,
)
