"""The forms a difference can be written in: text, JSON, CSV and Markdown.

JSON is a stable interface: keys are added, never renamed or removed, within one major version.
"""

import csv as csv_module
import json as json_module
from io import StringIO
from os import environ
from shutil import get_terminal_size

from archspec.compare.table import MARKS, Counts, Difference, Ops, Row, Side
from archspec.compare.wiring import Change
from archspec.compare.words import fact_words, headline, lines, percent
from archspec.tables.quantity import dims, human, signed
from archspec.tables.tables import FORMS
from archspec.values.cost import COLUMNS, Cost
from archspec.values.shape import Shape

_COUNTED = ("params", "macs")
CSV_HEADINGS = (
    *("status", "depth", "before", "after", "kind", "times", "what", "train_only"),
    *(f"{name}_{when}" for name in _COUNTED for when in ("before", "after", "difference")),
    *(f"train_only_{name}_{when}" for name in _COUNTED for when in ("before", "after", "difference")),
)


def difference_table(difference: Difference, form: str, *, terminal: bool = False) -> str:
    """`difference` as text in `form`, ending in a newline.

    Args:
        difference: what to write.
        form: one of FORMS.
        terminal: fit the form "text" to the terminal's width, in colour unless NO_COLOR is set.

    Raises:
        ValueError: there is no such form.
    """
    match form:
        case "text":
            from archspec.tables.terminal.difference import difference_text  # noqa: PLC0415  rich takes longer to load than to write

            width = get_terminal_size().columns if terminal else None
            return difference_text(difference, width=width, color=terminal and not environ.get("NO_COLOR"))
        case "json":
            return difference_json(difference)
        case "csv":
            return difference_csv(difference)
        case "markdown":
            return difference_markdown(difference)
        case _:
            raise ValueError(f"no table format is called {form!r}; there are {', '.join(FORMS)}")


# -- JSON -------------------------------------------------------------------------------------------------------------


def difference_json(difference: Difference) -> str:
    """The whole difference as one JSON object, ending in a newline."""
    change = difference.after.totals - difference.before.totals
    document = {
        "before": _side(difference.before),
        "after": _side(difference.after),
        "difference": _counts(change),
        "equal": difference.empty,
        "facts": [
            {"kind": fact.kind, "name": fact.name, "before": fact.before, "after": fact.after}
            for fact in difference.facts
        ],
        "ops": {**_ops(difference.ops), "same": difference.same},
        "rows": [_row(*line) for line in lines(difference)],
    }
    return json_module.dumps(document, indent=2) + "\n"


def _side(side: Side) -> dict[str, object]:
    return {
        "name": side.name,
        "variant": side.variant or None,
        "inputs": {name: dims(shape) for name, shape in side.inputs.items()},
        "outputs": {name: dims(shape) for name, shape in side.outputs.items()},
        "totals": _counts(side.totals),
    }


def _row(level: int, row: Row, words: str) -> dict[str, object]:
    return {
        "status": row.status,
        "depth": level,
        "before": {"path": row.before or None, "output_shape": _dims(row.shapes[0]), **_counts(row.counts[0])},
        "after": {"path": row.after or None, "output_shape": _dims(row.shapes[1]), **_counts(row.counts[1])},
        "difference": _counts(row.difference),
        "kind": row.kind,
        "times": row.times,
        "label": words,
        "changes": [_change(change) for change in row.changes],
        "train_only": row.train_only,
        "ops": _ops(row.ops),
    }


def _change(change: Change) -> dict[str, object]:
    return {"kind": change.kind, "name": change.name or None, "before": change.before, "after": change.after}


def _ops(ops: Ops) -> dict[str, int]:
    return {
        "added": ops.added,
        "removed": ops.removed,
        "changed": ops.changed,
        "renamed": ops.renamed,
        "affected": ops.affected,
    }


def _counts(counts: Counts) -> dict[str, object]:
    return {**_columns(counts.always), "train_only": _columns(counts.training)}


def _columns(cost: Cost) -> dict[str, int]:
    return {**{name: getattr(cost, name) for name in COLUMNS}, "flops": cost.flops}


def _dims(shape: Shape | None) -> list[int | None] | None:
    return None if shape is None else dims(shape)


# -- CSV --------------------------------------------------------------------------------------------------------------


def difference_csv(difference: Difference) -> str:
    """The rows under a line of headings; no totals, so that a column can be summed over one depth."""
    buffer = StringIO()
    writer = csv_module.writer(buffer, lineterminator="\n")
    writer.writerow(CSV_HEADINGS)
    writer.writerows(_line(*line) for line in lines(difference))
    return buffer.getvalue()


def _line(level: int, row: Row, words: str) -> tuple[object, ...]:
    counted = []
    for part in ("always", "training"):
        for name in _COUNTED:
            before, after = (getattr(getattr(counts, part), name) for counts in row.counts)
            counted += [before, after, after - before]
    alone = "true" if row.train_only else "false"
    return (row.status, level, row.before, row.after, row.kind, row.times, words, alone, *counted)


# -- Markdown ---------------------------------------------------------------------------------------------------------


def difference_markdown(difference: Difference) -> str:
    """A Markdown table with the totals as its last rows, under what is different as a whole; ends in a newline."""
    made = [f"**{headline(difference)}**", ""]
    if difference.facts:
        made += [*(f"- {fact_words(fact)}" for fact in difference.facts), ""]
    if difference.empty:
        return "\n".join([*made, "no differences"]) + "\n"
    made += ["|  | block | what | params | | MACs | |", "| :--- | :--- | :--- | ---: | ---: | ---: | ---: |"]
    made += [_markdown_row(row, words) for _, row, words in lines(difference)]
    before, after = difference.before.totals, difference.after.totals
    made.append(_markdown_total("total", before.always, after.always))
    if before.training != after.training:
        made.append(_markdown_total("training alone adds", before.training, after.training))
    return "\n".join(made) + "\n"


def _markdown_row(row: Row, words: str) -> str:
    before, after = shown(row)
    path = f"`{row.path}`" if row.path else ""
    cells = [MARKS[row.status], f"{path} ×{row.times}" if row.times > 1 and row.kind != "ops" else path, words]
    for name in _COUNTED:
        cells += both(getattr(before, name), getattr(after, name))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _markdown_total(name: str, before: Cost, after: Cost) -> str:
    cells = ["", f"**{name}**", ""]
    for column in _COUNTED:
        one, other = getattr(before, column), getattr(after, column)
        cells += [f"{one:,} -> {other:,}" if one != other else f"{one:,}", f"**{_exactly(one, other)}**"]
    return "| " + " | ".join(cells) + " |"


def _exactly(before: int, after: int) -> str:
    share = percent(before, after)
    return f"{after - before:+,}" + (f" ({share})" if share else "")


def shown(row: Row) -> tuple[Cost, Cost]:
    """The counts of a row that a table shows: those of inference, and of what runs in training alone its own."""
    before, after = row.counts
    return (before.training, after.training) if row.train_only else (before.always, after.always)


def both(before: int, after: int) -> tuple[str, str]:
    """A count before and after, and the difference; nothing where there is none."""
    if before == after:
        return human(after) if after else "", ""
    return f"{human(before)} -> {human(after)}", signed(after - before)
