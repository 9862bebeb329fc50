"""Formats: each turns one view into text or bytes, and knows nothing else.

Pictures are chosen by suffix and loaded on first use, so that asking for a table loads no layout engine.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from archspec.registry import Registry

if TYPE_CHECKING:
    from archspec.figure.diagram import Diagram

PICTURES: Registry[str] = Registry("picture format")  # suffix -> module with `render(diagram) -> bytes`
PICTURES.add(".svg", "archspec.figure.write.svg")
PICTURES.add(".png", "archspec.figure.write.png")
PICTURES.add(".pdf", "archspec.figure.write.pdf")
PICTURES.add(".tex", "archspec.figure.write.tikz")
PICTURES.add(".tikz", "archspec.figure.write.tikz")
PICTURES.add(".dot", "archspec.figure.write.graphviz")
PICTURES.add(".mmd", "archspec.figure.write.mermaid")


HTML = ".html"  # made from the network itself, since a reader opens and closes its blocks


class UnknownFormat(ValueError):
    """No picture format has the suffix."""


class _Format(Protocol):
    def render(self, diagram: "Diagram") -> bytes: ...


def known_suffixes() -> tuple[str, ...]:
    """The suffixes of all picture formats."""
    return (*list(PICTURES)[:3], HTML, *list(PICTURES)[3:])


def render(diagram: "Diagram", suffix: str) -> bytes:
    """`diagram` as a file of the format that `suffix` names: `.svg`.

    Raises:
        UnknownFormat: no format has this suffix; the message lists those there are.
        DrawError: the page is too narrow; the message says how wide it must be.
    """
    module = PICTURES.get(suffix.lower())
    if module is None:
        raise UnknownFormat(f"no picture format {suffix!r}; there are {', '.join(known_suffixes())}")
    return cast(_Format, import_module(module)).render(diagram)
