"""Bus: what a dense block's own figure says. Each layer reads all maps before it, and adds one."""

from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Bus:
    """A dense block.

    Attributes:
        start: channels that enter it, as written at the left: `64`, `k₀`.
        words: lines in a layer's box: `1×1 128`, `3×3 32`.
        numbers: of the layers that are drawn: `1`, `2`, `3`, `6`; "…" stands for all between its neighbours.
        total: what leaves it, as written at the right: `64 + 6·32 = 256`.
    """

    start: str
    words: tuple[str, ...]
    numbers: tuple[str, ...]
    total: str
