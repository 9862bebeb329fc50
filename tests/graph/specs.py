"""A spec in a test: its text under the header that every spec has."""

from textwrap import dedent

from archspec.graph.network import Network
from archspec.pipeline import load_text


def network(text: str, *, inputs: str = "{image: [3, 32, 32]}", **options: object) -> Network:
    """The network of a spec whose version and inputs are understood."""
    return load_text(f"archspec: 1\nname: Net\ninputs: {inputs}\n{dedent(text)}", settings=options)
