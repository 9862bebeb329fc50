r"""Shown: characters of a value that nobody should be shown as they are, and what is read in their place.

    doc: "\e[31mred"        is read as        \x1b[31mred

A control character moves a terminal's cursor, sets its colours and its title, and keeps Python and XML from reading
what it stands in; a mark of direction makes a line look like another one. Nothing that a spec says needs them, so they
are taken out here, where every value comes in: source, tables, figures, pages and messages need not think of them.
"""

import re

# Controls but the line break and the tab, other line ends, and what turns or embeds the direction of writing.
_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


# Those that YAML lets stand in the middle of a line; the others come from an escape in double quotes.
_RAW = re.compile("[\u202a-\u202e\u2066-\u2069]")


def holds_unshown(text: str) -> bool:
    """Whether a line of `text` may have such a character as it stands."""
    return _RAW.search(text) is not None


def escaped(text: str) -> str:
    """`text` with an escape in place of each such character: a backslash and its number."""
    return _UNSHOWN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
