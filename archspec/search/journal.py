"""Journal: what a sweep has done so far, in a file beside the one that it will write.

The first line says of which sweep it is, each further one what became of one stretch. A line is written at once and
whole; where the machine stopped in the middle of one, that line does not count.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from archspec.search.task import Row, Stretch, Task
from archspec.values.expression import Value


class OtherSweep(ValueError):
    """A journal is of another sweep, or is none."""


def beside(output: Path) -> Path:
    """Where the journal of a sweep stands that writes `output`: `sweep.csv.part`."""
    return output.with_name(f"{output.name}.part")


def read(path: Path, task: Task) -> tuple[Stretch, ...]:
    """What is done of a sweep; nothing where there is no journal. Raises OtherSweep."""
    if not path.exists():
        return ()
    first, *lines = path.read_bytes().split(b"\n")
    if first != _line(_head(task)).rstrip(b"\n"):
        raise OtherSweep(f"{path} is of another sweep: another spec, or other values or conditions")
    return tuple(_stretch(json.loads(line)) for line in lines[:-1] if line)  # what follows the last break is no line


@contextmanager
def appending(path: Path, task: Task, done: tuple[Stretch, ...]) -> Iterator["Journal"]:
    """The journal to write on, with what is `done` in it. What stands in the file is written anew."""
    with path.open("wb") as file:
        journal = Journal(file)
        journal.write(_head(task))
        for one in done:
            journal.add(one)
        yield journal


class Journal:
    """A file of lines."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def add(self, stretch: Stretch) -> None:
        """Writes down what became of one stretch."""
        rows = [{"number": row.number, "values": row.values, "counts": dict(row.counts)} for row in stretch.rows]
        faults = [[number, code] for number, code in stretch.faults.items()]
        place = {"start": stretch.start, "stop": stretch.stop}
        self.write({**place, "rows": rows, "unmet": stretch.unmet, "faults": faults})

    def write(self, record: Mapping[str, object]) -> None:
        """Writes one line, and hands it to the system."""
        self._file.write(_line(record))
        self._file.flush()


def _line(record: Mapping[str, object]) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def _head(task: Task) -> dict[str, object]:
    axes = [[axis.kind, axis.name, axis.values] for axis in task.grid.axes]
    asked = [task.source.text, task.variant, axes, task.where, task.copies, task.asked, repr(task.runs)]
    return {"sweep": sha256(json.dumps(asked).encode()).hexdigest()}


def _stretch(record: Mapping[str, Any]) -> Stretch:
    rows = tuple(Row(row["number"], tuple(map(_frozen, row["values"])), row["counts"]) for row in record["rows"])
    faults = {int(number): str(code) for number, code in record["faults"]}
    return Stretch(record["start"], record["stop"], rows, record["unmet"], faults)


def _frozen(value: Any) -> Value:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
