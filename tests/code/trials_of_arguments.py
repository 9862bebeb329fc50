"""Whether a constructor's parameter means what the spec's param means: Net(width=8) is the network of --set width=8."""

from collections.abc import Iterator
from math import inf

from archspec.code.naming import root_class
from archspec.graph.network import Network
from archspec.pipeline import Reading
from archspec.runtime.arguments import JUDGED, WRONG, Emitted, arguments, others, trial
from archspec.runtime.build import load_class


def wrong_arguments(read: Reading, network: Network, source: str) -> Iterator[tuple[str, str]]:
    """What goes wrong, in a word or two, and the details; for the first value of each argument that the spec takes."""
    made = Emitted(network, load_class(source, root_class(network)), arguments(network))
    for name, param in made.arguments.items():
        tried = (
            trial(made, lambda settings: read({}, settings), name, value, most_work=inf)
            for value in others(network.params[param])
        )
        found = next((one for one in tried if one.outcome in JUDGED), None)
        if found is not None and found.outcome in WRONG:
            yield found.outcome, f"{name}={found.value!r}: {found.told}"
