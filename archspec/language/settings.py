"""Settings: the values of params from defaults, a variant and what a use gives, each of its declared type."""

from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

from archspec.language.expression.evaluate import UNKNOWN, Missing, Unknown, evaluate, kind_of
from archspec.language.expression.words import ExpressionFault
from archspec.language.spec import ParamDecl, Written
from archspec.values.expression import Value

Fault: TypeAlias = tuple[str, str]


def type_of(default: object) -> str:
    """The type that a default value gives its param."""
    if default is None:
        return "any"
    for kind, name in ((bool, "bool"), (int, "int"), (float, "float"), (str, "str")):
        if isinstance(default, kind):
            return name
    return "list"


def conform(decl: ParamDecl, value: Value) -> tuple[Value, Fault | None]:
    """The value as the param's type has it, and what is wrong with it. An int where a float is declared becomes one."""
    if not _fits(decl.type, value):
        return value, ("wrong-type", f"{decl.name} takes {_article(decl.type)}, not {_shown(value)}")
    if decl.type == "float" and isinstance(value, int):
        value = float(value)
    if decl.choices and value not in decl.choices:
        options = ", ".join(str(choice) for choice in decl.choices)
        return value, ("bad-option", f"{decl.name} is one of {options}, not {_shown(value, kind=False)}")
    if decl.length and isinstance(value, tuple) and len(value) != decl.length:
        return value, ("bad-option", f"{decl.name} is a list of {decl.length} items, not of {len(value)}")
    return value, None


def defaults(params: Mapping[str, ParamDecl]) -> dict[str, Value]:
    """The values that params have by themselves, those aside that follow from others."""
    return {decl.name: decl.default for decl in params.values() if not decl.required and decl.follows is None}


def following(params: Mapping[str, ParamDecl], given: Collection[str]) -> frozenset[str]:
    """The params that have what follows from others, because nothing sets them."""
    return frozenset(decl.name for decl in params.values() if decl.follows is not None) - frozenset(given)


def _fits(type_: str, value: Value) -> bool:
    if type_ == "any":
        return True
    if isinstance(value, bool):
        return type_ == "bool"
    if isinstance(value, int):
        return type_ in ("int", "float", "number")
    if isinstance(value, float):
        return type_ in ("float", "number")
    if isinstance(value, str):
        return type_ == "str"
    return type_ == "list" and isinstance(value, tuple)


def _article(type_: str) -> str:
    return f"an {type_}" if type_ == "int" else f"a {type_}"


def _shown(value: Value, *, kind: bool = True) -> str:
    if isinstance(value, (bool, tuple)) or value is None:
        return kind_of(value)
    return f"the {kind_of(value).split()[1]} {value!r}" if kind else repr(value)


def _following(
    decl: ParamDecl, follows: Written, above: Mapping[str, Value | Missing], report: Callable[[str, str, str], None]
) -> Value | Missing:
    """The default of a param that follows from those above it."""
    try:
        value, fault = conform(decl, evaluate(follows.expr, above))
    except Unknown:
        return UNKNOWN
    except ExpressionFault as error:
        fault = error.code, f"{decl.name} by default: {error.message}"
    if fault is not None:
        report(*fault, decl.name)
        return UNKNOWN
    return value


def bind(
    params: Mapping[str, ParamDecl],
    given: Mapping[str, Value | Missing],
    report: Callable[[str, str, str], None],
    base: Mapping[str, Value] | None = None,
) -> dict[str, Value | Missing]:
    """Values of all params in declared order: what is given, else `base` or the defaults.

    Args:
        params: what is declared.
        given: what a use or a user gives; a name that is not declared is the caller's to report.
        report: told the code, the message and the param's name of each mistake; the param is unknown then.
        base: values to start from; the defaults where it is None.
    """
    start = defaults(params) if base is None else base
    values: dict[str, Value | Missing] = {}
    for name, decl in params.items():
        if name in given:
            value = given[name]
            if isinstance(value, Missing):
                values[name] = UNKNOWN
                continue
            values[name], fault = conform(decl, value)
            if fault is not None:
                report(*fault, name)
                values[name] = UNKNOWN
        elif name in start:
            values[name] = start[name]
        elif decl.follows is not None:
            values[name] = _following(decl, decl.follows, values, report)
        else:
            report("missing-param", f"{name} has no default and is not given", name)
            values[name] = UNKNOWN
    return values
