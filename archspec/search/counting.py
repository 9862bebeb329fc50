"""Counting: the figures of many variants of one spec, of which each costs a fraction of reading it.

The first variant is expanded as any network is, and what that did is noted as steps (`noting.py`). At another value of
a param the steps are done again, without the graph, its checks and its names. Where a condition, a repeat or a choice
comes out otherwise, the steps from there on are others: that variant is expanded and noted too, and both share the way
up to there. So the notes are a tree.

                              repeat: $depth ?
    conv, bn, relu, ... ------------- 2 -------- part 0, part 1, pool, linear
                              +------ 3 -------- part 0, part 1, part 2, pool, linear

A mistake of a variant is found by the pipeline, and told as the pipeline tells it. What `Copies` allows is asked of the
first variant of each kind only.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from math import prod

from archspec.graph.counting import counted_again, counted_elsewhere
from archspec.graph.freezing import frozen
from archspec.graph.measured import own
from archspec.graph.network import Network
from archspec.graph.passes.rows import counted_rows
from archspec.graph.report import totals
from archspec.language.expression.evaluate import Unknown
from archspec.language.expression.words import ExpressionFault
from archspec.language.op_fields import OptionFaults
from archspec.language.settle import Settings
from archspec.measures.known import beside_cost
from archspec.measures.measure import Measure
from archspec.ops.input import Input
from archspec.ops.op import ShapeFault
from archspec.pipeline import Reading, Sizes
from archspec.search.known import Counts, Formula, Known, Otherwise, columns
from archspec.search.noting import Notes, noting
from archspec.search.steps import Asked, Going, Rowed, Step, Tied
from archspec.values.cost import COLUMNS, Cost
from archspec.values.dataclass import dataclass
from archspec.values.expression import Value
from archspec.values.shape import Shape

MOST_STEPS = 400_000  # in the tree: about 100 MB
_MISTAKES = (Otherwise, ExpressionFault, Unknown, OptionFaults, ShapeFault)
_INPUT = Input(shape=())  # stands for the inputs of any network: they have shapes and count nothing
_PARAMS = [COLUMNS.index("params"), COLUMNS.index("buffers")]
_TRAINABLE = COLUMNS.index("trainable")


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted of one variant.

    Attributes:
        params: values of all params of the spec.
        inputs: input -> shape.
        outputs: output of inference -> shape.
        always: what inference needs.
        training: what training adds.
        own: measures that are no column of Cost, of what inference needs.
    """

    params: Mapping[str, Value]
    inputs: Mapping[str, Shape]
    outputs: Mapping[str, Shape]
    always: Cost
    training: Cost
    own: Mapping[str, int] = field(default_factory=dict)


def figures_of(network: Network, asked: Sequence[Measure] = ()) -> Figures:
    """The figures of a network that is there, those `asked` for too."""
    graph = network.graph
    always, training = totals(network)
    return Figures(
        params=network.params,
        inputs={name: network.shapes[name][0] for name in graph.inputs},
        outputs={output.name: network.shape(output.ref) for output in graph.outputs if not output.train_only},
        always=always,
        training=training,
        own=own(network, graph.nodes, asked).always,
    )


@dataclass(frozen=True, slots=True)
class _End:
    """What of all that was done counts.

    Attributes:
        always: numbers of the nodes that inference needs.
        training: of those that training adds.
        second: of those whose parameters are counted elsewhere.
        tied: number of a node -> names of its tensors that are counted elsewhere.
        frozen: of those whose parameters do not learn.
        inputs: names of the inputs.
        outputs: name -> where it stands.
    """

    always: tuple[int, ...]
    training: tuple[int, ...]
    second: frozenset[int]
    tied: Mapping[int, tuple[str, ...]]
    frozen: frozenset[int]
    inputs: tuple[str, ...]
    outputs: Mapping[str, tuple[int, int]]


@dataclass(slots=True)
class _Stretch:
    """Steps up to a question, and how it goes on after each answer; up to an end where there is no question."""

    steps: list[Step] = field(default_factory=list)
    question: Asked | None = None
    then: dict[Value, "_Stretch"] = field(default_factory=dict)
    end: _End | None = None


class Counting:
    """Gives the figures of variants of one spec.

    Args:
        reading: the spec, and how it is asked for where a variant does not say otherwise.
        notes: False has the pipeline count each variant, as if it were the only one.
        asked: measures that no op counts by itself, such as peak memory: they too have the pipeline count each.
    """

    def __init__(self, reading: Reading, *, notes: bool = True, asked: Sequence[Measure] = ()) -> None:
        self.reading, self.asked = reading, tuple(asked)
        self.notes = notes and not beside_cost() and not self.asked
        self.expanded = 0
        self._tree, self._size, self._known = _Stretch(), 0, Known()
        self._formulas: dict[int, Formula] = {}

    def of(self, settings: Mapping[str, object], inputs: Sizes | None = None) -> Figures:
        """The figures at these values of params and sizes of inputs. Raises SpecError where it is no network."""
        if not self.notes:
            return figures_of(self.reading(inputs, settings), self.asked)
        settled = self.reading.settled(inputs, settings)
        with suppress(*_MISTAKES):
            going = self._start(settled)
            return _counted(going, self._follow(going), settled)
        return self._expand(settings, inputs)

    def _start(self, settled: Settings) -> Going:
        self._known.make_room()
        known = self._known
        room, shapes = known.root(settled.params, settled.inputs), map(known.shape, settled.inputs.values())
        count = len(settled.inputs)
        nothing = columns(Cost())
        inputs: list[tuple[Shape, ...]] = [(shape,) for shape in shapes]
        return Going(known, [room], [_INPUT] * count, [()] * count, inputs, [nothing] * count)

    def _follow(self, going: Going) -> _End:
        """Does what was done, as far as it is known. Raises Otherwise where it is not."""
        here = self._tree
        while True:
            for step in here.steps:
                step.do(going)
            if here.question is None:
                if here.end is None:
                    raise Otherwise
                return here.end
            found = here.then.get(here.question.answer(going))
            if found is None:
                raise Otherwise
            here = found

    def _expand(self, settings: Mapping[str, object], inputs: Sizes | None) -> Figures:
        """Has the pipeline count it, and notes how."""
        notes = Notes(formulas=self._formulas)
        self.expanded += 1
        if self._size > MOST_STEPS:
            return figures_of(self.reading(inputs, settings))
        network = self.reading(inputs, settings, expand=noting(notes))
        if notes.fixed:
            self.notes = False
        else:
            self._grow(notes, network)
        return figures_of(network)

    def _grow(self, notes: Notes, network: Network) -> None:
        here = self._tree
        fresh = here.question is None and here.end is None
        for step in notes.done:
            if isinstance(step, Step):
                if fresh:
                    here.steps.append(step)
                    self._size += 1
                continue
            question, answer = step
            here.question = here.question or question
            fresh = fresh or answer not in here.then
            here = here.then.setdefault(answer, _Stretch())
        if fresh:
            here.steps += [*_ties(notes), *_rows(notes, network)]
        here.end = here.end or _end(notes, network)


def _ties(notes: Notes) -> list[Step]:
    """The tensors that have to keep the size of others, needed or not."""
    if notes.graph is None:
        return []
    numbers = notes.numbers
    return [
        Tied(numbers[node.id], name, numbers[owner.node], owner.name)
        for node in notes.graph.nodes.values()
        for name, owner in node.ties
    ]


def _rows(notes: Notes, network: Network) -> list[Step]:
    """The tables that have to have the rows which are counted."""
    found = (
        (node, counted_rows(network.graph, node.op, node, network.input_shapes(node), network.shape))
        for node in network.graph.nodes.values()
    )
    numbers = notes.numbers
    return [Rowed(numbers[node.id], numbers[counted[1].id]) for node, counted in found if counted is not None]


def _end(notes: Notes, network: Network) -> _End:
    graph, numbers = network.graph, notes.numbers
    nodes = graph.nodes.values()
    return _End(
        always=tuple(numbers[node.id] for node in nodes if not node.train_only),
        training=tuple(numbers[node.id] for node in nodes if node.train_only),
        second=frozenset(numbers[id] for id in counted_again(graph)),
        tied={numbers[id]: names for id, names in counted_elsewhere(graph).items()},
        frozen=frozenset(numbers[id] for id in frozen(graph)),
        inputs=graph.inputs,
        outputs={
            output.name: (numbers[output.ref.node], graph.nodes[output.ref.node].op.ports.index(output.ref.port))
            for output in graph.outputs
            if not output.train_only
        },
    )


def _counted(going: Going, end: _End, settled: Settings) -> Figures:
    counts = going.counts
    for number in end.second:
        counts[number] = _without(counts[number], counts[number][_PARAMS[0]], counts[number][_PARAMS[1]])
    for number, names in end.tied.items():
        held = going.ops[number].parameters(going.reads[number])
        counts[number] = _without(counts[number], sum(prod(held[name]) for name in names), 0)
    for number in {*end.always, *end.training} - end.frozen:
        counts[number] = _learning(counts[number])
    return Figures(
        params=settled.params,
        inputs={name: settled.inputs[name] for name in end.inputs},
        outputs={name: going.shape(place) for name, place in end.outputs.items()},
        always=_sum(counts, end.always),
        training=_sum(counts, end.training),
    )


def _without(counts: Counts, params: int, buffers: int) -> Counts:
    made = list(counts)
    for column, less in zip(_PARAMS, (params, buffers), strict=True):
        made[column] -= less
    return tuple(made)


def _learning(counts: Counts) -> Counts:
    """Counts whose parameters all learn."""
    return (*counts[:_TRAINABLE], counts[_PARAMS[0]], *counts[_TRAINABLE + 1 :])


def _sum(counts: list[Counts], numbers: tuple[int, ...]) -> Cost:
    return Cost(*map(sum, zip(*(counts[number] for number in numbers), strict=True))) if numbers else Cost()
