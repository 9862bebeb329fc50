"""Reading: what the names of a scope stand for, in `from` and in `outputs`."""

from collections.abc import Callable, Mapping
from dataclasses import field, replace

from archspec.graph.elaborate.evaluation import Values, notes_of
from archspec.graph.elaborate.frame import Frame, Given, Inside, Read
from archspec.graph.elaborate.several import spread, spread_ports, values_of
from archspec.graph.graph import Local, Ref, child_id
from archspec.graph.handing import handed_as
from archspec.language.many import value_names
from archspec.language.names import several, split_path
from archspec.language.spec import Block, Entry, Named, Path, Port
from archspec.ops.op import OPS
from archspec.registry import nearest
from archspec.values.dataclass import dataclass

MOST_NAMED = 8  # members that a message lists


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of an op or a block.

    Attributes:
        names: of all of them, in order.
        required: how many it needs, the first ones.
        variadic: it takes any number of them.
        stand_ins: input -> the one that stands for it where it is not named, and one after it is.
        told_apart: inputs that may be left out before another: by their shapes, or as a number stands for them.
        block: of any number of inputs, the block that has them.
    """

    names: tuple[str, ...]
    required: int
    variadic: bool = False
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    told_apart: frozenset[str] = frozenset()
    block: Block | None = None

    def of(self, count: int) -> "Inputs":
        """The same where there are so many: a block that takes any number has a name for each."""
        if self.block is None:
            return self
        return replace(self, names=value_names(self.block, count), required=count, variadic=False, block=None)

    def labels(self, count: int) -> tuple[str, ...]:
        """Names for as many inputs as are given."""
        return tuple(f"x{i}" for i in range(count)) if self.variadic else self.names[:count]


class Reader:
    """Resolves references against the scopes expanded so far.

    A path that reaches into a scope (`features.stage1.pool`) gives that scope one output more, named by the rest.
    """

    def __init__(
        self,
        values: Values,
        inside: Mapping[str, Inside],
        outputs: Mapping[str, dict[str, Local]],
        tensors: Callable[[str], Mapping[str, tuple[int, ...]]],
    ) -> None:
        self.values, self.inside, self.outputs, self.tensors = values, inside, outputs, tensors

    def reads(
        self, entry: Entry, frame: Frame, inside: Inside, previous: str, inputs: Inputs
    ) -> tuple[Read, ...] | None:
        """What a member reads, in the order of the inputs of what it uses; None after a fault."""
        written = entry.reads
        if not inputs.names and not inputs.variadic:
            if written is None:
                return ()
            message = f"{entry.name} takes no input, and is given one"
            self.values.report("too-many-inputs", message, written.span, frame, help="leave out `from`")
            return None
        if written is not None and written.named is not None:
            return self.named_reads(entry, written.named, frame, inside, previous, inputs)
        reads: list[Read | None] = [default_read(inside, previous)]
        if written is not None and written.listed:
            paths = (path for one in written.listed for path in spread(one, inside, self.inside))
            reads = [self.read(path, frame, inside) for path in paths]
        span = written.span if written is not None else entry.name_span
        if any(read is not None and read.ref.node == "?" and several(read.local.port) for read in reads):
            return None  # of what depends on a fault, nobody knows how many there are
        required = 1 if inputs.variadic and written is not None and written.any_number else inputs.required
        if len(reads) < required:
            message = f"{entry.name} joins {inputs.required} inputs or more, and has {len(reads)}"
            if inputs.block is not None:
                message = f"{entry.name} takes {inputs.required} inputs or more, and has {len(reads)}"
            elif not inputs.variadic:
                message = f"{entry.name} takes {_counted(inputs.names[: inputs.required])}, and has {len(reads)}"
            self.values.report("missing-input", message, span, frame, help=f"name them: from: [{_example(inputs)}]")
            return None
        if len(reads) > len(inputs.names) and not inputs.variadic and written is not None:
            message = f"{entry.name} takes {_counted(inputs.names)}, and has {len(reads)}"
            help = "join them first, with add or concat" if len(inputs.names) == 1 else ""
            self.values.report("too-many-inputs", message, span, frame, help=help)
            return None
        found = tuple(read for read in reads if read is not None)
        return found if len(found) == len(reads) else None

    def kept_one(self, entry: Entry, frame: Frame, inside: Inside) -> Read | None:
        """The single value of a join over any number of values, which is that value; None of anything else."""
        reads = entry.reads
        if reads is None or not reads.any_number or entry.kind != "op" or entry.repeat is not None:
            return None
        name = self.values.op_name(entry, frame)
        paths = [path for one in reads.listed for path in spread(one, inside, self.inside)]
        keeps = name is not None and OPS[name].keeps_one and len(paths) == 1
        return self.read(paths[0], frame, inside) if keeps else None

    def named_reads(
        self,
        entry: Entry,
        named: Mapping[str, tuple[Named, Path]],
        frame: Frame,
        inside: Inside,
        previous: str,
        inputs: Inputs,
    ) -> tuple[Read, ...] | None:
        """`from: {x: a, skip: b}`; the first input is the member above where it is not named."""
        names, ok = inputs.names, True
        for name, (key, _) in named.items():
            if name not in names:
                near = nearest(name, names)
                help = f"did you mean {near}?" if near else f"its inputs are {', '.join(names)}" if names else ""
                self.values.report("unknown-input", f"{entry.name} has no input {name}", key.span, frame, help=help)
                ok = False
        reads: dict[str, Read | None] = {}
        for at, name in enumerate(names):
            missed = at < inputs.required or any(later in named for later in names[at + 1 :])
            if name in named:
                reads[name] = self.read(named[name][1], frame, inside)
            elif at == 0:
                reads[name] = default_read(inside, previous)
            elif missed and inputs.stand_ins.get(name) in reads:
                reads[name] = reads[inputs.stand_ins[name]]
            elif ok and missed and name not in inputs.told_apart:
                span = entry.reads.span if entry.reads is not None else entry.name_span
                self.values.report("missing-input", f"{entry.name} has nothing for its input {name}", span, frame)
                ok = False
        found = tuple(read for read in reads.values() if read is not None)
        return found if ok and len(found) == len(reads) else None

    def read(self, path: Path, frame: Frame, inside: Inside) -> Read | None:
        """What a reference in `from` stands for; None after a fault."""
        name, rest = split_path(path.names, inside.given)
        port, given = ".".join(rest), inside.given.get(name)
        if given is None:
            return None
        port = given.plain(port)
        if not given.known:
            return Read(Local(given.local or name, port), Ref("?"), given.span)
        ref = given.ports.get(port)
        if ref is None and given.scope and self.inside[given.scope].parts:
            found = self.tap(frame.scope, path.names)
            if found is not None:
                return Read(*found, given.span)
        if ref is None:
            self.report_port(name, port, given, path, frame)
            return None
        if port and given.scope and self.inside[given.scope].parts:
            self.check_one_meaning(frame.scope, path, frame)
        return Read(Local(given.local or name, port), ref, given.span)

    def passed_on(self, entry: Entry, inside: Inside, place: int, name: str) -> tuple[Path, ...]:
        """The one that an entry says of its reads: by place or by the name of an input; empty where it says nothing."""
        if entry.reads is None:
            return ()
        if entry.reads.named is not None:
            written = {key: path for key, (_, path) in entry.reads.named.items()}
            return tuple(path for key, path in written.items() if key == name) if name else tuple(written.values())[:1]
        paths = [path for one in entry.reads.listed for path in spread(one, inside, self.inside)]
        return tuple(paths[place : place + 1])

    def check_passed_on(self, read: Read, paths: tuple[Path, ...], frame: Frame, inside: Inside) -> None:
        """Reports what a left-out member would pass on, where there is no such output."""
        for path in paths:
            name, _ = split_path(path.names, inside.given)
            given = inside.given.get(name)
            if name == read.local.member and given is not None and given.known and read.ref.node == "?":
                self.report_port(name, read.local.port, given, path, frame)

    def report_port(self, name: str, port: str, given: Given, path: Path, frame: Frame) -> None:
        """Reports an output that something does not have."""
        message = f"{name} has no output {port}"
        if given.absent:
            message = f"{name} is left out here, and has no output {port}"
        known = (
            ([] if given.scope else values_of(given)) or [*given.called] or [other for other in given.ports if other]
        )
        near = f"{port}.*" if f"{port}.0" in known else nearest(port, known)
        help = f"did you mean {name}.{near}?" if near else f"its outputs are {', '.join(known)}" if known else ""
        if port.isdigit() and given.scope and self.inside[given.scope].parts:
            there = sum(map(str.isdigit, self.inside[given.scope].given))
            help = f"there {'is' if there == 1 else 'are'} {there}, up to {name}.{there - 1}" if there else help
        if port in given.on_request:
            help = f"{name} has it with {given.on_request[port]}: true"
        if given.scope and not near and path.names[1] in self.inside[given.scope].given:
            help = f"{port} stands inside {name}: let {name} give it, with outputs: at its use or in its block"
        help = self.help_of_tensor(path, frame) or help
        self.values.report("unknown-port", message, path.span, frame, help=help)

    def help_of_tensor(self, path: Path, frame: Frame) -> str:
        """The cure where what is read is a tensor of a layer: a member that is this tensor; empty for anything else."""
        *way, tensor = path.names
        found = self.tap(frame.scope, tuple(way)) if way else None
        if found is None or found[1].node != child_id(frame.scope, "/".join(way)):
            return ""
        shape = self.tensors(found[1].node).get(tensor)
        if shape is None:
            return ""
        member = f"{{op: parameter, shape: {list(shape)}, share: {path}}}"
        return f"a tensor of a layer is read by a member that is this tensor: {tensor}: {member}"

    def ports_of(self, block: Block, frame: Frame, ports: tuple[Port, ...], chooser: Frame) -> Given:
        """What the scope of `frame` gives: `ports` where its use chooses, else what its block says.

        `chooser` is where the outputs are written: around the scope where the use chooses.
        """
        id = frame.scope
        inside, outputs = self.inside[id], self.outputs[id]
        declared = {port.name.name: port for port in block.outputs}
        chosen = spread_ports(ports or block.outputs, inside, self.inside)
        if not chosen:
            last = block.members[-1]
            chosen = (Port(Named(last.name, last.name_span), Path((last.name,), last.name_span)),)
        refs: dict[str, Ref] = {}
        called: dict[str, str] = {}  # maps.0 -> maps_0
        known = True
        for port in chosen:
            if not self.values.holds(port.when, frame):
                continue
            path = port.path
            name, rest = split_path(path.names, inside.given)
            if ports and name not in inside.given and name in declared:
                path = Path((*declared[name].path.names, *rest), path.span)
            found = self.tap(id, path.names)
            if found is None:
                help = self.nearest_path(id, path)
                self.values.report(
                    "unknown-reference", f"there is no {path} in {block.name}", path.span, frame, help=help
                )
                known = False
                continue
            if not port.every:
                self.check_one_meaning(id, path, chooser)
            local, ref = found
            known = known and ref.node != "?"
            outputs[port.name.name] = local
            refs.setdefault("", ref)
            refs[port.name.name] = ref
            if port.group:
                called[f"{port.group}.{port.name.name.removeprefix(port.group)[1:]}"] = port.name.name
        if not refs and known:
            self.values.report("empty-graph", f"no output of {block.name} is left", block.span, frame)
        return Given(refs, scope=id, known=known and bool(refs), called=called)

    def tap(self, id: str, names: tuple[str, ...]) -> tuple[Local, Ref] | None:
        """What a path stands for inside the scope `id`; None where there is nothing. Recursive over the nesting."""
        name, rest = split_path(names, self.inside[id].given)
        given = self.inside[id].given.get(name)
        if given is None:
            return None
        port, local = given.plain(".".join(rest)), given.local or name
        if not given.known:
            return Local(local, port), Ref("?")
        if port in given.ports:
            first = next(iter(self.outputs[given.scope]), "") if given.scope else ""
            return Local(local, "" if port == first else port), given.ports[port]  # one name for one value
        if not given.scope:
            return None
        found = self.tap(given.scope, rest)
        if found is None:
            return None
        self.outputs[given.scope][port] = found[0]
        given.ports[port] = found[1]
        return Local(local, port), found[1]

    def handed_on(self, entry: Entry, frame: Frame, part: Given, inputs: Inputs) -> dict[int, tuple[str, Ref]]:
        """What a part of a repeat gives the next one; a warning where the names say otherwise than the places."""
        named = [port for port in part.ports if port] if entry.kind != "op" else []
        beside = {*named} - {*inputs.names}
        pairs = ((port, name) for port, name in zip(named, inputs.names, strict=False) if port != name)
        if beside and not beside.issuperset(named) and (wrong := next(pairs, None)) is not None:
            self.values.findings.add(
                "carried-by-place",
                f"the next part reads {wrong[0]} as {wrong[1]}: outputs go by place where not all are called as inputs",
                entry.name_span,
                notes=notes_of(frame, entry.name_span),
                help=f"to hand on by name, make {' and '.join(sorted(beside))} an input too; else rename the outputs",
                severity="warning",
            )
        return carried(entry, part, inputs)

    def check_one_meaning(self, id: str, path: Path, frame: Frame) -> None:
        """Reports a path whose last name is both an output of a block and another member inside it."""
        last, rest = split_path(path.names, self.inside[id].given)
        if not rest:
            return
        while rest:
            id = self.inside[id].given[last].scope if last in self.inside[id].given else ""
            if not id:
                return
            last, rest = split_path(rest, self.inside[id].given)
        output = self.outputs[id].get(last)
        inside = self.inside[id]
        if output is not None and last in (*inside.members, *inside.absent) and output != Local(last):
            named = f"{output.member}.{output.port}".rstrip(".")
            message = f"{path} is an output, {named}, and a member of the same name"
            help = f"rename the output or the member {last}"
            if last.isdigit():  # a graph that is a list calls its output by the number of the member that gives it
                message = f"{path} is part {last} of the repeat, and entry {last} of the list that its parts are"
                help = "give the entries of the list names: graph: {first: ..., second: ...}"
            self.values.report("ambiguous-reference", message, path.span, frame, help=help)

    def nearest_path(self, id: str, path: Path) -> str:
        """Help for a path that leads nowhere: the nearest name where it leaves what is there, or what there is."""
        rest, way = path.names, ""
        while rest:
            given = self.inside[id].given
            name, rest = split_path(rest, given)
            if name not in given:
                near = nearest(name, given)
                there = [f"{way}{member}" for member in self.inside[id].members]
                listed = ", ".join(there[:MOST_NAMED]) + (", ..." if len(there) > MOST_NAMED else "")
                return f"did you mean {near}?" if near else f"there are {listed}" if len(there) > 1 else ""
            id, way = given[name].scope, f"{way}{name}."
            if not id:
                return f"{name} has nothing inside"
        return ""


def default_read(inside: Inside, previous: str) -> Read:
    """The member above, or the scope's first input."""
    given = inside.given[previous]
    return Read(Local(given.local or previous), given.ports.get("", Ref("?")), given.span)


def first_read(paths: tuple[Path, ...], inside: Inside, previous: str) -> Read:
    """What a left-out member stands for: the value at the one path, if any, or that above."""
    name, rest = split_path(paths[0].names, inside.given) if paths else ("", ())
    if name not in inside.given:
        return default_read(inside, previous)
    given = inside.given[name]
    port = "" if given.absent else given.plain(".".join(rest))  # what is left out has one value, which it passes on
    return Read(Local(given.local or name, port), given.ports.get(port, Ref("?")), given.span)


def carried(entry: Entry, part: Given, inputs: Inputs) -> dict[int, tuple[str, Ref]]:
    """What a part of a repeat gives the next one, by the number of the input.

    That is the one value of an op, or all outputs of a block: by name where all are called as inputs are, or by place.
    """
    default = part.ports.get("", Ref("?"))
    if entry.kind == "op":
        return {0: ("", default)}
    given = [(port, ref) for port, ref in part.ports.items() if port]
    named = {port: (port if i else "", ref) for i, (port, ref) in enumerate(given)}
    pairs = handed_as(tuple(named) or ("",), inputs.names)
    return {inputs.names.index(name): named.get(port, ("", default)) for port, name in pairs}


def _counted(names: tuple[str, ...]) -> str:
    return f"one input, {names[0]}" if len(names) == 1 else f"{len(names)} inputs ({', '.join(names)})"


def _example(inputs: Inputs) -> str:
    return "a, b" if inputs.variadic and inputs.block is None else ", ".join(inputs.names[: inputs.required])
