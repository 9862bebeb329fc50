"""Liveness: which names are deleted, so that no tensor outlives its last use where that would raise the peak.

    a = self.conv1(x)
    b = self.conv2(a)
    del a                    # only where the network needs clearly less memory for it
    b = self.heavy(b)

A name is deleted where the peak of the whole network, as `graph/memory.py` has it, falls by `WORTH` or more; else the
line is not worth reading. Sizes are bytes per sample. Views of one value are one piece of memory, which is free when
the last of their names is.

Templates are visited from the root inwards, each with all its uses. What is left to linger there counts when the blocks
inside are looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from archspec.code.parts import OpPart, SequencePart, Template
from archspec.graph.graph import Graph, Local, Scope
from archspec.graph.memory import size_in_bytes, timeline
from archspec.graph.network import Network
from archspec.graph.walk import ancestors

if TYPE_CHECKING:
    from archspec.code.steps import Body, Step

WORTH = 0.05  # of the network's peak


@dataclass(frozen=True, slots=True, eq=False)
class Timing:
    """When the values of one class are made and read.

    Attributes:
        body: of the class.
        steps: its calls in order.
        bound: for each step, the names that it gives, and to which values.
        last: value -> the last step that reads it; their number for what is returned.
    """

    body: "Body"
    steps: "Sequence[Step]"
    bound: Sequence[Mapping[str, Local]]
    last: Mapping[Local, int]


@dataclass(frozen=True, slots=True)
class _Lingering:
    """A value that its names hold from the step after `start` to the step `end` although nothing reads it there."""

    start: int
    end: int
    names: tuple[str, ...]
    value: Local


def deletions(network: Network, timings: Sequence[Timing]) -> dict[Template, dict[int, tuple[str, ...]]]:
    """Template -> number of a step -> names to delete after it. `timings` has parents before children.

    n log n in the steps, and linear in the nodes times their depth.
    """
    found = {timing: _lingering(timing) for timing in timings}
    if not any(found.values()):
        return {timing.body.template: {} for timing in timings}
    live = timeline(network)
    memory = _Memory(network, list(live.values()), {id: at for at, id in enumerate(live)})
    return {timing.body.template: memory.decide(timing, found[timing]) for timing in timings}


class _Memory:
    """The bytes that are live while each node runs, in the code as decided so far."""

    def __init__(self, network: Network, live: list[int], position: Mapping[str, int]) -> None:
        self.network, self.live, self.position = network, live, position
        self.limit = max(live, default=0) / (1 - WORTH)
        self.spans = _spans(network.graph, position)

    def decide(self, timing: Timing, found: Sequence[_Lingering]) -> dict[int, tuple[str, ...]]:
        """The deletions of one class, in which the values `found` linger."""
        if not found:
            return {}
        scopes = timing.body.template.uses
        ends = [self._ends_of_steps(timing, use) for use in range(len(scopes))]
        sizes = [[self._size(timing, scope, one.value) for one in found] for scope in scopes]
        freed: set[int] = set()
        for use in range(len(scopes)):
            freed |= _too_large(found, sizes[use], self._peaks(scopes[use], ends[use]), self.limit)
        for use in range(len(scopes)):
            kept = [(one, size) for k, (one, size) in enumerate(zip(found, sizes[use], strict=True)) if k not in freed]
            self._add(kept, ends[use])
        dead: dict[int, list[str]] = {}
        for number in sorted(freed):
            dead.setdefault(found[number].start, []).extend(found[number].names)
        return {start: tuple(sorted(names)) for start, names in dead.items()}

    def _ends_of_steps(self, timing: Timing, use: int) -> list[int]:
        """The position of the last node of each step in one use; that of the step before where it runs none."""
        scope = timing.body.template.uses[use]
        at = self._start(scope) - 1
        ends = []
        for step in timing.steps:
            at = max(at, self._end(timing.body, step, use))
            ends.append(at)
        return ends

    def _start(self, scope: Scope) -> int:
        return self.spans[scope.id][0] if scope.id in self.spans else 0

    def _end(self, body: "Body", step: "Step", use: int) -> int:
        part, scope = step.part, body.template.uses[use]
        if isinstance(part, SequencePart) and (part.unrolled or part.taps):  # a step is only some of its nodes
            ref = body.ref(scope, step.gives[0])
            return self.position.get(ref.node, -1) if ref is not None else -1
        member = part.uses[use]
        if isinstance(member, Scope):
            return self.spans[member.id][1] if member.id in self.spans else -1
        return self.position.get(member.id, -1) if member is not None else -1

    def _size(self, timing: Timing, scope: Scope, local: Local) -> int:
        ref = timing.body.ref(scope, local)
        return size_in_bytes(self.network.shape(ref)) if ref is not None and ref.node in self.position else 0

    def _peaks(self, scope: Scope, ends: Sequence[int]) -> list[int]:
        """The most that is live while each step runs."""
        starts = [self._start(scope), *(end + 1 for end in ends[:-1])]
        return [max(self.live[start : end + 1], default=0) for start, end in zip(starts, ends, strict=True)]

    def _add(self, kept: Sequence[tuple[_Lingering, int]], ends: Sequence[int]) -> None:
        """Counts what is left to linger in one use. Linear in its nodes."""
        if not kept:
            return
        change: dict[int, int] = {}
        for one, size in kept:
            change[ends[one.start] + 1] = change.get(ends[one.start] + 1, 0) + size
            after = ends[min(one.end, len(ends) - 1)] + 1
            change[after] = change.get(after, 0) - size
        total = 0
        for at in range(min(change), max(change)):
            total += change.get(at, 0)
            self.live[at] += total


def _spans(graph: Graph, position: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Scope -> the positions of its first and its last node."""
    spans: dict[str, tuple[int, int]] = {}
    for id, at in position.items():
        for scope in ancestors(graph, graph.nodes[id].scope):
            spans[scope] = (spans.get(scope, (at, at))[0], at)
    return spans


def _too_large(found: Sequence[_Lingering], sizes: Sequence[int], peaks: Sequence[int], limit: float) -> set[int]:
    """Numbers of what has to go so that no step is above the limit: at each step that is, the largest first."""
    begins: dict[int, list[int]] = {}
    ends: dict[int, list[int]] = {}
    for number, one in enumerate(found):
        if one.start + 1 < len(peaks) and one.start < one.end and sizes[number]:
            begins.setdefault(one.start + 1, []).append(number)
            ends.setdefault(min(one.end, len(peaks) - 1), []).append(number)
    held: dict[int, int] = {}
    largest: list[tuple[int, int]] = []
    total = 0
    freed: set[int] = set()
    for i, peak in enumerate(peaks):
        for number in begins.get(i, ()):
            held[number] = sizes[number]
            total += sizes[number]
            heappush(largest, (-sizes[number], number))
        while largest and peak + total > limit:
            _, number = heappop(largest)
            if number in held:
                total -= held.pop(number)
                freed.add(number)
        for number in ends.get(i, ()):
            total -= held.pop(number, 0)
    return freed


def _lingering(timing: Timing) -> list[_Lingering]:
    """Every value that a name of it, or of a view of it, outlives."""
    owner = _owners(timing.steps)
    last = _last_of_views(owner, timing.last)
    holder: dict[str, Local] = {}
    until: dict[Local, dict[str, int]] = {}
    for i, names in enumerate(timing.bound):
        for name, local in names.items():
            if name in holder:
                _hold(until, owner, holder[name], name, i)
            holder[name] = local
    count = len(timing.steps)
    for name, local in holder.items():
        _hold(until, owner, local, name, count)
    made_in_training = {local for step in timing.steps if step.train_only for local in step.gives}
    found = []
    for local, ends in until.items():
        start = last.get(local, count)
        outliving = {name: end for name, end in ends.items() if start < end}
        if outliving and start < count - 1 and owner.get(local) == local and local not in made_in_training:
            found.append(_Lingering(start, max(outliving.values()), tuple(outliving), local))
    return found


def _owners(steps: "Sequence[Step]") -> dict[Local, Local]:
    """Value -> the value whose memory it is: itself, unless it is a view."""
    owner: dict[Local, Local] = {}
    for step in steps:
        view = (
            isinstance(step.part, OpPart)
            and step.part.sample.op.view
            and not step.part.others
            and not step.nested
            and step.test is None
        )
        for local in step.gives:
            owner[local] = owner.get(step.reads[0], step.reads[0]) if view else local
    return owner


def _last_of_views(owner: Mapping[Local, Local], last: Mapping[Local, int]) -> dict[Local, int]:
    """Value -> its last use, that of its views included."""
    found = dict(last)
    for local, owned in owner.items():
        if local in last:
            found[owned] = max(found.get(owned, 0), last[local])
    return found


def _hold(until: dict[Local, dict[str, int]], owner: Mapping[Local, Local], local: Local, name: str, end: int) -> None:
    """Notes that `name` holds `local` up to the step `end`."""
    until.setdefault(owner.get(local, local), {})[name] = end
