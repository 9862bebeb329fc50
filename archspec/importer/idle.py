"""Idle: what a run computes and nobody reads, such as the last block's way on where only its skip is used.

No spec has it, and no output needs it; what it costs is told from what is missing.
"""

from collections.abc import Iterator

import torch

from archspec.importer.again import Again
from archspec.importer.recording import Call, Recording, calls
from archspec.importer.rules.elementwise import called
from archspec.importer.state import unchanged
from archspec.runtime.counters import count_macs


def idle_macs(run: Recording) -> int:
    """Multiply-adds of one sample in calls whose results no output follows from."""
    return sum(_macs(call, run) for call in _idle(run))


def _idle(run: Recording) -> Iterator[Call]:
    """The calls that no output follows from, the last first. Linear in the calls.

    `zeros_like(x)` follows from the size of `x`, and from nothing that was computed.
    """
    needed = set(run.outputs.values())
    for call in reversed(list(calls(run.top))):
        if needed.isdisjoint(call.gives):
            yield call
        elif any(run.known[number].origin != "constant" for number in call.gives):
            needed.update(call.reads)


def _macs(call: Call, run: Recording) -> int:
    """Those of one call; 0 where torch cannot count them. A product of values without samples counts once."""
    read = [run.known[number] for number in call.reads]
    try:
        if call.module is None:
            samples = run.batch if any(one.origin == "data" for one in read) else 1
            again = Again(call, called(call.function))
            return count_macs(again, tuple(one.tensor for one in read))[""] // samples if len(read) > 1 else 0
        with unchanged(call.module, training=False), torch.no_grad():
            return count_macs(call.module, tuple(one.tensor[:1] for one in read))[""]
    except Exception:  # noqa: BLE001  one sample may be too little for the module
        return 0
