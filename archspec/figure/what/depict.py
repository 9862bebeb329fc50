"""The way from a network to its Diagram: fold, gather, caption, and say in words what the picture shows.

The network is the first panel. Left to itself the picture also shows, below, what is in the blocks that it draws
closed: one panel for each kind of block that is used more than once,
two where some of its uses have a part that others lack.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypeAlias

from archspec.figure.diagram import FROZEN, LACKS, UNMARKED, Bar, Box, Diagram, Fused, Key, Panel, Style
from archspec.figure.look.theme import LIGHT, THEMES, Theme, in_small_type
from archspec.figure.what import captions
from archspec.figure.what.block_panels import with_bands
from archspec.figure.what.block_roles import block_roles
from archspec.figure.what.boxes import gather
from archspec.figure.what.captions import BlockCaptions
from archspec.figure.what.cards import in_cards, of_blocks
from archspec.figure.what.costs import bars, heated, heated_bars, heats, rows_of, titles_inside
from archspec.figure.what.dense import buses
from archspec.figure.what.details import detail_panels
from archspec.figure.what.finish import Setting
from archspec.figure.what.fold import BUDGET, DrawError, Fold, fold
from archspec.figure.what.forms import (
    in_columns,
    in_detail,
    in_graph,
    in_levels,
    in_rows,
    running_downwards,
    with_glyphs,
    with_turned_words,
)
from archspec.figure.what.frames import without_frames
from archspec.figure.what.idioms import NO_IDIOMS, held_values, learned_values
from archspec.figure.what.known_idioms import idioms
from archspec.figure.what.levels import levels
from archspec.figure.what.links import depths
from archspec.figure.what.omit import Part, footnotes, without
from archspec.figure.what.panels import habit, panel
from archspec.figure.what.runs import runs
from archspec.figure.what.scales import NO_SCALES, Scales, scales, still
from archspec.figure.what.volumes import in_volumes
from archspec.figure.what.wanted import wanted
from archspec.figure.what.wanted_rows import require_rows
from archspec.graph.graph import Graph
from archspec.graph.network import Network
from archspec.graph.once import once
from archspec.graph.sequences import sequences
from archspec.graph.walk import children
from archspec.ops.op import Role
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """What a picture must fit.

    Attributes:
        width: in points; 0 for as wide as it comes out, a double column where that can be.
        budget: boxes that may be shown where the user does not say what to open.
        by_level: what has several resolutions may take a row for each.
        terse: blocks among those say their name or what they are, and not both.
        turned: long words among those are read upwards, in type that is a little smaller.
        folded: lines between rows for resolutions may run back to the left.
        downwards: what has several resolutions has a column for each, and runs from top to bottom.
        lanes: times the budget that may be there where blocks open into several resolutions.
        left_out: which panels of what is in closed blocks are not shown, counted from 0.
        details: how many of the others are shown at most, the first; None for all.
        without: parts of the picture that are not shown, of `PARTS`.
        for_room: those of them that nobody asked to leave out: a footnote tells of them.
        upright: the flow runs from top to bottom.
        each_branch: equal branches side by side are drawn one by one.
        column: how high a column then may be, in points.
    """

    width: float = 0.0
    budget: int = BUDGET
    by_level: bool = True
    terse: bool = False
    turned: bool = False
    folded: bool = False
    downwards: bool = False
    lanes: int = 1
    left_out: frozenset[int] = frozenset()
    details: int | None = None
    without: frozenset[Part] = frozenset()
    for_room: tuple[Part, ...] = ()
    upright: bool = False
    each_branch: bool = False
    column: float = float("inf")


DOUBLE_COLUMN = Page()
Sketches: TypeAlias = dict[Hashable, tuple[Panel, ...]]  # panels before they have forms, by what is open in them
STYLES: tuple[Style, ...] = ("auto", "figure", "graph", "volumes")

_OWN_STYLES: tuple[Style, ...] = ("plain",)
_KEYED = (Role.CONV, Role.POOL, Role.UPSAMPLE, Role.LINEAR, Role.ATTENTION)  # roles with a key in the legend


def diagram(
    network: Network,
    *,
    depth: int | None = None,
    expand: Sequence[str] = (),
    theme: str | Theme = LIGHT.name,
    style: Style = "figure",
    heat: str = "",
    page: Page = DOUBLE_COLUMN,
    sketches: Sketches | None = None,
) -> Diagram:
    """The picture of `network`. Linear in nodes.

    Args:
        network: what to draw.
        depth: levels of blocks to open; None for as many as fit one page.
        expand: paths of blocks to open besides.
        theme: the colours, or their name.
        style: "figure" block by block, "volumes" with feature maps as solids, "graph" op by op, "plain" for formats
            that leave the layout to their readers; "auto" is a figure.
        heat: the measure to colour boxes by: "params", "macs", "activations"; "" for what they do.
        page: what the picture must fit.
        sketches: what pictures of it for other pages have in common with this one; filled.

    Raises:
        DrawError: a path to expand is not there, or the style, the heat or the theme is unknown.
    """
    known(heat or heats()[0], heats(), "heat")
    colours, style = theme_of(theme, small=page.turned), _known_style(style)
    depth = len(network.graph.scopes) + 1 if style == "graph" and depth is None and not expand else depth
    setting = setting_of(network, colours, each_op=style == "graph")
    require_rows(network.graph, setting.levels, upright=page.upright)
    opening = openings(network, page) if style == "figure" else NO_SCALES
    folded = fold(network.graph, depth=depth, expand=expand, budget=page.budget, scales=opening, idioms=setting.idioms)
    setting, panels, legend = _drawn(setting, folded, page, style, sketches, coloured=not heat)
    cost = () if setting.each_op or style == "plain" else _bars(network, panels[0], colours)
    panels, legend = _coloured(network, panels, legend, colours, heat)
    made = Diagram(
        title=network.name,
        facts=tuple(_facts(network)),
        panels=panels,
        legend=legend,
        footnotes=tuple(footnotes(setting, panels, legend, page.without, page.for_room)),
        description=_description(network, panels[0]),
        theme=colours,
        style=style,
        bars=heated_bars(cost, colours) if heat else cost,
        width=page.width,
        column=page.column,
    )
    return without(made, page.without)


def _drawn(
    setting: Setting, folded: Fold, page: Page, style: Style, sketches: Sketches | None, *, coloured: bool
) -> tuple[Setting, tuple[Panel, ...], tuple[Key, ...]]:
    """All panels, with the keys that the first needs, and the setting: without a habit that none of them shows."""
    sketches = {} if sketches is None else sketches
    main, keys = _styled(_whole(setting, folded, page, sketches), style, setting, coloured=coloured, terse=page.terse)
    panels = (main, *(_details(setting, folded, page, sketches) if style in ("figure", "volumes") else ()))
    panels = tuple(map(with_glyphs, panels))
    panels = (with_turned_words(panels[0]), *panels[1:]) if page.turned else panels
    panels = (running_downwards(panels[0]), *panels[1:]) if page.downwards else panels
    if page.upright:
        panels = tuple(each if each.downwards else in_columns(each, terse=page.terse) for each in panels)
    if setting.habit and not any(_has(box, setting.habit) for shown in panels for box in shown.boxes):
        return _drawn(replace(setting, habit=()), folded, page, style, sketches, coloured=coloured)
    return setting, panels, keys


def _has(box: Box, habit: Sequence[Fused]) -> bool:
    """Whether a convolution has any of what convolutions usually have, where its box does not say otherwise."""
    lacks = {one for beside in box.beside if beside.sign == LACKS for one in beside.joined}
    return box.role is Role.CONV and box.kind != "block" and not lacks.issuperset(habit)


def setting_of(network: Network, colours: Theme, *, each_op: bool = False) -> Setting:
    """What all panels of a picture share."""
    usual, found = ((), NO_IDIOMS) if each_op else (_usual(network), idioms(network))
    return Setting(network, described(network), levels(network), colours, usual, each_op, found)


@once
def described(network: Network) -> BlockCaptions:
    """What describes the closed blocks of a network."""
    nodes = network.graph.nodes
    steps = depths(list(nodes), {node.id: [ref.node for ref in node.inputs] for node in nodes.values()})
    return BlockCaptions(
        network, steps, sequences(network), held_values(network), learned_values(network), block_roles(network)
    )


@once
def _usual(network: Network) -> tuple[Fused, ...]:
    """What its convolutions are usually followed by."""
    return habit(gather(network, Fold(frozenset(network.graph.scopes), {}, True), described(network)))


def openings(network: Network, page: Page) -> Scales:
    """What opens for its resolutions, where they have rows, and what is drawn once."""
    if page.by_level:
        return replace(_scales(network), more=page.lanes)
    return Scales(runs=runs(network), still=still(network))


@once
def _scales(network: Network) -> Scales:
    """What may open for its resolutions."""
    return replace(scales(network, levels(network), runs(network)), still=still(network))


def _whole(setting: Setting, folded: Fold, page: Page, sketches: Sketches) -> Panel:
    """The first panel, before its boxes have forms."""
    key = ("whole", *_key(setting, folded), page.each_branch)
    if key not in sketches:
        sketches[key] = (with_bands(setting, panel(setting, folded, each_branch=page.each_branch)),)
    [made] = sketches[key]
    return replace(made, folded=page.folded) if page.by_level else replace(made, arrangement="rows")


def _details(setting: Setting, folded: Fold, page: Page, sketches: Sketches) -> Iterator[Panel]:
    """The blocks in detail that the page has room for; none where somebody said what to open."""
    if folded.asked or "panels" in page.without:
        return
    key = ("details", *_key(setting, folded))
    if key not in sketches:
        sketches[key] = tuple(detail_panels(setting, folded))
    found = (*sketches[key], *buses(setting, folded, page.width))
    shown = (in_detail(each, setting.theme) for at, each in enumerate(found) if at not in page.left_out)
    yield from islice(shown, page.details)


def _key(setting: Setting, folded: Fold) -> tuple[Hashable, ...]:
    """What the panels of one network differ in: what is open, what goes without saying, and the type."""
    return (folded.opened, setting.habit, setting.theme.fonts)


def _coloured(
    network: Network, panels: tuple[Panel, ...], legend: tuple[Key, ...], colours: Theme, heat: str
) -> tuple[tuple[Panel, ...], tuple[Key, ...]]:
    """Panels and legend in the colours of a heat scale, or of what boxes do."""
    if not heat:
        return panels, _with_roles(legend, panels, colours)
    lines = [key for key in _with_roles(legend, panels, colours) if key.sample in ("edge", "copy", "fan", "flake")]
    panels, scale = heated(network, panels, colours, heat)
    return panels, (scale, *lines)


def _with_roles(legend: tuple[Key, ...], panels: Sequence[Panel], colours: Theme) -> tuple[Key, ...]:
    """The keys of a style, and those of the roles that it has none for."""
    told = {(key.sample, key.paint) for key in legend}
    more = _legend(panels, colours, slabs=bool(legend))
    return (*legend, *(key for key in more if (key.sample, key.paint) not in told))


def _styled(
    main: Panel, style: Style, setting: Setting, *, coloured: bool, terse: bool
) -> tuple[Panel, tuple[Key, ...]]:
    """The first panel in the forms of its style, and the keys that these need."""
    colours = setting.theme
    if style in ("graph", "plain"):
        return in_graph(main), ()
    if style == "volumes":
        return in_volumes(main, colours, setting.network, coloured=coloured)
    if main.arrangement == "levels":
        return (
            in_cards(main, colours, terse=terse, coloured=coloured)
            if of_blocks(main)
            else in_levels(main, colours, coloured=coloured, terse=terse)
        )
    return in_rows(main, colours), ()


def unframed(network: Network, made: Diagram, frames: frozenset[str], *, heat: str = "") -> Diagram:
    """`made` without frames round outermost blocks of its first panel; its strip tells of what was in them."""
    main = without_frames(made.panels[0], frames)
    cost = _bars(network, main, made.theme, frames) if made.bars else ()
    return replace(made, panels=(main, *made.panels[1:]), bars=heated_bars(cost, made.theme) if heat else cost)


def _bars(network: Network, main: Panel, colours: Theme, opened: frozenset[str] = frozenset()) -> tuple[Bar, ...]:
    called = titles_inside(network, opened) | _short_names(network.graph, main)
    rows, blocks = rows_of(network, main, opened), described(network).roles
    return tuple(bars(network, colours, called=called, rows=rows, blocks=blocks, opened=opened))


def _short_names(graph: Graph, main: Panel) -> dict[str, str]:
    """What is not called by its own name: what the first panel calls otherwise, and what its author does."""
    asked = {each.id: wanted(each).label for each in children(graph, graph.scopes[""])}
    return {box.id: box.title for box in main.boxes if box.bands} | {id: label for id, label in asked.items() if label}


def theme_of(theme: str | Theme, *, small: bool = False) -> Theme:
    """The theme, or that of this name; its type `small`. Raises DrawError where there is none."""
    if not isinstance(theme, Theme):
        known(theme, list(THEMES), "theme")
        theme = THEMES[theme]
    return in_small_type(theme) if small else theme


def _known_style(style: Style) -> Style:
    known(style, (*STYLES, *_OWN_STYLES), "style")
    return "figure" if style == "auto" else style


def known(name: str, names: Sequence[str], what: str) -> None:
    """Raises DrawError where `name` is none of `names`; the message lists those that users may ask for."""
    if name not in names:
        offered = [each for each in names if each not in _OWN_STYLES]
        raise DrawError(f"no {what} {name!r}; there are {captions.sentence(offered)}")


def _facts(network: Network) -> Iterator[str]:
    """The title line after the name."""
    graph = network.graph
    always = [network.costs[node.id] for node in graph.nodes.values() if not node.train_only]
    training = [network.costs[node.id] for node in graph.nodes.values() if node.train_only]
    if network.variant:
        yield network.variant
    yield f"{captions.total(sum(cost.params for cost in always))} params"
    yield f"{captions.total(sum(cost.macs for cost in always))} MACs"
    for name in graph.inputs:
        yield f"{'input' if len(graph.inputs) == 1 else name} {captions.size(network.shapes[name][0])}"
    if training:
        yield f"training adds {captions.total(sum(cost.params for cost in training))} params"


def keys(panels: Sequence[Panel], theme: Theme) -> tuple[Key, ...]:
    """The legend of panels without keys of their own."""
    return tuple(_legend(panels, theme, slabs=False))


def _legend(panels: Sequence[Panel], theme: Theme, *, slabs: bool) -> Iterator[Key]:
    """What the colours and lines that are there mean; `slabs` have keys of their own."""
    boxes = [box for shown in panels for box in shown.boxes if not (slabs and _keyed(box))]
    edges = [edge for shown in panels for edge in shown.edges]
    for role in _KEYED:
        if any(box.role is role and box.paint == theme.paint(role) for box in boxes):
            yield Key(role.words, "box", theme.paint(role))
    if any(box.form == "bands" and box.bands for box in boxes):
        yield Key("branches, as high as their share of the channels", "bands", theme.paint(Role.CONV))
    if any(box.repeat > 1 and not box.parallel and box.form != "volume" for box in boxes):
        yield Key("×N in a row", "stack", theme.paint(Role.CONV))
    drawn = {edge.kind for edge in edges if edge.paint.stroke == theme.skip.stroke}
    named = [name for name in ("residual", "skip") if name in drawn]
    if named:
        yield Key(" or ".join(named), "edge", theme.skip)
    if any(box.frozen and box.form not in UNMARKED for shown in panels for box in shown.boxes):
        yield Key(FROZEN, "flake", theme.terminal)
    if any(box.train_only for box in boxes):
        yield Key("in training only", "dashed", theme.terminal)


def _keyed(box: Box) -> bool:
    """Whether a box among slabs is told by a key of its own, or by its name."""
    return box.form in ("slab", "copy") or box.kind == "block"


def _description(network: Network, shown: Panel) -> str:
    """The first panel in words, for those who cannot see it."""
    return f"{network.name}: " + "; ".join(map(_words, shown.boxes)) + "."


def _words(box: Box) -> str:
    words = " ".join((box.title, *box.details))
    repeated = f" ×{box.repeat}" if box.repeat > 1 else ""
    beside = "".join(f", {words}" for words in box.solid.beside) if box.solid else ""
    return words + repeated + beside + (f" ({box.counts})" if box.counts else "")


__all__ = ["Diagram", "DrawError", "diagram"]
