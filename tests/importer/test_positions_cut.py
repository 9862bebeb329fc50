"""A table of which a call takes as much as a value is long is imported as the table and the cut."""

import pytest
from torch import nn

from archspec.importer.named import Size
from tests.importer import positions_cut
from tests.importer.test_import import imported

SAID = {
    positions_cut.Tutorial: (
        "pe: {op: sinusoidal_table, num_embeddings: 5000, embedding_dim: 16, unsqueeze: 1}",
        "slice: {op: slice, from: pe, dim: 0, stop: $x.shape.0}",
    ),
    positions_cut.Attribute: (
        "{op: sinusoidal_table, persistent: false, num_embeddings: 64, embedding_dim: 16, base: 500.0,",
        "slice: {op: slice, from: sinusoidal_table, dim: 0, stop: $tokens.shape.0}",
    ),
    positions_cut.Drawn: (
        "table: {op: buffer, persistent: false, shape: [20, 2],",
        "slice: {op: slice, from: table, dim: 0, stop: $tokens.shape.0}",
    ),
}


@pytest.mark.parametrize("kind", SAID, ids=lambda kind: kind.__name__)
def test_it_is_the_table_and_the_cut_and_right_at_another_length(kind: type[nn.Module]) -> None:
    found = imported(kind, None, tokens=Size((10,), "int"))
    assert found.proof.holds, found.report()
    assert found.proof.elsewhere == "equal", found.report()
    assert all(said in found.text for said in SAID[kind]), found.text
