"""Scene: a display list of plain shapes. SVG, PNG and PDF draw the same one, so they are the same picture.

Points from the upper left corner, y downwards. `drawing.py` makes it from a Diagram.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from archspec.figure.look.theme import Paint, Theme

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle, its corners rounded by `radius`."""

    x: float
    y: float
    width: float
    height: float
    radius: float
    paint: Paint


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed polygon."""

    points: tuple[Point, ...]
    paint: Paint


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle."""

    x: float
    y: float
    radius: float
    paint: Paint


@dataclass(frozen=True, slots=True)
class Curve:
    """An open line of Bezier curves: a start, then three points for each."""

    points: tuple[Point, ...]
    paint: Paint


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text, its baseline at `y`.

    `turned` text runs upwards: turned about (x, y) by 90 degrees, counter-clockwise, with `anchor` along its line.
    """

    x: float
    y: float
    text: str
    size: float
    color: str
    bold: bool = False
    anchor: Literal["start", "middle", "end"] = "start"
    turned: bool = False


Shape: TypeAlias = Rectangle | Polygon | Circle | Curve | Text


@dataclass(frozen=True, slots=True)
class Mark:
    """Shapes that belong together: a box, an edge, a frame, a line of the legend.

    `note` is for a tooltip; `source` is the place in the spec, as `file:line`.
    """

    id: str
    kind: str
    shapes: tuple[Shape, ...]
    note: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """All that is to be drawn, back to front.

    `description` and `outline` are the same in words: a sentence, and lines indented by what is in what.
    """

    title: str
    description: str
    width: float
    height: float
    theme: Theme
    marks: tuple[Mark, ...]
    outline: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What the picture shows, for those who cannot see it: the outline, which says all of the description."""
        return "\n".join(self.outline) or self.description
