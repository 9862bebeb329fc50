"""Forms: how each box of a panel is drawn, chosen from what the panel says. Nothing is placed here.

rows         ops with few words are narrow, their text turned; convolutions and blocks carry theirs upright; a closed
             block of parallel branches shows them as bands
detail       all boxes alike in height, inputs and outputs as bare arrows
levels       slabs as wide as their channels; a pool between two levels is an arrow, an up-convolution joins the
             concatenation that it feeds
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from archspec.figure.diagram import Box, Edge, Form, Glyph, Group, Key, Panel, level_row
from archspec.figure.look.color import luminance, mixed
from archspec.figure.look.heat import ink_on
from archspec.figure.look.theme import Paint, Theme
from archspec.figure.what import captions
from archspec.figure.what.some_frames import only
from archspec.ops.op import Role

UPRIGHT = frozenset({Role.CONV, Role.ATTENTION, Role.EMBEDDING})  # roles whose words matter
_TURNED_LINES = 2
_TURNED_LENGTH = 12  # letters of a line that is turned
_LONG = 4  # letters of a line that is turned where the page is narrow
_WIDER = 2  # times as many channels as at its ends, from which on a block is wide inside
_BLACK = 0.01  # luminance
_SLAB_KINDS = 4  # kinds of slabs that shades can tell apart


def in_rows(panel: Panel, theme: Theme) -> Panel:
    """The main panel of a network that reads from left to right."""
    levels = {level for box in panel.boxes for level in (box.level, box.level_in)}
    flat = len(levels) == 1  # where all are of one resolution heights say nothing of it
    boxes = tuple(_in_a_row(box, theme, flat=flat) for box in panel.boxes)
    return _stubbed(replace(panel, boxes=boxes))


def _in_a_row(box: Box, theme: Theme, *, flat: bool) -> Box:
    if is_held(box):
        return replace(named(box), flat=flat)
    form = _form(box)
    return replace(shortened(box), form=form, flat=flat, ink=_ink(box, form, theme))


def _stubbed(panel: Panel) -> Panel:
    """`panel` without the outputs of heads that run only in training: a head is a stub."""
    tails = {edge.head: edge.tail for edge in panel.edges}
    blocks = {box.id for box in panel.boxes if box.kind == "block"}
    ends = {box.id for box in panel.boxes if box.kind == "output" and box.train_only and tails[box.id] in blocks}
    boxes = tuple(box for box in panel.boxes if box.id not in ends)
    return replace(panel, boxes=boxes, edges=tuple(edge for edge in panel.edges if edge.head not in ends))


def in_columns(panel: Panel, *, terse: bool = False, carded: bool = False) -> Panel:
    """A panel whose boxes have forms, as one whose flow runs from top to bottom: there all words are upright.

    Where the page is narrow, `terse`, boxes are slim; where it is narrower still, `carded`, they hold their counts.
    """
    text: Form = "card" if carded else "text"
    forms: dict[Form, Form] = {"text": text, "turned": text, "bands": text}
    boxes = (replace(box, form=forms.get(box.form, box.form), upright=True, slim=terse) for box in panel.boxes)
    return replace(panel, boxes=tuple(boxes), arrangement="columns")


def running_downwards(panel: Panel) -> Panel:
    """A panel of cards with a row for each resolution, as one with a column for each; any other as it is."""
    if panel.arrangement != "levels" or any(box.form in ("slab", "copy") for box in panel.boxes):
        return panel
    return replace(panel, boxes=tuple(map(_as_card, panel.boxes)), downwards=True)


def _as_card(box: Box) -> Box:
    """A box of a panel that runs downwards: what stands below it elsewhere is in it."""
    if box.form == "terminal":
        said = (box.shape,) if box.shape else ()
        return replace(box, form="card", details=said, shape="", ink=box.ink or "", upright=True)
    return replace(box, form="card" if box.form == "turned" else box.form, upright=True)


def in_graph(panel: Panel) -> Panel:
    """The panel of every op, for Graphviz: plain boxes."""
    forms: dict[str, Form] = {"add": "add", "times": "times", "concat": "bar"}
    return replace(panel, boxes=tuple(replace(box, form=forms.get(box.kind, "text")) for box in panel.boxes))


def in_detail(panel: Panel, theme: Theme) -> Panel:
    """A panel that shows what is in a block."""
    forms: dict[str, Form] = {"input": "plain", "output": "plain", "add": "add", "times": "times", "concat": "concat"}
    shown = (
        named(box) if is_held(box) else replace(box, form=_detail_form(box, forms), shape="") for box in panel.boxes
    )
    boxes = [_inked(replace(box, flat=True), theme) for box in shown]
    return replace(panel, boxes=tuple(_by_channels(boxes)))


def _detail_form(box: Box, forms: Mapping[str, Form]) -> Form:
    return box.form if box.form == "bus" else forms.get(box.kind, "text")


def _by_channels(boxes: Sequence[Box]) -> Iterator[Box]:
    """The boxes of a block; where it is wider inside than at its ends, layers are as high as their channels."""
    ends = [box.channels for box in boxes if box.kind in ("input", "output")]
    layers = {box.id: box.channels for box in boxes if _is_layer(box)}
    widest = max(layers.values(), default=0)
    inverted = bool(ends) and widest >= _WIDER * max(ends)
    for box in boxes:
        yield replace(box, high=layers[box.id] / widest) if inverted and box.id in layers else box


def _is_layer(box: Box) -> bool:
    """Whether a box is one convolution or linear layer."""
    return box.kind in ("op", "down", "up") and len(box.nodes) > 0 and box.role in (Role.CONV, Role.LINEAR)


def in_levels(
    panel: Panel, theme: Theme, *, coloured: bool = True, terse: bool = False
) -> tuple[Panel, tuple[Key, ...]]:
    """The panel of an encoder-decoder, and what its slabs and arrows mean.

    Where colour does not say what a box is, since it says what it costs, words do: `coloured` is False. Where the page
    is narrow, `terse`, slabs are slim.
    """
    thin, arrows = _without_pools(panel)
    joined, ups = _with_joined_ups(thin, theme, coloured=coloured)
    shades = _shades(joined.boxes, theme)
    slabs = max(Counter(role for role, _ in shades).values(), default=0) <= _SLAB_KINDS
    boxes = []
    for box in joined.boxes:
        if is_held(box):
            boxes.append(named(box))
            continue
        form = _form(box)
        if box.kind == "concat":
            form = "copy" if any(edge.kind == "skip" and edge.head == box.id for edge in joined.edges) else "concat"
        elif slabs and _is_slab(box):
            slab = _inked(
                replace(box, form="slab", paint=shades[box.role, _kind(box)], shape="", below=box.abreast), theme
            )
            boxes.append(slab if coloured else replace(slab, below=(slab.title, *map(str, box.beside), *box.abreast)))
            continue
        boxes.append(_inked(replace(box, form=form, shape=box.shape if form == "terminal" else ""), theme))
    keys = [Key(kind, "box", paint) for (_, kind), paint in shades.items()] if slabs else []
    keys += [*arrows, *ups]
    if any(box.form == "copy" and not box.glyph for box in boxes):
        keys.append(Key("copied feature map", "copy", theme.paint(Role.CONV)))
    several = {edge.tail for edge in joined.edges if edge.port}  # blocks that give maps of more than one resolution
    sized = [box for box in reversed(boxes) if box.side and not box.moved]
    sides = {box.level: box.resolution for box in sized}
    sides |= {box.level: box.resolution for box in sized if box.id not in several}
    levels = tuple(sorted(sides.items()))
    framed = only(joined.groups, {group.id for group in joined.groups if group.repeat > 1 or group.asked})
    slim = tuple(replace(box, slim=terse) for box in saying_again(boxes, framed))
    return replace(joined, boxes=slim, groups=framed, levels=levels), tuple(keys)


def _shades(boxes: Iterable[Box], theme: Theme) -> dict[tuple[Role, str], Paint]:
    """Role and kind of slabs -> their paint: shades of the colour of the role, the most frequent as it is."""
    kinds = Counter((box.role, _kind(box)) for box in boxes if _is_slab(box))
    before: Counter[Role] = Counter()
    found: dict[tuple[Role, str], Paint] = {}
    for (role, kind), _ in kinds.most_common():
        found[role, kind] = shade(theme.paint(role), before[role])
        before[role] += 1
    return found


def _is_slab(box: Box) -> bool:
    """Whether a slab stands for a box of an encoder-decoder: a convolution, or what brings it to another level."""
    scales = box.kind in ("down", "up") and box.role in (Role.CONV, Role.POOL, Role.UPSAMPLE)
    return ((box.role is Role.CONV and box.kind == "op") or scales) and not box.glyph and bool(box.channels)


def with_glyphs(panel: Panel) -> Panel:
    """A panel whose boxes have forms, with those that its author asks for."""
    forms: dict[Glyph, Form] = {"box": "text", "down": "text", "up": "text", "bar": "bar", "sign": "sign"}
    return replace(panel, boxes=tuple(replace(box, form=forms[box.glyph]) if box.glyph else box for box in panel.boxes))


def with_turned_words(panel: Panel) -> Panel:
    """A panel whose boxes have forms, with long words read upwards: a box is two lines wide then.

    The resolution of a row that an input of that size stands in is not said twice.
    """
    told = {(level_row(box), box.resolution) for box in panel.boxes if box.kind == "input" and box.shape}
    levels = tuple(level for level in panel.levels if level not in told)
    return replace(panel, boxes=tuple(_turned(box) if _is_long(box) else box for box in panel.boxes), levels=levels)


def _is_long(box: Box) -> bool:
    return box.form in ("text", "card") and not box.glyph and max(map(len, (box.title, *box.details))) > _LONG


def _turned(box: Box) -> Box:
    return replace(box, form="turned", details=(", ".join(box.details),) if box.details else ())


def saying_again(boxes: Iterable[Box], framed: Collection[Group]) -> Iterator[Box]:
    """`boxes`; where the frame that says whose parameters one uses again is not drawn, it says so itself."""
    drawn = {group.id for group in framed}
    for box in boxes:
        frame, *words = box.again or ("",)
        yield box if frame in drawn else replace(box, below=(*box.below, *words))


def is_held(box: Box) -> bool:
    """Whether a box is a parameter or a buffer: it reads nothing, and is drawn as a name with an arrow."""
    return box.role is Role.EMBEDDING and box.kind == "op" and not box.inputs


def named(box: Box) -> Box:
    """A parameter or a buffer as a name."""
    return replace(box, form="plain", shape="")


def shade(paint: Paint, index: int) -> Paint:
    """The `index`-th of the shades of one colour: as it is, then ever nearer to its outline; to black half as near."""
    near = (1 - 0.66**index) * (0.5 if luminance(paint.stroke) < _BLACK else 1.0)
    return replace(paint, fill=mixed(paint.fill, paint.stroke, near)) if index else paint


def shortened(box: Box) -> Box:
    """`box` without the part of its title that the colour says: a convolution's title is its kernel."""
    if box.label is None or not box.label.implied:
        return box
    return replace(box, title=str(box.label.before or box.title), spoken=box.title)


def _kind(box: Box) -> str:
    """What a slab is, in the legend's words: `3×3 conv, no ReLU`. Its channels stand above it."""
    if box.label is None:
        return box.title
    parts = (str(part) for part in box.label.parts if not part.is_channels)
    return ", ".join((box.label.heading, *parts, *map(str, box.beside)))


def _form(box: Box) -> Form:
    if box.kind in ("input", "output"):
        return "terminal"
    joins: dict[str, Form] = {"add": "add", "times": "times", "concat": "concat"}
    if box.kind in joins:
        return joins[box.kind]
    if box.kind == "block" or box.role in UPRIGHT or box.repeat > 1:
        return "bands" if box.bands and box.repeat == 1 else "text"
    return "turned" if can_turn(box) else "text"


def can_turn(box: Box) -> bool:
    """Whether the words of a box are few enough to be read upwards."""
    lines = (box.title, *box.details)
    return len(lines) <= _TURNED_LINES and max(map(len, lines)) <= _TURNED_LENGTH


def _inked(box: Box, theme: Theme) -> Box:
    """`box` with its short title and text that can be read on its fill."""
    return replace(shortened(box), ink=_ink(box, box.form, theme))


def _ink(box: Box, form: Form, theme: Theme) -> str:
    """The colour of words on the box, or beside it."""
    return ink_on(theme, box.paint.fill) if form in ("text", "turned") else theme.ink


def _without_pools(panel: Panel) -> tuple[Panel, list[Key]]:
    """Pools with one input and one reader become coloured arrows, where all that are called the same have but one."""
    into, out = panel.ends()
    pools = [box for box in panel.boxes if box.kind == "down" and box.role is Role.POOL]
    stay = {
        _pool_words(box) for box in pools if box.kept or not len(into.get(box.id, ())) == len(out.get(box.id, ())) == 1
    }
    gone = {box.id: box for box in pools if _pool_words(box) not in stay}
    keys = {
        _pool_words(box): Key(_pool_words(box), "edge", Paint("none", box.paint.stroke, 1.0)) for box in gone.values()
    }
    return _bypassed(panel, gone, into), list(keys.values())


def _pool_words(box: Box) -> str:
    """What a pool is called in the legend: `max pool, 2×2, /2`."""
    return ", ".join((box.title, *box.details))


def _bypassed(panel: Panel, gone: Mapping[str, Box], into: Mapping[str, Sequence[Edge]]) -> Panel:
    """`panel` without the boxes `gone`; edges run past them and keep their nodes."""
    edges = []
    for edge in panel.edges:
        if edge.head in gone:
            continue
        if edge.tail in gone:
            box, before = gone[edge.tail], into[edge.tail][0]
            paint = Paint("none", box.paint.stroke, 1.0)
            edges.append(replace(before, head=edge.head, paint=paint, nodes=(*before.nodes, *box.nodes)))
        else:
            edges.append(edge)
    return replace(panel, boxes=tuple(box for box in panel.boxes if box.id not in gone), edges=tuple(edges))


def _with_joined_ups(panel: Panel, theme: Theme, *, coloured: bool) -> tuple[Panel, list[Key]]:
    """Up-samplings that feed one concatenation, which also takes in a skip, become its second half."""
    into, heads = panel.ends()
    boxes = {box.id: box for box in panel.boxes}
    joined: dict[str, str] = {}
    for box in panel.boxes:
        out = heads.get(box.id, [])
        goes_up = box.kind == "up" or (box.kind == "block" and box.level < box.level_in)
        if not goes_up or box.kept or len(out) != 1 or len(into.get(box.id, ())) != 1:
            continue
        concat = out[0].head
        if boxes[concat].kind == "concat" and any(edge.kind == "skip" for edge in into[concat]):
            joined[box.id] = concat
    keys = {_up_name(boxes[up]): Key(_up_name(boxes[up]), "box", theme.paint(Role.UPSAMPLE)) for up in joined}
    by_concat = {concat: up for up, concat in joined.items()}
    merged = [
        _with_up(box, boxes[by_concat[box.id]], theme, coloured=coloured) if box.id in by_concat else box
        for box in panel.boxes
        if box.id not in joined
    ]
    edges = []
    for edge in panel.edges:
        if edge.head in joined:
            paint = Paint("none", theme.paint(Role.UPSAMPLE).stroke, 1.0)
            edges.append(replace(edge, head=joined[edge.head], paint=paint))
        elif edge.tail not in joined:
            edges.append(edge)
    return replace(panel, boxes=tuple(merged), edges=tuple(edges)), list(keys.values())


def _up_name(up: Box) -> str:
    """What an up-sampling is called in the legend: a block by what it is, `up_conv`."""
    if up.kind == "block":
        return up.title.rstrip("0123456789") or up.title
    return " ".join((up.title, *map(str, up.beside)))


def _with_up(concat: Box, up: Box, theme: Theme, *, coloured: bool) -> Box:
    """A concatenation that has taken in the up-sampling before it."""
    params, macs = concat.params + up.params, concat.macs + up.macs
    return replace(
        concat,
        counts=captions.counts(params, macs),
        params=params,
        macs=macs,
        nodes=(*up.nodes, *concat.nodes),
        says=(*up.says, *concat.says),
        below=() if coloured else (_up_name(up),),
        paint=theme.paint(Role.UPSAMPLE),
        note=f"{up.note}\n\n{concat.note}",
        inputs=2,
    )
