"""Ties: one tensor under several keys, `lm_head.weight` and `wte.weight`: all but the first say which one it is."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from torch import nn

from archspec.importer.tree import Graph, Member

Path = tuple[str, ...]


def tied(root: Graph, module: nn.Module) -> Graph:
    """The tree in which members name the tensors that are others' too, in the graph around both."""
    held = dict(module.named_parameters(remove_duplicate=False))
    firsts: dict[int, Path] = {}
    ties: dict[Path, Path] = {}
    for key in _keys(root):
        tensor = held.get(".".join(key))
        if tensor is None:
            continue
        first = firsts.setdefault(id(tensor), key)
        if first != key:
            ties[key] = first
    return _with(root, ties) if ties else root


def _keys(graph: Graph) -> Iterator[Path]:
    """The keys of all parameters, in the order of the members."""
    for member in graph.members:
        name = tuple(member.name.split("."))
        if member.share:
            continue
        if member.graph is not None:
            yield from ((*name, *key) for key in _keys(member.graph))
        elif isinstance(member.module, nn.Module):
            yield from ((*name, *key.split(".")) for key, _ in member.module.named_parameters())
        elif member.op == "parameter":
            yield name


def _with(graph: Graph, ties: Mapping[Path, Path]) -> Graph:
    members: list[Member] = []
    for member in graph.members:
        name = tuple(member.name.split("."))
        size = len(name)
        mine = {key[size:]: other for key, other in ties.items() if key[:size] == name}
        here = {key: other for key, other in mine.items() if other[:size] != name}
        deeper = {key: other[size:] for key, other in mine.items() if other[:size] == name}
        inner = _with(member.graph, deeper) if member.graph is not None and deeper else member.graph
        said = {".".join(key): ".".join(other) for key, other in here.items()}
        members.append(replace(member, graph=inner, tied=said))
    return replace(graph, members=tuple(members))
