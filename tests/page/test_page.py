"""What the page knows, and that the file is whole, small, inert and always the same."""

import json
import os
import re
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from archspec.figure.look.theme import DARK, LIGHT
from archspec.figure.what.captions import DASH
from archspec.figure.what.fold import DrawError
from archspec.page.html import SCRIPTS, render_page
from archspec.page.page import Entry, Page, drawn, page
from archspec.pipeline import load_network, load_text
from tests.gallery.networks import representatives, sampled
from tests.page.specs import CODER, DENSE, HOSTILE, flat, nested, repeated

ROOT = Path(__file__).parents[2]


def entry(made: Page, path: str) -> Entry:
    return next(entry for entry in made.entries if entry.path == path)


def data(html: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


# -- what it knows ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", sampled(representatives()))
def test_every_path_is_found_and_shown_by_an_item(spec: str) -> None:
    network = load_network(spec)
    made = page(network)
    items = {box.id for box in made.light.panel.boxes} | set(made.light.closed)
    assert {*network.graph.nodes, *network.graph.scopes} - {""} <= {entry.path for entry in made.entries}
    assert {entry.item for entry in made.entries} == items


def test_equal_convolutions_in_a_row_are_boxes_of_their_own() -> None:
    made = page(load_network("unet"))
    boxes = {box.id: box for box in made.light.panel.boxes}
    assert [boxes[name].groups for name in ("down1/conv1", "down1/conv2")] == [("down1",), ("down1",)]
    assert entry(made, "down1/relu2").item == "down1/conv2"
    assert made.light.closed["down1"].details == ("double_conv", f"64{DASH}64")
    assert {box.repeat for box in made.light.panel.boxes} == {1}


def test_equal_branches_are_boxes_of_their_own() -> None:
    ops = "".join(f"  a{at}: {{op: linear, out_features: 8, from: x}}\n" for at in range(5))
    made = page(
        load_text(f"archspec: 1\ninputs: {{x: [8]}}\ngraph:\n{ops}  sum: {{op: add, from: [a0, a1, a2, a3, a4]}}\n")
    )
    assert [box.id for box in made.light.panel.boxes if box.nodes] == ["x", "a0", "a1", "a2", "a3", "a4", "sum"]
    assert len(made.light.panel.edges) == 11


def test_a_block_of_one_box_is_that_box() -> None:
    made = page(load_network("googlenet"))
    assert [entry(made, path).item for path in ("conv1", "conv1/conv", "conv1/relu")] == ["conv1/conv"] * 3
    assert "conv1" not in made.light.closed
    assert entry(made, "inception3a").item == "inception3a"


def test_a_block_is_its_box_though_its_norm_is_in_another() -> None:
    made = page(load_text(DENSE))
    assert {path: entry(made, path).item for path in ("u1", "u1/conv", "u1/bn")} == {
        "u1": "u1/conv",
        "u1/conv": "u1/conv",
        "u1/bn": "t1",
    }
    assert entry(made, "u2/bn").item == "u2/bn"


@pytest.mark.parametrize(
    ("wishes", "opened"),
    [
        ({}, {"conv2"}),
        ({"depth": 1}, set()),
        ({"expand": ["inception4a.pool"]}, {"conv2", "inception4a", "inception4a/pool"}),
    ],
)
def test_blocks_open_at_first_as_on_paper_or_as_asked(wishes: dict[str, Any], opened: set[str]) -> None:
    assert set(page(load_network("googlenet"), **wishes).opened) == opened


def test_depth_opens_all_blocks_above_it() -> None:
    made = page(load_network("resnet:resnet50"), depth=2)
    assert set(made.opened) == {"layer1", "layer2", "layer3", "layer4"}


def test_an_op_says_what_is_not_its_default() -> None:
    made = page(load_network("resnet:resnet50"))
    found = entry(made, "layer2/0/conv2")
    assert (found.type, found.settings) == (
        "conv2d",
        "out_channels: 128, kernel_size: 3, stride: 2, padding: 1, bias: false",
    )
    assert (found.shape, found.params, found.macs) == ("128×28×28", 147456, 115605504)


def test_a_block_says_what_it_is_given() -> None:
    found = entry(page(load_network("googlenet")), "inception3a")
    assert (found.type, found.settings) == (
        "inception",
        "n1x1: 64, r3x3: 96, n3x3: 128, r5x5: 16, n5x5: 32, proj: 32",
    )
    assert found.doc.startswith("Figure 2b, inception module with dimension reductions.")


def test_what_stands_in_a_used_spec_is_shown_there() -> None:
    made = page(load_network("fcn:fcn8s"))
    assert [source.name for source in made.sources] == ["fcn.yaml", "vgg.yaml"]
    assert entry(made, "backbone").place.source == 0
    assert entry(made, "backbone").definition.source == 1
    place = entry(made, "backbone/features/stage1/pool").place
    line = made.sources[place.source].text.splitlines()[place.line - 1]
    assert line.strip().startswith("pool:")


@pytest.mark.parametrize("spec", ["googlenet", "resnet:resnet50", "unet", "fcn:fcn8s"])
def test_every_path_stands_on_its_line(spec: str) -> None:
    made = page(load_network(spec))
    for found in made.entries:
        name = found.path.rpartition("/")[2]
        line = made.sources[found.place.source].text.splitlines()[found.place.line - 1]
        assert name.isdigit() or name in line, f"{found.path}: {line}"


def test_totals_are_those_of_inference() -> None:
    made = page(load_network("googlenet"))
    assert (made.params, made.macs, made.training) == (6998552, 1582671872, 6379728)


def test_an_unknown_heat_is_an_error() -> None:
    assert page(load_network("unet"), heat="macs").heat == "MACs"
    with pytest.raises(
        DrawError,
        match=r"no heat 'warm'; there are params, macs, activations, peak_memory, receptive_field, saved_memory",
    ):
        page(load_network("unet"), heat="warm")


def test_an_unknown_theme_is_an_error() -> None:
    with pytest.raises(DrawError, match=r"no theme 'blue'; there are light, dark and print"):
        page(load_network("unet"), theme="blue")


@pytest.mark.parametrize(("theme", "scheme"), [("light", "auto"), ("print", "auto"), ("dark", "dark")])
def test_a_dark_theme_starts_dark(theme: str, scheme: str) -> None:
    made = page(load_network("unet"), theme=theme)
    assert made.scheme == scheme
    assert made.themes[scheme == "dark"].name == theme


def test_both_themes_draw_the_same() -> None:
    made = page(load_network("googlenet"))
    for light, dark in zip(made.light.panel.boxes, made.dark.panel.boxes, strict=True):
        assert (light.id, light.title, light.details, light.form) == (dark.id, dark.title, dark.details, dark.form)
    assert made.light.words == made.dark.words


# -- the file ---------------------------------------------------------------------------------------------------------


def test_code_is_small() -> None:
    folder = files("archspec.page") / "browser"
    parts = [folder / name for name in ("page.html", "page.css", *(f"{name}.js" for name in SCRIPTS))]
    assert {part.name for part in parts} == {part.name for part in folder.iterdir()}
    assert sum(len(part.read_bytes()) for part in parts) < 150_000


def test_code_names_no_address_but_the_name_of_svg() -> None:
    html = render_page(page(load_network("unet"))).decode()
    code = html.replace(json.dumps(data(html)["sources"])[1:-1], "")
    assert set(re.findall(r"\w+://[^\s\"'<>)`]+", code)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\b(?:fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts)\b", code)


@pytest.mark.parametrize("spec", ["googlenet", "fcn:fcn8s"])
def test_policy_lets_in_what_the_file_holds_and_nothing_else(spec: str) -> None:
    html = render_page(page(load_network(spec))).decode()
    style, script = (re.search(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL) for tag in ("style", "script"))
    assert style is not None
    assert script is not None
    hashes = [f"'sha256-{b64encode(sha256(part[1].encode()).digest()).decode()}'" for part in (script, style)]
    assert f"content=\"default-src 'none'; script-src {hashes[0]}; style-src {hashes[1]}; img-src data:; " in html


@pytest.mark.parametrize("spec", ["googlenet", pytest.param("unet", marks=pytest.mark.whole)])
def test_bytes_do_not_depend_on_the_hash_seed(spec: str) -> None:
    program = (
        "import sys; from archspec.pipeline import load_network; from archspec.page.page import page\n"
        "from archspec.page.html import render_page\n"
        f"sys.stdout.buffer.write(render_page(page(load_network({spec!r}))))"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(made) == 1


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]


def test_text_of_a_spec_makes_no_element() -> None:
    tags = []
    for spec in (HOSTILE, CODER):
        elements = _Elements()
        elements.feed(render_page(page(load_text(spec))).decode())
        tags.append(elements.tags)
    assert tags[0] == tags[1]


def test_a_hostile_spec_is_carried_whole() -> None:
    html = render_page(page(load_text(HOSTILE))).decode()
    assert data(html)["sources"][0][1] == HOSTILE
    assert "\u2028" not in html


def test_what_is_equal_is_written_once() -> None:
    made = data(render_page(page(load_text(repeated(60)))).decode())
    assert len(made["items"]) == 243
    assert len(made["blocks"]) == 62
    assert len(made["glyphs"]) < 60 + 12  # each block has a name of its own
    assert len(made["sheets"]) < 10


@pytest.mark.parametrize(("write", "size"), [(flat, 100), (repeated, 24), (nested, 3)])
def test_the_file_grows_with_the_network_and_no_faster(write: Any, size: int) -> None:
    lengths = [len(render_page(page(load_text(write(size * times))))) for times in (1, 2, 4)]
    assert lengths[2] - lengths[1] < 2.4 * (lengths[1] - lengths[0])


def test_every_link_is_a_line_of_every_sheet() -> None:
    made = data(render_page(page(load_text(nested(12)))).decode())
    for _, numbers, children, sources, *_ in made["blocks"]:
        counts = {len(made["sheets"][number][5]) for number in numbers}
        assert len(counts) == 1
        for line in made["sheets"][numbers[0]][5]:
            assert -1 <= line[0] < len(children)
            assert -1 <= line[1] < len(children)
            assert 0 <= line[2] < len(sources)


def test_blocks_open_at_first_as_their_author_asks() -> None:
    conv = "{op: conv2d, out_channels: 8, kernel_size: 1}"
    text = "archspec: 1\nname: N\ninputs: {x: [8, 8, 8]}\ngraph:\n"
    for name, opened in (("first", "true"), ("second", "false")):
        text += f"  {name}: {{graph: [{conv}, sigmoid, {conv}, tanh, {conv}], figure: {{opened: {opened}}}}}\n"
    assert page(load_text(text)).opened == ("first",)


HIDDEN = """
archspec: 1
inputs: {x: [8, 16]}
blocks:
  layer:
    graph:
      norm: {op: layer_norm, figure: {hidden: true}}
      linear: {op: linear, out_features: 16}
      add: {op: add, from: [x, linear]}
graph:
  table: {op: parameter, shape: [8, 16], figure: {hidden: true}}
  sum: {op: add, from: [x, table]}
  layer: {block: layer, repeat: 2}
  flip: {op: flip, dims: [1], figure: {hidden: true}}
  head: {op: linear, out_features: 4}
"""


def test_what_the_spec_hides_has_no_box_and_is_found_at_the_box_beside_it() -> None:
    made = page(load_text(HIDDEN))
    drawn = {box.id for box in made.light.panel.boxes}
    assert drawn.isdisjoint({"table", "flip", "layer/0/norm", "layer/1/norm"})
    assert made.footnote.endswith("Not shown, as the spec asks: table, norm and flip.")
    found = {entry.path: entry.item for entry in made.entries}
    assert found["flip"] == "layer/1/add"
    assert found["table"] == "sum"
    assert {found[path] for path in found} <= drawn | set(made.light.closed)


@pytest.mark.parametrize("spec", ["googlenet", "unet", "detr"])
def test_dark_is_what_the_dark_theme_draws(spec: str) -> None:
    """It is painted over the light picture: bands, lines and frames have its colours too."""
    network = load_network(spec)
    assert drawn(network, (LIGHT, DARK)).dark == drawn(network, (DARK, DARK)).light
