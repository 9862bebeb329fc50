"""Optimisers: what each keeps of every parameter from step to step.

With 8 bits, tensors of fewer elements than 4096 keep 32, and all others have a scale for each block of 256 elements.

Source: Dettmers et al., 8-bit optimizers via block-wise quantization (2022), section 2; sizes as in bitsandbytes 0.45.
"""

from collections.abc import Mapping
from types import MappingProxyType

from archspec.values.dataclass import dataclass

_SMALL, _BLOCK, _SCALE_BYTES, _FULL_BYTES = 4096, 256, 4, 4


@dataclass(frozen=True, slots=True)
class Optimizer:
    """What is kept of a tensor of parameters.

    Attributes:
        moments: numbers for each element.
        counter_bytes: for the tensor, such as a count of steps.
        bits: of a number; 0 for those of a parameter.
    """

    moments: int = 0
    counter_bytes: int = 0
    bits: int = 0

    def state(self, elements: int, width: int) -> int:
        """Bytes of state of a tensor whose elements have `width` bytes."""
        if not self.bits:
            return self.moments * elements * width + self.counter_bytes
        if elements < _SMALL:
            return self.moments * elements * _FULL_BYTES
        return self.moments * (elements * self.bits // 8 + -(-elements // _BLOCK) * _SCALE_BYTES)


OPTIMIZERS: Mapping[str, Optimizer] = MappingProxyType(
    {
        "sgd": Optimizer(),
        "momentum": Optimizer(1),
        "adam": Optimizer(2, counter_bytes=4),
        "adamw": Optimizer(2, counter_bytes=4),
        "adam8bit": Optimizer(2, bits=8),
    }
)
