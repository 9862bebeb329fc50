"""Words: an estimate as text, CSV and JSON."""

import csv
import json
from collections.abc import Iterable, Mapping
from io import StringIO

from archspec.measures.words import in_seconds
from archspec.speed.device import Device
from archspec.speed.estimate import Estimate
from archspec.speed.roofline import Run, Work
from archspec.tables.quantity import human
from archspec.tables.terminal.listing import listing

HEADINGS = ("path", "depth", "type", "seconds", "flops", "bytes", "intensity", "bound")


def text(made: Estimate, *, width: int | None = None, color: bool = False) -> str:
    """The table for people: time, share, what is done, and what bounds it."""
    run, whole = made.run, made.whole
    headings = [("block", False), ("is", False), ("time", True), ("share", True), ("FLOPs", True), ("bytes", True)]
    headings += [("FLOP/B", True), ("bound by", False)]
    rows = (
        ("  " * (row.depth - 1) + row.name, row.label, *_cells(row.work, whole), row.work.bound) for row in made.rows
    )
    variant = f" ({made.variant})" if made.variant else ""
    title = f"{made.name}{variant}: {how(run)}, {run.device.doc}"
    return listing(title, headings, rows, _notes(made), width=width, color=color)


def how(run: Run) -> str:
    """How a network runs: `inference of 8 in float32 on t4`."""
    return f"{'training' if run.training else 'inference'} of {run.batch} in {run.dtype} on {run.device.name}"


def _cells(work: Work, whole: Work) -> tuple[str, ...]:
    share = f"{100 * work.seconds / whole.seconds:.1f} %" if whole.seconds else ""
    return in_seconds(work.seconds), share, human(work.flops), human(work.bytes), f"{work.intensity:.1f}"


def _notes(made: Estimate) -> list[str]:
    run, whole = made.run, made.whole
    ridge = run.device.flops[run.dtype] / run.device.bandwidth
    rate = human(run.batch / whole.seconds if whole.seconds else 0.0)
    return [
        f"time    {in_seconds(whole.seconds)}, {rate} samples a second; a roofline: what eager ops take at least",
        f"memory  {in_seconds(whole.memory_seconds)} of it in ops bound by memory, below {ridge:.0f} FLOP/B",
        f"work    {human(whole.flops)} FLOPs, {human(whole.bytes)}B moved, {whole.intensity:.1f} FLOP/B",
        f"source  {run.device.source}",
    ]


def as_csv(made: Estimate) -> str:
    """A line for each block under a line of headings."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(HEADINGS)
    writer.writerows(list(_record(row.path, row.depth, row.type, row.work).values()) for row in made.rows)
    return buffer.getvalue()


def as_json(made: Estimate) -> str:
    """The whole estimate as one JSON object, ending in a newline."""
    run = made.run
    document = {
        "name": made.name,
        "variant": made.variant or None,
        "device": run.device.name,
        "batch": run.batch,
        "dtype": run.dtype,
        "training": run.training,
        **_figures(made.whole),
        "blocks": [_record(row.path, row.depth, row.type, row.work) for row in made.rows],
    }
    return json.dumps(document, indent=2) + "\n"


def on_all(made: Iterable[Estimate]) -> str:
    """A line for each device."""
    estimates = list(made)
    first = estimates[0]
    headings = [("device", False), ("is", False), ("dtype", False), ("time", True), ("samples/s", True)]
    headings += [("memory-bound", True)]
    rows = (
        (
            one.run.device.name,
            one.run.device.doc,
            one.run.dtype,
            in_seconds(one.whole.seconds),
            human(one.run.batch / one.whole.seconds),
            f"{100 * one.whole.memory_seconds / one.whole.seconds:.0f} %",
        )
        for one in estimates
    )
    how = "training" if first.run.training else "inference"
    variant = f" ({first.variant})" if first.variant else ""
    return listing(f"{first.name}{variant}: {how} of {first.run.batch}", headings, rows)


def table_of(known: Mapping[str, Device]) -> str:
    """The devices themselves."""
    rows = (
        (
            one.name,
            one.doc,
            f"{human(one.bandwidth)}B/s",
            ", ".join(f"{name} {human(flops)}" for name, flops in one.flops.items()),
        )
        for one in known.values()
    )
    headings = [("device", False), ("is", False), ("memory", True), ("FLOP/s", False)]
    return listing("Devices", headings, rows)


def _record(path: str, depth: int, type_: str, work: Work) -> dict[str, object]:
    return {"path": path, "depth": depth, "type": type_, **_figures(work)}


def _figures(work: Work) -> dict[str, object]:
    return {
        "seconds": work.seconds,
        "flops": int(work.flops),
        "bytes": int(work.bytes),
        "intensity": work.intensity,
        "bound": work.bound or None,
    }
