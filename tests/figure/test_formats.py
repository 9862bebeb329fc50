"""Every network of the gallery in every style and format."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from pypdf import PdfReader

import archspec
from archspec.figure.diagram import Style
from archspec.figure.look.theme import LIGHT
from archspec.figure.place.drawing import draw, place
from archspec.figure.place.fit import fitted
from archspec.figure.scene import Text
from archspec.figure.what.fold import DrawError
from archspec.figure.write.pdf import pdf
from archspec.figure.write.svg import svg
from archspec.figure.write.tikz import tikz
from archspec.pictures import UnknownFormat, Wishes, picture, render, suffixes
from archspec.pipeline import load_network
from tests.gallery.networks import FEW, representatives, sampled

LAID_OUT = (".svg", ".png", ".pdf", ".tex")


@pytest.mark.parametrize("style", ["figure", "graph", "volumes"])
@pytest.mark.parametrize("spec", sampled(representatives(), sample=FEW))
def test_every_network_is_the_same_picture_in_every_format(spec: str, style: Style) -> None:
    """One display list: what it says is what every file says, at one size."""
    made = fitted(load_network(spec), style=style)
    scene = draw(made)
    said = [shape.text for mark in scene.marks for shape in mark.shapes if isinstance(shape, Text) and shape.text]

    root = ET.fromstring(svg(scene))
    size = float(root.attrib["width"]), float(root.attrib["height"])
    assert size == pytest.approx((scene.width, scene.height), abs=0.01)
    texts = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == said

    (page,) = PdfReader(BytesIO(pdf(scene))).pages
    assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(size, abs=0.01)
    read = "".join(page.extract_text().split())
    assert [text for text in said if "".join(text.split()) not in read] == []

    tex = tikz(scene)
    assert tex.isascii()
    assert tex.count("{") == tex.count("}")
    assert made.title.replace("_", r"\_") in tex


@pytest.mark.parametrize("spec", ["googlenet", "unet"])
def test_a_file_holds_that_display_list(spec: str) -> None:
    made = fitted(load_network(spec))
    scene = draw(made)
    assert render(made, ".svg").decode() == svg(scene)
    assert render(made, ".pdf") == pdf(scene)
    assert render(made, ".tex").decode() == tikz(scene)


@pytest.mark.parametrize(
    ("spec", "style"), [("googlenet", "figure"), ("unet", "graph"), ("fcn:fcn8s", "volumes"), ("alexnet", "graph")]
)
def test_a_png_has_four_pixels_to_the_point(spec: str, style: Style) -> None:
    made = fitted(load_network(spec), style=style)
    scene, data = draw(made), render(made, ".png")
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    assert (width / 4, height / 4) == pytest.approx((scene.width, scene.height), abs=1)


@pytest.mark.parametrize("suffix", [".html", ".mmd", ".dot"])
@pytest.mark.parametrize("spec", sampled(representatives(), sample=FEW))
def test_formats_that_lay_out_elsewhere_take_every_network(spec: str, suffix: str) -> None:
    signature = {".html": b"<!DOCTYPE html>", ".mmd": b"flowchart TB", ".dot": b"digraph"}[suffix]
    assert signature in picture(load_network(spec), suffix)[:2000]


@pytest.mark.parametrize("suffix", suffixes())
def test_a_design_draws_itself_to_a_file(suffix: str, tmp_path: Path) -> None:
    target = archspec.load("alexnet").draw(tmp_path / f"net{suffix}")
    assert target.stat().st_size > 500
    assert [path.name for path in tmp_path.iterdir()] == [f"net{suffix}"]


def test_a_design_takes_every_wish(tmp_path: Path) -> None:
    design = archspec.load("googlenet")
    plain = design.draw(tmp_path / "a.svg").read_text()
    wished = design.draw(tmp_path / "b.svg", style="figure", heat="macs", theme="dark", width=245.0).read_text()
    assert 'width="245"' in wished
    assert "#16191d" in wished
    assert "#16191d" not in plain


def test_a_drawing_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "net.svg"
    target.write_text("before")
    with pytest.raises(DrawError):
        archspec.load("googlenet").draw(target, width=70.0)
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["net.svg"]


@pytest.mark.parametrize(
    ("suffix", "wishes", "message"),
    [
        (
            ".html",
            Wishes(width=504.0),
            "--width has no meaning for .html, a page on which the reader opens, closes and zooms",
        ),
        (".mmd", Wishes(width=504.0), "--width has no meaning for .mmd, which leaves the layout to Mermaid"),
        (
            ".dot",
            Wishes(style="volumes"),
            "--style volumes has no meaning for .dot, which leaves the layout to Graphviz",
        ),
    ],
)
def test_no_wish_is_silently_ignored(suffix: str, wishes: Wishes, message: str) -> None:
    with pytest.raises(DrawError) as caught:
        picture(load_network("alexnet"), suffix, wishes)
    assert str(caught.value) == message


def test_an_unknown_suffix_lists_those_there_are() -> None:
    with pytest.raises(UnknownFormat) as caught:
        picture(load_network("alexnet"), ".gif")
    assert str(caught.value) == ("no picture format '.gif'; there are .svg, .png, .pdf, .html, .tex, .tikz, .dot, .mmd")


def test_a_theme_of_ones_own_reaches_every_format(tmp_path: Path) -> None:
    own = replace(LIGHT, skip=replace(LIGHT.skip, stroke="#0b6e4f"))
    for suffix in (".svg", ".html", ".dot", ".mmd", ".tex"):
        said = picture(load_network("unet"), suffix, Wishes(theme=own)).decode().lower()
        assert "0b6e4f" in said, suffix


def test_pictures_say_nothing_of_the_machine() -> None:
    """Places in the spec are told by file name: where the gallery stands is nobody's business."""
    for suffix in (".svg", ".tex", ".html"):
        assert str(Path(archspec.__file__).parent) not in picture(load_network("unet"), suffix).decode()
        assert str(Path(__file__).parents[2]) not in picture(load_network("unet"), suffix).decode()


@pytest.mark.parametrize("opened", ["inception3a", "inception4e"])
def test_a_concatenation_reaches_all_its_branches_wherever_the_block_stands(opened: str) -> None:
    panel = place(fitted(load_network("googlenet"), expand=(opened,)))[0]
    (bar,) = [box for box in panel.boxes if box.box.id == f"{opened}/concat"]
    ends = [route.points[-1] for route in panel.routes if route.edge.head == bar.box.id]
    assert len(ends) == 4
    assert all(abs(y - bar.y) < bar.size.height / 2 for _, y in ends)
