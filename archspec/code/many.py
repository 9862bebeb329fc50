"""Many: the shapes of a block that takes any number of values, by the number of a value, `i`.

    *maps (N, channels[i], H / 2**i, W / 2**i) -> (N, channels[to], H / 2**to, W / 2**to)      HRNet's exchange
    below (N, below_channels, H, W), *nodes (N, channels, 2 * H, 2 * W)                        U-Net++

What is said holds in every use, of each number of values. Letters are the sizes of the first input.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from archspec.code.dimensions import Dimensions
from archspec.code.followed import Sizes
from archspec.code.lifting import NUMBER
from archspec.code.parts import Template
from archspec.graph.graph import Local, Ref, Scope
from archspec.graph.walk import resolve
from archspec.ops.fields import channel_axis
from archspec.values.dataclass import dataclass
from archspec.values.expression import Binary, Expr, Index, Literal, Name
from archspec.values.printing import text
from archspec.values.shape import Shape

STEPS = tuple(map(Fraction, ("1", "1/2", "1/3", "1/4", "2", "3", "4")))  # from the size of a value to that of the next
LOST = "'"  # behind a letter: a size that has no name


@dataclass(frozen=True, slots=True)
class _Row:
    """A value in one use: its shape, its number, the first input, and all values that the block takes."""

    ref: Ref
    shape: Shape
    number: int
    first: Shape
    taken: tuple[Shape, ...]

    def has_size_of(self, value: Shape, axis: int) -> bool:
        """Whether it is as large there as a value, which may have fewer dimensions."""
        return value.dims[axis : axis + 1] == self.shape.dims[axis : axis + 1]


class Many:
    """The shapes of one block: `called` is what the author calls the values, and `start` how many inputs are before.

    Args:
        block: its templates, one for each number of values, and their shapes.
        noun: what the constructor takes of the values, `channels`; "" for nothing.
        each: whether it takes that of each value.
    """

    def __init__(self, block: Sequence[tuple[Template, Dimensions]], noun: str, *, each: bool) -> None:
        self.block, self.noun, self.each = block, noun, each
        self.network, definition = block[0][1].network, block[0][0].definition
        self.start, self.called = definition.before, definition.many

    def before(self, number: int) -> str:
        """The shape of an input before the values."""
        return self._taken(slice(number, number + 1), None)

    def values(self) -> str:
        """The shape of value `i`."""
        return self._taken(slice(self.start, None), NUMBER)

    def _taken(self, which: slice, index: Expr | None) -> str:
        """The shape of inputs: the names that all classes have for a size in all of them, before any other."""
        named = []
        for template, dimensions in self.block:
            for number, name in list(enumerate(template.definition.inputs))[which]:
                named.append(dimensions.named(dimensions.own.dims.get(Local(name), ()), dimensions.input(number)))
        same = [sizes.pop() if len(sizes) == 1 else "" for sizes in map(set, zip(*named, strict=False))]
        return self._told(self._rows(lambda use: use.inputs[which]), index, same)

    def given(self) -> str:
        """The shape of what the block gives: of output `i`, or by the argument that says which value it is like."""
        said = {dimensions.told(sizes, refs) for dimensions, sizes, refs in self._outputs()}
        if len(said) == 1 and LOST not in (one := said.pop()):
            return one
        rows = self._rows(lambda use: [resolve(self.network.graph, use.id, local) for local in use.outputs.values()])
        if len(self.block[-1][0].outputs) > 1:
            return self._told(rows, NUMBER)
        made = (self._told(numbered, index) for index, numbered in self._by_arguments(rows))
        return next((told for told in made if LOST not in told), self._told(rows, None))

    def _outputs(self) -> Iterator[tuple[Dimensions, Sizes, list[Ref]]]:
        """The outputs of all templates, each with its sizes and with what it is in every use."""
        for template, dimensions in self.block:
            for port in template.outputs:
                refs = [resolve(self.network.graph, use.id, use.outputs[port]) for use in template.uses]
                yield dimensions, dimensions.own.gives.get(port, ()), refs

    def _rows(self, read: Callable[[Scope], Sequence[Ref]]) -> list[_Row]:
        """What each use reads or gives, numbered, in the order of the templates and their uses."""
        rows = []
        for template, _ in self.block:
            for use in template.uses:
                first, *others = map(self.network.shape, use.inputs)
                taken = (first, *others)[self.start :]
                rows += [_Row(ref, self.network.shape(ref), i, first, taken) for i, ref in enumerate(read(use))]
        return rows

    def _by_arguments(self, rows: Sequence[_Row]) -> Iterator[tuple[Expr, list[_Row]]]:
        """The rows of one output, numbered by an argument that is the number of a value in every use."""
        uses = [(dimensions, k) for template, dimensions in self.block for k in range(len(template.uses))]
        for name, said in self.block[-1][1].said.items():
            held = [dimensions.own.held(name)[k] for dimensions, k in uses if name in dimensions.said]
            pairs = zip(rows, held, strict=False)
            if len(held) == len(rows) and all(type(n) is int and 0 <= n < len(row.taken) for row, n in pairs):
                yield said, [replace(row, number=int(n)) for row, n in zip(rows, held, strict=True)]  # type: ignore[arg-type]

    def _told(self, rows: Sequence[_Row], index: Expr | None, same: Sequence[str] = ()) -> str:
        """A shape, of which a size may have the `same` name in all classes."""
        shapes = [row.shape for row in rows]
        if len({(len(x.dims), x.batch, x.channels_last) for x in (*shapes, *(row.first for row in rows))}) != 1:
            return "(N, ...)"
        channels, dims = channel_axis(shapes[0]), list[str]()
        for axis, letter in enumerate(self.block[0][1].lettering([row.ref for row in rows])):
            told = same[axis] if axis < len(same) else ""
            told = told or (self._channels(rows, axis, index) if axis == channels else _size(rows, axis, letter, index))
            dims.append(told or letter + LOST)
        return f"({', '.join(['N'] * shapes[0].batch + dims)})"

    def _channels(self, rows: Sequence[_Row], axis: int, index: Expr | None) -> str:
        """What the constructor takes of the values, where that is the size of each row: `channels[i]`."""
        if not self.noun:
            return ""
        if not self.each:
            same = all(row.has_size_of(value, axis) for row in rows for value in row.taken)
            return self.noun if same else ""
        same = all(row.number < len(row.taken) and row.has_size_of(row.taken[row.number], axis) for row in rows)
        return text(Index(Name(self.noun), index)) if same and index is not None else ""


def _size(rows: Sequence[_Row], axis: int, letter: str, index: Expr | None) -> str:
    """A size by that of the first input, which may halve from value to value: `H / 2**i`; "" for any other."""
    for step in STEPS if index is not None else STEPS[:1]:
        found = {Fraction(row.shape.dims[axis], row.first.dims[axis]) / step**row.number for row in rows}
        if len(found) == 1:
            made = _times(Name(letter), found.pop())
            if step == 1 or index is None:
                return text(made)
            by, operator = (step, "*") if step > 1 else (1 / step, "/")
            return text(Binary(operator, made, Binary("**", Literal(int(by)), index)))
    return ""


def _times(expr: Expr, share: Fraction) -> Expr:
    """`2 * H` for twice as much, `H / 2` for half of it."""
    if share.numerator != 1:
        expr = Binary("*", Literal(share.numerator), expr)
    return expr if share.denominator == 1 else Binary("/", expr, Literal(share.denominator))
