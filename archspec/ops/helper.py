"""Helper: what emitted code defines for an op, because torch has none."""

from typing import Literal

from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Helper:
    """A small function or module class that emitted code defines once at module level, because torch has none.

    Attributes:
        name: of the function or class.
        source: its text.
        uses: what it needs besides `nn` and `Tensor`.
    """

    name: str
    source: str
    uses: tuple[Literal["torch", "F", "base64", "math", "zlib"], ...] = ()
