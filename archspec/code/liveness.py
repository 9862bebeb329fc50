"""Liveness: which names have to be deleted so that no tensor outlives its last use where it would raise the peak.

Sizes are elements per sample. Views of one value are one piece of memory, which is free when the last of their names
is. A step's own working set is what is alive inside a block at its worst moment, and what the call was given.
"""

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from archspec.code.classes import OpPart, Part, flat_leaves
from archspec.graph.graph import Local, Node, Ref, Scope
from archspec.graph.walk import resolve

if TYPE_CHECKING:
    from archspec.code.steps import Body, Step


def deletions(
    body: "Body",
    steps: "Sequence[Step]",
    bound: Sequence[Mapping[str, Local]],
    last: Mapping[Local, int],
) -> dict[int, tuple[str, ...]]:
    """Step number -> names to delete after it. n log n in the steps."""
    owner = _owners(steps)
    last = _last_of_views(owner, last)
    sizes = {
        local: _size(body, local) if owner[local] == local and not step.train_only else 0
        for step in steps
        for local in step.gives
    }
    inner = [_inner(body, step) for step in steps]
    needed = _needed(steps, last, sizes)
    for i, step in enumerate(steps):  # what later steps read, too, is among the inputs of this one
        needed[i] -= sum(sizes.get(read, 0) for read in set(step.all_reads()) if last[read] > i)
    peak = max((needed[i] + inner[i] for i in range(len(steps))), default=0)
    lingering = _lingering(steps, bound, last, owner)
    begins: list[list[int]] = [[] for _ in steps]
    ends: list[list[int]] = [[] for _ in steps]
    for number, (start, end, _, _) in enumerate(lingering):
        if start + 1 < len(steps) and start < end:
            begins[start + 1].append(number)
            ends[min(end, len(steps) - 1)].append(number)
    held: dict[int, int] = {}
    largest: list[tuple[int, int]] = []
    total = 0
    dead: dict[int, list[str]] = {}
    for i in range(len(steps)):
        for number in begins[i]:
            held[number] = sizes.get(lingering[number][3], 0)
            total += held[number]
            heappush(largest, (-held[number], number))
        while largest and needed[i] + inner[i] + total > peak:
            _, number = heappop(largest)
            if number in held:
                total -= held.pop(number)
                start, _, names, _ = lingering[number]
                dead.setdefault(start, []).extend(names)
        for number in ends[i]:
            total -= held.pop(number, 0)
    return {start: tuple(sorted(found)) for start, found in dead.items()}


def _owners(steps: "Sequence[Step]") -> dict[Local, Local]:
    """Value -> the value whose memory it is: itself, unless it is a view."""
    owner: dict[Local, Local] = {}
    for step in steps:
        view = isinstance(step.part, OpPart) and step.part.sample.op.view and not step.nested and step.test is None
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


def _needed(steps: "Sequence[Step]", last: Mapping[Local, int], sizes: Mapping[Local, int]) -> list[int]:
    """Elements that later steps still read, at each step, beside the step's own working set."""
    change = [0] * (len(steps) + 1)
    for i, step in enumerate(steps):
        for local in step.gives:
            end = last.get(local, i)  # len(steps) for what is returned
            if end > i + 1:
                change[i + 1] += sizes[local]
                change[end] -= sizes[local]
    total, needed = 0, []
    for i in range(len(steps)):
        total += change[i]
        needed.append(total)
    return needed


def _lingering(
    steps: "Sequence[Step]",
    bound: Sequence[Mapping[str, Local]],
    last: Mapping[Local, int],
    owner: Mapping[Local, Local],
) -> list[tuple[int, int, tuple[str, ...], Local]]:
    """(last use, when the names are free, names, value) of every value that a name of it or of its views outlives."""
    holder: dict[str, Local] = {}
    until: dict[Local, dict[str, int]] = {}
    for i, names in enumerate(bound):
        for name, local in names.items():
            if name in holder:
                _hold(until, owner, holder[name], name, i)
            holder[name] = local
    for name, local in holder.items():
        _hold(until, owner, local, name, len(steps))
    found = []
    for local, ends in until.items():
        start = last.get(local, len(steps))
        outliving = {name: end for name, end in ends.items() if start < end}
        if outliving and start < len(steps) - 1 and owner.get(local) == local:
            found.append((start, max(outliving.values()), tuple(outliving), local))
    return found


def _hold(until: dict[Local, dict[str, int]], owner: Mapping[Local, Local], local: Local, name: str, end: int) -> None:
    """Notes that `name` holds `local` up to the step `end`."""
    until.setdefault(owner.get(local, local), {})[name] = end


def _size(body: "Body", local: Local) -> int:
    return max((shape.numel for shape in body.shapes(local)), default=0)


def _inner(body: "Body", step: "Step") -> int:
    """The working set of one step."""
    parts = [inner.part for inner in step.nested.values()] + [step.part]
    return max(_largest(body, part) for part in parts)


def _largest(body: "Body", part: Part) -> int:
    """What is alive inside a step at its worst moment: what its call was given, and what is made and still read.

    A call holds its arguments until it returns. What the network itself is given belongs to its caller.
    """
    if part.train_only:
        return 0
    sample: Node | Scope = part.sample
    network = body.network
    given = set(sample.inputs) - {Ref(id) for id in network.graph.inputs}
    held = sum(network.shape(ref).numel for ref in given)
    if isinstance(sample, Node):
        return held + sum(y.numel for y in network.shapes[sample.id])
    nodes = [node for node in flat_leaves(network.graph, sample) if not (node.train_only or node.op.holds)]
    return held + _worst(body, sample, nodes)


def _worst(body: "Body", scope: Scope, nodes: Sequence[Node]) -> int:
    """The largest sum of outputs inside a scope that are alive together. Linear in its nodes."""
    graph, shapes = body.network.graph, body.network.shapes
    last: dict[Ref, int] = {}
    owner: dict[Ref, Ref] = {}  # a view -> the value whose memory it is

    def need(refs: Iterable[Ref], k: int) -> None:
        last.update((owner.get(ref, ref), k) for ref in refs)

    for k, node in enumerate(nodes):
        need(node.inputs, k)
        around = graph.scopes[node.scope]
        while len(around.id) > len(scope.id):
            need(around.inputs, k)
            around = graph.scopes[around.parent]
        if node.op.aliases_input and node.inputs:
            owner.update((Ref(node.id, port), owner.get(node.inputs[0], node.inputs[0])) for port in node.op.ports)
    need((resolve(graph, scope.id, local) for local in scope.outputs.values()), len(nodes))
    freed: list[int] = [0] * (len(nodes) + 1)
    live = worst = 0
    for k, node in enumerate(nodes):
        for port, y in zip(node.op.ports, shapes[node.id], strict=True):
            ref = Ref(node.id, port)
            if ref not in owner:
                live += y.numel
                freed[last.get(ref, k)] += y.numel
        worst = max(worst, live)
        live -= freed[k]
    return worst
