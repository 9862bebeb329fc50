"""Annotations: the type of a constructor parameter, from the values it has in all uses."""

from collections.abc import Iterable

from archspec.values.expression import Value


def annotation(values: Iterable[Value], *, text: str = "str", open_ended: bool = False) -> str:
    """The type that all of the values have: `int`, `tuple[int, int]`, `float | None`.

    Args:
        values: they.
        text: what a text stands for.
        open_ended: whether lists may have other lengths than these have.
    """
    held = tuple(values)
    differ = open_ended or len({len(value) for value in held if isinstance(value, tuple)}) > 1
    kinds = dict.fromkeys(_kind(value, text, open_ended=differ) for value in held)
    if set(kinds) == {"int", "float"}:
        return "float"
    return " | ".join(sorted(kinds, key=lambda kind: kind == "None"))


def _kind(value: Value, text: str, *, open_ended: bool = False) -> str:
    if isinstance(value, str):
        return text
    if not isinstance(value, tuple):
        return "None" if value is None else type(value).__name__
    inner = list(dict.fromkeys(_kind(item, text) for item in value))
    if len(inner) == 1 and len(value) in (2, 3) and not open_ended:
        return f"tuple[{', '.join(inner * len(value))}]"
    return f"tuple[{' | '.join(inner) or 'int'}, ...]"
