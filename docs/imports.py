"""The page reference/imports.md: what import makes of other people's models, from tests/reference/imports.csv."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from archspec.tables.reference import GENERATED
from tests.importer.results import FILE, Row, read

PAGE = Path(__file__).resolve().parent / "reference" / "imports.md"
INTRODUCTION = """
# What can be imported

[`archspec import`](../how-to/import-a-model.md) held against models that others wrote, each made with random weights
and run on a CPU at the size that stands beside it; nothing is downloaded. Of timm that is the smallest model of each
family and some with other parts, of transformers, MONAI and diffusers a small configuration of each, of
segmentation_models_pytorch each architecture over a ResNet-18.

- *whole*: every member is an op, a block of ops, or a list of them;
- *opaque*: some members are modules of the package, which the source imports; *share* is what these hold of all
  parameters, and do of all multiply-adds;
- *unproven*: the spec is written with `--force` only, for what stands under *why*;
- *refused*: no spec is written;
- *left out*: too large or too slow for the machine that makes this table.

*Lines* are those of the spec. *Keys* says that the source loads the module's `state_dict`. *Outputs* are held against
the module's in inference and in training, for two batch sizes: *exact* is bit for bit, *last bits* within a ten
thousandth of the largest number, since something is summed in another order or drawn in another.

*Other size* is what is so of larger images or longer texts: the outputs are *equal*; it is *refused by both*, or
*refused by the module* only; *declared only* says that the module takes it and the source does not, and *other* that
they give something else there.

`python tests/importer/table.py timm --only convnext --write` makes the rows of some models anew; with `--new` it makes
those that are missing, and so goes on where it was cut off.
"""
VERDICTS = ("whole", "opaque", "unproven", "refused", "left out")


def imports_page() -> str:
    """docs/reference/imports.md."""
    rows = read() if FILE.exists() else ()
    by_source: dict[str, list[Row]] = {}
    for row in rows:
        by_source.setdefault(row.source, []).append(row)
    lines = [GENERATED, INTRODUCTION.rstrip(), "", *_summary(by_source)]
    for source, found in by_source.items():
        lines += ["", f"## {source}", "", *_table(found)]
    return "\n".join(lines) + "\n"


def write_page() -> None:
    """Writes the page."""
    PAGE.write_text(imports_page(), encoding="utf-8")


def _summary(by_source: dict[str, list[Row]]) -> list[str]:
    """A line for each package: how many models became what, and of the whole ones, how many are equal bit for bit."""
    heads = ["with", "models", *VERDICTS, "bit for bit"]
    lines = [f"| {' | '.join(heads)} |", f"| :--- |{' ---: |' * (len(heads) - 1)}"]
    for rows in by_source.values():
        counts = Counter(row.verdict for row in rows)
        versions = "; ".join(dict.fromkeys(row.version for row in rows))
        exact = sum(row.outputs == "exact" for row in rows if row.verdict in ("whole", "opaque"))
        cells = [versions, *map(str, (len(rows), *(counts[verdict] for verdict in VERDICTS), exact))]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _table(rows: Sequence[Row]) -> list[str]:
    heads = "| model | input | became | lines | keys | outputs | other size | share | why |"
    lines = [heads, "| :--- | :--- | :--- | ---: | :--- | :--- | :--- | :--- | :--- |"]
    for row in rows:
        share = f"{row.params} % of params, {row.macs} % of MACs" if row.params else ""
        why = row.why.replace("|", "\\|").replace("<", "\\<")
        cells = (f"`{row.name}`", row.size, row.verdict, row.lines, row.keys, row.outputs, row.elsewhere, share, why)
        lines.append(f"| {' | '.join(cells)} |")
    return lines
