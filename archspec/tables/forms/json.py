"""JSON: a stable interface, documented in docs/reference/summary.md.

Keys are added, never renamed or removed, within one major version.
"""

import json as stdlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from archspec.graph.report import Report, Row
from archspec.measures.known import added
from archspec.measures.measure import Measure, Values
from archspec.tables.form import Form
from archspec.tables.quantity import dims
from archspec.values.cost import COLUMNS
from archspec.values.shape import Shape

if TYPE_CHECKING:
    from archspec.compare.table import Difference, Measured, Ops, Side
    from archspec.compare.table import Row as Changed
    from archspec.compare.wiring import Change


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
            **_counts(report, report.whole),
            "train_only": {
                **_counts(report, report.training),
                "outputs": {name: dims(shape) for name, shape in report.train_only_outputs.items()},
            },
            **_step(report),
        },
        "blocks": [_block(report, row) for row in report.rows],
    }
    return stdlib.dumps(document, indent=2) + "\n"


def _step(report: Report) -> dict[str, dict[str, int]]:
    """What a step of training takes, where that was asked for."""
    if report.step is None:
        return {}
    step = report.step
    return {"step": {"forward_macs": step.forward, "backward_macs": step.backward, "macs": step.macs}}


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
        **_counts(report, row.values),
    }


def _counts(report: Report, values: Values) -> dict[str, int | float]:
    """Every measure, and `count`: the one in the report's convention."""
    cost = values.cost
    columns: dict[str, int | float] = {name: getattr(cost, name) for name in COLUMNS}
    return {**columns, "flops": cost.flops, "count": report.count(values), **_own(values, report.data)}


def _own(values: Values, measures: Sequence[Measure]) -> dict[str, int]:
    return {measure.name: values.of(measure) for measure in measures}


# -- differences ------------------------------------------------------------------------------------------------------


def difference_json(difference: "Difference") -> str:
    """The whole difference as one JSON object, ending in a newline."""
    from archspec.compare.words import lines

    document = {
        "before": _side(difference, difference.before),
        "after": _side(difference, difference.after),
        "difference": _both(difference, difference.after.values - difference.before.values),
        "equal": difference.empty,
        "facts": [
            {"kind": fact.kind, "name": fact.name, "before": fact.before, "after": fact.after}
            for fact in difference.facts
        ],
        "ops": {**_ops(difference.ops), "same": difference.same},
        "rows": [_change_row(difference, *line) for line in lines(difference)],
    }
    return stdlib.dumps(document, indent=2) + "\n"


def _side(difference: "Difference", side: "Side") -> dict[str, object]:
    return {
        "name": side.name,
        "variant": side.variant or None,
        "inputs": {name: dims(shape) for name, shape in side.inputs.items()},
        "outputs": {name: dims(shape) for name, shape in side.outputs.items()},
        "totals": _both(difference, side.values),
    }


def _change_row(difference: "Difference", level: int, row: "Changed", words: str) -> dict[str, object]:
    one, other = row.values
    return {
        "status": row.status,
        "depth": level,
        "before": {
            "path": row.before or None,
            "output_shape": _dims(row.shapes[0]),
            **_both(difference, one),
        },
        "after": {"path": row.after or None, "output_shape": _dims(row.shapes[1]), **_both(difference, other)},
        "difference": _both(difference, other - one),
        "kind": row.kind,
        "times": row.times,
        "label": words,
        "changes": [_changed(change) for change in row.changes],
        "train_only": row.train_only,
        "ops": _ops(row.ops),
        "elsewhere": row.elsewhere or None,
    }


def _changed(change: "Change") -> dict[str, object]:
    return {"kind": change.kind, "name": change.name or None, "before": change.before, "after": change.after}


def _ops(ops: "Ops") -> dict[str, int]:
    return {
        "added": ops.added,
        "removed": ops.removed,
        "changed": ops.changed,
        "renamed": ops.renamed,
        "affected": ops.affected,
        "moved": ops.moved,
    }


def _both(difference: "Difference", measured: "Measured") -> dict[str, object]:
    asked = difference.asked
    return {**_columns(measured.always, asked), "train_only": _columns(measured.training, asked)}


def _columns(values: Values, asked: Sequence[Measure]) -> dict[str, int]:
    return {
        **{name: getattr(values.cost, name) for name in COLUMNS},
        "flops": values.cost.flops,
        **_own(values, (*added("data"), *asked)),
    }


def _dims(shape: Shape | None) -> list[int | None] | None:
    return None if shape is None else dims(shape)


FORM = Form(name="json", suffix=".json", report=json, difference=difference_json, rank=2)
