"""From a checked network to its Program: templates, settings, then one class after another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from operator import itemgetter

from archspec.code.calls import Calls
from archspec.code.choices import classes
from archspec.code.constructors import settled
from archspec.code.counted import repeats
from archspec.code.counts import Counts
from archspec.code.dimensions import Dimensions
from archspec.code.docs import Docs
from archspec.code.forward import Forward, ForwardPass
from archspec.code.freeze import FreezeWriter
from archspec.code.initialise import Initialise
from archspec.code.inplace import Aliasing
from archspec.code.joined import Numbered, joined
from archspec.code.lengths import required
from archspec.code.lists import lists_of
from archspec.code.liveness import Deleted, Timing, deletions, lingering, opened, overwriting
from archspec.code.locals import lets
from archspec.code.many import Many
from archspec.code.naming import class_name, file_names, functions, imported
from archspec.code.numbered import one_number
from archspec.code.parts import (
    OpPart,
    Part,
    Template,
    members,
)
from archspec.code.program import (
    Attribute,
    Class,
    Entry,
    Held,
    Import,
    Program,
    Result,
    Return,
    Statement,
    Training,
)
from archspec.code.registration import Registration
from archspec.code.resets import with_resets
from archspec.code.steps import Body, Writer
from archspec.code.sums import in_turns
from archspec.code.ties import TieWriter
from archspec.code.twins import name_all, name_networks
from archspec.code.wording import Wording
from archspec.diagnostics.diagnostic import Span
from archspec.graph.graph import Output, Ref, Scope, Site
from archspec.graph.network import Network
from archspec.graph.once import once
from archspec.graph.rounds import graph_in_lists, in_lists
from archspec.graph.sums import Turns
from archspec.graph.walk import port_of, through
from archspec.language.names import holder, nested
from archspec.values.dataclass import dataclass
from archspec.values.expression import Literal
from archspec.values.source import SELF, Choice, Member, Source, invoke


def program(network: Network) -> Program:
    """The network as classes, children before parents. Linear in nodes; once for a network."""
    return _written(network).program


@dataclass(frozen=True, slots=True)
class Running:
    """What the source does with memory.

    Attributes:
        activations: ids of the ops that write over their input.
        sums: ids of those that write over their first term, `out += x`.
        lingering: output -> id of the last node that runs while names hold it, where nothing reads it any longer.
        opened: ids of the scopes that are lists, whose parts are called one by one.
        turns: sums whose terms are made in between.
    """

    activations: frozenset[str]
    sums: frozenset[str]
    lingering: Mapping[Ref, str]
    opened: frozenset[str]
    turns: Turns


def running(network: Network) -> Running:
    """What the source of `network` does with memory. Once for a network."""
    return _written(network).running


class _Written:
    """The source of a network, and what it does with memory."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.builder, self.program = built(network)

    @cached_property
    def running(self) -> Running:
        """Of a network that somebody asks it of; most are only written."""
        builder = self.builder
        activations = frozenset(use.id for part in builder.modules.written_over for use in part.uses if use is not None)
        timings = builder.timings()
        sums = frozenset(overwriting(timings))
        held = lingering(builder.network, timings, builder.dead, activations | sums, lists_of(timings, builder.lists))
        turns = in_turns(builder.network.graph, timings)
        return self._meant(Running(activations, sums, held, opened(timings), turns))

    def _meant(self, made: Running) -> Running:
        """The same with the ids of the network that was asked about, in which rounds over lists are scopes."""
        meant = graph_in_lists(self.network.graph).meant
        return Running(
            frozenset(meant[id] for id in made.activations),
            frozenset(meant[id] for id in made.sums),
            {Ref(meant[ref.node], ref.port): meant[until] for ref, until in made.lingering.items()},
            frozenset(meant[id] for id in made.opened),
            {meant[id]: tuple(one and meant[one] for one in turn) for id, turn in made.turns.items()},
        )


@once
def _written(network: Network) -> _Written:
    return _Written(network)


def built(network: Network, names: Sequence[str] = ()) -> "tuple[Builder, Program]":
    """The classes of a network, or of a family of these names, and what wrote them.

    Rounds over lists may turn out to have one number, and a block of any number of inputs, which is one class, not to
    come out right: what is known then is written once more.
    """
    numbers: dict[Span, set[int]] = {}
    for scope in network.graph.scopes.values():
        if scope.definition.many:
            numbers.setdefault(scope.definition.span, set()).add(len(scope.definition.inputs))
    known = Counts(alone=frozenset(span for span, several in numbers.items() if len(several) == 1))
    while True:
        builder = Builder(network, names, known)
        made = builder.program()
        if builder.fixed <= known.fixed and builder.apart <= known.apart | known.alone:
            return builder, made
        known = replace(known, fixed=known.fixed | builder.fixed, apart=known.apart | builder.apart)


class Builder:
    """The tables that writing classes needs.

    Args:
        network: it.
        names: of a family, those of its members; () for a network.
        known: where something has one number.
    """

    def __init__(self, network: Network, names: Sequence[str] = (), known: Counts | None = None) -> None:
        known = known or Counts()
        self.network, self.fixed, self.apart = in_lists(network), known.fixed, known.apart
        network = self.network
        whole, settling = settled(network, known, family=bool(names))
        self.settling, self.ordered = settling, classes(whole)
        self.whole = members(self.ordered) if names else [self.ordered[-1]]  # the templates that are networks
        self.functions: tuple[str, ...] = ()
        self.results = self._name_classes(names)
        self.wording = Wording(network, whole, settling.settings, self.names)
        self.dimensions = {template: Dimensions(settling, self.wording, template) for template in self.ordered}
        self.docs = Docs(settling)
        self.modules = Registration(network, self.wording, Aliasing(network, repeats(settling), settling.free_ops()))
        self.bases: dict[Template, str] = {}
        self.calls = Calls(self.modules, self.bases, partial(lets, settling, self.wording))
        self.ties = TieWriter(self.modules, self.bases, self.ordered)
        self.freezes = FreezeWriter(network, self.ties, settling.frozen)
        self.inits = Initialise(settling, self.modules, self.bases)
        self.owned: dict[Template, list[tuple[Part, str]]] = {}
        self.passes: dict[Template, ForwardPass] = {}
        self.dead: Deleted = {}
        self.tested: dict[Template, tuple[Part, ...]] = {}

    def _name_classes(self, names: Sequence[str]) -> dict[Template, Result]:
        """Names all classes, and the named tuples that networks of several outputs return."""
        taken, results = set(file_names(self.network)), dict[Template, Result]()
        called = self.whole[0].definition.name if names else self.network.name
        name_networks(self.whole, called, {f"v{k}": name for k, name in enumerate(names)}, taken)
        for template in self.whole:
            outputs = self._outputs(template)
            if len(outputs) > 1:
                fields = tuple((output.name, output.train_only) for output in outputs)
                said = f"What `{template.name}` returns."
                results[template] = Result(class_name(f"{template.name}Output", taken), said, fields)
        self.functions = functions(names, taken)
        blocks = [template for template in self.ordered if template not in self.whole]
        name_all(self.network.graph, blocks, taken)
        self.names = frozenset(taken)
        return results

    def _outputs(self, template: Template) -> tuple[Output, ...]:
        """What a network gives."""
        use, graph = template.uses[0], self.network.graph
        if not use.id:
            return graph.outputs
        given = ((graph.scopes[""].outputs[output.name], output) for output in graph.outputs)
        named = {port_of(use, local.port): output for local, output in given if local.member == use.name}
        return tuple(replace(named[name], name=name) for name in use.outputs)

    def program(self) -> Program:
        """All classes, and what they need of a file."""
        network = self.network
        for template in self.ordered:
            self._prepare(template)
        self.dead = deletions(network, self.timings())
        classes = tuple(
            replace(
                self._class(template),
                lets=lets(self.settling, self.wording, template),
                variables=self.wording.variables(template),
                required=required(self.settling, self.wording, template),
            )
            for template in self.ordered
        )
        self.fixed = frozenset(self._of_one_number(classes))
        classes, self.apart, self.lists = joined(with_resets(classes), self._of_any_number(classes), self.names)
        helpers = tuple(self.wording.helpers.values())
        imports = tuple(Import(*found, called) for found, called in imported(network).items())
        doc = tuple(line.rstrip() for line in network.doc.strip().splitlines())
        results = tuple(self.results.values())
        return Program(self.ordered[-1].name, doc, helpers, results, classes, (), imports, self.names)

    def _of_one_number(self, classes: Sequence[Class]) -> Iterator[Site]:
        """Where rounds are written whose number is an argument, although the source is right for one number only."""
        for template, one in zip(self.ordered, classes, strict=True):
            uneven = self.modules.uneven.get(template, set()) | self.inits.uneven.get(template, set())
            yield from one_number(self.settling.settings[template], one.forward, uneven)

    def _of_any_number(self, classes: Sequence[Class]) -> dict[Span, list[Numbered]]:
        """The classes of each block that takes any number of values; none of one that an argument chooses."""
        found: dict[Span, list[tuple[Template, Class]]] = {}
        for template, made in zip(self.ordered, classes, strict=True):
            definition = template.definition
            if definition.many and definition.span not in self.apart and definition.name not in self.settling.chosen:
                found.setdefault(definition.span, []).append((template, made))
        return {span: [self._numbered(*one, block) for one in block] for span, block in found.items()}

    def _numbered(self, template: Template, made: Class, block: Sequence[tuple[Template, Class]]) -> Numbered:
        """The class of one number of values; `block` has those of all."""
        definition, own = template.definition, self.settling.settings[template]
        sizes = {one.name: own.sizes[one.told] for one in made.parameters if one.told in own.sizes}
        given = {name: one.input - definition.before for name, one in sizes.items() if one.input >= definition.before}
        noun = next((sizes[name].noun for name in given), "")
        many = Many([(one, self.dimensions[one]) for one, _ in block], noun, each=len(given) > 1)
        doc = self.docs.together(made, many)
        return Numbered(made, len(definition.inputs) - definition.before, definition.many, given, noun, doc)

    def said_outside(self, use: Scope, owner: Source) -> tuple[Statement, ...]:
        """What only some members of a family tie and freeze, so that no class says it: of one, which is called so."""
        around, template = self.ordered[-1], next(one for one in self.whole if use in one.uses)
        ties = self.ties.outside(around, use, template, owner)
        return (*self.freezes.outside(around, use, template, owner), *ties)

    def timings(self) -> list[Timing]:
        """Of the classes that have a `forward` of their own, parents before children."""
        return [self.passes[template].timing for template in reversed(self.ordered) if template in self.passes]

    def _prepare(self, template: Template) -> None:
        """Writes the calls of a class, and names their values."""
        if template.sequential:
            return
        labelled = zip(template.parts, template.labels, strict=True)
        registered = [(part, label) for part, label in labelled if self.modules.is_owned(template, part)]
        owned = _in_order(registered, template)
        self.owned[template] = owned
        self.bases[template] = _base([label for part, label in owned if not _is_tensor(part)])
        writer = Writer(
            lambda part, reads, args: self.calls.operation(template, part, reads, args),
            lambda part: self.modules.is_module(template, part),
            lambda part: self.calls.owner(template, part),
            lambda part: self.calls.test(template, part),
            lambda part: self.wording.settings[template].measured.get(part, ()),
            lambda part, number: self.calls.handed(template, part, number),
            lambda part: self.calls.turns(template, part),
            self.dimensions[template].known,
            self.names,
            template in self.results,
        )
        body = Body(self.network, template, self.modules.aliasing, writer)
        self.passes[template] = ForwardPass(body)
        self.tested[template] = body.tested

    def _class(self, template: Template) -> Class:
        name, dimensions = template.name, self.dimensions[template]
        inputs = template.definition.inputs if template.sequential else self.passes[template].body.arguments
        doc = self.docs.docstring(template, dimensions, inputs, self.wording.parameters(template))
        parameters, ties = self.wording.parameters(template), self.ties.statements(template)
        inits, after = self.inits.statements(template), self.freezes.statements(template)
        kept = self.inits.stored(template)
        if template.sequential:
            chain = self.modules.entries(template, template.parts, template.labels)
            return Class(
                name, doc, "nn.Sequential", parameters, (), chain, (), (), (), "", kept, inits, ties, after=after
            )
        base, owned = self.bases[template], self.owned[template]
        made = self._root_forward(template) if template in self.whole else self._block_forward(template)
        attributes: tuple[Attribute | Held, ...] = ()
        entries: tuple[Entry, ...] = ()
        tested = self.tested[template]
        if base == "nn.Module":
            attributes = self.modules.attributes(template, owned, tested)
        else:
            entries = self.modules.listed_entries(template, [one for one in owned if not _is_tensor(one[0])])
            attributes = self.modules.held(template, owned)
        stored = (*self.calls.stored(template, tested), *kept)
        forward = made.inputs, made.sizes, made.statements, made.result
        return Class(name, doc, base, parameters, attributes, entries, *forward, stored, inits, ties, after=after)

    def _block_forward(self, template: Template) -> Forward:
        made = self.passes[template]
        kinds = [made.kind(local) for local in dict.fromkeys(template.outputs.values())]
        result = kinds[0] if len(kinds) == 1 else f"tuple[{', '.join(kinds)}]"
        return made.printed(result, self.dead[template])

    def _root_forward(self, template: Template) -> Forward:
        result, made, dead = self.results.get(template), self.passes[template], self.dead[template]
        if result is None:
            return made.printed("Tensor", dead)
        outputs = self._outputs(template)
        always = [output for output in outputs if not output.train_only]

        def returned(values: Sequence[Source]) -> tuple[Statement, ...]:
            by_port = self._by_port(made.body, values)
            if len(always) == 1 and len(outputs) > 1 and not outputs[0].train_only:
                whole = Return(invoke(result.name, *(by_port[output.name] for output in outputs)))
                return (Training((whole,)), Return(by_port[always[0].name]))
            return (
                Return(
                    invoke(result.name, *(self._given(template, output, by_port[output.name]) for output in outputs))
                ),
            )

        annotation = f"Tensor | {result.name}" if len(always) == 1 and not outputs[0].train_only else result.name
        alone = [template.outputs[output.name] for output in always] if len(always) == 1 else []
        return made.printed(annotation, dead, returned, alone)

    def _given(self, template: Template, output: Output, value: Source) -> Source:
        """What an output is: of what only training is given, None in inference, which may have the value for itself."""
        graph, whole = self.network.graph, template.uses[0]
        if output.train_only and not any(at.train_only for at in through(graph, whole.id, whole.outputs[output.name])):
            return Choice(Member(SELF, "training"), value, Literal(None))
        return value

    def _by_port(self, body: Body, values: Sequence[Source]) -> Mapping[str, Source]:
        locals_ = [body.canonical(local) for local in dict.fromkeys(body.template.outputs.values())]
        held = dict(zip(locals_, values, strict=True))
        return {port: held[body.canonical(local)] for port, local in body.template.outputs.items()}


def _in_order(owned: Sequence[tuple[Part, str]], template: Template) -> list[tuple[Part, str]]:
    """Parts as the class registers them: in the order that the definition gives, else as they are written.

    What is left out keeps its place, so that the others stand as where it is there.
    """
    rank = {name: place for place, name in enumerate(template.definition.order)}
    use, labels = template.uses[0], {label for _, label in owned}
    number = {name: place for place, name in enumerate(use.order)}
    left_out = [name for name in use.absent if name in rank and name not in labels]
    entries: list[tuple[int, Part | None, str]] = [(number.get(part.name, -1), part, label) for part, label in owned]
    for name in left_out:
        before = next((at for at, (place, *_) in enumerate(entries) if place > number[name]), len(entries))
        entries.insert(before, (number[name], None, name))
    # A list that is named stands for its members.
    places = [rank.get(name, rank.get(holder(name))) for *_, name in entries]
    named = [(place, one) for place, one in zip(places, entries, strict=True) if place is not None]
    moved = iter(sorted(named, key=itemgetter(0)))
    put = [next(moved)[1] if place is not None else one for place, one in zip(places, entries, strict=True)]
    return [(part, label) for _, part, label in put if part is not None]


def _is_tensor(part: Part) -> bool:
    """Whether a part is a parameter or a buffer, and no module."""
    return isinstance(part, OpPart) and bool(part.sample.op.holds)


def _base(labels: Sequence[str]) -> str:
    """What a class derives from that is no chain: a list or a mapping where no name of its modules is an attribute."""
    odd = [label for label in labels if not (label.isidentifier() or nested(label))]
    if not odd or (len(odd) < len(labels) and not any(map(str.isdigit, odd))):
        return "nn.Module"
    return "nn.ModuleList" if all(label == str(i) for i, label in enumerate(labels)) else "nn.ModuleDict"
