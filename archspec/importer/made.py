"""Made: a module, and what each module inside was made with: the names and defaults of its constructor's arguments."""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field

from torch import nn

from archspec.importer.blocks.candidates import ABSENT
from archspec.importer.blocks.solve import Made
from archspec.importer.leaves import op_of_class
from archspec.importer.refused import Refused
from archspec.importer.values import one_of, plain
from archspec.values.dataclass import dataclass

# Arguments that say what comes in, which a spec never states, or how memory is used.
UNSAID = frozenset(
    """
    self args kwargs x i input inplace device dtype in_channels inplanes in_planes inp in_ch in_chs in_features
    input_channels num_input_features dim_in in_dim input_dim in_size nin
    """.split()  # noqa: SIM905  words read better
)


@dataclass(frozen=True, slots=True)
class Log:
    """What modules were given when they were made: by id, the positional and the named arguments, and the module."""

    given: dict[int, tuple[tuple[object, ...], dict[str, object], object]] = field(default_factory=dict)

    def has(self, module: nn.Module) -> bool:
        """Whether it was seen how a module was made."""
        return id(module) in self.given

    def arguments(self, module: nn.Module) -> dict[str, object]:
        """The arguments of a module's constructor by name; where nobody saw it made, its attributes of these names."""
        signature = inspect.signature(type(module).__init__)
        if id(module) in self.given:
            args, kwargs, _ = self.given[id(self._original(module))]
            try:
                bound = signature.bind(module, *args, **kwargs)
            except TypeError:
                return {}
            bound.apply_defaults()
            rest = bound.arguments.pop("kwargs", {})
            return {**bound.arguments, **(rest if isinstance(rest, dict) else {})}
        return {name: getattr(module, name) for name in signature.parameters if name in vars(module)}

    def _original(self, module: nn.Module) -> object:
        """The module of which one is a copy, whose constructor nobody called: the first that looks the same."""
        args, kwargs, _ = self.given[id(module)]
        called = [one for args, kwargs, one in self.given.values() if (args or kwargs) and type(one) is type(module)]
        if args or kwargs or not called:
            return module
        wanted = looks(module)
        return next((one for one in called if looks(one) == wanted), module)

    def made_with(self, module: nn.Module) -> Mapping[str, Made]:
        """The numbers, flags and words among the arguments; a configuration is opened to those that it holds."""
        found: dict[str, Made] = {}
        defaults = inspect.signature(type(module).__init__).parameters
        for name, value in self.arguments(module).items():
            if name in UNSAID:
                continue
            if _is_configuration(value):
                inside = {key: one for key, one in vars(value).items() if key not in found and key not in UNSAID}
                found |= {key: Made(*one) for key, item in inside.items() if (one := _plain(item)) is not None}
                continue
            one = _plain(value)
            if one is not None:
                default = defaults[name].default if name in defaults else inspect.Parameter.empty
                stated = _plain(default)
                found[name] = Made(one[0], ABSENT if stated is None else stated[0])
        return found


def looks(module: nn.Module) -> list[object]:
    """What tells modules apart before they run: classes, sizes, and attributes that are plain."""
    found: list[object] = []
    for path, inner in module.named_modules():
        plain = {name: one for name, one in vars(inner).items() if isinstance(one, int | float | str | None)}
        held = (*inner._parameters.items(), *inner._buffers.items())
        tensors = [(name, tuple(one.shape)) for name, one in held if one is not None]
        found.append((path, type(inner), repr(plain), tensors))
    return found


def _plain(value: object) -> tuple["int | float | bool | str | None"] | None:
    """A number, flag, word or None in a tuple of its own, of a class of torch.nn its op; None for anything else."""
    if value is None:
        return (None,)
    if isinstance(value, type):
        op = op_of_class(value)
        return (op,) if op else None
    try:
        found = plain(value)
    except Refused:
        return None
    found = found if isinstance(found, tuple) and len(found) == 1 else one_of(found)  # a list of one is a list
    return (found,) if isinstance(found, int | float | bool | str) else None


def _is_configuration(value: object) -> bool:
    return hasattr(value, "__dict__") and not isinstance(value, nn.Module | type) and not callable(value)


@contextmanager
def logged() -> Iterator[Log]:
    """Logs what modules are made with while it lasts.

    The `__new__` that it gives nn.Module stays, and then only makes: Python does not forget that a class had one, and
    refuses arguments to that of `object` ever after. The class goes by place: a constructor may have a `kind` as well.
    """
    log = Log()

    def logs(kind: type[nn.Module], /, *args: object, **kwargs: object) -> object:
        made = object.__new__(kind)
        log.given[id(made)] = (args, kwargs, made)
        return made

    def makes(kind: type[nn.Module], /, *_args: object, **_kwargs: object) -> object:
        return object.__new__(kind)

    nn.Module.__new__ = staticmethod(logs)  # type: ignore[method-assign, assignment]
    try:
        yield log
    finally:
        nn.Module.__new__ = staticmethod(makes)  # type: ignore[method-assign, assignment]
