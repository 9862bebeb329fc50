"""PDF: one page as large as the picture, vectors and real text in Helvetica, which every viewer has."""

from io import BytesIO

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from archspec.formats.picture.drawing import draw
from archspec.formats.picture.scene import Circle, Polygon, Rectangle, Scene, Shape, Text
from archspec.views.figure import Diagram
from archspec.views.theme import Paint


def render(diagram: Diagram) -> bytes:
    """`diagram` as a PDF file.

    Raises:
        DrawError: no layout within the time limit.
    """
    scene = draw(diagram)
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(scene.width, scene.height), invariant=1)
    canvas.setTitle(scene.title)
    canvas.setSubject(scene.description)
    canvas.setCreator("archspec")
    canvas.setLineJoin(1)
    _Page(canvas, scene).draw()
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


class _Page:
    """Draws a scene on a canvas, whose y runs upwards."""

    def __init__(self, canvas: Canvas, scene: Scene) -> None:
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
            self.canvas.setFillColor(HexColor(paint.fill))
        if paint.stroke != "none":
            self.canvas.setStrokeColor(HexColor(paint.stroke))
            self.canvas.setLineWidth(paint.width)
        self.canvas.setDash(*((3, 2) if paint.dashed else ()))

    def _text(self, text: Text) -> None:
        canvas, y = self.canvas, self.scene.height - text.y
        canvas.setFillColor(HexColor(text.color))
        canvas.setFont("Helvetica-Bold" if text.bold else "Helvetica", text.size)
        write = {"start": canvas.drawString, "middle": canvas.drawCentredString, "end": canvas.drawRightString}
        write[text.anchor](text.x, y, text.text)
