"""Pictures: from one network, or from two, to the bytes of a picture file, whatever its format."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from archspec.compare.changes import Comparison
from archspec.compare.table import Difference
from archspec.figure.diagram import Diagram, Style
from archspec.figure.place.drawing import draw
from archspec.figure.place.fit_difference import fitted_difference
from archspec.figure.place.venue import fitted_for, several_for
from archspec.figure.scene import Scene
from archspec.figure.what.depict import diagram
from archspec.figure.what.difference_figure import difference_figure, worth_opening
from archspec.figure.what.difference_panels import side_by_side
from archspec.figure.what.fold import DrawError
from archspec.figure.what.several import Opening, Shown, several
from archspec.figure.wishes import EXPAND, HEAT, OF_PAGES, STYLE, Wishes
from archspec.figure.write.format import Format, OfDiagram, OfNetwork, OfScene, UnknownFormat
from archspec.graph.network import Network
from archspec.page.format import FORMAT as PAGE
from archspec.registry import Registry, declared

__all__ = ["UnknownFormat", "Wishes", "difference_picture", "picture", "render", "several_picture", "suffixes"]

_OF_ONE = (STYLE, HEAT)  # wishes that several networks in one picture do not know
_OF_NETWORKS = (STYLE, HEAT, *OF_PAGES, EXPAND)  # wishes that the figure of a difference does not know


@cache
def formats() -> Registry[Format]:
    """Suffix -> format: the files of `archspec/figure/write/`, and the page."""
    found = (*declared("archspec.figure.write", "FORMAT", Format), PAGE)
    known: Registry[Format] = Registry("picture format")
    for one in sorted(found, key=lambda each: (each.rank, each.suffixes)):
        for suffix in one.suffixes:
            known.add(suffix, one)
    return known


def suffixes(*, of_differences: bool = False) -> tuple[str, ...]:
    """The suffixes of all formats, or of those that draw differences."""
    return tuple(suffix for suffix, one in formats().items() if one.draws_differences or not of_differences)


def picture(network: Network, suffix: str, wishes: Wishes | None = None) -> bytes:
    """`network` as a file of the format that `suffix` names: `.svg`, `.html`.

    Raises:
        UnknownFormat: no format has this suffix; the message lists those there are.
        DrawError: a wish cannot be met; the message says what can.
    """
    wishes = wishes or Wishes()
    chosen = _chosen(suffix, wishes)
    depth, expand, theme, heat = wishes.depth, wishes.expand, wishes.theme, wishes.heat
    match chosen.made:
        case OfNetwork(render=made):
            return made(network, wishes)
        case OfDiagram(render=made):
            style: Style = "plain" if wishes.style in ("auto", "figure") else wishes.style
            return made(diagram(network, depth=depth, expand=expand, theme=theme, style=style, heat=heat))
        case OfScene(render=made):
            return made(fitted_for(network, wishes))


def difference_picture(
    compared: Comparison, difference: Difference, suffix: str, wishes: Wishes | None = None
) -> bytes:
    """Both networks as a file of the format that `suffix` names: `.svg`.

    Raises:
        UnknownFormat: no format that draws differences has this suffix; the message lists those there are.
        DrawError: the theme is unknown, or a wish means nothing.
    """
    wishes = wishes or Wishes()
    if unmet := wishes.first(_OF_NETWORKS):
        raise DrawError(f"{unmet.option} has no meaning for the figure of a difference")
    depth, theme = wishes.depth, wishes.theme
    match _chosen(suffix, wishes).made:
        case OfScene(render=made):
            return made(draw(fitted_difference(compared, difference, theme=theme, depth=depth)))
        case OfDiagram(render=made):
            opened = worth_opening(compared, depth=depth)
            return made(difference_figure(compared, difference, opened, theme=theme, by_level=False, style="plain"))
        case OfNetwork(difference=both):
            if both is None:
                offered = ", ".join(suffixes(of_differences=True))
                raise UnknownFormat(f"{suffix} shows one network; there are {offered}")
            return both(compared, difference, wishes)


def several_picture(parts: Sequence[Shown], suffix: str, wishes: Wishes | None = None) -> bytes:
    """Blocks and networks side by side as a file of the format that `suffix` names.

    Raises:
        UnknownFormat: no format that draws diagrams has this suffix; the message lists those there are.
        DrawError: a wish means nothing, or the page is too narrow; the message says what can be done.
    """
    wishes = wishes or Wishes()
    if unmet := wishes.first(_OF_ONE):
        raise DrawError(f"{unmet.option} has no meaning for several networks in one picture, or for a block of one")
    match _of_diagrams(suffix, wishes):
        case OfScene(render=made):
            return made(several_for(parts, wishes))
        case OfDiagram(render=made):
            opening = Opening(wishes.depth, wishes.expand)
            found = several(parts, theme=wishes.theme, omitted=wishes.without, opening=opening, plain=True)
            names = [str(number) for number in range(len(found.panels))]
            return made(replace(found, panels=(side_by_side(found.panels, names, found.theme),)))


def render(shown: Diagram, suffix: str) -> bytes:
    """`shown` as a file of the format that `suffix` names.

    Raises:
        UnknownFormat: no format that draws diagrams has this suffix; the message lists those there are.
        DrawError: the page is too narrow; the message says how wide it must be.
    """
    match _of_diagrams(suffix, Wishes()):
        case OfScene(render=made):
            return made(draw(shown))
        case OfDiagram(render=made):
            return made(shown)


def scene_picture(scene: Scene, suffix: str) -> bytes:
    """A picture that is laid out already, as a file of the format that `suffix` names. Raises UnknownFormat."""
    made = _chosen(suffix, Wishes()).made
    if not isinstance(made, OfScene):
        raise UnknownFormat(f"{suffix} lays networks out by itself; there are {', '.join(scene_suffixes())}")
    return made.render(scene)


def scene_suffixes() -> tuple[str, ...]:
    """The suffixes of the formats that draw what is laid out already."""
    return tuple(suffix for suffix, one in formats().items() if isinstance(one.made, OfScene))


def _of_diagrams(suffix: str, wishes: Wishes) -> OfScene | OfDiagram:
    """How the format with this suffix is made, where it draws diagrams. Raises as `_chosen`."""
    made = _chosen(suffix, wishes).made
    if isinstance(made, OfNetwork):
        offered = ", ".join(suffix for suffix, one in formats().items() if not isinstance(one.made, OfNetwork))
        raise UnknownFormat(f"{suffix} shows a network and no diagram; there are {offered}")
    return made


def _chosen(suffix: str, wishes: Wishes) -> Format:
    """The format with this suffix. Raises UnknownFormat where there is none, DrawError where a wish means nothing."""
    suffix = suffix.lower()
    chosen = formats().get(suffix)
    if chosen is None:
        raise UnknownFormat(f"no picture format {suffix!r}; there are {', '.join(formats())}")
    if unmet := wishes.first(chosen.without):
        raise DrawError(f"{unmet.option} has no meaning for {suffix}, {chosen.because}")
    return chosen
