"""What is in closed blocks: what is drawn of it, and how it stands."""

import pytest

from archspec.figure.diagram import Diagram
from archspec.figure.place.drawing import draw
from archspec.figure.place.fit import fitted
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


@pytest.mark.parametrize(("spec", "width"), [("mamba:mamba_130m", 245.0), ("sk_resnet:skresnet18", 504.0)])
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
