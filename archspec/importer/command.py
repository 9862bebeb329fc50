"""What the command line asks for: a module by its name, with arguments and sizes as they were typed."""

import gc
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from io import StringIO

from torch import nn

from archspec.diagnostics.diagnostic import Source, SpecError
from archspec.importer.arguments import Making, configured, looks, tried_arguments
from archspec.importer.importing import Imported, Wish, import_module
from archspec.importer.inputs import inputs_of
from archspec.importer.made import Log, logged
from archspec.importer.named import Named, Size, make
from archspec.importer.opaque import maker_of
from archspec.importer.refused import ImportFault, Refused
from archspec.importer.state import undrawn
from archspec.language.written import as_written
from archspec.language.yaml.document import Mapping as YamlMapping
from archspec.language.yaml.parse import parse
from archspec.values.shape import DTYPES


def imported(
    text: str,
    settings: Mapping[str, str],
    sizes: Mapping[str, tuple[tuple[int, ...], str]],
    wish: Wish,
    *,
    trusted: bool = False,
) -> Imported:
    """The spec of the module that `text` names.

    Args:
        text: MODULE:CALLABLE or FILE.py:CALLABLE.
        settings: the callable's arguments, as YAML.
        sizes: input -> its sizes after the batch, and what it holds; "" for the first input.
        wish: how it is to be written.
        trusted: whether a file with a model may run code as it is read.

    Raises:
        ImportFault: it cannot be imported.
    """
    with _collecting(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of the user's module are his
        arguments = {name: _setting(name, value) for name, value in settings.items()}
        with redirect_stdout(sys.stderr):  # standard output has the spec only
            named = make(text, arguments, trusted=trusted)
        given = {name: Size(dims, DTYPES[dtype]) for name, (dims, dtype) in sizes.items()}
        try:
            wish = replace(
                wish,
                origin=wish.origin or text,
                maker=wish.maker or maker_of(named.factory, named.arguments),
                strict=wish.strict or named.remade,
            )
            with redirect_stdout(StringIO()):  # what it prints in each of its runs, and made again, is no news
                return _imported(named, given, wish)
        except Refused as refused:
            raise ImportFault(refused.whole(text, strict=wish.strict)) from refused


@contextmanager
def _collecting() -> Iterator[None]:
    """Collects garbage, since torch's holds tensors, and does not look at what was there before: all of torch."""
    gc.enable()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _imported(named: Named, given: Mapping[str, Size], wish: Wish) -> Imported:
    try:
        return import_module(named.module, inputs_of(named, given), named.log, wish, _making(named))
    except (Refused, ImportFault):
        if named.otherwise is None:
            raise
        other = named.otherwise()
        return import_module(other.module, inputs_of(other, given), other.log, wish)


def _making(named: Named) -> Making | None:
    """How the module is made again; None where nothing was called to make it."""
    again = named.again
    if again is None:
        return None

    def make(others: Mapping[str, object]) -> tuple[nn.Module, Log]:
        made = again(others)
        return made.module, made.log

    made = named.log.arguments(named.module)
    own = tried_arguments(named.factory, named.arguments, {}, named.module)
    by_class = None if own or isinstance(named.factory, type) else _of_class(named, made)
    found = by_class or Making(tried_arguments(named.factory, named.arguments, made, named.module), make)
    return _of_configuration(named, made, own) or found


def _of_class(named: Named, made: Mapping[str, object]) -> Making | None:
    """How a module is made again by its class, of which a function knows the arguments: `ResNet(Block, [2, 2, 2, 2])`.

    None where the class does not make what the function made, or where the arguments hold modules.
    """
    given = {name: one for name, one in made.items() if one is not named.module}  # which is `self`
    if not named.log.has(named.module) or any(map(_holds_module, given.values())):
        return None
    tried = tried_arguments(type(named.module), given, {}, named.module)

    def make(others: Mapping[str, object]) -> tuple[nn.Module, Log]:
        with logged() as log:
            return type(named.module)(**{**given, **others}), log

    try:
        with undrawn():
            again, _ = make({})
    except Exception:  # noqa: BLE001  the user's class raises what it will
        return None
    return Making(tried, make) if looks(again) == looks(named.module) else None


def _holds_module(value: object) -> bool:
    """Whether a value is a module, or a list or mapping with one: two modules would share it."""
    if isinstance(value, Mapping):
        value = list(value.values())
    return isinstance(value, nn.Module) or (isinstance(value, list | tuple) and any(map(_holds_module, value)))


def _of_configuration(named: Named, made: Mapping[str, object], own: Mapping[str, object]) -> Making | None:
    """How a module is made again of a dataclass that it was given, `GPT(GPTConfig(...))`; None where it was given none.

    What made both may have arguments of its `own`, of which these fields follow: those are tried then.
    """
    found = configured(made, named.module)
    if not found or own:
        return None

    def make(others: Mapping[str, object]) -> tuple[nn.Module, Log]:
        changed: dict[str, dict[str, object]] = {}
        for name, value in others.items():
            changed.setdefault(found[name][0], {})[name] = value
        given = {name: one for name, one in made.items() if one is not named.module}  # which is `self`
        given |= {name: replace(made[name], **fields) for name, fields in changed.items()}  # type: ignore[type-var]
        with logged() as log:
            return type(named.module)(**given), log

    return Making({name: value for name, (_, value) in found.items()}, make)


def _setting(name: str, value: str) -> object:
    """An argument as YAML reads it: a number, a text, a list of them or a mapping."""
    try:
        read = parse(Source(f"--set {name}", value)) if value.strip() else None
    except SpecError:
        return value
    if isinstance(read, YamlMapping):
        return {key.text: as_written(one) for key, one in read.entries}
    return as_written(read) if read is not None else None
