"""Text sizes: widths of Helvetica, so that a label is measured and never guessed. Arial is as wide.

They are read from Archspec Sans, which has Helvetica's widths and comes with the package (`fonts/`). Every format holds
a text to the width measured here, whatever face it finds. Lengths are in points throughout the pictures; 72 to an
inch, and one to a CSS pixel in SVG.
"""

import unicodedata
from functools import cache
from pathlib import Path

from archspec.figure.look.metrics import widths
from archspec.figure.look.theme import Fonts

FAMILY = "Helvetica, Arial, 'Liberation Sans', sans-serif"

FACE = "Archspec Sans"
FILES = {bold: Path(__file__).parent / "fonts" / f"sans-{'bold' if bold else 'regular'}.ttf" for bold in (False, True)}

_SIZES = Fonts()
TITLE, PANEL, BLOCK, DETAIL, COUNTS = _SIZES.title, _SIZES.panel, _SIZES.block, _SIZES.detail, _SIZES.counts

LEADING = 1.2  # line height over type size
CAPITALS = 0.72  # height of capitals and digits over type size

_EM = 1000  # width of a character that the face lacks, and of those of East Asia


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide `text` is at `size` points."""
    table = _table(bold)
    total = sum(table[character] if character in table else _unlisted(character) for character in text)
    return total * size / 1000


def covers(character: str) -> bool:
    """Whether Archspec Sans draws `character`."""
    return character in _table(False)


def _unlisted(character: str) -> int:
    return 0 if unicodedata.category(character) in ("Mn", "Me", "Cf") else _EM


@cache
def _table(bold: bool) -> dict[str, int]:
    return widths(FILES[bold])
