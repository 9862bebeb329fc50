"""Early: where the statements stand that run only in training."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archspec.graph.graph import Local

if TYPE_CHECKING:
    from archspec.code.step import Step


def train_only_early(steps: "Sequence[Step]") -> "list[Step]":
    """Train-only steps moved to where their input is made, so that inference does not keep it for them.

    One that only such steps read goes to the first of these: in one `if self.training:` with it, it has a type.
    """
    if not any(step.train_only for step in steps) or all(step.train_only for step in steps):
        return list(steps)
    made = [step for step in steps if not step.train_only]
    added = [step for step in steps if step.train_only]
    places = _places(made, added)
    after: dict[int, list[Step]] = {}
    for step in added:
        after.setdefault(places[id(step)], []).append(step)
    ordered = list(after.get(-1, ()))
    for i, step in enumerate(made):
        ordered.append(step)
        ordered.extend(after.get(i, ()))
    return ordered


def _places(made: "Sequence[Step]", added: "Sequence[Step]") -> dict[int, int]:
    """Train-only step, by its id -> the number of the step that it stands after; -1 is before all."""
    position = {local: i for i, step in enumerate(made) for local in step.gives}
    after: dict[int, int] = {}
    for step in added:
        at = after[id(step)] = max((position.get(read, -1) for read in step.reads), default=-1)
        position.update(dict.fromkeys(step.gives, at))
    first: dict[Local, int] = {}  # value -> where it is first read
    for step in reversed(added):
        readers = [first[local] for local in step.gives if local in first]
        at = after[id(step)] = min(readers, default=after[id(step)])
        first.update((read, min(at, first.get(read, at))) for read in step.reads)
    return after
