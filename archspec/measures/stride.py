"""The effective stride: how far apart on an input neighbouring values are centred, along the longest of its sides."""

from collections.abc import Mapping, Sequence

from archspec.measures.measure import Counted, Followed, Measure
from archspec.receptive.fields import fields


def widest(ops: Sequence[Counted]) -> Mapping[str, int]:
    """Id -> the largest stride of its outputs; 0 where all values are alike, or stand closer than the elements."""
    found: dict[str, int] = {}
    for (id, _), known in fields(ops).items():
        strides = (field.stride for field in known.values() if field is not None and field.stride is not None)
        found[id] = max(found.get(id, 0), *(int(stride) for stride in strides if stride.denominator == 1), 0)
    return found


MEASURE = Measure(
    name="stride",
    label="stride",
    unit="elements of an input between neighbouring values, at most",
    value=Followed(widest),
    places=frozenset({"heat", "expect", "expect of a block"}),
    shown="exact",
)
