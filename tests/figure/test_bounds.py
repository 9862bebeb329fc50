"""What is too large to draw is folded, or refused with what would do."""

import pytest

from archspec.figure.place.bounds import MAX_BOXES, MAX_FRAMES, MAX_REACH
from archspec.figure.place.drawing import place
from archspec.figure.place.fit import fitted
from archspec.figure.what.depict import diagram
from archspec.figure.what.fold import MOST_PARTS, DrawError
from archspec.figure.wishes import Wishes
from archspec.page.page import MAX_PARTS, page
from archspec.pictures import picture
from archspec.pipeline import load_text
from tests.bounds.large import dense, doubling, ladder, spec


def repeat(entry: str, count: int) -> str:
    return spec(f"r: {{{entry}, repeat: {count}}}")


@pytest.mark.parametrize(
    ("text", "boxes"),
    [
        (repeat("op: relu", 500), 3),
        (repeat("op: linear, out_features: 8", 500), 3),
        (repeat("op: linear, out_features: $(i + 1)", 500), 3),
        (repeat("graph: {a: {op: linear, out_features: $(i + 1)}, b: relu}", 300), 3),
        (repeat("op: linear, out_features: $(i + 1)", MOST_PARTS), MOST_PARTS + 2),
        (repeat("op: linear, out_features: $(i + 1)", MOST_PARTS + 1), 3),
    ],
    ids=["activations", "equal", "different", "blocks", "few", "one too many"],
)
def test_a_repeat_of_many_parts_is_one_box(text: str, boxes: int) -> None:
    assert len(fitted(load_text(text)).panels[0].boxes) == boxes


def test_blocks_that_double_are_closed_until_they_fit() -> None:
    assert len(fitted(load_text(doubling(11))).panels[0].boxes) <= 34


@pytest.mark.parametrize(
    ("text", "depth", "says"),
    [
        (dense(60), None, f"a picture has at most {MAX_REACH:,} boxes for lines to pass, and this one has 37,821"),
        (ladder(150), None, f"a picture has at most {MAX_REACH:,} boxes for lines to pass, and this one has 22,800"),
        (doubling(11), 12, f"a picture has at most {MAX_BOXES:,} boxes, and this one has 2,050"),
        (doubling(10), 11, f"a picture has at most {MAX_FRAMES:,} open blocks, and this one has 1,022"),
    ],
    ids=["all to all", "ladder", "depth", "frames"],
)
def test_what_cannot_be_folded_is_refused_with_what_would_do(text: str, depth: int | None, says: str) -> None:
    network = load_text(text)
    with pytest.raises(DrawError) as caught:
        picture(network, ".svg", Wishes(depth=depth))
    advice = "; open less with --depth or --expand, put members into blocks, or write .dot, whose reader lays it out"
    assert str(caught.value) == says + advice
    assert picture(network, ".dot", Wishes(depth=depth))


def test_what_just_fits_is_laid_out() -> None:
    made = diagram(load_text(dense(43)))
    assert len(place(made)[0].panel.edges) > 900


def test_a_page_is_refused_with_what_would_do() -> None:
    network = load_text(repeat("op: relu", MAX_PARTS))
    with pytest.raises(DrawError) as caught:
        page(network)
    assert str(caught.value) == (
        "a page has at most 6,700 ops and blocks, each block counted twice, and this network has 6,705; draw a figure, "
        "which closes what is too much (-o Network.svg), or list all of it with archspec summary -o Network.csv"
    )
