"""What the tests of rules lint: a spec given as text, and what is found in it."""

from inspect import cleandoc

from archspec.diagnostics.diagnostic import Diagnostic
from archspec.graph.network import Network
from archspec.lint.lint import Wish, lint
from archspec.pipeline import load_text

EVERY_RULE = Wish(all=True)


def network(text: str) -> Network:
    return load_text(cleandoc(text))


def linted(text: str, wish: Wish = EVERY_RULE) -> tuple[Diagnostic, ...]:
    return lint([network(text)], wish)


def codes(text: str) -> list[str]:
    return [found.code for found in linted(text)]


def spec(graph: str, inputs: str = "{image: [16, 32, 32]}", **keys: str) -> str:
    """A spec with this graph, its lines as they are."""
    more = "".join(f"{key}: {value}\n" for key, value in keys.items())
    return f"archspec: 1\ninputs: {inputs}\n{more}graph:\n{_indented(graph)}\n"


def _indented(graph: str) -> str:
    return "\n".join(f"  {line}" for line in cleandoc(graph).splitlines())
