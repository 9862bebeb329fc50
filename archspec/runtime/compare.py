"""Comparing two live modules: their state_dicts, and what they compute from the same weights and the same input."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from archspec.registry import nearest
from archspec.runtime.counters import named_outputs
from archspec.values.dataclass import dataclass

# Relative to the largest value of an output: what summing in another order may cost.
TOLERANCE = {torch.float64: 1e-10, torch.float32: 1e-4, torch.float16: 2e-2, torch.bfloat16: 1e-1}
SHOWN = 5


@dataclass(frozen=True, slots=True)
class OutputDifference:
    """How far one output of the peer is from ours.

    Attributes:
        theirs: its name at the peer; "" for a bare tensor.
        ours: the output it was compared with.
        largest: largest absolute difference.
        scale: largest absolute value of the peer's.
        dtype: of the values.
    """

    theirs: str
    ours: str
    largest: float
    scale: float
    dtype: torch.dtype

    @property
    def equal(self) -> bool:
        """Bit for bit."""
        return self.largest == 0

    @property
    def close(self) -> bool:
        """Equal but for the order of summation."""
        return self.equal or self.largest <= TOLERANCE.get(self.dtype, 0.0) * self.scale


def state_dict_differences(ours: nn.Module, theirs: nn.Module, *, whose: str = "the peer's") -> tuple[str, ...]:
    """What differs between the two state_dicts: keys, shapes, then order. Empty where nothing does.

    Args:
        ours: one module.
        theirs: the other.
        whose: what messages call the other.
    """
    own, peer = _shapes(ours), _shapes(theirs)
    found = [f"{key}: not ours{_meant(key, own.keys() - peer.keys())}" for key in peer if key not in own]
    found += [f"{key}: not {whose}{_meant(key, peer.keys() - own.keys())}" for key in own if key not in peer]
    for key in own if not found else ():
        if own[key] != peer[key]:
            found.append(f"{key}: {_by(own[key])}, {whose} is {_by(peer[key])}")
    if not found:
        pairs = zip(own, peer, strict=True)
        found = [f"order: {a} stands where {whose} is {b}" for a, b in pairs if a != b][:1]
    rest = len(found) - SHOWN
    return (*found[:SHOWN], f"and {rest} more") if rest > 0 else tuple(found)


def randomise(module: nn.Module, *, seed: int = 0) -> None:
    """Overwrites the state_dict so that values stay in range through any depth: scaled weights, positive variances."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for key, tensor in module.state_dict().items():
            if not tensor.is_floating_point():
                continue
            values = torch.empty(tensor.shape)
            if key.endswith("running_var"):
                values.uniform_(0.5, 1.5, generator=generator)
            elif tensor.dim() > 1:
                values.normal_(0, math.sqrt(2 / tensor[0].numel()), generator=generator)
            elif key.endswith("weight"):
                values.uniform_(0.4, 0.9, generator=generator)
            else:
                values.normal_(0, 0.1, generator=generator)
            tensor.copy_(values)


def output_differences(ours: object, theirs: object, *, more: bool = False) -> tuple[OutputDifference, ...] | str:
    """Each of our outputs beside the peer's of the same name, else the nearest in value. A str says why there is none.

    Args:
        ours: what our forward pass returned.
        theirs: what the peer's returned.
        more: the peer may have outputs besides, such as an auxiliary head that it runs in eval too.
    """
    own, peer = named_outputs(ours), named_outputs(theirs)
    if len(own) > len(peer) or (len(own) < len(peer) and not more):
        return f"{len(own)} outputs ({_listed(own)}), the peer has {len(peer)} ({_listed(peer)})"
    pairs: list[OutputDifference] = []
    for name in sorted(own, key=lambda name: name not in peer):  # outputs that share a name choose first
        candidates = [name] if name in peer else list(peer)
        fitting = [other for other in candidates if peer[other].shape == own[name].shape]
        if not fitting:
            sizes = ", ".join(_by(peer[other].shape) for other in candidates)
            return f"output {name or '0'} is {_by(own[name].shape)}, the peer's {sizes}"
        found = min((_difference(other, name, peer[other], own[name]) for other in fitting), key=lambda d: d.largest)
        del peer[found.theirs]
        pairs.append(found)
    return tuple(pairs)


def equal(one: Tensor, other: Tensor) -> bool:
    """Bit for bit; what is no number in one is none in the other."""
    return torch.equal(one.nan_to_num(), other.nan_to_num()) and torch.equal(one.isnan(), other.isnan())


def parts(tensor: Tensor) -> Tensor:
    """Its numbers: (..., 2) of complex ones, the real and the imaginary part of each."""
    return torch.view_as_real(tensor.resolve_conj()) if tensor.is_complex() else tensor


def _difference(theirs: str, ours: str, expected: Tensor, got: Tensor) -> OutputDifference:
    expected, got = parts(expected), parts(got)
    if equal(expected, got):
        largest = 0.0
    else:
        largest = (expected.double() - got.double()).abs().max().item()
        largest = math.inf if math.isnan(largest) else largest
    return OutputDifference(theirs, ours, largest, expected.double().abs().max().item(), expected.dtype)


def _shapes(module: nn.Module) -> dict[str, torch.Size]:
    return {key: tensor.shape for key, tensor in module.state_dict().items()}


def _meant(key: str, others: set[str]) -> str:
    meant = nearest(key, sorted(others))
    return f"; the nearest is {meant}" if meant else ""


def _by(shape: torch.Size) -> str:
    return " x ".join(map(str, shape)) or "scalar"


def _listed(outputs: Mapping[str, Tensor]) -> str:
    return ", ".join(name or "one tensor" for name in outputs)
