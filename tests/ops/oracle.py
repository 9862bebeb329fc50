"""What torch says of one op: its printed forms, evaluated and run on random values."""

import base64
import math
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from archspec.ops import OPS, Op
from archspec.values.expression import Global, Literal, Name, Value
from archspec.values.printing import text
from archspec.values.shape import Shape
from archspec.values.source import SELF, Invoke, Member, Source, invoke

NAMES = "abcdefgh"
PROBABILITIES = {"bernoulli"}  # ops whose inputs lie between 0 and 1


def make(name: str, **fields: Any) -> Op:
    """An op by its name in a spec."""
    return OPS[name](**fields)


def given_slots(op: Op, xs: tuple[Shape, ...]) -> dict[str, Source]:
    """The arguments that are not PyTorch's defaults."""
    defaults = op.defaults()
    slots: Mapping[str, Value] = op.slots(xs)
    return {name: Literal(v) for name, v in slots.items() if name not in defaults or repr(defaults[name]) != repr(v)}


def inputs_of(xs: tuple[Shape, ...]) -> tuple[Source, ...]:
    """The inputs of a call: `a`, `b`, ..."""
    return tuple(map(Name, NAMES[: len(xs)]))


def module_source(op: Op, xs: tuple[Shape, ...]) -> str:
    """The module form as emitted code prints it: `nn.Conv2d(3, 64, 7, stride=2)`."""
    slots = list(given_slots(op, xs).items())
    leading = list(op.slots(xs))[: op.positional]
    count = next((i for i, (name, _) in enumerate(slots) if leading[i : i + 1] != [name]), len(slots))
    args = tuple(value for _, value in slots[:count])
    made = Invoke(Global(op.module), args, tuple(slots[count:]))
    return text(invoke(op.around(), made) if op.around() else made)


def call_source(op: Op, xs: tuple[Shape, ...]) -> str:
    """The functional form on the inputs `a`, `b`, ...: `F.relu(a)`."""
    return text(op.expression(inputs_of(xs), given_slots(op, xs), xs))


class Holder(nn.Module):
    """What keeps the tensor of an op that holds one, as `held`, and gives it."""

    held: Tensor

    def __init__(self, op: Op, tensor: Tensor) -> None:
        super().__init__()
        if op.holds == "parameter":
            self.held = nn.Parameter(tensor)
        else:
            self.register_buffer("held", tensor, persistent=getattr(op, "persistent", True))

    def forward(self) -> Tensor:
        return self.held


def scope_of(op: Op) -> dict[str, Any]:
    """What an emitted file knows where it uses the op: torch, and the op's helpers."""
    scope: dict[str, Any] = {"torch": torch, "F": F, "Tensor": Tensor, "nn": nn, "__name__": "emitted"}
    scope |= {"base64": base64, "math": math, "zlib": zlib}
    for helper in op.helpers():
        exec(helper.source, scope)
    return scope


class Called(nn.Module):
    """A module, as `held`, whose call is special, with its outputs as they are read."""

    def __init__(self, op: Op, module: nn.Module, xs: tuple[Shape, ...]) -> None:
        super().__init__()
        self.held = module
        names = NAMES[: len(xs)]
        called = text(op.call(Member(SELF, "held"), tuple(map(Name, names)), xs))
        self.call: Callable[..., Any] = eval(f"lambda self, {', '.join(names)}: {called}", {"torch": torch, "nn": nn})
        read = ", ".join(text(op.read(port, Name(name))) for port, name in zip(op.ports, NAMES, strict=False))
        self.read: Callable[..., Any] = eval(f"lambda {', '.join(NAMES[: len(op.ports)])}: ({read})")

    def forward(self, *xs: Tensor) -> Any:
        return self.read(*flat(self.call(self, *xs)))


def flat(made: Any) -> Iterator[Tensor]:
    """The tensors that a call gave, those of a tuple in a tuple by themselves."""
    if isinstance(made, Tensor):
        yield made
    else:
        for one in made:
            yield from flat(one)


def own_name(name: str) -> str:
    """The name of a parameter without that of what holds the module or the tensor."""
    return name.removeprefix("held").removeprefix(".")


def module_of(op: Op, xs: tuple[Shape, ...]) -> nn.Module:
    """The module form, evaluated, in eval mode."""
    if op.holds:
        return Holder(op, eval(text(op.declaration(given_slots(op, xs))), scope_of(op)))
    if type(op).call is not Op.call:
        return Called(op, eval(module_source(op, xs), {"nn": nn}), xs).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module: nn.Module = eval(module_source(op, xs), scope_of(op))
    return module.eval()


def function_of(op: Op, xs: tuple[Shape, ...]) -> Callable[..., Tensor]:
    """The functional form, evaluated, as a function of the inputs."""
    names = ", ".join(NAMES[: len(xs)])
    function: Callable[..., Tensor] = eval(f"lambda {names}: {call_source(op, xs)}", scope_of(op))
    if op.name in PROBABILITIES:
        return lambda *xs: function(*map(torch.sigmoid, xs))
    return function


def has_module(op: Op, xs: tuple[Shape, ...]) -> bool:
    """Whether the module form takes these inputs; what an optional `like` is for has a functional form alone."""
    return op.stateful or (bool(op.module) and len(xs) == max(op.required, 1))


def has_function(op: Op) -> bool:
    """Whether the op is written as an expression."""
    return not op.stateful


class Wrapped(nn.Module):
    """A function as a module, for tools that take modules."""

    def __init__(self, function: Callable[..., Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *xs: Tensor) -> Tensor:
        return self.function(*xs)


def runnable(op: Op, xs: tuple[Shape, ...]) -> nn.Module:
    """One form of the op as a module."""
    return module_of(op, xs) if has_module(op, xs) else Wrapped(function_of(op, xs))


def values(xs: tuple[Shape, ...], batch: int) -> list[Tensor]:
    """Random inputs; indices are 0, which is an element of any output."""
    generator = torch.Generator().manual_seed(0)
    made = [torch.randn(size(x, batch), generator=generator) for x in xs]
    return [
        torch.zeros_like(value, dtype=torch.int64) if x.dtype == "int" else value.gt(0) if x.dtype == "bool" else value
        for x, value in zip(xs, made, strict=True)
    ]


def size(x: Shape, batch: int) -> tuple[int, ...]:
    """The size of a tensor of this shape at a batch."""
    return (batch * x.batch, *x.dims) if x.batch else x.dims


def run(module: Callable[..., Tensor], xs: tuple[Shape, ...], batch: int) -> Tensor:
    """The first output in inference, without warnings; from one seed, for poolings whose windows are random."""
    torch.manual_seed(0)
    return run_all(module, xs, batch)[0]


def _is_recurrent(module: object) -> bool:
    return isinstance(module, nn.Module) and any(isinstance(one, nn.RNNBase) for one in module.modules())


def run_all(module: Callable[..., Any], xs: tuple[Shape, ...], batch: int) -> tuple[Tensor, ...]:
    """The outputs in inference, without warnings; attention and recurrent layers in the products they are made of.

    torch fuses them in inference, and its counters do not know the fused ops.
    """
    fused = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with warnings.catch_warnings(), torch.no_grad(), sdpa_kernel(SDPBackend.MATH):
            warnings.simplefilter("ignore")
            with torch.backends.mkldnn.flags(enabled=not _is_recurrent(module)):
                made = module(*values(xs, batch))
    finally:
        torch.backends.mha.set_fastpath_enabled(fused)
    return made if isinstance(made, tuple) else tuple(made) if isinstance(made, list) else (made,)
