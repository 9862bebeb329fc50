"""Runs: a text cut into stretches that one font of a PDF can set.

Archspec Sans    Latin, Greek, Cyrillic, mathematics; embedded
CID fonts        Chinese, Japanese, Korean: named in the file and not embedded, the viewer brings them
a box            anything else, so that nothing is missing unseen
"""

import unicodedata
from collections.abc import Iterator
from functools import cache

from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont

from archspec.figure.look.typeface import FILES, covers
from archspec.values.dataclass import dataclass

REPLACEMENT = "□"

_FACES = {False: "ArchspecSans", True: "ArchspecSans-Bold"}
_JAPANESE, _CHINESE, _TAIWANESE, _KOREAN = "HeiseiKakuGo-W5", "STSong-Light", "MSung-Light", "HYGothic-Medium"
_FIRST_ASIAN = "\u2e80"
_NO_ROOM = ("Mn", "Me", "Cf")  # marks, joiners and other characters that take no place of their own


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch in one font.

    Attributes:
        text: as written, what a reader copies.
        shown: what the font draws.
        font: its name in reportlab.
    """

    text: str
    shown: str
    font: str


def runs(text: str, *, bold: bool) -> list[Run]:
    """`text` in order, the longest runs of one font."""
    japanese = any("\u3040" <= character <= "\u30ff" for character in text)
    made: list[Run] = []
    for cluster in _clusters(unicodedata.normalize("NFC", text)):
        run = _run(cluster, bold, japanese)
        last = made[-1] if made else run
        if made and run.font == last.font and run.shown == run.text and last.shown == last.text:
            made[-1] = Run(last.text + run.text, last.shown + run.shown, run.font)
        else:
            made.append(run)
    return made


def _clusters(text: str) -> Iterator[str]:
    """Each character with the marks that follow it."""
    cluster = ""
    for character in text:
        if cluster and unicodedata.category(character) not in _NO_ROOM:
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _run(cluster: str, bold: bool, japanese: bool) -> Run:
    if all(map(covers, cluster)):
        return Run(cluster, cluster, face(bold=bold))
    if len(cluster) == 1 and _encodes("SymbolEncoding", cluster):
        return Run(cluster, cluster, "Symbol")
    if asian := _asian(cluster[0], japanese):
        return Run(cluster, cluster[0], _cid(asian))
    return Run(cluster, cluster[0] if covers(cluster[0]) else REPLACEMENT, face(bold=bold))


def _asian(character: str, japanese: bool) -> str:
    """The font for a character of East Asia, "" for none; the same Han character has a form of its own in Japan."""
    if character < _FIRST_ASIAN:
        return ""
    if "\uac00" <= character <= "\ud7a3":
        return _KOREAN if _encodes("cp949", character) else ""
    order = [("gbk", _CHINESE), ("big5", _TAIWANESE), ("shift_jis", _JAPANESE)]
    if japanese:
        order.reverse()
    return next((font for codec, font in order if _encodes(codec, character)), "")


def _encodes(codec: str, character: str) -> bool:
    try:
        character.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


@cache
def face(*, bold: bool) -> str:
    """The name of Archspec Sans in reportlab."""
    registerFont(TTFont(_FACES[bold], str(FILES[bold])))
    return _FACES[bold]


@cache
def _cid(name: str) -> str:
    registerFont(UnicodeCIDFont(name))
    return name
