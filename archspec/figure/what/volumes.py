"""Volumes: feature maps as solids, in the manner of figures made by hand.

A solid may stand for several boxes in a row, so that there is less to read:

    [conv conv|pool]    what keeps the channels stands right behind what it follows, where nothing else reads that
    [pool|conv conv]    or else right before its reader
    [copy up|conv]      the concatenation of an encoder-decoder takes in the up-sampling that it reads, and stands right
                        before its reader
    [conv|output]       an output is the name of what it gives

Frames are left round blocks with branches in them; of the others that hold one solid, the name stands below it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace

from archspec.figure.diagram import SIGNS, Box, Edge, Form, Group, Key, Panel
from archspec.figure.look.theme import Theme
from archspec.figure.solid import Part, Solid
from archspec.figure.what import captions
from archspec.figure.what.forms import shortened
from archspec.figure.what.solids import SIDE_BY_SIDE, Sculptor, activation, dark, is_thin, kind, shades
from archspec.figure.what.some_frames import only
from archspec.graph.network import Network
from archspec.ops.op import Role
from archspec.values.dataclass import dataclass

_LAYERS = frozenset({Role.CONV, Role.LINEAR, Role.ATTENTION, Role.EMBEDDING})
_ALIKE = 1.25  # ratio of resolutions that look the same


def in_volumes(panel: Panel, theme: Theme, network: Network, *, coloured: bool = True) -> tuple[Panel, tuple[Key, ...]]:
    """`panel` with feature maps as solids, and what their colours mean. Linear in boxes, edges and nodes.

    Where colour does not say what a slice is, since it says what it costs, words do: `coloured` is False.
    """
    wiring = _Wiring.of(panel, coloured=coloured)
    homes = _homes(panel, wiring)
    activations = {activation(box, network) for box in panel.boxes} - {""}
    only = next(iter(activations)) if coloured and len(activations) == 1 else ""
    sculptor = Sculptor(network, theme, shades(panel.boxes, theme) if coloured else {}, only)
    held: dict[str, list[Box]] = {}
    for box in panel.boxes:
        held.setdefault(homes[box.id], []).append(box)
    boxes: list[Box] = []
    ids: dict[str, str] = {}
    for members in sorted(held.values(), key=lambda members: wiring.place[members[-1].id]):
        boxes.append(_merged(members, wiring, sculptor))
        ids |= {box.id: boxes[-1].id for box in members}
    edges = tuple(_moved(panel.edges, ids))
    groups, names = _frames(panel.groups, boxes)
    boxes = [_called(box, names.get(box.id, "")) for box in boxes]
    keys = tuple(_keys(panel, boxes, wiring, sculptor))
    return replace(panel, boxes=tuple(boxes), edges=edges, groups=groups, levels=()), keys


@dataclass(frozen=True, slots=True)
class _Wiring:
    """The boxes of a panel, and the edges into and out of each; whether colour says what a box is."""

    boxes: Mapping[str, Box]
    place: Mapping[str, int]
    coloured: bool = True
    into: Mapping[str, list[Edge]] = field(default_factory=dict)
    out: Mapping[str, list[Edge]] = field(default_factory=dict)

    @classmethod
    def of(cls, panel: Panel, *, coloured: bool) -> "_Wiring":
        """The wiring of `panel`."""
        into: dict[str, list[Edge]] = {box.id: [] for box in panel.boxes}
        out: dict[str, list[Edge]] = {box.id: [] for box in panel.boxes}
        for edge in panel.edges:
            into[edge.head].append(edge)
            out[edge.tail].append(edge)
        boxes = {box.id: box for box in panel.boxes}
        return cls(boxes, {name: index for index, name in enumerate(boxes)}, coloured, into, out)

    def copies(self, box: Box) -> bool:
        """Whether a box is a concatenation that takes in a skip."""
        return box.kind == "concat" and bool(box.side) and any(edge.kind == "skip" for edge in self.into[box.id])

    def solid(self, box: Box) -> bool:
        """Whether a box is drawn as a solid."""
        return not box.glyph and box.kind not in SIGNS and (box.kind != "concat" or self.copies(box))

    def only_reader(self, box: Box) -> Box | None:
        """What reads a box, where that is one box alone."""
        edges = self.out[box.id]
        return self.boxes[edges[0].head] if len(edges) == 1 else None

    def only_source(self, box: Box) -> Box | None:
        """What a box reads, where that is one box alone."""
        edges = self.into[box.id]
        return self.boxes[edges[0].tail] if len(edges) == 1 else None


def _homes(panel: Panel, wiring: _Wiring) -> dict[str, str]:
    """Box -> the first box of the solid that it is part of."""
    before: dict[str, str] = {}
    for box in panel.boxes:
        source = wiring.only_source(box)
        if source is not None and _follows(box, source, wiring):
            before[box.id] = source.id
    behind = frozenset(before)
    for box in panel.boxes:
        reader = _led_to(box, wiring) if box.id not in behind else None
        if reader is not None:
            before.setdefault(reader.id, box.id)
    homes: dict[str, str] = {}
    for box in panel.boxes:
        homes[box.id] = homes[before[box.id]] if box.id in before else box.id
    return homes


def _follows(box: Box, source: Box, wiring: _Wiring) -> bool:
    """Whether `box` stands right behind `source`, the one box that it reads."""
    if box.train_only != source.train_only or not wiring.solid(source) or source.kind == "input":
        return False
    if wiring.only_reader(source) is None or source.kind == "output":
        return False
    if box.kind == "output":
        return not box.glyph
    stack = source.repeat > (1 if source.kind == "block" else SIDE_BY_SIDE)
    return wiring.coloured and is_thin(box) and not box.glyph and bool(box.side) and bool(source.side) and not stack


def _led_to(box: Box, wiring: _Wiring) -> Box | None:
    """The box that `box` stands right before, if there is one."""
    up, copies = box.role is Role.UPSAMPLE and box.kind == "up", wiring.copies(box)
    if not box.side or box.glyph or not (copies or (wiring.coloured and (up or is_thin(box)))):
        return None
    readers = [edge for edge in wiring.out[box.id] if edge.kind == "flow"]
    if len(readers) != 1:
        return None
    reader = wiring.boxes[readers[0].head]
    others = [edge.head for edge in wiring.out[box.id] if edge is not readers[0]]
    if any(wiring.place[name] < wiring.place[reader.id] for name in others) or box.train_only != reader.train_only:
        return None
    if up and not others and wiring.copies(reader):
        return reader
    layers = reader.role is Role.CONV and reader.kind == "op" and not reader.glyph and reader.repeat <= SIDE_BY_SIDE
    return reader if layers and wiring.only_source(reader) is not None else None


def _merged(members: Sequence[Box], wiring: _Wiring, sculptor: Sculptor) -> Box:
    """One box for several in a row, as a solid."""
    inside = {box.id for box in members}
    shown = [box for box in members if not _taken_in(box, inside, wiring)]
    main = _main(shown)
    if not wiring.solid(main):
        forms: dict[str, Form] = {"add": "add", "times": "times"}
        form = forms.get(main.kind, "concat")
        return replace(main, form=form, ink=sculptor.theme.ink)
    solids = [(box, _solid(box, wiring, sculptor)) for box in shown if box.kind != "output" or box is main]
    known = {box.id: solid for box, solid in solids}
    parts = [part if box is main else replace(part, channels="") for box, solid in solids for part in solid.parts]
    name = next((box.title for box in members if box.kind == "output" and box is not main), "")
    solid = replace(known[main.id], parts=tuple(_placed_resolutions(parts)))
    last = solids[-1][0]
    params, macs = sum(box.params for box in members), sum(box.macs for box in members)
    return replace(
        shortened(main),
        form="volume",
        solid=replace(solid, name=solid.name or name, beside=(*_beside(members, main), *_frozen(members))),
        counts=captions.counts(params, macs),
        shape=members[-1].shape,
        params=params,
        macs=macs,
        note="\n\n".join(box.note for box in members),
        nodes=tuple(node for box in members for node in box.nodes),
        says=tuple(node for box in members for node in box.says),
        train_only=all(box.train_only for box in members),
        inputs=sum(edge.tail not in inside for box in members for edge in wiring.into[box.id]),
        channels=last.channels,
        side=last.side,
        ink=sculptor.theme.ink,
    )


def _taken_in(box: Box, inside: Collection[str], wiring: _Wiring) -> bool:
    """Whether a box is an up-sampling that the concatenation which reads it takes in."""
    reader = wiring.only_reader(box)
    return box.kind == "up" and reader is not None and reader.id in inside and wiring.copies(reader)


def _main(members: Sequence[Box]) -> Box:
    """The one that a solid is called by: a layer or a block, else an up-sampling, else the first."""
    for wanted in (_LAYERS, frozenset({Role.UPSAMPLE})):
        for box in members:
            if box.kind == "block" or (box.role in wanted and box.kind not in ("input", "output")):
                return box
    return members[0]


def _solid(box: Box, wiring: _Wiring, sculptor: Sculptor) -> Solid:
    """The solid of one box."""
    flows = [wiring.boxes[edge.tail] for edge in wiring.into[box.id] if edge.kind != "skip"]
    skipped = [wiring.boxes[edge.tail] for edge in wiring.into[box.id] if edge.kind == "skip"]
    seen: list[Box] = []  # what stands before it in the picture: an up-sampling has become part of the concatenation
    for source in flows:
        taken = wiring.copies(box) and source.kind == "up" and wiring.only_reader(source) is box
        seen += [wiring.boxes[edge.tail] for edge in wiring.into[source.id]] if taken else [source]
    return sculptor.solid(box, flows, skipped, seen)


def _placed_resolutions(parts: Sequence[Part]) -> Iterator[Part]:
    """`parts`; a resolution is said at the last of those that look alike, since there is no room before."""
    held = ""
    for index, part in enumerate(parts):
        said = part.resolution or held
        after = parts[index + 1] if index + 1 < len(parts) else None
        goes_on = after is not None and 1 / _ALIKE < after.height / part.height < _ALIKE if part.height else False
        yield replace(part, resolution="" if goes_on else said)
        held = said if goes_on else ""


def _frozen(members: Sequence[Box]) -> Iterator[str]:
    """Whether what a solid stands for learns, in words: it has no corner for a mark."""
    learning = {box.frozen for box in members if box.params}
    if True in learning:
        yield "frozen" if learning == {True} else "partly frozen"


def _beside(members: Sequence[Box], main: Box) -> Iterator[str]:
    """What else a solid is, in words."""
    word = "after"
    for box in members:
        if box is main:
            word = "then"
        elif box.kind == "output":
            yield f"output {box.title}"
        else:
            yield f"{word} {kind(box)}"


def _moved(edges: Iterable[Edge], ids: Mapping[str, str]) -> Iterator[Edge]:
    """`edges` between the boxes that their ends have become, each pair once."""
    found: dict[tuple[str, str, str], Edge] = {}
    for edge in edges:
        key = ids[edge.tail], ids[edge.head], edge.port
        if key[0] != key[1] and (key not in found or edge.kind == "flow"):
            found[key] = replace(edge, tail=key[0], head=key[1])
    return iter(found.values())


def _frames(groups: Sequence[Group], boxes: Sequence[Box]) -> tuple[tuple[Group, ...], dict[str, str]]:
    """The frames that are left, and box id -> the name of the innermost of the others that holds it alone."""
    held: dict[str, list[Box]] = {group.id: [] for group in groups}
    for box in boxes:
        for name in box.groups:
            if name in held:
                held[name].append(box)
    parents = {group.id: group.parent for group in groups}
    kept = {name for name, inside in held.items() if len(inside) > 1 and any(box.form != "volume" for box in inside)}
    kept |= {group.id for group in groups if held[group.id] and (group.repeat > 1 or group.asked)}
    lost = {parents[name] for name, inside in held.items() if len(inside) > 1 and name not in kept}
    names: dict[str, str] = {}
    for group in reversed(groups):
        inside = held[group.id]
        if (
            len(inside) == 1 and group.id not in kept and group.parent not in lost
        ):  # all blocks beside each other say their names, or none
            names.setdefault(inside[0].id, group.title)

    return only(groups, kept), names


def _called(box: Box, name: str) -> Box:
    if box.solid is None or box.solid.name or not name:
        return box
    return replace(box, solid=replace(box.solid, name=name))


def _keys(panel: Panel, boxes: Sequence[Box], wiring: _Wiring, sculptor: Sculptor) -> Iterator[Key]:
    """What the colours of slices mean."""
    theme = sculptor.theme
    if any(box.role is Role.CONV and box.kind != "block" for box in boxes):
        yield Key(Role.CONV.words, "box", theme.paint(Role.CONV))
    active = next((box for box in panel.boxes if activation(box, sculptor.network) and wiring.solid(box)), None)
    if active is not None:
        yield Key(sculptor.activation or "activation", "box", dark(theme.paint(active.role)))
    for (_, name), paint in sculptor.kinds.items():
        yield Key(name, "box", paint)
    apart = {box.id for box in boxes}
    taken = [box for box in panel.boxes if box.kind == "up" and box.id not in apart]
    for title in dict.fromkeys(" ".join((box.title, *map(str, box.beside))) for box in taken):
        yield Key(title, "box", theme.paint(Role.UPSAMPLE))
    if any(box.bands for box in boxes):
        yield Key("branches, as thick as their share of the channels", "bands", theme.paint(Role.CONV))
    if any(wiring.copies(box) for box in panel.boxes):
        yield Key("copied feature map", "copy", theme.paint(Role.CONV))
