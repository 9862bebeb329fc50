"""A long plain chain of layers."""

from collections.abc import Iterator

from archspec.lint.flow import WEIGHTED, Flow, called
from archspec.lint.rule import Finding, Rule
from archspec.ops.op import Role

LONGEST = 30  # layers: of the plain networks of He et al., that of 34 trains worse than that of 18
_LAYERS = WEIGHTED | {Role.RECURRENT, Role.ATTENTION}


def _find(flow: Flow) -> Iterator[Finding]:
    ways = plain_ways(flow)
    learns = [node for id, node in flow.nodes.items() if id in ways and flow.weight(node) is not None]
    worst = max(learns, key=lambda node: ways[node.id], default=None)
    if worst is not None and ways[worst.id] > LONGEST:
        message = f"{ways[worst.id]} layers follow {called(worst)} in a row, with no way around any of them"
        help = "an add or a concat around blocks of a few layers, or an auxiliary output half way (`when: training`)"
        yield Finding(worst.id, message, help)


def plain_ways(flow: Flow) -> dict[str, int]:
    """Id of each op that an output can be reached from -> layers up to an output, or to where ways meet. Linear.

    The fewest, where it is read by several: what meets another way has one around it.
    """
    ways: dict[str, int] = {}
    for id, node in reversed(tuple(flow.nodes.items())):
        found = [0] if id in flow.outputs else []
        for reader in flow.readers(node):
            if reader.id in ways and not reader.op.stops_gradient:
                layer = reader.op.role in _LAYERS
                found += [0 if reader.op.joins and len(reader.inputs) > 1 else ways[reader.id] + layer]
        if found:
            ways[id] = min(found)
    return ways


RULE = Rule(
    name="deep-without-shortcut",
    summary=f"more than {LONGEST} layers follow each other with no way around any of them",
    reason="""
    Through a long plain chain the gradient of the first layers is a product of as many matrices, and deeper plain
    networks have a higher training error than shallower ones, batch norm or not. An addition or a concatenation
    around a few layers gives the gradient a short way, and so does an auxiliary output half way.
    """,
    source="He et al., Deep residual learning for image recognition (2016), figure 4: 34 plain layers "
    "train worse than 18",
    bad="""
    archspec: 1
    inputs: {image: [16, 32, 32]}
    blocks:
      layer:
        graph:
          conv: {op: conv2d, out_channels: 16, kernel_size: 3, padding: 1, bias: false}
          norm: batch_norm2d
          act: relu
    graph:
      layers: {block: layer, repeat: 40}
    """,
    good="""
    archspec: 1
    inputs: {image: [16, 32, 32]}
    blocks:
      layer:
        graph:
          conv: {op: conv2d, out_channels: 16, kernel_size: 3, padding: 1, bias: false}
          norm: batch_norm2d
          act: relu
          sum: {op: add, from: [act, x]}
    graph:
      layers: {block: layer, repeat: 40}
    """,
    find=_find,
)
