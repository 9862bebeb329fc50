"""Networks of the gallery at small sizes, beside modules written by hand: same weights in, same numbers out."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import archspec
from archspec.design import Setting
from archspec.runtime.compare import randomise
from tests.gallery.networks import counted


def built(spec: str, **settings: Setting) -> nn.Module:
    """A network of the gallery as a module in eval mode, with these settings."""
    return archspec.load(spec, None, inputs=None, permit=archspec.Permit(), **settings).build().eval()


def twin_of(theirs: nn.Module, spec: str, rename: Callable[[str], str] = str, /, **settings: Setting) -> nn.Module:
    """A network of the gallery with the weights of `theirs`, which become random; `rename` gives our key for theirs."""
    ours = built(spec, **settings)
    randomise(theirs.eval())
    ours.load_state_dict({rename(key): tensor for key, tensor in theirs.state_dict().items()})
    return ours


def words(vocabulary: int, *shape: int, seed: int = 1) -> Tensor:
    """Random numbers of tokens."""
    return torch.randint(0, vocabulary, shape, generator=torch.Generator().manual_seed(seed))


def noise(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def assert_same(ours: nn.Module, theirs: nn.Module, *inputs: Tensor) -> None:
    """Outputs are close, whatever their container: one tensor, or several in one order."""
    with torch.no_grad():
        found, expected = ours(*inputs), theirs(*inputs)
    torch.testing.assert_close(tensors(found), tensors(expected))


def tensors(outputs: object) -> list[Tensor]:
    if isinstance(outputs, Tensor):
        return [outputs]
    assert isinstance(outputs, tuple)
    return list(outputs)


def assert_counts(spec: str, theirs: Callable[[], nn.Module], *shapes: tuple[int, ...] | Tensor, more: int = 0) -> None:
    """A network of the gallery, at its own size, has the parameters and MACs that torch counts in `theirs`.

    It is made on the meta device, which computes nothing; a shape stands for floats, a tensor for itself. `more` are
    the MACs that `theirs` spends on a way which the gallery's network shortens.
    """
    with torch.device("meta"):
        module = theirs().train()  # in inference some layers of torch take a way that its counter does not know
        inputs = [x.to("meta") if isinstance(x, Tensor) else torch.empty(x) for x in shapes]
    with FlopCounterMode(display=False) as counter:
        module(*inputs)
    totals = counted(spec).totals
    assert totals.params == sum(parameter.numel() for parameter in module.parameters())
    assert totals.macs == counter.get_total_flops() // 2 - more
