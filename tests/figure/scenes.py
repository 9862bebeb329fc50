"""A scene by hand: every kind of shape and of paint, and text that no format may trip over."""

from typing import Literal

from archspec.figure.look.theme import LIGHT, Paint, Theme
from archspec.figure.scene import Circle, Curve, Mark, Polygon, Rectangle, Scene, Shape, Text

HOSTILE = (
    r"\ { } & % $ # _ ~ ^",
    '"q" \'s `x <<a>> |',
    "-- --- ,, ?` !` fi",
    "</text>]]>&amp;",
    r"\end{document}\input{x}",
    "%s {0} $x$",
    "3×3 · 64\N{EN DASH}128, /2, m²",
    "naïve Łódź ñ ç œ ß Việt",
    "β-VAE Σ ∇ → ≤ ∞",
    "  spaces  ",
    "a\x07\x00b",
    "",
)

ANCHORS: tuple[tuple[bool, Literal["start", "middle", "end"]], ...] = (
    (False, "start"),
    (True, "end"),
    (False, "middle"),
)
LIGHTS = Paint("#bcd4f0", "#2f6ca8")
DASHES = Paint("none", "#b3261e", 1.0, dashed=True)
FILLED = Paint("#f8c3a8", "none")
NOTHING = Paint("none", "none")


def scene(*shapes: Shape, width: float = 200, height: float = 100, theme: Theme = LIGHT) -> Scene:
    mark = Mark("b-one", "box op", shapes, note="one", source="nets/one.yaml:3")
    return Scene("Title & more", "In words.", width, height, theme, (mark,), ("Title", "  one"))


def every_shape(theme: Theme = LIGHT) -> Scene:
    texts = tuple(
        Text(60, 20 + 12 * line, text, 8, theme.ink, bold=bold, anchor=anchor)
        for line, text in enumerate(HOSTILE)
        for bold, anchor in ANCHORS
    )
    shapes = (
        Rectangle(10, 170, 60, 30, 5, LIGHTS),
        Rectangle(80, 170, 2, 30, 9, DASHES),
        Rectangle(90, 170, 20, 30, 0, NOTHING),
        Circle(130, 185, 12, LIGHTS),
        Polygon(((150, 170), (180, 175), (180, 195), (150, 200)), FILLED),
        Curve(((190, 170), (210, 170), (190, 200), (230, 200)), DASHES),
        Curve(((240, 170), (250, 170), (240, 200), (260, 200), (270, 200), (260, 170), (280, 170)), DASHES),
        Text(8, 100, "Turned łβ", 8, "#0000ff", anchor="middle", turned=True),
    )
    return scene(*texts, *shapes, width=300.5, height=210.25, theme=theme)
