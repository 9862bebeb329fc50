"""Several: blocks and whole networks in one picture, side by side, each under its title.

ConvNeXt's Figure 4 is `archspec draw resnet:resnet50/bottleneck swin:swin_t/block convnext:convnext_tiny/block`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from archspec.figure.diagram import Diagram, Panel
from archspec.figure.look.theme import LIGHT, Theme
from archspec.figure.what import captions
from archspec.figure.what.depict import keys, setting_of, theme_of
from archspec.figure.what.finish import Setting
from archspec.figure.what.fold import BUDGET, DrawError, fold
from archspec.figure.what.forms import in_detail, in_graph, in_rows
from archspec.figure.what.omit import Part, footnotes, without
from archspec.figure.what.panels import panel
from archspec.graph.network import Network
from archspec.graph.walk import asked, within
from archspec.registry import nearest


@dataclass(frozen=True, slots=True)
class Shown:
    """One of them: a network, or the scope `block` of it, "" for all of it."""

    network: Network
    block: str = ""


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
    plain: bool = False,
) -> Diagram:
    """The picture of `parts`, in their order. Linear in nodes.

    Args:
        parts: what to draw.
        theme: the colours, or their name.
        width: of the page in points; 0 for a double column.
        omitted: what is not drawn.
        plain: for formats that leave the layout to their readers.

    Raises:
        DrawError: the theme is unknown.
    """
    colours = theme_of(theme)
    settings = [setting_of(part.network, colours) for part in parts]
    titles = _titles(parts)
    panels = tuple(
        _panel(part, setting, title, plain=plain) for part, setting, title in zip(parts, settings, titles, strict=True)
    )
    legend = keys(panels, colours)
    notes = [
        tuple(footnotes(setting, [drawn], legend, omitted, ())) for setting, drawn in zip(settings, panels, strict=True)
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
    )
    return replace(without(made, omitted), headed=False)


def _panel(part: Shown, setting: Setting, title: str, *, plain: bool) -> Panel:
    """One of them under its title: a block open, with what is in it as far as there is room; a network as by itself."""
    network = part.network
    costs = [network.costs[id] for id in network.graph.nodes if _counted(network, id, part.block)]
    totals = f"{captions.total(sum(c.params for c in costs))} params, {captions.total(sum(c.macs for c in costs))} MACs"
    where = part.block.replace("/", ".")
    named = network.graph.scopes[part.block].definition.name if part.block else ""
    what = [named if named != where else "", where, totals]
    opened = fold(network.graph, root=part.block, budget=BUDGET // 2, idioms=setting.idioms)
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
