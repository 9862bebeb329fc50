"""Holes: the settings of a template that differ between its uses, each with its value for each use."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from archspec.importer.blocks.candidates import ABSENT, Absent, Cell, Column, agree, varies
from archspec.importer.blocks.numbers import by_number
from archspec.importer.blocks.template import Item, Mismatch, Part, Placed, Ref, Said, Solution, Template
from archspec.importer.tree import Member, Plain
from archspec.importer.values import defaults_of
from archspec.ops import OPS
from archspec.values.dataclass import dataclass
from archspec.values.expression import Attribute, Expr, Index, Literal
from archspec.values.shape import Shape

ShapeOf = Callable[[int], Shape]

# Lists of which each number may follow from something else.
SIZES = frozenset({"shape", "size", "split_size", "normalized_shape", "unflattened_size", "dims"})
# What a parameter starts with: seen in one draw, so that no param of a block is made for it.
STARTS = frozenset({"init", "mean", "std", "low", "high"})
LABELS = {"out_channels": "channels", "out_features": "features"}
CALLED = {**LABELS, "init": "values"}  # of which no param can be called init


@dataclass(frozen=True, slots=True, eq=False)
class Hole:
    """A setting that differs.

    Attributes:
        column: its value for each use.
        facts: of the inputs of the graph that it stands in.
        label: what a param for it would be called.
        fill: puts what it is written as in its place.
        stated: what it is where nothing explains it, and all uses agree; None where a param has to be made for it.
        passed: it is given to a block inside, whose param it is.
    """

    column: Column
    facts: Mapping[Attribute, Column]
    label: str
    fill: Callable[[Said], None]
    stated: Plain = None
    passed: bool = False


def facts(template: Template, shape_of: ShapeOf) -> dict[Attribute, Column]:
    """What expressions may ask of a template's inputs, for each use."""
    found: dict[Attribute, Column] = {}
    if template.lead.rounds == "one":  # the graph around has no name for what a round reads
        return found
    for port, name in enumerate(template.inputs):
        shapes = [None if use is None else shape_of(use.reads[port]) for use in template.uses]
        ranks = {len(shape.dims) for shape in shapes if shape is not None}
        if len(ranks) != 1 or not min(ranks):
            continue
        channels: list[Cell] = [ABSENT if s is None else s.dims[-1] if s.channels_last else s.channels for s in shapes]
        features: list[Cell] = [ABSENT if shape is None else shape.dims[-1] for shape in shapes]
        named = "channels" if min(ranks) != 2 or _is_convolved(template, port) else "features"
        found[Attribute(name, named)] = tuple(channels if named == "channels" else features)
    return found


def _is_convolved(template: Template, port: int) -> bool:
    """Whether an input of two sizes has channels first, since a layer reads it that makes others of them."""
    readers = (part for part in template.parts if Ref(-1, port) in part.reads)
    return any("out_channels" in OPS[part.first.op].model_fields for part in readers if part.first.op)


def holes(
    template: Template,
    placed: Placed,
    solution: Solution,
    names: Mapping[str, Column],
    shape_of: ShapeOf,
    *,
    pairs: bool = False,
) -> Iterator[Hole]:
    """What differs, in graphs in place too; what does not is put in the solution at once.

    Of `pairs`, such as kernels of two sizes, each number may follow from something else.
    """
    known = facts(template, shape_of)
    for part in template.parts:
        yield from _op(part, known, solution)
        length = _length(part, template, shape_of)
        seen = {} if part.rounds else known  # what rounds read is called as what is read around them
        yield from _settings(part, template.owner(part), placed, seen, solution, names, length, pairs=pairs)
        if part.repeats:
            yield from _counts(part, known, solution)
        if part.template is not None:
            yield from holes(part.template, placed, solution, names, shape_of, pairs=pairs)


def _op(part: Part, known: Mapping[Attribute, Column], solution: Solution) -> Iterator[Hole]:
    column: Column = tuple(ABSENT if item is None else item.member.op for item in part.uses)
    if part.first.op and varies(column):
        _require_fields(part)

        def fill(said: Said) -> None:
            solution.ops[id(part)] = said  # type: ignore[assignment]  # an op that differs is an expression

        yield Hole(column, known, OPS[part.first.op].role.value, fill)


def _require_fields(part: Part) -> None:
    """Raises Mismatch where one of the ops that stand in one place does not have what is written of another."""
    written = {name for item in part.there for name in item.member.fields}
    if any(name not in OPS[item.member.op].model_fields for item in part.there for name in written):
        raise Mismatch("ops with other settings")


def _counts(part: Part, known: Mapping[Attribute, Column], solution: Solution) -> Iterator[Hole]:
    column: Column = tuple(ABSENT if item is None else len(item.repeated) for item in part.uses)

    def fill(said: Said) -> None:
        solution.counts[id(part)] = said

    if varies(column):
        yield Hole(column, known, "depth", fill)
    else:
        fill(_any(column))


def _settings(
    part: Part,
    owner: Part,
    placed: Placed,
    known: Mapping[Attribute, Column],
    solution: Solution,
    names: Mapping[str, Column],
    length: Expr | None,
    *,
    pairs: bool,
) -> Iterator[Hole]:
    pairs = pairs and bool(part.first.op)
    for name, each, store in _columns(part, owner, placed, solution):
        column = _as_pairs(each) if pairs else each

        def fill(said: Said, name: str = name, store: dict[tuple[int, str], Said] = store) -> None:
            store[id(part), name] = said

        stretch = part.first.stretch
        if length is not None and stretch and name == stretch[0]:
            said = _with_length(column, stretch, length)
            if said is not None:
                fill(said)
                continue
        if (name in SIZES or pairs) and (found := _by_place(column)) is not None:
            yield from _sized(part, name, found, column, known, store)
            continue
        somewhere = any(item is None for item in part.uses)
        starts = name in STARTS and part.first.op == "parameter"
        if varies(column):
            stated = _any(column) if starts else None
            yield Hole(column, known, CALLED.get(name, name), fill, stated, passed=part.block is not None)
        elif somewhere and (name in LABELS or (name in names and agree(column, names[name]))):
            yield Hole(column, known, CALLED.get(name, name), fill, _any(column))
        else:
            fill(_any(column))


def _length(part: Part, template: Template, shape_of: ShapeOf) -> Expr | None:
    """Of a stretch of a value, the size of an input that it is as long as; the one of its own dimension first.

    table[:, :x.size(1)]         {op: slice, from: table, dim: 1, stop: $(x.shape.0)}
    h.repeat(1, x.size(1), 1)    {op: tile, dims: ["$x.shape.0", 1]}
    """
    if not all(item.member.stretch for item in part.there):
        return None
    uses = [(use, item.member) for use, item in zip(template.uses, part.uses, strict=True) if use and item]
    for port, name in enumerate(template.inputs):
        shapes = [shape_of(use.reads[port]).dims for use, _ in uses]
        own = _own_dim(uses[0][1])
        ranks = range(min(map(len, shapes)))
        for at in sorted(ranks, key=lambda at: at + 1 != own):
            if all(dims[at] == _stretched(member) for dims, (_, member) in zip(shapes, uses, strict=True)):
                return Index(Attribute(name, "shape"), Literal(at))
    return None


def _own_dim(member: Member) -> Plain:
    """The dimension, counted with the batch, that a member makes as long as another value is."""
    return member.stretch[1] + 1 if len(member.stretch) == 2 else member.fields.get("dim", 1)


def _stretched(member: Member) -> Plain:
    """How long a member makes it."""
    value = member.fields[member.stretch[0]] if member.stretch else None
    return value[member.stretch[1]] if len(member.stretch) == 2 and isinstance(value, tuple) else value


def _with_length(column: Column, stretch: tuple[str] | tuple[str, int], length: Expr) -> "Said | None":
    """What says a setting with a length in it; None where the rest of it differs between uses."""
    if len(stretch) == 1:
        return length
    at, lists = stretch[1], [value for value in column if isinstance(value, tuple)]
    rests = {(*value[:at], *value[at + 1 :]) for value in lists}
    if len(rests) != 1:
        return None
    made: list[Said] = list(lists[0])
    made[at] = length
    return tuple(made)  # type: ignore[arg-type]  # a list of which one is an expression


def _columns(
    part: Part, owner: Part, placed: Placed, solution: Solution
) -> Iterator[tuple[str, Column, dict[tuple[int, str], Said]]]:
    """Each setting of a part, with its value for each use and where what it is written as belongs.

    Of a module that is called again, those that are not as in the call of the `owner`, where it says them.
    """
    if part.repeats:
        yield from _repeated(part, placed, solution)
    elif part.block is not None:
        for name in part.block.params:
            given = _given(part, name, placed)
            if part is owner or given != _given(owner, name, placed):
                yield name, given, solution.settings
    elif part.first.op and part is owner:
        order = {name: None for item in part.there for name in OPS[item.member.op].model_fields}
        written = {name for item in part.there for name in item.member.fields}
        for name in (name for name in order if name in written):
            yield name, tuple(_field(item, name) for item in part.uses), solution.settings


def _given(part: Part, name: str, placed: Placed) -> Column:
    """What each use gives a param of the block that a part is a use of."""
    return tuple(ABSENT if item is None else placed.given(item.member)[name] for item in part.uses)


def _field(item: Item | None, name: str) -> Cell:
    if item is None:
        return ABSENT
    return item.member.fields.get(name, defaults_of(item.member.op).get(name))


def _repeated(
    part: Part, placed: Placed, solution: Solution
) -> Iterator[tuple[str, Column, dict[tuple[int, str], Said]]]:
    """Arguments of a repeat: those of all parts, and of the first where it differs."""
    for name in part.block.params if part.block is not None else ():
        given = [None if i is None else [placed.given(one)[name] for one in i.repeated] for i in part.uses]
        if all(values is None or not varies(tuple(values)) for values in given):
            yield name, tuple(ABSENT if values is None else values[0] for values in given), solution.settings
            continue
        if part.rounds:
            yield from _by_round(part, name, [values for values in given if values is not None], solution)
            continue
        rest = (ABSENT if values is None or len(values) == 1 else values[1] for values in given)
        yield name, tuple(rest), solution.settings
        yield name, tuple(ABSENT if values is None else values[0] for values in given), solution.first


def _by_round(
    part: Part, name: str, given: Sequence[Sequence[Plain]], solution: Solution
) -> Iterator[tuple[str, Column, dict[tuple[int, str], Said]]]:
    """An argument that rounds have by their number; of the first or the last of them, where the others agree.

    Raises:
        Mismatch: no expression of the number says it.
    """
    if len(given) < len(part.uses):
        raise Mismatch("rounds that some uses do not have")
    if (said := by_number(given)) is not None:
        solution.settings[id(part), name] = said
        return
    for at, store in ((0, solution.first), (-1, solution.last)):
        others = [(*values[1:],) if at == 0 else (*values[:-1],) for values in given]
        if all(rest and not varies(rest) for rest in others):
            yield name, tuple(rest[0] for rest in others), solution.settings
            yield name, tuple(values[at] for values in given), store
            return
    raise Mismatch(f"{name} follows from no number")


def _any(column: Column) -> Plain:
    return next((value for value in column if not isinstance(value, Absent)), None)


def _list(column: Column) -> tuple[Plain, ...]:
    return next((value for value in column if isinstance(value, tuple)), ())


def _as_pairs(column: Column) -> Column:
    """A column in which a number stands for as many of it as others are: 4 for (4, 4) beside (4, 5)."""
    sizes = {len(cell) for cell in column if isinstance(cell, tuple)}
    if len(sizes) != 1 or not all(isinstance(cell, tuple | Absent) or type(cell) is int for cell in column):
        return column
    (size,) = sizes
    return tuple((cell,) * size if isinstance(cell, int) else cell for cell in column)


def _by_place(column: Column) -> list[Column] | None:
    """A column of lists as a column for each place; None where they are no lists of one length."""
    lists = [value for value in column if not isinstance(value, Absent)]
    if not lists or not varies(column) or not all(isinstance(v, tuple) for v in lists):
        return None
    lengths = {len(value) for value in lists if isinstance(value, tuple)}
    if len(lengths) != 1:
        return None
    size = lengths.pop()
    return [tuple(value[at] if isinstance(value, tuple) else ABSENT for value in column) for at in range(size)]


def _sized(
    part: Part,
    name: str,
    places: list[Column],
    column: Column,
    known: Mapping[Attribute, Column],
    store: dict[tuple[int, str], Said],
) -> Iterator[Hole]:
    """A list of sizes of which some differ. One that follows from the rest is written -1, where the op takes it.

    Of several that differ, that is the one with the most values, where nothing else explains it.
    """
    differ = [at for at, place in enumerate(places) if varies(place)]
    first, follows = _list(column), name in ("unflattened_size", "shape") and part.first.op in ("unflatten", "reshape")
    follows = follows and -1 not in first  # of which there may be one
    if len(differ) == 1 and follows:
        store[id(part), name] = (*first[: differ[0]], -1, *first[differ[0] + 1 :])
        return
    made: list[Said] = list(first)

    def fill(said: Said, at: int = 0) -> None:
        made[at] = said
        store[id(part), name] = tuple(made)  # type: ignore[arg-type]  # a list of which some are expressions

    rest = max(differ, key=lambda at: len(set(places[at]))) if follows else None
    for at in differ:
        label, stated = f"{name}_{at}" if len(differ) > 1 else name, -1 if at == rest else None
        yield Hole(places[at], known, label, lambda said, at=at: fill(said, at), stated)  # type: ignore[misc]
