"""Codes of theme files: colours and type of pictures."""

from archspec.diagnostics.codes.code import declare

declare(
    "bad-color",
    "a colour of a theme file is not written as one",
    """
    Colours are hex with three or six digits, in quotes because `#` starts a comment in YAML, or one of the sixteen
    basic names: aqua, black, blue, fuchsia, gray, green, lime, maroon, navy, olive, purple, red, silver, teal, white
    and yellow.
    """,
    """
    skip: rgb(179, 38, 30)
    """,
    """
    skip: "#b3261e"
    """,
)
declare(
    "low-contrast",
    "a theme's text can hardly be read on what is behind it",
    """
    Text needs a contrast of 4.5 to what it stands on, as WCAG 2.1 defines it at level AA. The nearest colour that has
    it is offered. Text on boxes is not concerned: it turns black or white where the ink cannot be read.
    """,
    """
    faint: "#aaaaaa"
    """,
    """
    faint: "#767676"
    """,
)
declare(
    "type-size",
    "a type size of a theme file is too small to print or too large for a page",
    """
    Sizes are in points, from 5.5, below which print cannot be read, to 24.
    """,
    """
    font: {counts: 4}
    """,
    """
    font: {counts: 5.5}
    """,
)
