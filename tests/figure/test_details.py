"""What is in closed blocks: what is drawn of it, and how it stands."""

from base64 import b64encode
from struct import pack
from zlib import compress

import pytest

from archspec.figure.diagram import Diagram
from archspec.figure.look.theme import LIGHT
from archspec.figure.place.drawing import draw, page_width, place
from archspec.figure.place.fit import fitted
from archspec.figure.what.depict import diagram
from archspec.ops.op import Role
from archspec.pipeline import load_network, load_text
from tests.figure.geometry import faults


def titles(made: Diagram) -> list[str]:
    return [panel.title for panel in made.panels[1:]]


def test_parallel_branches_with_much_of_the_work_are_shown_though_they_are_there_once() -> None:
    """DeepLab v3 is about its atrous pyramid, which the network has once, as a closed block of bands."""
    made = fitted(load_network("deeplabv3:deeplabv3_resnet50"), width=504.0)
    assert titles(made)[0] == "convs"
    details = {line for box in made.panels[1].boxes for line in box.details}
    assert {"256, dilation 12", "256, dilation 24", "256, dilation 36"} <= details
    paints = {box.role: box.paint for box in made.panels[1].boxes}
    assert paints[Role.UPSAMPLE] == LIGHT.paint(Role.UPSAMPLE)  # though its branch has a shade of its own


@pytest.mark.parametrize(("spec", "width"), [("mamba:mamba_130m", 245.0)])
def test_a_block_whose_lines_run_back_to_another_row_stands_upright(spec: str, width: float) -> None:
    made = fitted(load_network(spec), width=width)
    assert {panel.arrangement for panel in made.panels[1:]} == {"columns"}
    assert made.panels[0].arrangement == "rows"
    assert faults(made) == []
    assert draw(made).height < 800


def test_a_block_that_fits_one_row_does_not() -> None:
    made = fitted(load_network("resnet:resnet50"), width=504.0)
    assert {panel.arrangement for panel in made.panels[1:]} == {"rows"}


def test_where_all_is_of_one_resolution_boxes_are_low() -> None:
    """In a network of tokens the height of a box says nothing, so it is as low as its words."""
    made = fitted(load_network("bert:bert_base"), width=504.0)
    assert all(box.flat for box in made.panels[0].boxes)
    assert draw(made).height < 460
    text = "archspec: 1\ninputs: {x: [3, 8, 8]}\ngraph: {a: {op: max_pool2d, kernel_size: 2}, b: relu}\n"
    assert not any(box.flat for box in fitted(load_text(text)).panels[0].boxes)


def test_the_contents_of_a_buffer_are_no_row_of_a_table() -> None:
    """LeViT by import: its blocks differ in widths and in the numbers of a buffer, which are wider than any page."""

    def packed(first: int) -> str:
        return b64encode(compress(pack("<64f", *(number * 1.37 for number in range(first, first + 64))))).decode()

    uses = "".join(f"  u{at}: {{block: unit, wide: {8 * at}, numbers: '{packed(at)}'}}\n" for at in range(1, 9))
    made = fitted(
        load_text(f"""archspec: 1
inputs: {{x: [8, 8, 8]}}
blocks:
  unit:
    params: {{wide: int, numbers: str}}
    graph:
      a: {{op: conv2d, out_channels: $wide, kernel_size: 1}}
      held: {{op: packed_buffer, shape: [8, 8], packed: $numbers}}
      b: {{op: add, from: [a, held]}}
      c: {{op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}}
graph:
{uses}"""),
        width=504.0,
    )
    (table,) = (panel.table for panel in made.panels if panel.table is not None)
    assert [row for row, _ in table.rows] == ["wide"]
    assert faults(made) == []


def test_the_only_block_there_is_may_be_larger_than_the_others() -> None:
    """TNT by import: its block is two transformer layers, and nothing in it can be closed."""
    layers = "".join(f"    - {{op: conv2d, out_channels: {8 + at}, kernel_size: 1}}\n" for at in range(19))
    last = "    - {op: conv2d, out_channels: 8, kernel_size: 1}\n"
    text = f"archspec: 1\ninputs: {{x: [8, 8, 8]}}\nblocks:\n  unit:\n    graph:\n{layers}{last}"
    made = fitted(load_text(text + "graph: {a: {block: unit, repeat: 4}}\n"), width=504.0)
    assert titles(made) == ["unit"]
    assert faults(made) == []


@pytest.mark.parametrize("width", [245.0, 504.0])
def test_a_block_whose_uses_have_more_and_more_layers_is_shown_by_its_first(width: float) -> None:
    """MobileViT: each of its blocks of that name has another number of transformer layers."""
    made = fitted(load_network("mobilevit:mobilevit_s"), width=width)
    assert titles(made)[0] == "mobilevit"
    assert made.panels[1].subtitle == "stages.2.1"


def test_what_a_paper_is_about_is_drawn_in_a_narrow_column_too() -> None:
    made = fitted(load_network("hourglass"), width=245.0)
    assert [panel.title for panel in made.panels] == ["", "stack", "hourglass"]
    assert page_width(place(made)) <= 245.5


def test_a_block_in_both_kinds_of_block_is_drawn_once_by_itself() -> None:
    """The gates of CBAM stand in the block that has a residual and in the one that changes the resolution."""
    made = fitted(load_network("cbam_resnet:cbam_resnet50"), width=504.0)
    assert titles(made) == ["bottleneck", "bottleneck", "channel_gate", "spatial_gate"]
    assert all({"channel_gate", "spatial_gate"} <= {box.title for box in panel.boxes} for panel in made.panels[1:3])
    assert draw(made).height < 500


def test_a_block_that_most_of_its_uses_are_closed_with_is_no_exception_in_the_stem() -> None:
    """The stem has one of 53 convolutions of standardised weights, which a panel shows."""
    made = fitted(load_network("resnet_v2"), width=504.0)
    assert "stem/conv" in {box.id for box in made.panels[0].boxes}
    assert "std_conv" in titles(made)


def test_a_second_drawing_of_a_block_is_left_out_where_it_would_take_most_of_a_column() -> None:
    """HRNet's modules of three maps would be drawn below those of four, where a page is too narrow for its grid."""
    made = fitted(load_network("hrnet:hrnet_w18"), width=190.0)
    assert not made.panels[0].downwards
    assert titles(made) == ["module"]


def test_blocks_with_much_of_the_work_come_before_smaller_ones() -> None:
    assert [panel.title for panel in diagram(load_network("yolo_v3")).panels] == ["", "stage", "residual"]
