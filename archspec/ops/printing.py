"""How functional forms print their operands."""

import ast


def primary(text: str) -> str:
    """`text` in a form that an attribute, a call or an operator may follow or precede.

    >>> primary("self.conv(x)")
    'self.conv(x)'
    >>> primary("a + b")
    '(a + b)'
    """
    if text.isidentifier():
        return text
    tree = ast.parse(text, mode="eval").body
    bound = isinstance(tree, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.Constant)
    return text if bound else f"({text})"


def printed_tuple(items: list[str]) -> str:
    """A tuple as source.

    >>> printed_tuple(["2", "2"])
    '(2, 2)'
    >>> printed_tuple(["2"])
    '(2,)'
    """
    return f"({', '.join(items)}{',' * (len(items) == 1)})"
