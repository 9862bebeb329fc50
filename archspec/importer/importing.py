"""The whole way from a module to a spec, read top to bottom."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from torch import Tensor, nn

from archspec.importer.blocks.classes import classes
from archspec.importer.dense import handed_on
from archspec.importer.document import Given, Titles, document
from archspec.importer.gaps import filled
from archspec.importer.idle import idle_macs
from archspec.importer.inputs import batch_of
from archspec.importer.kept import kept as unread
from archspec.importer.leaves import is_hooked
from archspec.importer.lists import freed, grouped
from archspec.importer.made import Log
from archspec.importer.naming import named
from archspec.importer.opaque import NOTHING, Maker, Opaque, Share, share
from archspec.importer.order import ordered
from archspec.importer.page import page
from archspec.importer.prove import Known, Proof, prove
from archspec.importer.record import record
from archspec.importer.refused import ImportFault, Refused
from archspec.importer.rounds import in_rounds
from archspec.importer.sketch import Unsketched, sketches
from archspec.importer.state import Kept
from archspec.importer.ties import tied
from archspec.importer.training import Unmarked, given_in_both, late_outputs, made_in_training, marked, same_calls
from archspec.importer.translate import translate
from archspec.importer.tree import Graph, Member, resolved
from archspec.importer.values import Values, dtype_of
from archspec.importer.wire import wire
from archspec.importer.words import doc_of
from archspec.values.dataclass import dataclass

SAMPLES = (3, 2)  # of the two runs that are compared; 1 would not be told from sizes of 1


@dataclass(frozen=True, slots=True)
class Imported:
    """A module as a spec.

    Attributes:
        text: the spec.
        proof: what was held against the module.
        opaque: what could not be said in ops.
        share: how much of the network that is.
    """

    text: str
    proof: Proof
    opaque: tuple[Refused, ...]
    share: Share = NOTHING

    def report(self) -> tuple[str, ...]:
        """Lines for people: what was proven, and what is opaque."""
        return (*(claim.line() for claim in self.proof.claims), *(f"opaque: {one.line()}" for one in self.opaque))

    @property
    def most_wanted(self) -> str:
        """What stands against most of what is opaque."""
        reasons = Counter(one.reason for one in self.opaque)
        return reasons.most_common(1)[0][0] if reasons else ""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a module is to be written.

    Attributes:
        name: of the network; the class's where it is empty.
        origin: what the comment at the top says that it was made from.
        folded: each class becomes a block; otherwise all stands in place.
        strict: nothing may be opaque.
        maker: what made the module, of which an opaque member may be a part.
    """

    name: str = ""
    origin: str = ""
    folded: bool = True
    strict: bool = False
    maker: Maker | None = None


def import_module(module: nn.Module, inputs: Mapping[str, Tensor], log: Log, wish: Wish | None = None) -> Imported:
    """The spec of a module, proven or not.

    Args:
        module: it.
        inputs: one sample of each input, by the names of forward's arguments.
        log: what the modules in it were made with.
        wish: how it is to be written.

    Raises:
        Refused: something in it cannot be said.
        ImportFault: it does not run.
    """
    wish = wish or Wish()
    kept = Kept(module)
    tree = _sketched(kept, inputs, log) or _written(
        kept, [batch_of(inputs, samples) for samples in SAMPLES], Opaque(log, wish.strict, wish.maker)
    )
    given = tuple(Given(key, tuple(one.shape[1:]), dtype_of(one)) for key, one in inputs.items())
    titles = Titles(wish.name or type(module).__name__, doc_of(type(module)), given, tree.outputs, tree.trained)
    spec = document(classes(tree.graph, log.made_with, tree.values.shape, folded_classes=wish.folded), titles)
    known = Known(idle_macs(tree.values.run), tree.untrained, tree.batch_at)
    graph, refused = tree.graph, tree.refused
    del tree  # it holds what its runs made, as much as the weights of a large network
    proof = prove(page(spec), kept, inputs, known)
    if proof.facts and proof.holds:
        spec["expect"] = dict(proof.facts)
    hidden = share(graph, proof.facts) if refused else NOTHING
    return Imported(page(spec, _comment(module, wish, proof)), proof, refused, hidden)


def _batches(values: Values, outputs: Mapping[str, int]) -> dict[str, int]:
    """The dimension of each output of the module in which its batch is; "" is the one that inference gives bare."""
    layouts = {name: values.layout(number) for name, number in outputs.items()}
    found = {name: layout.batch_at() if layout.batched else 0 for name, layout in layouts.items()}
    return {"": next(iter(found.values()), 0)} | found


def _comment(module: nn.Module, wish: Wish, proof: Proof) -> tuple[str, ...]:
    """What it was made from, and how it was proven; of what is not proven, each line."""
    origin = wish.origin or f"{type(module).__module__}:{type(module).__qualname__}"
    if not proof.holds:
        return (f"Imported from {origin}, and NOT PROVEN:", *(c.line() for c in proof.claims if not c.holds))
    how = "bit for bit" if proof.exact else "but for the last bits"
    otherwise = [claim for claim in proof.claims if not claim.holds]
    modes = "inference" if any(claim.name == "training" for claim in otherwise) else "inference and in training"
    words = {"training": "In training the module does otherwise", "gradients": "Its gradients are otherwise"}
    more = (
        f"{words[claim.name]}: {claim.detail}."
        if claim.name in words
        else f"At another size it may be otherwise: {claim.line().rstrip('.')}."
        for claim in otherwise
    )
    return (f"Imported from {origin}: equal keys, and equal outputs {how}, in {modes}.", *more)


@dataclass(frozen=True, slots=True, eq=False)
class _Tree:
    """What a module does, in ops by its own names, with the names of what it gives."""

    graph: Graph
    values: Values
    outputs: Mapping[str, int]  # name -> which of the values that the graph gives
    refused: tuple[Refused, ...]
    untrained: str = ""  # why it is that of inference only
    batch_at: Mapping[str, int] = field(default_factory=dict)  # name -> the dimension of the batch
    trained: frozenset[str] = frozenset()  # the outputs that are values of inference too, and given in training only


def _sketched(kept: Kept, inputs: Mapping[str, Tensor], log: Log) -> _Tree | None:
    """The tree, of runs that compute nothing; None where they have to, or where something in it cannot be said."""
    try:
        batches = [sketches(batch_of(inputs, samples)) for samples in SAMPLES]
        return _tree(_Way(kept, batches, Opaque(log, strict=True), {}))
    except (Refused, ImportFault, Unsketched):
        return None


def _written(kept: Kept, batches: Sequence[Mapping[str, Tensor]], opaque: Opaque) -> _Tree:
    """The tree, in which what no graph can write is opaque too."""
    given_up: dict[str, Refused] = {}
    while True:
        try:
            return _tree(_Way(kept, batches, opaque, given_up))
        except Refused as refused:
            if opaque.strict or not refused.path or refused.path in given_up:
                raise
            given_up[refused.path] = refused


@dataclass(frozen=True, slots=True, eq=False)
class _Way:
    """What a tree is made of: a module, its inputs for two numbers of samples, and what becomes opaque in it."""

    kept: Kept
    batches: Sequence[Mapping[str, Tensor]]
    opaque: Opaque
    given_up: Mapping[str, Refused]

    def translated(self, *, training: bool) -> _Tree:
        """The tree of one mode. Raises Refused."""
        one, two = (record(self.kept, batch, training=training) for batch in self.batches)
        if len(one.known) != len(two.known):  # a first run may keep tables that later ones only read
            one = record(self.kept, self.batches[0], training=training)
        graph, values, refused = translate(one, two, self.opaque, self.given_up)
        return _Tree(graph, values, {}, tuple(refused))


def _tree(way: _Way) -> _Tree:
    """The tree of both modes. Where training does more, it is that of training, and what it does more is marked.

    Where it does otherwise than more, the tree is that of inference.
    """
    found = way.translated(training=False)
    always = found.values.run.outputs
    given = always
    trained = record(way.kept, way.batches[1], training=True)
    if same_calls(trained, found.values.run):
        given = given_in_both(found.values.run, trained)
    else:
        try:
            more = way.translated(training=True)
            found = replace(more, graph=marked(more.graph, found.graph))
            given = found.values.run.outputs
        except Unmarked as unmarked:
            inside = unmarked.path and not is_hooked(way.kept.module.get_submodule(unmarked.path))
            if way.opaque.strict or inside:  # a module inside becomes opaque, which is both
                raise
            found = replace(found, untrained=unmarked.reason)
    outputs = {name: found.values.found(number) for name, number in given.items()}
    hidden = made_in_training(found.graph)
    late = frozenset(late_outputs(always, given)) - {name for name in outputs if given[name] in hidden}
    graph = wire(resolved(found.graph, found.values.found), outputs.values())
    if not graph.members:
        graph, outputs = _identity(graph, found.values, outputs)
    graph = grouped(wire(handed_on(graph), outputs.values()))
    graph = wire(in_rounds(filled(freed(filled(graph, found.values)), found.values)), outputs.values())
    graph = unread(graph, way.kept.module, found.values)
    graph = wire(tied(named(ordered(graph)), way.kept.module), outputs.values())
    at = {name: graph.gives.index(number) for name, number in outputs.items()}
    return replace(found, graph=graph, outputs=at, trained=late, batch_at=_batches(found.values, given))


def _identity(graph: Graph, values: Values, outputs: Mapping[str, int]) -> tuple[Graph, dict[str, int]]:
    """A graph of a module that gives what it is given: it has a member, as each graph has."""
    x = next(iter(outputs.values()))
    y = values.fresh(values.layout(x), values.dtype(x))
    made = replace(graph, members=(Member("identity", (x,), (y,)),))
    return made, {name: y if number == x else number for name, number in outputs.items()}
