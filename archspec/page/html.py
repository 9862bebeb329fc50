"""HTML: one page to explore a network, complete in itself: it asks for nothing, and its policy forbids it to.

The page's parts are in `page/`: a template, a style sheet and scripts, put in as they stand. All that comes from a spec
is in one block of JSON, which the scripts read and write out as text, never as markup.
"""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from importlib.resources import files
from string import Template
from xml.sax.saxutils import escape

from archspec.figure.look.heat import ink_on, ramp
from archspec.figure.look.theme import Theme
from archspec.figure.look.typeface import FAMILY
from archspec.figure.wishes import Wishes
from archspec.graph.network import Network
from archspec.page.data import PageData
from archspec.page.page import Page, page
from archspec.page.shapes import Pair

SCRIPTS = (  # in this order
    *("model", "layout", "picture", "groups", "shapes", "lines", "view", "heat", "minimap", "sight"),
    *("table", "source", "search", "tips", "pins", "copy", "keys", "address", "window", "main"),
)


def render(network: Network, wishes: Wishes) -> bytes:
    """The page of `network` as an HTML file.

    Raises:
        DrawError: the theme or the heat is unknown, or a path to expand is not there.
    """
    made = page(network, theme=wishes.theme, depth=wishes.depth, expand=wishes.expand, heat=wishes.heat)
    return render_page(made)


def render_page(page: Page) -> bytes:
    """`page` as an HTML file. The same page gives the same bytes."""
    data = PageData(page)
    style = f"{_part('page.css')}\n{''.join(_colours(page.themes, data.pairs))}"
    script = "\n".join(['"use strict";', *(_part(f"{name}.js") for name in SCRIPTS)])
    made = Template(_part("page.html")).substitute(
        title=escape(page.title),
        scheme=page.scheme,
        policy=f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'",
        style=style,
        script=script,
        data=data.json,
    )
    return made.encode()


def _part(name: str) -> str:
    return (files("archspec.page") / "browser" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """The source expression that lets exactly `text` stand inside the page."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _colours(themes: tuple[Theme, Theme], pairs: Iterable[Pair]) -> Iterable[str]:
    """The picture's paints as classes: `p3` a paint, `s3` a fill with its stroke's colour."""
    light, dark = themes
    yield ":root {\n"
    for name in ("background", "ink", "faint"):
        yield f"  --picture-{name}: {_both(getattr(light, name), getattr(dark, name))};\n"
    yield f"  --picture-family: {_family(light)};\n}}\n"
    for index, (one, other) in enumerate(pairs):
        rules = [f"fill: {_both(one.fill, other.fill)}"]
        if one.stroke != "none":
            rules += [f"stroke: {_both(one.stroke, other.stroke)}", f"stroke-width: {one.width:g}"]
        if one.dashed:
            rules.append("stroke-dasharray: 3 2")
        yield f".p{index} {{ {'; '.join(rules)} }}\n"
        yield f".s{index} {{ fill: {_both(one.stroke, other.stroke)} }}\n"
    yield from _heat(light, dark)


def _heat(light: Theme, dark: Theme) -> Iterable[str]:
    """The steps of the heat scale: `h3` a fill with its outline, `i3` the colour of text on it."""
    for step, (one, other) in enumerate(zip(ramp(light), ramp(dark), strict=True)):
        stroke = _both(one.stroke, other.stroke)
        yield f".h{step}, .heated.h{step} {{ fill: {_both(one.fill, other.fill)}; stroke: {stroke} }}\n"
        yield f"#picture .i{step} {{ fill: {_both(ink_on(light, one.fill), ink_on(dark, other.fill))} }}\n"


def _both(light: str, dark: str) -> str:
    return light if light == dark else f"light-dark({light}, {dark})"


def _family(theme: Theme) -> str:
    """The face that the theme asks for, before those as wide as Helvetica; quoted, so that it is a name and no more."""
    name = "".join(letter for letter in theme.fonts.family if letter.isalnum() or letter in " -_.")
    return f"'{name}', {FAMILY}"
