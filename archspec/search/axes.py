"""Axes: what differs between the variants of a sweep, from `--set width=32,48,64` and `--input 224,256` to values.

1,2,4            three values; a value with commas stands in brackets: [2,2,2,2],[3,4,6,3]
1..4             1, 2, 3 and 4
32..128:32       32, 64, 96 and 128
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import floor, prod
from typing import Literal, TypeAlias

from archspec.diagnostics.diagnostic import Diagnostic, Source, Span, SpecError
from archspec.language.check.structure import plain
from archspec.language.spec import Spec
from archspec.language.yaml.document import Scalar, Yaml
from archspec.language.yaml.document import Sequence as Items
from archspec.language.yaml.parse import parse
from archspec.registry import nearest
from archspec.search.given import Given
from archspec.values.dataclass import dataclass
from archspec.values.expression import Value

MOST = 10_000_000  # variants of one sweep
LONGEST = 100_000  # values of one range

Kind: TypeAlias = Literal["variant", "set", "input"]

_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})(?::({_NUMBER}))?")
_SIZE = re.compile(r"[1-9][0-9]*(?:[xX][1-9][0-9]*)*")


@dataclass(frozen=True, slots=True)
class Axis:
    """One thing that differs.

    Attributes:
        kind: a variant of the spec, a param, or the size of an input.
        name: of the param or the input; "" for variants.
        values: of a param as YAML has them; of an input its sizes without the batch, or one number for all sizes after
            the first.
    """

    kind: Kind
    name: str
    values: tuple[Value, ...]

    @property
    def heading(self) -> str:
        """What a column of it is called."""
        return self.name or self.kind


@dataclass(frozen=True, slots=True)
class Variant:
    """One place of a grid.

    Attributes:
        number: its place, from 0.
        name: of the spec's variant; None for the one asked for.
        settings: param -> value.
        sizes: input -> sizes, or one number for all after the first.
    """

    number: int
    name: str | None
    settings: Mapping[str, Value]
    sizes: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Grid:
    """All combinations of the values of some axes; the last axis changes first."""

    axes: tuple[Axis, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return prod(len(axis.values) for axis in self.axes)

    def values(self, number: int) -> tuple[Value, ...]:
        """The value on each axis at this place."""
        found: list[Value] = []
        for axis in reversed(self.axes):
            number, at = divmod(number, len(axis.values))
            found.append(axis.values[at])
        return tuple(reversed(found))

    def variant(self, number: int) -> Variant:
        """What stands at this place."""
        values = list(zip(self.axes, self.values(number), strict=True))
        named = [str(value) for axis, value in values if axis.kind == "variant"]
        return Variant(
            number,
            named[0] if named else None,
            {axis.name: value for axis, value in values if axis.kind == "set"},
            {axis.name: value for axis, value in values if axis.kind == "input"},
        )


def grid(spec: Spec, variants: str | None, settings: Sequence[str], inputs: Sequence[str]) -> Grid:
    """The grid that the options describe.

    Args:
        spec: whose variants they are.
        variants: `resnet18,resnet34`; None where one is named elsewhere.
        settings: `width=32,48,64`, one each.
        inputs: `224,256` or `image=3x224x224,3x256x256`, one each.

    Raises:
        SpecError: with everything that is wrong with them.
    """
    found: list[Diagnostic] = []
    axes: list[Axis] = []
    options = [(Given("--variant", variants), _of_variants)] if variants is not None else []
    options += [(Given("--set", text), _of_param) for text in settings]
    options += [(Given("--input", text), _of_input) for text in inputs]
    for given, read in options:
        try:
            axis = read(spec, given)
            if any(other.heading == axis.heading for other in axes):
                help = "name all of its values once, with commas between"
                raise given.fault("bad-range", f"{axis.heading} is given twice", help=help)
            axes.append(axis)
        except SpecError as error:
            found += error.diagnostics
    made = Grid(tuple(axes))
    if not found and made.count > MOST:
        counts = " x ".join(str(len(axis.values)) for axis in axes)
        message = f"{counts} are {made.count:,} variants, and a sweep has at most {MOST:,}"
        raise options[-1][0].fault("bad-range", message, help="take larger steps: 32..512:32")
    if found:
        raise SpecError(tuple(found))
    return made


def spread_values(given: Given, start: int) -> tuple[Value, ...]:
    """The values that stand in the text from `start` on: `8..64:8` and `8,16`. Raises SpecError."""
    return tuple(value for item in _items(given, start) for value in _spread(item, given))


def _of_variants(spec: Spec, given: Given) -> Axis:
    names = [name.strip() for name in given.text.split(",")]
    if names == ["*"]:
        names = [*spec.variants]
    for name in names:
        if name not in spec.variants:
            near = nearest(name, spec.variants)
            known = f"its variants are {', '.join(spec.variants)}" if spec.variants else "it has no variants"
            help = f"did you mean {near}?" if near else known
            at = given.text.index(name)
            message = f"{spec.name} has no variant {name}"
            raise given.fault("unknown-variant", message, at=(at, at + len(name)), help=help)
    return Axis("variant", "", tuple(names))


def _of_param(spec: Spec, given: Given) -> Axis:
    name, equals, _ = given.text.partition("=")
    if not equals or not name:
        help = "a param and its values: --set width=32,48,64"
        raise given.fault("bad-range", f"'{given.text}' is not NAME=VALUES", help=help)
    decl = spec.body.params.get(name)
    if decl is None:
        near = nearest(name, spec.body.params)
        help = f"did you mean {near}?" if near else f"its params are {', '.join(spec.body.params) or 'none'}"
        raise given.fault("unknown-param", f"{spec.name} has no param {name}", at=(0, len(name)), help=help)
    values: list[Value] = []
    for item in _items(given, len(name) + 1):
        values += (_frozen(plain(item)),) if decl.type == "str" else _spread(item, given)
    return Axis("set", name, tuple(values))


def _of_input(spec: Spec, given: Given) -> Axis:
    name, equals, _ = given.text.rpartition("=")
    if name not in spec.inputs and (name or len(spec.inputs) > 1):
        near = nearest(name, spec.inputs)
        help = f"did you mean {near}?" if near else f"its inputs are {', '.join(spec.inputs)}"
        message = f"{spec.name} has no input {name}" if name else f"{spec.name} has several inputs: name the one meant"
        raise given.fault("unknown-input", message, at=(0, len(name) or None), help=help)
    values: list[Value] = []
    for item in _items(given, len(name) + len(equals)):
        if isinstance(item, Scalar) and _SIZE.fullmatch(item.text):
            sizes = tuple(int(size) for size in item.text.lower().split("x"))
            values.append(sizes if len(sizes) > 1 else sizes[0])
            continue
        spread = _spread(item, given)
        if not all(isinstance(size, int) and not isinstance(size, bool) and size > 0 for size in spread):
            message = "sizes are written 3x224x224; one number stands for all sizes after the first: 224"
            raise given.fault("bad-range", message, at=_at(item.span, given))
        values += spread
    return Axis("input", name or next(iter(spec.inputs)), tuple(values))


def _items(given: Given, start: int) -> tuple[Yaml, ...]:
    """What stands between commas from `start` on. Raises SpecError, which points into the text as given."""
    source = given.source
    first = given.start + start
    before = " " * (first - 1)  # and one bracket, so that columns are those of the text
    try:
        read = parse(Source(source.name, f"{before}[{source.text[first:]}]"))
    except SpecError as error:
        moved = (replace(one, span=given.span(*_at(one.span, given)), labels=()) for one in error.diagnostics)
        raise SpecError(tuple(moved)) from None
    items = read.items if isinstance(read, Items) else ()
    if not items:
        raise given.fault("bad-range", "there is no value", help="values stand between commas: 32,48,64")
    return items


def _at(span: Span, given: Given) -> tuple[int, int]:
    """The letters of the text at this place of its line."""
    return span.column - given.start - 1, span.end_column - given.start - 1


def _spread(item: Yaml, given: Given) -> tuple[Value, ...]:
    """The values of a range; a plain value as it is."""
    match = _RANGE.fullmatch(item.text) if isinstance(item, Scalar) and item.plain else None
    if match is None or not isinstance(item, Scalar):
        return (_frozen(plain(item)),)
    whole = not any("." in group for group in match.groups() if group)
    first, last = float(match[1]), float(match[2])
    step = float(match[3]) if match[3] else 1.0
    if step <= 0 or last < first or (last - first) / step > LONGEST:
        message = f"{item.text} has {'no' if step <= 0 or last < first else 'too many'} values"
        help = "from the lowest to the highest, and then the step: 1..4, 32..128:32"
        raise given.fault("bad-range", message, at=_at(item.span, given), help=help)
    count = floor((last - first) / step + 1e-9) + 1
    numbers: Iterable[float] = (round(first + at * step, 12) for at in range(count))
    return tuple(int(number) if whole else number for number in numbers)


def _frozen(value: object) -> Value:
    """A value of YAML; of a mapping, which no param takes, its keys."""
    if isinstance(value, (list, dict)):
        return tuple(map(_frozen, value))
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
