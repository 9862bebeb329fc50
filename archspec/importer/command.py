"""What the command line asks for: a module by its name, with arguments and sizes as they were typed."""

import gc
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from io import StringIO

from torch import Tensor, nn

from archspec.diagnostics.diagnostic import Source, SpecError
from archspec.importer.arguments import Making, configured, tried_arguments
from archspec.importer.family import Variant, with_variants
from archspec.importer.importing import Imported, Wish, import_module
from archspec.importer.inputs import inputs_of
from archspec.importer.made import Log, logged, looks
from archspec.importer.named import Named, Size, make
from archspec.importer.opaque import maker_of
from archspec.importer.part import part_of
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
    with _asked():
        named, wish = _made(text, settings, wish, trusted=trusted)
        return _imported(named, _sizes(sizes), wish)


def family(
    texts: Mapping[str, str],
    settings: Mapping[str, str],
    sizes: Mapping[str, tuple[tuple[int, ...], str]],
    wish: Wish,
    *,
    trusted: bool = False,
) -> Imported:
    """One spec of several modules of a class: the first with its params, the others as variants of it.

    Args:
        texts: variant -> MODULE:CALLABLE or FILE.py:CALLABLE.
        settings: arguments of all callables, as YAML.
        sizes: input -> its sizes after the batch, and what it holds; "" for the first input.
        wish: how it is to be written.
        trusted: whether a file with a model may run code as it is read.

    Raises:
        ImportFault: one cannot be imported, or is no variant of the first.
    """
    made: list[Variant] = []
    with _asked():
        for name, text in texts.items():
            whole, own = _made(text, settings, wish, trusted=trusted)
            named, inputs = _meant(whole, _sizes(sizes), own)
            if not made:
                first, found = inputs, _imported(whole, _sizes(sizes), own)
            making = _making(named)
            made.append(Variant(name, text, named.module, named.log, making.said() if making is not None else {}))
        return with_variants(found, made, first)


@contextmanager
def _asked() -> Iterator[None]:
    """What is done with the user's module: what it prints in each of its runs, and made again, is no news."""
    with _collecting(), warnings.catch_warnings(), redirect_stdout(StringIO()):
        warnings.simplefilter("ignore")  # those of the user's module are his
        yield


def _made(text: str, settings: Mapping[str, str], wish: Wish, *, trusted: bool = False) -> tuple[Named, Wish]:
    """The module that a text names, and how it is to be written. What it prints goes beside the spec."""
    arguments = {name: _setting(name, value) for name, value in settings.items()}
    with redirect_stdout(sys.stderr):
        named = make(text, arguments, trusted=trusted)
    return named, replace(
        wish,
        origin=" ".join((wish.origin or text, wish.part)).rstrip(),
        maker=wish.maker or (None if wish.part else maker_of(named.factory, named.arguments)),
        strict=wish.strict or named.remade,
    )


def _sizes(sizes: Mapping[str, tuple[tuple[int, ...], str]]) -> dict[str, Size]:
    return {name: Size(dims, DTYPES[dtype]) for name, (dims, dtype) in sizes.items()}


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
        named, inputs = _meant(named, given, wish)
        try:
            return import_module(named.module, inputs, named.log, wish, _making(named))
        except (Refused, ImportFault):
            if named.otherwise is None:
                raise
            other = named.otherwise()
            return import_module(other.module, inputs_of(other, given), other.log, wish)
    except Refused as refused:
        raise ImportFault(refused.whole(named.text, strict=wish.strict)) from refused


def _meant(named: Named, given: Mapping[str, Size], wish: Wish) -> tuple[Named, dict[str, Tensor]]:
    """The module that is meant, which may be a part, and one sample of each of its inputs."""
    inputs = inputs_of(named, given)
    return part_of(named, wish.part, inputs) if wish.part else (named, inputs)


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
