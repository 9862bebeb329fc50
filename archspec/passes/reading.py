"""Reading: what the names of a scope stand for, in `from` and in `outputs`."""

from collections.abc import Mapping

from archspec.ir.graph import Local, Ref, child_id
from archspec.passes.frame import Frame, Given, Inside, Read
from archspec.passes.values import Values
from archspec.registry import nearest
from archspec.spec.spec import Block, Entry, Named, Path, Port


class Reader:
    """Resolves references against the scopes expanded so far.

    A path that reaches into a scope (`features.stage1.pool`) gives that scope an output more, named by the rest of the path.
    """

    def __init__(self, values: Values, inside: Mapping[str, Inside], outputs: Mapping[str, dict[str, Local]]) -> None:
        self.values, self.inside, self.outputs = values, inside, outputs

    def reads(
        self,
        entry: Entry,
        frame: Frame,
        inside: Inside,
        previous: str,
        names: tuple[str, ...],
        required: int,
        variadic: bool,
    ) -> tuple[Read, ...] | None:
        """What a member reads, in the order of the inputs of what it uses; None after a fault."""
        written = entry.reads
        if written is None or not (written.listed or written.named):
            reads: list[Read | None] = [default_read(inside, previous)]
        elif written.named is not None:
            return self.named_reads(entry, frame, inside, previous, names, required)
        else:
            reads = [self.read(path, frame, inside) for path in written.listed]
        if len(reads) < required:
            span = written.span if written is not None else entry.name_span
            self.values.report("missing-input", *_missing(entry, names, required, variadic, len(reads)), span, frame)  # type: ignore[misc]
            return None
        if len(reads) > len(names) and not variadic and written is not None:
            takes = "one input" if len(names) == 1 else f"{len(names)} inputs"
            message = f"{entry.name} takes {takes} ({', '.join(names)}), not {len(reads)}"
            help = "join them first, with add or concat" if len(names) == 1 else ""
            self.values.report("too-many-inputs", message, written.span, frame, help=help)
            return None
        found = tuple(read for read in reads if read is not None)
        return found if len(found) == len(reads) else None

    def named_reads(
        self, entry: Entry, frame: Frame, inside: Inside, previous: str, names: tuple[str, ...], required: int
    ) -> tuple[Read, ...] | None:
        """`from: {x: a, skip: b}`; the first input is the member above where it is not named."""
        written = entry.reads
        if written is None or written.named is None:
            return None
        ok = True
        for name, (key, _) in written.named.items():
            if name not in names:
                near = nearest(name, names)
                help = f"did you mean {near}?" if near else f"its inputs are {', '.join(names)}"
                self.values.report("unknown-input", f"{entry.name} has no input {name}", key.span, frame, help=help)
                ok = False
        reads: list[Read | None] = []
        for at, name in enumerate(names):
            if name in written.named:
                reads.append(self.read(written.named[name][1], frame, inside))
            elif at == 0:
                reads.append(default_read(inside, previous))
            elif at < required or any(later in written.named for later in names[at + 1 :]):
                message = f"{entry.name} has nothing for its input {name}"
                self.values.report("missing-input", message, written.span, frame)
                ok = False
        found = tuple(read for read in reads if read is not None)
        return found if ok and len(found) == len(reads) else None

    def read(self, path: Path, frame: Frame, inside: Inside) -> Read | None:
        """What a reference in `from` stands for; None after a fault."""
        name, port = path.names[0], ".".join(path.names[1:])
        given = inside.given.get(name)
        if given is None:
            return None
        if not given.known:
            return Read(Local(name, port), Ref("?"), given.span)
        ref = given.ports.get(port)
        if ref is None:
            self.values.report("unknown-port", *_unknown_port(name, port, given), path.span, frame)  # type: ignore[misc]
            return None
        return Read(Local(name, port), ref, given.span)

    def ports_of(self, id: str, block: Block, ports: tuple[Port, ...], frame: Frame) -> Given:
        """What a scope gives: `ports` where the use chooses them, else what its block declares, else its last member."""
        inside, outputs = self.inside[id], self.outputs[id]
        declared = {port.name.name: port for port in block.outputs}
        chosen = ports or block.outputs
        if not chosen:
            last = block.members[-1]
            chosen = (Port(Named(last.name, last.name_span), Path((last.name,), last.name_span)),)
        refs: dict[str, Ref] = {}
        known = True
        for port in chosen:
            if not self.values.holds(port.when, frame):
                continue
            path = port.path
            if ports and path.names[0] not in inside.given and path.names[0] in declared:
                path = Path((*declared[path.names[0]].path.names, *path.names[1:]), path.span)
            found = self.tap(id, path.names)
            if found is None:
                help = self.nearest_path(id, path)
                self.values.report("unknown-reference", f"there is no {path} in {block.name}", path.span, frame, help=help)
                known = False
                continue
            local, ref = found
            known = known and ref.node != "?"
            outputs[port.name.name] = local
            refs.setdefault("", ref)
            refs[port.name.name] = ref
        if not refs and known:
            self.values.report("empty-graph", f"no output of {block.name} is left", block.span, frame)
        return Given(refs, scope=id, known=known and bool(refs))

    def tap(self, id: str, names: tuple[str, ...]) -> tuple[Local, Ref] | None:
        """What a path from inside the scope `id` stands for; None where there is no such thing. Recursive over the nesting."""
        given = self.inside[id].given.get(names[0])
        if given is None:
            return None
        port = ".".join(names[1:])
        if not given.known:
            return Local(names[0], port), Ref("?")
        if port in given.ports:
            return Local(names[0], port), given.ports[port]
        if not given.scope:
            return None
        found = self.tap(given.scope, names[1:])
        if found is None:
            return None
        self.outputs[given.scope][port] = found[0]
        given.ports[port] = found[1]
        return Local(names[0], port), found[1]

    def nearest_path(self, id: str, path: Path) -> str:
        """Help for a path that leads nowhere: the nearest name where it leaves what is there."""
        at: str | None = id
        for name in path.names:
            given = self.inside[at].given if at is not None else {}
            if name not in given:
                near = nearest(name, given)
                return f"did you mean {near}?" if near else ""
            at = given[name].scope or None
            if at is None:
                return f"{name} has nothing inside"
        return ""


def default_read(inside: Inside, previous: str) -> Read:
    """The member above, or the scope's first input."""
    given = inside.given[previous]
    return Read(Local(previous), given.ports.get("", Ref("?")), given.span)


def first_read(entry: Entry, inside: Inside, previous: str) -> Read:
    """What a left-out member would have read first."""
    if entry.reads is None:
        return default_read(inside, previous)
    named = entry.reads.named
    path = entry.reads.listed[0] if entry.reads.listed else next(iter(named.values()))[1] if named else None
    if path is None or path.names[0] not in inside.given:
        return default_read(inside, previous)
    given, port = inside.given[path.names[0]], ".".join(path.names[1:])
    return Read(Local(path.names[0], port), given.ports.get(port, Ref("?")), given.span)


def _missing(entry: Entry, names: tuple[str, ...], required: int, variadic: bool, given: int) -> tuple[str, ...]:
    if variadic:
        return (f"{entry.name} joins {required} inputs or more, and has {given}",)
    return (f"{entry.name} takes {required} inputs ({', '.join(names[:required])}), and has {given}",)


def _unknown_port(name: str, port: str, given: Given) -> tuple[str, ...]:
    if given.absent:
        return (f"{name} is left out here, and has no output {port}",)
    return (f"{name} has no output {port}",)
