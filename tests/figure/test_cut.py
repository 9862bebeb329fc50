"""A frame over several rows is drawn row by row, where its picture is lower by a row."""

from itertools import pairwise

import pytest

from archspec.figure.place.drawing import draw, place
from archspec.figure.place.fit import fitted
from archspec.pipeline import load_text
from tests.figure.drawn import network
from tests.figure.geometry import faults


def test_a_frame_over_several_rows_has_a_part_in_each() -> None:
    """As one frame, ConvNeXt's features would stand beside the image, three rows of which none is full."""
    made = fitted(network("convnext:convnext_tiny"), width=504.0)
    parts = [frame for frame in place(made)[0].frames if frame.group.id == "features"]
    assert [part.group.title for part in parts] == ["features", "features"]
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


def test_towers_side_by_side_keep_beside_each_other() -> None:
    """As one frame, CLIP's image tower stood in one column, and its text tower began in another row."""
    made = fitted(network("clip"), width=504.0)
    shown = place(made)[0]
    stand = {placed.box.id: placed for placed in shown.boxes}
    image, text = stand["visual/transformer/resblocks"], stand["transformer/resblocks"]
    assert image.y < text.y < image.y + 160
    assert abs(image.x - text.x) < 160


@pytest.mark.parametrize("spec", ["clip", "convnext:convnext_tiny", "darknet53"])
def test_every_line_ends_at_its_box(spec: str) -> None:
    """A frame in parts has room above a sum, and the line from above goes through it."""
    shown = place(fitted(network(spec), width=504.0))[0]
    stand = {placed.box.id: placed for placed in shown.boxes}
    for route in shown.routes:
        head, (x, y) = stand[route.edge.head], route.points[-1]
        high = max(head.size.height, head.size.height_in)
        assert abs(x - head.x) <= head.size.width / 2 + 0.1
        assert abs(y - head.y) <= high / 2 + 0.1


def test_a_frame_of_one_row_is_whole() -> None:
    made = fitted(network("resnet:resnet50"), width=504.0)
    assert not made.panels[0].cut_frames


@pytest.mark.parametrize("width", [504.0, 245.0])
@pytest.mark.parametrize("spec", ["convnext:convnext_tiny", "mobilenet_v3", "ghostnet", "vgg:vgg11", "maxvit"])
def test_frames_in_parts_are_without_faults(spec: str, width: float) -> None:
    """MaxViT's panel has a path that is longer than the room beside its title."""
    assert faults(fitted(network(spec), width=width)) == []


def test_a_frame_in_three_parts_is_not_drawn_and_the_strip_tells_of_what_was_in_it() -> None:
    """`features` stood four times round the blocks of MobileNet v2, and its strip said `features: 100%`."""
    made = fitted(network("mobilenet_v2"), width=245.0)
    assert made.panels[0].groups == ()
    params, macs = ([name for name, *_ in bar.parts] for bar in made.bars)
    assert params[:4] == macs[:4] == ["features.0", "features.1", "features.2\N{EN DASH}3", "features.4\N{EN DASH}6"]
    assert sum(share for _, share, _ in made.bars[1].parts) == pytest.approx(1.0)


def test_a_frame_within_one_that_is_not_drawn_stays() -> None:
    made = fitted(network("mobilevit"), width=245.0)
    assert [group.title for group in made.panels[0].groups] == ["stages.2", "stages.3", "stages.4"]
    assert {group.parent for group in made.panels[0].groups} == {""}


def test_an_asked_frame_stays_in_any_number_of_parts() -> None:
    text = "archspec: 1\nname: Net\ninputs: {x: [8, 16, 16]}\ngraph:\n" + "".join(
        f"  c{at}: {{op: conv2d, out_channels: {8 + at}, kernel_size: 3, padding: 1, figure: {{group: Body}}}}\n"
        for at in range(30)
    )
    made = fitted(load_text(text + "  pool: {op: adaptive_avg_pool2d, output_size: 1}\n"), width=245.0)
    assert [group.title for group in made.panels[0].groups] == ["Body"]
