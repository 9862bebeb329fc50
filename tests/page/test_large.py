"""A network of 5,000 nodes, all open: with --whole, one of 1,200 boxes and blocks each time."""

from typing import Any

import pytest

from tests.page.conftest import Opens
from tests.page.driver import box
from tests.page.specs import flat, nested, repeated


@pytest.mark.parametrize(
    ("spec", "boxes", "blocks"),
    [
        pytest.param(flat(5000), 5001, 0, id="flat", marks=pytest.mark.whole),
        pytest.param(repeated(714), 2144, 715, id="repeated", marks=pytest.mark.whole),
        pytest.param(repeated(300), 902, 301, id="a thousand"),
        pytest.param(nested(71), 2132, 782, id="nested", marks=pytest.mark.whole),
    ],
)
def test_all_of_a_large_network_opens_at_once(explore: Opens, spec: str, boxes: int, blocks: int) -> None:
    page = explore(spec)
    page.keyboard.press("o")
    assert page.evaluate("[state.scene.boxes.length, state.scene.frames.length]") == [boxes, blocks]
    assert page.locator("#table").get_attribute("aria-rowcount") == str(boxes + blocks + 1)
    page.keyboard.press("0")
    # From afar boxes are drawn together; near, only those in view are there.
    assert page.locator("#boxes > .box").count() == 0
    assert page.locator("#picture *").count() < 1000
    assert page.locator(".row").count() < 60
    page.locator("#picture").focus()
    page.keyboard.press("End")
    assert 0 < page.locator("#boxes > .box").count() < 1000
    assert box(page, page.evaluate("items[state.selected].key")).is_visible()
    total = page.evaluate("state.scene.lines.length")
    assert boxes < total < 4 * boxes + 4 * blocks


def test_an_address_of_many_blocks_stays_short(explore: Opens) -> None:
    page = explore(repeated(200))
    page.keyboard.press("o")
    page.evaluate("goToItem(byKey.get('body/190/conv2')); toggle(byKey.get('body/3'))")
    hash_ = page.evaluate("location.hash")
    assert hash_.startswith("#open=~")
    assert len(hash_) < 300
    before: Any = page.evaluate("[...state.open].sort((a, b) => a - b)")
    page.reload()
    assert page.evaluate("[...state.open].sort((a, b) => a - b)") == before
