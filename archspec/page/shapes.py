"""Page glyphs: boxes as lists of shapes for the page's script, in two themes at once.

A shape is a letter and its numbers, with the index of its paint last but for text:

    r  x y width height radius paint        rectangle
    y  points paint                         polygon
    c  x y radius paint                     circle
    d  path paint                           curve
    t  x y text size paint look length      text; look is 1 bold + 2 turned + 4 middle + 8 end
"""

from typing import TypeAlias

from archspec.figure.diagram import Box
from archspec.figure.look.theme import Paint, Theme
from archspec.figure.look.typeface import width
from archspec.figure.place.glyphs import shapes
from archspec.figure.place.placed import PlacedBox
from archspec.figure.place.sizes import box_item, box_size
from archspec.figure.scene import Circle, Curve, Polygon, Rectangle, Shape, Text

Shown: TypeAlias = list[str | float]
Glyph: TypeAlias = list[float | list[Shown]]
Pair: TypeAlias = tuple[Paint, Paint]

_ANCHORS = {"start": 0, "middle": 4, "end": 8}


class Paints:
    """Pairs of a light and a dark paint by number, in the order in which they are first used."""

    def __init__(self) -> None:
        self.numbers: dict[Pair, int] = {}

    def __call__(self, light: Paint, dark: Paint) -> int:
        """The number of a pair."""
        return self.numbers.setdefault((light, dark), len(self.numbers))


def glyph(light: Box, dark: Box, themes: tuple[Theme, Theme], paints: Paints) -> Glyph:
    """A box with its axis at 0: width, upper and lower edge of its body, shapes, and 1 where it stretches."""
    fonts = themes[0].fonts
    size = box_size(light, fonts)
    half = max(size.height, size.height_in) / 2
    drawn = zip(
        shapes(PlacedBox(light, size, 0.0, 0.0), themes[0]),
        shapes(PlacedBox(dark, size, 0.0, 0.0), themes[1]),
        strict=True,
    )
    bar = box_item(light, size, fonts).form == "bar"
    return [number(size.width), number(-half), number(half), [_shape(*pair, paints) for pair in drawn], int(bar)]


def number(value: float) -> float:
    """`value` to hundredths, a whole number where it is one."""
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def _shape(light: Shape, dark: Shape, paints: Paints) -> Shown:
    if isinstance(light, Text):
        return _text(light, paints(_ink(light), _ink(dark)))
    paint = paints(light.paint, light.paint if isinstance(dark, Text) else dark.paint)
    if isinstance(light, Rectangle):
        return ["r", *map(number, (light.x, light.y, light.width, light.height, light.radius)), paint]
    if isinstance(light, Circle):
        return ["c", *map(number, (light.x, light.y, light.radius)), paint]
    if isinstance(light, Polygon):
        return ["y", " ".join(f"{number(x)},{number(y)}" for x, y in light.points), paint]
    return ["d", _path(light), paint]


def _ink(text: Shape) -> Paint:
    return Paint(text.color if isinstance(text, Text) else "none", "none")


def _path(curve: Curve) -> str:
    first, *rest = (f"{number(x)} {number(y)}" for x, y in curve.points)
    return f"M{first}C{' '.join(rest)}"


def _text(text: Text, paint: int) -> Shown:
    look = text.bold + 2 * text.turned + _ANCHORS[text.anchor]
    length = number(width(text.text, text.size, bold=text.bold))
    return ["t", number(text.x), number(text.y), text.text, text.size, paint, look, length]
