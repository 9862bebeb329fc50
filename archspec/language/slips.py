"""Slips: what a text was meant to be that stands where a number, a truth value, a list or an expression is wanted.

"32"  ->  32        width * 2  ->  $(width * 2)        3x224x224  ->  [3, 224, 224]        no  ->  false
"""

import re

from archspec.language.expression.grammar import parse_expression
from archspec.language.expression.words import ExpressionFault
from archspec.values.expression import Literal, Name

_NUMBER = re.compile(r"[-+]?[0-9]+([.][0-9]*)?")
_SIZES = re.compile(r"[0-9]+(x[0-9]+)+")
_BRACED = re.compile(r"\$\{\{?(.*?)\}?\}|\{\{(.*?)\}\}")
_TRUTH = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}


def cure_of(value: object) -> str:
    """The cure where `value` is a text that was meant to be another thing; "" where nothing tells.

    >>> cure_of("32"), cure_of("p > 2")
    ('without quotes it is a number: 32', 'an expression starts with $: $(p > 2)')
    """
    if not isinstance(value, str):
        return ""
    text = value.strip()
    if _NUMBER.fullmatch(text):
        return f"without quotes it is a number: {text}"
    if truth := _TRUTH.get(text.casefold()):
        return f"a truth value is true or false: {truth}"
    if _SIZES.fullmatch(text):
        return f"sizes are a list: [{', '.join(text.split('x'))}]"
    if text.startswith("(") and not text.endswith(")"):
        return "a list stands in brackets: [3, 3]"
    if text.startswith("(") and "," in text:
        return f"a list stands in brackets: [{text[1:-1].strip()}]"
    braced = _BRACED.fullmatch(text)
    inner = (braced[1] or braced[2] or "").strip() if braced is not None else text
    try:
        expr = parse_expression(f"$({inner})")
    except ExpressionFault:
        return ""
    if isinstance(expr, Name):
        return f"an expression starts with $: ${inner}" if braced is not None else ""
    return "" if isinstance(expr, Literal) else f"an expression starts with $: $({inner})"
