"""What a difference says, in words that every table and figure has in common."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from archspec.compare.table import Difference, Fact, Ops, Row
from archspec.compare.wiring import Change
from archspec.graph.walk import last_name
from archspec.values.expression import Value
from archspec.values.shape import Shape


def headline(difference: Difference) -> str:
    """Both networks: `ResNet: resnet18 -> resnet34`."""
    before, after = difference.before, difference.after
    if before.name != after.name or (before.label == after.label and before.source == after.source):
        return f"{before.label} -> {after.label}"
    return f"{before.name}: {' -> '.join(told_apart(difference))}"


def told_apart(difference: Difference) -> tuple[str, str]:
    """What tells the networks from each other: their names, their variants, else their files."""
    before, after = difference.before, difference.after
    if before.name != after.name:
        return before.label, after.label
    if before.source == after.source:
        return before.variant or "defaults", after.variant or "defaults"
    files = before.source.rpartition("/")[2], after.source.rpartition("/")[2]
    if files[0] == files[1]:
        files = before.source, after.source
    if before.variant == after.variant:
        return files
    return f"{files[0]}:{before.variant}".rstrip(":"), f"{files[1]}:{after.variant}".rstrip(":")


def lines(difference: Difference) -> Iterator[tuple[int, Row, str]]:
    """Level, row, and what the row says: where the output's shape follows, it is said of the outermost block."""
    around: list[Row] = []
    for level, row in difference.walk():
        del around[level - 1 :]
        said = around and around[-1].shapes == row.shapes
        yield level, row, row_words(replace(row, shapes=(None, None)) if said else row)
        around.append(row)


def change_words(change: Change) -> str:
    """`groups 1 -> 32`, `6 -> 23 blocks`, `reads x -> y`."""
    before, after = change.before, change.after
    match change.kind:
        case "reads" | "gives":
            return _wiring(change)
        case "parts":
            return f"{before} -> {after} blocks"
        case "freeze":
            return " -> ".join("frozen" if still else "learns" for still in (before, after))
        case "share":
            return " -> ".join(f"shares {owner}" if owner else "own parameters" for owner in (before, after))
    return f"{change.name} {_turned(before, after)}".lstrip()


def fact_words(fact: Fact) -> str:
    """`param depths [2, 2] -> [3, 4]`, `output aux only before`."""
    about = f"{fact.kind} {fact.name}".rstrip()
    before, after = fact.before, fact.after
    if fact.kind in ("input", "output"):
        if before is None or after is None:
            return f"{about} {_size(after or before)}, only {'after' if before is None else 'before'}"
        return f"{about} {_size(before)} -> {_size(after)}"
    if fact.kind == "gives":
        return f"output {fact.name} from {_listed(before)} -> {_listed(after)}"
    if fact.kind == "when":
        return f"output {fact.name} {before} -> {after}"
    return f"{about} {_turned(before, after)}"


def row_words(row: Row) -> str:
    """What a row is and what changed: `3×3 conv: groups 1 -> 32`, `bottleneck`, `was conv1`."""
    if row.status == "affected":
        return f"{_number(row.times, 'unchanged op')} on other sizes"
    title = _title(row)
    said = [change_words(change) for change in row.changes if change.kind not in ("op", "block")]
    if row.status in ("added", "removed"):
        said.extend(_with_moved(row.ops))
    elif row.status != "moved" and row.kind != "op":
        if not row.rows:
            said.append(ops_words(replace(row.ops, renamed=0) if row.status == "renamed" else row.ops))
        said.extend(_resized(row.shapes))
    if row.before and row.after and last_name(row.before) != last_name(row.after):
        said.insert(0, f"was {last_name(row.before)}")
    if row.elsewhere:
        said.insert(0, f"moved {'to' if row.before else 'from'} {row.elsewhere}")
    if row.train_only:
        said.append("in training only")
    return ": ".join(filter(None, (title, ", ".join(filter(None, said)))))


def ops_words(ops: Ops) -> str:
    """`3 ops changed, 2 added`; nothing of those that changes elsewhere give other sizes."""
    parts = [
        (ops.changed, "changed"),
        (ops.added, "added"),
        (ops.removed, "removed"),
        (ops.renamed, "renamed"),
        (ops.moved, "moved"),
    ]
    there = [(count, word) for count, word in parts if count]
    if not there:
        return ""
    first, *rest = there
    return ", ".join((f"{_number(first[0], 'op')} {first[1]}", *(f"{count} {word}" for count, word in rest)))


def percent(before: int, after: int) -> str:
    """By how much a count grew, `+86.5 %`; "" from nothing."""
    return f"{100 * (after - before) / before:+.1f} %" if before else ""


def _turned(before: Value, after: Value) -> str:
    """`0.0181818 -> 0.0130435`: what a value was and is, fractions in six digits where that tells them apart."""
    one, other = written(_rounded(before)), written(_rounded(after))
    return f"{one} -> {other}" if one != other else f"{written(before)} -> {written(after)}"


def _rounded(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(map(_rounded, value))
    return float(f"{value:g}") if isinstance(value, float) else value


def written(value: Value) -> str:
    """A value as a spec would say it."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(written, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _title(row: Row) -> str:
    """What the row is, without the settings that the changes speak of."""
    for change in row.changes:
        if change.kind in ("op", "block"):
            return f"{change.before} -> {change.after}"
    if row.status == "moved":
        return str(row.label)
    if row.status in ("added", "removed"):
        count = row.ops.added + row.ops.removed
        return str(row.label) or ("" if any(_with_moved(row.ops)) else _number(count, "op"))
    if row.kind == "op" and row.changes:
        return row.label.heading
    if any(change.kind == "parts" for change in row.changes):
        return row.label.title
    return str(row.label)


def _with_moved(ops: Ops) -> Iterator[str]:
    """What a block that one network has holds, where some of that stands elsewhere in the other."""
    if ops.moved:
        yield ops_words(ops)
    elif not ops.added and not ops.removed:
        yield "nothing but what moved"


def _resized(shapes: Sequence[Shape | None]) -> Iterator[str]:
    before, after = shapes
    if before is not None and after is not None and before != after:
        yield f"output {before} -> {after}".replace("N x ", "")


def _wiring(change: Change) -> str:
    verb = f"{change.kind} {change.name}".rstrip()
    before, after = change.before, change.after
    if not before:
        return f"also {verb} {_listed(after)}"
    if not after:
        return f"no longer {verb} {_listed(before)}"
    return f"{verb} {_listed(before)} -> {_listed(after)}"


def _listed(names: Value) -> str:
    return ", ".join(map(str, names)) if isinstance(names, tuple) else str(names)


def _size(dims: Value) -> str:
    return " x ".join(map(str, dims)) if isinstance(dims, tuple) else str(dims)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def spoken(rows: Iterable[Row]) -> str:
    """The outermost rows as one sentence, for those who cannot see a figure."""
    marks = {"inside": "changed", **{each: each for each in ("added", "removed", "changed", "renamed", "moved")}}
    parts = [
        f"{row.path.replace('/', '.')} {marks[row.status]} ({row_words(row)})" for row in rows if row.status in marks
    ]
    return "; ".join(parts)
