"""Structures: which scopes of the graph are alike, so that one class can stand for them.

    layer1/0: conv1 bn1 relu conv2 bn2 downsample sum
    layer1/1: conv1 bn1 relu conv2 bn2            sum    one structure, with an optional `downsample`

A structure is an interned number: equal structures have equal numbers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeAlias

from archspec.code.choices import choices
from archspec.code.chosen import is_given
from archspec.code.flats import Flats, ops_of
from archspec.code.handed import Handing
from archspec.code.lengths import given_at_end, uniform
from archspec.code.parts import Template, output_called
from archspec.code.said import shifting, starting
from archspec.graph.graph import Local, Node, Ref, Scope, Site, child_id
from archspec.graph.network import Network
from archspec.graph.walk import children, container, home, member_of, module_outputs, shared, sibling, unended
from archspec.language.attributes import CONTAINER
from archspec.language.names import nested

Signature: TypeAlias = int  # an interned structure


class Structures:
    """The tables that tell which scopes have one structure: structures seen, ports read, scopes by structure."""

    def __init__(
        self, network: Network, handing: Handing, parted: AbstractSet[int], free: AbstractSet[Site] = frozenset()
    ) -> None:
        graph, self.handing, self.free = network.graph, handing, free
        self.parted = set(parted)  # definitions of which uses that leave out different members share no template
        self.network, self.graph = network, graph
        read = [ref for node in graph.nodes.values() for ref in node.inputs]
        read += [output.ref for output in graph.outputs]
        self.read = {self._of_owner(ref) for ref in read}
        self.unended = unended(graph, frozenset(read))
        always = (scope for scope in graph.scopes.values() if not scope.train_only)
        self.running = {scope.share or scope.id: scope for scope in always}  # of a module, a use that inference has
        self.outputs = self._outputs()
        self.flats = Flats(graph, handing)
        self.numbers: dict[object, Signature] = {}
        self.chains: dict[str, bool] = {}
        self.signatures: dict[str, Signature] = {}
        self.starting = starting(graph)
        self.shifting = shifting(graph) if self.starting else frozenset[Site]()
        self.beside: set[Site] = self._beside_chains() | {site for site in self.starting if site.when is not None}
        self.keys: dict[str, Mapping[str, str]] = {}
        self.optional: dict[str, tuple[tuple[str, Signature | None], ...]] = {}
        self.template_of: dict[str, Template] = {}
        self.choice_of: dict[str, Template] = {}

    def group(self) -> list[Template]:
        """The templates, still without parts: the root's first."""
        made = self._group()
        while split := self._split_inside(made) - self.parted:
            self.parted |= split
            made = self._group()
        return made

    def _group(self) -> list[Template]:
        """A template for all scopes of one structure."""
        scopes = self.graph.scopes
        for scope in reversed(tuple(scopes.values())):
            self.chains[scope.id] = self._is_chain(scope)
            self.signatures[scope.id] = self._signature(scope)
        if self.flats.refuse(self.is_class, self.chains):
            return self._group()
        groups: dict[tuple[object, ...], list[Scope]] = {}
        for scope in scopes.values():
            if self.is_class(scope) and not self.flats.holds(scope):
                held = scopes[scope.share or scope.id]
                key = id(held.definition), self.signatures[held.id], self.flats.unpacks(scope)
                groups.setdefault(key, []).append(scope)
        made = [
            Template(uses[0].definition, tuple(uses), self.handing.sizes(uses[0].definition))
            for group in groups.values()
            for uses in self._split(group)
        ]
        self.template_of = {scope.id: template for template in made for scope in template.uses}
        return made

    def _split_inside(self, made: Sequence[Template]) -> set[int]:
        """Definitions of which the uses at one place of a template have different templates.

        Their structure then has to say what each use leaves out, so that what is around them is parted too.
        """
        found: dict[tuple[Template, str], Template] = {}
        chosen: dict[tuple[Template, str], dict[Template, list[Scope]]] = {}
        split: set[int] = set()
        for template in made:
            for use in template.uses:
                for path, scope in self._classes_inside(use):
                    inner = self.template_of[scope.id]
                    if self._choosable(scope):
                        chosen.setdefault((template, path), {}).setdefault(inner, []).append(scope)
                    elif found.setdefault((template, path), inner) is not inner:
                        split.add(id(inner.definition))
        merged, refused = choices(chosen.values())
        self.choice_of = {use.id: choice for choice in merged for use in choice.uses}
        return split | refused

    def _classes_inside(self, use: Scope) -> Iterator[tuple[str, Scope]]:
        """The blocks of one use that have a template, by the key of their place in it, those in sequences included."""
        pending = [("", use)]
        while pending:
            path, scope = pending.pop()
            keys = self.keys_of(scope)
            for name in scope.members:
                inner = member_of(self.graph, scope, name)
                if isinstance(inner, Node):
                    continue
                place = f"{path}/{_key_of(inner, keys.get(name, name))}"
                if inner.id in self.template_of:
                    yield place, inner
                else:
                    pending.append((place, inner))

    # -- sharing -----------------------------------------------------------------------------------------------------

    def _of_owner(self, ref: Ref) -> Ref:
        """An output as one of what holds the parameters: the uses of one module are called alike."""
        return Ref(self.graph.nodes[ref.node].share or ref.node, ref.port)

    def _outputs(self) -> dict[str, Mapping[str, Local]]:
        """Scope -> its outputs and those of all that use the same parameters: one class gives them all."""
        found = module_outputs(self.graph)
        return {scope.id: found[scope.share or scope.id] for scope in self.graph.scopes.values()}

    def shares(self, member: Node | Scope) -> str:
        """The key of the member of the same scope whose module this one calls; "" where it has its own, or needs none.

        Where a whole block is a second use, only what shares inside the block counts.
        """
        if isinstance(member, Node) and not member.op.stateful:
            return ""
        name = sibling(self.graph, member)
        return self.keys_of(self.graph.scopes[home(member)]).get(name, name)

    def shares_beside(self, member: Node | Scope) -> bool:
        """Whether what a part of a repeat shares is another part of it, which came to own the parameters."""
        path = shared(self.graph, member)
        around = self.graph.scopes[home(member)]
        return bool(path) and around.definition.kind == "repeat" and container(path) == around.id

    def _of_around(self, part: Node | Scope) -> bool:
        """Whether a part of a repeat is a module of what is around the repeat."""
        return bool(self.shares(part)) and not self.shares_beside(part)

    # -- which form a scope takes ------------------------------------------------------------------------------------

    def is_class(self, scope: Scope) -> bool:
        """Whether a scope is a use of a class of its own, unless it stands in a flat sequence."""
        kind = scope.definition.kind
        if kind in ("spec", "block"):
            return True
        if kind == "repeat":  # of an entry of a list nobody knows that it is a container
            own = (part for part in children(self.graph, scope) if not self._of_around(part))
            called = (isinstance(part, Scope) or part.op.module for part in own)
            return not self.chains[scope.id] and self.graph.scopes[scope.parent].definition.listed and any(called)
        return not self.chains[scope.id]

    def _is_called(self, scope: Scope) -> bool:
        """Whether a scope is one module that is called, and no repeat that the class around it goes through."""
        return self.is_class(scope) or self.chains[scope.id]

    def keys_of(self, scope: Scope) -> Mapping[str, str]:
        """Name of a member -> what lines it up with the same member of other uses: in a list, its number as written."""
        if scope.id not in self.keys:
            self.keys[scope.id] = {name: key for key, name in scope.written.items()}
        return self.keys[scope.id]

    def read_as(self, scope: Scope, local: Local) -> Local:
        """`local` by the key of what it names in `scope`, and by the name of the output where its module gives others.

        Of two uses of one module, each may choose what it gives: the bare name of each then is another output.
        """
        inner = self.graph.scopes.get(child_id(scope.id, local.member)) if not local.port else None
        if inner is not None and len(outputs := self.outputs[inner.id]) > 1:
            default = next(iter(inner.outputs))
            if inner.outputs[default] != output_called(outputs, ""):
                local = Local(local.member, default)
        return Local(self.keys_of(scope).get(local.member, local.member), local.port) if scope.written else local

    def reads_of(self, member: Node | Scope) -> tuple[Local, ...]:
        """What a member reads, by keys."""
        around = self.graph.scopes[home(member)]
        return tuple(self.read_as(around, read) for read in member.reads)

    def _beside_chains(self) -> set[Site]:
        """Where optional members are written that are no link of a chain in the uses that have them."""
        members: tuple[Node | Scope, ...] = (*self.graph.nodes.values(), *self.graph.scopes.values())
        return {
            member.site
            for member in members
            if member.site.when is not None
            and (len(member.reads) != 1 or (isinstance(member, Node) and not self._is_module(member)))
        }

    def _has_starting(self, scope: Scope) -> bool:
        """Whether what a constructor fills has no fixed place: it or, in a list, an entry before it may be left out."""
        shifts = False
        for name in scope.order if self.starting else ():
            absent = scope.absent.get(name)
            site = absent.site if absent is not None else member_of(self.graph, scope, name).site
            if site in self.starting and (site.when is not None or (shifts and scope.definition.listed)):
                return True
            shifts = shifts or site in self.shifting
        return False

    def _is_chain(self, scope: Scope) -> bool:
        """Whether the members follow one another, each a module of one input and one output."""
        if self.flats.is_whole(scope):
            return not self._measures_within(scope)
        if (
            scope.definition.order
            or len(scope.definition.inputs) != 1
            or any(absent.site in self.beside for absent in scope.absent.values())
            or self._has_starting(scope)
        ):
            return False
        if not CONTAINER.isdisjoint(scope.order) or any(map(nested, scope.order)):
            return False  # a container has methods of these names, and no lists
        if scope.definition.listed and scope.absent and scope.members != tuple(map(str, range(len(scope.members)))):
            return False  # numbers that a container does not count by itself, and entries that only some uses have
        before = Local(scope.definition.inputs[0])
        present = set(scope.members)
        for name in scope.order:
            reads = member_of(self.graph, scope, name).reads if name in present else scope.absent[name].reads
            if tuple(self.plain(scope, read) for read in reads) != (before,) or (
                name in present and not self._is_link(member_of(self.graph, scope, name))
            ):
                return False
            before = Local(name)
        outputs = {self.plain(scope, local) for local in self.outputs[scope.id].values()}
        if outputs == {before}:
            return bool(scope.order)
        if (scope.share or scope.id) in self.unended:
            return False
        part = self.graph.scopes[scope.parent].definition.kind == "repeat"  # which is called with no index
        taps_by_index = not part and (scope.definition.kind == "repeat" or scope.definition.listed)
        return taps_by_index and bool(present) and all(tap.port == "" and tap.member in present for tap in outputs)

    def _measures_within(self, scope: Scope) -> bool:
        """Whether ops of a flat graph read sizes of its input, which no container passes on to them."""
        members = children(self.graph, scope)
        nodes = [member for member in members if isinstance(member, Node)]
        return len(nodes) == len(scope.members) and any(map(self.handing.measures, nodes))

    def plain(self, scope: Scope, local: Local) -> Local:
        """`local` without its port where that is the member's default output."""
        if not local.port:
            return local
        inner = self.graph.scopes.get(child_id(scope.id, local.member))
        if inner is None or local.port not in self.outputs[inner.id]:
            return local
        outputs = self.outputs[inner.id]
        return Local(local.member) if outputs[local.port] == next(iter(outputs.values())) else local

    def _is_link(self, member: Node | Scope) -> bool:
        if self.train_only(member) or self.shares(member):
            return False
        if isinstance(member, Scope):
            given = {self.plain(member, local) for local in self.outputs[member.id].values()}
            return self._is_called(member) and len(given) == 1 and not self.handing.sizes(member.definition)
        return self._is_module(member)

    def _is_module(self, node: Node) -> bool:
        op = node.op
        alone = len(node.inputs) == 1 and self.ports_of(node) == ("",) and not self.handing.measures(node)
        return bool(op.module) and op.sequential and alone

    def ports_of(self, node: Node) -> tuple[str, ...]:
        """The outputs of a node that its call gives: those on demand only where something reads them."""
        demanded = node.op.ports_on_demand
        ports = tuple(
            port for port in node.op.ports if port not in demanded or self._of_owner(Ref(node.id, port)) in self.read
        )
        return ports if not ports or ports[0] == "" else ("", *ports)

    # -- structures --------------------------------------------------------------------------------------------------

    def number(self, structure: object) -> Signature:
        """The number of a structure: equal ones have the same."""
        return self.numbers.setdefault(structure, len(self.numbers))

    def train_only(self, member: Node | Scope) -> bool:
        """Whether only training needs a member where it needs what stands around it always."""
        around = self.graph.scopes[home(member)]
        if around.train_only and (running := self.running.get(around.share or around.id)) is not None:
            around, member = running, member_of(self.graph, running, member.name)
        return member.train_only and not around.train_only

    def _optional_member(self, member: Node | Scope) -> bool:
        if member.site.when is None or not member.reads or self.train_only(member) or self.shares(member):
            return False
        if isinstance(member, Scope):
            one = len(member.reads) == 1 and not self.handing.sizes(member.definition)
            return self._is_called(member) and one  # nn.Identity takes its place in a call
        return self.ports_of(member) == ("",) and not member.op.holds

    def _member_signature(self, member: Node | Scope) -> Signature:
        train_only = self.train_only(member)
        if isinstance(member, Scope):
            inner = self.signatures[member.id]
            reads = self.reads_of(member)
            if self._choosable(member):
                return self.number(("one of several blocks", reads, train_only))
            return self.number(("scope", id(member.definition), inner, reads, train_only, self.shares(member)))
        ports = self.ports_of(member)
        form = member.op.form(self.network.input_shapes(member))
        kind = "chosen" if is_given(self.network, member) else type(member.op)
        return self.number((kind, ports, self.reads_of(member), train_only, self.shares(member), form))

    def _one_for_another(self, member: Node | Scope) -> bool:
        """Whether a member is one of several things, and a class calls it whichever it is: a value in, a value out."""
        if member.site.alternative is None or not self._optional_member(member):
            return False
        if isinstance(member, Node):
            return self._is_module(member)
        return len(set(self.outputs[member.id].values())) == 1

    def _choosable(self, scope: Scope) -> bool:
        """Whether an expression chooses the block of a member, so that a class can be given it: a value out of it."""
        site = scope.site
        if len(site.chosen) != 1 or scope.definition.kind != "block" or id(site) in self.parted:
            return False
        alone = site.alternative is None and not self.shares(scope) and not self.shares_beside(scope)
        one = len(set(self.outputs[scope.id].values())) == 1
        return alone and one and self.is_class(scope) and not self.handing.sizes(scope.definition)

    def _signature(self, scope: Scope) -> Signature:
        if self.flats.is_whole(scope):
            leaves = ops_of(self.graph, scope)
            names = () if self.chains[scope.id] else scope.members
            return self.number(("flat", leaves, names, tuple(self.outputs[scope.id].items())))
        if scope.definition.kind == "repeat" and uniform(self, scope):
            first = self._member_signature(member_of(self.graph, scope, scope.members[0]))
            return self.number(("repeat", first, given_at_end(self, scope)))
        entries: list[object] = []
        optional: list[tuple[str, Signature | None]] = []
        present = set(scope.members)
        keys = self.keys_of(scope)
        for name in scope.order:
            key = keys.get(name, name)
            if name not in present:
                absent = scope.absent[name]
                if absent.site.alternative is not None:
                    entries.append((key, "alternatives", tuple(self.read_as(scope, read) for read in absent.reads)))
                elif absent.site.when is not None:
                    optional.append((key, None))
                else:
                    entries.append(("absent", key))
                continue
            member = member_of(self.graph, scope, name)
            line, one = (_key_of(member, key), self._member_signature(member)), self._one_for_another(member)
            if one:
                entries.append((key, "alternatives", self.reads_of(member)))
            if one or (member.site.alternative is None and self._optional_member(member)):
                optional.append(line)
            else:
                entries.append(line)
        outputs = tuple((port, self.read_as(scope, local)) for port, local in self.outputs[scope.id].items())
        if scope.definition.kind == "repeat" and len({self.plain(scope, local) for _, local in outputs}) == 1:
            outputs = (("", self.plain(scope, outputs[0][1])),)  # by no name that its block has for it
        if id(scope.definition) in self.parted or (scope.definition.listed and self._by_number(scope, outputs)):
            entries.extend(optional)
            optional.clear()
        self.optional[scope.id] = tuple(optional)
        return self.number((tuple(entries), outputs, self.chains[scope.id]))

    def _by_number(self, scope: Scope, outputs: tuple[tuple[str, Local], ...]) -> bool:
        """Whether the emitted code names entries of a list by number, so that none may be optional."""
        return not self.chains[scope.id] or len({local for _, local in outputs}) > 1

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


def _key_of(member: Node | Scope, key: str) -> str:
    """What lines a member up with those of other uses: its key, and of several things which one it is."""
    alternative = member.site.alternative
    return key if alternative is None else f"{key}?{alternative.number}"
