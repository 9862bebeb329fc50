"""Report: the counts of a network as a table, before any format.

One row per member of the scope tree, parents before their children, in writing order. A row's counts cover everything
in it, train-only parts included, so every parent is the sum of its children; `train_only` marks the rows that run only
in training. The totals keep the two apart: `totals` is what inference needs, `train_only` what training adds.
All counts are per sample.
"""

from collections.abc import Iterator, Mapping, Sequence
from operator import add, attrgetter

from archspec.conventions.known import conventions
from archspec.graph.backward import training_macs
from archspec.graph.graph import Graph, Node, Scope
from archspec.graph.measured import ops_in
from archspec.graph.measured import own as own_measures
from archspec.graph.network import Network
from archspec.graph.restated import restated
from archspec.graph.walk import children, default_output, inside, last_name, level, said_to_share
from archspec.measures.known import added, beside_cost, computed
from archspec.measures.measure import Measure, Values
from archspec.ops.label import Label, Part
from archspec.values.cost import COLUMNS, CONVENTIONS, Cost, restate
from archspec.values.dataclass import dataclass
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
        values: what is measured of everything in it.
        train_only: runs only in training.
        share: path of the member whose parameters it uses again, "" where it has its own, or none.
        second_use_of: the same, "" also where the block that it stands in says it of all that is in it.
    """

    path: str
    depth: int
    kind: str
    type: str
    label: Label
    parts: int
    shape: Shape
    values: Values
    train_only: bool
    share: str
    second_use_of: str

    @property
    def cost(self) -> Cost:
        """What its ops count."""
        return self.values.cost

    @property
    def notes(self) -> tuple[str, ...]:
        """What else a reader has to know of it: `train only`, `shares tower1`, `frozen`."""
        return (*(("train only",) if self.train_only else ()), *self.said)

    @property
    def said(self) -> tuple[str, ...]:
        """What is said of its parameters: `shares tower1`, `frozen`."""
        shares = f"shares {self.second_use_of}" if self.second_use_of else ""
        frozen = "frozen" if self.cost.params and not self.cost.trainable else ""
        return tuple(filter(None, (shares, frozen)))

    @property
    def name(self) -> str:
        """The last part of the path."""
        return last_name(self.path)


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """Multiply-adds per sample of a step of training: forwards, what only training runs included, and backwards."""

    forward: int
    backward: int

    @property
    def macs(self) -> int:
        """Both."""
        return self.forward + self.backward


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
        whole: what is measured of all that inference needs.
        training: what is measured of all that training adds.
        rows: parents before children.
        convention: which count the table shows: a key of CONVENTIONS, or the name of a tool whose rules are restated.
        step: what a step of training takes, where that was asked for.
        asked: measures that it was asked to show besides.
    """

    name: str
    variant: str
    doc: str
    inputs: Mapping[str, Shape]
    outputs: Mapping[str, Shape]
    train_only_outputs: Mapping[str, Shape]
    whole: Values
    training: Values
    rows: tuple[Row, ...]
    convention: str = "macs"
    step: "TrainingStep | None" = None
    asked: tuple[Measure, ...] = ()

    @property
    def columns(self) -> tuple[Measure, ...]:
        """What is shown of each row besides params and MACs."""
        return tuple(dict.fromkeys((*added("columns"), *self.asked)))

    @property
    def data(self) -> tuple[Measure, ...]:
        """What JSON and CSV have besides the columns of Cost."""
        return tuple(dict.fromkeys((*added("data"), *filter(computed, self.asked))))

    @property
    def totals(self) -> Cost:
        """What inference needs."""
        return self.whole.cost

    @property
    def train_only(self) -> Cost:
        """What training adds."""
        return self.training.cost

    @property
    def label(self) -> str:
        """What the counted column is called: `MACs`, `FLOPs (fvcore)`."""
        named = CONVENTIONS.get(self.convention)
        return named[0] if named is not None else conventions()[self.convention].label

    @property
    def explained(self) -> str:
        """What that count is, in a line."""
        named = CONVENTIONS.get(self.convention)
        return named[1] if named is not None else conventions()[self.convention].doc

    def count(self, values: Values) -> int | float:
        """The count in the report's convention."""
        if self.convention in CONVENTIONS:
            return restate(values.cost, self.convention)
        return values.own[self.convention]

    def share(self, row: Row) -> str:
        """The row's part of inference's MACs, `12.3 %`; nothing for what has none or inference never runs."""
        if row.train_only or not row.cost.macs or not self.totals.macs:
            return ""
        return f"{100 * row.cost.macs / self.totals.macs:.1f} %"


def report(
    network: Network,
    *,
    depth: int | None = None,
    convention: str = "macs",
    columns: Sequence[Measure] = (),
    step: bool = False,
) -> Report:
    """The table of `network`, down to `depth` levels; None for all; `step` counts a step of training too. Linear.

    `columns` are measures that are shown besides those that every table shows.

    Raises:
        ValueError: there is no such convention, or it counts an op here by a rule that is not restated.
    """
    if convention not in (*CONVENTIONS, *conventions()):
        known = ", ".join((*CONVENTIONS, *conventions()))
        raise ValueError(f"no counting convention is called {convention!r}; there are {known}")
    graph = network.graph
    shapes = {output: network.shape(output.ref) for output in graph.outputs}
    inference, training = totals(network)
    own = own_measures(network, graph.nodes, columns)
    made = Report(
        name=network.name,
        variant=network.variant,
        doc=network.doc,
        inputs={graph.nodes[id].name: network.shapes[id][0] for id in graph.inputs},
        outputs={output.name: shape for output, shape in shapes.items() if not output.train_only},
        train_only_outputs={output.name: shape for output, shape in shapes.items() if output.train_only},
        whole=Values(inference, own.always),
        training=Values(training, own.training),
        rows=tuple(_rows(network, _scope_values(network, columns), depth, columns)),
        convention=convention,
        step=TrainingStep(*training_macs(network)) if step else None,
        asked=tuple(columns),
    )
    return made if convention in CONVENTIONS else restated(made, network, conventions()[convention])


def totals(network: Network) -> tuple[Cost, Cost]:
    """What inference needs, and what training adds. Linear in nodes."""
    sums = {False: [0] * len(COLUMNS), True: [0] * len(COLUMNS)}
    for id, node in network.graph.nodes.items():
        sums[node.train_only] = list(map(add, sums[node.train_only], _columns(network.costs[id])))
    return Cost(*sums[False]), Cost(*sums[True])


def fitting_depth(graph: Graph, rows: int = _FITS) -> int:
    """The deepest level down to which the table has no more than `rows` rows; at least 1."""
    per_level: dict[int, int] = {}
    for scope in graph.scopes.values():
        below = level(scope.id) + 1
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


def _scope_values(network: Network, asked: Sequence[Measure]) -> dict[str, Values]:
    """Scope id -> all that is measured of everything in it."""
    costs = _scope_costs(network)
    if not beside_cost() and not any(map(computed, asked)):
        return {id: Values(cost) for id, cost in costs.items()}
    held = ops_in(network, costs)
    return {id: Values(cost, own_measures(network, held[id], asked).both) for id, cost in costs.items()}


def _rows(network: Network, values: Mapping[str, Values], depth: int | None, asked: Sequence[Measure]) -> Iterator[Row]:
    """Members in writing order, parents first; inputs are none."""
    graph = network.graph
    for member in inside(graph, graph.scopes[""], depth):
        if isinstance(member, Scope):
            yield _scope_row(network, member, values[member.id])
        elif member.id not in graph.inputs:
            yield _op_row(network, member, asked)


def _op_row(network: Network, node: Node, asked: Sequence[Measure]) -> Row:
    return Row(
        path=node.id,
        depth=level(node.id),
        kind="op",
        type=node.op.name,
        label=node.op.caption,
        parts=0,
        shape=network.shapes[node.id][0],
        values=Values(network.costs[node.id], own_measures(network, (node.id,), asked).both),
        train_only=node.train_only,
        share=node.share if node.op.stateful else "",
        second_use_of=said_to_share(network.graph, node) if node.op.stateful else "",
    )


def _scope_row(network: Network, scope: Scope, values: Values) -> Row:
    kind = scope.definition.kind
    type = _part_type(network.graph, scope) if kind == "repeat" else scope.definition.name
    number = Part("", str(len(scope.members)), "times", unit="×") if kind == "repeat" else None
    return Row(
        path=scope.id,
        depth=level(scope.id),
        kind=kind,
        type=type,
        label=Label("" if kind == "inline" else type, before=number),
        parts=len(scope.members),
        shape=network.shape(default_output(network.graph, scope)),
        values=values,
        train_only=scope.train_only,
        share=scope.share,
        second_use_of=said_to_share(network.graph, scope),
    )


def _part_type(graph: Graph, repeat: Scope) -> str:
    """What a repeat repeats: its first part's block or op."""
    first = next(children(graph, repeat))
    return first.definition.name if isinstance(first, Scope) else first.op.name
