"""Einsum: products that sum over dimensions with letters, of any number of inputs.

One multiply-add for each element of a product and of what is summed over, product by product.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import combinations
from math import floor, inf, prod
from typing import ClassVar, NamedTuple, TypeAlias

from pydantic import Field

from archspec.ops.align import listing
from archspec.ops.broadcast import dtype_of
from archspec.ops.label import Label, Part
from archspec.ops.op import TO_NUMBER, Op, Role, ShapeFault, op
from archspec.ops.reach import WHOLE, Along, Reading
from archspec.ops.saved import Saved, of_product
from archspec.ops.sizes import BETWEEN_SAMPLES, plural, rank_of
from archspec.ops.strides import Read, Sizes, Strides, in_order, sizes
from archspec.values.cost import Cost
from archspec.values.shape import Shape, Shapes
from archspec.values.source import Source, invoke

# Letters of what is multiplied.
_Factors: TypeAlias = tuple[frozenset[str], ...]
MAX_INPUTS = 8  # the best order to multiply more is not found in a moment


class _Equation(NamedTuple):
    """`nld,nsd->nls` as the letters of the inputs and of the output."""

    inputs: tuple[str, ...]
    output: str


@op
class Einsum(Op):
    """Sum of products over named dimensions: (N, L, D), (N, S, D) -> (N, L, S) for `nld,nsd->nls`.

    Every dimension has a letter, the batch included: it is the first of each input that has one, and of the output. Of
    more than two inputs the first two are multiplied first, then what they give and the third, as torch does it without
    the package opt_einsum.
    """

    low_precision: ClassVar[bool] = True
    name: ClassVar[str] = "einsum"
    takes_complex: ClassVar[bool] = True
    also_called: ClassVar[Mapping[str, str]] = {"tensordot": ""}
    role: ClassVar[Role] = Role.LINEAR
    input_names: ClassVar[tuple[str, ...]] = ()
    variadic: ClassVar[bool] = True
    function: ClassVar[str] = "torch.einsum"
    alike: ClassVar[bool] = True

    equation: str = Field(description="letters of the inputs' dimensions, `->`, and those of the output")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if "bool" in {x.dtype for x in xs}:
            raise ShapeFault("wrong-type", "einsum takes numbers, and its inputs hold truth values", help=TO_NUMBER)
        equation = self._equation(len(xs))
        sizes = self._sizes(equation, xs)
        batched = [x for x in xs if x.batch]
        kept = equation.output[1:] if batched else equation.output
        dims = tuple(sizes[letter] for letter in kept)
        if not dims:
            raise ShapeFault("rank-mismatch", f"{self.equation} leaves no dimension", field="equation")
        return (Shape(dims, batched[0].batch if batched else 0, dtype_of(xs)),)

    def _equation(self, count: int) -> _Equation:
        left, arrow, output = self.equation.replace(" ", "").partition("->")
        terms = tuple(left.split(","))
        letters = "".join((*terms, output))
        if not arrow or not all(letter.isascii() and letter.isalpha() for letter in letters):
            wanted = "letters for each input with commas between, ->, and letters for the output"
            raise ShapeFault("bad-option", f"equation takes {wanted}, not {self.equation}", field="equation")
        if count > MAX_INPUTS:
            raise ShapeFault("bad-option", f"einsum takes {MAX_INPUTS} inputs at most, not {count}", field="equation")
        if len(terms) != count:
            message = f"{self.equation} has letters for {plural(len(terms), 'input')}, and einsum has {count}"
            raise ShapeFault("bad-option", message, field="equation")
        unknown = sorted(set(output) - set(left))
        if unknown or len(set(output)) < len(output):
            at_fault = f"{unknown[0]}, which no input has" if unknown else "a letter twice"
            raise ShapeFault("bad-option", f"the output of {self.equation} has {at_fault}", field="equation")
        return _Equation(terms, output)

    def _sizes(self, equation: _Equation, xs: tuple[Shape, ...]) -> dict[str, int]:
        """Size by letter, that of the batch being its rows per sample."""
        sizes: dict[str, int] = {}
        firsts = {term[:1] for term, x in zip(equation.inputs, xs, strict=True) if x.batch}
        for term, x in zip(equation.inputs, xs, strict=True):
            if len(term) != rank_of(x):
                message = f"{term} of {self.equation} does not name the {plural(rank_of(x), 'dimension')} of {x}"
                raise ShapeFault("rank-mismatch", message, field="equation")
            if firsts & set(term[1:] if x.batch else term) or len(firsts) > 1:
                message = f"{self.equation} mixes the samples of a batch"
                raise ShapeFault("bad-option", message, help=BETWEEN_SAMPLES, field="equation")
            for letter, size in zip(term, (x.batch, *x.dims) if x.batch else x.dims, strict=True):
                if sizes.setdefault(letter, size) != size:
                    message = f"{letter} of {self.equation} is {sizes[letter]} in one place and {size} in another"
                    raise ShapeFault("shape-mismatch", message, pointed=listing(xs), field="equation")
        if firsts and equation.output[:1] not in firsts:
            message = f"the output of {self.equation} does not start with the batch, {min(firsts)}"
            raise ShapeFault("bad-option", message, field="equation")
        return sizes

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        equation = self._equation(len(xs))
        term, kept = equation.inputs[index][xs[index].batch > 0 :], equation.output[ys[0].batch > 0 :]
        return tuple(Along(kept.index(letter)) if letter in kept else WHOLE for letter in term)

    def letters(self, xs: tuple[Shape, ...]) -> tuple[tuple[Hashable, ...], ...]:
        equation = self._equation(len(xs))
        if len(xs) != 2 or not set(equation.inputs[0]) & set(equation.inputs[1]) - set(equation.output):
            return ()
        terms = zip((*equation.inputs, equation.output), (*xs, *self.infer(xs)), strict=True)
        return tuple(tuple(term[1:] if x.batch else term) for term, x in terms)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        equation = self._equation(len(xs))
        sizes = self._sizes(equation, xs)
        return Cost(macs=_multiply_adds(equation, sizes), fvcore=_by_fvcore(equation, sizes))

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return invoke("torch.einsum", slots["equation"], *args)

    def label(self) -> Label:
        return Label("einsum", (Part("equation", self.equation, "equation"),))

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return of_product(wants)

    def read_as(self, xs: Shapes, ys: Shapes, *, training: bool) -> tuple[Read | None, ...]:
        equation = self._equation(len(xs))
        product = _product(equation)
        if product is None:
            return ()
        return tuple(_read(*each) for each in zip(equation.inputs, product.read, map(sizes, xs), strict=True))

    def strides(self, xs: Shapes, ys: Shapes, given: Sequence[Strides]) -> tuple[Strides | None, ...]:
        equation = self._equation(len(xs))
        product = _product(equation)
        return (
            in_order(sizes(ys[0]), [equation.output.index(letter) for letter in product.made]) if product else None,
        )


class _Product(NamedTuple):
    """One product of matrices, batch by batch.

    Attributes:
        read: of each factor, the letters of the batch and of the two sides of its matrices.
        made: letters of the output as it lies in memory.
    """

    read: tuple[tuple[str, str, str], tuple[str, str, str]]
    made: str


def _product(equation: _Equation) -> _Product | None:
    """The one product of matrices that it is; None of more factors, of diagonals, and where one factor is summed over.

    The first factor gives the rows, unless the output has all that only the second one has before that.
    """
    terms, output = equation.inputs, equation.output
    if len(terms) != 2 or any(len(set(term)) < len(term) for term in terms):
        return None
    one, other = terms
    if (set(one) ^ set(other)) - set(output):
        return None
    both = "".join(letter for letter in output if letter in one and letter in other)
    summed = "".join(sorted(set(one) & set(other) - set(output)))
    mine, theirs = ("".join(letter for letter in output if letter in term and letter not in both) for term in terms)
    if mine and theirs and output.index(theirs[-1]) < output.index(mine[0]):
        return _Product(((both, summed, mine), (both, theirs, summed)), both + theirs + mine)
    return _Product(((both, mine, summed), (both, summed, theirs)), both + mine + theirs)


def _read(term: str, parts: tuple[str, ...], of: Sizes) -> Read:
    """How a factor is read: as matrices whose sizes are those of the letters of each part together."""
    order = tuple(term.index(letter) for part in parts for letter in part)
    together = (prod(of[term.index(letter)] for letter in part) for part in parts)
    return Read(tuple(of[axis] for axis in order), tuple(together), order)


def _multiply_adds(equation: _Equation, sizes: Mapping[str, int]) -> int:
    """What torch's batched matrix products do, from left to right; without a sum over what both have, it multiplies.

    A letter that one factor has alone and nothing else reads is summed over before, and costs nothing; nor does one of
    size 1.
    """
    first, *others = map(frozenset, equation.inputs)
    made = 0
    for number, other in enumerate(others):
        kept = frozenset(equation.output).union(*others[number + 1 :])
        contracted = {letter for letter in (first & other) - kept if sizes[letter] > 1}
        first = (first | other) & kept
        if contracted:
            made += prod(sizes[letter] for letter in contracted | first)
    return made


def _by_fvcore(equation: _Equation, sizes: Mapping[str, int]) -> int:
    """What fvcore reads from numpy's report: half of a count that is printed with four digits.

    Two equations it knows itself, and counts exactly.
    """
    terms = ",".join(equation.inputs)
    letters = {letter: chr(97 + at) for at, letter in enumerate(dict.fromkeys(terms.replace(",", "")))}
    renamed = "".join(letters.get(letter, letter) for letter in f"{terms}->{equation.output}")
    if renamed in {"abc,abd->acd", "abc,adc->adb"}:
        return prod(sizes.values())
    return floor(float(f"{_by_numpy(equation, sizes) + 1:.3e}") / 2)


def _by_numpy(equation: _Equation, sizes: Mapping[str, int]) -> float:
    """The operations that `numpy.einsum_path` counts on its best way, whose parts are no larger than what is given."""
    inputs, output = tuple(map(frozenset, equation.inputs)), frozenset(equation.output)
    if len(inputs) < 3 or output == frozenset(sizes):
        return _operations(inputs, output, sizes)
    limit = max(prod(sizes[letter] for letter in term) for term in (*equation.inputs, equation.output))
    ways: dict[_Factors, float] = {inputs: 0}
    for _ in inputs[1:]:
        longer: dict[_Factors, float] = {}
        for factors, cost in ways.items():
            for pair, rest in _pairs(factors):
                kept = output.union(*rest)
                made = frozenset().union(*pair) & kept
                if prod(sizes[letter] for letter in made) <= limit:
                    left = tuple(sorted((*rest, made), key=sorted))
                    longer[left] = min(cost + _operations(pair, kept, sizes), longer.get(left, inf))
        if not longer:
            return min(cost + _operations(factors, output, sizes) for factors, cost in ways.items())
        ways = longer
    return min(ways.values())


def _pairs(factors: _Factors) -> Iterator[tuple[_Factors, _Factors]]:
    """Every two factors, and the rest."""
    for chosen in combinations(range(len(factors)), 2):
        rest = tuple(factor for at, factor in enumerate(factors) if at not in chosen)
        yield tuple(factors[at] for at in chosen), rest


def _operations(factors: Sequence[frozenset[str]], kept: frozenset[str], sizes: Mapping[str, int]) -> int:
    """Multiplications of one product, and additions where it sums."""
    letters = frozenset().union(*factors)
    summed = 1 if letters - kept else 0
    return prod(sizes[letter] for letter in letters) * (max(1, len(factors) - 1) + summed)
