"""Spec: a document that has the right structure, every part with its place, and every expression parsed.

Compared by identity throughout: a `Block` or an `Entry` is one written thing, whatever it holds.
"""

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Literal as OneOf

from archspec.diagnostics.diagnostic import Source, Span
from archspec.language.yaml.document import Yaml
from archspec.values.dataclass import dataclass
from archspec.values.expression import Expr, Literal, Value
from archspec.values.shape import Stated

NO_VALUES: Mapping[str, Value] = MappingProxyType({})
SHAPE = "shape"  # the figure of an output, and of a block, that is no measure


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A value as its author wrote it: plain, an expression, or a list with expressions inside."""

    expr: Expr
    yaml: Yaml

    @property
    def span(self) -> Span:
        """The value's place."""
        return self.yaml.span

    @property
    def plain(self) -> bool:
        """Whether it is the same everywhere: no expression, or one without names."""
        return isinstance(self.expr, Literal)


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """A name as written, with its place."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What an author tells `archspec lint` of a member, a block or a spec.

    Attributes:
        ignore: names of rules that say nothing of it.
        logits: names of outputs that a loss takes as logits.
    """

    ignore: tuple[Named, ...] = ()
    logits: tuple[Named, ...] = ()


NOTHING_TOLD = Told()


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """A dotted reference: `pool1.indices`, and in outputs `features.stage1.pool`."""

    names: tuple[str, ...]
    span: Span

    def __str__(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """`when`: all of `tests` hold; `training` where the bare word is among them."""

    tests: tuple[Written, ...]
    training: bool
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Alternative:
    """Which of several things a member may be; of all, the first whose condition holds is there.

    Attributes:
        number: its place among them, from 0.
        count: how many there are.
        tests: its own condition; None where it is there if none above is.
        every: the conditions of all of them.
    """

    number: int
    count: int
    tests: Condition | None
    every: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, eq=False)
class From:
    """What a member reads: by position, or by the input's name; of `any_number` where it names several together."""

    listed: tuple[Path, ...]
    named: Mapping[str, tuple[Named, Path]] | None
    span: Span
    any_number: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Tie:
    """A tensor of a member that is another's: `weight` is `wte.weight`."""

    own: Path
    other: Path


@dataclass(frozen=True, slots=True, eq=False)
class WrittenStart:
    """What a tensor starts with: `weight: {normal: {std: 0.02}}`.

    Attributes:
        tensor: its name in the op.
        initialiser: `normal`, with its place.
        settings: `std`.
        keys: the places of their keys.
    """

    tensor: Named
    initialiser: Named
    settings: Mapping[str, Written]
    keys: Mapping[str, Span]


@dataclass(frozen=True, slots=True, eq=False)
class WrittenRule:
    """What the tensors of an op start with; at a member, `op` has no name."""

    op: Named
    starts: tuple[WrittenStart, ...]
    when: Condition | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Port:
    """One output of a body: its name, what it stands for, and the condition it exists under.

    Attributes:
        every: the outputs of the block that `path` leads to, where it stands for all of them: `logits_0`, `aux_0`.
        group: of one of several, `maps_0` of `maps.*`, what they are called together.
    """

    name: Named
    path: Path
    when: Condition | None = None
    every: "tuple[Port, ...]" = ()
    group: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ParamDecl:
    """A declared param.

    Attributes:
        type: one of int, float, number, bool, str, list, any.
        varied: a variant of the spec sets it.
        follows: the default where it follows from params above.
        doc: what its author says of it.
        length: how many items a list has; 0 for any number.
    """

    name: str
    type: str
    default: Value
    required: bool
    choices: tuple[Value, ...]
    span: Span
    varied: bool = False
    follows: Written | None = None
    doc: str = ""
    length: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Let:
    """A name for a value.

    Attributes:
        written: the value as its author wrote it.
        expr: the value in the names of params and inputs, what other lets stand for put in.
        readers: the places of the expressions that name it.
    """

    name: str
    span: Span
    written: Written
    expr: Expr
    readers: list[Span]


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A member of a graph as written.

    Attributes:
        name: the member's name; its index where the graph is a list.
        name_span: the key, or the whole item of a list.
        span: from the key to the end of the entry.
        kind: which of `op`, `block` and `graph` it has.
        target: the op's or block's name; None for an inline graph.
        fields: the op's fields or the block's arguments.
        field_keys: the places of their keys.
        share: the member whose module it uses again.
        ties: those of its tensors that are others'.
        alternative: which of several it is that have one name; its `when` then says too that none above is there.
        each: the several values of which each has a member like this.
        one: these members are all one module.
        names: of a repeat, the name of its first part, which ends in a number; later parts count on.
        body: the inline graph.
        outputs: for a block, what this use of it gives instead of the definition's outputs; for an op, the
            names of its several values.
        carried: the values of the keys that the language hands on as they are.
        init: what its tensors start with.
        freeze: whether its parameters do not learn.
        told: what lint is told of it.
    """

    name: str
    name_span: Span
    span: Span
    kind: OneOf["op", "block", "inline"]
    target: Written | None
    fields: Mapping[str, Written]
    field_keys: Mapping[str, Span]
    reads: From | None = None
    when: Condition | None = None
    repeat: Written | None = None
    each: From | None = None
    one: bool = False
    first: Mapping[str, Written] | None = None
    last: Mapping[str, Written] | None = None
    names: Named | None = None
    share: Named | None = None
    ties: tuple[Tie, ...] = ()
    alternative: Alternative | None = None
    body: "Block | None" = None
    variant: Written | None = None
    outputs: tuple[Port, ...] = ()
    carried: Mapping[str, Value] = field(default_factory=lambda: NO_VALUES)
    init: WrittenRule | None = None
    freeze: Written | None = None
    told: Told = NOTHING_TOLD

    @property
    def op_name(self) -> str:
        """The op's name; "" for what is none, and where an expression chooses the op."""
        return str(self.target.expr.value) if self.target is not None and isinstance(self.target.expr, Literal) else ""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A graph with its params, inputs and outputs: a named block, an inline graph, or the body of a spec.

    Where an expression inside names one of `lets`, the tree has what that stands for in its place. `outputs` is empty
    where the last member is the output. With `lists`, the members of a repeat are in lists of the graph around. The
    members in `order` stand in this order in the state_dict, in the places that they have together; the others stand
    where they are written. `carried` has the values of the keys that the language hands on as they are. `init` says
    what tensors inside start with, an op each; `freeze` says whether parameters inside learn, and `told` is for lint.
    Where it takes `many`, the last input stands for any number of values; `for_count` keeps the block that this is for
    each number of inputs. In that, `several` is this input and `before` how many there are besides.
    """

    name: str
    span: Span
    params: Mapping[str, ParamDecl]
    inputs: tuple[Named, ...]
    members: tuple[Entry, ...]
    outputs: tuple[Port, ...]
    listed: bool = False
    flat: bool = False
    lists: bool = False
    order: tuple[Named, ...] = ()
    carried: Mapping[str, Value] = field(default_factory=lambda: NO_VALUES)
    lets: tuple[Let, ...] = ()
    init: tuple[WrittenRule, ...] = ()
    freeze: Written | None = None
    told: Told = NOTHING_TOLD
    many: bool = False
    several: Named | None = None
    before: int = 0
    for_count: "dict[int, Block]" = field(default_factory=dict, init=False, repr=False)

    @property
    def doc(self) -> str:
        """The author's note, if any."""
        return str(self.carried.get("doc", ""))


@dataclass(frozen=True, slots=True, eq=False)
class InputDecl:
    """A declared input of a spec: dimensions without the batch, and which values it has where they are drawn."""

    name: str
    dims: Written
    dtype: Stated
    span: Span
    values: Written | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Fact:
    """One expected figure.

    Attributes:
        of: what it is a figure of.
        path: of the block; the name of the output, "" for the first.
        figure: the name of a measure, or SHAPE.
        value: as expected.
        span: where it is written.
    """

    of: OneOf["network", "output", "block"]
    path: str
    figure: str
    value: Value
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """What is expected of one variant, under further settings and other inputs."""

    variant: str
    settings: Mapping[str, Written]
    inputs: Mapping[str, tuple[int, ...]]
    facts: tuple[Fact, ...]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """Named settings of the params."""

    name: str
    settings: Mapping[str, Written]
    keys: Mapping[str, Span]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Spec:
    """A whole spec, the specs that it uses included.

    Attributes:
        body: the top-level graph; its params are the spec's.
        sections: the places of the top-level keys.
        use_spans: the places of the keys under `use`.
        whole: of a block of a spec that is used alone, that spec.
    """

    name: str
    doc: str
    source: Source
    body: Block
    variants: Mapping[str, Variant]
    inputs: Mapping[str, InputDecl]
    uses: Mapping[str, "Spec"]
    use_spans: Mapping[str, Span]
    blocks: Mapping[str, Block]
    expect: tuple[Case, ...]
    sections: Mapping[str, Span]
    whole: "Spec | None" = None

    @property
    def is_block(self) -> bool:
        """Whether it is a block that reads nothing of its spec, and so is what that spec has, wherever it is used."""
        return self.whole is not None and self.whole.blocks.get(self.name) is self.body

    @property
    def span(self) -> Span:
        """The whole document."""
        return self.body.span
