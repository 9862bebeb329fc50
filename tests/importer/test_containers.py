"""Modules in lists of lists and in mappings, called between others: equal keys in one order, and equal bits."""

import pytest
from torch import nn

from archspec.code.naming import root_class
from archspec.code.pytorch import emit
from archspec.importer.importing import Wish
from archspec.importer.named import Size
from archspec.importer.refused import Refused
from archspec.pipeline import load_text
from archspec.runtime.build import load_class
from tests.importer import containers
from tests.importer.test_import import IMAGE, graph_of, imported

WHOLE: dict[str, tuple[type[nn.Module], dict[str, Size]]] = {
    "Denoiser": (containers.Denoiser, {"x": IMAGE, "time": Size((6,))}),
    "Mapped": (containers.Mapped, {"x": IMAGE}),
    "Contained": (containers.Contained, {"x": IMAGE}),
    "Heads": (containers.Heads, {"x": IMAGE}),
    "Gaps": (containers.Gaps, {"x": IMAGE}),
    "Hyphens": (containers.Hyphens, {"x": IMAGE}),
    "Beside": (containers.Beside, {"x": Size((4,))}),
    "Chance": (containers.Chance, {"x": IMAGE}),
    "Rounds": (containers.Rounds, {"x": Size((5, 4))}),
    "Grown": (containers.Grown, {"x": Size((4, 9)), "time": Size((6,))}),
    "Called": (containers.Called, {"x": Size((5, 4))}),
    "Kept": (containers.Kept, {"x": Size((4,))}),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_container_comes_back_with_its_keys_in_their_order_and_all_bits(name: str) -> None:
    kind, sizes = WHOLE[name]
    found = imported(kind, None, **sizes)
    assert found.proof.exact, found.report()
    assert not found.opaque
    network = load_text(found.text)
    made = load_class(emit(network), root_class(network), filename=f"<{name}>")()
    assert list(made.state_dict()) == list(kind().state_dict())


def test_lists_of_lists_read_as_their_keys() -> None:
    graph = graph_of(imported(containers.Denoiser, x=IMAGE, time=Size((6,)))).partition("\ngraph:\n")[2]
    assert (
        graph
        == """\
  init_conv: {op: conv2d, out_channels: 4, kernel_size: 3, padding: 1}
  downs.0.0: {block: block, from: [init_conv, time], dim_out: 4}
  downs.0.1: {block: attention}
  downs.0.2: {op: conv2d, out_channels: 4, kernel_size: 4, stride: 2, padding: 1}
  downs.1.0: {block: block, from: [downs.0.2, time], dim_out: 4}
  downs.1.1: {block: attention}
  downs.1.2: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  mid_block: {block: block, from: [downs.1.2, time], dim_out: 8}
  mid_attn: {block: attention}
  concat1: {op: concat, from: [mid_attn, downs.1.1]}
  ups.0.0: {block: block, from: [concat1, time], dim_out: 8}
  ups.0.1: {block: attention}
  ups.0.2:
    graph:
      - {op: upsample, scale_factor: 2}
      - {op: conv2d, out_channels: 4, kernel_size: 3, padding: 1}
  concat2: {op: concat, from: [ups.0.2, downs.0.1]}
  ups.1.0: {block: block, from: [concat2, time], dim_out: 4}
  ups.1.1: {block: attention}
  ups.1.2: {graph: [{op: conv2d, out_channels: 4, kernel_size: 3, padding: 1}]}
  concat3: {op: concat, from: [ups.1.2, init_conv]}
  final: {op: conv2d, out_channels: 3, kernel_size: 1}
order: [init_conv, downs.0.0, ups.0.0, mid_block, mid_attn, final]
"""
    )


def test_a_mapping_by_number_says_why_it_is_none() -> None:
    with pytest.raises(Refused) as refused:
        imported(containers.Scales, Wish(strict=True), x=IMAGE)
    assert refused.value.reason == "the modules of scales are called 8, 4 and run between others, and a list has a 0"


def test_equal_rounds_over_a_list_of_lists_are_one_repeat() -> None:
    text = imported(containers.Rounds, x=Size((5, 4))).text
    layer = """\
  layer:
    graph:
      0: {block: scaled, hidden: 8}
      add1: {op: add, from: [0, x]}
      1: {block: scaled, hidden: 16}
      add2: {op: add, from: [1, add1]}
"""
    assert layer in text
    assert "  mul: {op: mul, other: 2}\n  layers: {block: layer, repeat: 3}\n  norm: layer_norm\n" in text


def test_rounds_that_differ_in_a_number_are_uses_of_one_block() -> None:
    text = imported(containers.Grown, x=Size((4, 9)), time=Size((6,))).text
    assert "      relu: relu\n      0: {op: conv1d, " in text
    assert "    inputs: [x, time]\n    graph:\n      relu: relu\n" in text
    assert ", from: time, out_features: 4}\n" in text
    assert text.count("      - {block: layer, ") == 3


def test_rounds_of_which_several_values_come_stay_as_they_are() -> None:
    assert "  layers.1.0: {op: linear, out_features: 4}\n" in imported(containers.Kept, x=Size((4,))).text


def test_rounds_over_mappings_are_a_block_with_these_names() -> None:
    text = imported(containers.Called, x=Size((5, 4))).text
    assert "      attn: {op: linear, out_features: 4}\n      drop1: dropout\n" in text
    assert "\n  blocks: {block: block, repeat: 3}\n" in text
