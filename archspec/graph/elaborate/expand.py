"""Expand: Spec + settings + input shapes -> Graph and shapes.

Every use of a block becomes a scope, every use of an op a node. Shape rules run on the way, for expressions may ask
for `x.channels`. Recursive over the nesting of blocks alone, which is bounded; linear in the nodes.

One mistake has one message: what depends on a fault has no shape, and stays silent. A mistake that several uses of a
block share is reported for the first of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Literal as OneOf

from archspec.diagnostics.findings import Findings
from archspec.graph.assemble import assemble
from archspec.graph.elaborate.arguments import Arguments
from archspec.graph.elaborate.copies import Copies, TooMuch
from archspec.graph.elaborate.evaluation import Values
from archspec.graph.elaborate.frame import MAX_NESTING, Frame, Given, Inside, Place, Read, Use, given_by, too_deep
from archspec.graph.elaborate.nodes import Nodes
from archspec.graph.elaborate.reading import Inputs, Reader, default_read, first_read
from archspec.graph.elaborate.remarks import Remarks
from archspec.graph.elaborate.several import ForEach, spread_ports
from archspec.graph.elaborate.sharing import by_expression, unlike
from archspec.graph.elaborate.sites import Sites, overridden
from archspec.graph.elaborate.ties import Ties
from archspec.graph.graph import NO_NAMES, Absent, Definition, Graph, Local, Output, Ref, Scope, Site, child_id
from archspec.graph.walk import container
from archspec.language.expression.evaluate import UNKNOWN, Bound
from archspec.language.flow import reads_nothing
from archspec.language.names import beside_parts, called_in_lists, fault_of_output, nested, part_name
from archspec.language.settings import following
from archspec.language.settle import Settings
from archspec.language.spec import Block, Entry, Port, Spec
from archspec.language.written import conjunction
from archspec.values.dataclass import dataclass
from archspec.values.expression import Value
from archspec.values.run import Runner
from archspec.values.shape import Shape

LEFT_OUT = "?"  # after the number of a left-out entry of a list, for its number goes to the next one


@dataclass(frozen=True, slots=True)
class Expanded:
    """A graph and what was found on the way.

    Attributes:
        graph: with everything in it that the spec writes, needed or not.
        shapes: node id -> output shapes, one per port of its op.
        chosen: ids of the scopes whose use chooses its outputs.
        whole: ids of those that are networks by themselves, of which the network gives all outputs.
    """

    graph: Graph
    shapes: Mapping[str, tuple[Shape, ...]]
    chosen: frozenset[str]
    whole: frozenset[str]


def expand(spec: Spec, settings: Settings, findings: Findings, copies: Copies, run: Runner | None) -> Expanded:
    """The network that a spec describes under these settings; `copies` counts what it asks for.

    `run` runs modules of other packages, where that is allowed. Raises SpecError with every mistake found.
    """
    return Expander(findings, copies, run).network(spec, settings)


class Expander:
    """Expands one network; `values` evaluates what is written."""

    def __init__(self, findings: Findings, copies: Copies, run: Runner | None, values: Values | None = None) -> None:
        self.findings, self.copies = findings, copies
        self.values = values or Values(findings, copies)
        self.arguments = Arguments(self.values)
        self.nodes = Nodes(self.values, run)
        self.sites = Sites()
        self.scopes: dict[str, Scope] = {}
        self.inside, self.outputs = dict[str, Inside](), dict[str, dict[str, Local]]()
        self.reader = Reader(self.values, self.inside, self.outputs, self.nodes.sizes_of_tensors)
        self.each, self.chosen = ForEach(self.values, self.inside), set[str]()
        self.ties = Ties(self.values, self.nodes, self.scopes)
        self.remarks = Remarks(self.values, self.nodes, self.scopes, self.sites)

    def network(self, spec: Spec, settings: Settings) -> Expanded:
        """The whole network. Raises SpecError with everything found."""
        args, inputs = settings.params, settings.inputs
        given = {name: self.nodes.input(decl, inputs[name], args) for name, decl in spec.inputs.items()}
        frame = Frame(spec, "", {**args, **inputs}, args, args)
        ports: dict[str, Ref] = {}
        try:
            definition, site = self.sites.block(spec.body, "spec"), Site(spec.name, spec.span)
            self.open_scope(spec.name, definition, site, frame, (), given, following(spec.body.params, settings.given))
            self.remarks.enter(spec.body, frame)
            ports = self.fill(spec.body, frame, Given({})).ports
        except TooMuch as fault:
            self.values.report("too-many-nodes", fault.message, fault.span, frame, help=fault.help)
        self.remarks.settle()
        self.findings.stop()
        written = {port.name.name: port for port in spread_ports(self.inside[""].ports, self.inside[""], self.inside)}
        training = {name for name, port in written.items() if port.when is not None and port.when.training}
        last = spec.body.members[-1].name_span
        outputs = tuple(
            Output(name, ref, name in training, written[name].name.span if name in written else last)
            for name, ref in ports.items()
            if name
        )
        whole = frozenset(port.path.names[0] for port in spec.body.outputs if port.every)
        for output in outputs if len(outputs) > 1 and not whole else ():  # networks in it name theirs
            if (wrong := fault_of_output(output.name)) is not None:
                self.values.report(*wrong, output.span, frame, help="give it another name under `outputs`")
        self.ties.settle()
        self.findings.stop()
        graph = assemble(self.nodes.nodes, self.scopes, tuple(spec.inputs), outputs)
        return Expanded(graph, self.nodes.shapes, frozenset(self.chosen), whole)

    # -- members ----------------------------------------------------------------------------------------------------

    def member(self, entry: Entry, frame: Frame, inside: Inside, previous: str) -> Given:
        """Expands one entry: what its name stands for afterwards."""
        self.copies.member(entry, frame.scope)
        if entry.when is not None and entry.when.training and not frame.training:
            frame = replace(frame, training=True)
        count = self.values.count(entry.repeat, frame) if entry.repeat is not None else 1
        if not count or not self.values.holds(entry.when, frame):
            kept = (0, "") if count else self.arguments.kept_by_none(entry, frame)
            read = first_read(paths := self.reader.passed_on(entry, inside, *kept), inside, previous)
            self.reader.check_passed_on(read, paths, frame, inside)
            return self.left_out(entry, read, inside)
        if (one := self.reader.kept_one(entry, frame, inside)) is not None:
            return self.left_out(entry, one, inside)
        name = str(len(inside.members)) if inside.listed else entry.name
        inside.order.append(name)
        first = frame if entry.repeat is None else replace(frame, names={**frame.names, "i": 0})
        inputs = self.arguments.inputs(entry, first)
        reads = self.reader.reads(entry, frame, inside, previous, inputs) if inputs is not None else None
        if inputs is None or reads is None:
            return Given({}, entry.name_span, known=False)
        if frame.flat:
            self.check_chain(entry, frame, inside, previous, reads)
        share = child_id(frame.share, name) if frame.share else ""
        if entry.share is not None:
            shared = inside.given.get(entry.share.name)
            share = child_id(frame.scope, (shared.local if shared is not None else "") or entry.share.name)
        place = Place(name, entry, self.sites.whole(entry), entry.fields, reads, frame, share)
        if entry.repeat is None:
            given = replace(self.put(place, inside), local=name)
        else:
            inside.members.append(name)
            given = replace(self.repeat(place, count, inputs.of(len(reads))), local=name)
        if entry.share is not None and given.known and (entry.repeat is None or not self.is_one(share)):
            self.check_sharing(place)
        return given

    def left_out(self, entry: Entry, read: Read, inside: Inside) -> Given:
        """Notes that an entry is not there: its name stands for what it would have read."""
        name = f"{entry.name}{LEFT_OUT}" if inside.listed else entry.name
        inside.absent[name] = Absent(name, self.sites.whole(entry), (read.local,))
        inside.order.append(name)
        return replace(given_by(read), span=entry.name_span, absent=True, local=name)

    def check_sharing(self, place: Place, known: frozenset[str] = frozenset()) -> None:
        """Reports a second use that does not do what the first one does: there is one module for both."""
        nodes, scopes = self.nodes.nodes, self.scopes
        first, second = (nodes.get(id) or scopes.get(id) for id in (place.share, place.id))
        if first is None or second is None or not second.share:
            return  # what is reported already
        found = unlike(nodes, scopes, first, second, known)
        if found:
            message = f"{place.entry.name} cannot be the same module as {first.name}: {found}"
            help = f"leave out `share: {first.name}`, so that {place.entry.name} has parameters of its own"
            if told := by_expression(first, second, known):
                help = f"each call may say its own {told} as a plain number, and in a repeat by `i` alone; or {help}"
            self.values.report("share-mismatch", message, place.share_span, place.frame, help=help)

    def alike(self, entry: Entry, frame: Frame, inputs: Inputs) -> bool:
        """Whether a part of a repeat takes as many inputs as the first; where it does not, that is reported."""
        found = self.arguments.inputs(entry, frame)
        if found is None or entry.target is None:
            return False
        found = found.of(len(inputs.names))
        fits = replace(found, names=inputs.names) == inputs and len(found.names) == len(inputs.names)
        if not fits:
            message = f"part {frame.names['i']} of {entry.name} takes another number of inputs than part 0"
            self.values.report("unequal-parts", message, entry.target.span, frame)
        return fits

    def check_chain(self, entry: Entry, frame: Frame, inside: Inside, previous: str, reads: tuple[Read, ...]) -> None:
        """Reports a member of a flat graph that reads anything but the one above."""
        if len(reads) != 1 or reads[0].local != default_read(inside, previous).local:
            span = entry.reads.span if entry.reads is not None else entry.name_span
            message = f"{frame.flat} is flat: each member reads the one above and nothing else"
            help = f"leave out `flat: true` of {frame.flat}"
            self.values.report("flat-not-a-chain", message, span, frame, help=help)

    def put(self, place: Place, inside: Inside) -> Given:
        """Puts an op, a use of a block or an inline graph in its place."""
        self.ties.note(place)
        self.remarks.note(place)
        inside.members.append(place.name)
        self.copies.further(max(len(place.reads), 1) - 1, place.entry)
        if place.entry.kind == "op":
            put = self.nodes.put(place)
            self.copies.further(max(len(put.ports), 1) - 1, place.entry)
            return put
        return self.inline(place) if place.entry.body is not None else self.use(place)

    # -- scopes -----------------------------------------------------------------------------------------------------

    def inline(self, place: Place) -> Given:
        """An inline graph: sees what its surroundings see, and its own inputs."""
        block, frame, unknown = place.entry.body, self.enter(place), Given({}, place.entry.name_span, known=False)
        if block is None or frame is None:
            return unknown
        given, shapes = self.given(block, place.reads)
        frame = replace(frame, names={**frame.names, **shapes}, flat=frame.flat or (place.name if block.flat else ""))
        self.open_scope(place.name, self.sites.block(block, "inline"), place.site, frame, place.reads, given)
        return self.fill(block, frame, unknown)

    def use(self, place: Place) -> Given:
        """A use of a named block or of another spec."""
        entry, unknown = place.entry, Given({}, place.entry.name_span, known=False)
        target, frame = self.arguments.target(entry, place.frame), self.enter(place)
        if target is None or frame is None:
            return unknown
        block = self.arguments.block(target, place)
        if block is None:
            return unknown
        owner = self.scopes.get(place.share) if place.share else None
        if owner is not None and owner.definition.name != block.name:
            message = f"{place.name} is a use of {block.name}, and {owner.name} of {owner.definition.name}"
            self.values.report("share-mismatch", message, place.share_span, place.frame)
            return unknown
        given, shapes = self.given(block, place.reads)
        bound = self.arguments.of(place, target)
        args: dict[str, Value] = bound  # type: ignore[assignment]  # an unknown one is an error, and ends in no graph
        spec, spec_args = (target, args) if isinstance(target, Spec) else (frame.spec, frame.spec_args)
        frame = replace(
            frame,
            spec=spec,
            names={**spec_args, **bound, **shapes},
            args=args,
            spec_args=spec_args,
            blocks=(*frame.blocks, block),
            use=Use(place.id.replace("/", "."), entry.name_span, bound),
            flat=frame.flat or (place.name if block.flat else ""),
        )
        kind: OneOf["spec", "block"] = "spec" if isinstance(target, Spec) and not target.is_block else "block"
        if entry.outputs:
            self.chosen.add(place.id)
        follow = following(block.params, self.arguments.named(place, target))
        self.open_scope(place.name, self.sites.block(block, kind), place.site, frame, place.reads, given, follow)
        self.remarks.enter(block, frame)
        return self.fill(block, frame, unknown, place)

    def enter(self, place: Place) -> Frame | None:
        """The frame inside the scope that a place becomes; None where the nesting has no end."""
        frame, owner = place.frame, self.scopes.get(place.share) if place.share else None
        if place.share and owner is None:
            message = f"{place.share.replace('/', '.')} has no parameters here for {place.entry.name} to share"
            self.values.report_unless_echo("share-mismatch", message, place.share_span, frame)
        if frame.depth >= MAX_NESTING:
            code, message, help = too_deep(frame)
            self.values.report(code, message, place.entry.name_span, frame, help=help)
            return None
        share = (owner.share or owner.id) if owner is not None else ""
        return replace(frame, scope=place.id, depth=frame.depth + 1, share=share)

    def given(self, block: Block, reads: tuple[Read, ...]) -> tuple[dict[str, Given], dict[str, Bound]]:
        """What the names of a block's inputs stand for inside it, and what expressions know of them."""
        given: dict[str, Given] = {}
        shapes: dict[str, Bound] = {}
        for named, read in zip(block.inputs, reads, strict=True):
            given[named.name] = given_by(read)
            shape = self.nodes.shape(read.ref)
            shapes[named.name] = UNKNOWN if shape is None else shape
        return given, shapes

    def open_scope(
        self,
        name: str,
        definition: Definition,
        site: Site,
        frame: Frame,
        reads: tuple[Read, ...],
        given: dict[str, Given],
        follow: frozenset[str] = frozenset(),
    ) -> Inside:
        """Makes the scope that `frame` stands in, so that it comes before its children; `close_scope` completes it."""
        id = frame.scope
        inside = self.inside[id] = Inside(given)
        outputs = self.outputs[id] = {}
        self.scopes[id] = Scope(
            id=id,
            name=name,
            parent=container(id),
            definition=definition,
            site=site,
            args=frame.args,
            reads=tuple(read.local for read in reads),
            inputs=tuple(read.ref for read in reads),
            members=(),
            absent=inside.absent,
            order=(),
            outputs=outputs,
            following=follow,
            train_only=frame.training,
            share=frame.share,
        )
        return inside

    def close_scope(self, id: str, outputs: Sequence[Port] = ()) -> None:
        """Writes down what the scope came to hold."""
        inside, conditions = self.inside[id], (conjunction(port.when) for port in outputs)
        written: Mapping[str, str] = NO_NAMES
        if inside.listed and inside.absent:
            written = {str(i): name for i, name in enumerate(inside.order)}
        elif any(map(nested, inside.order)):
            written = called_in_lists(inside.order)
        self.scopes[id] = replace(
            self.scopes[id],
            members=tuple(inside.members),
            order=tuple(inside.order),
            written=written,
            conditions=tuple(condition for condition in conditions if condition is not None),
        )

    def fill(self, block: Block, frame: Frame, unknown: Given, use: Place | None = None) -> Given:
        """Expands the members of a block into the open scope; gives what the scope gives, as `unknown` is labelled."""
        inside, previous = self.inside[frame.scope], block.inputs[0].name
        inside.listed, writer = block.listed, self.each.writer(block)
        for _, several in groupby(block.members, key=lambda entry: entry.name):
            member = self.chosen_of(tuple(several), frame)
            for one in self.each.members(writer, member, inside, frame) if writer is not None else (member,):
                inside.given[one.name] = self.member(one, frame, inside, previous)
                previous = previous if reads_nothing(one) else one.name
        if writer is not None:
            block = replace(block, outputs=self.each.outputs(writer, block, frame))
        inside.ports = block.outputs
        chosen = use.entry.outputs if use is not None else ()
        self.close_scope(frame.scope, chosen or block.outputs)
        if frame.flat and not chosen and block.outputs and block.outputs[0].path.names != (previous,):
            message = f"{frame.flat} is flat: its output is its last member, {previous}"
            self.values.report("flat-not-a-chain", message, block.outputs[0].path.span, frame)
        given = self.reader.ports_of(block, frame, chosen, use.frame if use is not None and chosen else frame)
        return replace(given, span=unknown.span)

    def chosen_of(self, several: tuple[Entry, ...], frame: Frame) -> Entry:
        """Which of alternatives is there: the first whose condition holds; the first of all where none does."""
        if len(several) == 1:
            return several[0]
        return next((entry for entry in several if self.values.holds(entry.when, frame)), several[0])

    def is_one(self, share: str) -> bool:
        """Whether what is shared is one module, and no sequence of parts."""
        scope = self.scopes.get(share)
        return share in self.nodes.nodes or (scope is not None and scope.definition.kind != "repeat")

    # -- repeats ----------------------------------------------------------------------------------------------------

    def repeat(self, place: Place, count: int, inputs: Inputs) -> Given:
        """The sequence that `repeat` makes: a part reads what the one before gives, else what the sequence reads."""
        once = place.share if self.is_one(place.share) else ""  # one module, which all parts are
        if once:
            around = place.frame.share  # in a second use, the sequence is that of the first
            place = replace(place, share=child_id(around, place.name) if around else "")
        entry, frame = place.entry, self.enter(place)
        if frame is None:
            return Given({}, entry.name_span, known=False)
        called = entry.names.name if entry.names is not None else ""
        names = beside_parts(inputs.labels(len(place.reads)), called)
        given = {name: given_by(read) for name, read in zip(names, place.reads, strict=True)}
        definition = self.sites.repeat(entry, names)
        inside = self.open_scope(place.name, definition, place.site, frame, place.reads, given)
        reads = tuple(Read(Local(name), given.ports[""]) for name, given in inside.given.items())
        inside.parts = True
        result = Given({}, known=False)
        for i in range(count):
            self.copies.member(entry, frame.scope)
            name, first, last = part_name(called, i), i == 0, i == count - 1
            inside.order.append(name)
            here = replace(frame, names={**frame.names, "i": i}, args={**frame.args, "i": i})
            share = once or (child_id(frame.share, name) if frame.share else "")
            site, fields = self.sites.part(entry, first, last), overridden(entry, first, last)
            part = Place(name, entry, site, fields, reads, here, share)
            if entry.target is not None and not entry.target.plain and not self.alike(entry, here, inputs):
                return Given({}, entry.name_span, known=False)
            result = inside.given[name] = self.put(part, inside)
            if once and result.known:
                self.check_sharing(part, frozenset("i"))
            given_on = self.reader.handed_on(entry, here, result, inputs) if not last else {}
            handed = {k: Read(Local(name, port), ref, result.span) for k, (port, ref) in given_on.items()}
            reads = tuple(handed.get(k, read) for k, read in enumerate(reads))
        self.close_scope(frame.scope)
        last_name = part_name(called, count - 1)
        for i, port in enumerate(self.outputs.get(child_id(frame.scope, last_name), result.ports)):
            self.outputs[frame.scope][port] = Local(last_name, port if i else "")
        return replace(result, ports=dict(result.ports), span=entry.name_span, scope=frame.scope)
