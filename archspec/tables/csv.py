"""The report as comma-separated values: one line per block, no totals, so that a column can be summed by level."""

import csv as stdlib
from io import StringIO

from archspec.graph.report import Report, Row
from archspec.values.cost import COLUMNS

HEADINGS = ("path", "depth", "kind", "type", "output_shape", "train_only", "share", *COLUMNS, "flops", "count")


def csv(report: Report) -> str:
    """The rows under a line of headings; shapes as `64x112x112`, without the batch dimension."""
    buffer = StringIO()
    writer = stdlib.writer(buffer, lineterminator="\n")
    writer.writerow(HEADINGS)
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
        report.count(row.cost),
    )
