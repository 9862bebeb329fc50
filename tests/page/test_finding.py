"""The source, the table and the search of the page, tied to its picture."""

import pytest

from tests.page.conftest import Opens
from tests.page.driver import box, column, frame, own_lines, selected, shown, shown_names


def test_a_click_on_a_block_goes_to_its_line(explore: Opens) -> None:
    page = explore("googlenet")
    box(page, "inception4c").click()
    assert selected(page) == "inception4c"
    assert own_lines(page) == [66]
    assert page.locator(".line.own").inner_text().strip().startswith("inception4c: {block: inception")
    assert page.locator(".line.own").is_visible()
    # Its definition is marked too, as is what an op's box stands for.
    assert page.locator(".line.part").first.get_attribute("data-line") == "16"
    box(page, "conv1").click()
    assert own_lines(page) == [51]
    assert {line.get_attribute("data-line") for line in page.locator(".line.part").all()} >= {"12", "13", "14"}


def test_a_block_of_another_spec_is_shown_in_that_one(explore: Opens) -> None:
    page = explore("fcn:fcn8s")
    assert page.locator("#sources").input_value() == "0"
    box(page, "backbone/features/stage2/pool").click()
    assert page.locator("#sources option:checked").inner_text() == "vgg.yaml"
    assert page.locator(".line.own").inner_text().strip().startswith("pool:")
    frame(page, "backbone").locator("rect").first.click(position={"x": 4, "y": 60}, force=True)
    assert page.locator("#sources option:checked").inner_text() == "fcn.yaml"


def test_a_click_on_a_line_selects_what_is_written_there(explore: Opens) -> None:
    page = explore("googlenet")
    page.locator('.line[data-line="52"]').click()
    assert selected(page) == "pool1"
    page.locator('.line[data-line="8"]').click()
    assert page.locator("#found").inner_text().strip() == "Line 8: 1 of 59"
    assert selected(page) == "conv1"
    page.keyboard.press("n")
    assert selected(page) == "conv2/0"
    page.keyboard.press("N")
    page.keyboard.press("N")
    assert selected(page) == "inception5b/pool/1"


def test_the_table_shows_what_the_picture_shows(explore: Opens) -> None:
    page = explore("resnet:resnet50")
    assert column(page, "path") == shown_names(page)
    box(page, "layer1").dblclick()
    assert column(page, "path") == shown_names(page)
    row = page.locator(".row", has_text="layer2")
    row.locator(".twist").click()
    assert "layer2/0" in shown(page)
    assert row.get_attribute("aria-expanded") == "true"


def test_the_table_sorts_by_every_column(explore: Opens) -> None:
    page = explore("resnet:resnet50")
    page.keyboard.press("o")
    boxes = page.evaluate("state.scene.boxes.length")
    for name in ("params", "macs", "share", "shape"):
        head = page.locator(f'[data-column="{name}"]')
        head.click()
        assert head.get_attribute("aria-sort") == "descending"
        value = "shape" if name == "shape" else name
        values = page.evaluate(f"tableRows.map((item) => COLUMNS.{value}.value(items[item]))")
        assert len(values) == boxes
        assert values == sorted(values, reverse=True)
        head.click()
        values = page.evaluate(f"tableRows.map((item) => COLUMNS.{value}.value(items[item]))")
        assert values == sorted(values)
    head = page.locator('[data-column="path"]')
    head.click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert column(page, "path")[:3] == ["avgpool", "conv1", "fc"]
    head.click()
    head.click()
    assert head.get_attribute("aria-sort") == "none"
    assert column(page, "path")[0] == "image"


def test_table_and_picture_share_the_selection(explore: Opens) -> None:
    page = explore("resnet:resnet50")
    page.keyboard.press("o")
    page.locator('[data-column="macs"]').click()
    row = page.locator(".row").first
    row.click()
    assert selected(page) == "conv1"
    assert row.get_attribute("aria-selected") == "true"
    page.locator('[data-column="path"]').click()
    page.evaluate("goToItem(byKey.get('layer4/2/conv3'))")
    chosen = page.locator('.row[aria-selected="true"]')
    assert chosen.locator(".path").inner_text() == "layer4/2/conv3"
    assert chosen.is_visible()
    assert page.locator("#boxes [aria-selected=true]").get_attribute("data-path") == "layer4/2/conv3"


# -- search --------------------------------------------------------------------------------------------------------


def test_search_opens_what_is_around_what_it_finds(explore: Opens) -> None:
    page = explore("resnet:resnet50")
    page.keyboard.press("/")
    page.keyboard.type("layer3.5.conv2")
    assert page.locator(".result").first.locator(".path").inner_text() == "layer3/5/conv2"
    page.keyboard.press("Enter")
    assert selected(page) == "layer3/5/conv2"
    assert {"layer3", "layer3/5"} <= set(page.evaluate("[...state.open].map((item) => items[item].key)"))
    assert box(page, "layer3/5/conv2").is_visible()
    assert page.locator("#results").is_hidden()


def test_search_finds_what_has_no_box_of_its_own(explore: Opens) -> None:
    page = explore("resnet:resnet50")
    page.locator("#query").fill("layer1/0/bn2")
    page.keyboard.press("Enter")
    assert selected(page) == "layer1/0/conv2"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("max_pool2d", ["maxpool"]),
        ("7x7 64,", ["conv1"]),
        ("adaptive output_size", ["avgpool"]),
        ("2048×7×7 batch", ["layer4/0/bn3", "layer4/0/downsample/1", "layer4/1/bn3", "layer4/2/bn3"]),
    ],
)
def test_search_reads_ops_settings_and_shapes(explore: Opens, text: str, found: list[str]) -> None:
    page = explore("resnet:resnet50")
    page.locator("#query").fill(text)
    assert [path.inner_text() for path in page.locator(".result .path").all()] == found


def test_search_says_that_there_is_nothing(explore: Opens) -> None:
    page = explore("resnet:resnet50")
    page.locator("#query").fill("transformer")
    assert page.locator("#results").inner_text() == "Nothing is called that."


def test_results_are_stepped_through(explore: Opens) -> None:
    page = explore("resnet:resnet50")
    page.keyboard.press("/")
    page.keyboard.type("downsample conv")
    page.keyboard.press("ArrowDown")
    assert page.locator(".result[aria-selected=true]").count() == 1
    page.keyboard.press("Enter")
    first = selected(page)
    assert page.locator("#found").inner_text().strip().endswith("of 4")
    page.keyboard.press("n")
    assert selected(page) != first
    assert "downsample" in selected(page)
    page.keyboard.press("N")
    assert selected(page) == first
    page.keyboard.press("Escape")
    assert page.locator("#found").is_hidden()
