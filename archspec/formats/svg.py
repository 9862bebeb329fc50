"""SVG: text stays text, arrowheads are polygons, ids are stable, and every block says in its `<title>` what it is.

A text's `textLength` is its width in Helvetica, so that a fallback font is squeezed into its place.
"""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from archspec.formats.picture.drawing import draw
from archspec.formats.picture.scene import Circle, Curve, Mark, Point, Polygon, Rectangle, Scene, Shape, Text
from archspec.formats.picture.typeface import FAMILY, width
from archspec.views.figure import Diagram
from archspec.views.theme import Paint


def render(diagram: Diagram) -> bytes:
    """`diagram` as an SVG file.

    Raises:
        DrawError: no layout within the time limit.
    """
    return svg(draw(diagram)).encode()


def svg(scene: Scene) -> str:
    """`scene` as SVG. Sizes have no unit: one is a CSS pixel on screen and a point on paper."""
    size = f'width="{_number(scene.width)}" height="{_number(scene.height)}"'
    box = f'viewBox="0 0 {_number(scene.width)} {_number(scene.height)}"'
    reader = 'role="img" aria-labelledby="name text"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} {reader} font-family={quoteattr(FAMILY)}>',
        f'<title id="name">{escape(scene.title)}</title>',
        f'<desc id="text">{escape(scene.description)}</desc>',
        f'<rect width="100%" height="100%" fill="{scene.theme.background}"/>',
    ]
    for mark in scene.marks:
        lines += _mark(mark)
    return "\n".join([*lines, "</svg>", ""])


def _mark(mark: Mark) -> Iterator[str]:
    name = f" id={quoteattr(mark.id)}" if mark.id else ""
    source = f" data-source={quoteattr(mark.source)}" if mark.source else ""
    yield f'<g{name} class="{mark.kind}"{source}>'
    if mark.note:
        yield f"<title>{escape(mark.note)}</title>"
    for shape in mark.shapes:
        yield _shape(shape)
    yield "</g>"


def _shape(shape: Shape) -> str:
    if isinstance(shape, Text):
        return _text(shape)
    paint = _paint(shape.paint)
    if isinstance(shape, Rectangle):
        place = f'x="{_number(shape.x)}" y="{_number(shape.y)}"'
        size = f'width="{_number(shape.width)}" height="{_number(shape.height)}"'
        return f'<rect {place} {size} rx="{_number(shape.radius)}"{paint}/>'
    if isinstance(shape, Circle):
        return f'<circle cx="{_number(shape.x)}" cy="{_number(shape.y)}" r="{_number(shape.radius)}"{paint}/>'
    if isinstance(shape, Polygon):
        return f'<polygon points="{" ".join(map(_point, shape.points))}" stroke-linejoin="round"{paint}/>'
    return f'<path d="{_path(shape)}"{paint}/>'


def _path(curve: Curve) -> str:
    first, *rest = map(_point, curve.points)
    return f"M{first}C{' '.join(rest)}"


def _text(text: Text) -> str:
    place = f'x="{_number(text.x)}" y="{_number(text.y)}" font-size="{_number(text.size)}"'
    look = f' font-weight="bold"{_anchor(text)}' if text.bold else _anchor(text)
    length = _number(width(text.text, text.size, bold=text.bold))
    fitted = f'textLength="{length}" lengthAdjust="spacingAndGlyphs"' if text.text else ""
    return f'<text {place}{look} fill="{text.color}" {fitted}>{escape(text.text)}</text>'


def _anchor(text: Text) -> str:
    return "" if text.anchor == "start" else f' text-anchor="{text.anchor}"'


def _paint(paint: Paint) -> str:
    fill = f' fill="{paint.fill}"'
    if paint.stroke == "none":
        return fill
    dashes = ' stroke-dasharray="3 2"' if paint.dashed else ""
    return f'{fill} stroke="{paint.stroke}" stroke-width="{_number(paint.width)}"{dashes}'


def _point(point: Point) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(value: float) -> str:
    """`value` to hundredths, without trailing zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
