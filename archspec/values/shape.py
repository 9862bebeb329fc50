"""Shapes: what is known of a tensor without running anything.

The batch dimension is implied and stays open, as in `nn.Module` code: a `Shape` holds the other dimensions. An op that
folds space into the batch (window partition) multiplies `batch`, the number of rows that one sample becomes.

    (N, 64, 56, 56)  ->  Shape((64, 56, 56))

A parameter, a buffer, and what is computed from these alone have no batch: `batch` is 0 and `dims` are all dimensions.

    (1, 197, 768)    ->  Shape((1, 197, 768), batch=0)
"""

from collections.abc import Mapping
from math import prod
from typing import Literal, TypeAlias

from archspec.values.dataclass import dataclass

Stated = Literal["float", "int", "bool"]  # what a spec may say that an input, a parameter or a buffer holds
DType = Literal["float", "int", "bool", "complex"]

DTYPES: Mapping[str, Stated] = {"float": "float", "int": "int", "bool": "bool"}
KINDS: Mapping[DType, str] = {  # in torch
    "float": "torch.float32",
    "int": "torch.int64",
    "bool": "torch.bool",
    "complex": "torch.complex64",
}
HELD: Mapping[DType, str] = {  # in messages
    "float": "fractions",
    "int": "integers",
    "bool": "truth values",
    "complex": "complex numbers",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """The dimensions of one tensor, batch left out.

    Attributes:
        dims: sizes after the batch dimension: `(C, H, W)` for an image, `(K,)` for features, `(L, E)` for tokens.
        batch: rows per sample; 1 but for ops that fold space into the batch. 0 where there is no batch dimension.
        dtype: "float", "int" for indices and token numbers, "bool" for truth values, or "complex".
        channels_last: in three or more dimensions, the channels are the last: `(H, W, C)`.
    """

    dims: tuple[int, ...]
    batch: int = 1
    dtype: DType = "float"
    channels_last: bool = False

    @property
    def differentiable(self) -> bool:
        """Whether a gradient may pass through it."""
        return self.dtype in ("float", "complex")

    @property
    def channels(self) -> int:
        """Size of dimension 1 in PyTorch's counting: C of `(N, C, ...)`."""
        return self.dims[0] if self.dims else 1

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
        """Elements per sample; all elements where there is no batch."""
        return max(self.batch, 1) * prod(self.dims)

    @property
    def sizes(self) -> tuple[int | str, ...]:
        """All dimensions, the batch as `N` or, where an op folded space into it, as `49N`."""
        if not self.batch:
            return self.dims
        return ("N" if self.batch == 1 else f"{self.batch}N", *self.dims)

    def __str__(self) -> str:
        return " x ".join(map(str, self.sizes)) or "one number"


Shapes: TypeAlias = tuple[Shape, ...]
