"""Regions: the sizes of many boxes said in few.

The ways through a network part at questions that do not matter in the end, such as whether a map is one pixel. Where no
size between the boxes that fit is refused, the whole product of their sets fits, and is said as one box.
"""

from collections.abc import Iterable
from dataclasses import replace

from archspec.sizes.box import Box, Condition, decide, merged, narrowed
from archspec.sizes.form import Form, Variable, constant, of_atom
from archspec.sizes.periodic import NONE, Periodic
from archspec.sizes.solve import Relation


def said_in_few(fitting: Iterable[Box], others: Iterable[Box]) -> tuple[Box, ...]:
    """The same sizes as `fitting` in few boxes; they may overlap. `others` are all boxes of all other sizes."""
    refused = tuple(others)
    found: list[Box] = []
    boxes = [tidied(box) for box in fitting]
    for alike in _groups(boxes):
        whole = _product(alike)
        if any(common(whole, box) for box in refused):
            found += merged(alike)
        else:
            found.append(_widened(whole, boxes, refused))
    return tuple(
        box for i, box in enumerate(found) if not any(_within(box, other, i < j) for j, other in _but(found, i))
    )


def tidied(box: Box) -> Box:
    """The box without the conditions that its sets say already."""
    kept: list[Condition] = []
    bare = replace(box, conditions=())
    for condition in box.conditions:
        answers = decide(bare, condition.form, condition.relation)
        if len(answers) > 1 or answers[0].holds != condition.holds:
            kept.append(condition)
    return replace(box, conditions=tuple(kept))


def common(a: Box, b: Box) -> tuple[Box, ...]:
    """The sizes that lie in both, as boxes; none where none does."""
    found: tuple[Box, ...] = (replace(a, conditions=()),)
    for size, held in b.sets.items():
        found = tuple(part for box in found for part in _restricted(box, size, held))
    for size, (other, by) in b.ties.items():
        apart = of_atom(size) - of_atom(other) - constant(by)
        found = tuple(part for box in found for part in _answering(box, apart, "zero", holds=True))
    for condition in (*a.conditions, *b.conditions):
        found = tuple(
            part for box in found for part in _answering(box, condition.form, condition.relation, holds=condition.holds)
        )
    return found


def _restricted(box: Box, size: Variable, held: Periodic) -> tuple[Box, ...]:
    by = 0
    if size in box.ties:
        size, by = box.ties[size]
    part = box.sets[size] & held.shifted(-by)
    return (narrowed(box, size, part),) if part else ()


def _answering(box: Box, form: Form, relation: Relation, *, holds: bool) -> tuple[Box, ...]:
    return tuple(answer.box for answer in decide(box, form, relation) if answer.holds == holds)


def _groups(boxes: Iterable[Box]) -> list[list[Box]]:
    """Boxes with the same ties and conditions."""
    found: dict[object, list[Box]] = {}
    for box in boxes:
        found.setdefault((frozenset(box.ties.items()), box.conditions), []).append(box)
    return list(found.values())


def _product(boxes: list[Box]) -> Box:
    whole = boxes[0]
    for box in boxes[1:]:
        whole = replace(whole, sets={size: held | box.sets[size] for size, held in whole.sets.items()})
    return whole


def _widened(whole: Box, boxes: Iterable[Box], refused: Iterable[Box]) -> Box:
    """A box with the values that its sizes have in others, as far as nothing is refused then."""
    for size, held in whole.sets.items():
        more = held
        for box in boxes:
            more = more | box.sets.get(size, NONE)
        wider = narrowed(whole, size, more)
        if more != held and not any(common(wider, box) for box in refused):
            whole = wider
    return whole


def _within(box: Box, other: Box, earlier: bool) -> bool:
    """Whether another box holds all that this one does; of two equal ones the earlier stays."""
    if other.conditions:
        return False
    here = box if not box.conditions else replace(box, conditions=())
    inside = all(not _outside(here, size, held) for size, held in other.sets.items())
    tied = all(
        all(answer.holds for answer in decide(here, of_atom(size) - of_atom(to) - constant(by), "zero"))
        for size, (to, by) in other.ties.items()
    )
    return inside and tied and (not earlier or box != other)


def _outside(box: Box, size: Variable, held: Periodic) -> bool:
    by = 0
    if size in box.ties:
        size, by = box.ties[size]
    return bool(box.sets[size] - held.shifted(-by))


def _but(found: list[Box], at: int) -> list[tuple[int, Box]]:
    return [(j, box) for j, box in enumerate(found) if j != at]
