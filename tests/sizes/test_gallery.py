"""Every network of the gallery goes one way at its declared sizes; its rule is what its module does at the edges."""

from itertools import islice

import pytest

from archspec.design import Design
from archspec.sizes.explore import at
from archspec.sizes.rule import SizeRule, Sizes
from tests.examples import examples, one_in
from tests.gallery.networks import network, representatives
from tests.sizes.agreement import disagreements, edges


@pytest.mark.parametrize("spec", one_in(4, representatives(), "detr", "vit:vit_b_16"))
def test_rules_on_numbers_give_the_shapes(spec: str) -> None:
    made = network(spec)
    way = at(made, {id: made.shapes[id][0].dims for id in made.graph.inputs})
    assert way.fits, way.refusal or way.lost
    for id, extents in way.extents.items():
        assert [tuple(form.number for form in extent.dims) for extent in extents] == [
            shape.dims for shape in made.shapes[id]
        ]


# `--whole` runs them all. On the device meta, where torch computes shapes only.
@pytest.mark.parametrize("spec", one_in(40, representatives(), "unet_plusplus", "alexnet_original"))
def test_a_rule_is_what_the_module_does_at_its_edges(spec: str) -> None:
    design = Design(network(spec))
    rule = design.sizes()
    tried = (sizes for sizes in edges(rule, 400) if _as_declared(rule, sizes))
    assert disagreements(design, islice(tried, examples(60)), "meta") == []


def _as_declared(rule: SizeRule, sizes: Sizes) -> bool:
    """Whether the sizes that weights say are as declared: torch does not hold channels against them on meta."""
    here, declared = rule.point(sizes), rule.point(rule.declared)
    pinned = [size for size, held in rule.regions[0].sets.items() if held.only is not None]
    return all(here[size] == declared[size] for size in pinned)
