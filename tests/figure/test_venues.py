"""Contracts with the page: a figure fits its venue in both directions, and says what it left out for that."""

from dataclasses import replace

import pytest

from archspec.figure.place.drawing import draw, place
from archspec.figure.place.fit import Limits, fitted
from archspec.figure.place.venue import VENUES, enlarged, fitted_for, largest
from archspec.figure.scene import Curve, Scene, Text
from archspec.figure.what.fold import DrawError, NoRoom
from archspec.figure.wishes import Wishes
from tests.figure.drawn import network, picture
from tests.figure.geometry import faults
from tests.figure.scenes import scene

SPECS = ("unet", "resnet:resnet50", "googlenet", "mobilenet_v2", "fpn", "vit")


@pytest.mark.parametrize("name", ["cvpr", "neurips", "acl", "ieee", "slide", "poster", "readme"])
@pytest.mark.parametrize("spec", SPECS)
def test_a_figure_never_leaves_its_page(spec: str, name: str) -> None:
    at = VENUES[name]
    scene = fitted_for(network(spec), Wishes(style="figure", venue=name))
    assert scene.width <= at.width + 0.5
    assert scene.height <= at.height + 0.5
    leveled = any(mark.kind == "level" for mark in scene.marks)
    assert _smallest(scene) >= 5.5 * (min(at.scale, 1.0) if leveled else at.scale)


@pytest.mark.parametrize("spec", ["unet", "resnet:resnet50", "googlenet", "vgg:vgg16", "densenet", "mobilenet_v2"])
def test_stages_can_be_read_in_a_single_column(spec: str) -> None:
    """Fails where a narrow page closes all of a network into one box."""
    made = fitted(network(spec), width=245.0)
    assert len([box for box in made.panels[0].boxes if box.nodes]) >= 6
    assert faults(made) == []


def test_a_u_stays_a_u_in_a_single_column() -> None:
    for width in (504.0, 245.0, VENUES["cvpr-column"].width):
        made = fitted(network("unet"), width=width)
        assert made.panels[0].arrangement == "levels"
        assert [name for _, name in made.panels[0].levels] == ["572²", "280²", "136²", "64²", "28²"]
        assert faults(made) == []
    assert made.footnotes[-1] == "Left out for want of room: params and MACs."


@pytest.mark.parametrize("spec", ["unet", "fpn"])
def test_a_u_stays_a_u_on_a_slide_in_smaller_type_but_no_smaller_than_in_a_paper(spec: str) -> None:
    at = VENUES["slide"]
    scene = fitted_for(network(spec), Wishes(venue=at.name))
    assert scene.width <= at.width + 0.5
    assert scene.height <= at.height + 0.5
    assert [mark for mark in scene.marks if mark.kind == "level"]
    assert _smallest(scene) >= _smallest(draw(picture(spec)))


def test_a_low_page_loses_panels_then_counts_then_the_strip_and_says_so() -> None:
    """As much as is needed and no more, in this order."""
    said: list[str] = []
    heights: list[float] = []
    full = draw(fitted(network("resnet:resnet50"), width=504.0)).height
    for height in range(int(full), 100, -10):
        try:
            made = fitted(network("resnet:resnet50"), width=504.0, limits=Limits(float(height)))
        except DrawError:
            break
        heights.append(draw(made).height)
        assert heights[-1] <= height
        room = [note for note in made.footnotes if note.startswith("Left out")]
        said += [note for note in room if note not in said]
    assert said == [
        "Left out for want of room: the panels of blocks.",
        "Left out for want of room: the panels of blocks and params and MACs.",
        "Left out for want of room: the panels of blocks, params and MACs and the strip of costs.",
    ]


def test_a_page_that_is_too_low_for_all_closed_is_an_error_that_says_how_high_it_must_be() -> None:
    with pytest.raises(DrawError, match=r"^60 pt is too low: with all blocks closed the figure is \d+ pt high; take a"):
        fitted(network("resnet:resnet50"), width=504.0, limits=Limits(60.0))


def test_what_is_not_wanted_is_not_drawn_and_its_footnotes_neither() -> None:
    everything = frozenset(("panels", "counts", "strip", "legend", "title"))
    made = fitted(network("hrnet"), width=504.0, limits=Limits(without=everything))  # type: ignore[arg-type]
    kinds = {mark.kind for mark in draw(made).marks}
    assert not kinds & {"title", "key", "bar"}
    texts = [shape.text for mark in draw(made).marks for shape in mark.shapes if isinstance(shape, Text)]
    assert not any(text.endswith((" k", " M", " G")) for text in texts)
    assert not any("MACs" in note or "Left out" in note for note in made.footnotes)


def test_a_slide_is_the_same_figure_with_larger_type_and_strokes() -> None:
    scene = draw(picture("resnet:resnet18"))
    larger = enlarged(scene, 2.0)
    assert (larger.width, larger.height) == (2 * scene.width, 2 * scene.height)
    for mark, other in zip(scene.marks, larger.marks, strict=True):
        for shape, big in zip(mark.shapes, other.shapes, strict=True):
            if isinstance(shape, Text) and isinstance(big, Text):
                assert (big.size, big.x, big.text) == (2 * shape.size, 2 * shape.x, shape.text)
            if isinstance(shape, Curve) and isinstance(big, Curve):
                assert big.paint.width == 2 * shape.paint.width


def test_an_unknown_venue_is_an_error_that_lists_those_there_are() -> None:
    with pytest.raises(DrawError, match="no venue 'cvrp'; there are cvpr, cvpr-column"):
        fitted_for(network("unet"), Wishes(venue="cvrp"))


def test_the_panels_of_a_low_page_are_gone_before_anything_closes() -> None:
    whole = fitted(network("resnet:resnet50"), width=504.0)
    bare = draw(replace(whole, panels=whole.panels[:1])).height
    low = fitted(network("resnet:resnet50"), width=504.0, limits=Limits(bare))
    assert len(place(low)) == 1
    assert [box.id for box in low.panels[0].boxes] == [box.id for box in whole.panels[0].boxes]


def test_of_several_panels_the_last_is_gone_first() -> None:
    """What is drawn in detail first has more of the work, or lies nearer to the network itself."""
    whole = fitted(network("inception_v3"), width=504.0)
    low = fitted(network("inception_v3"), width=504.0, limits=Limits(draw(whole).height - 1))
    assert [panel.title for panel in low.panels] == [panel.title for panel in whole.panels[:-1]]
    assert not any(line.startswith("Left out") for line in low.footnotes)


def test_the_largest_type_that_fits_is_found_in_few_tries() -> None:
    tried: list[float] = []

    def made(size: float) -> Scene:
        tried.append(size)
        if size > 0.7:
            raise NoRoom("too low")
        return scene(width=size)

    assert largest(made, (0.95, 0.9, 0.85, 0.8, 0.7, 0.6)) == scene(width=0.7)
    assert tried == [0.8, 0.6, 0.7]


@pytest.mark.parametrize(("spec", "name"), [("ddpm_unet", "cvpr-column"), ("clip", "slide"), ("bifpn", "slide")])
def test_what_no_form_makes_small_enough_has_smaller_type(spec: str, name: str) -> None:
    at = VENUES[name]
    scene = fitted_for(network(spec), Wishes(venue=name))
    assert scene.width <= at.width + 0.5
    assert scene.height <= at.height + 0.5
    sizes = [shape.size for mark in scene.marks for shape in mark.shapes if isinstance(shape, Text)]
    assert min(sizes) / at.scale >= 4.0


def test_a_page_that_is_asked_for_by_its_width_keeps_its_type() -> None:
    with pytest.raises(NoRoom, match="pt is too narrow"):
        fitted_for(network("ddpm_unet"), Wishes(width=60.0))


def _smallest(scene: Scene) -> float:
    """The size of the smallest type of a picture, in points."""
    return min(shape.size for mark in scene.marks for shape in mark.shapes if isinstance(shape, Text))
