"""A frame over several rows is drawn row by row, where its picture is lower by a row."""

from itertools import pairwise

import pytest

from archspec.figure.place.drawing import draw, place
from archspec.figure.place.fit import fitted
from tests.figure.drawn import network
from tests.figure.geometry import faults


def test_a_frame_over_several_rows_has_a_part_in_each_and_its_title_once() -> None:
    """As one frame, ConvNeXt's features would stand beside the image, three rows of which none is full."""
    made = fitted(network("convnext:convnext_tiny"), width=504.0)
    parts = [frame for frame in place(made)[0].frames if frame.group.id == "features"]
    assert [part.group.title for part in parts] == ["features", ""]
    assert all(upper.y + upper.height < lower.y for upper, lower in pairwise(parts))
    assert draw(made).height < 410


def test_a_frame_in_parts_has_frames_in_it() -> None:
    made = fitted(network("vgg:vgg11"), width=504.0)
    frames = place(made)[0].frames
    parts = [frame for frame in frames if frame.group.id == "features"]
    inside = [frame for frame in frames if frame.group.title.startswith("stage")]
    assert (len(parts), len(inside)) == (2, 5)
    for inner in inside:
        outer = [one for one in parts if one.y < inner.y < one.y + one.height]
        assert [one.x < inner.x and inner.x + inner.width < one.x + one.width for one in outer] == [True]
        assert inner.y > outer[0].y + made.theme.fonts.detail  # below the title


def test_a_frame_of_one_row_is_whole() -> None:
    made = fitted(network("resnet:resnet50"), width=504.0)
    assert not made.panels[0].cut_frames


@pytest.mark.parametrize("width", [504.0, 245.0])
@pytest.mark.parametrize("spec", ["convnext:convnext_tiny", "mobilenet_v3", "ghostnet", "vgg:vgg11", "maxvit"])
def test_frames_in_parts_are_without_faults(spec: str, width: float) -> None:
    """MaxViT's panel has a path that is longer than the room beside its title."""
    assert faults(fitted(network(spec), width=width)) == []
