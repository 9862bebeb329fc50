"""Registration: the modules, parameters and buffers that a class has, as its constructor makes them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from archspec.code.inplace import Aliasing
from archspec.code.naming import imported
from archspec.code.numbered import rounds_of
from archspec.code.parts import BlockPart, Item, OpPart, Part, RunPart, SequencePart, Template
from archspec.code.program import Attribute, Construct, Container, Entry, Held, Module, OneOf
from archspec.code.runs import runs
from archspec.code.wording import Wording
from archspec.graph.graph import Local, Ref
from archspec.graph.network import Network
from archspec.language.expression.symbolic import names
from archspec.language.names import nested
from archspec.ops.op import Op
from archspec.values.expression import Global, Literal
from archspec.values.shape import KINDS
from archspec.values.source import SELF, Member, Source, Tuple, invoke, method, spread

POSITIONAL = 2  # arguments of a class of the file that are given without their names; a truth value never is
LONGEST_PLAIN = 2  # entries of a repeat that are written out although a loop over their number could make them


class Registration:
    """Makes the modules of every template."""

    def __init__(self, network: Network, wording: Wording, aliasing: Aliasing) -> None:
        self.network, self.wording, self.aliasing = network, wording, aliasing
        self.imported = imported(network)
        self.containers: dict[tuple[SequencePart, bool], Container] = {}
        self.uneven: dict[Template, set[str]] = {}  # lists of rounds of any number that are not made alike
        self.written_over: dict[OpPart, None] = {}  # parts that were printed with inplace=True

    def is_module(self, template: Template, part: OpPart) -> bool:
        """Whether an op is a module of the class, and no expression in `forward`."""
        op, own = part.sample.op, self.wording.settings[template]
        if part.others:
            return True
        if part in own.measured:
            return False
        listed = bool(nested(part.sample.name))
        set_by_caller = any(not isinstance(expr, Literal) for expr in own.slots[part].values())
        single = len(part.sample.inputs) == 1 and part.ports == ("",)
        optional = part in own.conditions and single
        return bool(op.module) and (op.stateful or optional or ((set_by_caller or listed) and single))

    def is_owned(self, template: Template, part: Part) -> bool:
        """Whether the class has a module, a parameter or a buffer for a part."""
        if part.share:
            return False
        if isinstance(part, SequencePart):
            return not part.shared and (not part.unrolled or bool(self.registered(template, part)))
        return not isinstance(part, OpPart) or bool(part.sample.op.holds) or self.is_module(template, part)

    def registered(self, template: Template, part: SequencePart) -> list[tuple[Item, str]]:
        """The items of a sequence that it holds, with their names: all but the functions of one that is no chain."""
        return [
            (item, label)
            for item, label in zip(part.items, part.labels, strict=True)
            if isinstance(item, RunPart) or not item.share
            if not (part.unrolled and isinstance(item, OpPart) and not self.is_module(template, item))
        ]

    def numbered(self, template: Template, part: SequencePart) -> bool:
        """Whether the items of a sequence are named 0, 1, 2, ... as its container does by itself."""
        return all(label == str(i) for i, (_, label) in enumerate(self.registered(template, part)))

    def _has_state(self, part: OpPart) -> bool:
        op, xs = part.sample.op, self.network.input_shapes(part.sample)
        return bool(op.parameters(xs) or op.buffers(xs))

    def held(self, template: Template, owned: Sequence[tuple[Part, str]]) -> tuple[Held, ...]:
        """The parameters and buffers of a class, by the names they have in it."""
        return tuple(
            self._tensor(template, part, label, part.sample.op)
            for part, label in owned
            if isinstance(part, OpPart) and part.sample.op.holds
        )

    def _tensor(self, template: Template, part: OpPart, name: str, op: Op) -> Held:
        self.wording.need(op)
        slots = self.wording.slots(template, part)
        hidden, kind = self.wording.hidden(name), op.holds or "buffer"
        sizes, whole = self._sizes(template, part), self.network.shape(Ref(part.sample.id)).dtype
        made = op.declaration(slots)
        if sizes is not None:
            made = invoke("torch.empty", *sizes, **({"dtype": Global(KINDS[whole])} if whole != "float" else {}))
        tensor = method(SELF, f"get_{kind}", Literal(name)) if hidden else Member(SELF, name)
        persistent = kind == "parameter" or bool(op.buffers(self.network.input_shapes(part.sample)))
        return Held(name, made, op.fill(tensor, slots), kind, persistent, hidden)

    def _sizes(self, template: Template, part: OpPart) -> tuple[Source, ...] | None:
        """The sizes of a tensor of a class's own; None where code cannot say them."""
        own, op = self.wording.settings[template], part.sample.op
        if op.sized_by:
            return spread(self.wording.named(template, own.slots[part][op.sized_by])) or (Tuple(()),)
        there = {k: self.network.shape(Ref(use.id)).dims for k, use in enumerate(part.uses) if use is not None}
        made: list[Source] = []
        for axis, said in enumerate(own.dims.get(Local(part.name), ())):
            values = {k: dims[axis] for k, dims in there.items()}
            if said.expr is not None and all(own.value(said.expr, k) == value for k, value in values.items()):
                made.append(self.wording.named(template, said.expr))
            elif len(set(values.values())) == 1 and not own.rooted(said.names):
                made.append(Literal(next(iter(values.values()))))
        return tuple(made) if len(made) == len(next(iter(there.values()))) else None

    def listed_entries(self, template: Template, owned: Sequence[tuple[Part, str]]) -> tuple[Entry, ...]:
        """What a class that is a list or a mapping is given."""
        return tuple(
            Entry(label, self._module(template, part), None, self.wording.condition(template, part))
            for part, label in owned
        )

    def attributes(
        self, template: Template, owned: Sequence[tuple[Part, str]], tested: Collection[Part]
    ) -> tuple[Attribute | Held, ...]:
        """What the constructor sets; a list or a mapping of modules is set where its first one is written."""
        inside: dict[str, dict[tuple[str, ...], Part]] = {}
        for part, label in owned:
            if way := nested(label):
                inside.setdefault(way[0], {})[way[1:]] = part
        made: dict[str, Attribute | Held] = {}
        for part, label in owned:
            way = nested(label)
            if not way:
                made[label] = self.attribute(template, part, label, tested)
            elif way[0] not in made:
                parts = inside[way[0]]
                untyped = any(len(rest) > 1 or _is_indexed(one) for rest, one in parts.items())
                module = self._of_rounds(template, way[0], parts) or self._nested(template, parts)
                made[way[0]] = Attribute(way[0], module, untyped=untyped)
        return tuple(made.values())

    def _of_rounds(self, template: Template, name: str, parts: Mapping[tuple[str, ...], Part]) -> Container | None:
        """The list of a member of all rounds, with what follows from their number written so; None of another list."""
        if any(len(way) > 1 or part.site.number is None for way, part in parts.items()):
            return None
        numbered = {int(label): part for (label,), part in parts.items()}
        if len(numbered) <= max(numbered):
            return None
        items, labels = [numbered[at] for at in sorted(numbered)], [str(at) for at in sorted(numbered)]
        own, entries = self.wording.settings[template], self._repeated(template, items, labels)
        if (rounds := rounds_of(own, name)) is not None:
            entries = entries if len(entries) == 1 else runs(self._by_numbers(template, items, labels))
            if len(entries) > 1:
                self.uneven.setdefault(template, set()).add(name)
            entries = (replace(entries[0], times=self.wording.named(template, own.counts[rounds])), *entries[1:])
        return Container("nn.ModuleList", entries, numbered=True)

    def _nested(self, template: Template, parts: Mapping[tuple[str, ...], Part]) -> Module:
        """A list or a mapping by the ways to its modules; in a list what is no module leaves its number to nothing."""
        if () in parts:
            return self._module(template, parts[()])
        inside: dict[str, dict[tuple[str, ...], Part]] = {}
        for (key, *rest), part in parts.items():
            inside.setdefault(key, {})[tuple(rest)] = part
        made = {key: self._nested(template, found) for key, found in inside.items()}
        numbered = all(map(str.isdigit, made))
        keys = tuple(map(str, range(max(map(int, made)) + 1))) if numbered else tuple(made)
        nothing = Construct(Global("nn.Identity"), (), ())
        entries = [Entry(key, made.get(key, nothing), None, start=at) for at, key in enumerate(keys)]
        return Container("nn.ModuleList" if numbered else "nn.ModuleDict", runs(entries), numbered)

    def attribute(self, template: Template, part: Part, label: str, tested: Collection[Part]) -> Attribute | Held:
        """What the constructor sets for a part; `forward` asks whether those that are `tested` are there."""
        if isinstance(part, OpPart) and part.sample.op.holds:
            return self._tensor(template, part, label, part.sample.op)
        # What has no state may stand there unused.
        spare = isinstance(part, OpPart) and part in tested and not self._has_state(part)
        condition = None if spare else self.wording.condition(template, part)
        return Attribute(part.name, self._module(template, part), condition, added=not part.name.isidentifier())

    def _module(self, template: Template, part: Part, inplace: bool = False, *, indexed: bool = False) -> Module:
        """A part's module; `indexed` has what follows from the number of the part of a repeat around it printed so."""
        if part.others:
            tests = self.wording.tests(template, part)
            made = (self._one(template, one, inplace, indexed=indexed) for one in (part, *part.others))
            return OneOf(tuple(zip(tests, made, strict=True)))
        return self._one(template, part, inplace, indexed=indexed)

    def _one(self, template: Template, part: Part, inplace: bool, *, indexed: bool) -> Module:
        match part:
            case OpPart():
                return self._op_module(template, part, inplace, indexed=indexed)
            case BlockPart():
                return self._instance(template, part, indexed=indexed)
            case SequencePart():
                return self._container(template, part, indexed=indexed)

    def _container(self, template: Template, part: SequencePart, *, indexed: bool) -> Container:
        definition = part.sample.definition
        repeated = definition.kind == "repeat"
        key = part, indexed and not repeated  # the parts of a repeat have numbers of their own
        if key not in self.containers:
            listed = definition.kind == "inline" and (definition.listed or definition.flat or part.unpacked)
            held, numbered = self.registered(template, part), self.numbered(template, part)
            items, labels = [item for item, _ in held], [label for _, label in held]
            if (count := self.wording.settings[template].counts.get(part)) is not None:
                entry = self._by_numbers(template, items, labels)[0]
                times, even = self.wording.named(template, count), self._even(template, part)
                entries: tuple[Entry, ...] = (replace(entry, times=times, even=even),)
            elif repeated:
                entries = self._repeated(template, items, labels)
            else:
                entries = self.entries(template, items, labels, dropped=listed, indexed=indexed)
            self.containers[key] = Container(self.container_of(template, part), entries, numbered)
        return self.containers[key]

    def container_of(self, template: Template, part: SequencePart) -> str:
        """The class of torch that holds the modules of a sequence."""
        if part.chained and not part.looped:
            return "nn.Sequential"
        return "nn.ModuleList" if self.numbered(template, part) else "nn.ModuleDict"

    def _even(self, template: Template, part: SequencePart) -> frozenset[str]:
        """The arguments of a class that are lists of an item for each part of a repeat, in every use."""
        own, rename = self.wording.settings[template], self.wording.renames[template]
        lengths = [len(use.members) if use is not None else None for use in part.uses]
        return frozenset(
            rename.get(name, name)
            for name in own.parameters
            if all(
                count is None or (isinstance(value, tuple) and len(value) == count)
                for value, count in zip(own.held(name), lengths, strict=True)
            )
        )

    def _op_module(self, template: Template, part: OpPart, inplace: bool, *, indexed: bool) -> Construct:
        op = part.sample.op
        chosen = self.wording.settings[template].slots[part].get("op")
        if chosen is not None:
            return Construct(
                self.wording.named(template, self.wording.as_op(chosen)),
                (),
                (("inplace", Literal(True)),) if inplace else (),
            )
        given = self.wording.slots(template, part, indexed=indexed)
        if op.module and not op.module.startswith("nn."):
            self.wording.need(op, module=True)
        if inplace:
            given["inplace"] = Literal(True)
        leading = list(op.slots(self.network.input_shapes(part.sample)))[: op.positional]
        args = [given.pop(slot) for slot in takewhile(given.__contains__, leading)]
        made = self.imported.get(op.imported(), op.module)
        called, whole = tuple(leading[: len(args)]), self.wording.all_slots(template, part, indexed=indexed)
        whole |= {"inplace": Literal(True)} if inplace else {}
        keywords = tuple(given.items())
        return Construct(Global(made), tuple(args), keywords, op.around(), op.within(), called, tuple(whole.items()))

    def _instance(self, template: Template, part: BlockPart, *, indexed: bool = False) -> Construct:
        own = self.wording.settings[template]
        arguments = {**own.arguments[part], **(own.indexed.get(part, {}) if indexed else {})}
        child = self.wording.settings[part.template]
        rename = self.wording.renames[part.template]
        declared = self.wording.parameters(part.template)
        given = {
            rename.get(name, name): self.wording.named(
                template, self.wording.as_op(expr) if name in child.ops else expr
            )
            for name, expr in arguments.items()
        }
        required = [parameter for parameter in declared if parameter.default is None]
        plain = list(takewhile(lambda parameter: parameter.type != "bool", required[:POSITIONAL]))
        args = tuple(given[parameter.name] for parameter in plain)
        keywords = tuple(
            (parameter.name, given[parameter.name])
            for parameter in declared[len(plain) :]
            if parameter.default is None or given[parameter.name] != parameter.default
        )
        block = own.blocks.get(part)
        made = Global(part.template.name) if block is None else self.wording.named(template, self.wording.as_op(block))
        whole = tuple((parameter.name, given[parameter.name]) for parameter in declared)
        return Construct(made, args, keywords, called=tuple(parameter.name for parameter in plain), whole=whole)

    def entries(
        self,
        template: Template,
        items: Sequence[Item],
        labels: Sequence[str],
        *,
        dropped: bool = True,
        indexed: bool = False,
    ) -> tuple[Entry, ...]:
        """The entries of a container, equal ones in a row as one."""
        return runs(self._written_out(template, items, labels, dropped=dropped, indexed=indexed))

    def _repeated(self, template: Template, items: Sequence[Item], labels: Sequence[str]) -> tuple[Entry, ...]:
        """The parts of a repeat: equal ones as a run, and those that follow from their number as a loop over it."""
        made = self._written_out(template, items, labels, dropped=False, indexed=False)
        plain = runs(made)
        folded = tuple(_plainest(entry, made) for entry in runs(self._by_numbers(template, items, labels)))
        # A loop that counts is worth it where it says clearly more in less.
        long = len(plain) > LONGEST_PLAIN or any(entry.indexed for entry in plain)
        return folded if len(folded) < len(plain) and long else plain

    def _by_numbers(self, template: Template, items: Sequence[Item], labels: Sequence[str]) -> list[Entry]:
        """An entry for each part of a repeat, with what follows from its number written so."""
        made, numbered = (
            self._written_out(template, items, labels, dropped=False, indexed=indexed) for indexed in (False, True)
        )
        return [
            replace(one, module=other.module, indexed=one.indexed or other.module != one.module)
            for one, other in zip(made, numbered, strict=True)
        ]

    def _by_number(self, template: Template, item: Item) -> bool:
        """Whether the parts of a run follow from their number."""
        own = self.wording.settings[template]
        exprs = (
            own.arguments[item] if isinstance(item, BlockPart) else own.slots[item] if isinstance(item, OpPart) else {}
        )
        return any("i" in names(expr) for expr in exprs.values())

    def _written_out(
        self,
        template: Template,
        items: Sequence[Item],
        labels: Sequence[str],
        *,
        dropped: bool,
        indexed: bool,
    ) -> list[Entry]:
        """An entry for each item."""
        made: list[Entry] = []
        for i, (item, label) in enumerate(zip(items, labels, strict=True)):
            if isinstance(item, RunPart):
                times = self.wording.named(template, self.wording.settings[template].counts[item])
                indexed_run = self._by_number(template, item.item)
                module, unpacked = self._module(template, item.item), _is_unpacked(item.item)
                made.append(Entry(label, module, times, start=i, indexed=indexed_run, unpacked=unpacked))
                continue
            inplace = isinstance(item, OpPart) and i > 0 and not item.others and self.writes_over(item)
            if inplace and isinstance(item, OpPart):
                self.written_over[item] = None
            condition = self.wording.condition(template, item)
            module = self._module(template, item, inplace, indexed=indexed)
            unpacked = _is_unpacked(item)
            if unpacked and isinstance(module, Container) and condition is None:
                made.extend(module.entries)
                continue
            left_out = (dropped or unpacked) and condition is not None
            made.append(Entry(label, module, None, condition, start=i, dropped=left_out, unpacked=unpacked))
        return made

    def writes_over(self, part: OpPart) -> bool:
        """Whether an op may write over what it reads, in every use."""
        return all(use is None or (use.op.inplace and self.aliasing.overwritable(use, 0)) for use in part.uses)


def _is_unpacked(part: Part) -> bool:
    """Whether the layers of a part stand in the sequence around it."""
    return not isinstance(part, OpPart) and part.unpacked


def _is_indexed(part: Part) -> bool:
    """Whether `forward` calls the modules of a part one by one."""
    return isinstance(part, SequencePart) and (part.unrolled or part.looped)


def _plainest(entry: Entry, made: Sequence[Entry]) -> Entry:
    """A run by the numbers of its parts, or without them where the parts are equal anyway."""
    if entry.times is None:
        return made[entry.start]
    if not isinstance(entry.times, Literal) or not isinstance(entry.times.value, int):
        return entry
    first, *others = made[entry.start : entry.start + entry.times.value]
    alike = all(other.module == first.module for other in others)
    return replace(entry, module=first.module, indexed=False) if alike else entry
