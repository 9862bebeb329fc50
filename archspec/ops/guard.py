"""Guard: what somebody's own op gets wrong while archspec asks it, told of the op and its file, not of archspec.

    class Halves(Op):
        def infer(self, xs):
            return xs[0]        # a shape, where `infer` gives a tuple of them

    error: op halves has a fault of its own in infer: it gives a Shape, not a tuple of shapes, one per output
      --> my_ops.py:9

`@op` puts a guard around each hook that a class outside of archspec has of its own. archspec's own ops have none: their
faults are archspec's.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from os.path import relpath
from pathlib import Path
from traceback import walk_tb
from types import CodeType
from typing import Any, TypeAlias

from archspec.diagnostics.codes import CODES
from archspec.ops.label import Label
from archspec.values.cost import COLUMNS, Cost
from archspec.values.shape import Shape
from archspec.values.source import Source, walk

# What is wrong with what a hook gave, "" for nothing.
Check: TypeAlias = Callable[[object], str]

READ = "docs/reference/op-api.md says what every hook is given and gives"
SIZES_ARE_WHOLE = "sizes are whole numbers: divide with `//`"


class OwnFault(Exception):
    """What somebody else's code did wrong while it declared an op or was asked for it.

    Attributes:
        reason: what happened, in one line.
        place: file and line of the fault, `my_ops.py:9`.
        help: the cure.
    """

    def __init__(self, reason: str, place: str, help: str) -> None:
        self.reason, self.place, self.help = reason, place, help
        super().__init__(f"{reason}\n  --> {place}\nhelp: {help}")


def is_own(cls: type) -> bool:
    """Whether somebody else than archspec declares a class."""
    return cls.__module__.partition(".")[0] not in ("archspec", "pydantic", "builtins")


def guard(cls: type, fault: type[Exception]) -> None:
    """Puts a guard around the hooks of an op that archspec does not declare.

    Args:
        cls: the op.
        fault: what a rule may raise, as its inputs do not fit; it has a diagnostic `code`.
    """
    for hook, check in CHECKS.items():
        home = next(base for base in cls.__mro__ if hook in vars(base))
        if is_own(home):
            setattr(cls, hook, _guarded(hook, vars(home)[hook], check, fault))


def _guarded(hook: str, found: Any, check: Check, fault: type[Exception]) -> object:
    """The hook, of the kind that it is: a method, a class method or a property."""
    if isinstance(found, property):
        return property(_asked(hook, found.fget, check, fault)) if found.fget is not None else found
    if isinstance(found, classmethod):
        return classmethod(_asked(hook, found.__func__, check, fault))
    return _asked(hook, found, check, fault)


def _asked(hook: str, rule: Callable[..., object], check: Check, fault: type[Exception]) -> Callable[..., object]:
    @wraps(rule)
    def asked(owner: Any, *args: object, **keywords: object) -> object:
        try:
            given = rule(owner, *args, **keywords)
            said = check(given) or (_counted(owner, given) if hook == "infer" else "")
        except OwnFault:
            raise
        except fault as refusal:
            code = getattr(refusal, "code", "")
            if code in CODES:
                raise
            reason = f"it raises {fault.__name__} with {code!r}, which is no code that `archspec explain` knows"
            raise _fault_of(owner, hook, reason, _line_of(rule, refusal)) from refusal
        except Exception as raised:
            raise _fault_of(owner, hook, f"it raised {described(raised)}", _line_of(rule, raised)) from raised
        if said:
            raise _fault_of(owner, hook, f"it gives {said}", _line_of(rule))
        return given

    return asked


def _fault_of(owner: Any, hook: str, reason: str, place: str) -> OwnFault:
    help = f"mend `{hook}` of {(owner if isinstance(owner, type) else type(owner)).__name__}; {READ}"
    return OwnFault(f"op {owner.name} has a fault of its own in {hook}: {reason}", place, help)


def described(raised: BaseException) -> str:
    """`ZeroDivisionError: division by zero`, on one line."""
    lines = str(raised).splitlines()
    return f"{type(raised).__name__}: {lines[0]}" if lines else type(raised).__name__


def _counted(owner: Any, given: Any) -> str:
    """What is wrong with the number of shapes that an op gives."""
    ports = len(owner.ports)
    return "" if len(given) == ports else f"{len(given)} shapes, and the op has {ports} outputs"


def _line_of(rule: Callable[..., object], raised: Exception | None = None) -> str:
    """File and line: where it raised in the rule's file, else where the rule starts."""
    code: CodeType | None = getattr(rule, "__code__", None)
    if code is None:
        return rule.__module__
    lines = [line for file, line in trace(raised) if file == code.co_filename] if raised is not None else []
    return placed(code.co_filename, lines[-1] if lines else code.co_firstlineno)


def trace(raised: BaseException) -> list[tuple[str, int]]:
    """The files and lines through which a fault came, where it was raised last; of source that is no Python its own."""
    found = [(frame.f_code.co_filename, line) for frame, line in walk_tb(raised.__traceback__)]
    if isinstance(raised, SyntaxError) and raised.filename and raised.lineno:
        found.append((raised.filename, raised.lineno))
    return found


def placed(file: str, line: int) -> str:
    """`my_ops.py:9`, from the current folder where the file lies in it."""
    inside = Path(file).is_absolute() and Path(file).is_relative_to(Path.cwd())
    return f"{relpath(file) if inside else file}:{line}"


# -- what hooks give --------------------------------------------------------------------------------------------------


def _shapes(given: object) -> str:
    if not isinstance(given, tuple) or not all(isinstance(y, Shape) for y in given):
        return f"{_kind(given)}, not a tuple of shapes, one per output"
    fraction = next((size for y in given for size in y.dims if isinstance(size, float)), None)
    return "" if fraction is None else f"a size of {fraction:g}: {SIZES_ARE_WHOLE}"


def _tensors(given: object) -> str:
    fits = isinstance(given, Mapping) and all(
        isinstance(name, str) and isinstance(sizes, tuple) and not any(isinstance(size, float) for size in sizes)
        for name, sizes in given.items()
    )
    return "" if fits else f"{_kind(given)}, not names with all sizes of a tensor, {{'weight': (64, 3)}}"


def _cost(given: object) -> str:
    if not isinstance(given, Cost):
        return f"{_kind(given)}, not a Cost"
    wrong = next((name for name in COLUMNS if isinstance(getattr(given, name), float)), "")
    return f"{getattr(given, wrong)} {wrong}: counts are whole numbers, divide with `//`" if wrong else ""


def _source(given: object) -> str:
    if not isinstance(given, Source):
        return f"{_kind(given)}, not a value of archspec.values.source; `constant(2)` is that of a number"
    parts: Iterable[object] = walk(given)
    wrong = next((part for part in parts if not isinstance(part, Source)), None)
    return "" if wrong is None else f"an expression with {_kind(wrong)} in it; `constant(2)` is that of a number"


def _helpers(given: object) -> str:
    sources = [getattr(one, "source", None) for one in given] if isinstance(given, tuple) else [None]
    if not all(isinstance(source, str) for source in sources):
        return f"{_kind(given)}, not a tuple of Helpers"
    for source in sources:
        try:
            compile(str(source), "<helper>", "exec")
        except SyntaxError as error:
            return f"a Helper that is not Python: {error.msg}, in its line {error.lineno}"
    return ""


def _of(kind: type | tuple[type, ...], words: str) -> Check:
    return lambda given: "" if isinstance(given, kind) else f"{_kind(given)}, not {words}"


def _names(given: object) -> str:
    named = isinstance(given, tuple) and all(isinstance(name, str) for name in given) and given[:1] == ("",)
    return "" if named else f'{_kind(given)}, not a tuple of names of which the first is ""'


def _sources(given: object) -> str:
    each = given if isinstance(given, tuple) else (given,)
    return next((said for said in map(_source, each) if said), "" if isinstance(given, tuple) else "no tuple")


def _kind(given: object) -> str:
    name = type(given).__name__
    return "nothing" if given is None else f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


CHECKS: dict[str, Check] = {
    "infer": _shapes,
    "parameters": _tensors,
    "buffers": _tensors,
    "count": _cost,
    "cost": _cost,
    "derived": _of(Mapping, "names with numbers"),
    "slots": _of(Mapping, "names with values"),
    "defaults": _of(Mapping, "names with values"),
    "expression": _source,
    "call": _source,
    "read": _source,
    "declaration": _source,
    "unpacked": _sources,
    "helpers": _helpers,
    "form": _of(object, "a value"),
    "strays": _of(str, "a line"),
    "shares": _of(bool, "true or false"),
    "hands_on": _of(bool, "true or false"),
    "scratch": _of(tuple, "shapes"),
    "scratch_forward": _of(tuple, "shapes"),
    "scratch_backward": _of(tuple, "shapes"),
    "ports": _names,
    "imported": _of(tuple, "a package and a name in it"),
    "around": _of(str, "the name of a function"),
    "label": _of((Label, str), "a Label or a text"),
    "depthwise": _of(bool, "true or false"),
    "counts_to": _of(object, "a number"),
    "rows": _of((tuple, type(None)), "an input with a number"),
    "unread": _of(tuple, "numbers"),
    "put_behind": _of(tuple, "numbers"),
    "keeps": _of(bool, "true or false"),
}
