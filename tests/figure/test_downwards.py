"""The grid of resolutions turned by a quarter: a column for each, for a page that is too narrow for rows."""

import pytest

from archspec.figure.diagram import level_row
from archspec.figure.place.drawing import draw, place
from archspec.figure.place.fit import Limits, fitted
from tests.figure.drawn import network
from tests.figure.geometry import faults
from tests.figure.test_lines import shared
from tests.figure.test_scales import boxes


def test_a_grid_too_wide_for_the_page_has_a_column_for_each_resolution() -> None:
    """HRNet in a column of a paper: its streams run downwards, and the exchanges are fans as on a wide page."""
    made = fitted(network("hrnet"), width=245.0)
    shown = place(made)[0]
    stand = boxes(shown)
    columns: dict[int, list[float]] = {}
    for box in shown.boxes:
        columns.setdefault(level_row(box.box), []).append(box.x)
    assert [len({round(x, 2) for x in xs}) for xs in columns.values()] == [1, 1, 1, 1]
    ordered = [columns[level][0] for level in sorted(columns)]
    assert ordered == sorted(ordered)
    for edge in shown.panel.edges:
        assert stand[edge.tail].y < stand[edge.head].y or stand[edge.head].box.kind == "add"
    assert [(group.title, group.repeat) for group in made.panels[0].groups] == [
        ("stage2", 1),
        ("stage3", 4),
        ("stage4", 3),
    ]
    assert shown.height < 550
    assert draw(made).height < 850


@pytest.mark.parametrize("width", [234.0, 245.0, 252.0])
def test_a_grid_that_runs_downwards_is_without_faults(width: float) -> None:
    """The title of a frame is not struck by the line that enters it, and a long key of the legend takes two lines."""
    made = fitted(network("hrnet"), width=width)
    assert made.panels[0].downwards
    assert faults(made) == []


@pytest.mark.parametrize("spec", ["bifpn", "csp_pan", "fpn", "unet_plusplus"])
def test_what_is_drawn_upright_has_a_column_for_each_resolution(spec: str) -> None:
    made = fitted(network(spec), width=504.0, limits=Limits(upright=True))
    assert made.panels[0].downwards
    assert faults(made) == []
    assert shared(place(made)[0]) == set()


def test_what_would_be_much_higher_so_is_text_from_top_to_bottom() -> None:
    """LR-ASPP would be 1102 points high, a tall column of its backbone and little beside it."""
    made = fitted(network("lraspp"), width=504.0, limits=Limits(upright=True))
    assert made.panels[0].arrangement == "columns"
    assert draw(made).height < 700


def test_a_legend_has_no_line_that_is_not_drawn() -> None:
    """What leads to a sum of HRNet's head is an arrow of its own colour; only its panels have a residual."""
    made = fitted(network("hrnet"), width=504.0, limits=Limits(without=frozenset({"panels"})))
    assert "residual" not in {key.label for key in made.legend}
