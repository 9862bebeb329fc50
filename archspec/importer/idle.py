"""Idle: what a run computes and a spec does not say, since no output follows from it.

self.two(x) @ self.weight        nobody reads it: the spec has neither
torch.ones_like(self.conv(x))    the size follows from it, and no number: the spec has the layer where it says the size
return y, loss                   the spec leaves out the loss, and what only that follows from
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import torch
from torch import Tensor

from archspec.importer.again import Again
from archspec.importer.inputs import batch_of
from archspec.importer.opaque import OP
from archspec.importer.record import record
from archspec.importer.recording import Call, Recording, Scope, calls
from archspec.importer.refused import ImportFault
from archspec.importer.rules.elementwise import called
from archspec.importer.sketch import Unsketched, sketches
from archspec.importer.state import Kept, unchanged
from archspec.importer.tree import Graph, every, resolved
from archspec.importer.values import Values
from archspec.importer.wire import wire
from archspec.runtime.counters import count_macs


def idle(graph: Graph, values: Values, outputs: Iterable[int]) -> tuple[int, ...]:
    """The places of the calls of a run from which no output follows, and which a spec of these outputs does not say.

    Args:
        graph: what the run was translated to, not wired yet.
        values: of the run.
        outputs: the numbers of the outputs that the spec has.
    """
    given = list(outputs)
    found = _unread(values.run, given)
    if not found:
        return ()
    wired = wire(resolved(graph, values.found), map(values.found, given))
    said = {number for member in every(wired) if member.graph is None for number in member.gives}
    whole = {member.path for member in every(wired) if member.op == OP}
    hidden = {id(call) for scope in _scopes(values.run.top) if scope.path in whole for call in calls(scope)}
    return tuple(
        place
        for place, call in found.items()
        if said.isdisjoint(map(values.found, call.gives)) and id(call) not in hidden
    )


def idle_macs(places: Sequence[int], kept: Kept, inputs: Mapping[str, Tensor]) -> int:
    """Multiply-adds of one sample in these calls of a run; 0 where torch cannot count them.

    The run is made again with one sample: what mixes samples does not do twice as much for two of them.
    """
    if not places:
        return 0
    one = batch_of(inputs, 1)
    try:
        run = record(kept, sketches(one), training=False)
    except (Unsketched, ImportFault):
        run = record(kept, one, training=False)
    found = list(calls(run.top))
    return sum(_macs(found[place], run) for place in places if place < len(found))


def _unread(run: Recording, outputs: Iterable[int]) -> dict[int, Call]:
    """The calls that no output follows from, by place, the last first. Linear in the calls.

    `zeros_like(x)` follows from the size of `x`, and from nothing that was computed.
    """
    needed, found = set(outputs), dict[int, Call]()
    for place, call in reversed(list(enumerate(calls(run.top)))):
        if call.gives and needed.isdisjoint(call.gives):
            found[place] = call
        elif any(run.known[number].origin != "constant" for number in call.gives):
            needed.update(call.reads)
    return found


def _scopes(scope: Scope) -> Iterator[Scope]:
    for item in scope.items:
        if isinstance(item, Scope):
            yield item
            yield from _scopes(item)


def _macs(call: Call, run: Recording) -> int:
    try:
        again = Again(call, called(call.function))
        with unchanged(again, training=False), torch.no_grad():
            return count_macs(again, tuple(run.known[number].tensor for number in dict.fromkeys(call.reads)))[""]
    except Exception:  # noqa: BLE001  a function that torch names otherwise computes no products
        return 0
