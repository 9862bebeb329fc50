"""Many: a block whose last input takes any number of values, written out for one number of them.

    inputs: [maps.*]
    graph:
      brought: {block: bring, each: maps, down: $(to - i)}
      add: {op: add, from: brought.*}

of two values is

    inputs: [maps_0, maps_1]
    graph:
      brought.0: {block: bring, from: maps_0, down: $to}
      brought.1: {block: bring, from: maps_1, down: $(to - 1)}
      add: {op: add, from: [brought.0, brought.1]}

So all that comes after expansion meets blocks of as many inputs as they have names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from archspec.diagnostics.diagnostic import Span
from archspec.language.expression.grammar import FACTS
from archspec.language.expression.symbolic import rebuild, simplify
from archspec.language.names import ALL, nested, several, unused
from archspec.language.spec import (
    Block,
    Condition,
    Entry,
    From,
    Named,
    Path,
    Port,
    Written,
    WrittenRule,
    WrittenStart,
)
from archspec.language.yaml.document import Scalar, Yaml
from archspec.language.yaml.document import Sequence as YamlSequence
from archspec.values.dataclass import dataclass
from archspec.values.expression import Attribute, Call, Expr, Index, List, Literal, Name, parts

INDEX = "i"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a block for one number of values."""

    code: str
    message: str
    span: Span
    help: str = ""


def takes_many(inputs: Yaml | None) -> bool:
    """Whether the last of a block's inputs stands for any number of values: `[x, maps.*]`."""
    last = inputs.items[-1] if isinstance(inputs, YamlSequence) and inputs.items else None
    return isinstance(last, Scalar) and last.text.endswith(ALL)


def written_out(block: Block, count: int) -> tuple[Block, tuple[Fault, ...]]:
    """A block of any number of inputs where it is given `count` in all, and what is wrong with it then.

    The same number gives the same block, so that what is written once is one thing in all uses. Linear in the members
    times the values.
    """
    if count not in block.for_count:
        writer = Writer(block, count - len(block.inputs) + 1)
        made = writer.block()
        if writer.faults:
            return made, tuple(writer.faults)
        block.for_count[count] = made
    return block.for_count[count], ()


def value_names(block: Block, count: int) -> tuple[str, ...]:
    """What the inputs of such a block are called where there are `count` in all: `x`, `maps_0`, `maps_1`."""
    *before, last = (named.name for named in block.inputs)
    taken = {*before, *block.params, *(entry.name for entry in block.members)}
    return (*before, *(unused(f"{last}_{number}", taken) for number in range(count - len(before))))


@dataclass(slots=True)
class Writer:
    """Writes out one block for `count` values of its last input, and members for each of other values."""

    source: Block
    count: int = 0
    several: dict[str, tuple[str, ...]] = field(default_factory=dict)  # what has several values -> what each is called
    ones: set[str] = field(default_factory=set)  # those of them that are one module
    faults: list[Fault] = field(default_factory=list)

    def block(self) -> Block:
        """The block."""
        block = self.source
        *before, last = block.inputs
        names = value_names(block, len(before) + self.count)[len(before) :]
        self.several[last.name] = names
        members: list[Entry] = []
        for entry in block.members:
            members += self.members(entry)
        return replace(
            block,
            inputs=(*before, *(Named(name, last.span) for name in names)),
            members=tuple(members),
            outputs=tuple(one for port in block.outputs for one in self.ports(port)),
            order=tuple(Named(name, named.span) for named in block.order for name in self.called(named.name)),
            init=tuple(self.rule(rule, None) for rule in block.init),
            lets=tuple(replace(let, expr=self.expr(let.expr, None, let.span)) for let in block.lets),
            freeze=self.maybe(block.freeze, None),
            many=False,
            several=last,
            before=len(before),
        )

    def called(self, name: str) -> tuple[str, ...]:
        """The members that one of the source has become."""
        return self.several.get(name, (name,))

    def members(self, entry: Entry) -> tuple[Entry, ...]:
        """What a member becomes: itself, or one for each value, where it is known how many there are."""
        each = entry.each
        sources = self.sources(each) if each is not None else None
        if sources is not None:
            return self.for_each(entry, sources)
        one = self.entry(entry, None, entry.reads and self.reads(entry.reads, None))
        return (replace(one, each=each and self.reads(each, None)),)

    def sources(self, each: From) -> tuple[Path, ...] | None:
        """The values that `each` names; None where only the network says how many there are."""
        (first, *more) = each.listed
        if not more and len(first.names) == 1 and first.names[0] in self.several:
            return tuple(self.path_to(name, (), first.span) for name in self.several[first.names[0]])
        found = tuple(path for one in each.listed for path in self.paths(one, None))
        known = more or several(first.names[-1]) is not None
        return found if known and not any(several(path.names[-1]) for path in found) else None

    def for_each(self, entry: Entry, sources: Sequence[Path]) -> tuple[Entry, ...]:
        """A member for each of `sources`, which it reads where it says nothing else."""
        made = []
        for number, (source, name) in enumerate(zip(sources, self.names(entry, len(sources)), strict=True)):
            default = From((source,), None, source.span)
            reads = self.reads(entry.reads, number) if entry.reads is not None else default
            one = self.entry(entry, number, reads)
            share = Named(entry.name, entry.name_span) if entry.one and number else one.share
            made.append(replace(one, name=name, share=share, each=None, one=False))
        self.note(entry, made)
        return tuple(made)

    def note(self, entry: Entry, made: Sequence[Entry]) -> None:
        """Notes what a member for each of several has become."""
        self.several[entry.name] = tuple(one.name for one in made)
        if entry.one:
            self.ones.add(entry.name)

    def names(self, entry: Entry, count: int) -> tuple[str, ...]:
        """What as many members are called: one list, or the module that all of them are and its further uses."""
        if not entry.one:
            return tuple(f"{entry.name}.{number}" for number in range(count))
        taken = {*(named.name for named in self.source.inputs), *(other.name for other in self.source.members)}
        further = (unused(f"{entry.name}_{number}", taken) for number in range(1, count))
        return (entry.name, *further)

    def share(self, entry: Entry, number: int | None) -> Named | None:
        """Whose module a member is: of a list of modules, that with the number of the value."""
        share = entry.share
        if share is None or share.name not in self.several:
            return share
        names = self.several[share.name]
        if share.name in self.ones:
            return replace(share, name=names[0])
        if number is None or number >= len(names):
            there = "there is one" if len(names) == 1 else f"there are {len(names)}"
            message = f"{entry.name} is one module, and {share.name} a list"
            if number is not None:
                message = f"there is no {share.name}.{number} to be {entry.name}.{number}: {there}"
            self.fault("share-mismatch", message, share.span, f"with share: true, {share.name} is one module, too")
            return None
        return replace(share, name=names[number])

    def entry(self, entry: Entry, number: int | None, reads: From | None) -> Entry:
        """A member with its expressions for this number of values; `number` is that of the value it is for."""
        inner = None if entry.repeat is not None else number  # the index of a repeat is its own
        return replace(
            entry,
            target=self.maybe(entry.target, inner),
            fields=self.values(entry.fields, inner),
            reads=reads,
            share=self.share(entry, number),
            when=self.condition(entry.when, number),
            repeat=self.maybe(entry.repeat, number),
            first=self.values(entry.first, inner) if entry.first is not None else None,
            last=self.values(entry.last, inner) if entry.last is not None else None,
            body=self.body(entry.body) if entry.body is not None else None,
            variant=self.maybe(entry.variant, inner),
            freeze=self.maybe(entry.freeze, inner),
            init=self.rule(entry.init, inner) if entry.init is not None else None,
        )

    def body(self, block: Block) -> Block:
        """A block in place, whose expressions see what is around it; its inputs are its own."""
        hidden = {named.name for named in block.inputs}
        several = {name: names for name, names in self.several.items() if name not in hidden}
        inner = replace(self, several=several, faults=self.faults)
        made = tuple(inner.entry(entry, None, entry.reads) for entry in block.members)
        return replace(block, members=made, freeze=inner.maybe(block.freeze, None))

    # -- references -------------------------------------------------------------------------------------------------

    def reads(self, reads: From, number: int | None) -> From:
        """A `from` by the names that there are."""
        if reads.named is None:
            return replace(reads, listed=tuple(path for one in reads.listed for path in self.paths(one, number)))
        named: dict[str, tuple[Named, Path]] = {}
        for name, (key, one) in reads.named.items():
            found = self.paths(one, number)
            if len(found) > 1:
                message = f"{one} is several values, and {name} is one of the inputs by name"
                self.fault("too-many-inputs", message, one.span, "several go by place: from: [x, maps.*]")
            named.update((name, (key, path)) for path in found[:1])
        return replace(reads, named=named)

    def paths(self, path: Path, number: int | None) -> tuple[Path, ...]:
        """What a reference stands for."""
        name, *rest = path.names
        if number is not None:
            rest = [str(number) if one == INDEX else one for one in rest]
        if name not in self.several:
            return (replace(path, names=(name, *rest)),)
        names = self.several[name]
        if not rest:
            self.fault("unknown-reference", f"{name} has several values", path.span, f"{name}.* is all of them")
            return ()
        if rest[0] == INDEX:
            message = f"{name}.{INDEX} is one of several, and nothing here says of each of them"
            self.fault("unknown-reference", message, path.span, f"each: {name}")
            return ()
        if (chosen := several(rest[0])) is not None:
            return tuple(self.path_to(one, rest[1:], path.span) for one in names[chosen])
        if not rest[0].isdigit() or int(rest[0]) >= len(names):
            there = "there is one, " if len(names) == 1 else f"there are {len(names)}, up to "
            self.fault(
                "unknown-reference", f"there is no {name}.{rest[0]}", path.span, f"{there}{name}.{len(names) - 1}"
            )
            return ()
        return (self.path_to(names[int(rest[0])], rest[1:], path.span),)

    def path_to(self, name: str, rest: "list[str] | tuple[str, ...]", span: Span) -> Path:
        """The way to one of several, and on."""
        return Path((*(nested(name) or (name,)), *rest), span)

    def ports(self, port: Port) -> tuple[Port, ...]:
        """An output, or one for each of several."""
        paths = self.paths(port.path, None)
        one = len(paths) == 1 and several(port.path.names[-1]) is None
        return (replace(port, path=paths[0]),) if one else outputs_of(port, paths, tuple(map(str, range(len(paths)))))

    # -- expressions ------------------------------------------------------------------------------------------------

    def values(self, written: Mapping[str, Written], number: int | None) -> Mapping[str, Written]:
        """Fields or arguments."""
        return {name: self.value(one, number) for name, one in written.items()}

    def maybe(self, written: Written | None, number: int | None) -> Written | None:
        """A value, if there is one."""
        return self.value(written, number) if written is not None else None

    def value(self, written: Written, number: int | None) -> Written:
        """A value, with what is known of the several in it."""
        expr = self.expr(written.expr, number, written.span)
        return written if expr == written.expr else Written(expr, written.yaml)

    def condition(self, condition: Condition | None, number: int | None) -> Condition | None:
        """A condition."""
        if condition is None:
            return None
        return replace(condition, tests=tuple(self.value(test, number) for test in condition.tests))

    def rule(self, rule: WrittenRule, number: int | None) -> WrittenRule:
        """What tensors start with."""
        starts = tuple(self.start(start, number) for start in rule.starts)
        return replace(rule, starts=starts, when=self.condition(rule.when, number))

    def start(self, start: WrittenStart, number: int | None) -> WrittenStart:
        """What one tensor starts with."""
        return replace(start, settings=self.values(start.settings, number))

    def expr(self, expr: Expr, number: int | None, span: Span) -> Expr:
        """An expression: `i` is the number, `maps.0.channels` a fact of one value, `len(maps)` how many there are."""
        match expr:
            case Name(name) if name == INDEX and number is not None:
                return Literal(number)
            case Name(name) if name in self.several:
                message = f"{name} is several inputs and has no value"
                help = f"{name}.0.channels is a fact of one, and len({name}) how many there are"
                self.fault("expression-type", message, span, help)
            case Attribute(owner, fact) if owner in self.several:
                return List(tuple(Attribute(name, fact) for name in self.several[owner]))
            case Call("len", (Name(name),)) if name in self.several:
                return Literal(len(self.several[name]))
            case Index(Index(Name(name), at), Name(fact)) if name in self.several and fact in FACTS:
                return simplify(Index(self.expr(Attribute(name, fact), number, span), self.expr(at, number, span)))
        inside = parts(expr)
        made = tuple(self.expr(part, number, span) for part in inside)
        return expr if made == inside else simplify(rebuild(expr, made))

    def fault(self, code: str, message: str, span: Span, help: str) -> None:
        """Records a mistake."""
        self.faults.append(Fault(code, message, span, help))


def outputs_of(port: Port, paths: Sequence[Path], keys: Sequence[str]) -> tuple[Port, ...]:
    """An output for each of several: `maps_0`, `maps_1`. Those of `maps.*` are read as `maps.0`, `maps.1`, too."""
    base = port.name.name.removesuffix(ALL)
    group = base if base != port.name.name else ""
    return tuple(
        replace(port, name=Named(f"{base}_{key}", port.name.span), path=path, group=group)
        for key, path in zip(keys, paths, strict=True)
    )
