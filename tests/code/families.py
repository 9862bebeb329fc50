"""Families: `compile --family` of each spec of the gallery with variants, held against the variants' own sources.

python -m tests.code.families [SPEC ...]    a table: variants, classes, lines, faults
"""

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

import archspec
from archspec.code.family import emit_family
from archspec.code.pytorch import emit
from archspec.graph.network import Network
from archspec.pipeline import read_network
from tests.gallery.networks import variants

DTYPES = {"float": torch.float, "int": torch.long, "bool": torch.bool}


@cache
def written(spec: str) -> str:
    """The source of a family."""
    made = read_network(spec).family()
    return emit_family(made.network, made.variants)


def loaded(source: str) -> Mapping[str, Any]:
    """What a source defines."""
    module = ModuleType("family")
    exec(compile(source, "family.py", "exec"), vars(module))
    return vars(module)


def function_of(source: Mapping[str, Any], spec: str, variant: str) -> Any:
    """The function that makes a variant."""
    names = variants()[spec]
    return source[source["__all__"][names.index(f"{spec}:{variant}") - len(names)]]


def faults(spec: str, variant: str) -> Iterator[str]:
    """Where a member of a family is not what the variant's own source makes, on the meta device."""
    network = archspec.load(f"{spec}:{variant}").network
    with torch.device("meta"):
        made = function_of(loaded(written(spec)), spec, variant)()
        alone = archspec.load(f"{spec}:{variant}").build(device="meta")
    yield from differences(made, alone, network)


def differences(made: nn.Module, alone: nn.Module, network: Network) -> Iterator[str]:
    """In which keys, sizes and outputs two modules differ, in inference and in training."""
    keys = [{name: tuple(tensor.shape) for name, tensor in one.state_dict().items()} for one in (made, alone)]
    if list(keys[0].items()) != list(keys[1].items()):
        yield f"{network.variant}: keys of the state_dict"
        return
    for training in (False, True):
        given = tuple(_input(network, id) for id in network.graph.inputs)
        outputs = [list(_flat(one.train(training)(*given))) for one in (made, alone)]
        if [tuple(one.shape) for one in outputs[0]] != [tuple(one.shape) for one in outputs[1]]:
            yield f"{network.variant}: outputs, training {training}"


def _input(network: Network, id: str) -> Tensor:
    shape = network.shapes[id][0]
    return torch.zeros(2, *shape.dims, dtype=DTYPES[shape.dtype], device="meta")


def _flat(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    for one in value if isinstance(value, tuple) else ():
        yield from _flat(one)


def row(spec: str) -> str:
    """A line of the table."""
    names = [name.partition(":")[2] for name in variants()[spec]]
    lines = len(written(spec).splitlines())
    alone = sum(len(emit(archspec.load(f"{spec}:{name}").network).splitlines()) for name in names)
    networks = len(loaded(written(spec))["__all__"]) - len(names)
    wrong = [fault for name in names for fault in faults(spec, name)]
    return f"| {spec} | {len(names)} | {networks} | {lines} | {alone} | {'; '.join(wrong) or 'none'} |"


def main(specs: list[str]) -> None:
    """Prints the table."""
    sys.stdout.write("| family | variants | network classes | lines | lines of all sources | faults |\n")
    sys.stdout.write("| :--- | ---: | ---: | ---: | ---: | :--- |\n")
    for spec in specs or [spec for spec, names in variants().items() if names != [spec]]:
        sys.stdout.write(f"{row(spec)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
