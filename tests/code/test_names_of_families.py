"""What the classes of a family are called that needs more than one."""

import re

import pytest

from archspec.code.family import emit_family
from archspec.pipeline import read_text
from tests.code.families import written

SPEC = """
archspec: 1
name: Wide_Net
params: {times: 2}
variants: {small: {}, VARIANT: {times: 3}}
inputs: {x: [4]}
graph:
  a: {op: linear, out_features: 4}
  again: {share: a, repeat: $times}
  y: {op: mul, from: [again, a]}
"""


@pytest.mark.parametrize(
    ("variant", "name"),
    [
        ("gated", "GatedWideNet"),
        ("widenet_9", "WideNet9"),
        ("net_b", "WideNetb"),
        ("wide", "WideWideNet"),
    ],
)
def test_a_class_of_one_variant_is_called_after_it(variant: str, name: str) -> None:
    made = read_text(SPEC.replace("VARIANT", variant)).family()
    source = emit_family(made.network, made.variants)
    assert re.findall(r"^class (\w+)\(nn.Module\)", source, re.MULTILINE) == ["WideNet", name]


def test_no_network_of_a_family_is_called_as_another_that_people_know() -> None:
    for spec, names in {"mamba": ["Mamba", "Mamba130m"], "pointnet": ["PointNet", "VanillaPointNet"]}.items():
        assert re.findall(r'^    "([A-Z]\w+)",$', written(spec), re.MULTILINE) == names
