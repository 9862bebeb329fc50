"""What a box says is true of all that it stands for: of a row of blocks, of all uses of one, of each of its outputs."""

import pytest

from archspec.figure.diagram import Box, Diagram
from archspec.figure.look.theme import LIGHT
from archspec.figure.place.fit import fitted
from archspec.figure.what import panels
from archspec.figure.what.captions import DASH
from archspec.figure.what.depict import setting_of
from archspec.page.parts import all_open
from archspec.pipeline import load_network


def figure(name: str) -> Diagram:
    return fitted(load_network(name), width=504.0)


def box(made: Diagram, title: str) -> Box:
    return next(box for box in made.panels[0].boxes if box.title == title)


def test_equal_boxes_in_one_use_are_not_one_where_another_use_has_them_differ() -> None:
    """The first block of a plain net has no stride, so that its two convolutions say the same there, and only there."""
    [first, second] = [box for box in figure("resnet_original:plain34").panels[1].boxes if box.nodes]
    assert (first.details, first.repeat) == (("channels, /stride",), 1)
    assert (second.details, second.repeat) == (("channels",), 1)


@pytest.mark.parametrize(
    ("spec", "title", "said"),
    [
        ("mobilenet_v2", "features.2\N{EN DASH}3", "24"),  # the first widens 16 channels to 96, the second 24 to 144
        ("mobilenet_v1", "conv3", "128"),
        ("resnet:resnet50", "layer2", "128-128-512"),  # the first has the same widths as the others
    ],
)
def test_a_row_says_the_channels_that_all_of_its_blocks_have(spec: str, title: str, said: str) -> None:
    assert box(figure(spec), title).details[1] == said.replace("-", DASH)


@pytest.mark.parametrize(
    ("spec", "title", "said"),
    [
        ("mixtral:mixtral_8x7b", "layers", "4096"),  # its longest way ends in the router, which gives 8
        ("gpt_neox", "layers", "6144"),  # the MLP is beside the attention
        ("vit", "layers", "768"),
        ("ghostnet", "blocks.1.0", "24"),
    ],
)
def test_a_block_of_several_branches_says_what_comes_out_and_no_row_of_widths(spec: str, title: str, said: str) -> None:
    assert box(figure(spec), title).details[-1] == said


def test_what_only_a_rate_of_dropout_is_worked_out_from_is_not_said_of_a_row() -> None:
    assert box(figure("efficientnet_v2"), "features.1").details == ("FusedMBConv",)


@pytest.mark.parametrize(("spec", "shift"), [("swin", "shift 0 | 3"), ("swin_v2", "shift 0 | 4")])
def test_blocks_that_begin_with_a_table_of_their_own_are_told_as_others(spec: str, shift: str) -> None:
    """Swin V2's read a table of places before they read what they are given; its shape was said again, no shift was."""
    made = box(figure(spec), "features.1")
    assert (made.details, made.shape) == (("swin_block", "96", shift), "")


def test_all_uses_of_a_block_are_of_one_colour() -> None:
    """In SegFormer's first stages attention is most of the work, in the last ones it is not."""
    made = figure("segformer")
    assert len({box.paint for box in made.panels[0].boxes if box.title == "blocks"}) == 1
    stages = [paint.fill for name, _, paint in made.bars[0].parts if name.startswith("stage")]
    [attention] = {box.paint.fill for box in made.panels[0].boxes if box.title == "blocks"}
    assert stages[0] == attention


def test_a_block_of_several_outputs_says_the_size_of_the_one_whose_line_has_no_name() -> None:
    made = figure("lraspp")
    assert [edge.label for edge in made.panels[0].edges if edge.tail == "backbone"].count("") > 0
    assert box(made, "backbone").shape == "960×33\N{SUPERSCRIPT TWO}"


def test_no_line_is_called_as_if_it_were_twice_a_value() -> None:
    made = figure("clip")
    assert "x2" not in {edge.label for edge in made.panels[0].edges}


def test_the_sizes_of_a_mask_are_not_called_those_of_a_map() -> None:
    [below] = [note for note in figure("bert").footnotes if "output shape" in note]
    assert "height" not in below


def test_a_block_is_drawn_as_the_kind_that_another_panel_has_closed() -> None:
    """The bottlenecks of CSP-PAN's neck have no residual, and those of its backbone have one."""
    made = figure("csp_pan")
    assert [panel.title for panel in made.panels[1:]] == ["csp", "bottleneck"]
    assert "add" not in {box.kind for box in made.panels[2].boxes}


def test_a_product_is_as_large_as_what_it_reads_though_something_unseen_follows() -> None:
    """Stochastic depth follows the scaling in a ConvNeXt block, which was told as a change of size."""
    network = load_network("convnext")
    shown = panels.panel(setting_of(network, LIGHT), all_open(network.graph), "features/1/0")
    assert [box.shape for box in shown.boxes if box.kind == "times"] == [""]


@pytest.mark.parametrize(
    ("spec", "inside", "said"),
    [
        ("t5", "encoder", "layers ×12"),
        ("t5", "decoder", "layers ×12"),
        ("clip", "visual", "resblocks ×12"),
        ("darknet53", "stages/2", "blocks ×8"),
        ("mobilevit", "stages/3/1", "transformer ×4"),
    ],
)
def test_a_closed_block_that_is_one_row_of_blocks_says_how_many(spec: str, inside: str, said: str) -> None:
    """The twelve layers of T5 stood in the panels of a layer only."""
    made = fitted(load_network(spec), width=245.0)
    assert said in next(one for one in made.panels[0].boxes if one.id == inside).details


def test_a_closed_block_of_several_rows_or_of_convolutions_in_a_row_does_not() -> None:
    detr, vgg = (fitted(load_network(spec), width=245.0).panels[0].boxes for spec in ("detr", "vgg:vgg16"))
    assert not [line for one in (*detr, *vgg) if one.kind == "block" for line in one.details if "×" in line]


def test_a_block_that_shares_its_parameters_does_not_repeat_what_is_in_it() -> None:
    found = {one.id: one.details for one in figure("perceiver").panels[0].boxes}
    assert "layers ×6" in found["think1"]
    assert found["think2"] == ("1024", "shares think1")


def test_a_block_of_a_list_of_lists_has_the_name_of_both() -> None:
    """GhostNet's blocks were called 0.0, 1.0 and 2.0 where no frame said `blocks`."""
    titles = [one.title for one in fitted(load_network("ghostnet"), width=245.0).panels[0].boxes]
    assert titles[2:4] == ["blocks.0.0", "blocks.1.0"]
