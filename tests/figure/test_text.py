"""Text: measured as it is drawn, whatever is written, and the same in every format."""

import zlib
from collections.abc import Iterator
from io import BytesIO
from struct import unpack_from
from xml.etree import ElementTree as ET

import pytest
from pypdf import PdfReader
from reportlab.pdfbase import pdfmetrics

from archspec.figure.look.metrics import widths
from archspec.figure.look.theme import LIGHT
from archspec.figure.look.typeface import FILES, covers, width
from archspec.figure.scene import Scene, Text
from archspec.figure.write.pdf import pdf
from archspec.figure.write.png import png
from archspec.figure.write.svg import element, svg
from archspec.figure.write.text.runs import REPLACEMENT, Run, runs
from tests.figure.scenes import HOSTILE, every_shape, scene

SVG = "{http://www.w3.org/2000/svg}"
WINANSI = [
    (character, code)
    for code in (*range(0x20, 0x7F), *range(0x80, 0x100))
    if (character := bytes([code]).decode("cp1252", "ignore"))
]


@pytest.mark.parametrize(("bold", "font"), [(False, "Helvetica"), (True, "Helvetica-Bold")])
def test_widths_are_those_of_helvetica(bold: bool, font: str) -> None:
    """Source: Adobe's AFM files, as reportlab has them."""
    known = pdfmetrics.getFont(font).widths
    assert [(c, width(c, 1000, bold=bold)) for c, _ in WINANSI] == [(c, float(known[code])) for c, code in WINANSI]


@pytest.mark.parametrize("bold", [False, True])
def test_the_tables_of_the_face_are_read_as_reportlab_reads_them(bold: bool) -> None:
    from reportlab.pdfbase.ttfonts import TTFontFile

    file = TTFontFile(str(FILES[bold]))
    known = {chr(code): round(file.charWidths[code]) for code, glyph in file.charToGlyph.items() if glyph}
    known.pop("\uffff", None)
    assert widths(FILES[bold]) == known


def test_the_face_has_latin_greek_and_cyrillic() -> None:
    assert all(map(covers, "naïve Łódź Việt Ελλάς Київ 64–128 → ≤ ² ×"))  # noqa: RUF001


@pytest.mark.parametrize(("text", "ems"), [("神经", 2), ("n\u0301", 0.556), ("🦊", 1), ("a\u200db", 1.112), ("", 0)])
def test_what_the_face_lacks_is_measured_too(text: str, ems: float) -> None:
    assert width(text, 10) == pytest.approx(10 * ems)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("3×3 conv", [Run("3×3 conv", "3×3 conv", "ArchspecSans")]),
        ("Łódź, Київ", [Run("Łódź, Київ", "Łódź, Київ", "ArchspecSans")]),
        ("a∇b", [Run("a", "a", "ArchspecSans"), Run("∇", "∇", "Symbol"), Run("b", "b", "ArchspecSans")]),
        ("神经网络", [Run("神经网络", "神经网络", "STSong-Light")]),
        ("神経のネット", [Run("神経のネット", "神経のネット", "HeiseiKakuGo-W5")]),
        ("한글", [Run("한글", "한글", "HYGothic-Medium")]),
        ("🦊", [Run("🦊", REPLACEMENT, "ArchspecSans")]),
        ("a\x07", [Run("a", "a", "ArchspecSans"), Run("\x07", REPLACEMENT, "ArchspecSans")]),
        ("n\u0301", [Run("ń", "ń", "ArchspecSans")]),
    ],
)
def test_pdf_sets_each_character_in_a_font_that_has_it(text: str, made: list[Run]) -> None:
    assert runs(text, bold=False) == made


@pytest.mark.parametrize("text", ["Łódź naïve", "β-VAE Ελλάς", "Київ", "神经网络", "ニューラル", "한글", "x ≤ y → z"])
def test_pdf_text_of_any_script_can_be_copied_out(text: str) -> None:
    (page,) = PdfReader(BytesIO(pdf(scene(Text(10, 50, text, 8, "#000000"))))).pages
    assert page.extract_text().strip() == text


def test_pdf_copies_a_replaced_character_as_what_it_was() -> None:
    made = pdf(scene(Text(10, 50, "a🦊", 8, "#000000")))
    (page,) = PdfReader(BytesIO(made)).pages
    content = page.get_contents()
    assert content is not None
    assert b"/ActualText <FEFFd83edd8a>" in content.get_data()


def test_pdf_embeds_the_face_and_names_no_other_for_ordinary_text() -> None:
    (page,) = PdfReader(BytesIO(pdf(scene(Text(10, 50, "3×3", 8, "#000000"))))).pages
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts)


def test_pdf_says_the_picture_in_words() -> None:
    facts = PdfReader(BytesIO(pdf(every_shape()))).metadata
    assert facts is not None
    assert (facts.title, facts.subject) == ("Title & more", "Title\n  one")


@pytest.mark.parametrize("text", HOSTILE)
def test_svg_is_xml_whatever_is_written(text: str) -> None:
    made = Scene(text, text, 100, 100, LIGHT, every_shape().marks, (text,))
    root = ET.fromstring(svg(made))
    printable = "".join(c if c >= " " else "\N{REPLACEMENT CHARACTER}" for c in text)
    assert (root.findtext(f"{SVG}title") or "") == printable
    assert printable in {node.text or "" for node in root.iter(f"{SVG}text")}


def test_svg_turns_text_about_its_own_point() -> None:
    turned = element(Text(10.5, 20, "up", 8, "#000000", anchor="middle", turned=True))
    length = f"{width('up', 8):.2f}".rstrip("0")
    assert turned == (
        '<text x="10.5" y="20" font-size="8" transform="rotate(-90 10.5 20)" text-anchor="middle" fill="#000000" '
        f'textLength="{length}" lengthAdjust="spacingAndGlyphs">up</text>'
    )


def test_svg_is_a_document_whose_blocks_have_names() -> None:
    root = ET.fromstring(svg(every_shape()))
    assert (root.get("role"), root.get("aria-labelledby"), root.get("aria-describedby")) == (
        "graphics-document document",
        "name",
        "text",
    )
    assert root.findtext(f"{SVG}desc") == "Title\n  one"
    (mark,) = root.iter(f"{SVG}g")
    assert (mark.get("role"), mark.findtext(f"{SVG}title")) == ("graphics-symbol img", "one")


def test_svg_asks_for_the_themes_fonts_first() -> None:
    from dataclasses import replace

    from archspec.figure.look.theme import Fonts

    fallbacks = "Helvetica, Arial, 'Liberation Sans', sans-serif"
    themed = replace(LIGHT, fonts=Fonts(family="IBM Plex Sans, monospace"))
    assert ET.fromstring(svg(scene())).get("font-family") == fallbacks
    wanted = f"'IBM Plex Sans', monospace, {fallbacks}"
    assert ET.fromstring(svg(replace(scene(), theme=themed))).get("font-family") == wanted


def test_png_has_its_title_its_outline_and_its_density() -> None:
    chunks = dict(read_chunks(png(every_shape())))
    assert chunks[b"pHYs"] == bytes.fromhex("00002c4b00002c4b01")  # 11,339 pixels to the metre are 288 to the inch
    assert chunks[b"iTXtTitle"] == b"Title & more"
    assert chunks[b"iTXtDescription"] == b"Title\n  one"


def test_png_is_four_pixels_to_the_point() -> None:
    (header,) = (data for kind, data in read_chunks(png(scene(width=100, height=50))) if kind == b"IHDR")
    assert unpack_from(">II", header) == (400, 200)


def test_png_draws_something_for_every_character() -> None:
    """Ink in each em of a text that no font may have; nothing is left out unseen."""
    empty, full = (len(png(scene(Text(10, 50, text, 20, "#000000")))) for text in ("", "\U0010fffd神\x07"))
    assert full > empty + 100


def read_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each chunk with its content; of iTXt, by its keyword. The sum of each is checked."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    at = 8
    while at < len(data):
        (length,) = unpack_from(">I", data, at)
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + content) == unpack_from(">I", data, at + 8 + length)[0]
        if kind == b"iTXt":
            keyword, _, rest = content.partition(b"\0")
            assert rest[:4] == b"\0\0\0\0"
            yield kind + keyword, rest[4:]
        else:
            yield kind, content
        at += 12 + length
