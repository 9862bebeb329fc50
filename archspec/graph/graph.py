"""Graph: the flat DAG of nodes plus the tree of scopes.

    nodes   one per op use, id = path in the spec: "layer1/0/conv1"; inputs resolved across blocks and left-out nodes
    scopes  one per use of a block, an inline graph, a repeat or a whole spec; "" is the root

The picture and the path queries want the flat DAG; code, folding and per-block totals want the tree. So a node knows
both what it reads in the flat graph (`inputs`) and how its author named that inside the block (`reads`).
Facts about the graph (shapes, costs) are computed beside it and never stored in it.
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cached_property
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias, cast
from typing import Literal as OneOf

from archspec.diagnostics.diagnostic import Span
from archspec.language.spec import NOTHING_TOLD, Told
from archspec.ops.initialiser import Initialiser
from archspec.ops.op import Op
from archspec.values.dataclass import dataclass
from archspec.values.expression import Expr, Value

if TYPE_CHECKING:
    import networkx as nx

NO_EXPRS: Mapping[str, Expr] = MappingProxyType({})
NO_VALUES: Mapping[str, Value] = MappingProxyType({})
NO_NAMES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Ref:
    """An output of a node in the flat graph."""

    node: str
    port: str = ""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A parameter of a node: `weight` of `wte`; of an op that is a parameter itself, ""."""

    node: str
    name: str

    def __str__(self) -> str:
        return ".".join(filter(None, (*self.node.split("/"), self.name)))


@dataclass(frozen=True, slots=True)
class Local:
    """What a member reads, as named inside its scope: a sibling's name or one of the scope's inputs, and a port."""

    member: str
    port: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Alternative:
    """Which of several things a member is: the first whose test holds.

    Attributes:
        number: its place among them, from 0.
        count: how many there are.
        test: its own condition, where none before it holds; None where it then is there in any case.
        every: the conditions of all of them: what decides which it is, or that it is none.
    """

    number: int
    count: int
    test: Expr | None
    every: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """What a tensor starts with, as the author says it: of a member, or of every op of a kind inside a block.

    Attributes:
        op: the kind; "" at a member.
        tensor: as `init:` calls it.
        initialiser: its name.
        exprs: its settings that the author wrote as expressions, in the names around.
        when: the author's condition, None where there is none.
        span: of the initialiser in the source.
    """

    op: str
    tensor: str
    initialiser: str
    exprs: Mapping[str, Expr]
    when: Expr | None
    span: Span


@dataclass(frozen=True, slots=True)
class Start:
    """A rule in one use of what it stands in: with its values, and whether its condition holds."""

    rule: Rule
    value: Initialiser
    holds: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """Where a member is written. One site serves all uses of the block around it; compared by identity.

    Attributes:
        name: the member's name in its graph; for the parts of a `repeat`, the repeated member's name.
        span: the whole entry in the source.
        exprs: the op's fields, or the block's arguments, that the author wrote as expressions, in the enclosing
            block's names; under "op" what chooses the op itself.
        when: the author's condition, None where there is none (`when: training` is not one: see `train_only`).
        alternative: where it is one of several things, which; `when` then says too that none before it is there.
        repeat: the author's repeat count, where it was an expression.
        chosen: the expressions that choose the block, and the variant of another spec.
        outputs: what the author calls the values of an op, empty where they are numbers.
        carried: what the author gave to the keys that the language hands on as they are: `doc`.
        apart: it is of a part of a repeat that `first` or `last` sets apart from the others.
        init: what its tensors start with.
        freeze: the author's condition under which its parameters do not learn, where that is an expression.
        told: what the author tells lint of it.
        number: of a member of rounds over lists, which `rounds.py` has put into the graph around, that of its round.
        numbered: of such a one, `exprs` that read that number, before it stood for `i`.
    """

    name: str
    span: Span
    exprs: Mapping[str, Expr] = field(default_factory=lambda: NO_EXPRS)
    when: Expr | None = None
    alternative: Alternative | None = None
    repeat: Expr | None = None
    chosen: tuple[Expr, ...] = ()
    outputs: tuple[str, ...] = ()
    carried: Mapping[str, Value] = field(default_factory=lambda: NO_VALUES)
    apart: bool = False
    init: tuple[Rule, ...] = ()
    freeze: Expr | None = None
    told: Told = NOTHING_TOLD
    number: int | None = None
    numbered: Mapping[str, Expr] = field(default_factory=lambda: NO_EXPRS)

    @property
    def doc(self) -> str:
        """The author's note, if any."""
        return str(self.carried.get("doc", ""))

    @property
    def tests(self) -> tuple[Expr, ...]:
        """The conditions under which something is there; of several things that it may be, those of all."""
        own = () if self.when is None else (self.when,)
        return own if self.alternative is None else self.alternative.every


@dataclass(frozen=True, slots=True)
class Node:
    """One use of an op.

    Attributes:
        id: path from the root, "/" between names.
        name: last part of the id.
        scope: id of the scope it stands in.
        inputs: what it reads in the flat graph, in the op's input order (`max_unpool2d`: x, indices, like).
        reads: the same as the author names it inside the scope; parallel to `inputs`.
        train_only: runs only in training.
        share: id of the node whose parameters it uses again, "" for its own.
        ties: names of its parameters that are another node's, with those; a tensor that another takes has no tie.
        init: what the member says of its tensors; `starts.py` knows what rules around it say.
        frozen: the author freezes it; `freezing.py` knows what scopes around it say.
    """

    id: str
    name: str
    scope: str
    op: Op
    inputs: tuple[Ref, ...]
    reads: tuple[Local, ...]
    site: Site
    train_only: bool = False
    share: str = ""
    ties: tuple[tuple[str, Tensor], ...] = ()
    init: tuple[Start, ...] = ()
    frozen: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Param:
    """A declared param of a block or a spec.

    `required` where the spec gave a type and no default; `varied` where a variant of the spec sets it; `follows` is the
    default where it follows from other params of the same definition; `doc` is what its author says of it.
    """

    name: str
    type: str
    default: Value
    required: bool
    span: Span
    varied: bool = False
    follows: Expr | None = None
    doc: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """What a scope is a use of; compared by identity: two scopes with one definition become one emitted class.

    Attributes:
        name: the block's name, the used spec's `name`, or the member's name for an inline graph or a repeat.
        kind: "block" a named block; "inline" a graph in place; "repeat" the sequence that `repeat` makes; "spec" a
            whole spec.
        params: declared params in order; empty for inline graphs and repeats, which see their surroundings' params.
        inputs: names of its inputs.
        listed: its graph was written as a list, members named 0, 1, ...
        flat: `flat: true`: everything inside is one numbered nn.Sequential in the state_dict, whatever the nesting.
        order: members that stand in this order in the state_dict, in the places that they have together.
        carried: what the author gave to the keys that the language hands on as they are: `doc`.
        rounds: of a repeat, what its parts hold stands in lists of the graph around it; `rounds.py` puts it there.
        shares: of a repeat, its parts use the parameters of something again: one more part is no module more.
        alone: of a repeat, its part reads nothing of the one before: of more parts, only the last would be there.
        init: what tensors inside of it start with.
        freeze: the author's condition under which parameters inside do not learn, where that is an expression.
        told: what the author tells lint of it.
        lets: the author's names for values, each with its expression.
        many: of a block of any number of inputs, what the author calls these; "" of any other.
        before: how many inputs it has besides.
        hands: what the author has it give, each with the input that a next part of a repeat reads it as.
    """

    name: str
    kind: OneOf["spec", "block", "inline", "repeat"]
    params: tuple[Param, ...]
    inputs: tuple[str, ...]
    span: Span
    listed: bool = False
    flat: bool = False
    order: tuple[str, ...] = ()
    carried: Mapping[str, Value] = field(default_factory=lambda: NO_VALUES)
    rounds: bool = False
    shares: bool = False
    alone: bool = False
    init: tuple[Rule, ...] = ()
    freeze: Expr | None = None
    told: Told = NOTHING_TOLD
    lets: tuple[tuple[str, Expr], ...] = ()
    many: str = ""
    before: int = 0
    hands: tuple[tuple[str, str], ...] = ()

    @property
    def doc(self) -> str:
        """The author's note, if any."""
        return str(self.carried.get("doc", ""))


@dataclass(frozen=True, slots=True)
class Absent:
    """A member left out because its `when` is false or its `repeat` is 0: what reads it reads `reads[0]` instead."""

    name: str
    site: Site
    reads: tuple[Local, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Rounds:
    """Rounds over lists whose members `rounds.py` has put into the graph around.

    `site` says how many there are, `lists` are the names of those that their modules are in, and `reads` is what each
    round reads. `plain` means that nothing is said of a member of one round, and that none is left out.
    """

    site: Site
    lists: tuple[str, ...]
    reads: tuple[tuple[Ref, ...], ...]
    plain: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """One use of a block, an inline graph, a repeat or a whole spec.

    Attributes:
        id: path from the root; "" is the root.
        name: last part of the id; the spec's name for the root.
        parent: id of the scope around it; the root's is "".
        args: values of the definition's params in this use. An inline graph and a repeat carry their surroundings'
            args; inside the parts of a repeat there is also `i`, the number of the part.
        reads: what feeds each input of the definition, named in the parent's scope; for the first member of a repeat,
            the repeat's own input; for later ones, the member before. Parallel to `definition.inputs`; empty for the
            root.
        inputs: the same in the flat graph.
        members: names of nodes and child scopes that are there, in writing order (child id = f"{id}/{name}", without
            the leading "/" at the root). The graph's inputs are no members of the root.
        absent: members left out, by name.
        order: all names in writing order, left-out ones included.
        written: of a list with left-out entries, the number of each entry as written -> its name here; of members that
            stand in lists, a name without a dot -> the name.
        outputs: port name -> member inside; the first is the default one, also read as port "". Where a path reaches
            into the scope (`features.stage1.pool`), the rest of the path is a port too: `stage1.pool`.
        conditions: of the outputs that it gives under one, whether it holds here or not.
        following: the params that have what follows from others, because nothing sets them.
        train_only: runs only in training.
        share: id of the scope whose parameters it uses again, "" for its own.
        init: the rules of its definition in this use.
        frozen: the author freezes this use.
        frozen_inside: the definition says so, of all of its uses or of this one.
        rounds: those whose members `rounds.py` has put here.
    """

    id: str
    name: str
    parent: str
    definition: Definition
    site: Site
    args: Mapping[str, Value]
    reads: tuple[Local, ...]
    inputs: tuple[Ref, ...]
    members: tuple[str, ...]
    absent: Mapping[str, Absent]
    order: tuple[str, ...]
    outputs: Mapping[str, Local]
    conditions: tuple[Expr, ...] = ()
    following: frozenset[str] = frozenset()
    train_only: bool = False
    share: str = ""
    written: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)
    init: tuple[Start, ...] = ()
    frozen: bool = False
    frozen_inside: bool = False
    rounds: tuple[Rounds, ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """A named output of the whole network; its place is where it is named, else the last member."""

    name: str
    ref: Ref
    train_only: bool
    span: Span


@dataclass(frozen=True)  # no slots: what is looked up over and over is kept once it was asked for
class Graph:
    """The network as asked for.

    Attributes:
        nodes: id -> Node, in writing order, which is a topological order. The graph's inputs are nodes too, with the
            op `input`.
        scopes: id -> Scope, parents before children; "" is the root.
        inputs: ids of the input nodes, in order.
        outputs: in order.
    """

    nodes: Mapping[str, Node]
    scopes: Mapping[str, Scope]
    inputs: tuple[str, ...]
    outputs: tuple[Output, ...]

    @cached_property
    def readers(self) -> Mapping[str, tuple[str, ...]]:
        """Node id -> ids of the nodes that read it, each once, in writing order. Linear in nodes and edges."""
        found: dict[str, dict[str, None]] = {id: {} for id in self.nodes}
        for id, node in self.nodes.items():
            for ref in node.inputs:
                found[ref.node][id] = None
        return MappingProxyType({id: tuple(readers) for id, readers in found.items()})

    @cached_property
    def found(self) -> dict[Callable[..., object], object]:
        """Function -> what it has worked out of it once and for all; filled by `once`."""
        return {}

    @cached_property
    def by_path(self) -> Mapping[str, str]:
        """Path as in the state_dict, names with dots between -> id of the node or scope. Linear in both."""
        return MappingProxyType({id.replace("/", "."): id for id in (*self.scopes, *self.nodes)})

    @cached_property
    def dag(self) -> "nx.DiGraph[str]":
        """A frozen networkx DiGraph over node ids: the attribute `node` is the Node, an edge u -> v stands for a read.

        Made when it is first asked for, and networkx loaded then: that alone takes as long as drawing a small network.
        """
        return cast("nx.DiGraph[str]", import_module("archspec.graph.dag").dag(self))


Member: TypeAlias = Node | Scope


def child_id(scope: str, name: str) -> str:
    """The id of member `name` of `scope`."""
    return f"{scope}/{name}" if scope else name
