"""What import made of other people's models: a row for each, kept in tests/reference/imports.csv.

A run of a part of the models replaces their rows and leaves the others as they are; docs/imports.py shows them all.
"""

import csv
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "reference" / "imports.csv"


@dataclass(frozen=True, slots=True)
class Row:
    """What became of a model.

    Attributes:
        source: the package, `timm`.
        version: of the package, and of torch.
        name: of the model.
        size: that of each input after the batch: `3x128x128`.
        verdict: whole, opaque, refused, unproven, or left out.
        lines: of the spec.
        keys: whether the state_dict has the same keys.
        outputs: whether the outputs are equal.
        elsewhere: what is so at a second size of the input.
        params: the share of all parameters that opaque members hold, in percent.
        macs: the same of the multiply-adds.
        why: what is opaque, refused or not proven.
    """

    source: str
    version: str
    name: str
    size: str
    verdict: str
    lines: str = ""
    keys: str = ""
    outputs: str = ""
    elsewhere: str = ""
    params: str = ""
    macs: str = ""
    why: str = ""

    def line(self) -> str:
        """The row for people."""
        share = f"{self.params} % of params, {self.macs} % of MACs" if self.params else ""
        cells = (self.name, self.verdict, self.lines, self.keys, self.outputs, self.elsewhere, share, self.why)
        return f"| {' | '.join(cells)} |"


def read(file: Path = FILE) -> tuple[Row, ...]:
    """All rows."""
    with file.open(encoding="utf-8", newline="") as lines:
        return tuple(Row(**row) for row in csv.DictReader(lines))


def merged(before: Iterable[Row], made: Iterable[Row]) -> tuple[Row, ...]:
    """The rows of before with those that were made anew in their places, and new ones behind those of their package."""
    rows = {(row.source, row.name): row for row in (*before, *made)}
    sources = dict.fromkeys(source for source, _ in rows)
    return tuple(row for source in sources for row in rows.values() if row.source == source)


def write(rows: Iterable[Row], file: Path = FILE) -> None:
    """Writes all rows."""
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(field.name for field in fields(Row))
        writer.writerows(astuple(row) for row in rows)
