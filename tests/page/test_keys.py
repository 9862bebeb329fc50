"""The page without a pointer."""

from tests.page.conftest import Opens
from tests.page.driver import box, selected, shown


def test_arrows_go_along_the_flow(explore: Opens) -> None:
    page = explore("googlenet")
    page.locator("#picture").focus()
    visited = [selected(page)]
    for _ in range(8):
        page.keyboard.press("ArrowRight")
        visited.append(selected(page))
    assert visited == ["image", "conv1", "pool1", "norm1", "conv2", "conv2/0", "conv2/1", "norm2", "pool2"]
    back = []
    for _ in range(9):
        page.keyboard.press("ArrowLeft")
        back.append(selected(page))
    assert back == [*visited[7::-1], "image"]
    assert page.locator("#tip").is_visible()


def test_arrows_go_from_branch_to_branch(explore: Opens) -> None:
    page = explore("googlenet")
    box(page, "inception3a").dblclick()
    page.keyboard.press("ArrowRight")
    assert selected(page) == "inception3a/conv1x1"
    visited = []
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
        visited.append(selected(page))
    assert visited == ["inception3a/conv3x3", "inception3a/conv5x5", "inception3a/pool", "inception3a/conv5x5"]
    page.keyboard.press("ArrowRight")
    assert selected(page).startswith("inception3a/concat") or "cat" in selected(page)


def test_enter_opens_and_closes_and_backspace_closes_what_is_around(explore: Opens) -> None:
    page = explore("resnet:resnet50")
    box(page, "layer1").click()
    page.locator("#picture").focus()
    page.keyboard.press("Enter")
    assert "layer1/0" in shown(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    assert selected(page).startswith("layer1/0/")
    page.keyboard.press("Backspace")
    assert selected(page) == "layer1/0"
    assert box(page, "layer1/0").get_attribute("aria-expanded") == "false"
    page.keyboard.press("Backspace")
    assert selected(page) == "layer1"
    assert "layer1/0" not in shown(page)
    page.keyboard.press("Escape")
    assert selected(page) == ""


def test_tab_walks_through_the_picture_and_out_of_it(explore: Opens) -> None:
    page = explore("resnet:resnet50")
    page.locator("#help-button").focus()
    page.keyboard.press("Tab")
    visited = [selected(page)]
    for _ in range(9):
        page.keyboard.press("Tab")
        visited.append(selected(page))
    assert visited == shown(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "zoom-out"


def test_the_selection_is_said_aloud(explore: Opens) -> None:
    page = explore("resnet:resnet50")
    box(page, "conv1").click()
    words = "conv1, 7×7 conv 64, /2, 64×112×112, 9.54 k params, 118 M MACs"
    assert page.locator("#said").inner_text() == words
    assert box(page, "conv1").get_attribute("aria-label") == words
    active = page.locator("#picture").get_attribute("aria-activedescendant")
    assert page.locator(f"#{active}").get_attribute("data-path") == "conv1"


def test_the_table_is_walked_by_keys(explore: Opens) -> None:
    page = explore("resnet:resnet50")
    page.locator("#table").focus()
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    assert selected(page) == "layer1"
    page.keyboard.press("ArrowRight")
    assert "layer1/0" in shown(page)
    page.keyboard.press("ArrowDown")
    assert selected(page) == "layer1/0"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert "layer1/0" not in shown(page)
    page.keyboard.press("End")
    assert selected(page) == "output@logits"


def test_keys_are_listed(explore: Opens) -> None:
    page = explore("unet")
    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keys").is_visible()
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog", name="Keys").is_hidden()
