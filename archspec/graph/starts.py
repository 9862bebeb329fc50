"""Starts: what the tensors of a node start with, whoever says it.

    init: {linear: {weight: {normal: {std: 0.02}}}}            every linear of the spec
    blocks: {mlp: {init: {linear: {weight: xavier_uniform}}}}  those inside mlp: the inner rule counts
    proj: {op: linear, init: {weight: zeros}}                  this one: a member says it over all rules

A rule whose condition does not hold says nothing.
"""

from collections.abc import Iterator, Mapping

from archspec.graph.graph import Node, Scope, Start
from archspec.ops.op import Op


def scopes_around(scopes: Mapping[str, Scope], id: str) -> Iterator[Scope]:
    """A scope and those around it, the innermost first."""
    scope = scopes[id]
    while scope.id:
        yield scope
        scope = scopes[scope.parent]
    yield scope


def names_in_rules(op: Op, tensor: str) -> tuple[tuple[str, str], ...]:
    """The op and the tensor under which rules find a tensor: its own first, then what torch takes it for."""
    also = op.known_as.get(tensor)
    return ((op.name, tensor),) if also is None else ((op.name, tensor), also)


def start(scopes: Mapping[str, Scope], node: Node, tensor: str) -> Start | None:
    """What a tensor of a node starts with, by the name that `init:` has for it; None for what PyTorch gives it."""
    for own in node.init:
        if own.rule.tensor == tensor and own.holds:
            return own
    asked = names_in_rules(node.op, tensor)
    for scope in scopes_around(scopes, node.scope):
        found = {(one.rule.op, one.rule.tensor): one for one in scope.init if one.holds}
        for name in asked if found else ():
            if name in found:
                return found[name]
    return None
