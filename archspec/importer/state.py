"""State: a module runs and is as before afterwards.

Nothing is held twice: parameters are copied where a run writes one, which hardly any does.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.overrides import TorchFunctionMode

from archspec.importer.faults import not_run
from archspec.importer.refused import ImportFault
from archspec.importer.sketch import storage

LISTS = (list, dict, set, OrderedDict)
COMPARED = frozenset({"lt", "gt", "le", "ge"})
LARGE = 1 << 14  # numbers of a parameter from which on it takes time to draw them


class Kept:
    """What a module holds, for all of its runs; another that holds the same needs none of its own.

    Nothing is noted of a module that nobody needs afterwards: it is not `restored`.
    """

    def __init__(self, module: nn.Module, same: "Kept | None" = None, *, restored: bool = True) -> None:
        self.module = module
        held: dict[str, object] = module.state_dict(keep_vars=True)
        tensors = {key: one for key, one in held.items() if isinstance(one, Tensor) and not is_lazy(one)}
        if not restored:
            tensors, self.saved = {}, {}
        elif same is None:
            self.saved = {key: as_it_is(one) for key, one in tensors.items()}
        else:  # what the other holds in the same memory it looks after
            tensors = {key: one for key, one in tensors.items() if storage(one) != storage(same.held[key])}
            self.saved = same.saved
        self.held: dict[str, Tensor] = tensors
        self.versions = {key: one._version for key, one in tensors.items()}

    @contextmanager
    def running(self, *, training: bool) -> Iterator[None]:
        """The module in one mode; what its state_dict holds, and the attributes of each module inside, are restored.

        So a table that a module makes in its first run and keeps is made in each run, for its sizes. Of what inference
        writes past autograd, `weight.data`, the next run in training is restored from.
        """
        with attributes_kept(self.module):
            try:
                self.module.train(training)
                yield
            finally:
                self.restore(everything=training)

    def restore(self, *, everything: bool) -> None:
        """Brings back what was written, of which torch counts what is not written by `.data`; or reads all of it."""
        with torch.no_grad():
            for key, tensor in self.held.items():
                written = everything or tensor._version != self.versions[key]
                if written and not torch.equal(tensor, self.saved[key]):  # to read both costs less than to write one
                    tensor.copy_(self.saved[key])
                self.versions[key] = tensor._version


class _Noted:
    """The attributes of one module, its mode, buffers and hooks among them, and what those hold that are lists."""

    def __init__(self, module: nn.Module) -> None:
        self.module, self.kind = module, type(module)
        self.attributes = dict(vars(module))
        self.held = [(one, one.copy()) for one in self.attributes.values() if type(one) in LISTS]

    def restore(self) -> None:
        """Gives a module what it had; one that became another by its first run, as lazy layers do, stays what it is."""
        if type(self.module) is not self.kind:
            self.module.training = self.attributes["training"]
            return
        vars(self.module).clear()
        vars(self.module).update(self.attributes)
        for now, before in self.held:
            if now or before:
                now.clear()
                (now.extend if isinstance(now, list) else now.update)(before)


def settled(module: nn.Module, inputs: Mapping[str, Tensor]) -> nn.Module:
    """The module, its lazy layers made into those that they are for these inputs.

    Raises:
        ImportFault: it does not run.
    """
    if any(is_lazy(one) for one in (*module.parameters(), *module.buffers())):
        require_run(module, inputs)
    return module


def require_run(module: nn.Module, inputs: Mapping[str, Tensor]) -> None:
    """Raises ImportFault where a module does not run: a run that computes nothing does not look at all sizes."""
    with unchanged(module, training=False), torch.no_grad():
        try:
            module(**inputs)
        except (Exception, SystemExit) as fault:
            raise ImportFault(not_run(module, inputs, fault)) from fault


def unchanged(module: nn.Module, *, training: bool) -> AbstractContextManager[None]:
    """The module in one mode for one run; afterwards it is as before."""
    return Kept(module).running(training=training)


@contextmanager
def attributes_kept(module: nn.Module) -> Iterator[None]:
    """What each module inside has is as before afterwards, and so is what its lists and mappings hold."""
    noted = [_Noted(inner) for inner in module.modules()]
    try:
        yield
    finally:
        for one in noted:
            one.restore()


class _Undrawn(TorchFunctionMode):
    """Writes nothing into large parameters; none of their numbers is out of bounds, which `trunc_normal_` asks."""

    def __torch_function__(
        self, func: Callable[..., Any], types: object, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:  # torch's own signature
        kwargs = kwargs or {}
        name, written = getattr(func, "__name__", ""), args[0] if args else kwargs.get("tensor")
        if name[-1:] == "_" and name[-2:] != "__" and _is_large(written):
            return written
        if name.strip("_") in COMPARED and isinstance(written, Tensor) and _is_large(written):
            return written.new_zeros((), dtype=torch.bool).expand(written.shape)
        return func(*args, **kwargs)


def undrawn() -> AbstractContextManager[object]:
    """Leaves large parameters without numbers, in modules that are asked for their sizes, or will be given others."""
    return _Undrawn()


def draw(module: nn.Module) -> None:
    """Gives numbers to the parameters that `undrawn` left without: the same few over and over, which takes no time.

    All are held in one memory, that of the largest: the network made otherwise may be several times the one imported.
    """
    large = list(filter(_is_large, module.parameters()))
    few = torch.randn(LARGE, generator=torch.Generator().manual_seed(0)) / LARGE**0.25
    numbers = few.repeat(max((one.numel() for one in large), default=0) // LARGE + 1)
    held = {dtype: numbers.to(dtype) for dtype in {one.dtype for one in large}}
    for one in large:
        one.data = held[one.dtype][: one.numel()].view(one.shape)


def as_it_is(tensor: Tensor) -> Tensor:
    """The numbers of a tensor, which stay as they are: a large parameter's are copied once somebody writes it.

    Writing by `.data` or by numpy is noticed too. Memory that torch did not make, a file's say, is copied at once.
    """
    if _is_large(tensor):
        try:
            return torch._lazy_clone(tensor.detach())
        except RuntimeError:
            pass
    return tensor.detach().clone()


def _is_large(value: object) -> bool:
    return isinstance(value, nn.Parameter) and value.numel() >= LARGE
