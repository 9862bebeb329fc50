"""Metrics: the widths in a TrueType font, read from its tables.

    head    units to the type size, at byte 18
    hhea    number of widths in hmtx, at byte 34; the last one holds for all glyphs after it
    hmtx    width and left bearing of each glyph
    cmap    character -> glyph; the subtable of format 4, in segments

Source: OpenType 1.9, chapters of these tables.
"""

from collections.abc import Iterator
from pathlib import Path
from struct import unpack_from


def widths(path: Path) -> dict[str, int]:
    """Character -> width in thousandths of the type size, as Adobe's metric files give it."""
    data = path.read_bytes()
    tables = dict(unpack_from(">4s4xI", data, 12 + 16 * index) for index in range(data[5]))
    (units,) = unpack_from(">H", data, tables[b"head"] + 18)
    (count,) = unpack_from(">H", data, tables[b"hhea"] + 34)
    advances = unpack_from(">" + "H2x" * count, data, tables[b"hmtx"])
    return {
        chr(code): round(1000 * advances[min(glyph, count - 1)] / units)
        for code, glyph in _characters(data, tables[b"cmap"])
    }


def _characters(data: bytes, cmap: int) -> Iterator[tuple[int, int]]:
    """Each character of the font with its glyph."""
    (count,) = unpack_from(">H", data, cmap + 2)
    starts = [cmap + unpack_from(">4xI", data, cmap + 4 + 8 * index)[0] for index in range(count)]
    at = next(start for start in starts if unpack_from(">H", data, start)[0] == 4)
    segments = unpack_from(">6xH", data, at)[0] // 2
    form = f">{segments}H"
    ends = unpack_from(form, data, at + 14)
    firsts, deltas, offsets = (unpack_from(form, data, at + 16 + 2 * segments * part) for part in (1, 2, 3))
    for segment in range(segments):
        here = at + 16 + 6 * segments + 2 * segment  # of the segment's offset, from which it counts
        for code in range(firsts[segment], ends[segment] + 1):
            glyph = code
            if offsets[segment]:
                (glyph,) = unpack_from(">H", data, here + offsets[segment] + 2 * (code - firsts[segment]))
            if code != 0xFFFF and (glyph := (glyph + deltas[segment]) & 0xFFFF):
                yield code, glyph
