"""Shapes: what is known of a tensor without running anything.

The batch dimension is implied and stays open, as in `nn.Module` code: a `Shape` holds the other dimensions. An op that
folds space into the batch (window partition) multiplies `batch`, the number of rows that one sample becomes.

    (N, 64, 56, 56)  ->  Shape((64, 56, 56))
"""

from dataclasses import dataclass
from math import prod
from typing import Literal

DType = Literal["float", "int"]


@dataclass(frozen=True, slots=True)
class Shape:
    """The dimensions of one tensor, batch left out.

    Attributes:
        dims: sizes after the batch dimension: `(C, H, W)` for an image, `(K,)` for features, `(L, E)` for tokens.
        batch: rows per sample; 1 but for ops that fold space into the batch.
        dtype: "float", or "int" for indices and token numbers.
    """

    dims: tuple[int, ...]
    batch: int = 1
    dtype: DType = "float"

    @property
    def channels(self) -> int:
        """Size of dimension 1 in PyTorch's counting: C of `(N, C, ...)`."""
        return self.dims[0]

    @property
    def spatial(self) -> tuple[int, ...]:
        """Sizes after the channels: `(H, W)` for an image."""
        return self.dims[1:]

    @property
    def height(self) -> int:
        """H of `(N, C, H, W)`."""
        return self.dims[1]

    @property
    def width(self) -> int:
        """W of `(N, C, H, W)`."""
        return self.dims[2]

    @property
    def numel(self) -> int:
        """Elements per sample."""
        return self.batch * prod(self.dims)

    def __str__(self) -> str:
        batch = "N" if self.batch == 1 else f"{self.batch}N"
        return " x ".join([batch, *map(str, self.dims)])
