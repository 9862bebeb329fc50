"""Several: blocks and whole networks in one picture, side by side, each under its title.

ConvNeXt's Figure 4 is `archspec draw resnet:resnet50/bottleneck swin:swin_t/block convnext:convnext_tiny/block`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import inf

from archspec.figure.diagram import COLUMN_HEIGHT, Diagram, Panel
from archspec.figure.look.theme import LIGHT, Theme
from archspec.figure.what import captions
from archspec.figure.what.depict import keys, setting_of, theme_of
from archspec.figure.what.finish import Setting
from archspec.figure.what.fold import BUDGET, DrawError, around_path, fold
from archspec.figure.what.forms import in_columns, in_detail, in_graph, in_rows
from archspec.figure.what.omit import Part, footnotes, without
from archspec.figure.what.panels import panel
from archspec.graph.network import Network
from archspec.graph.walk import asked, level, within
from archspec.registry import nearest
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """One of them: a network, or the scope `block` of it, "" for all of it."""

    network: Network
    block: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens in each of them.

    Attributes:
        depth: levels below a network or a block; None for as many as fit.
        expand: paths of blocks to open besides, from the network or from the block that is shown.
        budget: boxes that each may hold where nobody says what to open.
    """

    depth: int | None = None
    expand: tuple[str, ...] = ()
    budget: int = BUDGET // 2


FITTING = Opening()


def shown(network: Network, block: str) -> Shown:
    """What `block` means in `network`: the path of a scope, else the first use of a block of that name.

    Raises:
        DrawError: there is neither; the message offers the nearest.
    """
    graph = network.graph
    path = asked(graph, block)
    if path in graph.scopes:
        return Shown(network, path)
    named: dict[str, str] = {}
    for scope in graph.scopes.values():
        if scope.id:
            named.setdefault(scope.definition.name, scope.id)
    if block in named:
        return Shown(network, named[block])
    near = nearest(path, [*(id for id in graph.scopes if id), *named])
    raise DrawError(f"no block {block!r} in {network.name}" + (f"; the nearest is {near!r}" if near else ""))


def several(
    parts: Sequence[Shown],
    *,
    theme: str | Theme = LIGHT.name,
    width: float = 0.0,
    omitted: frozenset[Part] = frozenset(),
    for_room: tuple[Part, ...] = (),
    opening: Opening = FITTING,
    plain: bool = False,
    upright: bool = False,
) -> Diagram:
    """The picture of `parts`, in their order. Linear in nodes.

    Args:
        parts: what to draw.
        theme: the colours, or their name.
        width: of the page in points; 0 for a double column.
        omitted: what is not drawn.
        for_room: those of them that nobody asked to leave out: a footnote tells of them.
        opening: what opens in each of them.
        plain: for formats that leave the layout to their readers.
        upright: their flow runs from top to bottom.

    Raises:
        DrawError: the theme is unknown, or no part has a path that is to open.
    """
    colours = theme_of(theme)
    settings = [setting_of(part.network, colours) for part in parts]
    titles = _titles(parts)
    paths = _paths(parts, opening.expand)
    panels = tuple(
        _panel(part, setting, title, replace(opening, expand=own), plain=plain)
        for part, setting, title, own in zip(parts, settings, titles, paths, strict=True)
    )
    panels = tuple(map(in_columns, panels)) if upright and not plain else panels
    legend = keys(panels, colours)
    notes = [
        tuple(footnotes(setting, [drawn], legend, omitted, for_room))
        for setting, drawn in zip(settings, panels, strict=True)
    ]
    made = Diagram(
        title=", ".join(titles),
        facts=(),
        panels=panels,
        legend=legend,
        footnotes=tuple(_said(titles, notes)),
        description="; ".join(f"{drawn.title}: {_words(drawn)}" for drawn in panels) + ".",
        theme=colours,
        width=width,
        beside=True,
        column=COLUMN_HEIGHT if upright else inf,
    )
    return replace(without(made, omitted), headed=False)


def _paths(parts: Sequence[Shown], expand: Sequence[str]) -> list[tuple[str, ...]]:
    """The paths that open in each part: those that it has. Raises UnknownPath where none of them has one."""
    found: list[list[str]] = [[] for _ in parts]
    for path in expand:
        held = [(own, own_path) for part, own in zip(parts, found, strict=True) for own_path in _held(part, path)]
        for own, own_path in held:
            own.append(own_path)
        if not held:
            around_path(parts[0].network.graph, path)
    return [tuple(own) for own in found]


def _held(part: Shown, path: str) -> Iterator[str]:
    """What `path` names in a part: from its block where that has it, else from the network; nothing for neither."""
    graph = part.network.graph
    for full in (f"{part.block}/{path}", path) if part.block else (path,):
        if asked(graph, full) in graph.scopes or asked(graph, full) in graph.nodes:
            yield full
            return


def _panel(part: Shown, setting: Setting, title: str, opening: Opening, *, plain: bool) -> Panel:
    """One of them under its title: a block open, with what is in it as far as there is room; a network as by itself."""
    network = part.network
    costs = [network.costs[id] for id in network.graph.nodes if _counted(network, id, part.block)]
    totals = f"{captions.total(sum(c.params for c in costs))} params, {captions.total(sum(c.macs for c in costs))} MACs"
    where = part.block.replace("/", ".")
    named = network.graph.scopes[part.block].definition.name if part.block else ""
    what = [named if named != where else "", where, totals]
    opened = fold(
        network.graph,
        root=part.block,
        depth=None if opening.depth is None else opening.depth + level(part.block),
        expand=opening.expand,
        budget=opening.budget,
        idioms=setting.idioms,
    )
    made = panel(setting, opened, part.block, title, " \N{MIDDLE DOT} ".join(filter(None, what)))
    made = replace(made, arrangement="rows")
    if plain:
        return in_graph(made)
    if not part.block:
        return in_rows(made, setting.theme)
    shapes = {box.id: box.shape for box in made.boxes}
    drawn = in_detail(made, setting.theme)
    return replace(drawn, boxes=tuple(replace(box, shape=shapes[box.id]) for box in drawn.boxes))


def _counted(network: Network, id: str, block: str) -> bool:
    return not network.graph.nodes[id].train_only and within(id, block)


def _titles(parts: Sequence[Shown]) -> list[str]:
    """What tells them apart: the variant or the name of their networks, both where several have one of these."""
    short = [part.network.variant or part.network.name for part in parts]
    if len({part.network.name for part in parts}) < len(set(short)) or len(set(short)) == len(parts):
        return short
    return [f"{part.network.name} {part.network.variant}".rstrip() for part in parts]


def _said(titles: Sequence[str], notes: Sequence[tuple[str, ...]]) -> Iterable[str]:
    """What holds for all of them once, and the rest with the title of what it is said of."""
    shared = [note for note in notes[0] if all(note in each for each in notes)]
    for title, own in zip(titles, notes, strict=True):
        if rest := [note for note in own if note not in shared]:
            yield f"{title}: {' '.join(rest)}"
    yield from shared


def _words(drawn: Panel) -> str:
    return ", ".join(" ".join((box.title, *box.details)) for box in drawn.boxes)
