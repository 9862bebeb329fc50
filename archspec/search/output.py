"""Output: what a sweep found, as a file. CSV, JSON lines and Parquet hold every measure, the table for people a few."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from io import BytesIO, StringIO
from typing import Any

from archspec.search.axes import Grid
from archspec.search.task import Row
from archspec.values.dataclass import dataclass
from archspec.values.expression import Value


class Unwritten(ValueError):
    """A file of this kind cannot be written here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings: what the variants are, then what is counted of them, and whether they are of the front."""

    grid: Grid
    rows: tuple[Row, ...]
    front: frozenset[int]

    @property
    def headings(self) -> tuple[str, ...]:
        """Names of the columns."""
        counted = tuple(self.rows[0].counts) if self.rows else ()
        return (*(_column(axis.heading, counted) for axis in self.grid.axes), *counted, "front")

    def records(self) -> list[dict[str, Value]]:
        """The rows by heading."""
        headings = self.headings
        lines = ((*row.values, *row.counts.values(), row.number in self.front) for row in self.rows)
        return [dict(zip(headings, line, strict=True)) for line in lines]


def _column(heading: str, counted: Sequence[str]) -> str:
    """What a column is called; a param that is called as a measure is, `param NAME`."""
    return f"param {heading}" if heading in (*counted, "front") else heading


def csv_file(table: Table) -> bytes:
    """Comma-separated values under a line of headings; lists as in YAML, `[2, 2, 2, 2]`."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(table.headings)
    writer.writerows([shown(value) for value in record.values()] for record in table.records())
    return buffer.getvalue().encode()


def lines_file(table: Table) -> bytes:
    """A JSON object a line."""
    return "".join(f"{json.dumps(record)}\n" for record in table.records()).encode()


def parquet_file(table: Table) -> bytes:
    """A Parquet file. Raises Unwritten where pyarrow is not installed."""
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ModuleNotFoundError:
        raise Unwritten("Parquet needs pyarrow: pip install 'archspec[parquet]'") from None
    records = table.records()
    columns: dict[str, list[Any]] = {name: [record[name] for record in records] for name in table.headings}
    buffer = BytesIO()
    parquet.write_table(arrow.table({name: _of_one_type(values) for name, values in columns.items()}), buffer)
    return buffer.getvalue()


FILES: Mapping[str, Callable[[Table], bytes]] = {
    ".csv": csv_file,
    ".jsonl": lines_file,
    ".parquet": parquet_file,
}


def shown(value: Value) -> str | int | float:
    """A value as it stands in a table: `[2, 2, 2, 2]`, `true`."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f"[{', '.join(str(shown(item)) for item in value)}]" if isinstance(value, tuple) else value


def _of_one_type(values: list[Any]) -> list[Any]:
    """A column as it is, or as text where its values have several types."""
    lists = [list(value) if isinstance(value, tuple) else value for value in values]
    return lists if len({type(value) for value in lists}) < 2 else [str(shown(value)) for value in values]
