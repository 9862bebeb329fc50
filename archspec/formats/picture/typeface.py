"""Text sizes: widths of Helvetica, so that a label is measured and never guessed. Arial is as wide.

Lengths are in points throughout the pictures; 72 to an inch, and one to a CSS pixel in SVG.
"""

FAMILY = "Helvetica, Arial, 'Liberation Sans', sans-serif"

TITLE = 10.0
PANEL = 8.4
BLOCK = 7.2
DETAIL = 6.4
COUNTS = 6.0

LEADING = 1.2  # line height over type size
CAPITALS = 0.72  # height of capitals and digits over type size

# Widths in thousandths of the type size, from space to tilde. Source: Adobe's Core14 AFM files.
_REGULAR = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 "
    "278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 "
    "667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 "
    "556 333 500 278 556 500 722 500 500 500 334 260 334 584 "
)
_BOLD = (
    "278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 333 "
    "333 584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 667 778 722 667 611 722 "
    "667 944 667 667 611 333 278 333 584 556 333 556 611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 "
    "611 389 556 333 611 556 778 556 556 500 389 280 389 584 "
)
_OTHERS = {"×": 584, "·": 278, "\N{EN DASH}": 556}
_WIDEST = 1000  # of a character that is not in the tables


def _table(widths: str) -> dict[str, int]:
    return {chr(32 + index): int(width) for index, width in enumerate(widths.split())} | _OTHERS


_WIDTHS = {False: _table(_REGULAR), True: _table(_BOLD)}


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide `text` is at `size` points."""
    table = _WIDTHS[bold]
    return sum(table.get(character, _WIDEST) for character in text) * size / 1000
