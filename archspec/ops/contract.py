"""Products that sum over dimensions: one multiply-add per element of the product and of what is summed over."""

from collections.abc import Mapping, Sequence
from math import floor, prod
from typing import ClassVar, NamedTuple

from pydantic import Field

from archspec.ops.align import listing
from archspec.ops.broadcast import broadcast, dtype_of
from archspec.ops.op import Op, Role, ShapeFault, op
from archspec.ops.sizes import BETWEEN_SAMPLES, plural, rank_of
from archspec.values.cost import Cost
from archspec.values.shape import Shape
from archspec.values.source import Operation, Source, invoke


@op
class Matmul(Op):
    """Matrix product over the last two dimensions: (N, ..., L, K), (N, ..., K, M) -> (N, ..., L, M).

    The dimensions before them broadcast. A matrix without a batch serves all samples, and then features will do for
    the other factor: (N, K), (K, M) -> (N, M).
    """

    name: ClassVar[str] = "matmul"
    also_called: ClassVar[Mapping[str, str]] = {"bmm": "", "mm": "", "dot": "", "batch_matmul": ""}
    numeric: ClassVar[frozenset[str]] = frozenset({"x", "other"})
    role: ClassVar[Role] = Role.LINEAR
    input_names: ClassVar[tuple[str, ...]] = ("x", "other")
    required: ClassVar[int] = 2
    function: ClassVar[str] = "torch.matmul"
    alike: ClassVar[bool] = True

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        x, other = xs
        if rank_of(x) < 2 or rank_of(other) < 2 or (other.batch and len(other.dims) < 2):
            raise ShapeFault("rank-mismatch", f"{self.name} needs matrices", pointed=listing(xs))
        if x.dims[-1] != other.dims[-2]:
            message = f"{self.name} needs as many columns as the other factor has rows, {other.dims[-2]}"
            raise ShapeFault("shape-mismatch", message, pointed=listing(xs))
        if x.batch and len(x.dims) < 2:
            if other.batch or len(other.dims) > 2:
                raise ShapeFault("rank-mismatch", f"{self.name} needs matrices", pointed=listing(xs))
            return (Shape((other.dims[-1],), x.batch, dtype_of(xs)),)
        rest = broadcast(self.name, [Shape(one.dims[:-2], one.batch) for one in xs])
        dims = (*rest.dims, x.dims[-2], other.dims[-1])
        last = len(dims) > 2 and x.channels_last and other.channels_last
        return (Shape(dims, rest.batch, dtype_of(xs), channels_last=last),)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        # fvcore takes the first factor's size, whatever it broadcasts to.
        return Cost(macs=ys[0].numel * xs[0].dims[-1], fvcore=xs[0].numel * xs[1].dims[-1])

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return Operation("@", args[0], args[1])


@op
class Outer(Op):
    """Products of all elements of two vectors without a batch: (L,), (M,) -> (L, M).

    With a batch it is `{op: einsum, equation: "nl,nm->nlm"}`.
    """

    name: ClassVar[str] = "outer"
    role: ClassVar[Role] = Role.LINEAR
    input_names: ClassVar[tuple[str, ...]] = ("x", "vec2")
    required: ClassVar[int] = 2
    function: ClassVar[str] = "torch.outer"

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if any(x.batch or len(x.dims) != 1 for x in xs):
            vectors = all(x.batch and len(x.dims) == 1 for x in xs)
            cure = '{op: einsum, equation: "nl,nm->nlm"} does it for each sample' if vectors else ""
            message = "outer needs vectors without a batch"
            raise ShapeFault("rank-mismatch", message, help=cure, pointed=listing(xs))
        return (Shape((xs[0].dims[0], xs[1].dims[0]), 0, dtype_of(xs)),)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(elementwise=ys[0].numel)


class _Equation(NamedTuple):
    """`nld,nsd->nls` as the letters of the inputs and of the output."""

    inputs: tuple[str, ...]
    output: str


@op
class Einsum(Op):
    """Sum of products over named dimensions: (N, L, D), (N, S, D) -> (N, L, S) for `nld,nsd->nls`.

    Every dimension has a letter, the batch included: it is the first of each input that has one, and of the output.
    """

    name: ClassVar[str] = "einsum"
    also_called: ClassVar[Mapping[str, str]] = {"tensordot": ""}
    numeric: ClassVar[frozenset[str]] = frozenset({"x", "other"})
    role: ClassVar[Role] = Role.LINEAR
    input_names: ClassVar[tuple[str, ...]] = ("x", "other")
    function: ClassVar[str] = "torch.einsum"
    alike: ClassVar[bool] = True

    equation: str = Field(description="letters of the inputs' dimensions, `->`, and those of the output")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
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

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        equation = self._equation(len(xs))
        sizes = self._sizes(equation, xs)
        return Cost(macs=_multiply_adds(equation, sizes), fvcore=_by_fvcore(equation, sizes))

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        return invoke("torch.einsum", slots["equation"], *args)

    def label(self) -> str:
        return self.equation


def _multiply_adds(equation: _Equation, sizes: Mapping[str, int]) -> int:
    """What torch's batched matrix product does; without a sum over what both inputs have, it multiplies alone.

    A letter that one input has alone is summed over before, and costs nothing; nor does one of size 1.
    """
    if len(equation.inputs) < 2:
        return 0
    first, second = map(set, equation.inputs)
    contracted = {letter for letter in (first & second) - set(equation.output) if sizes[letter] > 1}
    if not contracted:
        return 0
    return prod(sizes[letter] for letter in contracted | set(equation.output))


def _by_fvcore(equation: _Equation, sizes: Mapping[str, int]) -> int:
    """What fvcore reads from numpy's report: half of a count that is printed with four digits.

    Two equations it knows itself, and counts exactly.
    """
    terms = ",".join(equation.inputs)
    letters = {letter: chr(97 + at) for at, letter in enumerate(dict.fromkeys(terms.replace(",", "")))}
    renamed = "".join(letters.get(letter, letter) for letter in f"{terms}->{equation.output}")
    elements = prod(sizes.values())
    if renamed in {"abc,abd->acd", "abc,adc->adb"}:
        return elements
    summed = set(sizes) - set(equation.output)
    return floor(float(f"{elements * (2 if summed else 1) + 1:.3e}") / 2)
