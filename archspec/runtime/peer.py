"""The peer: another implementation of the same network, named `MODULE:CALLABLE` or `MODULE:CALLABLE(name=value)`.

    torchvision.models:resnet50
    my_model.py:Net(width=4)
    torchvision.models.segmentation:fcn_resnet50(aux_loss=True)
    timm.models.resnet:resnet50(num_classes=10)

Naming a peer imports its module, which runs code that the user points at.
"""

import ast
import inspect
import sys
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import torch
from torch import nn

from archspec.registry import nearest
from archspec.runtime.faults import blamed
from archspec.values.dataclass import dataclass

T = TypeVar("T")

PYTHON = ".py"
WITHOUT_WEIGHTS = ("weights", "weights_backbone")
TORCHVISION_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


class PeerError(ValueError):
    """The text names no model; the message says why."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A model to be made: `callable` is looked up in `module`, a package's or a file of Python, dots allowed."""

    module: str
    callable: str
    arguments: Mapping[str, object]


def parse_peer(text: str) -> Peer:
    """The Peer that `text` names. Values of arguments are Python literals and nothing is evaluated.

    Raises:
        PeerError: it has another form.
    """
    module, colon, call = text.partition(":")
    if colon and module.endswith(PYTHON):
        return Peer(module, *parse_call(call, text, module))
    if not colon or not all(part.isidentifier() for part in module.split(".")):
        raise PeerError(f"{text!r} is not MODULE:CALLABLE or MODULE:CALLABLE(name=value, ...)")
    return Peer(module, *parse_call(call, text, "MODULE"))


def parse_call(call: str, text: str, where: str) -> tuple[str, Mapping[str, object]]:
    """The callable that stands behind the colon of `text`, and its arguments.

    Args:
        call: what stands there, such as `Net` or `Net(width=4)`.
        text: the whole of it, as the user wrote it.
        where: what stands before the colon, as a message calls it.

    Raises:
        PeerError: it has another form.
    """
    form = PeerError(f"{text!r} is not {where}:CALLABLE or {where}:CALLABLE(name=value, ...)")
    try:
        tree = ast.parse(call.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        raise form from None
    arguments: dict[str, object] = {}
    if isinstance(tree, ast.Call):
        if tree.args:
            raise PeerError(f"{text!r}: arguments are written name=value")
        for keyword in tree.keywords:
            arguments |= _argument(text, keyword)
        tree = tree.func
    name = ast.unparse(tree)
    if not all(part.isidentifier() for part in name.split(".")):
        raise form
    return name, arguments


def make_peer(peer: Peer) -> nn.Module:
    """The model, without pretrained weights: every argument that would load some is None unless the user gave it.

    Raises:
        PeerError: the module or the callable is not there, does not take the arguments, or makes no `nn.Module`.
    """
    try:
        factory: object = import_peer(peer.module)
    except (PeerError, MemoryError):
        raise
    except (Exception, SystemExit) as fault:  # a script may read its command line, which is ours, and end
        raise PeerError(blamed(f"{peer.module} does not import", fault)) from fault
    for part in peer.callable.split("."):
        if not hasattr(factory, part):
            meant = nearest(part, dir(factory))
            hint = f"; the nearest name is {meant}" if meant else ""
            raise PeerError(f"{peer.module} has no {peer.callable}{hint}")
        factory = getattr(factory, part)
    if not callable(factory):
        raise PeerError(f"{peer.module}:{peer.callable} cannot be called")
    arguments = without_weights(factory) | dict(peer.arguments)
    try:
        made = _make_quickly(factory, arguments)
    except TypeError as error:
        raise PeerError(f"{peer.module}:{peer.callable}: {error}") from error
    except (Exception, SystemExit) as fault:
        raise PeerError(blamed(f"{peer.module}:{peer.callable} makes no module", fault)) from fault
    if not isinstance(made, nn.Module):
        raise PeerError(f"{peer.module}:{peer.callable} makes a {type(made).__name__}, not an nn.Module")
    return made


def _argument(text: str, keyword: ast.keyword) -> dict[str, object]:
    if keyword.arg is None:
        raise PeerError(f"{text!r}: arguments are written name=value")
    try:
        return {keyword.arg: ast.literal_eval(keyword.value)}
    except ValueError:
        raise PeerError(f"{text!r}: {keyword.arg} is not a Python literal") from None


def without_weights(factory: Callable[..., object]) -> dict[str, object]:
    """The arguments of a factory that would load pretrained weights, each with None."""
    try:
        taken = inspect.signature(factory).parameters
    except ValueError:  # some built-in types have none
        return {}
    return {name: None for name in WITHOUT_WEIGHTS if name in taken}


def _make_quickly(factory: Callable[..., object], arguments: Mapping[str, object]) -> object:
    """Calls `factory`, telling the models that know `init_weights` to leave the slow initialisation out."""
    try:
        return factory(**{"init_weights": False, **arguments})
    except TypeError:
        return factory(**arguments)


def import_peer(name: str) -> ModuleType:
    """Imports the peer's module, or runs its file; for torchvision also where its compiled part is missing."""
    try:
        if name.endswith(PYTHON):
            return with_torchvision(partial(_import_file, Path(name)))
        return with_torchvision(partial(import_module, name))
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):  # one that the peer's own code imports
            raise
        raise PeerError(f"no module {error.name}") from error


def _import_file(path: Path) -> ModuleType:
    """A file as a module, under its own name, with its folder where imports are looked for."""
    if not path.is_file():
        raise PeerError(f"there is no file {path}")
    found = spec_from_file_location(path.stem, path)
    if found is None or found.loader is None:
        raise PeerError(f"{path} is no Python file")
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    module = module_from_spec(found)
    sys.modules[path.stem] = module  # where dataclasses and pickling look for it
    found.loader.exec_module(module)
    return module


def with_torchvision(load: Callable[[], T]) -> T:
    """What `load` gives, which may import torchvision where its compiled part is missing."""
    try:
        return load()
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
    declare_torchvision_operators()
    return load()


@cache
def declare_torchvision_operators() -> torch.library.Library:
    """Declares the operators that `import torchvision` looks for, where its compiled part is missing.

    Classification and segmentation models use none of them. The library must outlive the import, so it is kept.
    """
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for operator in TORCHVISION_OPERATORS:
        library.define(operator)  # type: ignore[no-untyped-call]
    return library
