"""A grouped 1x1 convolution beside one with the same groups, between which no channel changes its group."""

from collections.abc import Iterator

from archspec.graph.graph import Node
from archspec.lint.flow import ELEMENTWISE, Flow, called, field
from archspec.lint.rule import Finding, Rule
from archspec.ops.op import Role

_KEEPS_CHANNELS = ELEMENTWISE | {Role.POOL}


def _find(flow: Flow) -> Iterator[Finding]:
    for node in flow.nodes.values():
        groups = _groups(flow, node)
        if groups is None:
            continue
        for there in flow.onward(node):
            if _groups(flow, there) == groups and (_mixes(flow, node) or _mixes(flow, there)):
                message = f"{called(there)} has the {groups} groups of {called(node)}, and no channel changes its group"
                help = f"a channel_shuffle with groups: {groups} between them, or a convolution without groups"
                yield Finding(there.id, message, help, ((node.id, f"{groups} groups"),))
            if there.op.role not in _KEEPS_CHANNELS:
                break


def _groups(flow: Flow, node: Node) -> int | None:
    """The groups of a convolution that has some, each of several channels; None of all else."""
    groups = node.op.acting.get("groups")
    if node.op.role is not Role.CONV or not isinstance(groups, int) or groups == 1:
        return None
    return None if node.op.depthwise(flow.shapes(node)) else groups


def _mixes(flow: Flow, node: Node) -> bool:
    """Whether its kernel is one element, so that mixing channels is all that it does."""
    return max(field(flow, node, "kernel_size"), default=0) == 1


RULE = Rule(
    name="groups-never-mix",
    summary="a 1x1 convolution has the groups of its neighbour, so that no channel changes its group",
    reason="""
    A 1x1 convolution mixes channels, and with groups it mixes those of one group only. Where the convolution beside
    it has the same groups, its outputs still hang on that one share of the input: the block falls apart into narrow
    blocks side by side. A shuffle of the channels, or a 1x1 convolution without groups, mixes them.
    """,
    source="Zhang et al., ShuffleNet (2018), section 3.1 and table 2",
    bad="""
    archspec: 1
    inputs: {image: [16, 32, 32]}
    graph:
      one: {op: conv2d, out_channels: 16, kernel_size: 1, groups: 4}
      act: relu
      two: {op: conv2d, out_channels: 16, kernel_size: 3, groups: 4}
    """,
    good="""
    archspec: 1
    inputs: {image: [16, 32, 32]}
    graph:
      one: {op: conv2d, out_channels: 16, kernel_size: 1, groups: 4}
      act: relu
      mix: {op: channel_shuffle, groups: 4}
      two: {op: conv2d, out_channels: 16, kernel_size: 3, groups: 4}
    """,
    find=_find,
)
