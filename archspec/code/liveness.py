"""Liveness: which names are deleted, so that no tensor outlives its last use where that would raise the peak.

    a = self.conv1(x)
    b = self.conv2(a)
    del a                    # only where the network needs clearly less memory for it
    b = self.heavy(b)

A name is deleted where the peak of the whole network, as `graph/memory.py` has it, falls by `WORTH` or more; else the
line is not worth reading. Sizes are bytes per sample. Views of one value are one piece of memory, which is free when
the last of their names is.

Templates are visited from the root inwards, each with all its uses. What is left to linger there counts when the blocks
inside are looked at. A sum that is written over its first term, `out += x`, takes nothing more than that.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from heapq import heappop, heappush
from typing import TYPE_CHECKING, TypeAlias

from archspec.code.naming import UNREAD
from archspec.code.parts import OpPart, SequencePart, Template
from archspec.code.places import Places
from archspec.graph.graph import Local, Ref, Scope
from archspec.graph.memory import needed_until, owners, size_in_bytes, timeline
from archspec.graph.network import Network
from archspec.values.dataclass import dataclass

if TYPE_CHECKING:
    from archspec.code.step import Step
    from archspec.code.steps import Body

WORTH = 0.05  # of the network's peak

Deleted: TypeAlias = Mapping[Template, Mapping[int, tuple[str, ...]]]  # number of a step -> names, after it


@dataclass(frozen=True, slots=True, eq=False)
class Timing:
    """When the values of one class are made and read.

    Attributes:
        body: of the class.
        steps: its calls in order.
        bound: for each step, the names that it gives, and to which values; `_` is the last one that nobody reads.
        bound_where: number of an optional step -> the names that it gives where it is there.
        last: value -> the last step that reads it; their number for what is returned.
        overwriting: numbers of the steps that write over what they read first, `out += x`.
    """

    body: "Body"
    steps: "Sequence[Step]"
    bound: Sequence[Mapping[str, Local]]
    bound_where: Mapping[int, AbstractSet[str]]
    last: Mapping[Local, int]
    overwriting: AbstractSet[int]


@dataclass(frozen=True, slots=True)
class Lingering:
    """A value that its names hold from the step after `start` to the step `end` although nothing reads it there."""

    start: int
    end: int
    names: tuple[str, ...]
    value: Local


@dataclass(frozen=True, slots=True)
class _Held:
    """So many bytes that linger in one use from the step `first` to the step `last`; nothing where `first` is later."""

    size: int
    first: int
    last: int
    owner: Ref | None = None


def deletions(network: Network, timings: Sequence[Timing]) -> Deleted:
    """Template -> number of a step -> names to delete after it. `timings` has parents before children.

    n log n in the steps, and linear in the nodes times their depth.
    """
    found = {timing: _lingering(timing) for timing in timings}
    if not any(found.values()):
        return {timing.body.template: {} for timing in timings}
    memory = _Memory(network, timings, set(overwriting(timings)))
    freed = {timing: memory.decide(timing, found[timing]) for timing in timings}
    for timing in timings:
        freed[timing] -= memory.needless(timing, found[timing], freed[timing])
    return {timing.body.template: _by_step(found[timing], freed[timing]) for timing in timings}


def lingering(
    network: Network,
    timings: Sequence[Timing],
    dead: Deleted,
    written_over: AbstractSet[str],
    lists: Mapping[Timing, Sequence[Lingering]],
) -> dict[Ref, str]:
    """Output that owns memory -> id of the last node that runs while names of the code hold it, read or not.

    Only of those that names hold longer than anybody reads them.

    Args:
        network: it.
        timings: of its classes.
        dead: what `deletions` found for them.
        written_over: ids of the nodes that write over their first input.
        lists: what the lists of classes hold that take any number of values.
    """
    memory = _Memory(network, timings, written_over)
    until = {owner: memory.position[id] for owner, id in memory.in_loops.items()}
    for output in network.graph.outputs:  # in inference a name of what only training returns is there to the end
        if output.train_only and {output.ref.node, memory.owner[output.ref].node} <= memory.position.keys():
            until[memory.owner[output.ref]] = len(memory.position) - 1
    for timing in timings:
        gone = dead[timing.body.template]
        named = (*_lingering(timing), *_unread(timing))
        found = [one for one in named if not set(one.names) <= set(gone.get(one.start, ()))]
        for owner, place in memory.held(timing, [*found, *lists.get(timing, ())]):
            until[owner] = max(until.get(owner, 0), place)
    order = tuple(memory.position)
    return {owner: order[place] for owner, place in until.items()}


def overwriting(timings: Iterable[Timing]) -> Iterator[str]:
    """Ids of the nodes that write over what they read first, `out += x`."""
    for timing in timings:
        for i in timing.overwriting:
            yield from (use.id for use in timing.steps[i].part.uses if use is not None)


def opened(timings: Iterable[Timing]) -> frozenset[str]:
    """Ids of the scopes that are lists, whose parts `forward` calls one by one or in loops."""
    parts = (part for timing in timings for part in timing.body.template.parts)
    lists = (part for part in parts if isinstance(part, SequencePart) and (not part.chained or part.looped))
    return frozenset(use.id for part in lists for use in part.uses if use is not None)


class _Memory:
    """The bytes that are live while each node runs, in the code as decided so far."""

    def __init__(self, network: Network, timings: Sequence[Timing], written_over: AbstractSet[str]) -> None:
        self.network = network
        self.places = Places(network.graph)
        self.position = self.places.position
        self.owner = owners(network, written_over)
        held = (pair for timing in timings for pair in self._held_in_loops(timing))
        self.in_loops = dict(sorted(held, key=lambda pair: self.position[pair[1]]))  # to the last of several ends
        known, lists = self.in_loops, opened(timings)
        self.live = list(timeline(network, written_over, lingering=known, opened=lists).values())
        self.until = needed_until(network, overwriting=written_over, lingering=known, opened=lists)
        self.limit = max(self.live, default=0) / (1 - WORTH)

    def decide(self, timing: Timing, found: Sequence[Lingering]) -> set[int]:
        """Numbers of those values among `found`, which linger in one class, that have to be deleted."""
        freed: set[int] = set()
        uses = self._uses(timing, found)
        for scope, (ends, held) in zip(timing.body.template.uses, uses, strict=False):
            freed |= _too_large(held, self._peaks(scope, ends), self.limit)
        for ends, held in uses:
            self._add([one for number, one in enumerate(held) if number not in freed], ends)
        return freed

    def held(self, timing: Timing, found: Sequence[Lingering]) -> Iterator[tuple[Ref, int]]:
        """Of all of `found`, which linger in one class: the output, and the place of the last node that runs then."""
        for ends, held in self._uses(timing, found):
            yield from ((one.owner, ends[one.last]) for one in held if one.owner and one.first <= one.last)

    def needless(self, timing: Timing, found: Sequence[Lingering], freed: AbstractSet[int]) -> set[int]:
        """Numbers of what may linger after all: one use frees this and another that, and the class frees both."""
        kept: set[int] = set()
        if not freed or len(timing.body.template.uses) < 2:
            return kept
        uses = self._uses(timing, found)
        for number in sorted(freed):
            moments = (self.live[slice(*_places(held[number], ends))] for ends, held in uses)
            sizes = (held[number].size for _, held in uses)
            if all(max(live, default=0) + size <= self.limit for live, size in zip(moments, sizes, strict=True)):
                kept.add(number)
                for ends, held in uses:
                    self._add([held[number]], ends)
        return kept

    def _held_in_loops(self, timing: Timing) -> Iterator[tuple[Ref, str]]:
        """What loops over modules, and statements with calls in calls, read and hold to their end by a name."""
        order = tuple(self.position)
        for number, locals_ in _held_by_statements(timing):
            for use, scope in enumerate(timing.body.template.uses):
                end = self.places.end(timing.body, timing.steps[number], use)
                refs = [timing.body.ref(scope, local) for local in locals_]
                kept = [self.owner[ref] for ref in refs if ref is not None and self.owner[ref].node in self.position]
                yield from ((owner, order[end]) for owner in kept if end >= 0)
        pairs = [pair for step in timing.steps for pair in step.held]
        for scope in timing.body.template.uses if pairs else ():
            for value, until in pairs:
                ref, end_ref = timing.body.ref(scope, value), timing.body.ref(scope, until)
                if ref is not None and end_ref is not None and self.owner[ref].node in self.position:
                    yield self.owner[ref], end_ref.node

    def _uses(self, timing: Timing, found: Sequence[Lingering]) -> list[tuple[list[int], list[_Held]]]:
        """For each use the places of the last nodes of its steps, and what lingers in it."""
        made: list[tuple[list[int], list[_Held]]] = []
        for use, scope in enumerate(timing.body.template.uses if found else ()):
            ends = self._ends_of_steps(timing, use)
            here = {
                at: names for at, names in timing.bound_where.items() if timing.steps[at].part.uses[use] is not None
            }
            ended = [replace(one, end=_end_here(one, here)) for one in found]
            made.append((ends, [self._held(timing, scope, one, ends) for one in ended]))
        return made

    def _held(self, timing: Timing, scope: Scope, one: Lingering, ends: Sequence[int]) -> _Held:
        """How a value lingers in one use: by a left-out member it may be a view of more, or live for others anyway."""
        ref = timing.body.ref(scope, one.value)
        owner = self.owner[ref] if ref is not None else None
        last = min(one.end, len(ends) - 1)
        if owner is None or owner.node not in self.position or owner.node in self.network.graph.inputs:
            return _Held(0, last + 1, last)
        first = max(one.start + 1, bisect_right(ends, self.until.get(owner, -1)))
        return _Held(size_in_bytes(self.network.shape(owner)), min(first, last + 1), last, owner)

    def _ends_of_steps(self, timing: Timing, use: int) -> list[int]:
        """The position of the last node of each step in one use; that of the step before where it runs none."""
        scope = timing.body.template.uses[use]
        at = self.places.start(scope) - 1
        ends = []
        for step in timing.steps:
            at = max(at, self.places.end(timing.body, step, use))
            ends.append(at)
        return ends

    def _peaks(self, scope: Scope, ends: Sequence[int]) -> list[int]:
        """The most that is live while each step runs."""
        starts = [self.places.start(scope), *(end + 1 for end in ends[:-1])]
        return [max(self.live[start : end + 1], default=0) for start, end in zip(starts, ends, strict=True)]

    def _add(self, held: Sequence[_Held], ends: Sequence[int]) -> None:
        """Counts what is left to linger in one use. Linear in its nodes."""
        change: dict[int, int] = {}
        for one in held:
            start, after = _places(one, ends)
            change[start] = change.get(start, 0) + one.size
            change[after] = change.get(after, 0) - one.size
        total = 0
        for at in range(min(change, default=0), max(change, default=0)):
            total += change.get(at, 0)
            self.live[at] += total


def _end_here(one: Lingering, bound: Mapping[int, AbstractSet[str]]) -> int:
    """The step to which names hold a value where some optional steps are there, which may give a name another value."""
    later = {at: names for at, names in sorted(bound.items()) if one.start < at < one.end}
    return max(next((at for at, names in later.items() if name in names), one.end) for name in one.names or ("",))


def _places(one: _Held, ends: Sequence[int]) -> tuple[int, int]:
    """The place of the first node that runs while it lingers, and of the first after it."""
    return (ends[one.first - 1] + 1, ends[one.last] + 1) if one.first <= one.last else (0, 0)


def _by_step(found: Sequence[Lingering], freed: AbstractSet[int]) -> dict[int, tuple[str, ...]]:
    """Number of a step -> what is deleted after it."""
    dead: dict[int, list[str]] = {}
    for number in sorted(freed):
        dead.setdefault(found[number].start, []).extend(found[number].names)
    return {start: tuple(sorted(names)) for start, names in dead.items()}


def _too_large(lingering: Sequence[_Held], peaks: Sequence[int], limit: float) -> set[int]:
    """Numbers of what has to go so that no step is above the limit: at each step that is, the largest first."""
    begins: dict[int, list[int]] = {}
    ends: dict[int, list[int]] = {}
    for number, one in enumerate(lingering):
        if one.first <= one.last and one.size:
            begins.setdefault(one.first, []).append(number)
            ends.setdefault(one.last, []).append(number)
    held: dict[int, int] = {}
    largest: list[tuple[int, int]] = []
    total = 0
    freed: set[int] = set()
    for i, peak in enumerate(peaks):
        for number in begins.get(i, ()):
            held[number] = lingering[number].size
            total += lingering[number].size
            heappush(largest, (-lingering[number].size, number))
        while largest and peak + total > limit:
            _, number = heappop(largest)
            if number in held:
                total -= held.pop(number)
                freed.add(number)
        for number in ends.get(i, ()):
            total -= held.pop(number, 0)
    return freed


def _lingering(timing: Timing) -> list[Lingering]:
    """Every value that a name of it, or of a view of it, outlives; a name of training only is not there to delete."""
    owner = _owners(timing.steps)
    last = _last_of_views(owner, timing.last)
    holder: dict[str, Local] = {}
    until: dict[Local, dict[str, int]] = {}
    for i, (names, step) in enumerate(zip(timing.bound, timing.steps, strict=True)):
        for name, local in names.items():
            if name in holder:  # a loop gives its names to what it starts with, before it runs
                _hold(until, owner, holder.pop(name), name, i - (step.loop is not None))
            if not step.train_only and name != UNREAD:
                holder[name] = local
    count = len(timing.steps)
    for name, local in holder.items():
        _hold(until, owner, local, name, count)
    found = []
    for local, ends in until.items():
        start = last.get(local, count)
        outliving = {name: end for name, end in ends.items() if start < end}
        if outliving and start < count - 1 and owner.get(local) == local:
            found.append(Lingering(start, max(outliving.values()), tuple(outliving), local))
    return found


def _unread(timing: Timing) -> Iterator[Lingering]:
    """Every value that nobody reads, which the name for such values holds until it is given to another."""
    count = len(timing.steps)
    places = [at for at, names in enumerate(timing.bound) if UNREAD in names]
    for at, end in zip(places, (*places[1:], count), strict=False):
        yield Lingering(at, end, (UNREAD,), timing.bound[at][UNREAD])


def _held_by_statements(timing: Timing) -> Iterator[tuple[int, list[Local]]]:
    """Number of a step -> the values that it reads and that have a name until all of it has run.

    A loop gives the names of some to what its parts hand on. In `x = torch.exp(x) + 1` the first `x` stays to the end.
    """
    owner, names_of = _owners(timing.steps), dict[Local, set[str]]()
    holder: dict[str, Local] = {}
    for i, (names, step) in enumerate(zip(timing.bound, timing.steps, strict=True)):
        if (step.loop is not None or step.nested) and not step.train_only:
            read = {owner.get(local, local) for local in step.all_reads()}
            given = names.keys() if step.loop is not None else ()
            yield i, [local for local in read if names_of.get(local, set()).difference(given)]
        for name, local in names.items():
            if name in holder:
                names_of[holder[name]].discard(name)
            holder[name] = owner.get(local, local)
            names_of.setdefault(holder[name], set()).add(name)


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
