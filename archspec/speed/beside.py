"""Beside: estimates beside what was measured, as text and JSON."""

import json
from collections.abc import Sequence

from archspec.measures.words import in_seconds
from archspec.speed.device import Device
from archspec.speed.rank import rank_correlation
from archspec.tables.quantity import human
from archspec.tables.terminal.listing import listing
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """A block or a network: what it is, and its times in seconds."""

    name: str
    is_a: str
    estimated: float
    measured: float


def text(title: str, pairs: Sequence[Pair], whole: Pair | None, device: Device, what: str) -> str:
    """Estimate beside measurement, how many times longer the latter is, and how alike their orders are."""
    headings = [(what, False), ("is", False), ("estimate", True), ("measured", True), ("times", True)]
    rows = [_cells(pair) for pair in (*pairs, *((whole,) if whole is not None else ()))]
    found = rank_correlation([pair.estimated for pair in pairs], [pair.measured for pair in pairs])
    notes = [] if found is None else [f"rank correlation {found:.2f} over {len(pairs)} {what}s"]
    reached = ", ".join(f"{human(flops)}FLOP/s in {name}" for name, flops in device.flops.items())
    overhead = f", {in_seconds(device.overhead)} an op" if device.overhead else ""
    notes.append(f"device  {device.name}, {device.doc}: {reached}, {human(device.bandwidth)}B/s{overhead}")
    return listing(title, headings, rows, notes)


def as_json(pairs: Sequence[Pair], whole: Pair | None, device: Device) -> str:
    """The same as one JSON object, ending in a newline."""
    document = {
        "device": {
            "name": device.name,
            "doc": device.doc,
            "bandwidth": device.bandwidth,
            "flops": dict(device.flops),
            "overhead": device.overhead,
        },
        "rank_correlation": rank_correlation([pair.estimated for pair in pairs], [pair.measured for pair in pairs]),
        "rows": [_record(pair) for pair in pairs],
        "whole": None if whole is None else _record(whole),
    }
    return json.dumps(document, indent=2) + "\n"


def as_table(device: Device) -> str:
    """A table with this one device, which `time --device FILE` reads."""
    flops = ", ".join(f"{name}: {flops:.4g}" for name, flops in device.flops.items())
    lines = [
        f"{device.name}:",
        f"  doc: {json.dumps(device.doc)}",
        f"  source: {json.dumps(device.source)}",
        f"  bandwidth: {device.bandwidth:.4g}",
        f"  flops: {{{flops}}}",
        f"  overhead: {device.overhead:.4g}",
    ]
    return "\n".join(lines) + "\n"


def _cells(pair: Pair) -> tuple[str, ...]:
    times = f"{pair.measured / pair.estimated:.1f}" if pair.estimated else ""
    return pair.name, pair.is_a, in_seconds(pair.estimated), in_seconds(pair.measured), times


def _record(pair: Pair) -> dict[str, object]:
    return {"name": pair.name, "is": pair.is_a, "estimated": pair.estimated, "measured": pair.measured}
