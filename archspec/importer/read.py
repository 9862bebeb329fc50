"""Read: a module becomes a tree of ops by its own names: its runs are recorded, said in ops, and put in order."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from torch import Tensor

from archspec.importer.dense import handed_on
from archspec.importer.gaps import filled
from archspec.importer.idle import idle
from archspec.importer.inputs import batch_of
from archspec.importer.kept import kept as unread
from archspec.importer.layout import BatchIn
from archspec.importer.leaves import is_hooked
from archspec.importer.lists import freed, grouped
from archspec.importer.made import Log
from archspec.importer.naming import named
from archspec.importer.opaque import Opaque
from archspec.importer.order import ordered
from archspec.importer.parallel import over_lists
from archspec.importer.record import record
from archspec.importer.refused import ImportFault, Refused
from archspec.importer.rounds import in_rounds
from archspec.importer.sketch import Unsketched, sketches
from archspec.importer.state import Kept
from archspec.importer.ties import tied
from archspec.importer.training import (
    Unmarked,
    given_in_both,
    late_outputs,
    made_in_training,
    marked,
    require_given_in_both,
    same_calls,
)
from archspec.importer.translate import translate
from archspec.importer.tree import Graph, Member, graphs, resolved
from archspec.importer.values import Values
from archspec.importer.wire import wire
from archspec.values.dataclass import dataclass

SAMPLES = (3, 2)  # of the two runs that are compared; 1 would not be told from sizes of 1


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """What a module does, in ops by its own names, with the names of what it gives."""

    graph: Graph
    values: Values
    outputs: Mapping[str, int]  # name -> which of the values that the graph gives
    refused: tuple[Refused, ...]
    idle: tuple[int, ...] = ()  # the places of the calls of inference that it does not have
    untrained: str = ""  # why it is that of inference only
    batch_in: Mapping[str, BatchIn] = field(default_factory=dict)  # name -> where its batch is
    trained: frozenset[str] = frozenset()  # the outputs that are values of inference too, and given in training only
    alike: bool = False  # training calls the same and gives the same
    left_out: Mapping[str, Refused] = field(default_factory=dict)  # name of an output -> why it cannot be said
    rounds: Graph | None = None  # the same graph with rounds over lists, where it has some


def read(kept: Kept, inputs: Mapping[str, Tensor], opaque: Opaque) -> Tree:
    """The tree of a module.

    Raises:
        Refused: something in it cannot be said.
        ImportFault: it does not run.
    """
    found = sketched(kept, inputs, opaque.log)
    return found or _written(kept, [batch_of(inputs, samples) for samples in SAMPLES], opaque)


def sketched(
    kept: Kept, inputs: Mapping[str, Tensor], log: Log, *, alike: bool = False, untrained: str = ""
) -> Tree | None:
    """The tree, of runs that compute nothing; None where they have to, or where something in it cannot be said.

    Training is not looked at where it is known to be `alike`, nor where it does otherwise, of which `untrained` says
    how.
    """
    try:
        batches = [sketches(batch_of(inputs, samples)) for samples in SAMPLES]
        found = _tree(_Way(kept, batches, Opaque(log, strict=True), {}, alike=alike or bool(untrained)))
        return replace(found, untrained=untrained or found.untrained)
    except (Refused, ImportFault, Unsketched):
        return None


def _written(kept: Kept, batches: Sequence[Mapping[str, Tensor]], opaque: Opaque) -> Tree:
    """The tree, in which what no graph can write is opaque too."""
    given_up: dict[str, Refused] = {}
    otherwise: set[str] = set()
    while True:
        try:
            return _tree(_Way(kept, batches, opaque, given_up, frozenset(otherwise)))
        except Refused as refused:
            before = given_up.pop(refused.path, None)
            if isinstance(before, Unmarked):  # what cannot be opaque is said as in inference
                otherwise.add(refused.path)
            elif opaque.strict or not refused.path or before is not None:
                raise
            else:
                given_up[refused.path] = refused


@dataclass(frozen=True, slots=True, eq=False)
class _Way:
    """What a tree is made of: a module, its inputs for two numbers of samples, and what becomes opaque in it.

    Modules that are `otherwise` in training cannot be opaque, and make the tree that of inference.
    """

    kept: Kept
    batches: Sequence[Mapping[str, Tensor]]
    opaque: Opaque
    given_up: Mapping[str, Refused]
    otherwise: frozenset[str] = frozenset()
    alike: bool = False

    def translated(self, *, training: bool) -> Tree:
        """The tree of one mode. Raises Refused."""
        one, two = (record(self.kept, batch, training=training) for batch in self.batches)
        if len(one.known) != len(two.known):  # a first run may keep tables that later ones only read
            one = record(self.kept, self.batches[0], training=training)
        graph, values, refused = translate(one, two, self.opaque, self.given_up)
        lost = {name: values.lost[number] for name, number in one.outputs.items() if number in values.lost}
        given = [number for name, number in one.outputs.items() if name not in lost]
        return Tree(graph, values, {}, tuple(refused), idle=idle(graph, values, given), left_out=lost)


def _tree(way: _Way) -> Tree:
    """The tree of both modes. Where training does more, it is that of training, and what it does more is marked.

    Where it does otherwise than more, the tree is that of inference.
    """
    found = way.translated(training=False)
    given = always = found.values.run.outputs
    trained = found.values.run if way.alike else record(way.kept, way.batches[1], training=True)
    if same_calls(trained, found.values.other):  # of as many samples
        given = given_in_both(found.values.run, trained)
        found = replace(found, alike=given == always)
    else:
        try:
            more = way.translated(training=True)
            left_out = {**found.left_out, **more.left_out}
            graph = _marked(more, found, always)
            found = replace(more, graph=graph, idle=found.idle, left_out=left_out)
            given = found.values.run.outputs
        except Refused as refused:
            if way.opaque.strict or _may_be_opaque(refused, way):  # which is both
                raise
            found = replace(found, untrained=refused.reason)
    given = {name: number for name, number in given.items() if name not in found.left_out}
    outputs = {name: found.values.found(number) for name, number in given.items()}
    hidden = made_in_training(found.graph)
    late = frozenset(late_outputs(always, given)) - {name for name in outputs if given[name] in hidden}
    graph = wire(resolved(found.graph, found.values.found), outputs.values())
    if not graph.members:
        graph, outputs = _identity(graph, found.values, outputs)
    graph = grouped(wire(handed_on(graph), outputs.values()))
    graph = wire(in_rounds(filled(freed(filled(graph, found.values)), found.values)), outputs.values())
    graph = unread(graph, way.kept.module, found.values)
    rolled = over_lists(graph)

    def ready(graph: Graph) -> Graph:
        return wire(tied(named(ordered(graph)), way.kept.module), outputs.values())

    rounds = ready(wire(rolled, outputs.values())) if any(one.rounds for one in graphs(rolled)) else None
    graph = ready(graph)
    at = {name: graph.gives.index(number) for name, number in outputs.items()}
    return replace(found, graph=graph, rounds=rounds, outputs=at, trained=late, batch_in=_batches(found.values, given))


def _marked(training: Tree, inference: Tree, always: Mapping[str, int], *, late: bool = False) -> Graph:
    """The graph of training, with what inference does not do marked as such. Raises Refused."""
    try:
        graph = marked(training.graph, inference.graph, training.values, late=late)
        require_given_in_both(graph, always, training.values)
    except Unmarked:
        if late:
            raise
        return _marked(training, inference, always, late=True)
    return graph


def _may_be_opaque(refused: Refused, way: _Way) -> bool:
    """Whether the module that does otherwise in training is one inside, of which it is not known that it cannot be."""
    path = refused.path if isinstance(refused, Unmarked) else ""
    return bool(path) and not is_hooked(way.kept.module.get_submodule(path)) and path not in way.otherwise


def _identity(graph: Graph, values: Values, outputs: Mapping[str, int]) -> tuple[Graph, dict[str, int]]:
    """A graph of a module that gives what it is given: it has a member, as each graph has."""
    x = next(iter(outputs.values()))
    y = values.fresh(values.layout(x), values.dtype(x))
    made = replace(graph, members=(Member("identity", (x,), (y,)),))
    return made, {name: y if number == x else number for name, number in outputs.items()}


def _batches(values: Values, outputs: Mapping[str, int]) -> dict[str, BatchIn]:
    """Where each output of the module has its batch; "" is the one that inference gives bare."""
    found = {name: values.layout(number).batch_in() for name, number in outputs.items()}
    return {"": next(iter(found.values()))} | found
