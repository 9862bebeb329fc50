"""Report: the counts of a network as a table, before any format.

One row per member of the scope tree, parents before their children, in writing order. A row's counts cover everything
in it, train-only parts included, so every parent is the sum of its children; `train_only` marks the rows that run in
training alone. The totals keep the two apart: `totals` is what inference needs, `train_only` what training adds.
All counts are per sample.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import add, attrgetter

from archspec.graph.graph import Graph, Node, Scope, child_id
from archspec.graph.network import Network
from archspec.graph.walk import default_output
from archspec.ops.label import Label, Part
from archspec.values.cost import COLUMNS, CONVENTIONS, Cost, restate
from archspec.values.shape import Shape

_FITS = 40  # rows of a table that opens as deep as it can
_columns = attrgetter(*COLUMNS)


@dataclass(frozen=True, slots=True)
class Row:
    """One member: a scope or an op.

    Attributes:
        path: path from the root, "/" between names.
        depth: 1 for a member of the root.
        kind: "op", or what the scope is: "block", "inline", "repeat" or "spec".
        type: the op's or the block's name; for a repeat, that of its parts where they agree.
        label: what a reader wants to know of it: `3×3 conv, 64`, `bottleneck`, `3 × bottleneck`.
        parts: direct members; 0 for an op.
        shape: of its default output.
        cost: everything in it.
        train_only: runs in training alone.
        share: path of the member whose parameters it uses again, "" for its own.
    """

    path: str
    depth: int
    kind: str
    type: str
    label: Label
    parts: int
    shape: Shape
    cost: Cost
    train_only: bool
    share: str

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Report:
    """The whole table.

    Attributes:
        name: the network's.
        variant: "" for none.
        doc: the spec's doc line.
        inputs: name -> shape.
        outputs: name -> shape, train-only ones left out.
        train_only_outputs: name -> shape of those.
        totals: what inference needs.
        train_only: what training adds.
        rows: parents before children.
        convention: which count the table shows, a key of CONVENTIONS.
    """

    name: str
    variant: str
    doc: str
    inputs: Mapping[str, Shape]
    outputs: Mapping[str, Shape]
    train_only_outputs: Mapping[str, Shape]
    totals: Cost
    train_only: Cost
    rows: tuple[Row, ...]
    convention: str = "macs"

    @property
    def label(self) -> str:
        """What the counted column is called: `MACs`, `FLOPs (fvcore)`."""
        return CONVENTIONS[self.convention][0]

    def count(self, cost: Cost) -> int | float:
        """`cost` in the report's convention."""
        return restate(cost, self.convention)

    def share(self, row: Row) -> str:
        """The row's part of inference's MACs, `12.3 %`; nothing for what has none or inference never runs."""
        if row.train_only or not row.cost.macs or not self.totals.macs:
            return ""
        return f"{100 * row.cost.macs / self.totals.macs:.1f} %"


def report(network: Network, *, depth: int | None = None, convention: str = "macs") -> Report:
    """The table of `network`, down to `depth` levels; None for all. Linear in nodes and scopes.

    Raises:
        ValueError: there is no such convention.
    """
    if convention not in CONVENTIONS:
        raise ValueError(f"no counting convention is called {convention!r}; there are {', '.join(CONVENTIONS)}")
    graph = network.graph
    shapes = {output: network.shape(output.ref) for output in graph.outputs}
    inference, training = totals(network)
    return Report(
        name=network.name,
        variant=network.variant,
        doc=network.doc,
        inputs={graph.nodes[id].name: network.shapes[id][0] for id in graph.inputs},
        outputs={output.name: shape for output, shape in shapes.items() if not output.train_only},
        train_only_outputs={output.name: shape for output, shape in shapes.items() if output.train_only},
        totals=inference,
        train_only=training,
        rows=tuple(_rows(network, _scope_costs(network), depth)),
        convention=convention,
    )


def totals(network: Network) -> tuple[Cost, Cost]:
    """What inference needs, and what training adds. Linear in nodes."""
    sums = {False: [0] * len(COLUMNS), True: [0] * len(COLUMNS)}
    for id, node in network.graph.nodes.items():
        sums[node.train_only] = list(map(add, sums[node.train_only], _columns(network.costs[id])))
    return Cost(*sums[False]), Cost(*sums[True])


def fitting_depth(graph: Graph, rows: int = _FITS) -> int:
    """The deepest level down to which the table has no more than `rows` rows; at least 1."""
    per_level: dict[int, int] = {}
    level = {"": 0}
    for scope in graph.scopes.values():
        if scope.id:
            level[scope.id] = level[scope.parent] + 1
        below = level[scope.id] + 1
        per_level[below] = per_level.get(below, 0) + len(scope.members)
    depth, shown = 0, 0
    while depth + 1 in per_level and shown + per_level[depth + 1] <= rows:
        depth += 1
        shown += per_level[depth]
    return max(depth, 1)


def _scope_costs(network: Network) -> dict[str, Cost]:
    """Scope id -> everything in it. Each node and each scope is added once, to its own parent."""
    graph = network.graph
    sums = {id: [0] * len(COLUMNS) for id in graph.scopes}
    for id, node in graph.nodes.items():
        sums[node.scope] = list(map(add, sums[node.scope], _columns(network.costs[id])))
    for scope in reversed(tuple(graph.scopes.values())):
        if scope.id:
            sums[scope.parent] = list(map(add, sums[scope.parent], sums[scope.id]))
    return {id: Cost(*values) for id, values in sums.items()}


def _rows(network: Network, costs: Mapping[str, Cost], depth: int | None) -> Iterator[Row]:
    """Members in writing order, parents first, on a stack of ids rather than by recursion."""
    graph = network.graph
    inputs = frozenset(graph.inputs)
    pending = [(child_id("", name), 1) for name in reversed(graph.scopes[""].members)]
    while pending:
        id, level = pending.pop()
        scope = graph.scopes.get(id)
        if scope is None:
            node = graph.nodes[id]
            if id not in inputs:
                yield _op_row(network, node, level)
            continue
        yield _scope_row(network, scope, costs[id], level)
        if depth is None or level < depth:
            pending.extend((child_id(id, name), level + 1) for name in reversed(scope.members))


def _op_row(network: Network, node: Node, level: int) -> Row:
    return Row(
        path=node.id,
        depth=level,
        kind="op",
        type=node.op.name,
        label=node.op.caption,
        parts=0,
        shape=network.shapes[node.id][0],
        cost=network.costs[node.id],
        train_only=node.train_only,
        share=node.share,
    )


def _scope_row(network: Network, scope: Scope, cost: Cost, level: int) -> Row:
    kind = scope.definition.kind
    type = _part_type(network.graph, scope) if kind == "repeat" else scope.definition.name
    number = Part("", str(len(scope.members)), "times", unit="×") if kind == "repeat" else None
    return Row(
        path=scope.id,
        depth=level,
        kind=kind,
        type=type,
        label=Label("" if kind == "inline" else type, before=number),
        parts=len(scope.members),
        shape=network.shape(default_output(network.graph, scope)),
        cost=cost,
        train_only=scope.train_only,
        share=scope.share,
    )


def _part_type(graph: Graph, repeat: Scope) -> str:
    """What a repeat repeats: its first part's block or op."""
    first = child_id(repeat.id, repeat.members[0])
    return graph.scopes[first].definition.name if first in graph.scopes else graph.nodes[first].op.name
