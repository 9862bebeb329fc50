"""PNG: the SVG rendered at four pixels to the point (288 dpi).

The text is set in Bitstream Vera, which comes with reportlab, and never in a font of the machine: the picture has its
text, and is the same, wherever it is made.
"""

from pathlib import Path

import reportlab
from resvg_py import svg_to_bytes

from archspec.formats.picture.drawing import draw
from archspec.formats.svg import svg
from archspec.views.figure import Diagram

SCALE = 4

_FONTS = Path(reportlab.__file__).parent / "fonts"
_FACE = "Bitstream Vera Sans"


def render(diagram: Diagram) -> bytes:
    """`diagram` as a PNG file.

    Raises:
        DrawError: no layout within the time limit.
    """
    return bytes(
        svg_to_bytes(
            svg_string=svg(draw(diagram)),
            zoom=SCALE,
            skip_system_fonts=True,
            font_files=[str(_FONTS / "Vera.ttf"), str(_FONTS / "VeraBd.ttf")],
            font_family=_FACE,
            sans_serif_family=_FACE,
        )
    )
