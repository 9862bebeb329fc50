"""Liveness: which names have to be deleted so that no tensor outlives its last use where it would raise the peak.

Sizes are elements per sample. A step's own working set (what is alive inside a block while it runs) is the largest sum
of one node's inputs and outputs in it.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from archspec.ir.graph import Local, Node, Scope
from archspec.views.program.templates import Part, flat_leaves

if TYPE_CHECKING:
    from archspec.views.program.forward import ForwardBuilder, Step


def deletions(
    builder: "ForwardBuilder",
    steps: "Sequence[Step]",
    bound: Sequence[Mapping[str, Local]],
    last: Mapping[Local, int],
) -> dict[int, tuple[str, ...]]:
    """Step number -> names to delete after it. Quadratic only in the values that linger at once."""
    sizes = {local: _size(builder, local) for step in steps for local in step.gives}
    inner = [_inner(builder, step) for step in steps]
    needed = _needed(steps, last, sizes)
    peak = max((needed[i] + inner[i] for i in range(len(steps))), default=0)
    intervals = _lingering(steps, bound, last)
    lingering: list[list[tuple[int, str, Local]]] = [[] for _ in steps]
    for start, end, name, local in intervals:
        for i in range(start + 1, min(end, len(steps) - 1) + 1):
            lingering[i].append((start, name, local))
    dead: dict[int, list[str]] = {}
    gone: set[tuple[int, str]] = set()
    for i in range(len(steps)):
        held = [entry for entry in lingering[i] if entry[:2] not in gone]
        held.sort(key=lambda entry: -sizes.get(entry[2], 0))
        total = needed[i] + inner[i] + sum(sizes.get(local, 0) for _, _, local in held)
        for start, name, local in held:
            if total <= peak:
                break
            total -= sizes.get(local, 0)
            gone.add((start, name))
            dead.setdefault(start, []).append(name)
    return {start: tuple(sorted(found)) for start, found in dead.items()}


def _needed(steps: "Sequence[Step]", last: Mapping[Local, int], sizes: Mapping[Local, int]) -> list[int]:
    """Elements that later steps still read, at each step, beside the step's own working set."""
    change = [0] * (len(steps) + 1)
    for i, step in enumerate(steps):
        for local in step.gives:
            end = min(last.get(local, i), len(steps) - 1)
            if end > i + 1:
                change[i + 1] += sizes[local]
                change[end] -= sizes[local]
    total, needed = 0, []
    for i in range(len(steps)):
        total += change[i]
        needed.append(total)
    return needed


def _lingering(
    steps: "Sequence[Step]", bound: Sequence[Mapping[str, Local]], last: Mapping[Local, int]
) -> list[tuple[int, int, str, Local]]:
    """(last use, step that rebinds the name, name, value) of every value that its name outlives."""
    holder: dict[str, Local] = {}
    found = []
    for i, names in enumerate(bound):
        for name, local in names.items():
            before = holder.get(name)
            if before is not None and last.get(before, i) < i:
                found.append((last[before], i, name, before))
            holder[name] = local
    for name, local in holder.items():
        if last.get(local, len(steps)) < len(steps) - 1:
            found.append((last[local], len(steps), name, local))
    return found


def _size(builder: "ForwardBuilder", local: Local) -> int:
    shapes = builder.shapes(local)
    return max((shape.numel for shape in shapes), default=0)  # type: ignore[attr-defined]  # shapes are Shape


def _inner(builder: "ForwardBuilder", step: "Step") -> int:
    """The working set of one step: the largest sum of one node's inputs and outputs."""
    parts = [inner.part for inner in step.nested.values()] + [step.part]
    return max(_largest(builder, part) for part in parts)


def _largest(builder: "ForwardBuilder", part: Part) -> int:
    sample: Node | Scope = part.sample
    network = builder.network
    nodes = (sample,) if isinstance(sample, Node) else flat_leaves(network.graph, sample)
    if part.train_only:
        return 0
    return max(
        (
            sum(shape.numel for shape in network.input_shapes(node)) + sum(y.numel for y in network.shapes[node.id])
            for node in nodes
        ),
        default=0,
    )
