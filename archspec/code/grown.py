"""Grown: sizes that the parts of a repeat read by their number, where these come from a list.

stages: {block: stage, width: "$widths[i]", repeat: $len(widths)}

part i reads ([3] + widths)[i] and gives widths[i]; all of them give widths[-1]
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from archspec.code.branches import picks
from archspec.code.followed import Followed, Sizes, all_fitted, names_of, put, within
from archspec.code.input_sizes import FLAT, size_name
from archspec.code.parts import BlockPart, Item, OpPart, RunPart, SequencePart, places
from archspec.language.expression.grammar import list_of
from archspec.language.expression.symbolic import equal, names, substitute
from archspec.ops.fields import channel_axis
from archspec.values.dataclass import dataclass
from archspec.values.expression import Binary, Conditional, Expr, Index, Literal, Name

if TYPE_CHECKING:
    from archspec.code.sizes import Walk


@dataclass(frozen=True, slots=True)
class Grown:
    """How the sizes that the parts of a repeat hand on follow from their number.

    Attributes:
        reads: what part `i` reads.
        last: what the last gives.
        filled: whether there has to be a part, since what none gives is said otherwise.
    """

    reads: Sizes
    last: Sizes
    filled: bool

    def known(self, read: Sizes) -> Sizes:
        """What one of the parts reads, without what is another number in a part of another number."""
        return tuple(one if by.expr is not None else by for one, by in zip(read, self.reads, strict=True))


def gives_by_number(walk: "Walk", item: Item, reads: tuple[Sizes, ...]) -> tuple[Sizes, ...]:
    """What a part of a repeat gives for what it reads, with `i` for its number; nothing of a graph in place."""
    here = walk.names
    index, here.index, here.by_number = here.index, 0, True
    given: tuple[Sizes, ...] = ()
    if isinstance(item, OpPart):
        xs, exprs = walk.network.input_shapes(item.sample), item.site.exprs
        fields = {name: here.of(item.sample.scope, expr) for name, expr in exprs.items()}
        given = walk.outcome(item.sample, xs, all_fitted(reads, xs), fields).outputs
    elif isinstance(item, BlockPart):
        xs, gives = tuple(map(walk.network.shape, item.sample.inputs)), item.template.ports
        made, outputs = walk.arguments(item, all_fitted(reads, xs)), walk.settling.settings[item.template].outputs
        given = tuple(tuple(within(one, made) for one in outputs[port]) for port in gives)
    here.index, here.by_number = index, False
    return given


def by_lists(walk: "Walk", part: SequencePart, taken: Sequence[tuple[Sizes, ...]], at: Sequence[Sizes]) -> Grown | None:
    """How sizes follow from the number of a part, of which each gives an item of a list; None where they do not.

    Args:
        walk: that of the template that the repeat stands in.
        part: the repeat.
        taken: what each of its parts reads.
        at: of the value that is handed on, what each part reads and what the last gives.
    """
    if not all(map(_is_one_value, part.items)):
        return None
    return _grown(walk, part.items[0], taken[0], at, walk.times(part), _Growth(0))


def run_by_lists(
    walk: "Walk", run: RunPart, reads: tuple[Sizes, ...], given: Mapping[str, Sizes], count: Followed
) -> Grown | None:
    """The same of the parts after the first of a repeat.

    Args:
        walk: that of the template that the repeat stands in.
        run: they.
        reads: what the second part of the repeat reads.
        given: what it gives.
        count: how many parts the repeat has, the first included.
    """
    if not _is_one_value(run.item):
        return None
    return _grown(walk, run.item, reads, (reads[places(run)[0]], given[""]), count, _Growth(1))


def _grown(
    walk: "Walk", item: Item, reads: tuple[Sizes, ...], at: Sequence[Sizes], count: Followed, growth: "_Growth"
) -> Grown | None:
    ranks = {len(sizes) for sizes in at}
    followed = bool(count.names) if walk.symbolic else bool(walk.own.rooted(count.names))
    if count.expr is None or not followed or len(ranks) > 1:
        return None
    alike = [all(sizes[axis].expr == at[0][axis].expr for sizes in at) for axis in range(len(at[0]))]
    if all(alike):
        return None
    known = tuple(
        one if same else Followed(None, count.names | names_of(tuple(sizes[axis] for sizes in at)))
        for axis, (one, same) in enumerate(zip(at[0], alike, strict=True))
    )
    given = gives_by_number(walk, item, put(reads, places(item)[0], known))
    if len(given) != 1 or len(given[0]) != len(known):
        return None
    space = _space(walk, item, len(known))
    found = []
    for axis, (one, gives) in enumerate(zip(known, given[0], strict=True)):
        if alike[axis]:
            size = _alike(one, gives)
        else:
            size = growth.size([sizes[axis].expr for sizes in at], gives.expr, count.expr)
        if size is None and axis not in space:
            return None
        found.append(size or _Size(None, None))
    if not growth.start and all(same or size.read is None for same, size in zip(alike, found, strict=True)):
        return None  # what changes heights and nothing else: see `hanging`
    handed = tuple(Followed(size.read, one.names) for size, one in zip(found, known, strict=True))
    last = tuple(Followed(size.last, one.names | count.names) for size, one in zip(found, known, strict=True))
    return Grown(handed, last, any(size.filled for size in found))


def _is_one_value(item: Item) -> bool:
    return isinstance(item, OpPart | BlockPart) and len(item.ports) == 1


def _space(walk: "Walk", item: Item, rank: int) -> frozenset[int]:
    """The axes of what a part reads of which no constructor takes the size: heights and widths."""
    if isinstance(item, BlockPart):
        sizes = walk.settling.settings[item.template].sizes
        return frozenset(
            axis
            for axis in range(rank)
            if (size := sizes.get(size_name(places(item)[0], axis))) is not None and not size.noun
        )
    shape = walk.network.input_shapes(item.sample)[0] if isinstance(item, OpPart) else None
    if shape is None or rank <= FLAT:
        return frozenset()
    return frozenset(range(rank)) - {channel_axis(shape)}


@dataclass(frozen=True, slots=True)
class _Size:
    read: Expr | None
    last: Expr | None
    filled: bool = False


def _alike(read: Followed, gives: Followed) -> _Size | None:
    """A size that no part changes; None where a part of another number may."""
    if read.expr is None or (gives.expr is not None and equal(read.expr, gives.expr)):
        return _Size(read.expr, read.expr)
    return None


@dataclass(frozen=True, slots=True)
class _Growth:
    """A size that each part gives by its number; `start` is the first part that is asked about."""

    start: int

    def size(self, exprs: Sequence[Expr | None], gives: Expr | None, count: Expr) -> _Size | None:
        """How the size is written; None where it does not follow.

        Args:
            exprs: what each part reads, and what the last gives.
            gives: what part `i` gives.
            count: how many parts there are.
        """
        if gives is None or "i" not in names(gives) or picks(gives):
            return None
        first, behind = exprs[0], _at(gives, Binary("-", Name("i"), Literal(1)))
        told = [_at(gives, Literal(self.start + k - 1)) for k in range(len(exprs))]
        same = [expr is not None and equal(expr, one) for expr, one in zip(exprs, told, strict=True)]
        if first is None or not all(same[1:]):
            return None
        last = _at(gives, _simply(Binary("-", count, Literal(1))))
        if same[0]:
            return _Size(behind, last)
        if self.start:
            return None
        match gives:
            case Index(Name() as owner, Name("i")):
                return _Size(Index(Binary("+", list_of((first,)), owner), Name("i")), last, filled=True)
        return _Size(Conditional(Binary(">", Name("i"), Literal(0)), behind, first), last, filled=True)


def _at(gives: Expr, number: Expr) -> Expr:
    """What a part gives whose number is this."""
    return substitute(gives, lambda name: _simply(number) if name == "i" else Name(name)) or gives


def _simply(expr: Expr) -> Expr:
    return substitute(expr, Name) or expr
