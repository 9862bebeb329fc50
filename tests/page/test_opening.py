"""Opening and closing blocks in a real browser: what is drawn then, and where."""

import pytest

from tests.page.conftest import Opens
from tests.page.driver import GEOMETRY, box, frame, shown, skips
from tests.page.specs import CODER, DENSE


def test_a_double_click_opens_a_block_and_a_click_on_its_title_closes_it(explore: Opens) -> None:
    page = explore("resnet:resnet50")
    assert shown(page)[:5] == ["image", "conv1", "maxpool", "layer1", "layer2"]
    box(page, "layer1").dblclick()
    assert shown(page)[3:8] == ["layer1", "layer1/0", "layer1/1", "layer1/2", "layer2"]
    assert box(page, "layer1").count() == 0
    assert frame(page, "layer1").get_attribute("aria-expanded") == "true"
    frame(page, "layer1").locator(".name").click(force=True)
    assert shown(page)[3:5] == ["layer1", "layer2"]
    assert box(page, "layer1").get_attribute("aria-expanded") == "false"


def test_the_mark_in_the_corner_opens_and_closes(explore: Opens) -> None:
    page = explore("resnet:resnet50")
    box(page, "layer2").locator(".toggle").click()
    box(page, "layer2/0").locator(".toggle").click()
    assert "layer2/0/downsample" in "".join(shown(page))
    frame(page, "layer2").locator(".toggle").click()
    assert shown(page)[4:6] == ["layer2", "layer3"]


def test_a_block_opened_again_shows_what_was_open_in_it(explore: Opens) -> None:
    page = explore("resnet:resnet50")
    for path in ("layer1", "layer1/0"):
        box(page, path).locator(".toggle").click()
    before = shown(page)
    frame(page, "layer1").locator(".toggle").click()
    box(page, "layer1").locator(".toggle").click()
    assert shown(page) == before


def test_a_block_stays_where_it_is_when_it_opens(explore: Opens) -> None:
    page = explore("googlenet")
    at = "(() => { const p = state.scene.places.get(byKey.get('inception3a')); "
    at += "return [p.x * view.k + view.x, p.axis * view.k + view.y]; })()"
    before = page.evaluate(at)
    box(page, "inception3a").dblclick()
    assert page.evaluate(at) == pytest.approx(before, abs=1)


def test_all_blocks_open_and_close(explore: Opens) -> None:
    page = explore("googlenet")
    page.get_by_role("button", name="Open all").click()
    assert page.evaluate("state.scene.boxes.every(({ item }) => !items[item].block)")
    assert "inception5b/pool/1" in shown(page)
    page.get_by_role("button", name="Close all").click()
    assert page.evaluate("state.scene.order.every((item) => items[item].parent === ROOT)")
    assert box(page, "conv2").count() == 1


@pytest.mark.parametrize("blocks", [[], ["encoder"], ["decoder"], ["encoder", "decoder"]])
def test_skips_stay_whatever_is_open(explore: Opens, blocks: list[str]) -> None:
    page = explore(CODER)
    page.keyboard.press("c")
    for block in blocks:
        box(page, block).dblclick()
    inside = 2 * len(blocks)  # the pieces within an open block
    assert skips(page) == 2 + inside
    page.keyboard.press("0")
    assert page.locator("path.skip").first.is_visible()


@pytest.mark.parametrize("key", ["c", "o"])
def test_skips_of_an_encoder_decoder_run_level(explore: Opens, key: str) -> None:
    page = explore("unet")
    page.keyboard.press(key)
    levels = page.evaluate(
        "state.scene.lines.filter((line) => line.kind && line.container === ROOT)"
        ".map((line) => new Set(line.points.map(([, y]) => Math.round(y))).size)"
    )
    assert levels == [1, 1, 1, 1]


@pytest.mark.parametrize(
    "spec", ["googlenet", "resnet:resnet50", "unet", "fcn:fcn8s", "fcn_resnet50", "vgg:vgg16_bn", CODER, DENSE]
)
def test_lines_meet_their_boxes_and_pass_the_others(explore: Opens, spec: str) -> None:
    page = explore(spec)
    assert page.evaluate(GEOMETRY) == []
    for key in ("c", "o"):
        page.keyboard.press(key)
        assert page.evaluate(GEOMETRY) == []
    # Every block once alone with what is around it.
    blocks = page.evaluate("blockItems.length")
    for index in range(0, blocks, max(1, blocks // 8)):
        page.evaluate(f"setOpen(new Set([blockItems[{index}], ...around(blockItems[{index}])]))")
        assert page.evaluate(GEOMETRY) == []
