"""Ops whose arguments are the op's own fields: of one input, and arithmetic of two."""

from collections.abc import Sequence

import torch

from archspec.importer.constants import by_numbers, short
from archspec.importer.layout import BATCH, Layout
from archspec.importer.recording import Value
from archspec.importer.refused import APART, Refused
from archspec.importer.rules.rule import RULES, Declared, rule
from archspec.importer.site import Site
from archspec.importer.tree import Plain
from archspec.importer.values import one_of
from archspec.ops import OPS

# Fields that number dimensions, which are counted anew where the batch is elsewhere.
DIMS = frozenset({"dim", "dims", "dim0", "dim1"})

# Other names of functions, those of operators and of methods in place among them -> what they are.
ALSO = {
    "__iadd__": "add", "__add__": "add", "__radd__": "add", "__isub__": "sub", "__sub__": "sub", "__rsub__": "rsub",
    "__imul__": "mul", "__mul__": "mul", "__rmul__": "mul", "__itruediv__": "div", "__truediv__": "div",
    "__rtruediv__": "rdiv", "true_divide": "div", "multiply": "mul", "subtract": "sub", "divide": "div",
    "__neg__": "neg", "negative": "neg", "__pow__": "pow", "__matmul__": "matmul", "bmm": "matmul", "mm": "matmul",
    "spmm": "matmul",  # what torch.mm calls itself
    "mv": "matmul", "dot": "matmul",
    "absolute": "abs", "__lt__": "lt", "__le__": "le", "__gt__": "gt", "__ge__": "ge", "__eq__": "eq", "__ne__": "ne",
    "__invert__": "logical_not", "__and__": "logical_and", "__or__": "logical_or", "clip": "clamp",
    "swapaxes": "transpose", "concat": "cat", "concatenate": "cat", "logsigmoid": "log_sigmoid",
}  # fmt: skip

ARITHMETIC = ("add", "sub", "mul", "div", "eq", "ne", "lt", "le", "gt", "ge", "fmod", "remainder")
PAIRS = ("maximum", "minimum", "logical_and", "logical_or", "logical_xor", "atan2")


def called(function: str) -> str:
    """The one name of a function: `add` of `__iadd__` and of `add_`."""
    name = ALSO.get(function, function)
    return name.removesuffix("_") if not name.startswith("_") else name


def find(function: str) -> Declared | None:
    """The rule for a function; one of an op of one input needs none of its own."""
    return RULES.get(called(function)) or _by_op(called(function))


def _by_op(function: str) -> Declared | None:
    op = OPS.get(function)
    if op is None or op.input_names != ("x",) or op.stateful or op.port_names != ("",) or op.numbered:
        return None
    return Declared(_one_input, ("input", *op.model_fields))


def _one_input(site: Site) -> None:
    op, x = site.call.function, site.value()
    fields: dict[str, Plain] = {}
    for field in OPS[op].model_fields:
        if field in site.given:
            fields[field] = _axes(site, x, field) if field in DIMS else site.plain(field)
    if op in OPS and "dim" in OPS[op].model_fields and "dim" not in OPS[op].defaults() and not site.has("dim"):
        fields["dim"] = all_of(site, x)
    site.emit(op, [x], _as_declared(op, fields))


def all_of(site: Site, x: int) -> Plain:
    """All dimensions of a value without a batch. Raises Refused for one that has it."""
    layout = site.layout(x)
    if layout.batched:
        raise Refused(f"{site.call.function} over all dimensions, the batch among them", cure=APART)
    return one_of(tuple(range(layout.rank))) if layout.rank == 1 else tuple(range(layout.rank))


def _as_declared(op: str, fields: dict[str, Plain]) -> dict[str, Plain]:
    """Whole numbers as fractions where the op's default is one: `clamp(x, 0)`."""
    defaults = OPS[op].defaults()
    return {
        name: float(value) if isinstance(defaults.get(name), float) and type(value) is int else value
        for name, value in fields.items()
    }


def _axes(site: Site, x: int, field: str) -> Plain:
    """Dimensions as archspec counts them; those from behind stay so where they are the same."""
    dims = site.wholes(field)
    layout = site.layout(x)
    found = tuple(_from_behind(layout, dim) for dim in dims)
    return found[0] if len(found) == 1 and not isinstance(site.given[field], tuple) else found


def _from_behind(layout: Layout, dim: int) -> int:
    axis = layout.axis(dim)
    rank = len(layout.dims) + (1 if layout.batched else 0)
    return axis - rank if dim < 0 else axis


@rule(*ARITHMETIC, takes="input other alpha rounding_mode")
def arithmetic(site: Site) -> None:
    """`a + b`, `a + 1`, `1 + a`."""
    op = site.call.function
    if site.given.get("alpha", 1) != 1 or site.has("rounding_mode"):
        raise Refused(f"{op} with alpha or a mode of rounding")
    operands(site, op, site.given.get("input"), site.given.get("other"))


@rule("rsub", "rdiv", takes="input other")
def reversed_arithmetic(site: Site) -> None:
    """`1 - a`, `1 / a`."""
    operands(site, site.call.function[1:], site.given.get("other"), site.given.get("input"))


def operands(site: Site, op: str, left: object, right: object) -> None:
    """An op of two operands of which one may be a number."""
    if isinstance(left, Value) and isinstance(right, Value):
        stated, first = number_of(site, right, left), number_of(site, left, right)
        if stated is None and first is None:
            site.emit(op, aligned(site, [left.number, right.number]))
            return
        left, right = (left, stated) if stated is not None else (first, right)
    fields: dict[str, Plain] = {}
    x, number = (left, right) if isinstance(left, Value) else (right, left)
    if not isinstance(left, Value) and op not in ("add", "mul"):
        fields["number_first"] = True
    if isinstance(x, Value) and isinstance(number, complex):
        one = site.values.fresh(Layout(()), "complex")
        site.said += by_numbers(one, torch.tensor(number), site.values)
        site.emit(op, [x.number, one] if x is left else [one, x.number])
        return
    if not isinstance(x, Value) or isinstance(number, bool) or not isinstance(number, int | float):
        raise Refused(f"{op} of {left!r} and {right!r}")
    if op == "add" and number == 0 and site.values.dtype(x.number) == site.values.dtype(site.call.gives[0]):
        site.is_same(x.number)  # where sums begin
        return
    site.emit(op, [x.number], {"other": number, **fields})


def number_of(site: Site, value: Value, beside: Value) -> int | float | None:
    """The one number that all of a constant is, which has no dimension or sizes that the value beside it has too."""
    if max(value.number, beside.number) >= len(site.values.run.known) or value.number in site.near:
        return None  # what a module is given may be another number in another call
    known, shape = site.values.known(value.number), site.size(beside.number)
    if known.origin != "constant" or known.held or known.tensor.numel() == 0 or known.tensor.dtype == torch.bool:
        return None
    fits = _together([known.shape, shape]) == shape
    first, other = known.tensor.flatten()[0], site.values.other.known[value.number].tensor
    if not fits or not bool((known.tensor == first).all()) or not bool((other == first).all()):
        return None
    found: int | float = first.item()
    return short(found) if isinstance(found, float) else found


@rule("matmul", takes="input other")
def matmul(site: Site) -> None:
    """A product of matrices; one without a batch serves all samples. With a vector it is a weighted sum."""
    left, right = site.value("input"), site.value("other")
    one, two = site.layout(left), site.layout(right)
    if one.rank and two.rank == 1 and not two.batched and one.groups[-1] != (BATCH,):
        made = site.values.fresh(one, site.values.dtype(left))
        site.emit("mul", [left, right], gives=[made], layouts=[one])
        site.emit("sum", [made], {"dim": one.axis(-1)}, layouts=[one.without(-1)])
        return
    if one.rank == 1 and two.rank > 1 and not one.batched:
        _row_times(site, left, right)
        return
    if one.batched and not two.batched and two.rank == 2 and one.rank > 1:
        if one.groups[-1] == (BATCH,):
            raise Refused("matmul along the batch")
        site.emit("matmul", [left, right])
        return
    if one.batched and two.batched and one.batch_at() - one.rank != two.batch_at() - two.rank:
        raise Refused("multiplies the samples of a batch by each other", cure=APART)
    site.emit("matmul", aligned(site, [left, right]))


def _row_times(site: Site, vector: int, matrix: int) -> None:
    """A vector times matrices: a matrix of one row, and that row of what it gives."""
    (size,), two = site.size(vector), site.layout(matrix)
    row = site.between("unsqueeze", vector, {"dim": 0}, Layout(((1,), (size,))))
    after = two.with_size(-2, 1)
    made = site.values.fresh(after, site.values.dtype(vector))
    site.emit("matmul", [row, matrix], gives=[made], layouts=[after])
    site.emit("squeeze", [made], {"dim": after.axis(-2)}, layouts=[two.without(-2)])


@rule(*PAIRS, takes="input other")
def pairs(site: Site) -> None:
    """Ops of two values."""
    site.emit(site.call.function, aligned(site, [site.value("input"), site.value("other")]))


def aligned(site: Site, values: Sequence[int]) -> list[int]:
    """Operands whose dimensions meet as archspec broadcasts them: from behind, the batch apart.

    Raises:
        Refused: their batches stand in different places.
    """
    values = _unstretched(site, values)
    alone = [site.values.expanded.get(value, value) for value in values]
    if any(site.layout(value).batched for value in alone):  # these repeat the others for each sample
        values = [site.values.each.get(value, value) for value in alone]
    layouts = [site.layout(value) for value in values]
    batched = [layout for layout in layouts if layout.batched]
    if not batched:
        return list(values)
    lead = max(batched, key=lambda layout: layout.rank)
    at = lead.batch_at()
    found: list[int] = []
    for value, layout in zip(values, layouts, strict=True):
        here = at - (lead.rank - layout.rank)  # where the batch of `lead` falls in this operand
        if layout.batched:
            if layout.rank != lead.rank or layout.groups[at] != lead.groups[at]:
                raise Refused(f"{site.call.function} of values whose batches do not meet")
        elif at and here >= 0 and len(lead.groups[at]) == 1:
            if layout.groups[here] != (1,):
                raise Refused(f"{site.call.function} of a batch and a dimension of {layout.groups[here][0]}")
            found.append(site.between("squeeze", value, {"dim": here}, layout.without(here)))
            continue
        elif here > 0 or (here == 0 and layout.groups[0] != (1,)):
            raise Refused(f"{site.call.function} of a batch and another dimension")
        found.append(value)
    return found


def _unstretched(site: Site, values: Sequence[int]) -> Sequence[int]:
    """The operands, each as it was before its sizes of 1 were repeated where another one repeats these anyway."""
    found = [site.values.stretched.get(value, value) for value in values]
    if found == list(values) or any(one >= len(site.values.run.known) for one in (*found, *values)):
        return values
    if _together(list(map(site.size, found))) != _together(list(map(site.size, values))):
        return values
    return found


def _together(shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """The sizes that values of these sizes have together, where they broadcast."""
    rank = max(map(len, shapes))
    rows = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    return tuple(max(sizes) if 0 not in sizes else 0 for sizes in zip(*rows, strict=True))
