"""Templates: which scopes of the graph become which class, and what each class is made of.

A *class template* stands for all uses of one definition that have the same structure. Its parts are lined up over the
uses: part `conv1` of a template holds the node `conv1` of every use, or None where that use leaves it out.

    OpPart        one op
    BlockPart     an instance of another template
    SequencePart  an `nn.Sequential` written in place: an inline chain, a `repeat`, a `flat` numbered list
    RunPart       inside a SequencePart: the second and later parts of a repeat whose length is an argument

A scope that is a plain chain and was written in place becomes a SequencePart; every other scope becomes a template of
its own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from archspec.graph.graph import Definition, Graph, Local, Node, Ref, Scope, Site, child_id
from archspec.graph.network import Network

Signature: TypeAlias = int  # an interned structure: equal structures have equal numbers


@dataclass(slots=True, eq=False)
class OpPart:
    """One op of a template; `uses` run parallel to the template's."""

    name: str
    uses: tuple[Node | None, ...]
    reads: tuple[Local, ...]
    ports: tuple[str, ...]
    train_only: bool
    share: str

    @property
    def sample(self) -> Node:
        """Any node that is there."""
        return next(use for use in self.uses if use is not None)

    @property
    def site(self) -> Site:
        """Where the op is written."""
        return self.sample.site


@dataclass(slots=True, eq=False)
class BlockPart:
    """An instance of another template."""

    name: str
    template: "Template"
    uses: tuple[Scope | None, ...]
    reads: tuple[Local, ...]
    train_only: bool
    share: str

    @property
    def sample(self) -> Scope:
        """Any scope that is there."""
        return next(use for use in self.uses if use is not None)

    @property
    def site(self) -> Site:
        """Where the block is used."""
        return self.sample.site

    @property
    def ports(self) -> tuple[str, ...]:
        """What the instance returns, in order."""
        return self.template.ports


@dataclass(slots=True, eq=False)
class RunPart:
    """Parts 1, 2, ... of a repeat whose length differs between the uses: equal parts, `counts[use]` of them."""

    item: "OpPart | BlockPart | SequencePart"
    counts: tuple[int, ...]
    site: Site


@dataclass(slots=True, eq=False)
class SequencePart:
    """An `nn.Sequential` in place. `taps` maps a port to the index after the item that gives it."""

    name: str
    uses: tuple[Scope | None, ...]
    reads: tuple[Local, ...]
    items: "tuple[OpPart | BlockPart | SequencePart | RunPart, ...]"
    labels: tuple[str, ...]
    taps: Mapping[str, int]
    train_only: bool
    share: str
    chained: bool  # False: a repeat with further inputs, called in a loop

    @property
    def sample(self) -> Scope:
        """Any scope that is there."""
        return next(use for use in self.uses if use is not None)

    @property
    def site(self) -> Site:
        """Where the graph is written."""
        return self.sample.site

    @property
    def ports(self) -> tuple[str, ...]:
        """What the sequence gives, in order."""
        return tuple(self.taps) or ("",)

    @property
    def unrolled(self) -> bool:
        """Called part by part, because more than the last output of the last part is read, or parts give several."""
        if self.chained or self.sample.definition.kind != "repeat":
            return False
        several = any(isinstance(item, BlockPart) and len(item.ports) > 1 for item in self.items)
        return several or len(set(self.sample.outputs.values())) > 1

    def output(self, port: str) -> str:
        """Where an output of an unrolled repeat comes from: `0.head`."""
        outputs = self.sample.outputs
        target = outputs[port if port in outputs else next(iter(outputs))]
        item = self.items[self.labels.index(target.member)]
        return f"{target.member}.{item.template.port(target.port) if isinstance(item, BlockPart) else target.port}"

    @property
    def container(self) -> str:
        """The class that holds the items."""
        return "nn.Sequential" if self.chained else "nn.ModuleList" if self.numbered else "nn.ModuleDict"

    @property
    def numbered(self) -> bool:
        """Named 0, 1, 2, ... as `nn.Sequential` does by itself."""
        return all(label == str(i) for i, label in enumerate(self.labels))


Part: TypeAlias = OpPart | BlockPart | SequencePart
Item: TypeAlias = OpPart | BlockPart | SequencePart | RunPart


@dataclass(slots=True, eq=False)
class Template:
    """All uses of one definition that share a structure: one emitted class.

    `read` are the ports that other templates read; none for the root, all of whose outputs count. `bypass` names the
    members that every use leaves out, with what is read in their place. `sequential` templates are a chain of numbered
    members: `class Head(nn.Sequential)`.
    """

    definition: Definition
    uses: tuple[Scope, ...]
    name: str = ""
    parts: tuple[Part, ...] = ()
    labels: tuple[str, ...] = ()
    outputs: Mapping[str, Local] = field(default_factory=dict)
    bypass: Mapping[str, Local] = field(default_factory=dict)
    sequential: bool = False
    read: set[str] = field(default_factory=set)

    @property
    def ports(self) -> tuple[str, ...]:
        """What an instance returns, in order; ports that give the same value count as one."""
        first: dict[Local, str] = {}
        for port, local in self.outputs.items():
            first.setdefault(local, port)
        return tuple(first.values())

    def port(self, name: str) -> str:
        """The one name of an output, where several have the same value; the default output for a name it has not."""
        inner = self.outputs[name if name in self.outputs else next(iter(self.outputs))]
        return next(port for port in self.ports if self.outputs[port] == inner)

    def resolve(self, local: Local) -> Local:
        """What is read where a member that no use has is named."""
        while local.member in self.bypass:
            local = self.bypass[local.member]
        return local


def templates(network: Network) -> tuple[Template, ...]:
    """The templates of a network, each after those it is made of, the root's last. Linear in nodes."""
    ordered = _children_first(_Templates(network).build())
    for template in reversed(ordered):
        _drop_unread_outputs(template)
    return ordered


def block_parts(parts: Iterable[Item]) -> Iterator[BlockPart]:
    """Every instance of a template inside the parts, sequences and runs included."""
    for part in parts:
        match part:
            case BlockPart():
                yield part
            case SequencePart():
                yield from block_parts(part.items)
            case RunPart():
                yield from block_parts((part.item,))


def _children_first(root: Template) -> tuple[Template, ...]:
    """All templates below `root`, each after those it is made of. Recursion over nesting, which is bounded."""
    seen: dict[Template, None] = {}
    entered: set[Template] = set()

    def visit(template: Template) -> None:
        if template in entered:
            return
        entered.add(template)
        for part in block_parts(template.parts):
            visit(part.template)
        seen[template] = None

    visit(root)
    return tuple(seen)


def _drop_unread_outputs(template: Template) -> None:
    """Leaves a template and its parts the outputs that are read; the templates around it have been done before."""
    if template.read:
        default = next(iter(template.outputs), "")
        wanted = {port if port in template.outputs else default for port in template.read}
        template.outputs = {port: local for port, local in template.outputs.items() if port in wanted}
    read: dict[str, set[str]] = {}
    for local in [*template.outputs.values(), *(read for part in template.parts for read in part.reads)]:
        found = template.resolve(local)
        read.setdefault(found.member, set()).add(found.port)
    for part in template.parts:
        if isinstance(part, BlockPart):
            part.template.read |= read.get(part.name, {""})
        elif isinstance(part, SequencePart):
            part.taps = _read_taps(part, read.get(part.name, {""}))
            for inner in block_parts(part.items):
                inner.template.read.add("")
            if not part.chained:
                _read_inside(part, read.get(part.name, {""}))


def _read_inside(part: SequencePart, ports: set[str]) -> None:
    """Marks what is read of the parts of a repeat."""
    outputs = part.sample.outputs
    for port in ports:
        target = outputs[port if port in outputs else next(iter(outputs))]
        item = part.items[part.labels.index(target.member)] if target.member in part.labels else None
        if isinstance(item, BlockPart):
            item.template.read.add(target.port)


def _read_taps(part: SequencePart, ports: set[str]) -> dict[str, int]:
    """The taps behind `ports`; none where only the end of the sequence is read."""
    outputs = part.sample.outputs
    default = next(iter(outputs))
    targets = {outputs[port if port in outputs else default] for port in ports}
    taps = {port: position for port, position in part.taps.items() if outputs[port] in targets}
    return {} if tuple(taps.values()) == (len(part.items),) else taps


class _Templates:
    """The tables that building templates needs: structures seen, ports read, scopes by structure."""

    def __init__(self, network: Network) -> None:
        graph = network.graph
        self.parted: set[int] = set()  # definitions of which uses that leave out different members share no template
        self.network, self.graph = network, graph
        self.read: set[Ref] = {ref for node in graph.nodes.values() for ref in node.inputs}
        self.read |= {output.ref for output in graph.outputs}
        self.numbers: dict[object, Signature] = {}
        self.chains: dict[str, bool] = {}
        self.signatures: dict[str, Signature] = {}
        self.beside: set[Site] = set()
        self.keys: dict[str, Mapping[str, str]] = {}
        self.optional: dict[str, tuple[tuple[str, Signature | None], ...]] = {}
        self.template_of: dict[str, Template] = {}

    def build(self) -> Template:
        """The root's template, and all others below it."""
        self.beside = self._beside_chains()
        made = self._group()
        while split := self._split_inside(made) - self.parted:
            self.parted |= split
            made = self._group()
        for template in made:
            self._fill(template)
        return made[0]

    def _group(self) -> list[Template]:
        """A template for all scopes of one structure."""
        scopes = self.graph.scopes
        for scope in reversed(tuple(scopes.values())):
            self.chains[scope.id] = self._is_chain(scope)
            self.signatures[scope.id] = self._signature(scope)
        groups: dict[tuple[object, ...], list[Scope]] = {}
        for scope in scopes.values():
            if self._is_class(scope) and not self._inside_flat(scope):
                groups.setdefault((id(scope.definition), self.signatures[scope.id]), []).append(scope)
        made = [Template(uses[0].definition, tuple(uses)) for group in groups.values() for uses in self._split(group)]
        self.template_of = {scope.id: template for template in made for scope in template.uses}
        return made

    def _split_inside(self, made: Sequence[Template]) -> set[int]:
        """Definitions of which the uses at one place of a template have different templates.

        Their structure then has to say what each use leaves out, so that what is around them is parted too.
        """
        found: dict[tuple[Template, str], Template] = {}
        split: set[int] = set()
        for template in made:
            for use in template.uses:
                for path, inner in self._classes_inside(use):
                    if found.setdefault((template, path), inner) is not inner:
                        split.add(id(inner.definition))
        return split

    def _classes_inside(self, use: Scope) -> Iterator[tuple[str, Template]]:
        """The templates of the blocks of one use, by the key of their place in it, those in sequences included."""
        pending = [("", use)]
        while pending:
            path, scope = pending.pop()
            keys = self._keys(scope)
            for name in scope.members:
                inner = self.graph.scopes.get(child_id(scope.id, name))
                if inner is None:
                    continue
                place = f"{path}/{keys.get(name, name)}"
                if inner.id in self.template_of:
                    yield place, self.template_of[inner.id]
                else:
                    pending.append((place, inner))

    # -- which form a scope takes ------------------------------------------------------------------------------------

    def _is_class(self, scope: Scope) -> bool:
        kind = scope.definition.kind
        if kind in ("spec", "block"):
            return True
        if kind == "repeat":
            return False
        return not self.chains[scope.id]

    def _inside_flat(self, scope: Scope) -> bool:
        while scope.id:
            scope = self.graph.scopes[scope.parent]
            if scope.definition.flat:
                return True
        return False

    def _member(self, scope: Scope, name: str) -> Node | Scope:
        path = child_id(scope.id, name)
        return self.graph.nodes.get(path) or self.graph.scopes[path]

    def _keys(self, scope: Scope) -> Mapping[str, str]:
        """Name of a member -> what lines it up with the same member of other uses: in a list, its number as written."""
        if scope.id not in self.keys:
            self.keys[scope.id] = {name: key for key, name in scope.written.items()}
        return self.keys[scope.id]

    def _read(self, scope: Scope, local: Local) -> Local:
        """`local` by the key of what it names in `scope`."""
        return Local(self._keys(scope).get(local.member, local.member), local.port) if scope.written else local

    def _reads(self, member: Node | Scope) -> tuple[Local, ...]:
        """What a member reads, by keys."""
        around = self.graph.scopes[member.scope if isinstance(member, Node) else member.parent]
        return tuple(self._read(around, read) for read in member.reads) if around.written else member.reads

    def _beside_chains(self) -> set[Site]:
        """Where optional members are written that are no link of a chain in the uses that have them."""
        members: tuple[Node | Scope, ...] = (*self.graph.nodes.values(), *self.graph.scopes.values())
        return {
            member.site
            for member in members
            if member.site.when is not None
            and (len(member.reads) != 1 or (isinstance(member, Node) and not self._is_module(member)))
        }

    def _is_chain(self, scope: Scope) -> bool:
        """Whether the members follow one another, each a module of one input and one output."""
        if scope.definition.flat:
            return True
        if (
            scope.definition.order
            or len(scope.definition.inputs) != 1
            or any(absent.site in self.beside for absent in scope.absent.values())
        ):
            return False
        before = Local(scope.definition.inputs[0])
        present = set(scope.members)
        for name in scope.order:
            reads = self._member(scope, name).reads if name in present else scope.absent[name].reads
            if tuple(self._plain(scope, read) for read in reads) != (before,) or (
                name in present and not self._is_link(scope, self._member(scope, name))
            ):
                return False
            before = Local(name)
        outputs = {self._plain(scope, local) for local in scope.outputs.values()}
        if outputs == {before}:
            return bool(scope.order)
        taps_by_index = scope.definition.kind == "repeat" or scope.definition.listed
        return taps_by_index and bool(present) and all(tap.port == "" and tap.member in present for tap in outputs)

    def _plain(self, scope: Scope, local: Local) -> Local:
        """`local` without its port where that is the member's default output."""
        if not local.port:
            return local
        inner = self.graph.scopes.get(child_id(scope.id, local.member))
        if inner is None or local.port not in inner.outputs:
            return local
        default = next(iter(inner.outputs.values()))
        return Local(local.member) if inner.outputs[local.port] == default else local

    def _is_link(self, scope: Scope, member: Node | Scope) -> bool:
        if member.train_only != scope.train_only or member.share:
            return False
        if isinstance(member, Scope):
            return len(set(member.outputs.values())) == 1
        return self._is_module(member)

    def _is_module(self, node: Node) -> bool:
        op = node.op
        return bool(op.module) and op.sequential and len(node.inputs) == 1 and self._ports(node) == ("",)

    def _ports(self, node: Node) -> tuple[str, ...]:
        demanded = node.op.ports_on_demand
        ports = tuple(port for port in node.op.ports if port not in demanded or Ref(node.id, port) in self.read)
        return ports if not ports or ports[0] == "" else ("", *ports)

    # -- structures --------------------------------------------------------------------------------------------------

    def _number(self, structure: object) -> Signature:
        return self.numbers.setdefault(structure, len(self.numbers))

    def _optional_member(self, member: Node | Scope) -> bool:
        if member.site.when is None or not member.reads or member.train_only or member.share:
            return False
        if isinstance(member, Scope):
            return len(member.reads) == 1
        return self._ports(member) == ("",) and not member.op.holds

    def _member_signature(self, scope: Scope, member: Node | Scope) -> Signature:
        train_only = member.train_only and not scope.train_only
        if isinstance(member, Scope):
            inner = self.signatures[member.id]
            reads = self._reads(member)
            return self._number(("scope", id(member.definition), inner, reads, train_only, member.share != ""))
        ports = self._ports(member)
        form = member.op.form(self.network.input_shapes(member))
        kind = "chosen" if self._chosen(member) else type(member.op)
        return self._number((kind, ports, self._reads(member), train_only, member.share != "", form))

    def _chosen(self, node: Node) -> bool:
        """Whether an expression chooses the op among modules that need no settings, so that a class can be given it."""
        op = node.op
        plain = op.module and op.sequential and not op.slots(self.network.input_shapes(node)).keys() - op.defaults()
        return "op" in node.site.exprs and bool(plain) and len(node.inputs) == 1 and op == type(op)()

    def _signature(self, scope: Scope) -> Signature:
        if scope.definition.flat:
            leaves = tuple(type(leaf.op) for leaf in flat_leaves(self.graph, scope))
            return self._number(("flat", leaves, tuple(scope.outputs.items())))
        if scope.definition.kind == "repeat" and self._uniform(scope):
            return self._number(("repeat", self._member_signature(scope, self._member(scope, scope.members[0]))))
        entries: list[object] = []
        optional: list[tuple[str, Signature | None]] = []
        present = set(scope.members)
        keys = self._keys(scope)
        for name in scope.order:
            key = keys.get(name, name)
            if name not in present:
                absent = scope.absent[name]
                if absent.site.when is not None:
                    optional.append((key, None))
                else:
                    entries.append(("absent", key))
                continue
            member = self._member(scope, name)
            signature = self._member_signature(scope, member)
            if self._optional_member(member):
                optional.append((key, signature))
            else:
                entries.append((key, signature))
        outputs = tuple((port, self._read(scope, local)) for port, local in scope.outputs.items())
        if id(scope.definition) in self.parted or (scope.definition.listed and self._by_number(scope, outputs)):
            entries.extend(optional)
            optional.clear()
        self.optional[scope.id] = tuple(optional)
        return self._number((tuple(entries), outputs, self.chains[scope.id]))

    def _by_number(self, scope: Scope, outputs: tuple[tuple[str, Local], ...]) -> bool:
        """Whether the emitted code names entries of a list by number, so that none may be optional."""
        return not self.chains[scope.id] or len({local for _, local in outputs}) > 1

    def _uniform(self, scope: Scope) -> bool:
        """Whether a repeat is its first part and then equal ones, so that its length may be an argument."""
        if not self.chains[scope.id] or scope.site.repeat is None:
            return False
        outputs = {self._plain(scope, local) for local in scope.outputs.values()}
        if len(outputs) != 1 or scope.absent:
            return False
        parts = [self._member(scope, name) for name in scope.members]
        inner = {
            self.signatures[part.id] if isinstance(part, Scope) else self._number((type(part.op), self._ports(part)))
            for part in parts
        }
        if len(inner) != 1:
            return False
        later = {_settings(part) for part in parts[1:]}
        return len(later) <= 1

    def _split(self, scopes: list[Scope]) -> Iterable[list[Scope]]:
        """Uses that may share a class: parted where an optional member is not the same thing in all of them."""
        seen: dict[str, set[Signature]] = {}
        for scope in scopes:
            for name, signature in self.optional.get(scope.id, ()):
                if signature is not None:
                    seen.setdefault(name, set()).add(signature)
        if all(len(signatures) == 1 for signatures in seen.values()):
            return [scopes]
        parted: dict[object, list[Scope]] = {}
        for scope in scopes:
            parted.setdefault(self.optional[scope.id], []).append(scope)
        return parted.values()

    # -- what a class is made of -------------------------------------------------------------------------------------

    def _fill(self, template: Template) -> None:
        uses = template.uses
        sample = uses[0]
        template.sequential = self.chains[sample.id] and (
            sample.definition.flat or (sample.definition.listed and sample.members == _numbers(len(sample.members)))
        )
        if template.sequential and len(set(sample.outputs.values())) > 1:
            template.sequential = False
        if sample.definition.flat:
            part = self._sequence(sample.name, uses, ())
            template.parts = tuple(item for item in part.items if not isinstance(item, RunPart))
            template.labels = part.labels
        else:
            template.parts = self._parts(uses)
            template.labels = tuple(part.name for part in template.parts)
            if sample.definition.listed:
                template.labels = _numbers(len(template.parts)) if template.sequential else self._numbers_here(template)
        there = {part.name for part in template.parts}
        template.bypass = {
            key: self._read(scope, absent.reads[0])
            for scope in uses
            for name, absent in scope.absent.items()
            if (key := self._keys(scope).get(name, name)) not in there and absent.reads
        }
        kept = dict.fromkeys(port for scope in uses for port in scope.outputs)
        template.outputs = {
            port: template.resolve(self._read(sample, sample.outputs[port])) for port in kept if port in sample.outputs
        }

    def _numbers_here(self, template: Template) -> tuple[str, ...]:
        """The numbers that the entries of a list have in every use; there is no optional one."""
        names = template.uses[0].written
        return tuple(names.get(part.name, part.name) for part in template.parts)

    def _parts(self, uses: tuple[Scope, ...]) -> tuple[Part, ...]:
        keys = self._keys(uses[0])
        names = [keys.get(name, name) for name in uses[0].order]
        present = [set(scope.members) for scope in uses]
        parts = []
        for name in names:
            members = tuple(
                self._member(scope, here) if (here := scope.written.get(name, name)) in there else None
                for scope, there in zip(uses, present, strict=True)
            )
            if any(member is not None for member in members):
                parts.append(self._part(name, members))
        return tuple(parts)

    def _part(self, name: str, members: tuple[Node | Scope | None, ...]) -> Part:
        sample = next(member for member in members if member is not None)
        share, train_only = sample.share.rpartition("/")[2], self._relatively_train_only(sample)
        if isinstance(sample, Node):
            nodes = tuple(member if isinstance(member, Node) else None for member in members)
            return OpPart(name, nodes, self._reads(sample), self._ports(sample) or ("",), train_only, share)
        scopes = tuple(member if isinstance(member, Scope) else None for member in members)
        template = self.template_of.get(sample.id)
        if template is not None:
            return BlockPart(name, template, scopes, self._reads(sample), train_only, share)
        return self._sequence(name, scopes, self._reads(sample))

    def _relatively_train_only(self, member: Node | Scope) -> bool:
        """Train-only where what stands around it is not."""
        around = member.scope if isinstance(member, Node) else member.parent
        return member.train_only and not self.graph.scopes[around].train_only

    def _sequence(self, name: str, scopes: tuple[Scope | None, ...], reads: tuple[Local, ...]) -> SequencePart:
        sample = next(scope for scope in scopes if scope is not None)
        share = sample.share.rpartition("/")[2]
        chained, train_only = self.chains[sample.id], self._relatively_train_only(sample)
        items: tuple[Item, ...]
        if sample.definition.flat:
            leaves = [flat_leaves(self.graph, scope) if scope is not None else () for scope in scopes]
            items = tuple(
                OpPart(str(i), tuple(uses[i] if uses else None for uses in leaves), (), ("",), False, "")
                for i in range(len(flat_leaves(self.graph, sample)))
            )
            labels = _numbers(len(items))
            taps = self._flat_taps(sample)
        elif sample.definition.kind == "repeat" and len({len(scope.members) for scope in scopes if scope}) > 1:
            items, labels = self._run(scopes)
            taps = {}
        else:
            there = tuple(scope for scope in scopes if scope is not None)
            members = {part.name: part for part in self._parts(there)}
            items = tuple(self._widen(part, scopes) for part in members.values())
            labels = tuple(members)
            taps = self._taps(sample, labels)
            if sample.definition.kind == "inline" and sample.definition.listed:
                labels = _numbers(len(items))
        return SequencePart(name, scopes, reads, items, labels, taps, train_only, share, chained)

    def _widen(self, part: Part, scopes: tuple[Scope | None, ...]) -> Part:
        """Lines a part up with all uses again, those without its sequence included."""
        if all(scope is not None for scope in scopes):
            return part
        narrow = iter(part.uses)
        uses = tuple(None if scope is None else next(narrow) for scope in scopes)
        part.uses = uses  # type: ignore[assignment]  # each kind of part gets its own kind of use back
        return part

    def _run(self, scopes: tuple[Scope | None, ...]) -> tuple[tuple[Item, ...], tuple[str, ...]]:
        """First part, and the rest as a run, of a repeat whose length differs between the uses."""
        firsts = tuple(self._member(scope, scope.members[0]) if scope is not None else None for scope in scopes)
        seconds = tuple(
            self._member(scope, scope.members[1]) if scope is not None and len(scope.members) > 1 else None
            for scope in scopes
        )
        counts = tuple(len(scope.members) - 1 if scope is not None else 0 for scope in scopes)
        sample = max((scope for scope in scopes if scope is not None), key=lambda scope: len(scope.members))
        labels = sample.members[:2]
        first, second = (self._part(label, uses) for label, uses in zip(labels, (firsts, seconds), strict=True))
        return (first, RunPart(second, counts, sample.site)), labels

    def _taps(self, scope: Scope, labels: tuple[str, ...]) -> dict[str, int]:
        positions = {label: i + 1 for i, label in enumerate(labels)}
        taps = {port: positions.get(self._present(scope, local), 0) for port, local in scope.outputs.items()}
        return _distinct(taps) if len(set(taps.values())) > 1 else {}

    def _present(self, scope: Scope, local: Local) -> str:
        """The key of the member that gives `local`, through left-out ones."""
        while local.member in scope.absent:
            local = scope.absent[local.member].reads[0]
        return self._read(scope, local).member

    def _flat_taps(self, scope: Scope) -> dict[str, int]:
        positions = {leaf.id: i + 1 for i, leaf in enumerate(flat_leaves(self.graph, scope))}
        taps = {port: positions[self._leaf(scope, local)] for port, local in scope.outputs.items()}
        return _distinct(taps) if len(set(taps.values())) > 1 else {}

    def _leaf(self, scope: Scope, local: Local) -> str:
        """Id of the node that gives `local` inside a flat scope."""
        while True:
            if local.member in scope.absent:
                local = scope.absent[local.member].reads[0]
                continue
            if local.member in scope.definition.inputs:
                position = scope.definition.inputs.index(local.member)
                local, scope = scope.reads[position], self.graph.scopes[scope.parent]
                continue
            member = self._member(scope, local.member)
            if isinstance(member, Node):
                return member.id
            scope, local = member, member.outputs.get(local.port) or next(iter(member.outputs.values()))


def flat_leaves(graph: Graph, scope: Scope) -> tuple[Node, ...]:
    """The nodes inside a scope, in order, whatever the nesting."""
    leaves = []
    pending = [child_id(scope.id, name) for name in reversed(scope.members)]
    while pending:
        path = pending.pop()
        node = graph.nodes.get(path)
        if node is not None:
            leaves.append(node)
            continue
        inner = graph.scopes[path]
        pending.extend(child_id(inner.id, name) for name in reversed(inner.members))
    return tuple(leaves)


def _settings(member: Node | Scope) -> object:
    """What makes one part of a repeat differ from the next, `i` included."""
    if isinstance(member, Node):
        return member.op
    return tuple(sorted((name, repr(value)) for name, value in member.args.items()))


def _numbers(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(count)))


def _distinct(taps: Mapping[str, int]) -> dict[str, int]:
    """One port for each position, in the order of the positions."""
    first: dict[int, str] = {}
    for port, position in taps.items():
        first.setdefault(position, port)
    return {first[position]: position for position in sorted(first)}
