"""Cost: what one op needs, and how each counting tool would state it.

The convention, in one place. All figures are per sample, batch 1, inference.

- `macs`: one per multiply-add over convolution, transposed convolution, linear and matmul (attention included); no
bias.
  torch's FlopCounterMode counts exactly two per MAC; torchvision's published `_ops` are MACs / 1e9.
- `fvcore`: what fvcore's FlopCountAnalysis reports for the same op, its faults included (attention and
  `Conv2d(padding="same")` count 0 there).
- Everything else (norm, activation, pool, resample, elementwise) is arithmetic in a column of its own, in elements.
"""

from dataclasses import fields

from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """Counts of one op, or a sum of them.

    Attributes:
        params: learned parameters (elements). Shared ones count where they are first used.
        buffers: elements of buffers (running statistics), never part of params.
        macs: multiply-adds, as defined above.
        norm: elements normalised.
        activation: elements through a non-linearity.
        pool: elements read by pooling.
        resample: elements written by interpolation, un-pooling, padding or cropping.
        elementwise: elements written by additions and other arithmetic joins.
        activations: elements of all outputs, the usual measure of activation memory.
        fvcore: FLOPs in fvcore's convention.
        trainable: those of params that learn, since nothing freezes them.
    """

    params: int = 0
    buffers: int = 0
    macs: int = 0
    norm: int = 0
    activation: int = 0
    pool: int = 0
    resample: int = 0
    elementwise: int = 0
    activations: int = 0
    fvcore: int = 0
    trainable: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(*(getattr(self, name) + getattr(other, name) for name in COLUMNS))

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(*(getattr(self, name) - getattr(other, name) for name in COLUMNS))

    @property
    def flops(self) -> int:
        """Floating-point operations, two per MAC."""
        return 2 * self.macs


COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Cost))

CONVENTIONS: dict[str, tuple[str, str]] = {
    # name: (label, how a Cost is restated)
    "macs": ("MACs", "multiply-adds of convolutions, linear layers and matmuls"),
    "fvcore": ("FLOPs (fvcore)", "fvcore's FlopCountAnalysis: MACs plus its norm, pool and upsampling terms"),
    "torch": ("FLOPs (torch)", "torch.utils.flop_counter.FlopCounterMode: 2 x MACs"),
    "torchvision": ("GFLOPs (torchvision)", "the weights' published `_ops`: MACs / 1e9, three decimals"),
}


def restate(cost: Cost, convention: str) -> int | float:
    """The total of `cost` as `convention` would count it. Raises KeyError for an unknown convention."""
    by_name: dict[str, int | float] = {
        "macs": cost.macs,
        "fvcore": cost.fvcore,
        "torch": cost.flops,
        "torchvision": round(cost.macs / 1e9, 3),
    }
    return by_name[convention]
