"""Format: what a picture format says of itself. What it is made from says who lays it out.

OfScene      archspec lays the picture out; the format draws plain shapes
OfDiagram    whoever reads the file lays it out; the format says what boxes and edges there are
OfNetwork    the reader opens and closes blocks; the format is given the network itself
"""

from collections.abc import Callable

from archspec.compare.changes import Comparison
from archspec.compare.table import Difference
from archspec.figure.diagram import Diagram
from archspec.figure.scene import Scene
from archspec.figure.wishes import Wish, Wishes
from archspec.graph.network import Network
from archspec.values.dataclass import dataclass


class UnknownFormat(ValueError):
    """No picture format has the suffix."""


@dataclass(frozen=True, slots=True)
class OfScene:
    """A format that draws a Scene, of one network or of a difference."""

    render: Callable[[Scene], bytes]


@dataclass(frozen=True, slots=True)
class OfDiagram:
    """A format that writes down a Diagram in the style "plain", of one network or of a difference."""

    render: Callable[[Diagram], bytes]


@dataclass(frozen=True, slots=True)
class OfNetwork:
    """A format that shows one network as its reader wants it, and two where it can."""

    render: Callable[[Network, Wishes], bytes]
    difference: Callable[[Comparison, Difference, Wishes], bytes] | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """A picture format.

    Attributes:
        suffixes: of its files, in lower case: `.svg`.
        made: from what, and how.
        without: the wishes that mean nothing to it.
        because: why they do: "--width has no meaning for .dot, {because}".
        rank: its place where formats are listed; those of one rank stand by their suffixes.
    """

    suffixes: tuple[str, ...]
    made: OfScene | OfDiagram | OfNetwork
    without: tuple[Wish, ...] = ()
    because: str = ""
    rank: int = 100

    @property
    def draws_differences(self) -> bool:
        """Whether it has a picture of two networks."""
        return not isinstance(self.made, OfNetwork) or self.made.difference is not None
