"""Expand: Spec + settings + input shapes -> Graph and shapes.

Every use of a block becomes a scope, every use of an op a node. Shape rules run on the way, for expressions may ask for
`x.channels`. Recursive over the nesting of blocks alone, which is bounded; linear in the nodes.

One mistake has one message: what depends on a fault has no shape, and stays silent. A mistake that several uses of a block
share is reported for the first of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from archspec.diagnostics.diagnostic import Label, Span
from archspec.diagnostics.findings import Findings
from archspec.ir.graph import Absent, Definition, Graph, Local, Node, Output, Ref, Scope, Site, child_id
from archspec.ops.op import OPS, Op, ShapeFault
from archspec.passes.assemble import assemble
from archspec.passes.frame import MAX_NESTING, Frame, Given, Inside, Read, Use
from archspec.passes.operate import Operator, OptionFault
from archspec.passes.reading import Reader, first_read
from archspec.passes.sites import Sites
from archspec.passes.values import Values
from archspec.registry import nearest
from archspec.spec.evaluate import UNKNOWN, Bound, Missing
from archspec.spec.settings import bind
from archspec.spec.spec import Block, Entry, Port, Spec, Written
from archspec.spec.written import plain_value
from archspec.values.expression import Value
from archspec.values.shape import Shape

MAX_NODES = 250_000


@dataclass(frozen=True, slots=True)
class Expanded:
    """A graph and what was found on the way.

    Attributes:
        graph: with everything in it that the spec writes, needed or not.
        shapes: node id -> output shapes, one per port of its op.
        chosen: ids of the scopes whose use chooses its outputs.
    """

    graph: Graph
    shapes: Mapping[str, tuple[Shape, ...]]
    chosen: frozenset[str]


def expand(spec: Spec, args: Mapping[str, Value], inputs: Mapping[str, Shape], findings: Findings) -> Expanded:
    """The network that a spec describes under these settings.

    Raises:
        SpecError: with every mistake found.
    """
    expander = _Expander(findings)
    graph = expander.network(spec, args, inputs)
    return Expanded(graph, expander.shapes, frozenset(expander.chosen))


class _TooMany(Exception):
    """The network is larger than any spec may be."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a member goes: its name in a scope, the entry it comes from, what that says there, and what it reads."""

    name: str
    entry: Entry
    site: Site
    fields: Mapping[str, Written]
    reads: tuple[Read, ...]
    frame: Frame

    @property
    def id(self) -> str:
        return child_id(self.frame.scope, self.name)


class _Expander:
    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.values = Values(findings)
        self.operator = Operator()
        self.sites = Sites()
        self.nodes: dict[str, Node] = {}
        self.scopes: dict[str, Scope] = {}
        self.shapes: dict[str, tuple[Shape, ...]] = {}
        self.inside: dict[str, Inside] = {}
        self.outputs: dict[str, dict[str, Local]] = {}
        self.reader = Reader(self.values, self.inside, self.outputs)
        self.chosen: set[str] = set()
        self.size = 0

    # -- the whole network ------------------------------------------------------------------------------------------

    def network(self, spec: Spec, args: Mapping[str, Value], inputs: Mapping[str, Shape]) -> Graph:
        """The graph. Raises SpecError with everything found."""
        given: dict[str, Given] = {}
        for name, decl in spec.inputs.items():
            self.nodes[name] = Node(name, name, "", self.operator.op("input", {"shape": inputs[name].dims, "dtype": decl.dtype}), (), (), Site(name, decl.span))
            self.shapes[name] = (inputs[name],)
            given[name] = Given({"": Ref(name)}, decl.span)
        names: dict[str, Bound] = {**args, **inputs}
        frame = Frame(spec, "", names, args, args)
        ports: dict[str, Ref] = {}
        try:
            ports = self.scope("", spec.name, spec.body, "spec", frame, given, ()).ports
        except _TooMany:
            self.report("too-many-nodes", f"a network has at most {MAX_NODES:,} nodes", spec.body.span, frame)
        self.findings.stop()
        training = {port.name.name for port in spec.body.outputs if port.when is not None and port.when.training}
        spans = {port.name.name: port.name.span for port in spec.body.outputs}
        outputs = tuple(
            Output(name, ref, name in training, spans.get(name, spec.body.span)) for name, ref in ports.items() if name
        )
        return assemble(self.nodes, self.scopes, tuple(spec.inputs), outputs)

    # -- members ----------------------------------------------------------------------------------------------------

    def member(self, entry: Entry, frame: Frame, inside: Inside, previous: str) -> Given:
        """Expands one entry: what its name stands for afterwards."""
        self.size += 1
        if self.size > MAX_NODES:
            raise _TooMany
        if entry.when is not None:
            if entry.when.training and not frame.training:
                frame = replace(frame, training=True)
            if not self.values.holds(entry.when, frame):
                return self.left_out(entry, frame, inside, previous)
        count = 0
        if entry.repeat is not None:
            count = self.values.count(entry.repeat, frame, MAX_NODES)
            if not count:
                return self.left_out(entry, frame, inside, previous)
        takes = self.inputs_of(entry, frame)
        if takes is None:
            return Given({}, entry.name_span, known=False)
        names, required, variadic = takes
        reads = self.reader.reads(entry, frame, inside, previous, names, required, variadic)
        if reads is None:
            return Given({}, entry.name_span, known=False)
        if entry.repeat is not None:
            inside.members.append(entry.name)
            return self.repeat(entry, frame, reads, count, tuple(f"x{i}" for i in range(len(reads))) if variadic else names)
        return self.place(_Place(entry.name, entry, self.sites.whole(entry), entry.fields, reads, frame), inside)

    def left_out(self, entry: Entry, frame: Frame, inside: Inside, previous: str) -> Given:
        """A member whose condition does not hold stands for what it reads first."""
        read = first_read(entry, inside, previous)
        inside.absent[entry.name] = Absent(entry.name, self.sites.whole(entry), (read.local,))
        return Given({"": read.ref}, entry.name_span, absent=True)

    def inputs_of(self, entry: Entry, frame: Frame) -> tuple[tuple[str, ...], int, bool] | None:
        """The inputs of what an entry uses: names, how many are required, whether it takes any number; None after a fault."""
        if entry.kind == "op":
            op = OPS[self.op_name(entry)]
            return op.input_names, op.required, op.variadic
        block = entry.body
        if block is None:
            target = self.target(entry, frame)
            block = target.body if isinstance(target, Spec) else target
        if block is None:
            return None
        return tuple(named.name for named in block.inputs), len(block.inputs), False

    def op_name(self, entry: Entry) -> str:
        """The name of an entry's op."""
        value = entry.target.expr.value if entry.target is not None and entry.target.plain else None  # type: ignore[union-attr]
        return str(value)

    def target(self, entry: Entry, frame: Frame) -> Block | Spec | None:
        """The block or spec that an entry uses; None after a fault."""
        if entry.target is None:
            return None
        name = self.values.value(entry.target, frame)
        if isinstance(name, Missing):
            return None
        found = frame.spec.blocks.get(str(name)) or frame.spec.uses.get(str(name))
        if found is None and str(name) not in frame.spec.use_spans:
            near = nearest(str(name), (*frame.spec.blocks, *frame.spec.uses))
            help = f"did you mean {near}?" if near else ""
            self.report("unknown-block", f"there is no block {name}", entry.target.span, frame, help=help)
        return found

    def place(self, place: _Place, inside: Inside) -> Given:
        """Puts an op, a use of a block or an inline graph in its place."""
        inside.members.append(place.name)
        if place.entry.kind == "op":
            return self.node(place)
        return self.inline(place) if place.entry.body is not None else self.use(place)

    # -- ops --------------------------------------------------------------------------------------------------------

    def node(self, place: _Place) -> Given:
        """One op: its fields, its shape rule, its place in the graph."""
        entry, frame, reads = place.entry, place.frame, place.reads
        unknown = Given({}, entry.name_span, known=False)
        fields: dict[str, Value] = {}
        for name, written in place.fields.items():
            value = self.values.value(written, frame)
            if isinstance(value, Missing):
                return unknown
            fields[name] = value
        xs = tuple(x for x in (self.shape(read.ref) for read in reads) if x is not None)
        try:
            op = self.operator.op(self.op_name(entry), fields)
            if len(xs) < len(reads):
                return unknown
            ys = self.operator.infer(op, xs)
        except OptionFault as fault:
            span = place.fields[fault.field].span if fault.field in place.fields else entry.name_span
            self.report("bad-option", fault.message, span, frame, help=fault.help)
            return unknown
        except ShapeFault as shape_fault:
            self.shape_fault(shape_fault, place, xs)
            return unknown
        self.shapes[place.id] = ys
        self.nodes[place.id] = Node(
            id=place.id,
            name=place.name,
            scope=frame.scope,
            op=op,
            inputs=tuple(read.ref for read in reads),
            reads=tuple(read.local for read in reads),
            site=place.site,
            train_only=frame.training,
            share=self.shared_node(place, op, xs),
        )
        return Given({port: Ref(place.id, port) for port in op.ports}, entry.name_span)

    def shape(self, ref: Ref) -> Shape | None:
        """The shape of an output, None where a mistake left it unknown."""
        shapes = self.shapes.get(ref.node)
        if shapes is None:
            return None
        return shapes[self.nodes[ref.node].op.ports.index(ref.port)] if ref.port else shapes[0]

    def shape_fault(self, fault: ShapeFault, place: _Place, xs: tuple[Shape, ...]) -> None:
        """Reports a shape rule that does not hold: at the field at fault, else where the inputs are named."""
        entry, field = place.entry, place.fields.get(fault.field)
        where = field.span if field is not None else entry.name_span
        pointed = fault.pointed
        if field is None and len(xs) > 1:
            where = entry.reads.span if entry.reads is not None else where
            pointed = pointed or " and ".join(str(x) for x in xs)
        labels: dict[Span, Label] = {}
        for read, x in zip(place.reads, xs, strict=True):
            if read.origin is not None and read.origin != where:
                labels.setdefault(read.origin, Label(read.origin, str(x)))
        self.report(
            fault.code, fault.message, where, place.frame, help=fault.help, pointed=pointed, labels=tuple(labels.values())
        )

    def shared_node(self, place: _Place, op: Op, xs: tuple[Shape, ...]) -> str:
        """The node whose parameters this one uses again."""
        owner = self.owner(place)
        if not owner:
            return ""
        found = self.nodes.get(owner)
        span = place.entry.share.span if place.entry.share is not None else place.entry.name_span
        if found is None:
            if owner not in self.scopes:
                return ""
            self.report("share-mismatch", f"{place.name} is an op, and what it shares with is a block", span, place.frame)
            return ""
        theirs = tuple(x for x in (self.shape(ref) for ref in found.inputs) if x is not None)
        mine, owned = op.parameters(xs), found.op.parameters(theirs)
        if type(op) is not type(found.op) or mine != owned:
            held = [" and ".join(f"{n} {list(s)}" for n, s in shapes.items()) or "none" for shapes in (mine, owned)]
            message = f"{place.name} cannot use the parameters of {found.name}: it needs {held[0]}, and these are {held[1]}"
            self.report("share-mismatch", message, span, place.frame, labels=(Label(found.site.span, "these"),))
            return ""
        return found.share or owner

    def owner(self, place: _Place) -> str:
        """The id that `share` names, or the one that corresponds in the scope whose parameters are used again."""
        if place.entry.share is not None and place.name == place.entry.name:
            return child_id(place.frame.scope, place.entry.share.name)
        return child_id(place.frame.share, place.name) if place.frame.share else ""

    # -- scopes -----------------------------------------------------------------------------------------------------

    def scope(
        self,
        id: str,
        name: str,
        block: Block,
        kind: str,
        frame: Frame,
        given: dict[str, Given],
        reads: tuple[Read, ...],
        site: Site | None = None,
        ports: tuple[Port, ...] = (),
    ) -> Given:
        """Expands a body in the scope `id`; `frame` stands inside it."""
        inside = self.inside[id] = Inside(given=given)
        definition = self.sites.block(block, kind)  # type: ignore[arg-type]  # one of the words of Definition.kind
        outputs = self.outputs[id] = {}
        self.scopes[id] = Scope(
            id=id,
            name=name,
            parent=id.rpartition("/")[0],
            definition=definition,
            site=site or Site(name, block.span),
            args=frame.args,
            reads=tuple(read.local for read in reads),
            inputs=tuple(read.ref for read in reads),
            members=(),
            absent=inside.absent,
            order=tuple(entry.name for entry in block.members),
            outputs=outputs,
            train_only=frame.training,
            share=frame.share,
        )
        previous = block.inputs[0].name if block.inputs else ""
        for entry in block.members:
            inside.given[entry.name] = self.member(entry, frame, inside, previous)
            previous = entry.name
        self.scopes[id] = replace(self.scopes[id], members=tuple(inside.members))
        return self.reader.ports_of(id, block, ports, frame)

    def enter(self, place: _Place) -> Frame | None:
        """The frame inside the scope that a place becomes; None where the nesting has no end."""
        frame = place.frame
        if frame.depth >= MAX_NESTING:
            message = f"blocks are nested more than {MAX_NESTING} deep"
            self.report("too-deep", message, place.entry.name_span, frame)
            return None
        return replace(frame, scope=place.id, depth=frame.depth + 1, share=self.owner(place))

    def inline(self, place: _Place) -> Given:
        """An inline graph: sees what its surroundings see, and its own inputs."""
        block, frame = place.entry.body, self.enter(place)
        if block is None or frame is None:
            return Given({}, place.entry.name_span, known=False)
        given, shapes = self.given(block, place.reads)
        frame = replace(frame, names={**frame.names, **shapes})
        result = self.scope(place.id, place.name, block, "inline", frame, given, place.reads, place.site)
        return replace(result, span=place.entry.name_span)

    def use(self, place: _Place) -> Given:
        """A use of a named block or of another spec."""
        entry, unknown = place.entry, Given({}, place.entry.name_span, known=False)
        target, frame = self.target(entry, place.frame), self.enter(place)
        if target is None or frame is None:
            return unknown
        block = target.body if isinstance(target, Spec) else target
        if block in frame.blocks:
            chain = " uses ".join(b.name for b in (*frame.blocks[frame.blocks.index(block) :], block))
            span = entry.target.span if entry.target is not None else entry.name_span
            self.report("recursive-block", f"a block uses itself: {chain}", span, place.frame)
            return unknown
        given, shapes = self.given(block, place.reads)
        bound = self.arguments(place, target, block)
        spec, spec_args = (target, bound) if isinstance(target, Spec) else (frame.spec, frame.spec_args)
        frame = replace(
            frame,
            spec=spec,
            names={**spec_args, **bound, **shapes},
            args=bound,
            spec_args=spec_args,
            blocks=(*frame.blocks, block),
            use=Use(place.id.replace("/", "."), entry.name_span, bound),
        )
        kind = "spec" if isinstance(target, Spec) else "block"
        if entry.outputs:
            self.chosen.add(place.id)
        result = self.scope(place.id, place.name, block, kind, frame, given, place.reads, place.site, entry.outputs)
        return replace(result, span=entry.name_span)

    def arguments(self, place: _Place, target: Block | Spec, block: Block) -> dict[str, Value]:
        """The values of a block's params in this use."""
        entry, frame = place.entry, place.frame

        def report(code: str, message: str, name: str) -> None:
            span = place.fields[name].span if name in place.fields else entry.name_span
            self.report(code, message, span, frame)

        for name in place.fields:
            if name not in block.params:
                near = nearest(name, block.params)
                help = f"did you mean {near}?" if near else f"its params are {', '.join(block.params) or 'none'}"
                span = entry.field_keys.get(name, place.fields[name].span)
                self.report("unknown-param", f"{block.name} has no param {name}", span, frame, help=help)
        base = self.variant(entry, target, frame) if isinstance(target, Spec) else None
        values = bind(block.params, self.values.values(place.fields, frame), report, base)
        return values  # type: ignore[return-value]  # unknown ones stop the stage before anyone reads them

    def variant(self, entry: Entry, spec: Spec, frame: Frame) -> dict[str, Value] | None:
        """The settings of the variant that an entry names, over the defaults."""
        if entry.variant is None:
            return None
        name = self.values.value(entry.variant, frame)
        if isinstance(name, Missing):
            return None
        found = spec.variants.get(str(name))
        if found is None:
            near = nearest(str(name), spec.variants)
            help = f"did you mean {near}?" if near else f"its variants are {', '.join(spec.variants) or 'none'}"
            self.report("unknown-variant", f"{spec.name} has no variant {name}", entry.variant.span, frame, help=help)
            return None
        return variant_values(spec, str(name))

    def given(self, block: Block, reads: tuple[Read, ...]) -> tuple[dict[str, Given], dict[str, Bound]]:
        """What the names of a block's inputs stand for inside it, and what expressions know of them."""
        given: dict[str, Given] = {}
        shapes: dict[str, Bound] = {}
        for named, read in zip(block.inputs, reads, strict=True):
            given[named.name] = Given({"": read.ref})
            shape = self.shape(read.ref)
            shapes[named.name] = UNKNOWN if shape is None else shape
        return given, shapes

    def repeat(self, entry: Entry, frame: Frame, reads: tuple[Read, ...], count: int, names: tuple[str, ...]) -> Given:
        """The sequence that `repeat` makes: each part reads the one before, and the other inputs of the sequence."""
        place = _Place(entry.name, entry, self.sites.whole(entry), entry.fields, reads, frame)
        inner = self.enter(place)
        if inner is None:
            return Given({}, entry.name_span, known=False)
        names = names[: len(reads)]
        definition: Definition = self.sites.repeat(entry, names)
        inside = self.inside[place.id] = Inside(
            given={name: Given({"": read.ref}) for name, read in zip(names, reads, strict=True)}
        )
        outputs = self.outputs[place.id] = {}
        scope = Scope(
            id=place.id,
            name=entry.name,
            parent=frame.scope,
            definition=definition,
            site=place.site,
            args=frame.args,
            reads=tuple(read.local for read in reads),
            inputs=tuple(read.ref for read in reads),
            members=(),
            absent=inside.absent,
            order=tuple(str(i) for i in range(count)),
            outputs=outputs,
            train_only=inner.training,
            share=inner.share,
        )
        self.scopes[place.id] = scope
        result = self.parts(entry, inner, inside, names, count)
        self.scopes[place.id] = replace(scope, members=tuple(inside.members))
        last = str(count - 1)
        scope_ports = self.outputs.get(child_id(place.id, last))
        for port in scope_ports if scope_ports is not None else result.ports:
            outputs[port] = Local(last, port)
        return Given(dict(result.ports), entry.name_span, scope=place.id, known=result.known)

    def parts(self, entry: Entry, frame: Frame, inside: Inside, names: tuple[str, ...], count: int) -> Given:
        """Expands the parts of a repeat; gives the last one."""
        others = tuple(Read(Local(name), inside.given[name].ports[""]) for name in names[1:])
        read = Read(Local(names[0]), inside.given[names[0]].ports[""])
        result = Given({}, known=False)
        for i in range(count):
            self.size += 1
            if self.size > MAX_NODES:
                raise _TooMany
            first, last = i == 0, i == count - 1
            fields = entry.fields
            if (first and entry.first) or (last and entry.last):
                fields = {**fields, **((entry.first or {}) if first else {}), **((entry.last or {}) if last else {})}
            here = replace(frame, names={**frame.names, "i": i}, args={**frame.args, "i": i})
            place = _Place(str(i), entry, self.sites.part(entry, first, last), fields, (read, *others), here)
            result = inside.given[str(i)] = self.place(place, inside)
            read = Read(Local(str(i)), result.ports.get("", Ref(place.id)), result.span)
        return result

    def report(
        self,
        code: str,
        message: str,
        span: Span,
        frame: Frame,
        *,
        help: str = "",
        pointed: str = "",
        labels: tuple[Label, ...] = (),
    ) -> None:
        """Records a mistake, with the use of the block it came through."""
        self.values.report(code, message, span, frame, help=help, pointed=pointed, labels=labels)


def variant_values(spec: Spec, name: str) -> dict[str, Value]:
    """The values of a spec's params in one of its variants; what has none is left out."""
    variant = spec.variants[name].settings
    values: dict[str, Value] = {}
    for param in spec.body.params.values():
        if param.name in variant:
            values[param.name] = plain_value(variant[param.name])
        elif not param.required:
            values[param.name] = param.default
    return values
