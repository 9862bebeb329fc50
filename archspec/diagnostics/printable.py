"""Printable: text of a spec as a terminal may show it. A spec's bytes must not move a cursor or set a colour."""

import unicodedata

TAB = "    "


def printable(text: str) -> str:
    """`text` on one line, with escapes in place of control characters."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def cell(character: str) -> str:
    """What stands for one character of a source line: a tab is four spaces, what cannot be seen is U+FFFD."""
    if character == "\t":
        return TAB
    return character if character.isprintable() else "\ufffd"


def width(text: str) -> int:
    """Terminal columns of `text`: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
