"""The child process of `engine`: a JSON list of DOT graphs on standard input, their layouts on standard output.

It is run as a script and imports nothing of ours, so that it starts fast.
"""

import json
import sys

from pygraphviz import AGraph


def main() -> None:
    """Lays out every graph with `dot` and prints Graphviz's own JSON."""
    sources = json.load(sys.stdin)
    json.dump([json.loads(AGraph(source).draw(format="json0", prog="dot")) for source in sources], sys.stdout)


if __name__ == "__main__":
    main()
