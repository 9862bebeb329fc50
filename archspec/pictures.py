"""Pictures: from a network to the bytes of a picture file, whatever its format."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from archspec.figure.diagram import Style
from archspec.figure.look.theme import LIGHT, Theme
from archspec.figure.place.fit import fitted
from archspec.figure.what.depict import diagram
from archspec.figure.what.fold import DrawError
from archspec.figure.write import HTML, UnknownFormat, known_suffixes, render
from archspec.graph.network import Network

_PAGES = "archspec.page.html"  # loaded on first use, as every format is
_LAID_OUT_BY_OTHERS = frozenset({".dot", ".mmd"})  # formats that say what to draw and leave the places to their readers

_WHY = {
    HTML: "a page on which the reader opens, closes and zooms",
    ".dot": "which leaves the layout to Graphviz",
    ".mmd": "which leaves the layout to Mermaid",
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a user may ask of a picture.

    Attributes:
        depth: levels of blocks to open; None for as many as fit.
        expand: paths of blocks to open besides.
        style: "auto", "figure", "graph" or "volumes".
        heat: what to colour by: "params", "macs", "activations"; "" for what boxes do.
        theme: the colours, or their name.
        width: of the page in points, 0 for a double column that may be exceeded.
    """

    depth: int | None = None
    expand: Sequence[str] = ()
    style: Style = "auto"
    heat: str = ""
    theme: str | Theme = LIGHT.name
    width: float = 0.0


class _Pages(Protocol):
    def render(self, network: Network, *, theme: str | Theme, depth: int | None, expand: Sequence[str]) -> bytes: ...


def picture(network: Network, suffix: str, wishes: Wishes | None = None) -> bytes:
    """`network` as a file of the format that `suffix` names: `.svg`, `.html`.

    Raises:
        UnknownFormat: no format has this suffix; the message lists those there are.
        DrawError: a wish cannot be met; the message says what can.
    """
    wishes = wishes or Wishes()
    suffix = suffix.lower()
    _require_meaning(suffix, wishes)
    if suffix not in known_suffixes():
        raise UnknownFormat(f"no picture format {suffix!r}; there are {', '.join(known_suffixes())}")
    depth, expand = wishes.depth, wishes.expand
    if suffix == HTML:
        return cast(_Pages, import_module(_PAGES)).render(network, theme=wishes.theme, depth=depth, expand=expand)
    style = wishes.style
    if suffix in _LAID_OUT_BY_OTHERS:
        plain: Style = "plain" if style in ("auto", "figure") else style
        made = diagram(network, depth=depth, expand=expand, theme=wishes.theme, style=plain, heat=wishes.heat)
        return render(made, suffix)
    made = fitted(
        network,
        depth=depth,
        expand=expand,
        theme=wishes.theme,
        style=style,
        heat=wishes.heat,
        width=wishes.width,
    )
    return render(made, suffix)


def _require_meaning(suffix: str, wishes: Wishes) -> None:
    """Raises DrawError where a wish means nothing in the format: no option is silently ignored."""
    nothing = []
    if suffix == HTML:
        nothing = [("style", wishes.style != "auto"), ("heat", bool(wishes.heat)), ("width", bool(wishes.width))]
    elif suffix in _LAID_OUT_BY_OTHERS:
        nothing = [("style volumes", wishes.style == "volumes"), ("width", bool(wishes.width))]
    for name, given in nothing:
        if given:
            raise DrawError(f"--{name} has no meaning for {suffix}, {_WHY[suffix]}")
