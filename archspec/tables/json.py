"""The report as JSON: a stable interface, documented in docs/reference/summary.md.

Keys are added, never renamed or removed, within one major version.
"""

import json as stdlib

from archspec.graph.report import Report, Row
from archspec.tables.quantity import dims
from archspec.values.cost import COLUMNS, Cost


def json(report: Report) -> str:
    """The whole report as one JSON object, ending in a newline."""
    document = {
        "name": report.name,
        "variant": report.variant or None,
        "doc": report.doc,
        "convention": report.convention,
        "inputs": {name: dims(shape) for name, shape in report.inputs.items()},
        "outputs": {name: dims(shape) for name, shape in report.outputs.items()},
        "totals": {
            **_counts(report, report.totals),
            "train_only": {
                **_counts(report, report.train_only),
                "outputs": {name: dims(shape) for name, shape in report.train_only_outputs.items()},
            },
        },
        "blocks": [_block(report, row) for row in report.rows],
    }
    return stdlib.dumps(document, indent=2) + "\n"


def _block(report: Report, row: Row) -> dict[str, object]:
    return {
        "path": row.path,
        "depth": row.depth,
        "kind": row.kind,
        "type": row.type,
        "label": str(row.label),
        "train_only": row.train_only,
        "share": row.share or None,
        "output_shape": dims(row.shape),
        **_counts(report, row.cost),
    }


def _counts(report: Report, cost: Cost) -> dict[str, int | float]:
    """Every column of the cost, and `count`: the one in the report's convention."""
    columns: dict[str, int | float] = {name: getattr(cost, name) for name in COLUMNS}
    return {**columns, "flops": cost.flops, "count": report.count(cost)}
