"""Known idioms: all that a picture looks for. Where two want the same op, the one named first has it."""

from archspec.figure.what.attention import attentions
from archspec.figure.what.idioms import Idioms, gathered
from archspec.figure.what.perceptron import perceptrons
from archspec.graph.network import Network
from archspec.graph.once import once


@once
def idioms(network: Network) -> Idioms:
    """The idioms of `network`. Linear in nodes."""
    return gathered((*attentions(network), *perceptrons(network)))
