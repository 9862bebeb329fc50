"""Side: the module or the source made of its spec, as the proof runs both: outputs, multiply-adds, gradients."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field

import torch
from torch import Tensor, nn

from archspec.importer.record import named_tensors
from archspec.importer.state import Kept
from archspec.runtime.counters import count_macs
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of the two.

    Attributes:
        module: it.
        by_name: it takes its inputs by name; otherwise by place.
        kept: what it holds, to which each run brings it back.
        batch_at: the dimension in which each output has its batch, by name; those that have it first are left out.
    """

    module: nn.Module
    by_name: bool
    kept: Kept
    batch_at: Mapping[str, int] = field(default_factory=dict)

    @contextmanager
    def _running(self, *, training: bool = False) -> Iterator[None]:
        with self.kept.running(training=training), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.manual_seed(0)
            yield

    def _given(self, inputs: Mapping[str, Tensor]) -> list[Tensor]:
        """What it gives, each output with its batch first."""
        given = {name: tensor.clone() for name, tensor in inputs.items()}
        result = self.module(**given) if self.by_name else self.module(*given.values())
        found = named_tensors(result)
        return [tensor.movedim(self.batch_at[name], 0) if self.batch_at.get(name) else tensor for name, tensor in found]

    def outputs(self, inputs: Mapping[str, Tensor], *, training: bool) -> list[Tensor]:
        """Its outputs in one mode. Raises whatever it raises."""
        with self._running(training=training), torch.no_grad():
            return self._given(inputs)

    def macs(self, inputs: Mapping[str, Tensor]) -> int:
        """Multiply-adds of a run. Raises whatever it raises, and where torch cannot count them."""
        with self._running():
            return count_macs(_Whole(self, tuple(inputs)), tuple(inputs.values()))[""]

    def gradients(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The gradient of each parameter by its key, of a weighed sum of all outputs in inference.

        Zeros for one that no output follows from; none of a parameter that does not learn. Raises whatever it raises.
        """
        learned = {key: one for key, one in self.module.named_parameters(remove_duplicate=False) if one.requires_grad}
        weights = torch.Generator().manual_seed(0)
        with self._running(), torch.enable_grad():
            outputs = [one for one in self._given(inputs) if one.is_floating_point()]
            sums = [(one * torch.randn(one.shape, generator=weights)).sum() for one in outputs]
            sums = [one for one in sums if one.requires_grad]
            if not sums or not learned:
                return {}
            found = torch.autograd.grad(torch.stack(sums).sum(), list(learned.values()), materialize_grads=True)
        return dict(zip(learned, found, strict=True))


class _Whole(nn.Module):
    """A side that is given its inputs by place."""

    def __init__(self, side: Side, names: tuple[str, ...]) -> None:
        super().__init__()
        self.module, self.side, self.names = side.module, side, names

    def forward(self, *given: Tensor) -> object:
        return self.module(**dict(zip(self.names, given, strict=True))) if self.side.by_name else self.module(*given)
