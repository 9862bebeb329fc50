"""Classes: the templates of a network, and what each is made of. `parts` has the values, `structures` what is alike."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from archspec.code.handed import Handing
from archspec.code.lengths import any_length
from archspec.code.parts import (
    BlockPart,
    Item,
    OpPart,
    Part,
    RunPart,
    SequencePart,
    Template,
    block_parts,
    each,
    op_parts,
    output_called,
)
from archspec.code.structures import Structures
from archspec.graph.graph import Local, Node, Scope, Site
from archspec.graph.network import Network
from archspec.graph.walk import children, flat_leaves, member_of, resolve, standing
from archspec.language.expression.symbolic import leaves


def templates(
    network: Network, handing: Handing, parted: AbstractSet[int], free: AbstractSet[Site]
) -> tuple[Template, ...]:
    """The templates of a network, each after those it is made of, the root's last. Linear in nodes.

    Of the definitions that are `parted`, by their ids, uses that leave out different members have no class in common.
    `free` is where repeats are written whose lengths may be arguments.
    """
    ordered = _children_first(_filled(Structures(network, handing, parted, free)))
    for template in ordered:
        _drop_unread_sizes(template)
    for template in reversed(ordered):
        _drop_unread_outputs(template)
    return ordered


def _children_first(root: Template) -> tuple[Template, ...]:
    """All templates below `root`, each after those it is made of. Recursion over nesting, which is bounded."""
    seen: dict[Template, None] = {}
    entered: set[Template] = set()

    def visit(template: Template) -> None:
        if template in entered:
            return
        entered.add(template)
        for inner in (*template.choices, *(part.template for part in block_parts(template.parts))):
            visit(inner)
        seen[template] = None

    visit(root)
    return tuple(seen)


def _drop_unread_sizes(template: Template) -> None:
    """Leaves a template the sizes that something in it reads; the templates inside have been done before."""
    exprs = [expr for part in op_parts(template.parts) if part.measures for expr in part.site.exprs.values()]
    exprs += [expr for part in block_parts(template.parts) for expr in part.handed]
    read = frozenset().union(*map(leaves, exprs))
    template.sizes = tuple(leaf for leaf in template.sizes if leaf in read)


def _drop_unread_outputs(template: Template) -> None:
    """Leaves a template and its parts the outputs that are read; the templates around it have been done before."""
    if template.read and not (template.definition.many and len(template.outputs) > 1):  # of any number, for all numbers
        default = next(iter(template.outputs), "")
        wanted = {port if port in template.outputs else default for port in template.read}
        template.outputs = {port: local for port, local in template.outputs.items() if port in wanted}
    for choice in template.choices:
        choice.read |= template.read
    read: dict[str, set[str]] = {}
    for local in [*template.outputs.values(), *(read for part in template.parts for read in part.reads)]:
        found = template.resolve(local)
        read.setdefault(found.member, set()).add(found.port)
    for part in each(template.parts):
        if isinstance(part, BlockPart):
            part.template.read |= read.get(part.name, {""})
        elif isinstance(part, SequencePart):
            part.taps = _read_taps(part, read.get(part.name, {""}))
            for inner in block_parts(part.items):
                inner.template.read.add("")
            if not part.chained:
                _read_inside(part, read.get(part.name, {""}))
    _open_shared(each(template.parts))


def _open_shared(parts: Iterable[Item]) -> None:
    """Has all uses of one sequence call its modules one by one where one of them reads a value inside."""
    chains = [part for part in parts if isinstance(part, SequencePart) and part.chained]
    opened = {part.share or part.name for part in chains if part.looped}
    for part in chains:
        if not part.taps and (part.share or part.name) in opened:
            part.taps = {next(iter(part.outputs)): len(part.items)}


def _read_inside(part: SequencePart, ports: set[str]) -> None:
    """Marks what is read of the parts of a repeat, by what stands outside and by each other."""
    targets = {output_called(part.outputs, port) for port in ports}
    targets.update(read for item in part.items for read in item.reads)
    items = dict(zip(part.labels, part.items, strict=True))
    for target in targets:
        item = items.get(target.member)
        item = item.item if isinstance(item, RunPart) else item
        if isinstance(item, BlockPart):
            item.template.read.add(target.port)


def _read_taps(part: SequencePart, ports: set[str]) -> dict[str, int]:
    """The taps behind `ports`; none where only the end of the sequence is read."""
    outputs = part.outputs
    targets = {output_called(outputs, port) for port in ports}
    taps = {port: position for port, position in part.taps.items() if outputs[port] in targets}
    return {} if tuple(taps.values()) == (len(part.items),) else taps


def _filled(structures: Structures) -> Template:
    """The root's template, it and all others with their parts."""
    made = structures.group()
    filler = _Filler(structures)
    for template in made:
        filler.fill(template)
    for choice in set(structures.choice_of.values()):
        choice.outputs = {"": next(iter(choice.choices[0].outputs.values()))}  # each has a name of its own for it
    return made[0]


class _Filler:
    """Lines up the members of a template's uses."""

    def __init__(self, structures: Structures) -> None:
        self.structures, self.graph = structures, structures.graph

    def fill(self, template: Template) -> None:
        """Gives a template its parts, its outputs and what is read where a member is left out."""
        uses = template.uses
        sample = uses[0]
        template.flat = self.structures.flats.is_whole(sample)
        template.sequential = self.structures.chains[sample.id] and (
            sample.definition.flat
            or self.structures.flats.unpacks(sample)
            or (sample.definition.listed and sample.members == _numbers(len(sample.members)))
        )
        if template.sequential and len(set(sample.outputs.values())) > 1:
            template.sequential = False
        if template.flat and template.sequential:
            part = self._sequence(sample.name, uses, ())
            template.parts = tuple(item for item in part.items if not isinstance(item, RunPart))
            template.labels = part.labels
        else:
            template.parts = self._parts(uses)
            template.labels = tuple(sample.written.get(part.name, part.name) for part in template.parts)
            if template.sequential or template.flat:
                template.labels = _numbers(len(template.parts))
            elif sample.definition.listed:
                template.labels = self._numbers_here(template)
        there = {part.name for part in template.parts}
        template.bypass = {
            key: self.structures.read_as(scope, absent.reads[0])
            for scope in uses
            for name, absent in scope.absent.items()
            if (key := self.structures.keys_of(scope).get(name, name)) not in there and absent.reads
        }
        outputs = self.structures.outputs[sample.id]
        template.outputs = {
            port: template.resolve(self.structures.read_as(sample, local)) for port, local in outputs.items()
        }

    def _numbers_here(self, template: Template) -> tuple[str, ...]:
        """The numbers that the entries of a list have in every use; there is no optional one."""
        names = template.uses[0].written
        return tuple(names.get(part.name, part.name) for part in template.parts)

    def _parts(self, uses: tuple[Scope, ...]) -> tuple[Part, ...]:
        keys = self.structures.keys_of(uses[0])
        names = [keys.get(name, name) for name in uses[0].order]
        present = [set(scope.members) for scope in uses]
        parts = []
        for name in names:
            members = tuple(
                member_of(self.graph, scope, here) if (here := scope.written.get(name, name)) in there else None
                for scope, there in zip(uses, present, strict=True)
            )
            if any(member is not None for member in members):
                parts.append(self._lined_up(name, members))
        return tuple(parts)

    def _lined_up(self, name: str, members: tuple[Node | Scope | None, ...]) -> Part:
        """The part of one member; of one that is several things, the first of them, which has the others."""
        numbers = {member.site.alternative: None for member in members if member is not None}
        if len(numbers) == 1:
            return self._part(name, members)
        first, *others = (
            self._part(
                name,
                tuple(
                    member if member is not None and member.site.alternative == number else None for member in members
                ),
            )
            for number in sorted(numbers, key=lambda one: one.number if one is not None else 0)
        )
        first.others = tuple(others)
        return first

    def _part(self, name: str, members: tuple[Node | Scope | None, ...]) -> Part:
        sample = next(member for member in members if member is not None)
        share, train_only = self.structures.shares(sample), self.structures.train_only(sample)
        beside = self.structures.shares_beside(sample)
        if isinstance(sample, Node):
            nodes = tuple(member if isinstance(member, Node) else None for member in members)
            return OpPart(
                name,
                nodes,
                self.structures.reads_of(sample),
                self.structures.ports_of(sample) or ("",),
                train_only,
                share,
                self.structures.handing.measures(sample),
                beside,
            )
        scopes = tuple(member if isinstance(member, Scope) else None for member in members)
        template = self.structures.choice_of.get(sample.id) or self.structures.template_of.get(sample.id)
        if template is not None:
            reads, unpacked = self.structures.reads_of(sample), self.structures.flats.unpacks(sample)
            return BlockPart(name, template, scopes, reads, train_only, share, beside, (), unpacked)
        return self._sequence(name, scopes, self.structures.reads_of(sample))

    def _sequence(self, name: str, scopes: tuple[Scope | None, ...], reads: tuple[Local, ...]) -> SequencePart:
        sample = next(scope for scope in scopes if scope is not None)
        share = self.structures.shares(sample)
        chained, train_only = self.structures.chains[sample.id], self.structures.train_only(sample)
        items: tuple[Item, ...]
        flat = self.structures.flats.is_whole(sample)
        if flat:
            leaves = [flat_leaves(self.structures.graph, scope) if scope is not None else () for scope in scopes]
            items = tuple(
                OpPart(str(i), tuple(uses[i] if uses else None for uses in leaves), (), ("",), False, "")
                for i in range(len(flat_leaves(self.structures.graph, sample)))
            )
            labels = _numbers(len(items))
            taps = self._flat_taps(sample)
        elif sample.definition.kind == "repeat" and any_length(self.structures, scopes):
            items, labels = self._run(scopes)
            taps = {}
        else:
            there = tuple(scope for scope in scopes if scope is not None)
            members = {part.name: part for part in self._parts(there)}
            items = tuple(self._widen(part, scopes) for part in members.values())
            labels = tuple(members)
            taps = self._taps(sample, labels)
            if sample.definition.kind == "inline" and sample.definition.listed:
                left_out = any(scope.absent for scope in there)
                labels = _numbers(len(items)) if left_out else tuple(sample.written.get(key, key) for key in labels)
            elif sample.definition.flat:
                labels = _numbers(len(items))
        beside, unpacked = self.structures.shares_beside(sample), self.structures.flats.unpacks(sample)
        return SequencePart(
            name, scopes, reads, items, labels, taps, train_only, share, chained, beside, (), unpacked, flat
        )

    def _widen(self, part: Part, scopes: tuple[Scope | None, ...]) -> Part:
        """Lines a part up with all uses again, those without its sequence included."""
        if any(scope is None for scope in scopes):
            _spread(part, [scope is not None for scope in scopes])
        return part

    def _run(self, scopes: tuple[Scope | None, ...]) -> tuple[tuple[Item, ...], tuple[str, ...]]:
        """First part, and the rest as a run, of a repeat whose length differs between the uses."""
        firsts = tuple(
            member_of(self.graph, scope, scope.members[0]) if scope is not None else None for scope in scopes
        )
        seconds = tuple(
            member_of(self.graph, scope, scope.members[1]) if scope is not None and len(scope.members) > 1 else None
            for scope in scopes
        )
        parts = tuple(tuple(children(self.graph, scope))[1:] if scope is not None else () for scope in scopes)
        sample = max((scope for scope in scopes if scope is not None), key=lambda scope: len(scope.members))
        labels = sample.members[:2]
        first, second = (self._part(label, uses) for label, uses in zip(labels, (firsts, seconds), strict=True))
        return (first, RunPart(second, parts, sample.site, sample.definition)), labels

    def _taps(self, scope: Scope, labels: tuple[str, ...]) -> dict[str, int]:
        positions = {label: i + 1 for i, label in enumerate(labels)}
        taps = {port: positions.get(self._present(scope, local), 0) for port, local in scope.outputs.items()}
        return _distinct(taps) if len(set(taps.values())) > 1 else {}

    def _present(self, scope: Scope, local: Local) -> str:
        """The key of the member that gives `local`, through left-out ones."""
        return self.structures.read_as(scope, standing(scope, local)).member

    def _flat_taps(self, scope: Scope) -> dict[str, int]:
        graph = self.structures.graph
        positions = {leaf.id: i + 1 for i, leaf in enumerate(flat_leaves(graph, scope))}
        taps = {port: positions[resolve(graph, scope.id, local).node] for port, local in scope.outputs.items()}
        return _distinct(taps) if len(set(taps.values())) > 1 else {}


def _spread(part: Item, there: Sequence[bool]) -> None:
    """Puts the uses of a part where `there` holds, and nothing elsewhere; so with what is inside of it."""
    if isinstance(part, RunPart):
        parts = iter(part.all)
        part.all = tuple(next(parts) if use else () for use in there)
        _spread(part.item, there)
        return
    for other in part.others:
        _spread(other, there)
    narrow = iter(part.uses)
    uses = tuple(next(narrow) if use else None for use in there)
    part.uses = uses  # type: ignore[assignment]  # each kind of part gets its own kind of use back
    for item in part.items if isinstance(part, SequencePart) else ():
        _spread(item, there)


def _numbers(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(count)))


def _distinct(taps: Mapping[str, int]) -> dict[str, int]:
    """One port for each position, in the order of the positions."""
    first: dict[int, str] = {}
    for port, position in taps.items():
        first.setdefault(position, port)
    return {first[position]: position for position in sorted(first)}
