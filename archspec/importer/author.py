"""Author: what the author of a module calls the values that it computes.

q, k, v = self.qkv(x).chunk(3, dim=-1)          chunk: {op: chunk, chunks: 3, dim: 2, outputs: [q, k, v]}
scores = q @ k.transpose(-2, -1)                scores: {op: matmul, from: [chunk.q, transpose]}

A running value has no name that says anything: `x`, and what is assigned more than once.
"""

import dis
import sys
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import CodeType, FrameType

import torch

from archspec.importer.recording import Call, Place, Scope
from archspec.language.names import fault_of_member

OURS = (str(Path(torch.__file__).parent), str(Path(__file__).parent))  # folders
RUNNING = frozenset("x y z o out output outputs input inputs res ret result results tmp temp".split())  # noqa: SIM905


def caller() -> FrameType | None:
    """What calls: the first frame that is neither torch's nor ours."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(OURS):
        frame = frame.f_back
    return frame


def place_of(frame: FrameType | None) -> Place | None:
    """The line that a frame is in."""
    return Place(frame.f_code.co_filename, frame.f_lineno) if frame is not None else None


def assigned(frame: FrameType) -> tuple[str, ...]:
    """The variables that the call which a frame is in assigns its results to; empty where it is read at once."""
    return _stores(frame.f_code).get(frame.f_lasti, ())


def words(scope: Scope) -> Mapping[int, tuple[str, ...]]:
    """Id of a call in a scope -> the names of its results that say what they are."""
    calls = [item for item in scope.items if isinstance(item, Call)]
    times = Counter(name for call in calls for name in call.assigned)
    module = scope.module
    taken = {*RUNNING, *scope.named, *module._modules, *module._parameters, *module._buffers}
    return {
        id(call): call.assigned
        for call in calls
        if call.assigned
        and all(times[name] == 1 and name not in taken and fault_of_member(name) is None for name in call.assigned)
    }


@lru_cache(maxsize=1000)
def _stores(code: CodeType) -> Mapping[int, tuple[str, ...]]:
    """Where an instruction stands -> the local variables that what it gives is stored in."""
    found: dict[int, tuple[str, ...]] = {}
    instructions = list(dis.get_instructions(code))
    for at, instruction in enumerate(instructions[:-1]):
        unpacks = next((k for k in (at, at + 1) if instructions[k].opname == "UNPACK_SEQUENCE"), None)
        count = 1 if unpacks is None else instructions[unpacks].argval  # a tensor by itself, or what a call gives
        start = at + 1 if unpacks is None else unpacks + 1
        names: list[str] = []
        for store in instructions[start : start + count]:
            if not store.opname.startswith("STORE_FAST"):
                break
            names += store.argval if isinstance(store.argval, tuple) else (store.argval,)
        if len(names) >= count:
            # A call into Python stands at the last place of its cache.
            places = range(instruction.offset, instructions[at + 1].offset)
            found |= dict.fromkeys(places, tuple(names[:count]))
    return found
