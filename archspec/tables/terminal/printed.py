"""Lines and ruled tables as text.

The rules are ASCII, so that a table stays straight where an encoding lacks the rest.
"""

from collections.abc import Sequence
from io import StringIO

from rich.box import Box
from rich.console import Console
from rich.table import Table
from rich.text import Text

_RULED = Box("    \n    \n -- \n    \n    \n -- \n    \n    \n", ascii=True)


def ruled() -> Table:
    """A table with a rule under its headings, without columns yet."""
    return Table(box=_RULED, pad_edge=False, header_style="bold", show_edge=False)


def printed(parts: Sequence[Text | Table], width: int | None, color: bool) -> str:
    """`parts` below one another, in `width` columns, None for as many as they need; `color` with ANSI escapes."""
    buffer = StringIO()
    console = Console(
        file=buffer,
        width=width or 1000,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, Text))
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"
