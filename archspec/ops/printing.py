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


def operand(text: str) -> str:
    """`text` in a form that may stand after an operator: a number keeps its sign.

    >>> operand("-0.5")
    '-0.5'
    >>> operand("width - 1")
    '(width - 1)'
    """
    try:
        float(text)
    except ValueError:
        return primary(text)
    return text


def tupled(text: str) -> str:
    """A printed tuple as arguments: `(1, 197, 768)` -> `1, 197, 768`; what is no tuple in the text is unpacked.

    >>> tupled("(8,)")
    '8'
    >>> tupled("sizes")
    '*sizes'
    """
    tree = ast.parse(text, mode="eval").body
    if not isinstance(tree, ast.Tuple):
        return f"*{primary(text)}"
    return ", ".join(ast.unparse(item) for item in tree.elts)


def printed_tuple(items: list[str]) -> str:
    """A tuple as source.

    >>> printed_tuple(["2", "2"])
    '(2, 2)'
    >>> printed_tuple(["2"])
    '(2,)'
    """
    return f"({', '.join(items)}{',' * (len(items) == 1)})"
