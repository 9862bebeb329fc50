"""Graphs as written -> entries. Recursive only over the nesting."""

from collections.abc import Collection, Iterable
from collections.abc import Mapping as MappingOf
from dataclasses import replace

from archspec.diagnostics.diagnostic import Span
from archspec.diagnostics.findings import Findings
from archspec.language.alternatives import alternatives
from archspec.language.check.references import report_none_above
from archspec.language.keys import ENTRIES
from archspec.language.lets import Lets
from archspec.language.names import (
    ALL,
    called,
    counted,
    fault_of_member,
    fault_of_name,
    fault_of_param,
    fault_of_part,
    several,
    unused,
)
from archspec.language.read_init import INIT, InitReader, has_own
from archspec.language.read_told import read_told
from archspec.language.row import carried, keys_of
from archspec.language.spec import NO_VALUES, Block, Condition, Entry, From, Named, ParamDecl, Path, Port, Tie, Written
from archspec.language.written import as_written, entries, is_number, joined, named_in, pairs, path_of, short
from archspec.language.yaml.document import Mapping, Scalar, Sequence, Yaml
from archspec.ops.op import OPS, Op
from archspec.values.expression import Literal, Value

_OWN_KEYS = {kind: frozenset(keys_of(model)) for kind, model in ENTRIES.items()}
_CARRIED = {kind: carried(model) for kind, model in ENTRIES.items()}
_KIND = {"op": "op", "block": "block", "graph": "inline"}
FIRST = "number_first"  # the field of ops of two operands that says whether the number is the first
OTHER = "other"  # the field of ops of two operands that holds the number in place of one
_NONE: MappingOf[str, Written] = {}


class GraphReader:
    """Reads graphs, recording faults of names and expressions."""

    def __init__(self, findings: Findings, lets: Lets) -> None:
        self.findings, self.lets = findings, lets
        self.init = InitReader(findings, self.value, self.condition)
        self.above: dict[str, Entry] = {}  # the members of the graph at hand that are read
        self.around: tuple[MappingOf[str, Entry], ...] = ()  # the same of the graphs that it is written in

    def value(self, yaml: Yaml) -> Written:
        """A value, with what the lets stand for that are known here."""
        return self.lets.value(yaml)

    def body(
        self,
        name: str,
        span: Span,
        parts: MappingOf[str, Yaml],
        *,
        params: MappingOf[str, ParamDecl],
        inputs: tuple[Named, ...],
        carries: Collection[str] = (),
    ) -> Block:
        """The Block whose `graph`, `outputs`, `flat` and `order` stand in `parts`, and what it carries."""
        around = self.lets
        self.lets = Lets(self.findings, around, {*params, *(named.name for named in inputs)}, name)
        taken = {**dict.fromkeys(params, "a param"), **{named.name: "an input" for named in inputs}}
        lets = self.lets.declare(pairs(parts.get("let")), taken)
        block = self.graph(name, span, parts, params=params, inputs=inputs, carries=carries)
        self.lets = around
        return replace(block, lets=lets)

    def graph(
        self,
        name: str,
        span: Span,
        parts: MappingOf[str, Yaml],
        *,
        params: MappingOf[str, ParamDecl],
        inputs: tuple[Named, ...],
        carries: Collection[str],
    ) -> Block:
        """The same where its lets are known."""
        graph, flat, lists = parts["graph"], parts.get("flat"), parts.get("lists")
        members = self.members(graph)
        taken = {named.name: named.span for named in inputs}
        for entry in members:
            if entry.name in taken:
                message = f"{entry.name} is an input here, so no member can be called that"
                self.findings.add("duplicate-name", message, entry.name_span)
        if not members:
            self.findings.add("empty-graph", f"{name} has no members", short(graph))
        return Block(
            name=name,
            span=span,
            params=params,
            inputs=inputs,
            members=members,
            outputs=self.outputs(parts.get("outputs")),
            listed=isinstance(graph, Sequence),
            flat=isinstance(flat, Scalar) and flat.value is True,
            lists=isinstance(lists, Scalar) and lists.value is True,
            order=self.order(parts.get("order"), graph),
            carried=_carried(parts, carries),
            told=read_told(parts),
            freeze=self.lets.value(parts["freeze"]) if "freeze" in parts else None,
            init=self.init.rules(parts.get("init")),
        )

    def order(self, yaml: Yaml | None, graph: Yaml) -> tuple[Named, ...]:
        """`order`: members in the order of the state_dict."""
        if not isinstance(yaml, Sequence):
            return ()
        if isinstance(graph, Sequence):
            message = "order is for members with names, and this graph numbers them"
            self.findings.add("unknown-key", message, yaml.span)
        found: dict[str, Named] = {}
        for item in yaml.items:
            named = Named(item.text if isinstance(item, Scalar) else "", item.span)
            if named.name in found:
                self.findings.add("duplicate-name", f"{named.name} is named twice", named.span)
            found[named.name] = named
        return tuple(found.values())

    def input_names(self, yaml: Yaml | None, span: Span, *, many: bool = False) -> tuple[Named, ...]:
        """The names of a block's inputs; `x` where it names none. The last may be any number of them, if `many`."""
        if not isinstance(yaml, Sequence):
            return (Named("x", span),)
        if not yaml.items:
            self.findings.add("missing-input", "a block has one input or more", yaml.span)
        found: dict[str, Named] = {}
        for item in yaml.items:
            name = item.text if isinstance(item, Scalar) else ""
            named = Named(name.removesuffix(ALL) if many and item is yaml.items[-1] else name, item.span)
            self.report(fault_of_param(named.name), named.span)
            if named.name in found:
                self.findings.add("duplicate-name", f"{named.name} is named twice", named.span)
            found[named.name] = named
        return tuple(found.values())

    def members(self, graph: Yaml) -> tuple[Entry, ...]:
        """The entries of a graph in writing order."""
        around, above, found, made = self.around, self.above, dict[str, Entry](), list[Entry]()
        self.around = (*around, above)
        written = tuple(_written_members(graph))
        named = not any(map(counted, (name for name, _, _ in written)))
        for name, key, value in written:
            if key is not None:
                self.report(fault_of_member(key.text), key.span)
            self.above = found
            if isinstance(value, Sequence) and key is not None:
                several = tuple(self.entry(name, key, item, named=named) for item in value.items)
                entries = alternatives(several, key.span, self.findings)
            else:
                entries = (self.entry(name, key, value, named=named),)
            made.extend(entries)
            found.update((name, entry) for entry in entries[:1])
        self.around, self.above = around, above
        return tuple(made)

    def entry(self, name: str, key: Scalar | None, yaml: Yaml, *, named: bool) -> Entry:
        """One member, its key None in a list; `named` says that no member of the graph has a number."""
        name_span = key.span if key is not None else short(yaml)
        span = joined(key.span, yaml.span) if key is not None else yaml.span
        if not isinstance(yaml, Mapping):
            return Entry(name, name_span, span, "op", self.lets.value(yaml), _NONE, {})
        parts = entries(yaml)
        kind = next(kind for kind in ENTRIES if kind in parts)
        fields: dict[str, Written] = {}
        keys: dict[str, Span] = {}
        own_init = has_own(parts)
        for field, value in yaml.entries:
            if field.text == INIT and own_init:
                for own, (place, written) in self.init.fields(field, value).items():
                    keys[own], fields[own] = place, written
            elif field.text not in _OWN_KEYS[kind]:
                fields[field.text] = self.lets.value(value)
                keys[field.text] = field.span
        if kind == "share":
            return self.once_more(Entry(name, name_span, span, "op", None, fields, keys), parts, named=named)
        entry = Entry(
            name=name,
            name_span=name_span,
            span=span,
            kind=_KIND[kind],  # type: ignore[arg-type]  # the three words of Entry.kind
            target=self.lets.value(parts[kind]) if kind != "graph" else None,
            fields=fields,
            field_keys=keys,
            body=self.inline(name, name_span, parts, repeated="repeat" in parts) if kind == "graph" else None,
        )
        common = len(_OWN_KEYS[kind] & parts.keys()) > 1
        return self.with_common(entry, kind, parts, named=named) if common else entry

    def once_more(self, entry: Entry, parts: MappingOf[str, Yaml], *, named: bool) -> Entry:
        """`{share: tower, from: b}`: what the member above is, with what this one says."""
        share = parts["share"]
        other = self.above.get(share.text) if isinstance(share, Scalar) else None
        if other is None:
            report_none_above(entry, share, self.above, self.around, self.findings)
            return entry
        made = replace(
            entry,
            kind=other.kind,
            target=other.target,
            fields={**other.fields, **entry.fields},
            field_keys={**other.field_keys, **entry.field_keys},
            body=other.body,
        )
        made = self.with_common(made, "share", parts, named=named)
        if "repeat" in parts:
            return made
        return replace(made, repeat=other.repeat, first=other.first, last=other.last, names=other.names)

    def with_number(self, entry: Entry, parts: MappingOf[str, Yaml]) -> tuple[Entry, MappingOf[str, Yaml]]:
        """`from: [1, z]`: a number among what an op reads stands for its field `other`."""
        read = parts.get("from")
        items = read.items if isinstance(read, Sequence) else ()
        number = next((item for item in items if is_number(item)), None)
        op = OPS.get(entry.op_name)
        if op is not None and FIRST not in op.model_fields:
            return self.with_numbers(entry, parts, items, op)
        if number is None or not isinstance(read, Sequence) or len(items) == 1 or OTHER in entry.fields:
            return entry, parts
        fields = {**entry.fields, OTHER: self.lets.value(number)}
        keys = {**entry.field_keys, OTHER: number.span}
        if items[0] is number:
            fields[FIRST] = Written(Literal(True), number)
            keys[FIRST] = number.span
        rest = Sequence(tuple(item for item in items if item is not number), read.span)
        return replace(entry, fields=fields, field_keys=keys), {**parts, "from": rest}

    def with_numbers(
        self, entry: Entry, parts: MappingOf[str, Yaml], items: tuple[Yaml, ...], op: type[Op]
    ) -> tuple[Entry, MappingOf[str, Yaml]]:
        """`from: [mask, 1, x]`: where a number stands for an input, it is the field of that input's name."""
        named = dict(zip(op.input_names, items, strict=False))
        numbers = {name: item for name, item in named.items() if name in op.substitutes and is_number(item)}
        if (
            not numbers
            or not numbers.keys().isdisjoint(entry.fields)
            or not isinstance(read := parts["from"], Sequence)
        ):
            return entry, parts
        fields = {**entry.fields, **{name: self.lets.value(number) for name, number in numbers.items()}}
        keys = {**entry.field_keys, **{name: number.span for name, number in numbers.items()}}
        taken = {id(number) for number in numbers.values()}
        rest = Sequence(tuple(item for item in items if id(item) not in taken), read.span)
        return replace(entry, fields=fields, field_keys=keys), {**parts, "from": rest}

    def with_common(self, entry: Entry, kind: str, parts: MappingOf[str, Yaml], *, named: bool) -> Entry:
        """The entry with what any entry may say: where it reads, when, how often. In a list, numbers are entries."""
        share, repeat = parts.get("share"), parts.get("repeat")
        if entry.kind == "op" and named:
            entry, parts = self.with_number(entry, parts)
        own = self.input_names(parts.get("inputs"), entry.span) if entry.body is not None else ()
        called = {was.name: now.name for was, now in zip(own, entry.body.inputs if entry.body else (), strict=False)}
        return replace(
            entry,
            reads=self.reads(parts["from"], called) if "from" in parts else None,
            when=self.condition(parts["when"]) if "when" in parts else None,
            repeat=self.lets.value(repeat) if repeat is not None else None,
            each=self.reads(parts["each"], {}) if "each" in parts else None,
            first=self.overrides(parts, "first"),
            last=self.overrides(parts, "last"),
            names=self.part_names(parts),
            one=isinstance(share, Scalar) and share.value is True,
            share=named_in(share) if not self.ties(share) else None,
            ties=self.ties(share),
            variant=self.lets.value(parts["variant"]) if entry.kind == "block" and "variant" in parts else None,
            outputs=self.part_outputs(entry, parts.get("outputs")),
            carried=_carried(parts, _CARRIED[kind]),
            told=read_told(parts),
            freeze=self.lets.value(parts["freeze"]) if "freeze" in parts else None,
            init=self.init.rule(Named("", parts["init"].span), parts["init"])
            if INIT in parts and not has_own(parts)
            else None,
        )

    def ties(self, share: Yaml | None) -> tuple[Tie, ...]:
        """Single tensors that are shared: `{weight: wte.weight}`; for what is a tensor itself, `wte.weight`."""
        if isinstance(share, Scalar) and "." in share.text and share.text not in self.above:
            return (Tie(Path((), share.span), path_of(share)),)
        return tuple(Tie(path_of(key), path_of(value)) for key, value in pairs(share))

    def part_outputs(self, entry: Entry, yaml: Yaml | None) -> tuple[Port, ...]:
        """What a use of a block gives, or what the values of an op are called; a block in place says it itself."""
        if entry.kind == "inline":
            return ()
        ports = self.outputs(yaml)
        for port in ports if entry.kind == "op" else ():
            self.report(fault_of_name(port.name.name), port.name.span)
        return ports

    def overrides(self, parts: MappingOf[str, Yaml], key: str) -> MappingOf[str, Written] | None:
        """`first` or `last`: what one part of a repeat has instead."""
        if key not in parts:
            return None
        if "repeat" not in parts:
            self.findings.add("unknown-key", f"{key} is for a repeat, and there is none here", short(parts[key]))
        return {name: self.lets.value(value) for name, value in entries(parts[key]).items()}

    def part_names(self, parts: MappingOf[str, Yaml]) -> Named | None:
        """`names`: what the first part of a repeat is called."""
        yaml = parts.get("names")
        if not isinstance(yaml, Scalar):
            return None
        if "repeat" not in parts:
            self.findings.add("unknown-key", "names is for a repeat, and there is none here", yaml.span)
        self.report(fault_of_part(yaml.text), yaml.span)
        return Named(yaml.text, yaml.span)

    def inline(self, name: str, span: Span, parts: MappingOf[str, Yaml], *, repeated: bool) -> Block:
        """The block that an entry writes in place; read again where an input hides what a let in it means."""
        inputs, around = self.input_names(parts.get("inputs"), span), self.lets

        def body(renamed: MappingOf[str, str]) -> Block:
            self.lets = Lets(self.findings, around, {named.name for named in inputs}, renamed=renamed)
            known = tuple(map(self.lets.input, inputs))
            return self.graph(name, span, parts, params={}, inputs=known, carries=())

        made, caught = body({}), self.lets.caught
        given = {port.name.name for port in made.outputs}
        if repeated and not given.isdisjoint(caught):  # a repeat may carry it by this name
            for hidden, (let, reader) in caught.items():
                self.lets.report_hidden(let, hidden, reader)
        elif caught:
            taken = self.lets.taken() | {entry.name for entry in made.members}
            made = body({hidden: unused(hidden, taken) for hidden in caught})
        self.lets = around
        return made

    def condition(self, yaml: Yaml) -> Condition:
        """`when`: one test or a list of them."""
        tests = yaml.items if isinstance(yaml, Sequence) else (yaml,)
        training = [test for test in tests if isinstance(test, Scalar) and test.text == "training"]
        others = tuple(self.lets.value(test) for test in tests if test not in training)
        return Condition(others, bool(training), yaml.span)

    def reads(self, yaml: Yaml, called: MappingOf[str, str]) -> From:
        """`from`: a name, a list of names, or input names with names; `called` says which are called otherwise."""
        if isinstance(yaml, Mapping):
            written = [(Named(key.text, key.span), self.path(value)) for key, value in yaml.entries]
            named = {called.get(input.name, input.name): (input, path) for input, path in written}
            return From((), named, yaml.span)
        items = yaml.items if isinstance(yaml, Sequence) else (yaml,)
        if not items:
            self.findings.add("missing-input", "this names nothing", yaml.span)
        listed = tuple(map(self.path, items))
        return From(listed, None, yaml.span, any(several(path.names[-1]) is not None for path in listed))

    def path(self, yaml: Yaml) -> Path:
        """A reference to a member or an input of the graph at hand."""
        return self.lets.path(path_of(yaml))

    def outputs(self, yaml: Yaml | None) -> tuple[Port, ...]:
        """`outputs`: a name, a list of names, or port names with names."""
        if yaml is None:
            return ()
        found: dict[str, Port] = {}
        for port in self.ports(yaml):
            if port.name.name in found:
                help = f"name them: outputs: {{a_name: {found[port.name.name].path}, another: {port.path}}}"
                self.findings.add(
                    "duplicate-name", f"two outputs are called {port.name.name}", port.path.span, help=help
                )
            found[port.name.name] = port
        if not found:
            self.findings.add("empty-graph", "`outputs` names nothing", yaml.span)
        return tuple(found.values())

    def ports(self, yaml: Yaml) -> list[Port]:
        """Every output named, twice or not."""
        if not isinstance(yaml, Mapping):
            paths = [path_of(item) for item in (yaml.items if isinstance(yaml, Sequence) else (yaml,))]
            return [Port(Named(called(path.names), path.span), self.lets.path(path)) for path in paths]
        found = []
        for key, value in yaml.entries:
            self.report(fault_of_name(key.text.removesuffix(ALL)), key.span)
            parts = entries(value)
            when = self.condition(parts["when"]) if "when" in parts else None
            found.append(Port(Named(key.text, key.span), self.path(parts.get("from", value)), when))
        return found

    def report(self, fault: tuple[str, str] | None, span: Span) -> None:
        """Records what is wrong with a name, if anything."""
        if fault is not None:
            self.findings.add(fault[0], fault[1], span)


def _written_members(graph: Yaml) -> Iterable[tuple[str, Scalar | None, Yaml]]:
    """Name, key and entry of the members of a graph; in a list they are numbered and have no key."""
    if isinstance(graph, Sequence):
        return ((str(i), None, item) for i, item in enumerate(graph.items))
    return ((key.text, key, value) for key, value in pairs(graph))


def _carried(parts: MappingOf[str, Yaml], keys: Collection[str]) -> MappingOf[str, Value]:
    return {key: as_written(parts[key]) for key in keys if key in parts} or NO_VALUES
