"""Masks of attention: which keys a query meets, as torch's module and function take them."""

from collections.abc import Sequence

from archspec.ops.op import TO_REAL, ShapeFault
from archspec.values.expression import Global
from archspec.values.shape import Shape
from archspec.values.source import Item, Member, Source, constant, invoke, method


def require_mask(name: str, mask: Shape) -> None:
    """Raises ShapeFault `wrong-type` where a mask holds integers."""
    if mask.dtype == "int":
        message = f"{name} adds its mask to the scores; this one holds integers"
        raise ShapeFault("wrong-type", message, help=TO_REAL)


def pads(mask: Shape) -> bool:
    """Whether a mask says which keys of a sample are there, whatever the query."""
    return mask.batch > 0 and len(mask.dims) == 1


def of_each_head(mask: Source, x: Shape, owner: Source) -> Source:
    """A mask of queries and keys as the module takes it: (L, S), or (N * heads, L, S)."""
    if not x.batch:
        return mask
    if len(x.dims) == 3:
        return method(mask, "flatten", constant(0), constant(1))
    return method(mask, "repeat_interleave", Member(owner, "num_heads"), dim=constant(0))


def later(query: Source, masks: Sequence[Source], xs: tuple[Shape, ...]) -> Source:
    """What keeps a query from the keys after its place: of the kind that a mask beside it is of, as torch wants."""
    length, device = Item(Member(query, "shape"), (constant(1),)), Member(query, "device")
    if all(x.dtype == "float" for x in xs):
        kind: dict[str, Source] = {"dtype": Member(masks[0], "dtype")} if masks else {}
        return invoke("nn.Transformer.generate_square_subsequent_mask", length, device=device, **kind)
    return method(invoke("torch.ones", length, length, dtype=Global("torch.bool"), device=device), "triu", constant(1))
