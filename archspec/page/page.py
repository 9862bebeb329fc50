"""The page on which a network is explored: its pictures, all its paths and its source, before any layout.

    Page       the whole
    Entry      one path of the spec: an op, a block, an input or an output
    Place      where something is written

A path is found even where the picture draws no box of its own for it: a batch norm is in the box of its convolution,
and a block that holds one convolution is that convolution's box. `Entry.item` is what stands for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Literal, TypeAlias

from archspec.diagnostics.diagnostic import Source
from archspec.figure.diagram import FROZEN, UNMARKED, Fused, Key
from archspec.figure.look.color import luminance
from archspec.figure.look.theme import DARK, LIGHT, THEMES, Paint, Theme
from archspec.figure.what import captions
from archspec.figure.what.boxes import gather
from archspec.figure.what.depict import described, known
from archspec.figure.what.finish import Setting
from archspec.figure.what.fold import DrawError, fold
from archspec.figure.what.levels import levels
from archspec.figure.what.panels import habit, untold
from archspec.figure.what.wanted import hidden_names, wanted
from archspec.graph.measured import value
from archspec.graph.network import Network
from archspec.graph.report import totals
from archspec.graph.walk import asked, level, within
from archspec.measures.costs import MACS, PARAMS
from archspec.measures.known import added, shown_in
from archspec.measures.measure import Measure
from archspec.ops.op import Role
from archspec.page.entries import Entry, Place, Sources, entries
from archspec.page.groups import Groups, groups
from archspec.page.parts import Picture, all_open, pictures
from archspec.values.dataclass import dataclass

__all__ = ["Entry", "Page", "Picture", "Place", "Source", "page"]

Scheme: TypeAlias = Literal["auto", "dark"]

# Ops of one page, and twice its blocks, which are laid out open and closed: each is drawn and listed at once, and 5,000
# ops take about 4 s. The gallery's largest network has 1,300.
MAX_PARTS = 6_700

_DARK = 0.18  # relative luminance of a background below which a theme is a dark one

_KEYED = (Role.CONV, Role.POOL, Role.UPSAMPLE, Role.LINEAR)  # roles with a key in the legend


@dataclass(frozen=True, slots=True)
class ItemMark:
    """What happened to an item between two networks, and what corresponds to it in the other, "" for nothing.

    `frames` are its paints while it is open, in each theme.
    """

    look: str
    words: str
    partner: str
    frames: tuple[Paint, Paint]


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows.

    Attributes:
        title: the network's name.
        variant: "" for none.
        doc: the spec's doc line.
        inputs: name and shape of each input, as they are printed.
        params: learned parameters that inference needs.
        macs: multiply-adds of inference, per sample.
        training: parameters that training adds.
        measures: what else is measured, and how much of it inference needs.
        figures: item -> the same of all that it stands for, in their order.
        footnote: what boxes leave out because it is said once.
        scheme: "auto" follows the reader's system, "dark" starts dark.
        light: the picture in light colours.
        dark: the same in dark ones: equal but for its paints.
        themes: of the two.
        legend: label, and its sample in each theme.
        opened: blocks that are open at first.
        entries: all paths, blocks before what is in them; the first that an item stands for gives the item its name.
        sources: the texts that the network is written in, the spec itself first.
        facts: what the bar says, and more of it for who asks; of the network itself where there are none.
        marks: item -> what happened to it, of a difference.
        heats: the measures besides params and MACs that boxes can be coloured by.
        amounts: item -> how much of each of them it has.
        heat: the label of the measure that boxes are coloured by at first, "" for none.
        groups: title and items of the frames that the spec asks for.
    """

    title: str
    variant: str
    doc: str
    inputs: tuple[tuple[str, str], ...]
    params: int
    macs: int
    training: int
    measures: tuple[tuple[Measure, int], ...]
    figures: Mapping[str, tuple[int, ...]]
    footnote: str
    scheme: Scheme
    light: Picture
    dark: Picture
    themes: tuple[Theme, Theme]
    legend: tuple[tuple[Key, Key], ...]
    opened: tuple[str, ...]
    entries: tuple[Entry, ...]
    sources: tuple[Source, ...]
    facts: tuple[tuple[str, str], ...] = ()
    marks: Mapping[str, ItemMark] = field(default_factory=dict)
    heats: tuple[Measure, ...] = ()
    amounts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    heat: str = ""
    groups: Groups = ()


def page(
    network: Network,
    *,
    theme: str | Theme = LIGHT.name,
    depth: int | None = None,
    expand: Sequence[str] = (),
    heat: str = "",
) -> Page:
    """The page of `network`. Linear in nodes and edges, times the nesting of blocks.

    Args:
        network: what to explore.
        theme: the colours, or their name. A dark one starts dark; else the reader's system decides.
        depth: levels of blocks that are open at first; None for as many as a picture on paper opens.
        expand: paths of blocks to open besides.
        heat: the measure that boxes are coloured by at first, "" for what they do.

    Raises:
        DrawError: a path to expand is not there, the theme or the heat is unknown, or the network is too large for a
            page.
    """
    themes, scheme = pair_of_themes(theme)
    shown = drawn(network, themes)
    light, dark, usual = shown.light, shown.dark, shown.usual
    graph = network.graph
    inference, training = totals(network)
    sources = Sources({graph.scopes[""].site.span.source: 0})  # the spec itself comes first
    listed = tuple(entries(network, light, sources))
    return Page(
        title=network.name,
        variant=network.variant,
        doc=network.doc,
        inputs=tuple((graph.nodes[id].name, captions.size(network.shapes[id][0])) for id in graph.inputs),
        params=inference.params,
        macs=inference.macs,
        training=training.params,
        measures=tuple(_measured(network)),
        figures=amounts(network, light, added("columns")),
        footnote=footnote(network, usual, light),
        scheme=scheme,
        light=light,
        dark=dark,
        themes=themes,
        legend=tuple(_legend(light, themes)),
        opened=tuple(_opened(network, light, depth, expand)),
        entries=listed,
        sources=sources.known(),
        heats=heats(),
        amounts=amounts(network, light, heats()),
        heat=_label(heat) if heat else "",
        groups=groups(graph, listed),
    )


def _label(heat: str) -> str:
    """What people call the measure of this name. Raises DrawError where boxes cannot be coloured by one."""
    by_name = {measure.name: measure for measure in shown_in("heat")}
    known(heat, list(by_name), "heat")
    return by_name[heat].label


def heats() -> tuple[Measure, ...]:
    """What boxes can be coloured by, besides the params and the MACs that every entry has."""
    return tuple(measure for measure in shown_in("heat") if measure not in (PARAMS, MACS))


@dataclass(frozen=True, slots=True)
class Drawn:
    """The pictures of one network, and what joins most of its ops, which no box says."""

    light: Picture
    dark: Picture
    usual: tuple[Fused, ...]


def drawn(network: Network, themes: tuple[Theme, Theme]) -> Drawn:
    """The pictures of `network`. Raises DrawError where it is too large for a page."""
    _require_bounded(network)
    gathered = gather(network, all_open(network.graph), described(network))
    usual = habit(gathered)
    setting = Setting(network, described(network), levels(network), themes[0], usual)
    light, dark = pictures(setting, gathered, themes)
    return Drawn(light, dark, tuple(usual))


def footnote(network: Network, usual: Sequence[Fused], shown: Picture) -> str:
    """What boxes leave out because it is said once."""
    unseen = captions.left_out(network.graph.nodes[id].op for id in untold(network, shown.panel))
    names = captions.sentence(list(dict.fromkeys(hidden_names(network.graph))))
    asked = f"Not shown, as the spec asks: {names}." if names else ""
    return " ".join(filter(None, (captions.included(usual), unseen, asked)))


def _require_bounded(network: Network) -> None:
    """Raises DrawError where a network is too large for a page; the message says what shows it."""
    parts = len(network.graph.nodes) + 2 * len(network.graph.scopes)
    if parts > MAX_PARTS:
        raise DrawError(
            f"a page has at most {MAX_PARTS:,} ops and blocks, each block counted twice, and this network has "
            f"{parts:,}; draw a figure, which closes what is too much (-o {network.name}.svg), or list all of it with "
            f"archspec summary -o {network.name}.csv"
        )


def _measured(network: Network) -> Iterator[tuple[Measure, int]]:
    always = [id for id, node in network.graph.nodes.items() if not node.train_only]
    for measure in added("columns"):
        yield measure, value(network, measure, always)


def amounts(network: Network, shown: Picture, measured: Sequence[Measure]) -> dict[str, tuple[int, ...]]:
    """Item -> how much of each measure its ops have: of a block, all in it."""
    boxes = (*shown.panel.boxes, *shown.closed.values()) if measured else ()
    return {box.id: tuple(value(network, measure, box.nodes) for measure in measured) for box in boxes}


def pair_of_themes(theme: str | Theme) -> tuple[tuple[Theme, Theme], Scheme]:
    """The light and the dark theme, in the same fonts, and which to start with. Raises DrawError."""
    if isinstance(theme, str):
        known(theme, list(THEMES), "theme")
        theme = THEMES[theme]
    if luminance(theme.background) < _DARK:
        return (replace(LIGHT, fonts=theme.fonts), theme), "dark"
    return (theme, replace(DARK, fonts=theme.fonts)), "auto"


def _opened(network: Network, shown: Picture, depth: int | None, expand: Sequence[str]) -> Iterator[str]:
    """The blocks that are open at first: those that a picture on paper opens.

    What paper draws as one box because its parts are alike, or one convolution each, opens where that is asked for.
    """
    graph = network.graph
    folded = fold(graph, depth=depth, expand=expand).opened
    always = fold(graph, depth=1).opened
    opened = [asked(graph, path) for path in expand]
    for name in shown.closed:
        deep = (depth is not None and level(name) < depth) or wanted(graph.scopes[name]).opened is True
        if deep or (name in folded - always) or any(path == name or within(path, name) for path in opened):
            yield name


def _legend(shown: Picture, themes: tuple[Theme, Theme]) -> Iterator[tuple[Key, Key]]:
    """What the colours and lines that can be seen mean."""
    light, dark = themes
    boxes = (*shown.panel.boxes, *shown.closed.values())
    paints = {box.paint for box in boxes}
    for role in _KEYED:
        if light.paint(role) in paints:
            yield Key(role.words, "box", light.paint(role)), Key(role.words, "box", dark.paint(role))
    kinds = {edge.kind for edge in shown.panel.edges}
    named = " or ".join(kind for kind in ("residual", "skip") if kind in kinds)
    if named:
        yield Key(named, "edge", light.skip), Key(named, "edge", dark.skip)
    if any(box.frozen and box.form not in UNMARKED for box in boxes):
        yield Key(FROZEN, "flake", light.terminal), Key(FROZEN, "flake", dark.terminal)
    if any(box.train_only for box in shown.panel.boxes):
        yield Key("in training only", "dashed", light.terminal), Key("in training only", "dashed", dark.terminal)
