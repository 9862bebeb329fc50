"""Nodes: ops put in their places, with their fields evaluated and their shape rules applied."""

from collections.abc import Mapping

from archspec.diagnostics.diagnostic import Label, Span
from archspec.graph.elaborate.evaluation import Values, division_help
from archspec.graph.elaborate.frame import Given, Place
from archspec.graph.graph import NO_EXPRS, Node, Ref, Site
from archspec.graph.walk import head
from archspec.language.expression.evaluate import Missing
from archspec.language.op_fields import OptionFaults, build_op
from archspec.language.settle import evaluated
from archspec.language.spec import InputDecl, Written
from archspec.ops.op import Op, ShapeFault
from archspec.ops.sizes import plural
from archspec.values.expression import Value
from archspec.values.run import Runner
from archspec.values.shape import Shape

MAX_RANK = 63  # sizes after the batch: PyTorch computes with tensors of 64 dimensions at most


class Nodes:
    """The nodes made so far and their shapes. Equal ops are one object, and each is asked once about equal inputs."""

    def __init__(self, values: Values, run: Runner | None = None) -> None:
        self.values, self.run = values, run
        self.nodes: dict[str, Node] = {}
        self.shapes: dict[str, tuple[Shape, ...]] = {}
        self._ops: dict[tuple[str, str], Op] = {}
        self._completed: dict[tuple[int, tuple[Shape, ...]], Op] = {}
        self._inferred: dict[tuple[int, tuple[Shape, ...]], tuple[Shape, ...]] = {}

    def input(self, decl: InputDecl, shape: Shape, params: Mapping[str, Value]) -> Given:
        """The node of an input of the network."""
        if len(shape.dims) > MAX_RANK:
            self.values.findings.add("rank-mismatch", _too_many_dims(shape), decl.dims.span)
        fields: dict[str, Value] = {"shape": shape.dims, "dtype": shape.dtype}
        if decl.values is not None:
            fields["values"] = self.range_of(decl, decl.values, params)
        op = self.op("input", fields)
        site = Site(decl.name, decl.span, NO_EXPRS if decl.dims.plain else {"shape": decl.dims.expr})
        self.nodes[decl.name] = Node(decl.name, decl.name, "", op, (), (), site)
        self.shapes[decl.name] = (shape,)
        return Given({"": Ref(decl.name)}, decl.span)

    def range_of(self, decl: InputDecl, written: Written, params: Mapping[str, Value]) -> Value:
        """Which values an input has; what is no range is recorded."""
        found = evaluated(written, params, self.values.findings)
        if isinstance(found, str):
            return found
        match found:
            case (int() | float() as low, int() | float() as high) if low <= high and decl.dtype != "bool":
                return found
        message = f"the values of {decl.name} go from the lowest to the highest, [0, 1]"
        if decl.dtype == "bool":
            message = f"{decl.name} is true or false, and has no other values"
        self.values.findings.add("bad-option", message, written.span)
        return "any"

    def put(self, place: Place) -> Given:
        """The node of an op; after a fault, what is known of it is its name."""
        unknown = Given({}, place.entry.name_span, known=False)
        fields = self.fields(place)
        op = self.checked_op(place, fields) if fields is not None else None
        xs = tuple(x for x in (self.shape(read.ref) for read in place.reads) if x is not None)
        if op is None or len(xs) < len(place.reads):
            return unknown
        try:
            op = self.completed(op, xs)
            self.shapes[place.id] = self.infer(op, xs)
        except ShapeFault as fault:
            self.report_shapes(fault, place, xs)
            return unknown
        self.nodes[place.id] = Node(
            id=place.id,
            name=place.name,
            scope=place.frame.scope,
            op=op,
            inputs=tuple(read.ref for read in place.reads),
            reads=tuple(read.local for read in place.reads),
            site=place.site,
            train_only=place.frame.training,
            share=self.shared(place, op, xs) if place.share else "",
        )
        ports = {port: Ref(place.id, port) for port in op.ports}
        asked = {port: field for port, field in op.ports_by_field.items() if port not in ports}
        return Given(ports, place.entry.name_span, called=self.called(place, op), on_request=asked)

    def called(self, place: Place, op: Op) -> Mapping[str, str]:
        """Port by the name that the entry gives to it, or the op where the first has a name of its own."""
        named = place.entry.outputs
        if named and len(named) != len(op.ports):
            span = named[min(len(op.ports), len(named)) - 1].path.span
            message = (
                f"{op.name} gives {plural(len(op.ports), 'value')} here, and {plural(len(named), 'name')} for them"
            )
            self.values.report("unknown-port", message, span, place.frame)
        own = {port or op.first_port: port for port in op.ports} if op.first_port else {}
        return {port.name.name: ours for port, ours in zip(named, op.ports, strict=False)} or own

    def parameters(self, node: Node) -> dict[str, tuple[int, ...]]:
        """The shapes of a node's parameters by name."""
        return node.op.parameters(tuple(x for x in map(self.shape, node.inputs) if x is not None))

    def tensors(self, node: Node) -> dict[str, tuple[str, ...]]:
        """A node's parameters by what `init:` calls them."""
        return node.op.tensors_of(tuple(x for x in map(self.shape, node.inputs) if x is not None))

    def shape(self, ref: Ref) -> Shape | None:
        """The shape of an output, None where a mistake left it unknown."""
        shapes = self.shapes.get(ref.node)
        if shapes is None:
            return None
        return shapes[self.nodes[ref.node].op.ports.index(ref.port)] if ref.port else shapes[0]

    def fields(self, place: Place) -> dict[str, Value] | None:
        """The values of an op's fields; None where one is unknown."""
        fields: dict[str, Value] = {}
        for name, written in place.fields.items():
            value = self.values.value(written, place.frame)
            if isinstance(value, Missing):
                return None
            fields[name] = value
        return fields

    def checked_op(self, place: Place, fields: Mapping[str, Value]) -> Op | None:
        """The op with these fields; None where it does not take them, which is recorded."""
        name = self.values.op_name(place.entry, place.frame)
        if name is None:
            return None
        try:
            return self.op(name, fields)
        except OptionFaults as error:
            for fault in error.faults:
                written = place.fields.get(fault.field)
                span = written.span if written is not None else place.entry.name_span
                help = fault.help or (division_help(written, fields.get(fault.field)) if fault.whole else "")
                self.values.report(fault.code, fault.message, span, place.frame, help=help)
            return None

    def op(self, name: str, fields: Mapping[str, Value]) -> Op:
        """The op `name` with these fields. Raises OptionFaults."""
        key = (name, repr(fields))  # and not the values: 1, 1.0 and True are equal
        found = self._ops.get(key)
        if found is None:
            found = self._ops[key] = build_op(name, fields)
        return found

    def completed(self, op: Op, xs: tuple[Shape, ...]) -> Op:
        """The op with what running code tells of it, once for equal ops and inputs. Raises ShapeFault."""
        key = (id(op), xs)
        found = self._completed.get(key)
        if found is None:
            found = self._completed[key] = op.completed(xs, self.run)
        return found

    def infer(self, op: Op, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The op's output shapes. Raises ShapeFault."""
        key = (id(op), xs)
        found = self._inferred.get(key)
        if found is None:
            found = op.outputs(xs)
            for y in found:
                if len(y.dims) > MAX_RANK:
                    raise ShapeFault("rank-mismatch", _too_many_dims(y))
                if any(size < 1 for size in y.dims):
                    read = " and ".join(str(x) for x in xs)
                    raise ShapeFault("size-below-one", f"{op.name} of {read} leaves {y}")
            self._inferred[key] = found
        return found

    def report_shapes(self, fault: ShapeFault, place: Place, xs: tuple[Shape, ...]) -> None:
        """Reports a shape rule that does not hold: at the field at fault, else where the inputs are named."""
        entry, field, pointed = place.entry, place.fields.get(fault.field), fault.pointed
        where = field.span if field is not None else entry.name_span
        if field is None and len(xs) > 1:
            where = entry.reads.span if entry.reads is not None else where
            pointed = pointed or " and ".join(str(x) for x in xs)
        labels: dict[Span, Label] = {}
        for read, x in zip(place.reads, xs, strict=True):
            if read.origin is not None and read.origin != where:
                labels.setdefault(read.origin, Label(read.origin, str(x)))
        self.values.report(
            fault.code,
            fault.message,
            where,
            place.frame,
            help=fault.help,
            pointed=pointed,
            labels=tuple(labels.values()),
        )

    def sizes_of_tensors(self, id: str) -> Mapping[str, tuple[int, ...]]:
        """The shapes of a node's parameters by name; none of what is no node."""
        return self.parameters(self.nodes[id]) if id in self.nodes else {}

    def shared(self, place: Place, op: Op, xs: tuple[Shape, ...]) -> str:
        """The node whose parameters this one uses again, "" after a fault."""
        owner = self.nodes.get(place.share)
        if owner is None:
            message = f"{place.share.replace('/', '.')} has no parameters here for {place.entry.name} to share"
            self.values.report_unless_echo("share-mismatch", message, place.share_span, place.frame)
            return ""
        mine, owned = op.parameters(xs), self.parameters(owner)
        if type(op) is type(owner.op) and mine == owned:
            return owner.share or owner.id
        here, there = place.entry.name, owner.name
        if here == there:  # each in its use of a block
            here, there = (id.replace("/", ".") for id in (place.id, owner.id))
        message = f"{here} needs other parameters than {there} has"
        if mine == owned:
            message = f"{here} is a {op.name}, and {there} a {owner.op.name}: they are no one module"
        equal = ((name, theirs) for name in mine for theirs in owned if mine[name] == owned[theirs])
        tensor = next(equal, None) if type(op) is not type(owner.op) else None
        self.values.report(
            "share-mismatch",
            message,
            place.share_span,
            place.frame,
            help=f"one tensor can be shared: share: {{{tensor[0]}: {owner.name}.{tensor[1]}}}" if tensor else "",
            pointed=f"needs {_listed(mine)}" if mine != owned else "",
            labels=(Label(head(owner.site), f"has {_listed(owned)}" if mine != owned else "written here"),),
        )
        return ""


def _too_many_dims(shape: Shape) -> str:
    return f"PyTorch computes with at most {MAX_RANK} sizes after the batch, and here are {len(shape.dims):,}"


def _listed(parameters: Mapping[str, tuple[int, ...]]) -> str:
    return " and ".join(f"{name} {list(shape)}" for name, shape in parameters.items()) or "none"
