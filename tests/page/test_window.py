"""The pointer, the window, paper, the address, and text that would do harm."""

import pytest

from archspec.figure.look.theme import DARK, LIGHT
from archspec.ops.op import Role
from tests.page.conftest import Opens
from tests.page.driver import box, fill, frame, rgb, selected, shown
from tests.page.specs import HOSTILE


def test_the_pointer_calls_all_that_is_known(explore: Opens) -> None:
    page = explore("googlenet")
    box(page, "conv1").hover()
    tip = page.locator("#tip")
    tip.wait_for(state="visible")
    assert tip.inner_text().split("\n") == [
        "conv1",
        "conv2d out_channels: 64, kernel_size: 7, stride: 2, padding: 3",
        "relu",
        "Every convolution has a bias and is followed by rectified linear activation (section 5).",
        "output",
        "64×112×112",
        "params",
        "9,472",
        "0.1 %",
        "MACs",
        "118,013,952",
        "7.5 %",
        "googlenet.yaml:51",
    ]
    page.mouse.move(5, 400)
    tip.wait_for(state="hidden")


def test_the_wheel_zooms_about_the_pointer_and_drags_move(explore: Opens) -> None:
    page = explore("googlenet")
    stage = page.locator("#stage").bounding_box()
    assert stage is not None
    under = f"[({{}} - {stage['x']} - view.x) / view.k, ({{}} - {stage['y']} - view.y) / view.k]"
    page.mouse.move(300, 300)
    before, scale = page.evaluate(under.format(300, 300)), page.evaluate("view.k")
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.wait_for_function(f"() => view.k > {scale}")
    assert page.evaluate(under.format(300, 300)) == pytest.approx(before, abs=0.1)
    page.mouse.down()
    page.mouse.move(340, 250, steps=4)
    page.mouse.up()
    assert page.evaluate(under.format(340, 250)) == pytest.approx(before, abs=0.1)
    page.keyboard.press("0")
    assert page.evaluate("view.k") == pytest.approx(scale)
    page.keyboard.press("-")
    assert page.evaluate("view.k") < scale


def test_two_fingers_zoom(explore: Opens) -> None:
    page = explore("googlenet", touch=True)
    scale = page.evaluate("view.k")
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[int, int]) -> None:
        fingers = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    touch("touchStart", (300, 300), (400, 300))
    touch("touchMove", (250, 300), (450, 300))
    touch("touchEnd")
    assert page.evaluate("view.k") == pytest.approx(2 * scale, rel=0.02)


def test_what_moves_glides_to_its_place(explore: Opens) -> None:
    page = explore("resnet:resnet50", motion="no-preference")
    box(page, "layer1").dblclick()
    page.wait_for_function("""() => {
      const item = byKey.get('fc');
      const { x, axis } = state.scene.places.get(item);
      const at = new DOMMatrix(getComputedStyle(document.getElementById(`box-${item}`)).transform);
      const there = Math.hypot(at.e - x - items[item].glyph[0] / 2, at.f - axis) < 0.1;
      return there && !svg.classList.contains('gliding');
    }""")


def test_a_drag_selects_nothing(explore: Opens) -> None:
    page = explore("googlenet")
    box(page, "conv1").hover()
    page.mouse.down()
    page.mouse.move(500, 500, steps=3)
    page.mouse.up()
    assert selected(page) == ""


def test_the_page_follows_the_system_and_the_switch(explore: Opens) -> None:
    light, dark = explore("resnet:resnet50"), explore("resnet:resnet50", scheme="dark")
    assert fill(light) == rgb(LIGHT.paint(Role.CONV).fill)
    assert fill(dark) == rgb(DARK.paint(Role.CONV).fill)
    light.get_by_role("button", name="Dark").click()
    assert fill(light) == fill(dark)
    assert light.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 25, 29)"
    dark.keyboard.press("d")
    assert fill(dark) == rgb(LIGHT.paint(Role.CONV).fill)


def test_a_dark_theme_starts_dark_on_any_system(explore: Opens) -> None:
    assert fill(explore("resnet:resnet50", theme="dark")) == rgb(DARK.paint(Role.CONV).fill)


def test_paper_takes_the_whole_picture_in_light_colours(explore: Opens) -> None:
    from io import BytesIO

    from pypdf import PdfReader

    page = explore("googlenet", scheme="dark")
    page.keyboard.press("o")
    for _ in range(6):
        page.keyboard.press("+")
    page.emulate_media(media="print")
    page.wait_for_function("() => svg.classList.contains('paper')")
    assert box(page, "conv1").count() == box(page, "inception5b/pool/1").count() == 1
    assert fill(page) == rgb(LIGHT.paint(Role.CONV).fill)
    for name in ("#pane", "#tools", "#search", "#zoom", "#found"):
        assert page.locator(name).is_hidden()
    sheet = PdfReader(BytesIO(page.pdf(format="A4", landscape=True)))
    assert len(sheet.pages) == 1
    text = sheet.pages[0].extract_text()
    assert "GoogLeNet" in text
    assert "inception5b" in text
    assert "training adds 6.38 M params" in text
    page.emulate_media(media="screen")
    page.wait_for_function("() => !svg.classList.contains('paper')")
    assert page.locator("#pane").is_visible()


@pytest.mark.parametrize("size", [(400, 700), (700, 400), (1000, 700), (1920, 1080)])
def test_the_page_fits_its_window(explore: Opens, size: tuple[int, int]) -> None:
    page = explore("googlenet", size=size)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= size[0]
    picture = page.locator("#picture").bounding_box()
    assert picture is not None
    assert picture["width"] >= min(size[0], 400) * 0.5
    assert box(page, "conv1").is_visible()
    assert page.locator("#table").is_visible()
    tabs = page.get_by_role("tab", name="Source")
    if tabs.is_visible():
        tabs.click()
        assert page.locator("#table").is_hidden()
    assert page.locator("#source").is_visible()
    page.keyboard.press("t")
    assert page.locator("#pane").is_hidden()


def test_the_address_holds_the_state(explore: Opens) -> None:
    page = explore("resnet:resnet50")
    box(page, "layer2").dblclick()
    box(page, "layer2/1").dblclick()
    assert page.evaluate("location.hash") == "#open=layer2,layer2/1&at=layer2/1"
    before = shown(page)
    page.reload()
    assert shown(page) == before
    assert selected(page) == "layer2/1"
    page.go_back()
    page.wait_for_function("() => state.open.size === 1")
    assert "layer2/1/conv1" not in shown(page)
    page.go_forward()
    page.wait_for_function("() => state.open.size === 2")
    page.keyboard.press("o")
    assert page.evaluate("location.hash").startswith("#open=*")


@pytest.mark.parametrize("address", ["#open=~x&at=%", "#open=nothing&at=nowhere", "#%%%&&=", "#open=&at="])
def test_a_wrong_address_does_no_harm(explore: Opens, address: str) -> None:
    page = explore("resnet:resnet50")
    page.evaluate(f"location.hash = {address!r}")
    page.reload()
    assert selected(page) == ""
    assert box(page, "layer1").is_visible()


def test_hostile_text_is_shown_and_does_nothing(explore: Opens) -> None:
    page = explore(HOSTILE)
    frame(page, "first").locator("text").hover(force=True)
    page.locator("#tip").wait_for(state="visible")
    assert "<b onmouseover='window.struck = 1'>bold</b>" in page.locator("#tip").inner_text()
    page.locator("#query").fill("<img src=x onerror=alert(1)>")
    assert page.locator("#results").inner_text() == "Nothing is called that."
    assert "</script><svg onload=window.struck=1>" in page.locator("#source").inner_text()
    assert page.evaluate("window.struck") is None
    assert page.locator("img, b[onmouseover], [onload], [onerror]").count() == 0
