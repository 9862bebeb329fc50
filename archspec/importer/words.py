"""Words: names and lines of text that a class gives."""

import inspect
import re

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[a-z0-9]{2})(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
LONGEST = 100


def snake(name: str) -> str:
    """A class's name as a block's.

    >>> snake("InvertedResidual"), snake("SEBlock"), snake("_DenseLayer"), snake("Conv2dNormActivation")
    ('inverted_residual', 'se_block', 'dense_layer', 'conv2d_norm_activation')
    """
    return _WORD.sub("_", name.strip("_")).lower()


def doc_of(kind: type) -> str:
    """The first sentence of a class's own docstring, "" where it has none or a long one, or is torch's."""
    text = "" if kind.__module__.partition(".")[0] == "torch" else inspect.cleandoc(kind.__dict__.get("__doc__") or "")
    line = next(iter(text.splitlines()), "").strip().rstrip(".")
    whole = line.count("`") % 2 == 0 and ":`" not in line  # no link that goes on below, no role of Sphinx
    return line if whole and 0 < len(line) <= LONGEST and line.isprintable() and not line.startswith(":") else ""
