"""Blocks in detail that do not fit one row of the page."""

import pytest

from archspec.figure.diagram import Diagram
from archspec.figure.place.cut import running_back
from archspec.figure.place.drawing import place
from archspec.figure.place.fit import fitted
from archspec.figure.place.placed import PlacedPanel
from tests.figure.drawn import network
from tests.figure.geometry import faults


def block(made: Diagram, title: str) -> PlacedPanel:
    """The first panel of this title."""
    return next(panel for panel in place(made) if panel.panel.title == title)


def test_a_block_that_fits_one_row_with_its_words_turned_has_them_so() -> None:
    """The two rows of EfficientNet's MBConv had a residual line round both."""
    made = fitted(network("efficientnet:b0"), width=245.0)
    shown = block(made, "MBConv")
    assert "turned" in {box.box.form for box in shown.boxes}
    assert running_back(shown) == set()
    assert shown.height < 80


def test_a_block_that_fits_its_row_keeps_its_words_upright() -> None:
    made = fitted(network("efficientnet:b0"), width=504.0)
    assert "turned" not in {box.box.form for box in block(made, "MBConv").boxes}


@pytest.mark.parametrize("spec", ["efficientnet:b0", "capsnet", "inception_v4", "sentence_bert"])
def test_blocks_with_turned_words_are_without_faults(spec: str) -> None:
    assert faults(fitted(network(spec), width=245.0)) == []
