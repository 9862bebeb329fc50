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


def test_a_block_that_is_too_wide_upright_has_its_counts_in_its_boxes() -> None:
    """Nine values ran from row to row in RetNet's retention, and seven in the widest block of Inception v3."""
    for spec, title in (("retnet", "retention"), ("inception_v3", "inception_c")):
        made = fitted(network(spec), width=245.0)
        shown = block(made, title)
        assert shown.panel.arrangement == "columns"
        assert "card" in {box.box.form for box in shown.boxes}
        assert shown.height < 410
        assert faults(made) == []


def test_only_the_block_of_many_lines_stands_upright_where_others_would_be_much_higher() -> None:
    """Four values ran from row to row in Sentence-BERT's sentence, and one in the layer beside it."""
    made = fitted(network("sentence_bert"), width=245.0)
    assert block(made, "sentence").panel.arrangement == "columns"
    assert block(made, "layer").panel.arrangement == "rows"
