"""SVG: text stays text, arrowheads are polygons, ids are stable, and every block says in its `<title>` what it is.

A text's `textLength` is its measured width, so that a fallback font is squeezed into its place.

For screen readers the picture is a graphics document with a name and a description, which holds the whole outline.
Every block in it is one symbol with a name, so that a reader can go from block to block; edges are passed over.
"""

import re
from collections.abc import Iterator
from html import escape  # not that of xml.sax, which loads the network's modules to be imported

from archspec.figure.look.theme import Fonts, Paint
from archspec.figure.look.typeface import FAMILY, covers, width
from archspec.figure.scene import Circle, Curve, Mark, Point, Polygon, Rectangle, Scene, Shape, Text
from archspec.figure.write.format import Format, OfScene
from archspec.figure.write.text.decimals import decimal

_GENERIC = ("serif", "sans-serif", "monospace", "system-ui")  # of CSS, which stand without quotes
_IN_QUOTES = str.maketrans({'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escaped(text: str) -> str:
    """`text` as the content of an element; U+FFFD stands for what XML cannot hold."""
    return escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text), quote=False)


def svg(scene: Scene, *, family: str = "", foreign: str = "") -> str:
    """`scene` as SVG. Sizes have no unit: one is a CSS pixel on screen and a point on paper.

    Args:
        scene: what to draw.
        family: of fonts; "" for that of the theme, then Helvetica and faces as wide.
        foreign: the family of texts with characters that Archspec Sans lacks; "" for the same.
    """
    size = f'width="{decimal(scene.width)}" height="{decimal(scene.height)}"'
    box = f'viewBox="0 0 {decimal(scene.width)} {decimal(scene.height)}"'
    reader = 'role="graphics-document document" aria-labelledby="name" aria-describedby="text"'
    fonts = f"font-family={_quoted(family or _family(scene.theme.fonts))}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} {reader} {fonts}>',
        f'<title id="name">{escaped(scene.title)}</title>',
        f'<desc id="text">{escaped(scene.words)}</desc>',
        f'<rect width="100%" height="100%" fill="{scene.theme.background}"/>',
    ]
    for mark in scene.marks:
        lines += _mark(mark, foreign)
    return "\n".join([*lines, "</svg>", ""])


def _family(fonts: Fonts) -> str:
    """The families asked for, then those that are as wide as text is measured."""
    if fonts.family == Fonts().family:
        return FAMILY
    names = filter(None, (name.strip() for name in fonts.family.split(",")))
    return ", ".join([*(name if name in _GENERIC else f"'{name}'" for name in names), FAMILY])


def _mark(mark: Mark, foreign: str) -> Iterator[str]:
    name = f" id={_quoted(mark.id)}" if mark.id else ""
    source = f" data-source={_quoted(mark.source)}" if mark.source else ""
    reader = ' role="graphics-symbol img"' if mark.note else ""
    if mark.kind.startswith("edge"):
        reader = ' aria-hidden="true"'
    yield f"<g{name} class={_quoted(mark.kind)}{source}{reader}>"
    if mark.note:
        yield f"<title>{escaped(mark.note)}</title>"
    for shape in mark.shapes:
        yield element(shape, foreign)
    yield "</g>"


def _quoted(text: str) -> str:
    return f'"{escaped(text).translate(_IN_QUOTES)}"'


def element(shape: Shape, foreign: str = "") -> str:
    """`shape` as one SVG element."""
    if isinstance(shape, Text):
        return _text(shape, foreign)
    paint = _paint(shape.paint)
    if isinstance(shape, Rectangle):
        place = f'x="{decimal(shape.x)}" y="{decimal(shape.y)}"'
        size = f'width="{decimal(shape.width)}" height="{decimal(shape.height)}"'
        return f'<rect {place} {size} rx="{decimal(shape.radius)}"{paint}/>'
    if isinstance(shape, Circle):
        return f'<circle cx="{decimal(shape.x)}" cy="{decimal(shape.y)}" r="{decimal(shape.radius)}"{paint}/>'
    if isinstance(shape, Polygon):
        return f'<polygon points="{" ".join(map(_point, shape.points))}" stroke-linejoin="round"{paint}/>'
    return f'<path d="{_path(shape)}"{paint}/>'


def _path(curve: Curve) -> str:
    first, *rest = map(_point, curve.points)
    return f"M{first}C{' '.join(rest)}"


def _text(text: Text, foreign: str) -> str:
    place = f'x="{decimal(text.x)}" y="{decimal(text.y)}" font-size="{decimal(text.size)}"'
    look = f' font-weight="bold"{_anchor(text)}' if text.bold else _anchor(text)
    if foreign and not all(map(covers, text.text)):
        look += f" font-family={_quoted(foreign)}"
    length = decimal(width(text.text, text.size, bold=text.bold))
    turn = f' transform="rotate(-90 {decimal(text.x)} {decimal(text.y)})"' if text.turned else ""
    fitted = f'textLength="{length}" lengthAdjust="spacingAndGlyphs"' if text.text else ""
    return f'<text {place}{turn}{look} fill="{text.color}" {fitted}>{escaped(text.text)}</text>'


def _anchor(text: Text) -> str:
    return "" if text.anchor == "start" else f' text-anchor="{text.anchor}"'


def _paint(paint: Paint) -> str:
    fill = f' fill="{paint.fill}"'
    if paint.stroke == "none":
        return fill
    dashes = ' stroke-dasharray="3 2"' if paint.dashed else ""
    return f'{fill} stroke="{paint.stroke}" stroke-width="{decimal(paint.width)}"{dashes}'


def _point(point: Point) -> str:
    return f"{decimal(point[0])},{decimal(point[1])}"


FORMAT = Format(suffixes=(".svg",), made=OfScene(lambda scene: svg(scene).encode()), rank=1)
