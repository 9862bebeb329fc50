"""Heights: what hangs on the main way stands as near to it as what is beside it leaves room, and crosses nothing."""

from archspec.figure.place.drawing import place
from archspec.figure.place.fit import fitted
from archspec.figure.place.heights import Span, heights
from archspec.pipeline import load_network
from tests.figure.drawn import boxes, picture

MAIN, BELOW, LOWER = 1, 2, 3


def test_what_is_below_a_low_box_stands_higher_than_what_is_below_a_high_one() -> None:
    main = [Span(MAIN, 0, 2, 10, 60, thin=False), Span(MAIN, 2, 6, 10, 10, thin=False)]
    found = heights([*main, Span(BELOW, 0, 2, 5, 5, thin=False), Span(BELOW, 6, 6, 5, 5)], MAIN, gap=4, wire=2)
    assert (found[BELOW, 1], found[BELOW, 6], found[MAIN, 1]) == (69, 11, 0)


def test_what_differs_by_little_is_level() -> None:
    main = [Span(MAIN, 0, 2, 10, 20, thin=False), Span(MAIN, 2, 6, 10, 10, thin=False)]
    found = heights([*main, Span(BELOW, 0, 2, 5, 5, thin=False), Span(BELOW, 4, 6, 5, 5, thin=False)], MAIN, 4, 2)
    assert found[BELOW, 1] == found[BELOW, 5] == 29


def test_lanes_keep_their_order_wherever_two_of_them_are() -> None:
    spans = [Span(MAIN, 0, 8, 9, 9), Span(BELOW, 0, 4, 9, 30), Span(LOWER, 4, 8, 9, 9), Span(0, 2, 8, 3, 3)]
    found = heights(spans, MAIN, gap=4, wire=2)
    for spot in range(9):
        there = [axis for (lane, at), axis in sorted(found.items()) if at == spot]
        assert there == sorted(there)


def test_an_output_stands_below_what_gives_it_and_not_below_all_of_its_row() -> None:
    """The embeddings of ALBERT are an open block, three boxes high; `hidden` hangs on a box behind it."""
    panel = place(fitted(load_network("albert:base"), width=504.0))[0]
    at = {placed.box.id: placed for placed in panel.boxes}
    frames = {frame.group.id: frame for frame in panel.frames}
    hidden = next(placed for id, placed in at.items() if "hidden" in id)
    assert hidden.y - at["again"].y < 100
    assert hidden.y < frames["embeddings"].y + frames["embeddings"].height


def test_a_block_that_stays_closed_as_a_part_of_a_repeat_is_not_open_beside_it() -> None:
    """ALBERT's first layer is a member, and those that share its parameters are a repeat, which is drawn closed."""
    assert boxes(picture("albert:base"))["layer"].kind == "block"


def test_what_no_data_reaches_stands_in_the_row_of_what_reads_it() -> None:
    """DETR's queries are learned, and only the transformer reads them, two rows below the image."""
    panel = place(fitted(load_network("detr"), width=504.0))[0]
    at = {placed.box.id: placed.y for placed in panel.boxes}
    transformer = min(y for id, y in at.items() if id.startswith("transformer"))
    learned = [y for id, y in at.items() if "quer" in id]
    assert learned
    assert all(abs(y - transformer) < 150 for y in learned)


def test_an_open_block_leaves_room_for_what_stands_before_it_where_that_is_lower() -> None:
    """A frame as wide as the page put the image of EfficientNetV2 in a row of its own."""
    main = place(fitted(load_network("efficientnet_v2"), width=504.0))[0]
    [image] = [box for box in main.boxes if box.box.kind == "input"]
    [frame] = [frame for frame in main.frames if frame.group.title == "features"]
    assert frame.y < image.y < frame.y + frame.height
