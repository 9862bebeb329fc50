"""Foreign: runs a module of somebody's package once, to find what a spec leaves out of it.

It is made and run on torch's meta device, where nothing is computed and nothing needs memory. What cannot run there is
no fault of the spec, and the cure is to declare the shapes.
"""

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from types import ModuleType

import torch
from torch import Tensor, nn

from archspec.ops.op import ShapeFault
from archspec.runtime.counters import count_macs, count_params
from archspec.runtime.outcome import first_line
from archspec.values.expression import Value
from archspec.values.run import Ran
from archspec.values.shape import DType, Shape

SAMPLES = 2  # more than one tells the batch from a size of 1
KINDS: Mapping[DType, torch.dtype] = {
    "float": torch.float32,
    "int": torch.int64,
    "bool": torch.bool,
    "complex": torch.complex64,
}
DECLARE = "declare its outputs in place of running it: shapes: [[64, 14, 14]]"


def run_modules(target: str, args: Mapping[str, Value], xs: tuple[Shape, ...]) -> Ran:
    """What `target`, `my_package.layers:Block`, gives for inputs of these shapes, and what it costs.

    The package is imported from where Python finds it, and from the current folder.

    Raises:
        ShapeFault: it is not there, does not take the arguments or the inputs, or gives no tensors of one batch.
    """
    try:
        module, inputs = _made(target, args), tuple(_input(x, SAMPLES) for x in xs)
        with torch.no_grad():
            shapes = tuple(_after_batch(target, y, xs) for y in _tensors(target, module(*inputs)))
    except ShapeFault:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {first_line(error)}"
        raise ShapeFault("bad-option", f"{target} does not run: {reason}", help=DECLARE, field="target") from error
    return Ran(shapes, count_params(module)[""], _macs(module, tuple(_input(x, 1) for x in xs)))


def import_here(package: str) -> ModuleType:
    """A package from where Python finds it, or from the current folder. Raises whatever importing it raises."""
    here = "" not in sys.path
    if here:
        sys.path.insert(0, "")
    try:
        return import_module(package)
    finally:
        if here:
            sys.path.remove("")


def _made(target: str, args: Mapping[str, Value]) -> nn.Module:
    package, _, name = target.partition(":")
    kind = getattr(import_here(package), name)
    with torch.device("meta"):
        module = kind(**args)
    if not isinstance(module, nn.Module):
        raise TypeError(f"it makes a {type(module).__name__}, no nn.Module")
    return module.eval()


def _input(x: Shape, samples: int) -> Tensor:
    batch = (samples * x.batch,) if x.batch else ()
    return torch.empty((*batch, *x.dims), dtype=KINDS[x.dtype], device="meta")


def _tensors(target: str, given: object) -> Iterator[Tensor]:
    """The outputs, those of a tuple in a tuple by themselves."""
    if isinstance(given, Tensor):
        yield given
    elif isinstance(given, tuple | list):
        for one in given:
            yield from _tensors(target, one)
    else:
        raise TypeError(f"it gives a {type(given).__name__}, no tensor or tuple of them")


def _after_batch(target: str, y: Tensor, xs: tuple[Shape, ...]) -> tuple[int, ...]:
    batch = SAMPLES * max(x.batch for x in xs)
    if y.shape[:1] != (batch,):
        message = f"{target} gives {tuple(y.shape)} for {batch} samples: an output has its batch first"
        raise ShapeFault("shape-mismatch", message, field="target")
    if y.dtype != torch.float32:
        message = f"{target} gives {y.dtype}, and an op module gives fractions"
        raise ShapeFault("wrong-type", message, field="target")
    return tuple(y.shape[1:])


def _macs(module: nn.Module, inputs: tuple[Tensor, ...]) -> int:
    """Multiply-adds of one sample; 0 where torch cannot count them."""
    try:
        with torch.no_grad():
            return count_macs(module, inputs)[""]
    except (NotImplementedError, RuntimeError):
        return 0
