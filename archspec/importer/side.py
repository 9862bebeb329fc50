"""Side: the module or the source made of its spec, as the proof runs both: outputs, multiply-adds, gradients."""

import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field

import torch
from torch import Tensor, nn

from archspec.importer.layout import BatchIn
from archspec.importer.nested import named_tensors
from archspec.importer.sketch import sketches
from archspec.importer.state import Kept
from archspec.runtime.compare import parts
from archspec.runtime.counters import count_macs
from archspec.values.dataclass import dataclass

FIRST = BatchIn()


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of the two.

    Attributes:
        module: it.
        by_name: it takes its inputs by name; otherwise by place.
        kept: what it holds, to which each run brings it back.
        batch_in: where each output has its batch, by name; those that have it first may be left out.
        left_out: the outputs that are not compared, by name.
    """

    module: nn.Module
    by_name: bool
    kept: Kept
    batch_in: Mapping[str, BatchIn] = field(default_factory=dict)
    left_out: Collection[str] = frozenset()

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
        found = [(name, tensor) for name, tensor in named_tensors(result) if name not in self.left_out]
        return [self.batch_in.get(name, FIRST).first(tensor) for name, tensor in found]

    def outputs(self, inputs: Mapping[str, Tensor], *, training: bool) -> list[Tensor]:
        """Its outputs in one mode. Raises whatever it raises."""
        with self._running(training=training), torch.no_grad():
            return self._given(inputs)

    def macs(self, inputs: Mapping[str, Tensor]) -> int:
        """Multiply-adds of a run. Raises whatever it raises, and where torch cannot count them."""
        try:
            return self._macs(sketches(inputs))
        except Exception:  # noqa: BLE001  it may need numbers, and the run with them raises whatever else there is
            return self._macs(inputs)

    def _macs(self, inputs: Mapping[str, Tensor]) -> int:
        with self._running():
            return count_macs(_Whole(self, tuple(inputs)), tuple(inputs.values()))[""]

    def gradients(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The gradient of each parameter by its key, of a weighed sum of all outputs in inference.

        Zeros for one that no output follows from; none of a parameter that does not learn. Raises whatever it raises.
        """
        learned = self._learned()
        with self._running(), torch.enable_grad():
            weighed = self._weighed(inputs)
            if weighed is None or not learned:
                return {}
            found = torch.autograd.grad(weighed, list(learned.values()), materialize_grads=True)
        return dict(zip(learned, map(_dense, found), strict=True))

    def each_gradient(self, inputs: Mapping[str, Tensor], take: Callable[[str, Tensor], None]) -> None:
        """Gives `take` the same, one by one and as soon as it is there: no two are held at once.

        The module is to be nobody else's, since its `grad`s are None afterwards.
        """
        learned = self._learned()
        keys: dict[Tensor, list[str]] = {}
        for key, one in learned.items():
            keys.setdefault(one, []).append(key)
        left = set(learned)

        def given(one: Tensor) -> None:
            gradient, one.grad = one.grad, None
            if gradient is None:
                return
            for key in keys[one]:
                left.discard(key)
                take(key, _dense(gradient))

        hooks = [one.register_post_accumulate_grad_hook(given) for one in keys]  # type: ignore[no-untyped-call]
        try:
            with self._running(), torch.enable_grad():
                weighed = self._weighed(inputs)
                if weighed is None:
                    return
                weighed.backward()  # type: ignore[no-untyped-call]
        finally:
            for hook in hooks:
                hook.remove()
        for key in learned:
            if key in left:
                take(key, torch.zeros_like(learned[key]))

    def _learned(self) -> dict[str, nn.Parameter]:
        return {key: one for key, one in self.module.named_parameters(remove_duplicate=False) if one.requires_grad}

    def _weighed(self, inputs: Mapping[str, Tensor]) -> Tensor | None:
        """The weighed sum of all outputs that learn; None where there are none."""
        weights = torch.Generator().manual_seed(0)
        outputs = [one for one in map(parts, self._given(inputs)) if one.is_floating_point()]
        sums = [(one * torch.randn(one.shape, generator=weights)).sum() for one in outputs]
        sums = [one for one in sums if one.requires_grad]
        return torch.stack(sums).sum() if sums else None


def _dense(gradient: Tensor) -> Tensor:
    """A gradient with all of its numbers; of `nn.Embedding(sparse=True)` torch gives those of rows that were read."""
    return gradient.to_dense() if gradient.is_sparse else gradient


class _Whole(nn.Module):
    """A side that is given its inputs by place."""

    def __init__(self, side: Side, names: tuple[str, ...]) -> None:
        super().__init__()
        self.module, self.side, self.names = side.module, side, names

    def forward(self, *given: Tensor) -> object:
        return self.module(**dict(zip(self.names, given, strict=True))) if self.side.by_name else self.module(*given)
