"""Kept: what the state_dict has and nothing reads: members that only hold it, so that the keys are equal.

class Net: mask_token, never read         mask_token: {op: parameter, shape: [1, 1, 64], kept: true}
class Net: head, never called             head: a graph of such tensors
"""

from collections.abc import Iterator
from dataclasses import replace

from torch import nn

from archspec.importer.constants import held_tensor
from archspec.importer.layout import Layout
from archspec.importer.refused import Refused
from archspec.importer.tree import Graph, Member, Plain, every
from archspec.importer.values import Values, dtype_of
from archspec.language.names import holders

Path = tuple[str, ...]


def kept(root: Graph, module: nn.Module, values: Values) -> Graph:
    """The tree with a member for each tensor of the module's state_dict that none of its members has.

    Raises:
        Refused: one belongs to a container whose modules run between others, which holds modules only.
    """
    had = set(_keys(root, module))
    missing = [key for key in module.state_dict() if key not in had]
    return _with(root, [tuple(key.split(".")) for key in missing], values) if missing else root


def _keys(root: Graph, module: nn.Module) -> Iterator[str]:
    """The keys of the state_dict that members have."""
    modules = dict(module.named_modules(remove_duplicate=False))
    for member in every(root):
        if member.graph is not None or not member.path:
            continue
        inner = modules.get(member.path)
        yield from [member.path] if inner is None else (f"{member.path}.{key}" for key in inner.state_dict())


def _with(graph: Graph, keys: list[Path], values: Values) -> Graph:
    """A graph with these tensors of its module: own ones in front, others inside of what stands for their modules."""
    inside: dict[str, list[Path]] = {}
    members = {member.name: member for member in graph.members if member.graph is not None}
    lists = {name for member in graph.members for name in holders(member.name)}
    tensors: list[str] = []
    for key in keys:
        size = next(size for size in range(1, len(key) + 1) if ".".join(key[:size]) not in lists)
        name = ".".join(key[:size])
        if size < len(key):
            inside.setdefault(name, []).append(key[size:])
        elif size > 1:
            raise Refused(f"{name} is a tensor among modules that run between others", graph.path)
        else:
            tensors.append(name)
    made = [_tensor(graph, name, values) for name in tensors]
    made += [_module(graph, name, found, values) for name, found in inside.items() if name not in members]
    there = tuple(_into(member, inside.get(member.name, []), values) for member in graph.members)
    return replace(graph, members=(*made, *there) if there else _counted(graph, made, values))


def _counted(graph: Graph, made: list[Member], values: Values) -> tuple[Member, ...]:
    """Members that only hold tensors; in a list, what holds none, such as an activation, has its number too."""
    named = any(not member.name.isdigit() for member in made)  # as parts of a Sequential may be, too
    if named or not isinstance(graph.module, nn.Sequential | nn.ModuleList):
        return tuple(made)
    by_name = {member.name: member for member in made}
    numbers = map(str, range(max((int(name) for name in by_name if name.isdigit()), default=-1) + 1))
    return tuple(by_name.get(name) or _nothing(name, values) for name in numbers)


def _nothing(name: str, values: Values) -> Member:
    """A member that the state_dict has no key of."""
    number = values.fresh(Layout(((1,),)), "float")
    return Member("buffer", (), (number,), name, {"kept": True, "persistent": False, "shape": (1,)})


def _into(member: Member, keys: list[Path], values: Values) -> Member:
    return replace(member, graph=_with(member.graph, keys, values)) if member.graph is not None and keys else member


def _tensor(graph: Graph, name: str, values: Values) -> Member:
    tensor = getattr(graph.module, name)
    number = values.fresh(Layout(tuple((size,) for size in tensor.shape)), dtype_of(tensor))
    made = held_tensor(graph.module, graph.path, name, number, values)
    fields: dict[str, Plain] = {**made.fields, "kept": True}
    return replace(made, fields=fields)


def _module(graph: Graph, name: str, keys: list[Path], values: Values) -> Member:
    """A graph that only holds tensors of a module."""
    path = f"{graph.path}.{name}" if graph.path else name
    module = graph.module.get_submodule(name)
    inner = _with(Graph((), (), (), module, path, block=False), keys, values)
    return Member("", (), (), name, graph=inner, module=module, path=path)
