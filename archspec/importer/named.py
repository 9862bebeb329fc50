"""Named: `MODULE:CALLABLE` or `FILE.py:CALLABLE` -> the module that it makes, with a log of what is made inside.

    torchvision.models:resnet50        my_model.py:Net        timm:convnext_atto(num_classes=10)

Making it imports and runs the user's code: that is what is asked for.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import field
from functools import partial
from pathlib import Path
from types import ModuleType

from torch import nn

from archspec.importer.endings import EXPORTED, FILES, ONNX
from archspec.importer.forward import unwrapped
from archspec.importer.made import Log, logged
from archspec.importer.refused import ImportFault
from archspec.importer.saved import whole_module
from archspec.registry import nearest
from archspec.runtime.faults import blamed
from archspec.runtime.peer import PYTHON, PeerError, import_peer, parse_peer, without_weights
from archspec.values.dataclass import dataclass
from archspec.values.shape import DType

_SHOWN = 8  # of the classes of a file that a message names


@dataclass(frozen=True, slots=True)
class Size:
    """The sizes of an input after the batch, and what it holds."""

    dims: tuple[int, ...]
    dtype: DType = "float"


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """A module that was made.

    Attributes:
        module: it.
        log: what the modules inside were made with.
        factory: the class or the function that made it; the module itself where it was there.
        text: what the user called it.
        sizes: of its inputs, where it says them.
        arguments: what the factory was given.
        otherwise: makes it again in another way, where it cannot be said as it is; None where there is none.
        again: makes it again with some arguments otherwise; None where nothing was called to make it.
        remade: whether its classes were made here from a file, so that no source can import them.
    """

    module: nn.Module
    log: Log
    factory: object
    text: str
    sizes: "Mapping[str, Size]" = field(default_factory=dict)
    otherwise: "Callable[[], Named] | None" = None
    remade: bool = False
    arguments: "Mapping[str, object]" = field(default_factory=dict)
    again: "Callable[[Mapping[str, object]], Named] | None" = None


def make(text: str, settings: Mapping[str, object], *, trusted: bool = False) -> Named:
    """The module that `text` names, made with these arguments and without pretrained weights.

    Args:
        text: MODULE:CALLABLE, or a file with a model.
        settings: the callable's arguments.
        trusted: whether a file may run code as it is read.

    Raises:
        ImportFault: there is no such callable, it wants other arguments, or it fails.
    """
    if text.endswith(FILES):
        if settings:
            raise ImportFault(f"{text} is a model that was made already: it takes no --set")
        return _of_onnx(text) if text.endswith(ONNX) else _of_torch(text, trusted=trusted)
    try:
        where, module, name, arguments = _looked_up(text)
    except PeerError as error:
        raise ImportFault(str(error)) from None
    factory = _found(module, where, name)
    if isinstance(factory, nn.Module):
        if arguments or settings:
            raise ImportFault(f"{where}:{name} is a module that was made already: it takes no arguments")
        return Named(unwrapped(factory), Log(), factory, text)
    if not callable(factory):
        raise ImportFault(f"{text} is {_a(factory)}, no module and nothing that makes one")
    return _made(text, factory, {**without_weights(factory), **arguments, **settings})


def _looked_up(text: str) -> tuple[str, ModuleType, str, Mapping[str, object]]:
    """Where `text` looks, what was imported from there, the callable's name in it, and its arguments.

    A file may have any name, `my-model.py`; a module of a package has one that Python can import.
    """
    where, colon, _ = text.partition(":")
    try:
        if where.endswith(PYTHON) and not colon:
            meant = _own(where, import_peer(where)) or f"{where}:CALLABLE"
            raise ImportFault(f"{where} is a file of Python: say what makes the module: {meant}")
        peer = parse_peer(text)
        return where, import_peer(peer.module), peer.callable, peer.arguments
    except (PeerError, ImportFault):
        raise
    except (Exception, SystemExit) as fault:  # a script may read its command line, which is ours, and end
        raise ImportFault(blamed(f"{where} does not import", fault)) from fault


def _own(path: str, module: ModuleType) -> str:
    """The classes of modules that a file holds, as a user may name them; "" for none."""
    own = [
        f"{path}:{name}"
        for name, one in vars(module).items()
        if isinstance(one, type) and issubclass(one, nn.Module) and one.__module__ == module.__name__
    ]
    return ", ".join(own[:_SHOWN]) + (", ..." if len(own) > _SHOWN else "")


def _a(value: object) -> str:
    """What a value is: `an int`, `a Linear`."""
    kind = type(value).__name__
    return f"{'an' if kind[0] in 'aeioAEIO' else 'a'} {kind}"


def _made(text: str, factory: Callable[..., object], arguments: Mapping[str, object]) -> Named:
    args, kwargs = _bound(text, factory, arguments)
    try:
        with logged() as log:
            made = factory(*args, **kwargs)
    except (Exception, SystemExit) as fault:
        raise ImportFault(blamed(f"{text} does not make a module", fault)) from fault
    if not isinstance(made, nn.Module):
        raise ImportFault(f"{text} makes {_a(made)}, no nn.Module")
    again = lambda others: _made(text, factory, {**arguments, **others})  # noqa: E731
    return Named(unwrapped(made), log, factory, text, arguments=arguments, again=again)


def _placed(signature: inspect.Signature, given: Mapping[str, object]) -> tuple[list[object], dict[str, object]]:
    """Arguments as a callable takes them: by place what it takes so only, `def make(a, /)`, and the rest by name."""
    taken = signature.parameters.values()
    by_place = [one.name for one in taken if one.kind is one.POSITIONAL_ONLY and one.name in given]
    return [given[name] for name in by_place], {name: one for name, one in given.items() if name not in by_place}


def _bound(
    text: str, factory: Callable[..., object], arguments: Mapping[str, object]
) -> tuple[list[object], dict[str, object]]:
    """Arguments by place and by name. Raises ImportFault where the callable takes others."""
    try:
        signature = inspect.signature(factory)
    except (TypeError, ValueError):
        return [], dict(arguments)
    args, kwargs = _placed(signature, arguments)
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        known = signature.parameters
        wanted = [
            name
            for name, one in known.items()
            if one.default is one.empty
            and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
            and name not in arguments
        ]
        if wanted:
            given = " ".join(f"--set {name}=..." for name in wanted)
            raise ImportFault(f"{text} wants {' and '.join(wanted)}: give {given}") from None
        stray = next(name for name in arguments if name not in known)
        near = nearest(stray, known)
        hint = f"; did you mean {near}?" if near else f"; it takes {', '.join(known)}"
        raise ImportFault(f"{text} has no argument {stray}{hint}") from None
    return args, kwargs


def _found(module: ModuleType, where: str, name: str) -> object:
    """The attribute, or the one of a module `models` inside, where packages keep theirs."""
    for owner in (module, getattr(module, "models", None)):
        found: object = owner
        for part in name.split("."):
            found = getattr(found, part, None)
        if found is not None:
            return found
    known = [one for one, value in vars(module).items() if not one.startswith("_") and callable(value)]
    if near := nearest(name, known):
        raise ImportFault(f"{where} has no {name}; the nearest name is {near}")
    own = _own(where, module)
    raise ImportFault(f"{where} has no {name}{f'; its modules are {own}' if own else ''}")


def _of_torch(text: str, *, trusted: bool) -> Named:
    """The module that a file of torch's holds: an exported program, or a whole module."""
    if text.endswith(EXPORTED):
        from archspec.importer.exported.parts import network  # noqa: PLC0415  torch.export takes a while

        module, samples = network(Path(text))
        kinds: dict[bool, DType] = {True: "float", False: "int"}
        sizes = {name: Size(tuple(one.shape[1:]), kinds[one.is_floating_point()]) for name, one in samples.items()}
        return Named(module, Log(), None, text, sizes, remade=True)
    return Named(unwrapped(whole_module(Path(text), trusted=trusted)), Log(), None, text)


def _of_onnx(text: str) -> Named:
    """The model of an ONNX file as a module."""
    try:
        from archspec.importer.onnx.parts import arguments, network  # noqa: PLC0415  onnx is an extra
        from archspec.importer.onnx.read import read  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ImportFault(f"{text} needs {error.name}: pip install 'archspec[onnx]'") from None
    model = read(Path(text))
    sizes = {
        name: Size(tuple(size for size in dims[1:] if size is not None), kind)
        for name, (dims, kind) in zip(arguments(tuple(model.inputs)), model.inputs.values(), strict=True)
        if None not in dims[1:]
    }
    flat = partial(network, model, in_modules=False)
    return Named(
        network(model),
        Log(),
        None,
        text,
        sizes,
        lambda: Named(flat(), Log(), None, text, sizes, remade=True),
        remade=True,
    )
