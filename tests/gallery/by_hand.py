"""Holding a network of the gallery against another module: the same weights, the same numbers, the same counts."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from archspec.design import Setting
from archspec.runtime.compare import output_differences, randomise
from tests.gallery import small
from tests.gallery.networks import counted

Rename = Callable[[str], str]


def as_it_is(key: str) -> str:
    """The name of a parameter that both call the same."""
    return key


def built(spec: str, **settings: Setting) -> nn.Module:
    """The module of a spec in eval mode, its dropouts off so that training can be compared too."""
    module = small.built(spec, **settings)
    for inner in module.modules():
        if isinstance(inner, nn.Dropout):
            inner.p = 0.0
    return module


def shapes(module: nn.Module, rename: Rename = as_it_is) -> dict[str, tuple[int, ...]]:
    """Key of the state_dict -> sizes."""
    return {rename(key): tuple(tensor.shape) for key, tensor in module.state_dict().items()}


def give_weights(ours: nn.Module, theirs: nn.Module, rename: Rename = as_it_is) -> None:
    """Random numbers for both, strictly: every tensor of either is one of the other's.

    Args:
        ours: takes the other's.
        theirs: is given random ones.
        rename: our key -> theirs.
    """
    randomise(theirs)
    held: Mapping[str, Tensor] = theirs.state_dict()
    keys = {key: rename(key) for key in ours.state_dict()}
    assert sorted(keys.values()) == sorted(held)
    ours.load_state_dict({key: held[other] for key, other in keys.items()})


def noise(*sizes: tuple[int, ...], seed: int = 1) -> tuple[Tensor, ...]:
    """Normal values of these sizes, the batch among them."""
    generator = torch.Generator().manual_seed(seed)
    return tuple(torch.randn(size, generator=generator) for size in sizes)


def assert_same(ours: nn.Module, theirs: nn.Module, *inputs: Tensor, bits: bool = True) -> None:
    """What both give is equal in eval mode and in training.

    Args:
        ours: one module.
        theirs: the other.
        inputs: what both are given.
        bits: equal to the last bit; else but for the order of summation.
    """
    for training in (False, True):
        with torch.no_grad():
            found = output_differences(ours.train(training)(*inputs), theirs.train(training)(*inputs))
        assert not isinstance(found, str), found
        assert [one for one in found if not (one.equal if bits else one.close)] == []


def assert_same_counts(spec: str, theirs: nn.Module, *sizes: tuple[int, ...], **settings: str) -> None:
    """Parameters and MACs are those of a module on the meta device, as torch's FlopCounterMode counts (halved)."""
    totals = counted(spec, **settings).totals
    assert totals.params == sum(parameter.numel() for parameter in theirs.parameters())
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        theirs.eval()(*(torch.empty(1, *size, device="meta") for size in sizes))
    assert counter.get_total_flops() == 2 * totals.macs
