"""Cards: the panel of a network of several resolutions, block by block.

A block or an op is a card with all that is said of it inside, so that lines may leave it upwards and downwards. What
only brings one value to another resolution is an arrow: a pool, an up-sampling, a strided convolution. Blocks that all
read all of some others are dots, in which the lines of a fan meet.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from archspec.figure.diagram import LACKS, SIGNS, Box, Edge, Form, Group, Key, Panel, level_row
from archspec.figure.look.heat import ink_on
from archspec.figure.look.theme import Paint, Theme
from archspec.figure.what import captions
from archspec.figure.what.fans import fans
from archspec.figure.what.forms import UPRIGHT, can_turn, is_held, named, saying_again, shortened
from archspec.figure.what.some_frames import only
from archspec.ops.op import Role

_FORMS: Mapping[str, Form] = {
    "input": "terminal",
    "output": "terminal",
    "add": "add",
    "times": "times",
    "concat": "concat",
}


def of_blocks(panel: Panel) -> bool:
    """Whether a panel is of closed blocks rather than of ops; what only goes up may be either."""
    return any(box.kind == "block" and (box.inputs > 1 or box.level >= box.level_in) for box in panel.boxes)


def in_cards(
    panel: Panel, theme: Theme, *, terse: bool = False, coloured: bool = True
) -> tuple[Panel, tuple[Key, ...]]:
    """The panel with cards, and what its coloured arrows and its dots mean.

    Where the page is narrow, `terse`, a block says its name or what it is, and not both. Where colour says what a box
    costs and not what it is, `coloured` is False, what has params keeps its box.
    """
    thin, keys = _with_arrows(_with_ends(panel), all_costs=coloured)
    meeting = {head for fan in fans(thin.boxes, thin.edges) for head in fan.heads}
    placed = tuple(_beside_readers(thin))
    elsewhere = {box.id for box, own in zip(placed, thin.boxes, strict=True) if box.level != own.level}
    made = (_card(box, theme, meets=box.id in meeting) for box in placed)
    boxes = tuple(_terse(box) if terse else box for box in made)
    if dots := [box for box in boxes if box.form == "dot"]:
        keys.append(Key(_fan_words(dots), "fan", theme.flow, counts=_counted(dots)))
    levels = tuple(sorted(_resolutions(boxes, thin.edges, elsewhere).items()))
    framed = _framed(thin, meeting)
    boxes = tuple(saying_again(boxes, framed))
    return replace(thin, boxes=boxes, groups=framed, levels=levels), tuple(keys)


def _resolutions(boxes: Sequence[Box], edges: Iterable[Edge], elsewhere: Collection[str]) -> dict[int, str]:
    """Level -> the resolution of its first block; of an input or of several outputs where nothing else is.

    Those `elsewhere`, which stand in the row of another, say nothing of it.
    """
    several = {edge.tail for edge in edges if edge.port}
    own = [box for box in reversed(boxes) if box.side and not box.moved and box.id not in elsewhere]
    stand = [box for box in own if box.level == level_row(box)]
    found = {box.level: box.resolution for box in stand}
    found |= {box.level: box.resolution for box in stand if box.id not in several}
    return found | {
        box.level: box.resolution for box in stand if box.id not in several and box.kind not in ("input", "output")
    }


def _with_ends(panel: Panel) -> Panel:
    """`panel`; vectors that no map is made of any more stand in the row of the map that they are made of."""
    readers: dict[str, list[str]] = {}
    tails: dict[str, list[str]] = {}
    for edge in panel.edges:
        readers.setdefault(edge.tail, []).append(edge.head)
        tails.setdefault(edge.head, []).append(edge.tail)
    ends: set[str] = set()
    for box in reversed(panel.boxes):
        if box.side <= 1 and tails.get(box.id) and ends.issuperset(readers.get(box.id, ())):
            ends.add(box.id)
    rows: dict[str, int] = {}
    boxes: list[Box] = []
    for box in panel.boxes:
        rows[box.id] = level_row(box)
        if box.id in ends:
            rows[box.id] = max(rows[tail] for tail in tails[box.id])
            boxes.append(_level(replace(box, level=rows[box.id], level_in=rows[box.id])))
        else:
            boxes.append(box)
    return replace(panel, boxes=tuple(boxes))


def _beside_readers(panel: Panel) -> Iterator[Box]:
    """The boxes; an input or output with a row of its own moves to that of the only box that it is linked with."""
    boxes = {box.id: box for box in panel.boxes}
    linked: dict[str, list[Box]] = {}
    for edge in panel.edges:
        linked.setdefault(edge.tail, []).append(boxes[edge.head])
        linked.setdefault(edge.head, []).append(boxes[edge.tail])
    rows = {level_row(box) for box in panel.boxes if box.kind not in ("input", "output")}
    for box in panel.boxes:
        others = linked.get(box.id, [])
        if box.kind in ("input", "output") and box.level not in rows and len(others) == 1:
            row = level_row(others[0])
            yield replace(box, level=row, level_in=row)
        else:
            yield box


def _fan_words(dots: Sequence[Box]) -> str:
    """What the lines of a fan lead into."""
    kinds = list(dict.fromkeys(box.what or box.title for box in dots))
    return f"each map goes into {captions.sentence(kinds)} of every resolution"


def _framed(panel: Panel, meeting: Collection[str]) -> tuple[Group, ...]:
    """The frames that are drawn over several resolutions: of runs, as asked, else the innermost round a whole fan."""
    runs = {group.id for group in panel.groups if group.repeat > 1 or group.asked}
    around = {id: group for box in panel.boxes for id, group in ((box.id, box.groups),)}
    inner = {groups[0] for id, groups in around.items() if id in meeting and groups and not runs.intersection(groups)}
    return only(panel.groups, runs | inner)


def _terse(box: Box) -> Box:
    """A closed block by its name or by what it is, whichever is shorter, and its channels."""
    if box.form != "card" or box.kind != "block" or not box.what:
        return box
    shorter = min(box.what, box.title, key=len)
    return replace(box, title=shorter, details=tuple(filter(None, (str(box.channels or ""), box.first, *box.shares))))


def _card(box: Box, theme: Theme, *, meets: bool) -> Box:
    if is_held(box):
        return named(box)
    if meets:
        return replace(box, form="dot", shape="", details=(), counts="")
    form = _FORMS.get(box.kind, "card")
    if form != "card":
        return replace(
            box, form=form, ink=theme.ink, aside=form in SIGNS, shape=box.shape if form == "terminal" else ""
        )
    lacks = (f"{LACKS}{one.short}" for beside in box.beside if beside.sign == LACKS for one in beside.joined)
    told = (str(beside) for beside in box.beside if beside.sign != LACKS)
    if box.kind != "block" and box.role not in UPRIGHT and box.repeat == 1 and can_turn(box):
        return replace(_level(box), form="turned", shape="", ink=ink_on(theme, box.paint.fill))
    details = (*(box.label.lines if box.label else ()), *box.abreast, *box.shares, *told, *lacks)
    if box.kind == "block":
        details = tuple(filter(None, (box.what, str(box.channels or ""), box.first, *box.shares)))
    made = replace(shortened(box), form="card", details=details, shape="")
    return replace(_level(made), ink=ink_on(theme, made.paint.fill))


def _level(box: Box) -> Box:
    """A box with level edges, where rows say how large its maps are."""
    return replace(box, kind="op") if box.kind in ("down", "up") else box


def _with_arrows(panel: Panel, *, all_costs: bool) -> tuple[Panel, list[Key]]:
    """`panel` with what only changes the resolution of one value as coloured arrows, and what these mean.

    Without `all_costs` only what costs nothing is an arrow.
    """
    boxes = {box.id: box for box in panel.boxes}
    into, out = panel.ends()
    gone: dict[str, Box] = {}
    for box in panel.boxes:
        ends = [*into.get(box.id, ()), *out.get(box.id, ())]
        if box.kept or box.kind not in ("down", "up") or len(into.get(box.id, ())) != 1 or len(ends) != 2:
            continue
        before, after = boxes[ends[0].tail], boxes[ends[1].head]
        rests = {before.id, after.id} & gone.keys() or after.kind == "output" or box.train_only
        rests = rests or (bool(box.counts) and not all_costs)
        if not rests and before.level != after.level and (box.role is not Role.CONV or before.kind != "input"):
            gone[box.id] = box
    edges = tuple(_bypassed(panel.edges, gone, into))
    return replace(panel, boxes=tuple(box for box in panel.boxes if box.id not in gone), edges=edges), list(_keys(gone))


def _bypassed(edges: Iterable[Edge], gone: Mapping[str, Box], into: Mapping[str, Sequence[Edge]]) -> Iterator[Edge]:
    """`edges` past the boxes `gone`, which keep their nodes and their colours."""
    for edge in edges:
        if edge.tail in gone:
            box, before = gone[edge.tail], into[edge.tail][0]
            paint = Paint("none", box.paint.stroke, 1.0)
            nodes = (*before.nodes, *box.nodes)
            yield replace(before, head=edge.head, paint=paint, nodes=nodes, kind="flow", label=edge.label)
        elif edge.head not in gone:
            yield edge


def _keys(gone: Mapping[str, Box]) -> Iterator[Key]:
    """What each kind of arrow is, and the counts of all of its kind."""
    kinds: dict[str, list[Box]] = {}
    for box in gone.values():
        kinds.setdefault(_arrow_words(box), []).append(box)
    for words, boxes in kinds.items():
        yield Key(words, "edge", Paint("none", boxes[0].paint.stroke, 1.0), counts=_counted(boxes))


def _counted(boxes: Sequence[Box]) -> str:
    """The counts of all of `boxes`."""
    return captions.counts(sum(box.params for box in boxes), sum(box.macs for box in boxes))


def _arrow_words(box: Box) -> str:
    """What an arrow is: `3×3 conv, /2`. Its channels are those of what it leads to."""
    if box.label is None:
        return box.title
    parts = (str(part) for part in box.label.parts if not part.is_channels)
    return ", ".join((box.label.heading, *parts, *map(str, box.beside)))
