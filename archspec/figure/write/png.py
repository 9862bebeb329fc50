"""PNG: the SVG rendered at four pixels to the point (288 dpi), with its title and its outline as text.

The text is set in Archspec Sans, which comes with the package, and never in a font of the machine: the picture is the
same wherever it is made. Characters that the face lacks, those of East Asia and emoji, are the exception: a font of the
machine that has them draws them, and a box does where none has.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate, chain, groupby
from struct import pack
from zlib import crc32

from archspec.figure.look.typeface import FACE, FILES, covers, width
from archspec.figure.scene import Mark, Scene, Text
from archspec.figure.write.format import Format, OfScene
from archspec.figure.write.svg import svg

SCALE = 4

_HEADER = 33  # bytes up to the end of the chunk IHDR
_METRE = 72 / 0.0254  # in points

# The first of these that the machine has sets what Archspec Sans lacks; without a name, any font could.
_MACHINE = (
    "'Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Hiragino Sans', 'Microsoft YaHei', 'Malgun Gothic', "
    "'WenQuanYi Micro Hei', 'WenQuanYi Zen Hei', 'Droid Sans Fallback', 'Noto Sans', 'DejaVu Sans', Arial, sans-serif"
)


def png(scene: Scene) -> bytes:
    """`scene` as a PNG file."""
    from resvg_py import svg_to_bytes

    pieces = replace(scene, marks=tuple(_pieces(mark) for mark in scene.marks))
    texts = (shape.text for mark in scene.marks for shape in mark.shapes if isinstance(shape, Text))
    made = bytes(
        svg_to_bytes(
            svg_string=svg(pieces, family=FACE, foreign=_MACHINE),
            zoom=SCALE,
            skip_system_fonts=all(covers(character) for text in texts for character in text),
            font_files=[str(path) for path in FILES.values()],
            font_family=FACE,
            sans_serif_family=FACE,
        )
    )
    density = round(SCALE * _METRE)
    added = (
        _chunk(b"pHYs", pack(">IIB", density, density, 1)),
        _text("Title", scene.title),
        _text("Description", scene.words),
        _text("Software", "archspec"),
    )
    return made[:_HEADER] + b"".join(added) + made[_HEADER:]


def _pieces(mark: Mark) -> Mark:
    """`mark` with every text cut where the font changes: resvg holds a text of one font to its length, and no other."""
    shapes = ((_cut(shape) if isinstance(shape, Text) else (shape,)) for shape in mark.shapes)
    return replace(mark, shapes=tuple(chain.from_iterable(shapes)))


def _cut(text: Text) -> Iterable[Text]:
    if all(map(covers, text.text)):
        return (text,)
    kept = text.text.replace(" ", "\N{NO-BREAK SPACE}")  # XML drops a space at an end
    runs = ["".join(run) for _, run in groupby(kept, key=covers)]
    lengths = [width(run, text.size, bold=text.bold) for run in runs]
    start = {"start": 0.0, "middle": -sum(lengths) / 2, "end": -sum(lengths)}[text.anchor]
    ways = accumulate(lengths[:-1], initial=start)
    places = ((text.x, text.y - way) if text.turned else (text.x + way, text.y) for way in ways)
    return [replace(text, x=x, y=y, text=run, anchor="start") for run, (x, y) in zip(runs, places, strict=True)]


def _text(keyword: str, text: str) -> bytes:
    """A chunk of international text: keyword, not compressed, no language, no translated keyword."""
    return _chunk(b"iTXt", keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode())


def _chunk(kind: bytes, data: bytes) -> bytes:
    """Source: PNG specification, chunk layout: length, type, data, CRC of type and data."""
    return pack(">I", len(data)) + kind + data + pack(">I", crc32(kind + data))


FORMAT = Format(suffixes=(".png",), made=OfScene(png), rank=2)
