"""Layers that each join all that came before them become one block, one behind the other."""

import pytest
from torch import nn

from tests.importer import dense
from tests.importer.test_import import IMAGE, imported

KINDS: dict[str, type[nn.Module]] = {
    "Dense": dense.Dense,
    "LastOnly": dense.LastOnly,
    "NewOnly": dense.NewOnly,
    "OneBeside": dense.OneBeside,
    "Turned": dense.Turned,
}
BLOCK = """\
  layer:
    graph:
      norm: batch_norm2d
      relu: relu
      conv: {op: conv2d, out_channels: 2, kernel_size: 3, padding: 1}
      concat: {op: concat, from: [x, conv]}
"""


@pytest.mark.parametrize("name", KINDS)
def test_what_is_joined_is_equal_to_the_last_bit(name: str) -> None:
    found = imported(KINDS[name], x=IMAGE)
    assert found.proof.exact, found.report()
    assert not found.opaque


def test_layers_are_one_block_that_hands_on_the_join() -> None:
    text = imported(dense.Dense, x=IMAGE).text
    assert BLOCK in text
    assert "  concat: {op: concat, from: [a, b]}\n  layers: {block: layer, repeat: 4}\n" in text


@pytest.mark.parametrize(("name", "uses"), [("LastOnly", 3), ("NewOnly", 3), ("OneBeside", 3)])
def test_what_is_read_besides_keeps_the_block(name: str, uses: int) -> None:
    text = imported(KINDS[name], x=IMAGE).text
    assert BLOCK in text
    assert text.count("{block: layer}") == uses


def test_a_join_in_another_order_is_no_join_of_a_join() -> None:
    assert "from: [x, conv]" not in imported(dense.Turned, x=IMAGE).text
