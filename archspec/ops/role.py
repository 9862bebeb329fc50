"""Role: what an op is for; decides its colour in pictures."""

from enum import Enum


class Role(Enum):
    """What an op is for."""

    INPUT = "input"
    CONV = "conv"
    LINEAR = "linear"
    NORM = "norm"
    ACTIVATION = "activation"
    POOL = "pool"
    UPSAMPLE = "upsample"
    MERGE = "merge"
    RESHAPE = "reshape"  # gives the numbers that it is given, and all of them
    DROPOUT = "dropout"
    ATTENTION = "attention"
    EMBEDDING = "embedding"
    RECURRENT = "recurrent"
    OTHER = "other"

    @property
    def words(self) -> str:
        """What a reader calls it: `convolution`; the value is the key in a theme."""
        return {"conv": "convolution", "pool": "pooling", "upsample": "up-sampling"}.get(self.value, self.value)
