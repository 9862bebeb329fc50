"""First sight: before anyone touches the page, the picture fills the window in type that reads."""

from typing import Any

import pytest

from tests.page.conftest import Opens
from tests.page.driver import box

DESKTOP, PHONE = (1400, 900), (390, 844)

# How much of the stage the picture takes, whether all of it is there, and the smallest type that is there, in pixels.
SEEN = """() => {
  const { clientWidth, clientHeight } = stage;
  const { width, height } = state.scene;
  const across = Math.min(clientWidth, view.x + width * view.k) - Math.max(0, view.x);
  const down = Math.min(clientHeight, view.y + height * view.k) - Math.max(0, view.y);
  const texts = [...document.querySelectorAll("#boxes text")];
  return {
    share: across * down / (clientWidth * clientHeight),
    whole: view.x >= 0 && view.x + width * view.k <= clientWidth && view.y + height * view.k <= clientHeight,
    least: Math.min(...texts.map((text) => parseFloat(getComputedStyle(text).fontSize))) * view.k,
    side: document.body.dataset.side,
  };
}"""


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("spec", ["resnet:resnet50", "unet", "vgg:vgg16_bn", "unet_plusplus"])
def test_the_picture_reads_and_fills_the_window(explore: Opens, spec: str, size: tuple[int, int]) -> None:
    seen: Any = explore(spec, size=size).evaluate(SEEN)
    assert seen["least"] >= 7 - 1e-6
    assert seen["share"] > 0.25


def test_a_low_and_wide_picture_has_the_pane_below(explore: Opens) -> None:
    wide = explore("unet", size=DESKTOP)
    seen = wide.evaluate(SEEN)
    assert (seen["side"], seen["whole"]) == ("below", True)
    table, source = (wide.locator(name).bounding_box() for name in ("#blocks", "#text"))
    assert table is not None
    assert source is not None
    assert table["y"] == source["y"] > 400
    assert table["x"] + table["width"] <= source["x"]
    assert explore("t5", size=DESKTOP).evaluate(SEEN)["side"] == "beside"


def test_a_narrow_window_cuts_the_picture_into_rows(explore: Opens) -> None:
    rows = "laidOut.get(ROOT).rows"
    assert explore("resnet:resnet50", size=DESKTOP).evaluate(rows) == 1
    phone = explore("resnet:resnet50", size=PHONE)
    assert phone.evaluate(rows) > 1
    assert phone.evaluate(SEEN)["whole"]


def test_what_is_too_large_to_read_starts_at_its_upper_left_corner(explore: Opens) -> None:
    page = explore("unet", size=PHONE)
    assert not page.evaluate(SEEN)["whole"]
    assert page.evaluate("[view.x, view.y]")[0] == page.evaluate("EDGE")
    assert box(page, "down1").is_visible()
    page.keyboard.press("0")
    assert page.evaluate(SEEN)["whole"]


@pytest.mark.parametrize(
    ("spec", "bar"), [("unet", "divider"), ("unet", "split"), ("detr", "divider"), ("detr", "split")]
)
def test_the_bars_between_the_parts_move_by_keys(explore: Opens, spec: str, bar: str) -> None:
    page = explore(spec, size=DESKTOP)
    upright = page.locator(f"#{bar}").get_attribute("aria-orientation") == "vertical"
    place = f"document.getElementById('{bar}').getBoundingClientRect().{'x' if upright else 'y'}"
    before = page.evaluate(place)
    page.locator(f"#{bar}").focus()
    page.keyboard.press("ArrowRight" if upright else "ArrowDown")
    assert page.evaluate(place) == pytest.approx(before + 24, abs=1)


@pytest.mark.parametrize("size", [(844, 390), (1000, 500), (1024, 768), (700, 640)])
def test_every_window_has_room_for_the_picture_and_the_pane(explore: Opens, size: tuple[int, int]) -> None:
    page = explore("swin", size=size)
    seen: Any = page.evaluate(SEEN)
    assert seen["least"] >= 6.5 - 1e-6
    assert seen["share"] > 0.5
    for name in ("#stage", "#pane"):
        found = page.locator(name).bounding_box()
        assert found is not None
        assert min(found["width"], found["height"]) > 200


def test_the_pane_stands_where_more_of_a_large_picture_is_seen(explore: Opens) -> None:
    page = explore("unet_plusplus", size=DESKTOP)
    assert page.evaluate("document.body.dataset.side") == "beside"
    ways = page.evaluate("""['below', 'beside'].map((side) => {
      setSide(side);
      return laidOutForWindow().seen;
    })""")
    assert ways[0] < ways[1] < 1


def test_a_little_too_large_is_seen_whole(explore: Opens) -> None:
    seen: Any = explore("clip", size=DESKTOP).evaluate(SEEN)
    assert seen["whole"]
    assert 6.5 <= seen["least"] < 7


def test_a_phone_says_totals_and_colours_and_cuts_no_words(explore: Opens) -> None:
    page = explore("googlenet", size=PHONE)
    facts = ["7.00 M params", "1.58 G MACs", "image 3×224×224", "training adds 6.38 M params"]
    assert page.locator("#facts span").all_inner_texts() == facts
    assert page.locator("#facts").inner_text() == " ".join(facts)
    cut = """[...document.querySelectorAll("#name, #facts, #crumbs, #legend, .row > .path, .row > .shape")]
      .filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.textContent)"""
    assert page.evaluate(cut) == []
    assert page.locator("#legend").inner_text().split("\n") == ["convolution", "pooling", "linear", "in training only"]
