"""The page in a real browser: opening, closing, moving about, searching, the table and the source."""

from typing import TYPE_CHECKING, Any

import pytest

from archspec.ops.op import Role
from archspec.views.color import channels
from archspec.views.theme import DARK, LIGHT
from tests.page.conftest import Opens
from tests.page.specs import CODER, HOSTILE, flat, nested, repeated

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


def box(page: "Page", path: str) -> "Locator":
    return page.locator(f'#boxes > [data-path="{path}"]')


def frame(page: "Page", path: str) -> "Locator":
    return page.locator(f'#frames > [data-path="{path}"]')


def selected(page: "Page") -> str:
    return str(page.evaluate("state.selected < 0 ? '' : items[state.selected].key"))


def shown(page: "Page") -> list[str]:
    """What the picture shows, in the order of the flow."""
    return list(page.evaluate("state.scene.order.map((item) => items[item].key)"))


def own_lines(page: "Page") -> list[int]:
    return [int(line.get_attribute("data-line") or 0) for line in page.locator("#source .own").all()]


def skips(page: "Page") -> int:
    return sum(int(path.get_attribute("data-count") or 0) for path in page.locator("path.skip, path.residual").all())


def column(page: "Page", name: str) -> list[str]:
    return [cell.inner_text() for cell in page.locator(f".row .{name}").all()]


# -- opening and closing ----------------------------------------------------------------------------------------------


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


GEOMETRY = """() => {
  const faults = [];
  const near = (a, b) => Math.abs(a - b) < 0.02;
  const told = (line) => `${items[line.from].key} to ${line.head < 0 ? 'outside' : items[line.head].key}`;
  for (const line of state.scene.lines) {
    const { points } = line;
    for (let i = 0; i + 1 < points.length; i += 1) {
      const [[x0, y0], [x1, y1]] = [points[i], points[i + 1]];
      if (!near(x0, x1) && !near(y0, y1)) faults.push(`${told(line)} slants`);
      for (const place of state.scene.boxes) {
        const at = body(place);
        const [left, right] = [Math.min(x0, x1), Math.max(x0, x1)];
        const [top, bottom] = [Math.min(y0, y1), Math.max(y0, y1)];
        if (right > at.x + 1 && left < at.x + at.width - 1 && bottom > at.y + 1 && top < at.y + at.height - 1) {
          faults.push(`${told(line)} crosses ${items[place.item].key}`);
        }
      }
    }
    const sides = [[points[0], line.tail], [points[points.length - 1], line.head]];
    for (const [[x, y], item] of sides) {
      const place = state.scene.places.get(item < 0 ? line.container : item);
      if (!place) continue;
      const on = (near(x, place.x) || near(x, place.x + place.width)) && y > place.y && y < place.y + place.height;
      const upright = (near(y, place.y) || near(y, place.y + place.height)) && x > place.x && x < place.x + place.width;
      if (!on && !upright) faults.push(`${told(line)} ends beside ${items[place.item].key}`);
    }
  }
  for (const outer of state.scene.places.values()) {
    for (const inner of state.scene.places.values()) {
      if (outer === inner || items[inner.item].parent !== outer.item) continue;
      if (inner.x < outer.x || inner.x + inner.width > outer.x + outer.width + 0.01
        || inner.y < outer.y || inner.y + inner.height > outer.y + outer.height + 0.01) {
        faults.push(`${items[inner.item].key} sticks out of ${items[outer.item].key}`);
      }
    }
  }
  const boxes = state.scene.boxes.map(body);
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b, j) => {
    if (a.x + a.width > b.x && b.x + b.width > a.x && a.y + a.height > b.y && b.y + b.height > a.y) {
      faults.push(`${items[state.scene.boxes[i].item].key} lies on ${items[state.scene.boxes[i + 1 + j].item].key}`);
    }
  }));
  return faults;
}"""


@pytest.mark.parametrize("spec", ["googlenet", "resnet:resnet50", "unet", "fcn:fcn8s", "fcn_resnet50", "vgg:vgg16_bn", CODER])
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


# -- looking ----------------------------------------------------------------------------------------------------------


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
    page.wait_for_function(f"view.k > {scale}")
    assert page.evaluate(under.format(300, 300)) == pytest.approx(before, abs=0.1)
    page.mouse.down()
    page.mouse.move(340, 250, steps=4)
    page.mouse.up()
    assert page.evaluate(under.format(340, 250)) == pytest.approx(before, abs=0.1)
    page.keyboard.press("0")
    assert page.evaluate("view.k") == pytest.approx(scale)
    page.keyboard.press("-")
    assert page.evaluate("view.k") < scale


def test_a_drag_selects_nothing(explore: Opens) -> None:
    page = explore("googlenet")
    box(page, "conv1").hover()
    page.mouse.down()
    page.mouse.move(500, 500, steps=3)
    page.mouse.up()
    assert selected(page) == ""


# -- source and table -------------------------------------------------------------------------------------------------


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


def shown_names(page: "Page") -> list[str]:
    names = page.evaluate("state.scene.order.map((item) => [items[item].name, items[item].block, state.open.has(item)])")
    return [f"{'▾' if is_open else '▸'}{name}" if block else name for name, block, is_open in names]


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


# -- search -----------------------------------------------------------------------------------------------------------


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
        ("7x7 conv", ["conv1"]),
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


# -- keys -------------------------------------------------------------------------------------------------------------


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


# -- the window -------------------------------------------------------------------------------------------------------


def rgb(color: str) -> str:
    return "rgb({}, {}, {})".format(*channels(color))


def fill(page: "Page") -> str:
    return str(box(page, "conv1").evaluate("(group) => getComputedStyle(group.firstElementChild).fill"))


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
    page.wait_for_function("svg.classList.contains('paper')")
    assert box(page, "conv1").count() == box(page, "inception5b/pool/1").count() == 1
    assert fill(page) == rgb(LIGHT.paint(Role.CONV).fill)
    for name in ("#pane", "#tools", "#search", "#zoom", "#found"):
        assert page.locator(name).is_hidden()
    sheet = PdfReader(BytesIO(page.pdf(format="A4", landscape=True)))
    assert len(sheet.pages) == 1
    text = sheet.pages[0].extract_text()
    assert "GoogLeNet" in text
    assert "inception5b" in text
    page.emulate_media(media="screen")
    page.wait_for_function("!svg.classList.contains('paper')")
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
    page.wait_for_function("state.open.size === 1")
    assert "layer2/1/conv1" not in shown(page)
    page.go_forward()
    page.wait_for_function("state.open.size === 2")
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


# -- 5,000 nodes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "boxes", "blocks"),
    [(flat(5000), 5001, 0), (repeated(714), 2144, 715), (nested(71), 2132, 782)],
    ids=["flat", "repeated", "nested"],
)
def test_five_thousand_nodes_open_at_once(explore: Opens, spec: str, boxes: int, blocks: int) -> None:
    page = explore(spec)
    page.keyboard.press("o")
    assert page.evaluate("[state.scene.boxes.length, state.scene.frames.length]") == [boxes, blocks]
    assert page.locator("#table").get_attribute("aria-rowcount") == str(boxes + blocks + 1)
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
    page = explore(repeated(714))
    page.keyboard.press("o")
    page.evaluate("goToItem(byKey.get('body/700/conv2')); toggle(byKey.get('body/3'))")
    hash_ = page.evaluate("location.hash")
    assert hash_.startswith("#open=~")
    assert len(hash_) < 300
    before: Any = page.evaluate("[...state.open].sort((a, b) => a - b)")
    page.reload()
    assert page.evaluate("[...state.open].sort((a, b) => a - b)") == before
