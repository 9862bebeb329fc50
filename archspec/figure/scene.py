"""Scene: a display list of plain shapes. SVG, PNG and PDF draw the same one, so they are the same picture.

Points from the upper left corner, y downwards. `drawing.py` makes it from a Diagram.
"""

from typing import Literal, TypeAlias

from archspec.figure.look.theme import Paint, Theme
from archspec.values.dataclass import dataclass

Point: TypeAlias = tuple[float, float]
Span: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle, its corners rounded by `radius`."""

    x: float
    y: float
    width: float
    height: float
    radius: float
    paint: Paint

    @property
    def span(self) -> Span:
        """Its left, upper, right and lower edge."""
        return self.x, self.y, self.x + self.width, self.y + self.height


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed polygon."""

    points: tuple[Point, ...]
    paint: Paint

    @property
    def span(self) -> Span:
        """Its left, upper, right and lower edge."""
        xs, ys = [x for x, _ in self.points], [y for _, y in self.points]
        return min(xs), min(ys), max(xs), max(ys)


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle."""

    x: float
    y: float
    radius: float
    paint: Paint

    @property
    def span(self) -> Span:
        """Its left, upper, right and lower edge."""
        return self.x - self.radius, self.y - self.radius, self.x + self.radius, self.y + self.radius


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

    `note` is for a tooltip; `source` is the place in the spec, as `file:line`; `path` is that of the box in the
    network, "" for what is none, or is drawn again in detail.
    """

    id: str
    kind: str
    shapes: tuple[Shape, ...]
    note: str = ""
    source: str = ""
    path: str = ""


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
