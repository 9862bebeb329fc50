"""Form: what a table format says of itself."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from archspec.values.dataclass import dataclass

if TYPE_CHECKING:
    from archspec.compare.table import Difference
    from archspec.graph.report import Report


@dataclass(frozen=True, slots=True)
class OnTerminal:
    """How a format looks on a terminal: given its columns, and whether it shows colours."""

    report: "Callable[[Report, int, bool], str]"
    difference: "Callable[[Difference, int, bool], str]"


@dataclass(frozen=True, slots=True)
class Form:
    """A table format. Its texts end in a newline.

    Attributes:
        name: as `--format` says it.
        suffix: of its files, in lower case: `.md`.
        report: writes the counts of one network.
        difference: writes what is different between two.
        fits_page: a person reads it, so without `--depth` it shows as many levels as fit on a page.
        on_terminal: where it looks otherwise there than in a file.
        rank: its place where formats are listed; those of one rank stand by their names.
    """

    name: str
    suffix: str
    report: "Callable[[Report], str]"
    difference: "Callable[[Difference], str]"
    fits_page: bool = False
    on_terminal: OnTerminal | None = None
    rank: int = 100
