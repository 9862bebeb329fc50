"""Totals of torchvision's networks, as other tools count them."""

import pytest

from archspec.values.cost import restate
from tests.gallery.networks import counted, reference

FACTS = reference("tool_counts.csv")


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["spec"])
def test_totals(fact: dict[str, str]) -> None:
    totals = counted(fact["spec"]).totals
    assert totals.params == int(fact["params"])
    assert totals.buffers == int(fact["buffers"])
    assert totals.macs == int(fact["macs"])
    assert restate(totals, "torch") == 2 * int(fact["macs"])
    assert restate(totals, "fvcore") == int(fact["fvcore"])
    if fact["torchvision_ops"]:
        assert restate(totals, "torchvision") == float(fact["torchvision_ops"])
