"""Template: the uses of one class, lined up part by part."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import TypeAlias

from archspec.importer.tree import Graph, Member, Plain
from archspec.values.dataclass import dataclass
from archspec.values.expression import Expr


@dataclass(frozen=True, slots=True)
class Ref:
    """What a part reads: an output of another part, or with `at` -1 an input of the graph."""

    at: int
    port: int = 0


class Mismatch(Exception):
    """Uses that have no common template."""


class Unexplained(Exception):
    """Trees that differ from the first in what follows from no argument.

    Attributes:
        trees: which of them.
    """

    def __init__(self, trees: Iterable[int]) -> None:
        super().__init__()
        self.trees = frozenset(trees)


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A member of one use.

    Attributes:
        member: it, or the first of a repeat.
        repeated: all parts of a repeat; empty for what is none.
        reads: the values it reads.
        gives: the values it gives.
    """

    member: Member
    reads: tuple[int, ...]
    gives: tuple[int, ...]
    repeated: tuple[Member, ...] = ()

    @property
    def name(self) -> str:
        """What it is called, "" for a repeat that is all of a list."""
        return self.member.name


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A part of a template.

    Attributes:
        name: its name.
        uses: the item of each use; None where a use does not have it.
        reads: what it reads in every use.
        template: of a graph in place.
        block: that it is a use of, or parts of.
        names: what the first part of a repeat is called.
    """

    name: str
    uses: tuple[Item | None, ...]
    reads: tuple[Ref, ...]
    template: "Template | None" = None
    block: "Block | None" = None
    names: str = ""

    @property
    def there(self) -> tuple[Item, ...]:
        """The items of the uses that have it."""
        return tuple(item for item in self.uses if item is not None)

    @property
    def first(self) -> Member:
        """A member that shows what all of them are."""
        return self.there[0].member

    @property
    def repeats(self) -> bool:
        """Whether it is a repeat of a block."""
        return bool(self.there[0].repeated)

    @property
    def rounds(self) -> bool:
        """Whether it is rounds over lists of the graph around."""
        return self.first.graph is not None and self.first.graph.rounds == "all"

    @property
    def training(self) -> bool:
        """Whether it is there in training only."""
        return any(item.member.training for item in self.there)


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """All uses of one class, or of a graph in place in them.

    Attributes:
        parts: in their order.
        inputs: the names of its inputs.
        outputs: what it gives.
        uses: the graphs; None where a use of the class does not have this graph in place.
        listed: its parts are numbered.
    """

    parts: tuple[Part, ...]
    inputs: tuple[str, ...]
    outputs: tuple[Ref, ...]
    uses: tuple[Graph | None, ...]
    listed: bool

    @property
    def lead(self) -> Graph:
        """A graph that shows what all of them are."""
        return next(use for use in self.uses if use is not None)

    def owner(self, part: Part) -> Part:
        """The part whose parameters a part uses again; it itself where it has its own."""
        shared = part.first.share
        return next(one for one in self.parts if one.name == shared) if shared else part


Said: TypeAlias = "Expr | Plain"


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """How each setting of a template is written, by the id of its part and the setting's name.

    Attributes:
        settings: fields of an op, arguments of a block.
        first: the same for the first part of a repeat.
        last: the same for the last of rounds over lists.
        when: the condition of a part that some uses do not have.
        ops: the op, where uses differ in it.
        counts: how often a repeat repeats.
    """

    settings: dict[tuple[int, str], Said] = field(default_factory=dict)
    first: dict[tuple[int, str], Said] = field(default_factory=dict)
    last: dict[tuple[int, str], Said] = field(default_factory=dict)
    when: dict[int, Expr] = field(default_factory=dict)
    ops: dict[int, Expr] = field(default_factory=dict)
    counts: dict[int, Said] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Param:
    """A param of a block.

    Attributes:
        type: its type.
        default: where it has one.
        required: whether it has none.
        length: how long a list has to be; 0 for any length.
        choices: the values that it may have; empty for all of its type.
    """

    type: str
    default: Plain = None
    required: bool = True
    length: int = 0
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A named block.

    Attributes:
        name: it.
        template: its uses.
        params: what differs between them.
        solution: how what differs follows from the params.
        doc: one line about it.
    """

    name: str
    template: Template
    params: Mapping[str, Param]
    solution: Solution
    doc: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """What the graphs of the tree became: the block of each, by the graph's id, and what it is given."""

    blocks: dict[int, Block] = field(default_factory=dict)
    arguments: dict[int, Mapping[str, Plain]] = field(default_factory=dict)

    def block(self, member: Member) -> Block | None:
        """The block that a member is a use of."""
        return self.blocks.get(id(member.graph)) if member.graph is not None else None

    def given(self, member: Member) -> Mapping[str, Plain]:
        """The arguments of a use."""
        return self.arguments[id(member.graph)]
