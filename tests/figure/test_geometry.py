"""Where things lie: nothing overlaps or leaves the page, no type is too small, no edge crosses a block or a text."""

from dataclasses import replace

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archspec.figure.diagram import Style
from archspec.figure.place.drawing import draw, place
from archspec.figure.place.fit import fitted
from archspec.figure.scene import Mark, Rectangle
from archspec.figure.what.fold import DrawError
from archspec.pipeline import load_network, load_text
from tests.code.drawn_specs import Entry
from tests.code.drawn_specs import specs as drawn_specs
from tests.figure.geometry import faults, outline, overlap, shared_stretches
from tests.figure.test_scales import full_scale
from tests.gallery.networks import FEW, RUN, SAMPLE, representatives, sampled

WIDTHS = {0.0: RUN, 504.0: SAMPLE, 245.0: RUN}  # pt; the largest of the sample is drawn once
STYLES: tuple[Style, ...] = ("figure", "graph", "volumes")


@pytest.mark.parametrize(
    ("spec", "width"),
    [
        pytest.param(*one.values, width, id=f"{one.id}-{width}", marks=one.marks)
        for width, sample in WIDTHS.items()
        for one in sampled(representatives(), sample=sample)
    ],
)
def test_a_figure_is_without_faults_at_every_width(spec: str, width: float) -> None:
    made = fitted(load_network(spec), width=width)
    assert faults(made) == []
    if width:
        assert draw(made).width == pytest.approx(width, abs=0.5)


@pytest.mark.parametrize("spec", [*sampled(representatives(), sample=SAMPLE), "clip", "detr"])
def test_two_values_share_no_stretch_of_line(spec: str) -> None:
    """The queries of DETR went into the frame of the decoder where the memory does, and ran on in its line."""
    assert list(shared_stretches(fitted(load_network(spec), width=504.0))) == []


@pytest.mark.parametrize("style", ["graph", "volumes"])
@pytest.mark.parametrize("spec", sampled(representatives(), sample=FEW))
def test_the_other_styles_are_without_faults(spec: str, style: Style) -> None:
    assert faults(fitted(load_network(spec), style=style)) == []


@pytest.mark.parametrize("spec", ["googlenet", "resnet:resnet50", "unet", "fcn:fcn8s"])
def test_all_of_a_network_opened_is_without_faults(spec: str) -> None:
    assert faults(fitted(load_network(spec), depth=9, width=504.0)) == []


@pytest.mark.parametrize("width", [0.0, 504.0, 400.0, 300.0, 245.0])
@pytest.mark.parametrize("levels", [3, 4, 5])
def test_no_line_runs_through_the_caption_of_a_join_whose_branches_stand_in_the_row_before(
    levels: int, width: float
) -> None:
    assert faults(fitted(load_text(full_scale(levels, 128)), width=width)) == []


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn_specs(), st.sampled_from(STYLES), st.sampled_from([0.0, 504.0, 400.0]), st.sampled_from([None, 1, 2, 9]))
def test_any_network_is_drawn_without_faults(spec: Entry, style: Style, width: float, depth: int | None) -> None:
    network = load_text(yaml.safe_dump(spec, sort_keys=False))
    try:
        made = fitted(network, style=style, width=width, depth=depth)
    except DrawError:  # too narrow a page for a network that was opened on purpose
        made = fitted(network, style=style, depth=depth)
    assert faults(made) == []
    assert draw(made) == draw(made)


def test_the_measuring_finds_faults() -> None:
    """The measure itself: it says so where a box is moved onto another, a text off the page, an edge across a box."""
    made = fitted(load_network("resnet:resnet18"))
    scene = draw(made)
    one, other = [mark for mark in scene.marks if mark.kind == "box block"][:2]
    assert not overlap(outline(one), outline(other))
    assert overlap(outline(one), outline(_moved(other, outline(one)[0] - outline(other)[0])))
    small = replace(made, theme=replace(made.theme, fonts=replace(made.theme.fonts, counts=5.0)))
    assert any("is set in 5.0 pt" in fault for fault in faults(small))


def _moved(mark: Mark, by: float) -> Mark:
    shapes = [replace(shape, x=shape.x + by) for shape in mark.shapes if isinstance(shape, Rectangle)]
    return replace(mark, shapes=tuple(shapes))


def test_a_change_to_one_block_leaves_the_others_where_they_are() -> None:
    """Widening the last layer moves nothing before it."""
    before, after = (place(fitted(load_network("resnet:resnet18", settings=s)))[0] for s in ({}, {"classes": "10"}))
    places = [{box.box.id: (round(box.x, 2), round(box.y, 2)) for box in panel.boxes} for panel in (before, after)]
    shared = [name for name in places[0] if name.startswith(("layer", "conv1", "maxpool"))]
    steps = {
        name: (places[1][name][0] - places[0][name][0], places[1][name][1] - places[0][name][1]) for name in shared
    }
    assert len(shared) == 6
    assert all(abs(dx) < 6 and dy == 0 for dx, dy in steps.values())
