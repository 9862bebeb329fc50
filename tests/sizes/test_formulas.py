"""Formulas give the numbers of the network, at the declared sizes and at others of their class."""

import pytest

from archspec.design import Design
from archspec.pipeline import read_network
from archspec.sizes.form import Variable, constant, value_at
from archspec.sizes.formulas import formulas
from archspec.tables.symbolic import symbolic_table
from tests.examples import one_in
from tests.gallery.networks import representatives

ALWAYS = ("resnet:resnet18", "unet_plusplus", "bert:bert_base", "swin:swin_t", "googlenet")
UNFOLLOWED = {"mamba:small", "mamba:mamba_130m"}  # their einsum counts by a rounded number, as fvcore does


@pytest.mark.parametrize("spec", one_in(12, representatives(), *ALWAYS))
def test_formulas_are_the_counts_of_the_network(spec: str) -> None:
    read = read_network(spec)
    network = read()
    rule = Design(network).sizes()
    found = formulas(rule)
    assert found is not None
    needed = [id for id, node in network.graph.nodes.items() if not node.train_only and id not in network.graph.inputs]
    total = found.total(needed)
    if spec in UNFOLLOWED:
        assert total is None
        return
    assert total is not None
    declared = rule.point(rule.declared)
    assert value_at(total, declared) == Design(network).macs
    further = {
        size: held.above(declared[size] + 1) or declared[size]
        for size, held in found.where.sets.items()
        if held.endless and held.above(declared[size] + 1)
    }
    here = found.where.whole({**{size: declared[size] for size in found.where.sets}, **further})
    sizes = {id: tuple(here[Variable(id, axis)] for axis in range(len(dims))) for id, dims in rule.declared.items()}
    assert rule.fits(sizes)
    other = read(sizes)
    assert value_at(total, here) == Design(other).macs
    for id, extents in found.extents.items():
        shapes = [tuple(value_at(form, here) for form in extent.dims) for extent in extents]
        assert shapes == [shape.dims for shape in other.shapes[id]], id


def test_a_count_that_is_not_followed_is_not_told() -> None:
    network = read_network("unet_plusplus")()
    found = formulas(Design(network).sizes())
    assert found is not None
    assert found.total(["no_such_node"]) is None
    assert found.total([]) == constant(0)


def test_the_table_names_the_class() -> None:
    lines = symbolic_table(read_network("resnet:resnet18")(), depth=1).splitlines()
    assert lines[:2] == ["ResNet (resnet18): image 3 x H x W", "for H = 32k; W = 32k"]
    assert lines[4].split()[-3:] == ["2352", "H", "W"]
    assert lines[-1] == "MACs  36144 H W + 512000 per sample"
