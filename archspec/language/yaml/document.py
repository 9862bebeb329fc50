"""Document: a YAML text as a tree in which every value keeps its place."""

from typing import TypeAlias

from archspec.diagnostics.diagnostic import Span
from archspec.values.dataclass import dataclass

ScalarValue: TypeAlias = int | float | bool | str | None


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar, resolved by YAML 1.2's core schema.

    Attributes:
        value: what it resolves to.
        text: as written, quotes and escapes resolved.
        span: the whole token, quotes included.
        plain: written without quotes or block style, so that column offsets into `text` are offsets into the source.
    """

    value: ScalarValue
    text: str
    span: Span
    plain: bool


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple["Yaml", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping in writing order; keys are unique by their text."""

    entries: tuple[tuple[Scalar, "Yaml"], ...]
    span: Span


Yaml: TypeAlias = Scalar | Sequence | Mapping
