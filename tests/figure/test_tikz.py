"""TikZ: a file that compiles by itself, can be read into a paper, and is the same picture."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from archspec.figure.look.theme import DARK
from archspec.figure.place.drawing import draw
from archspec.figure.scene import Scene, Text
from archspec.figure.write.text.latex import latex
from archspec.figure.write.tikz import tikz
from tests.figure.drawn import drawn, picture
from tests.figure.scenes import every_shape, scene

GALLERY = ("resnet:resnet50", "unet", "googlenet")

PAPER = r"""
\documentclass[twocolumn]{article}
\usepackage{tikz}
\begin{document}
before \input{picture.tex} between \resizebox{\columnwidth}{!}{\input{picture.tex}} after
\end{document}
"""


def has_tikz() -> bool:
    """Whether pdflatex is there, with TikZ and Helvetica."""
    if not shutil.which("pdflatex") or not shutil.which("kpsewhich"):
        return False
    asked = ("tikz.sty", "geometry.sty", "phvr8t.tfm")
    done = subprocess.run(["kpsewhich", *asked], capture_output=True, text=True, check=False)
    return len(done.stdout.split()) == len(asked)


latex_installed = pytest.mark.skipif(not has_tikz(), reason="needs pdflatex with TikZ and the font Helvetica")


def compiled(folder: Path, source: str) -> PdfReader:
    (folder / "made.tex").write_text(source, encoding="ascii")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "made.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode("latin-1")[-2000:]
    return PdfReader(folder / "made.pdf")


def words(text: str) -> str:
    return re.sub(r"\s", "", text).replace("\N{MULTIPLICATION SIGN}", "x").replace("\N{EN DASH}", "-")


def same_size(read: PdfReader, drawing: Scene) -> bool:
    box = read.pages[0].mediabox
    return abs(float(box.width) - drawing.width) < 1 and abs(float(box.height) - drawing.height) < 1


@latex_installed
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_shape_and_hostile_text_compile(theme: str, tmp_path: Path) -> None:
    drawing = every_shape(DARK) if theme == "dark" else every_shape()
    read = compiled(tmp_path, tikz(drawing))
    assert len(read.pages) == 1
    assert same_size(read, drawing)
    text = words(read.pages[0].extract_text())
    for wanted in (r"\{}&%$#_~^", r"\end{document}\input{x}", "%s{0}$x$", "3x3", "</text>]]>&amp;"):
        assert wanted in text


@latex_installed
@pytest.mark.parametrize("spec", GALLERY)
def test_a_network_compiles_to_its_size_with_all_its_text(spec: str, tmp_path: Path) -> None:
    drawing = draw(picture(spec))
    read = compiled(tmp_path, drawn(spec, ".tex").decode("ascii"))
    assert len(read.pages) == 1
    assert same_size(read, drawing)
    text = words(read.pages[0].extract_text())
    for box in picture(spec).panels[0].boxes:
        assert box.kind in ("add", "concat") or words(box.title) in text


@latex_installed
def test_a_paper_reads_it_in_whole_and_scaled(tmp_path: Path) -> None:
    (tmp_path / "picture.tex").write_text(tikz(every_shape()), encoding="ascii")
    read = compiled(tmp_path, PAPER)
    text = words("".join(page.extract_text() for page in read.pages))
    assert text.count("%s{0}$x$") == 6
    assert all(word in text for word in ("before", "between", "after"))


@latex_installed
def test_all_fonts_are_embedded_outlines(tmp_path: Path) -> None:
    read = compiled(tmp_path, tikz(every_shape()))
    resources: Any = read.pages[0]["/Resources"]
    fonts = [font.get_object() for font in resources["/Font"].values()]
    assert {str(font["/Subtype"]) for font in fonts} == {"/Type1"}
    assert all("/FontFile" in font["/FontDescriptor"] for font in fonts)


@latex_installed
def test_text_stands_where_svg_has_it(tmp_path: Path) -> None:
    drawing = scene(Text(50, 40, "left", 8, "#000000"), Text(150, 80, "right", 8, "#000000", anchor="end"))
    found: dict[str, tuple[float, float]] = {}

    def visit(text: str, transform: list[float], matrix: list[float], *_: object) -> None:
        if text.strip():
            found[text.strip()] = (matrix[4] * transform[0] + transform[4], matrix[5] * transform[3] + transform[5])

    compiled(tmp_path, tikz(drawing)).pages[0].extract_text(visitor_text=visit)
    assert found["left"] == pytest.approx((50, 60), abs=0.1)
    assert found["right"][1] == pytest.approx(20, abs=0.1)


@pytest.mark.parametrize("spec", GALLERY)
def test_braces_balance_and_every_colour_and_paint_used_is_defined(spec: str) -> None:
    check(drawn(spec, ".tex").decode("ascii"))


def test_hostile_text_leaves_the_source_whole() -> None:
    check(tikz(every_shape()))


def check(source: str) -> None:
    code = [re.sub(r"(?<!\\)%.*", "", line) for line in source.splitlines()]
    bare = re.sub(r"\\[{}]", "", "\n".join(code))
    depth = 0
    for character in bare:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    for kind, definition in (("archspec", r"\\definecolor\{(archspec\d+)\}"), ("archspecp", r"\{(archspecp\d+)/")):
        defined = re.findall(definition, source)
        used = set(re.findall(rf"\b({kind}\d+)\b", "\n".join(code)))
        assert used == set(defined)
        assert defined == [f"{kind}{number}" for number in range(1, len(defined) + 1)]


def test_a_name_with_a_line_break_stays_inside_its_comment() -> None:
    source = tikz(scene(width=10, height=10))
    assert source.startswith("% Title & more\n")
    broken = Scene("a\r\n\\end{document}\u2028b", "", 10, 10, every_shape().theme, ())
    assert tikz(broken).startswith("% a  \\end{document} b\n")


def test_the_outline_stands_in_comments() -> None:
    assert "\n%\n% Title\n%   one\n" in tikz(scene())


def test_each_box_says_its_line_in_the_spec() -> None:
    assert "% box op b-one (nets/one.yaml:3)" in tikz(scene())


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("3×3 conv", r"3\texttimes{}3 conv"),
        ("7.10 M · 1.46 G", r"7.10 M \textperiodcentered{} 1.46 G"),
        ("64\N{EN DASH}128", r"64\textendash{}128"),
        ("--", "-{}-"),
        ("a_b^2", r"a\_b\textasciicircum{}2"),
        ("\\", r"\textbackslash{}"),
        ("Łódź", r"\L{}\'{o}d\'{z}"),
        ("ộ", r"\d{\^{o}}"),
        ("β ≤ Σ", r"\ensuremath{\beta} \ensuremath{\leq} \ensuremath{\Sigma}"),
        ("神", r"\archspecchar{31070}"),
        (" a  b ", r"\ a \ b\ "),
    ],
)
def test_text_is_written_in_ascii_that_any_engine_reads(text: str, source: str) -> None:
    assert latex(text) == source


def test_each_box_of_the_network_is_a_node_that_arrows_may_lead_to() -> None:
    made = picture("resnet:resnet50")
    source = tikz(draw(made))
    named = re.findall(r"\\node\[inner sep=0pt,outer sep=0pt,minimum width=([0-9.]+)bp[^(]*\((\S+)\) at", source)
    boxes = {re.sub("[^A-Za-z0-9]", "-", box.id) for box in made.panels[0].boxes if box.form != "plain"}
    assert {name for _, name in named} == boxes
    assert len(named) == len(boxes)
    assert all(float(width) > 4 for width, _ in named)
    assert source.index(r"\archspecmore\fi") < source.index(r"\end{tikzpicture}")


@latex_installed
def test_an_arrow_of_the_author_leads_to_a_box(tmp_path: Path) -> None:
    (tmp_path / "picture.tex").write_bytes(drawn("resnet:resnet50", ".tex"))
    arrow = r"\def\archspecmore{\draw[->] (conv1) -- (layer4);}"
    compiled(tmp_path, PAPER.replace("before ", arrow + "before "))
