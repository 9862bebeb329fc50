"""Comma-separated values: one line per block, no totals, so that a column can be summed by level."""

import csv as stdlib
from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING

from archspec.graph.report import Report, Row
from archspec.measures.measure import Measure
from archspec.tables.form import Form
from archspec.values.cost import COLUMNS

if TYPE_CHECKING:
    from archspec.compare.table import Difference
    from archspec.compare.table import Row as Changed

HEADINGS = ("path", "depth", "kind", "type", "output_shape", "train_only", "share", *COLUMNS, "flops", "count")


def csv(report: Report) -> str:
    """The rows under a line of headings; shapes as `64x112x112`, without the batch dimension."""
    buffer = StringIO()
    writer = stdlib.writer(buffer, lineterminator="\n")
    writer.writerow((*HEADINGS, *(measure.name for measure in report.data)))
    writer.writerows(_line(report, row) for row in report.rows)
    return buffer.getvalue()


def _line(report: Report, row: Row) -> tuple[object, ...]:
    return (
        row.path,
        row.depth,
        row.kind,
        row.type,
        "x".join(map(str, row.shape.dims)),
        "true" if row.train_only else "false",
        row.share,
        *(getattr(row.cost, name) for name in COLUMNS),
        row.cost.flops,
        report.count(row.values),
        *(row.values.of(measure) for measure in report.data),
    )


def difference_csv(difference: "Difference") -> str:
    """The rows under a line of headings; no totals, so that a column can be summed over one depth."""
    from archspec.compare.words import lines

    buffer = StringIO()
    writer = stdlib.writer(buffer, lineterminator="\n")
    writer.writerow(headings(difference.columns))
    writer.writerows(_changed(difference.columns, *line) for line in lines(difference))
    return buffer.getvalue()


def headings(counted: Sequence[Measure]) -> tuple[str, ...]:
    """Of the columns of a difference."""
    parts = ("before", "after", "difference")
    return (
        *("status", "depth", "before", "after", "kind", "times", "what", "train_only"),
        *(f"{measure.name}_{when}" for measure in counted for when in parts),
        *(f"train_only_{measure.name}_{when}" for measure in counted for when in parts),
    )


def _changed(measures: Sequence[Measure], level: int, row: "Changed", words: str) -> tuple[object, ...]:
    counted = []
    one, other = row.values
    for left, right in ((one.always, other.always), (one.training, other.training)):
        for measure in measures:
            before, after = left.of(measure), right.of(measure)
            counted += [before, after, after - before]
    alone = "true" if row.train_only else "false"
    return (row.status, level, row.before, row.after, row.kind, row.times, words, alone, *counted)


FORM = Form(name="csv", suffix=".csv", report=csv, difference=difference_csv, rank=3)
