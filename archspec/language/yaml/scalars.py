"""Resolve: what a plain scalar stands for, by YAML 1.2's core schema.

`yes`, `no`, `on` and `off` are strings, `012` is twelve, `0o14` is octal, and there are no sexagesimal numbers, dates
or underscores. Source: YAML 1.2.2, section 10.3.2.
"""

import re

from archspec.language.yaml.document import ScalarValue

_WORDS: dict[str, ScalarValue] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{sign + word: float(sign + "inf") for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_STARTS = frozenset("+-.~0123456789nNtTfF")
_BOUND = 2**63
_MAX_DIGITS = 400  # far above the bound, far below what Python converts in quadratic time


class NumberTooLarge(ValueError):
    """The scalar is an integer outside of 64 bits."""


def resolve(text: str) -> ScalarValue:
    """The value of the plain scalar `text`.

    Raises:
        NumberTooLarge: an integer of 64 bits or more.
    """
    if text and text[0] not in _STARTS:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _DECIMAL.fullmatch(text):
        return _bounded(text, 10)
    if _BASED.fullmatch(text):
        return _bounded(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _bounded(text: str, base: int) -> int:
    if len(text) > _MAX_DIGITS:
        raise NumberTooLarge
    value = int(text, base)
    if not -_BOUND <= value < _BOUND:
        raise NumberTooLarge
    return value
