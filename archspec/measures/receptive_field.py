"""The receptive field: along how many elements of an input each value is computed, by the longest of its sides."""

from collections.abc import Mapping, Sequence

from archspec.measures.measure import Counted, Followed, Measure
from archspec.receptive.fields import fields


def largest(ops: Sequence[Counted]) -> Mapping[str, int]:
    """Id -> the largest receptive field of its outputs; 0 where nobody can say, or no input is read."""
    found: dict[str, int] = {}
    for (id, _), known in fields(ops).items():
        sizes = (field.largest for field in known.values() if field is not None)
        found[id] = max(found.get(id, 0), *sizes, 0)
    return found


MEASURE = Measure(
    name="receptive_field",
    label="field",
    unit="elements of an input along its longest side that one value is computed from, at most",
    value=Followed(largest),
    places=frozenset({"heat", "expect", "expect of a block"}),
    shown="exact",
)
