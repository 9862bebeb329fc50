"""How the picture is looked at: heat, shapes on lines, the map, pins, copies, and keys before any click."""

import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from archspec.design import load
from archspec.figure.look.heat import heat_paint, ink_on
from archspec.figure.look.theme import DARK, LIGHT
from archspec.page.html import SCRIPTS
from tests.page.conftest import Opens
from tests.page.driver import box, rgb, selected, shown

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

SMALL = """\
archspec: 1
name: Small
inputs: {image: [8, 16, 16]}
graph:
  light: {op: conv2d, out_channels: 8, kernel_size: 1}
  heavy: {op: conv2d, out_channels: 512, kernel_size: 3, padding: 1}
"""


def styled(box: "Locator", element: str) -> str:
    return str(box.locator(f"> {element}").first.evaluate("(each) => getComputedStyle(each).fill"))


SPLITS = """
archspec: 1
inputs: {x: [8, 16, 16]}
blocks:
  first:
    graph:
      pre: {graph: [batch_norm2d, relu, {op: conv2d, out_channels: 24, kernel_size: 1}]}
      halves: {op: split, split_size: [16, 8], dim: 1, outputs: [sum, kept]}
      body: {from: x, graph: [batch_norm2d, {op: conv2d, out_channels: 24, kernel_size: 3, padding: 1}, relu]}
      main: {op: split, split_size: [16, 8], dim: 1, outputs: [sum, more]}
      total: {op: add, from: [main.sum, halves.sum]}
      grown: {op: concat, from: [halves.kept, main.more]}
    outputs: {residual: total, dense: grown}
graph:
  stem: {op: conv2d, out_channels: 8, kernel_size: 1}
  first: {block: first}
  both: {op: concat, from: [first.residual, first.dense]}
"""


# -- heat -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "theme"), [("light", LIGHT), ("dark", DARK)])
def test_heat_colours_each_box_by_what_it_costs(explore: Opens, scheme: str, theme: object) -> None:
    colours = LIGHT if theme is LIGHT else DARK
    page = explore(SMALL, scheme=scheme)
    page.locator("#heat").select_option(label="MACs")
    for path, share in (("light", 0.0), ("heavy", 1.0)):
        paint = heat_paint(colours, share)
        assert styled(box(page, path), "rect") == rgb(paint.fill)
        assert styled(box(page, path), "text") == rgb(ink_on(colours, paint.fill))
    assert page.locator("#legend").inner_text() == "0\n9.44 M MACs a box"
    page.locator("#heat").select_option(label="kind")
    assert styled(box(page, "heavy"), "rect") != rgb(heat_paint(colours, 1.0).fill)
    assert "convolution" in page.locator("#legend").inner_text()


def test_heat_is_by_each_measure_in_turn(explore: Opens) -> None:
    page = explore(SMALL)
    hottest = []
    legends = []
    for _ in range(9):
        page.keyboard.press("h")
        hottest.append(page.evaluate("heating.by && [heating.by.name, heating.hottest]"))
        legends.append(page.evaluate("document.getElementById('legend').textContent"))
    assert hottest[:3] == [["params", 37376], ["MACs", 9437184], ["activations", 131072]]
    assert [name for name, _ in hottest[3:5]] == ["peak memory", "field"]
    assert hottest[5][0] == "saved memory"
    assert hottest[6:] == [["stride", 1], ["time", 968], None]
    assert legends[3].endswith(" KiB a box")
    assert legends[7] == "0968 ns a box"  # the scale stands between


def test_heat_follows_what_is_open(explore: Opens) -> None:
    page = explore("resnet:resnet50")
    page.keyboard.press("h")
    closed = page.evaluate("heating.hottest")
    page.keyboard.press("o")
    assert 0 < page.evaluate("heating.hottest") < closed


# -- shapes, map, pins ------------------------------------------------------------------------------------------------


def test_shapes_stand_on_lines(explore: Opens) -> None:
    page = explore("resnet:resnet50")
    assert page.locator(".shape-on").count() == 0
    page.keyboard.press("s")
    texts = page.locator(".shape-on").all_text_contents()
    assert texts[:10] == ["3", "224²", "64", "112²", "64", "56²", "256", "56²", "512", "28²"]
    assert texts[10:] == ["1024", "14²", "2048", "7²", "2048", "1000"]
    assert page.locator("#shapes").get_attribute("aria-pressed") == "true"
    page.locator("#shapes").click()
    assert page.locator(".shape-on").count() == 0


def test_shapes_on_lines_do_not_lie_on_each_other_and_are_told_once(explore: Opens) -> None:
    page = explore("transformer", size=(1400, 900))
    page.keyboard.press("s")
    boxes = page.evaluate("""[...document.querySelectorAll(".shape-on")].map((text) => {
      const { x, y, width, height } = text.getBBox();
      return [x, y + height / 4, x + width, y + height * 3 / 4, text.textContent];
    })""")
    over = [
        (one[4], other[4])
        for index, one in enumerate(boxes)
        for other in boxes[index + 1 :]
        if one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
    ]
    assert len(boxes) > 40
    assert over == []


def test_names_on_lines_do_not_lie_on_each_other_nor_on_a_box(explore: Opens) -> None:
    """Of two splits the parts `sum` and `kept` cross on their way to an addition and a concatenation."""
    page = explore(SPLITS)
    texts = page.locator("text.label").all_text_contents()
    assert {"kept", "more", "sum"} <= set(texts)
    over = page.evaluate("""() => {
      const room = ({ x, y, width, height }) => [x, y + height / 4, x + width, y + height * 3 / 4];
      const texts = [...document.querySelectorAll("text.label")].map((text) => room(text.getBBox()));
      const boxes = state.scene.boxes.map(body).map(({ x, y, width, height }) => [x, y, x + width, y + height]);
      const meet = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
      return texts.filter((one, at) => [...texts.slice(at + 1), ...boxes].some((other) => meet(one, other))).length;
    }""")
    assert over == 0


def test_the_map_is_there_where_not_all_can_be_seen(explore: Opens) -> None:
    page = explore("unet", size=(390, 844))
    page.locator("#minimap").wait_for(state="visible")
    page.locator("#minimap").click(position={"x": 60, "y": 10})
    assert page.evaluate("view.x") < -100
    page.keyboard.press("m")
    page.locator("#minimap").wait_for(state="hidden")
    page.keyboard.press("m")
    page.keyboard.press("0")
    page.locator("#minimap").wait_for(state="hidden")


def test_pins_keep_properties_in_sight(explore: Opens) -> None:
    page = explore("resnet:resnet50")
    for path in ("conv1", "layer1"):
        box(page, path).click()
        page.keyboard.press("p")
    cards = page.locator("#pins article")
    assert [card.get_attribute("aria-label") for card in cards.all()] == ["conv1", "layer1"]
    assert "118,013,952" in cards.first.inner_text()
    assert cards.last.locator(".where").inner_text() == "resnet.yaml:77"
    page.keyboard.press("Escape")
    assert cards.count() == 2
    cards.first.locator(".path").click()
    assert selected(page) == "conv1"
    page.get_by_role("button", name="Unpin conv1").click()
    assert cards.count() == 1


def test_the_address_holds_the_look(explore: Opens) -> None:
    page = explore("resnet:resnet50")
    box(page, "conv1").click()
    for key in ("p", "h", "s"):
        page.keyboard.press(key)
    assert page.evaluate("location.hash") == "#at=conv1&pins=conv1&heat=params&shapes"
    page.reload()
    assert page.locator("#pins article").count() == 1
    assert page.evaluate("[heating.by.name, shaping.on]") == ["params", True]


# -- copies -----------------------------------------------------------------------------------------------------------


def test_a_copy_stands_by_itself(explore: Opens) -> None:
    page = explore("resnet:resnet50", scheme="dark")
    text = page.evaluate("standalone()")
    root = ET.fromstring(text)
    texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"layer1", "max pool", "logits"} <= texts
    assert rgb(DARK.background) in text
    assert not re.search(r" (?:class|id|style|role|aria-\w+|data-\w+)=|var\(|light-dark", text)
    assert box(page, "conv1").is_visible()
    assert page.evaluate("pngOf(standalone()).then((picture) => [picture.type, picture.size > 1000])") == [
        "image/png",
        True,
    ]


def test_a_copy_holds_what_is_outside_of_the_window(explore: Opens) -> None:
    page = explore("unet", size=(390, 844))
    assert ">up1<" in page.evaluate("standalone()")


# -- keys, notebooks, code --------------------------------------------------------------------------------------------


def test_keys_work_before_any_click(explore: Opens) -> None:
    page = explore("resnet:resnet50")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert selected(page) == "conv1"
    assert page.evaluate("document.activeElement.id") == "picture"
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert "layer1/0" in shown(page)


def test_a_notebook_shows_the_figure_and_folds_the_page(browser: "Browser", tmp_path: Path) -> None:
    cell = load("resnet:resnet18")._repr_html_()
    file = tmp_path / "cell.html"
    file.write_text(f"<!DOCTYPE html><body>{cell}", encoding="utf-8")
    page = browser.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(file.as_uri())
    assert page.locator("img").evaluate("(image) => image.naturalWidth") > 100
    assert page.locator("iframe").is_hidden()
    page.locator("summary").click()
    inside = page.frame_locator("iframe")
    inside.locator('#boxes > [data-path="layer1"]').dblclick()
    inside.locator('#boxes > [data-path="layer1/0"]').wait_for(state="visible")
    page.close()
    assert faults == []


def test_a_page_that_was_folded_is_laid_out_when_it_is_seen(browser: "Browser", tmp_path: Path) -> None:
    cell = load("resnet:resnet18")._repr_html_()
    file = tmp_path / "cells.html"
    file.write_text(f"<!DOCTYPE html><body>{cell}{cell}", encoding="utf-8")
    page = browser.new_page(viewport={"width": 940, "height": 900})
    page.goto(file.as_uri())
    for index in range(2):
        page.locator("summary").nth(index).click()
        inside = page.locator("iframe").nth(index).content_frame
        inside.locator('#boxes > [data-path="layer1"]').wait_for(state="visible")
        frame = next(one for one in page.frames[1:] if one.frame_element().bounding_box())
        frame.wait_for_function("view.k > 1.5 && laidOut.get(ROOT).rows === 1")
        page.locator("summary").nth(index).click()
    page.close()


def test_no_name_of_all_scripts_is_one_letter() -> None:
    folder = Path(__file__).parents[2] / "archspec" / "page" / "browser"
    for name in SCRIPTS:
        text = (folder / f"{name}.js").read_text(encoding="utf-8")
        assert re.findall(r"^(?:const|let|var|function\*?|class) (\w)\b", text, re.MULTILINE) == [], name


# The contrast of every text that can be seen with what is behind it, where it is less than text needs.
FAINT = """() => {
  const light = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * light(r / 255) + 0.7152 * light(g / 255) + 0.0722 * light(b / 255);
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = rgb(getComputedStyle(at).backgroundColor);
      if ((color[3] ?? 1) > 0.5) return color;
    }
    return [255, 255, 255];
  };
  const faults = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || element.closest("svg, script, option, [hidden]") || !element.checkVisibility()) continue;
    const [one, other] = [luminance(rgb(getComputedStyle(element).color)), luminance(behind(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) faults.push(`${element.className || element.localName}: ${contrast.toFixed(2)}`);
  }
  return [...new Set(faults)];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read(explore: Opens, scheme: str) -> None:
    page = explore("unet", scheme=scheme, against="unet:upsample")
    page.keyboard.press("n")
    page.keyboard.press("p")
    assert page.evaluate(FAINT) == []
    page.keyboard.press("?")
    assert page.evaluate(FAINT) == []


# -- frames that are asked for --------------------------------------------------------------------------------

GROUPED = """\
archspec: 1
name: Grouped
inputs: {image: [3, 32, 32]}
blocks:
  unit:
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
      again: {op: conv2d, out_channels: 4, kernel_size: 3, padding: 1}
graph:
  stem: {op: conv2d, out_channels: 4, kernel_size: 3}
  a: {block: unit, figure: {group: "Neck <&>"}}
  b: {op: conv2d, out_channels: 16, kernel_size: 1, figure: {group: "Neck <&>"}}
  head: {op: conv2d, out_channels: 2, kernel_size: 1}
"""
WITHIN = """([inner, outer]) => {
  const [one, all] = [inner, outer].map((name) => document.querySelector(name).getBoundingClientRect());
  return all.left < one.left && one.right < all.right && all.top < one.top && one.bottom < all.bottom;
}"""


def test_members_of_a_group_stand_in_a_frame_with_its_title(explore: Opens) -> None:
    page = explore(GROUPED)
    for _ in ("closed", "open"):
        assert page.locator(".group text").all_text_contents() == ["Neck <&>"]
        inner = "#frames" if page.locator('#frames [data-path="a"]').count() else "#boxes"
        assert page.evaluate(WITHIN, [f'{inner} [data-path="a"] > :first-child', ".group rect"])
        assert page.evaluate(WITHIN, ['#boxes [data-path="b"] > :first-child', ".group rect"])
        assert not page.evaluate(WITHIN, ['#boxes [data-path="head"] > :first-child', ".group rect"])
        page.locator("#open-all").click()


def test_both_sides_of_a_difference_have_their_groups(explore: Opens) -> None:
    page = explore(GROUPED, against=GROUPED.replace("Neck <&>", "Throat"))
    assert page.locator(".group text").all_text_contents() == ["Neck <&>", "Throat"]
    assert page.evaluate(WITHIN, ['#boxes [data-path="after/b"] > :first-child', ".group:last-child rect"])


@pytest.mark.parametrize(("width", "cut"), [(1400, False), (880, True)])
def test_what_the_bar_has_no_room_for_ends_in_dots(explore: Opens, width: int, *, cut: bool) -> None:
    facts = explore("googlenet", size=(width, 640)).locator("#facts")
    assert facts.evaluate("(all) => all.scrollWidth > all.clientWidth") == cut
    assert facts.evaluate("(all) => getComputedStyle(all).textOverflow") == "ellipsis"
    assert {each.evaluate("(one) => getComputedStyle(one).display") for each in facts.locator("span").all()} <= {
        "inline-block",  # dots take the place of a whole fact, not of half of it
        "none",
    }
