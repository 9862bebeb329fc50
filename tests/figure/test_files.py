"""What is in the files."""

import json
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from pypdf import PdfReader

from archspec.figure.look.theme import SMALLEST
from archspec.figure.look.typeface import width
from archspec.figure.place.drawing import draw
from archspec.figure.scene import Circle, Mark, Rectangle, Text
from archspec.pictures import UnknownFormat, render, suffixes
from tests.figure.drawn import GALLERY, drawn, picture

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("spec", GALLERY)
def test_svg_says_in_a_title_what_every_block_is(spec: str) -> None:
    root = ET.fromstring(drawn(spec, ".svg"))
    notes = {title.text for group in root.iter(f"{SVG}g") if (title := group.find(f"{SVG}title")) is not None}
    for panel in picture(spec).panels:
        assert {box.note for box in panel.boxes} <= notes


@pytest.mark.parametrize("spec", GALLERY)
def test_svg_ids_are_unique(spec: str) -> None:
    root = ET.fromstring(drawn(spec, ".svg"))
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_svg_notes_have_path_op_shape_and_counts() -> None:
    root = ET.fromstring(drawn("resnet:resnet50", ".svg"))
    group = next(element for element in root.iter(f"{SVG}g") if element.get("id") == "b-conv1")
    assert group.findtext(f"{SVG}title") == (
        "conv1\n7×7 conv 64, /2 + batch norm + ReLU\noutput 64×112×112\n9,536 params, 118,013,952 MACs"
    )
    assert (group.get("data-source") or "").rpartition(":")[2].isdigit()


def test_svg_describes_itself_and_has_no_markers() -> None:
    text = drawn("resnet:resnet50", ".svg").decode()
    assert "layer3, bottleneck, 256\N{EN DASH}256\N{EN DASH}1024, first /2, 6 in a row, 7.10 M params" in text
    assert "marker" not in text


@pytest.mark.parametrize("spec", GALLERY)
def test_boxes_stay_apart_and_on_the_page(spec: str) -> None:
    scene = draw(picture(spec))
    boxes = [mark for mark in scene.marks if mark.kind.startswith("box")]
    sides = [_sides(mark) for mark in boxes if not all(isinstance(shape, Text) for shape in mark.shapes)]
    for index, (left, top, right, bottom) in enumerate(sides):
        assert left >= 0
        assert top >= 0
        assert right <= scene.width
        assert bottom <= scene.height
        assert not any(
            left < other[2] and other[0] < right and top < other[3] and other[1] < bottom for other in sides[:index]
        )


def _sides(mark: Mark) -> tuple[float, float, float, float]:
    """Of the outline of a box, without its text."""
    corners: list[tuple[float, float]] = []
    for shape in mark.shapes:
        if isinstance(shape, Rectangle):
            corners += [(shape.x, shape.y), (shape.x + shape.width, shape.y + shape.height)]
        elif isinstance(shape, Circle):
            corners += [(shape.x - shape.radius, shape.y - shape.radius), (shape.x + shape.radius, shape.y)]
        elif not isinstance(shape, Text):
            corners += shape.points
    return (
        min(x for x, _ in corners),
        min(y for _, y in corners),
        max(x for x, _ in corners),
        max(y for _, y in corners),
    )


@pytest.mark.parametrize("spec", GALLERY)
def test_no_text_leaves_the_page_and_none_is_too_small(spec: str) -> None:
    scene = draw(picture(spec))
    for text in (shape for mark in scene.marks for shape in mark.shapes if isinstance(shape, Text)):
        length = width(text.text, text.size, bold=text.bold)
        before = {"start": 0.0, "middle": length / 2, "end": length}[text.anchor]
        along, end = (scene.height - text.y, scene.height) if text.turned else (text.x, scene.width)
        assert along - before >= 0
        assert along - before + length <= end
        assert text.size >= SMALLEST


@pytest.mark.parametrize("spec", GALLERY)
def test_pdf_text_can_be_read_out(spec: str) -> None:
    (page,) = PdfReader(BytesIO(drawn(spec, ".pdf"))).pages
    text = page.extract_text().replace("\n", " ")
    for mark in draw(picture(spec)).marks:
        for shape in mark.shapes:
            assert not isinstance(shape, Text) or shape.text in text


def test_png_has_text_and_no_need_of_a_font_of_the_machine() -> None:
    data = drawn("resnet:resnet50", ".png")
    assert data.startswith(b"\x89PNG\r\n")
    assert len(data) > 50_000


@pytest.mark.parametrize("spec", GALLERY)
def test_dot_is_a_graph_that_graphviz_reads(spec: str) -> None:
    from pygraphviz import AGraph

    graph = AGraph(drawn(spec, ".dot").decode())
    assert len(graph.nodes()) == len(picture(spec).panels[0].boxes)


@pytest.mark.parametrize("spec", GALLERY)
def test_mermaid_has_a_node_for_every_box_and_a_link_for_every_edge(spec: str) -> None:
    lines = drawn(spec, ".mmd").decode().splitlines()
    panel = picture(spec).panels[0]
    assert lines[3] == "flowchart TB"
    assert sum(line.strip().startswith(f"n{index}") for index in range(len(panel.boxes)) for line in lines) >= len(
        panel.boxes
    )
    assert sum("->" in line or "==>" in line for line in lines) == len(panel.edges)
    assert sum(line.strip().startswith("subgraph") for line in lines) == sum(line.strip() == "end" for line in lines)


# Prints a digest of the two files of each format: starting a process takes as long as drawing one.
DIGESTS = """
import hashlib, json, sys
from tests.figure.drawn import drawn
digests = {}
for suffix in sys.argv[1:]:
    made = drawn("googlenet", suffix) + drawn("unet:unpool", suffix)
    digests[suffix] = hashlib.sha256(made).hexdigest()
print(json.dumps(digests))
"""


def test_bytes_do_not_depend_on_the_hash_seed() -> None:
    chosen = [suffix for suffix in suffixes(of_differences=True) if suffix != ".html"]  # a page is made of a network
    one, other = (
        json.loads(
            subprocess.run(
                [sys.executable, "-c", DIGESTS, *chosen],
                env={**os.environ, "PYTHONHASHSEED": seed},
                cwd=Path(__file__).parents[2],
                capture_output=True,
                check=True,
            ).stdout
        )
        for seed in ("1", "2")
    )
    assert list(one) == list(chosen)
    assert one == other


def test_an_unknown_suffix_lists_those_there_are() -> None:
    with pytest.raises(UnknownFormat) as caught:
        render(picture("alexnet"), ".gif")
    there_are = ".svg, .png, .pdf, .html, .tex, .tikz, .dot, .mmd"
    assert str(caught.value) == f"no picture format '.gif'; there are {there_are}"


def test_drawing_never_loads_torch_and_only_the_format_asked_for() -> None:
    code = (
        "import sys; from tests.figure.drawn import drawn; drawn('alexnet', '.mmd'); "
        "print({'torch', 'pygraphviz', 'graphviz', 'reportlab', 'resvg_py'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, check=True, text=True
    )
    assert done.stdout == "set()\n"
