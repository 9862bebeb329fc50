"""Panels of a difference: those of a picture of each network, repainted by what happened and with its marks.

A closed repeat that gained or lost parts is two boxes: what both networks have, and the others. Where boxes have no
room for words, as in the rows of an encoder-decoder, they carry letters, and footnotes say what these mean.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from string import ascii_lowercase

from archspec.figure.diagram import Box, Edge, Group, Panel
from archspec.figure.look.heat import ink_on
from archspec.figure.look.theme import Paint, Theme
from archspec.figure.what import captions
from archspec.figure.what.difference_marks import Look, Mark, Marks, painted
from archspec.graph.walk import member_of, part

_SILENT = frozenset({"turned", "bands", "concat", "bar"})  # forms that show no details, and may as well be text
BARE = frozenset({"add", "times", "slab", "copy", "volume"})  # forms without text that mean something


class Letters:
    """The letters that stand for what boxes without room say."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, ...], str] = {}

    def sign(self, mark: Mark) -> str:
        """`~ a`; a sign alone where that says it all."""
        if mark.look != "changed":
            return mark.lines[0][0]
        letter = self._found.setdefault(mark.lines, _letter(len(self._found)))
        return f"~ {letter}"

    def footnotes(self) -> Iterator[str]:
        """What each letter stands for."""
        for lines, letter in self._found.items():
            yield f"{letter}: {', '.join(line.removeprefix('~ ') for line in lines)}."


def repainted(panel: Panel, marks: Marks, theme: Theme, title: str, letters: Letters) -> Panel:
    """`panel` of one network, in the colours of what happened to it."""
    panel = _split(panel, marks)
    bare = BARE | _SILENT if panel.arrangement == "levels" else BARE
    boxes = []
    for box in panel.boxes:
        mark = marks.of(box)
        boxes.append(marked_box(box, mark, theme, letters.sign(mark) if mark.lines and box.form in bare else ""))
    costs = [cost for id, cost in marks.network.costs.items() if not marks.graph.nodes[id].train_only]
    totals = (
        f"{captions.total(sum(cost.params for cost in costs))} params",
        f"{captions.total(sum(cost.macs for cost in costs))} MACs",
    )
    return replace(
        panel,
        title=title,
        subtitle=" \N{MIDDLE DOT} ".join(totals),
        boxes=tuple(boxes),
        edges=tuple(_edge(edge, marks.on(edge), theme, letters) for edge in panel.edges),
    )


def side_by_side(panels: Sequence[Panel], names: Sequence[str], theme: Theme) -> Panel:
    """Several panels as one, each in a frame: for formats that draw one panel."""
    boxes: list[Box] = []
    edges: list[Edge] = []
    groups: list[Group] = []
    for name, panel in zip(names, panels, strict=True):
        title = f"{panel.title} \N{MIDDLE DOT} {panel.subtitle}"
        groups.append(Group(name, title, "", train_only=False, paint=theme.frame))
        for group in panel.groups:
            parent = f"{name}/{group.parent}" if group.parent else name
            groups.append(replace(group, id=f"{name}/{group.id}", parent=parent))
        for box in panel.boxes:
            around = (*(f"{name}/{group}" for group in box.groups), name)
            boxes.append(replace(box, id=f"{name}/{box.id}", groups=around))
        edges += [replace(edge, tail=f"{name}/{edge.tail}", head=f"{name}/{edge.head}") for edge in panel.edges]
    return Panel("", "", tuple(boxes), tuple(edges), tuple(groups), "rows")


def _letter(index: int) -> str:
    """A to z, then aa and so on."""
    more, last = divmod(index, len(ascii_lowercase))
    return (_letter(more - 1) if more else "") + ascii_lowercase[last]


def marked_box(box: Box, mark: Mark, theme: Theme, sign: str = "") -> Box:
    """A box with its mark: `sign` below it, or the words in it."""
    if box.kind in ("input", "output"):
        return box
    paint = painted(mark.look, theme)
    form = "text" if mark.lines and not sign and box.form in _SILENT else box.form
    return replace(
        box,
        details=box.details if sign else (*box.details, *mark.lines),
        shape=sign or box.shape,
        paint=paint,
        kind="op" if box.kind == "concat" and form == "text" else box.kind,
        form=form,
        bands=() if form == "text" else tuple(replace(band, paint=paint) for band in box.bands),
        ink=theme.faint if mark.look == "same" else ink_on(theme, paint.fill),
        note="\n".join((box.note, *mark.lines)),
    )


def _edge(edge: Edge, mark: Mark, theme: Theme, letters: Letters) -> Edge:
    return marked_edge(edge, mark, theme, "" if mark.look in ("same", "affected") else letters.sign(mark))


def marked_edge(edge: Edge, mark: Mark, theme: Theme, sign: str) -> Edge:
    """An edge in a quiet colour, but where an op that stands on it changed, which `sign` says."""
    if mark.look in ("same", "affected"):
        return replace(edge, paint=Paint("none", theme.faint))
    return replace(edge, label=edge.label or sign, paint=line_paint(mark.look, theme))


def line_paint(look: Look, theme: Theme) -> Paint:
    """That of a line on which an op stands to which something happened."""
    return Paint("none", painted(look, theme).stroke, 1.2)


# -- repeats that grew or shrank ---------------------------------------------------------------------------------------


def _split(panel: Panel, marks: Marks) -> Panel:
    boxes: list[Box] = []
    last: dict[str, str] = {}  # box -> the one that gives its output
    for box in panel.boxes:
        parts = list(_parts(box, marks))
        boxes += parts
        last[box.id] = parts[-1].id
    if len(boxes) == len(panel.boxes):
        return panel
    edges = [replace(edge, tail=last.get(edge.tail, edge.tail)) for edge in panel.edges]
    sample = panel.edges[0]
    for name, other in last.items():
        if name != other:
            trained = next(box.train_only for box in boxes if box.id == name)
            edges.append(Edge(name, other, "flow", "", trained, over=False, paint=sample.paint))
    place = {box.id: index for index, box in enumerate(boxes)}
    edges.sort(key=lambda edge: (place[edge.head], place[edge.tail]))
    return replace(panel, boxes=tuple(boxes), edges=tuple(edges))


def _parts(box: Box, marks: Marks) -> Iterator[Box]:
    """A closed repeat as what both networks have of it and what this one alone has; anything else as it is."""
    scope = marks.graph.scopes.get(box.id)
    own = marks.own_parts(box.id)
    if scope is None or not own:
        yield box
        return
    heads = {member_of(marks.graph, scope, name).id for name in own}
    alone = [id for id in box.nodes if part(scope.id, id) in heads]
    apart = set(alone)
    shared = [id for id in box.nodes if id not in apart]
    first, end = member_of(marks.graph, scope, own[0]).id, own[-1]
    title = f"{box.title}.{own[0]}" + (f"{captions.DASH}{end}" if end != own[0] else "")
    yield _share(box, marks, shared, box.id, box.title, len(scope.members) - len(own))
    later = _share(box, marks, alone, first, title, len(own))
    yield replace(later, shape="", level_in=box.level, kind="block", inputs=1)


def _share(box: Box, marks: Marks, nodes: Sequence[str], id: str, title: str, repeat: int) -> Box:
    costs = [marks.network.costs[node] for node in nodes]
    params, macs = sum(cost.params for cost in costs), sum(cost.macs for cost in costs)
    scope = marks.graph.scopes[box.id]
    begins = member_of(marks.graph, scope, scope.members[0]).id
    with_first = any(part(box.id, node) == begins for node in nodes)  # else it says nothing of the first
    return replace(
        box,
        id=id,
        title=title,
        details=box.details if with_first else tuple(line for line in box.details if line != box.first),
        first=box.first if with_first else "",
        nodes=tuple(nodes),
        repeat=repeat,
        params=params,
        macs=macs,
        counts=captions.counts(params, macs),
    )
