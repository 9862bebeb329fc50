"""What is different between two networks as wholes: name, inputs, outputs, params, names of blocks."""

from collections.abc import Iterator, Mapping
from typing import Literal

from archspec.compare.changes import Comparison
from archspec.compare.table import Fact
from archspec.graph.network import Network
from archspec.values.shape import Shape


def facts(compared: Comparison) -> Iterator[Fact]:
    """The differences of the networks as wholes."""
    first, second = compared.first, compared.second
    if first.name != second.name:
        yield Fact("name", "", first.name, second.name)
    for name, before in first.params.items():
        if name in second.params and second.params[name] != before:
            yield Fact("param", name, before, second.params[name])
    yield from (Fact("block", "", before, after) for before, after in compared.blocks)
    yield from _shapes("input", _inputs(first), _inputs(second))
    yield from _shapes("output", _outputs(first), _outputs(second))
    for name, changes in compared.outputs.items():
        yield from (Fact("when" if c.kind == "when" else "gives", name, c.before, c.after) for c in changes)


def _shapes(kind: Literal["input", "output"], one: Mapping[str, Shape], other: Mapping[str, Shape]) -> Iterator[Fact]:
    for name in (*one, *(name for name in other if name not in one)):
        before, after = one.get(name), other.get(name)
        if before != after:
            yield Fact(kind, name, _value(before), _value(after))


def _value(shape: Shape | None) -> tuple[int | str, ...] | None:
    if shape is None:
        return None
    return (*shape.dims, *([shape.dtype] if shape.dtype != "float" else []))


def _inputs(network: Network) -> dict[str, Shape]:
    return {network.graph.nodes[id].name: network.shapes[id][0] for id in network.graph.inputs}


def _outputs(network: Network) -> dict[str, Shape]:
    return {output.name: network.shape(output.ref) for output in network.graph.outputs}
