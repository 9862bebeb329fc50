"""PDF: one page as large as the picture, vectors and real text in an embedded face as wide as Helvetica.

What the face lacks is set in other fonts (`text/runs.py`). The picture in words is the document's subject, for
reportlab writes no tagged PDF: the boxes themselves carry no structure.
"""

from io import BytesIO
from typing import TYPE_CHECKING

from archspec.figure.look.theme import Paint
from archspec.figure.look.typeface import width
from archspec.figure.scene import Circle, Point, Polygon, Rectangle, Scene, Shape, Text
from archspec.figure.write.format import Format, OfScene

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas


def pdf(scene: Scene) -> bytes:
    """`scene` as a PDF file."""
    from reportlab.pdfgen.canvas import Canvas

    from archspec.figure.write.text.runs import face

    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(scene.width, scene.height), invariant=1, initialFontName=face(bold=False))
    canvas.setTitle(scene.title)
    canvas.setSubject(scene.words)
    canvas.setCreator("archspec")
    canvas.setLineJoin(1)
    _Page(canvas, scene).draw()
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


class _Page:
    """Draws a scene on a canvas, whose y runs upwards."""

    def __init__(self, canvas: "Canvas", scene: Scene) -> None:
        self.canvas, self.scene = canvas, scene

    def draw(self) -> None:
        """Everything, back to front."""
        scene = self.scene
        if scene.theme.background != "#ffffff":
            self._shape(Rectangle(0, 0, scene.width, scene.height, 0, Paint(scene.theme.background, "none")))
        for mark in scene.marks:
            for shape in mark.shapes:
                self._shape(shape)

    def _shape(self, shape: Shape) -> None:
        canvas, top = self.canvas, self.scene.height
        if isinstance(shape, Text):
            self._text(shape)
            return
        paint = shape.paint
        self._paint(paint)
        filled, stroked = int(paint.fill != "none"), int(paint.stroke != "none")
        if isinstance(shape, Rectangle):
            y = top - shape.y - shape.height
            radius = min(shape.radius, shape.width / 2, shape.height / 2)
            canvas.roundRect(shape.x, y, shape.width, shape.height, radius, stroke=stroked, fill=filled)
        elif isinstance(shape, Circle):
            canvas.circle(shape.x, top - shape.y, shape.radius, stroke=stroked, fill=filled)
        else:
            path = canvas.beginPath()
            points = [(x, top - y) for x, y in shape.points]
            path.moveTo(*points[0])
            if isinstance(shape, Polygon):
                for point in points[1:]:
                    path.lineTo(*point)
                path.close()
            else:
                for a, b, c in zip(points[1::3], points[2::3], points[3::3], strict=True):
                    path.curveTo(*a, *b, *c)
            canvas.drawPath(path, stroke=stroked, fill=filled)

    def _paint(self, paint: Paint) -> None:
        if paint.fill != "none":
            self.canvas.setFillColor(paint.fill)
        if paint.stroke != "none":
            self.canvas.setStrokeColor(paint.stroke)
            self.canvas.setLineWidth(paint.width)
        self.canvas.setDash(*((3, 2) if paint.dashed else ()))

    def _text(self, text: Text) -> None:
        canvas, y = self.canvas, self.scene.height - text.y
        measured = width(text.text, text.size, bold=text.bold)
        start = {"start": 0.0, "middle": -measured / 2, "end": -measured}[text.anchor]
        canvas.setFillColor(text.color)
        if not text.turned:
            self._runs(text, text.x + start, y)
            return
        canvas.saveState()
        canvas.translate(text.x, y)
        canvas.rotate(90)
        self._runs(text, start, 0.0)
        canvas.restoreState()

    def _runs(self, text: Text, x: float, y: float) -> None:
        """Each run in its place, held to its measured width."""
        from archspec.figure.write.text.runs import runs

        for run in runs(text.text, bold=text.bold):
            measured = width(run.text, text.size, bold=text.bold)
            copied = run.shown != run.text
            if copied:
                self.canvas.addLiteral(f"/Span <</ActualText <FEFF{run.text.encode('utf-16-be').hex()}>>> BDC")
            self._write(run.shown, run.font, text.size, (x, y), measured)
            if copied:
                self.canvas.addLiteral("EMC")
            x += measured

    def _write(self, shown: str, font: str, size: float, place: Point, measured: float) -> None:
        """`shown` in `font`, stretched or squeezed to `measured`."""
        natural = self.canvas.stringWidth(shown, font, size)
        line = self.canvas.beginText(*place)
        line.setFont(font, size)
        held = natural > 0 and abs(measured / natural - 1) > 0.001
        if held:
            line.setHorizScale(100 * measured / natural)
        line.textOut(shown)
        if held:
            line.setHorizScale(100)  # it would hold for all text after this
        self.canvas.drawText(line)


FORMAT = Format(suffixes=(".pdf",), made=OfScene(pdf), rank=3)
