"""The gallery by name, and its networks with their counts, loaded once.

python -m tests.gallery.networks    writes representatives.txt anew: after a change to what a network is made of
"""

import csv
from collections.abc import Iterable
from functools import cache
from math import prod
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

import archspec
from archspec.design import Setting
from archspec.gallery import gallery
from archspec.graph.network import Network
from archspec.graph.report import Report, Row, report

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "tests" / "reference"
REPRESENTATIVES = Path(__file__).with_name("representatives.txt")


@cache
def variants() -> dict[str, list[str]]:
    """The gallery: a spec and the names of all it describes, `resnet` -> `resnet:resnet18`, `resnet:resnet34`."""
    return {
        entry.name: [f"{entry.name}:{variant}" for variant in entry.variants] or [entry.name] for entry in gallery()
    }


def specs() -> list[str]:
    """Every spec of the gallery with each of its variants: `alexnet`, `resnet:resnet50`."""
    return [name for names in variants().values() for name in names]


@cache
def representatives() -> tuple[str, ...]:
    """One variant of each structure that a spec has: of those that differ in depth and width alone, the least costly.

    What runs, traces or draws a network does it for these. What is cheap does it for all: `check`, counts on the meta
    device, keys of the state_dict, the text of the source.

    They are read from a file, since tests ask for them when they are collected: loading the whole gallery takes 10 s.
    """
    return tuple(REPRESENTATIVES.read_text(encoding="utf-8").splitlines())


def represented(spec: str) -> list[str]:
    """The representatives among the variants of a spec, found by loading them all."""
    chosen: dict[frozenset[object], str] = {}
    for name in sorted(variants()[spec], key=lambda name: sum(cost.macs for cost in network(name).costs.values())):
        chosen.setdefault(structure(network(name)), name)
    return [name for name in variants()[spec] if name in chosen.values()]


# What each run of the tests takes where the whole gallery is long: plain, bands, heads in training, residuals, groups,
# skips with un-pooling and without padding, dense joins, gates, windows, tokens, ports, resolutions side by side.
SAMPLE = frozenset(
    {
        "alexnet",
        "autoencoder",
        "csp_pan:n",
        "dcgan_generator:pytorch",
        "densenet:densenet121",
        "fcn:fcn8s",
        "fpn:fpn_resnet50",
        "googlenet",
        "googlenet_torchvision",
        "gpt:gpt2",
        "hourglass:hourglass2",
        "hrnet:hrnet_w18",
        "mobilenet_v3:mobilenet_v3_small",
        "resnet:resnet18",
        "resnet:resnet50",
        "swin:swin_t",
        "unet:unet",
        "unet:unpool",
    }
)

# The same for what runs a network: HRNet is the largest, and made of the ops of two others.
RUN = SAMPLE - {"hrnet:hrnet_w18"}

# The same for a test that takes a second or more for each.
FEW = frozenset(
    {"alexnet", "csp_pan:n", "googlenet_torchvision", "mobilenet_v3:mobilenet_v3_small", "resnet:resnet18", "unet:unet"}
)


def sampled(names: Iterable[str], *more: str, sample: frozenset[str] = SAMPLE) -> list[ParameterSet]:
    """Networks as parameters of a test: the sample and `more` run each time, the others by `pytest --whole`.

    The name of a spec that has variants stands for them: it runs where one of them does.
    """
    each_time = {*sample, *(name.partition(":")[0] for name in sample), *more}
    return [pytest.param(name, id=name, marks=[] if name in each_time else [pytest.mark.whole]) for name in names]


def structure(network: Network) -> frozenset[object]:
    """What a network is made of: ops, fields that are not their defaults, blocks, and members left out of blocks.

    How large a field is tells nothing, and a fraction (a rate, an epsilon) is no structure.
    """
    graph, made_of = network.graph, set[object]()
    for node in graph.nodes.values():
        made_of.add(node.op.name)
        for name, field in type(node.op).model_fields.items():
            value = getattr(node.op, name)
            if value != field.default and not isinstance(value, float):
                made_of.add((node.op.name, name, value if isinstance(value, str | bool) else None))
    for scope in graph.scopes.values():
        if scope.definition.kind == "block":
            made_of.add(("block", scope.definition.name))
        made_of.update((scope.definition.name, name) for name in scope.absent)
    return frozenset(made_of)


def reference(name: str) -> list[dict[str, str]]:
    """Rows of a table in tests/reference."""
    with (REFERENCE / name).open(newline="") as file:
        return list(csv.DictReader(file))


@cache
def network(spec: str, **params: str) -> Network:
    settings: dict[str, Setting] = {**params}
    return archspec.load(spec, None, inputs=None, permit=archspec.Permit(), **settings).network


@cache
def counted(spec: str, **params: str) -> Report:
    return report(network(spec, **params))


def rows(spec: str, **params: str) -> dict[str, Row]:
    """Path -> row of the report."""
    return {row.path: row for row in counted(spec, **params).rows}


def weights(spec: str, path: str, **params: str) -> int:
    """Params of the convolutions and linear layers in a block, biases and norms left out: the count of most papers."""
    loaded = network(spec, **params)
    total = 0
    for id, node in loaded.graph.nodes.items():
        if id == path or id.startswith(f"{path}/"):
            shape = node.op.parameters(loaded.input_shapes(node)).get("weight", ())
            total += prod(shape) if len(shape) > 1 else 0
    return total


if __name__ == "__main__":
    found = [name for spec in variants() for name in represented(spec)]
    REPRESENTATIVES.write_text("".join(f"{name}\n" for name in found), encoding="utf-8")
