"""Calls: how `forward` calls an op, whose module that is, and what it reads of `self` that is no module."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from archspec.code import parts
from archspec.code.locals import Lets, put_in
from archspec.code.naming import UNREAD, names_of_base, worded
from archspec.code.parts import BlockPart, OpPart, Part, RunPart, SequencePart, Template
from archspec.code.registration import Registration
from archspec.code.template_names import measured_inputs
from archspec.graph.graph import Local
from archspec.graph.walk import container, last_name, shared
from archspec.language.expression.symbolic import leaves
from archspec.language.names import nested, unused
from archspec.ops.op import Op
from archspec.values.expression import Expr, List, Literal, Name, Unary, Value
from archspec.values.source import SELF, Item, Listing, Member, Source, invoke, method, of_shapes


class Calls:
    """Writes the calls of every template.

    Args:
        modules: what the constructors register.
        bases: what the classes derive from.
        lets: class -> the values that its author has a name for.
    """

    def __init__(self, modules: Registration, bases: Mapping[Template, str], lets: Callable[[Template], Lets]) -> None:
        self.network, self.wording, self.modules, self.bases = modules.network, modules.wording, modules, bases
        self.lets = lets
        self.holders: dict[Template, dict[parts.Item, tuple[SequencePart, str]]] = {}
        self.places: dict[Template, dict[str, int]] = {}
        self.shared: dict[Template, set[str]] = {}
        self.taken: dict[Template, frozenset[str]] = {}
        self.kept: dict[Template, frozenset[str]] = {}
        self.looped: set[BlockPart] = set()  # parts of repeats that a loop hands what follows from its number

    def operation(self, template: Template, part: OpPart, reads: Sequence[Local], args: Sequence[Source]) -> Source:
        """One op inside `forward`, which reads the values `reads`: a call of its module, or its functional form."""
        op: Op = part.sample.op
        if self.modules.is_module(template, part):
            return op.call(self.owner(template, part), args, self.network.input_shapes(part.sample))
        self.wording.need(op)
        measured = self.wording.settings[template].measured.get(part, ())
        args, shaped = args[: len(args) - len(measured)], args[len(args) - len(measured) :]
        slots = self.wording.slots(template, part)
        for slot in self._stored_slots(template, part):
            slots[slot], _ = self._kept(template, part, slot)
        for slot, expr in slots.items():
            slots[slot] = of_shapes(expr, dict(zip(measured, shaped, strict=True))) if measured else expr
        for port, slot in op.ports_on_demand.items():
            if port in part.ports:
                slots[slot] = Literal(True)
        inputs = template.definition.inputs
        if reads and reads[0].member not in inputs and self.modules.writes_over(part):
            slots["inplace"] = Literal(True)
            self.modules.written_over[part] = None
        return op.expression(args, slots, self.network.input_shapes(part.sample))

    def owner(self, template: Template, part: Part) -> Source:
        """How `forward` names the module of a part: `self.conv1`, in a list `self[0]`."""
        if part in self._holders(template) and (part.beside or not part.share):
            sequence, label = self._holders(template)[part]
            label = part.share or label
            number = self.modules.numbered(template, sequence)
            return Item(self.owner(template, sequence), (Literal(int(label) if number else label),))
        if (owner := self._owner_in_a_repeat(template, part)) is not None:
            return self.owner(template, owner)
        name = part.share or part.name
        if isinstance(part, OpPart) and part.sample.op.holds and self.modules.wording.hidden(name):
            label = template.labels[self._place(template, name)]
            return method(SELF, f"get_{part.sample.op.holds}", Literal(label))
        label = template.labels[self._place(template, name)]
        held = isinstance(part, OpPart) and bool(part.sample.op.holds)  # a tensor is no item of a list of modules
        if self.bases[template] == "nn.Module" or held:
            if not (label.isidentifier() or nested(label)):
                return method(SELF, "get_submodule", Literal(label))
            return _nested(nested(label)) or Member(SELF, name)
        key: Value = int(label) if self.bases[template] == "nn.ModuleList" and label.isdigit() else label
        return Item(SELF, (Literal(key),))

    def _owner_in_a_repeat(self, template: Template, part: Part) -> Part | None:
        """The part of a repeat whose module a part outside calls again: it came to own it, as the first that is left.

        `{share: once, repeat: 2}` and then `{share: once}`, where nothing needs the value of `once` itself.
        """
        path = shared(self.network.graph, part.sample) if part.share and not part.beside else ""
        repeat = self.network.graph.scopes[container(path)]
        if repeat.definition.kind != "repeat":
            return None
        name = last_name(repeat.id)
        there = self._holders(template).items()
        found = (item for item, (one, label) in there if (one.name, label) == (name, part.share))
        return next((item for item in found if not isinstance(item, RunPart)), None)

    def _holders(self, template: Template) -> Mapping[parts.Item, tuple[SequencePart, str]]:
        """Items of repeats that are called one by one -> the repeat, and the name in it."""
        if template not in self.holders:
            self.holders[template] = {
                item: (part, label)
                for part in template.parts
                if isinstance(part, SequencePart) and (part.unrolled or part.one)
                for item, label in zip(part.items, part.labels, strict=True)
            }
        return self.holders[template]

    def _place(self, template: Template, name: str) -> int:
        if template not in self.places:
            self.places[template] = {part.name: i for i, part in enumerate(template.parts)}
        return self.places[template][name]

    def test(self, template: Template, part: Part) -> Source | None:
        """The attribute that says whether an optional part is there, or is not, where `forward` has to ask."""
        expr = self.wording.settings[template].conditions.get(part)
        if expr is None:
            return None
        (name, value), asked = self._asked(template, expr), self.wording.named(template, expr)
        held = Member(SELF, name)
        return held if value == asked else put_in(asked, value, held)

    def _asked(self, template: Template, expr: Expr) -> tuple[str, Expr]:
        """What an attribute holds that says whether a condition is true, and its name.

        That is what the author has a name for, `is_first`, where the condition is so, or `not is_first`.
        """
        asked, taken = self.wording.named(template, expr), self._taken(template)
        if isinstance(expr, Name) and not expr.name.startswith("@") and expr.name not in taken:
            return expr.name, asked
        kept = self._kept_names(template) | self._shared_slots(template)
        for name, value in self.lets(template):
            if name not in taken | kept and asked in (value, Unary("not", value)):
                return name, value
        return self._test_name(template, expr), asked

    def _test_name(self, template: Template, expr: Expr) -> str:
        """`use_residual` of a way around; else after the first part there then."""
        taken = self._taken(template)
        conditions = self.wording.settings[template].conditions
        residual = {
            said for part, said in conditions.items() if isinstance(part, OpPart) and _is_residual(template, part)
        }
        if residual == {expr} and "use_residual" not in taken:
            return "use_residual"
        first = next(other for other in template.parts if conditions.get(other) == expr)
        return unused(f"use_{worded(first.name)}", taken)

    def _functional(self, template: Template) -> Iterator[OpPart]:
        """Ops that `forward` writes as expressions."""
        for part in (*template.parts, *self._holders(template)):
            if isinstance(part, OpPart) and not part.sample.op.holds and not self.modules.is_module(template, part):
                yield part

    def _stored_slots(self, template: Template, part: OpPart) -> list[str]:
        """Slots of a functional call that are constructor arguments, kept on `self` because no module holds them."""
        slots = self.wording.settings[template].slots[part]
        return [slot for slot, expr in slots.items() if _read(expr)]

    def _kept(self, template: Template, part: OpPart, slot: str) -> tuple[Source, tuple[tuple[str, Source], ...]]:
        """How `forward` reads a setting that no module holds, and what is kept on `self` for that.

        In a few words, and beside sizes that a run knows, the arguments are kept: `(0, self.back)`,
        `x.shape[2] // self.stride`; else the setting is.
        """
        expr = self.wording.settings[template].slots[part][slot]
        if not any(measured_inputs(expr)) and not self._is_brief(template, expr):
            name, value = self._stored_name(template, part, slot), self.wording.named(template, expr)
            return Member(SELF, name), ((name, as_list(value) if slot in part.sample.op.listed else value),)
        said, kept = self._with_arguments(template, expr)
        return as_list(said) if slot in part.sample.op.listed else said, kept

    def _with_arguments(
        self, template: Template, expr: Expr, number: Name | None = None
    ) -> tuple[Source, tuple[tuple[str, Source], ...]]:
        """An expression in what is kept on `self` of the arguments that it reads, and that; `number` is `i`."""
        said: Source = self.wording.named(template, expr)
        given = self._arguments(template, expr)
        if number is not None:
            said, given = put_in(said, Name("i"), number), [name for name in given if name != "i"]
        kept = tuple((self._argument_name(template, name), Name(name)) for name in given)
        for name, argument in kept:
            said = put_in(said, argument, Member(SELF, name))
        return said, kept

    def _argument_name(self, template: Template, name: str) -> str:
        """What an argument is kept as: its own name, where no member has that."""
        taken = self._taken(template)
        return unused(f"given_{name}", taken) if name in taken else name

    def _arguments(self, template: Template, expr: Expr) -> list[str]:
        """What an expression reads, as the constructor calls it."""
        rename = self.wording.renames[template]
        return [rename.get(name, name) for name in _read(expr)]

    def _is_brief(self, template: Template, expr: Expr) -> bool:
        """Whether a setting is an argument, or a list with such among its numbers, of names that no member has."""
        if not self._taken(template).isdisjoint(self._arguments(template, expr)):
            return False
        match expr:
            case Name() | Unary("-", Name()):
                return True
            case List(items):
                some = any(isinstance(item, Literal) for item in items)
                return some and all(isinstance(item, Literal | Name) for item in items)
        return False

    def _taken(self, template: Template) -> frozenset[str]:
        """The names of attributes that `nn.Module` or a member has."""
        if template not in self.taken:
            self.taken[template] = names_of_base(self.bases[template]) | template.held
        return self.taken[template]

    def _kept_names(self, template: Template) -> frozenset[str]:
        """The arguments that are kept."""
        if template not in self.kept:
            own = self.wording.settings[template]
            slots = ((part, slot) for part in self._functional(template) for slot in self._stored_slots(template, part))
            found = (own.slots[part][slot] for part, slot in slots)
            kept = (expr for expr in found if any(measured_inputs(expr)) or self._is_brief(template, expr))
            self.kept[template] = frozenset(name for expr in kept for name in self._arguments(template, expr))
        return self.kept[template]

    def _stored_name(self, template: Template, part: OpPart, slot: str) -> str:
        """`scale` where all parts that keep such a setting have one, else `query_scale`."""
        if template not in self.shared:
            self.shared[template] = self._shared_slots(template)
        sequence = self._holders(template).get(part)
        name = part.name if sequence is None else f"{sequence[0].name}_{part.name}"
        name = f"{part.sample.op.name}{name}" if name[0].isdigit() else name
        kept = part.sample.op.kept_as.get(slot, slot)
        own_name = kept == name and kept not in names_of_base(self.bases[template]) | self._kept_names(template)
        if kept in self.shared[template] or own_name:
            return kept
        taken = self._taken(template) | self._kept_names(template)
        return unused(f"{worded(name)}_{kept}", taken)

    def _shared_slots(self, template: Template) -> set[str]:
        """What parts keep that have all one setting, so that one attribute serves them."""
        settings: dict[str, list[Expr]] = {}
        for part in self._functional(template):
            for slot in self._stored_slots(template, part):
                kept, expr = part.sample.op.kept_as.get(slot, slot), self.wording.settings[template].slots[part][slot]
                if not any(measured_inputs(expr)):
                    settings.setdefault(kept, []).append(expr)
        asked = (expr.name for expr in self.wording.settings[template].conditions.values() if isinstance(expr, Name))
        taken = self._taken(template) | self._kept_names(template) | {*asked}
        return {
            kept
            for kept, found in settings.items()
            if kept not in taken and all(setting == found[0] for setting in found)
        }

    def handed(self, template: Template, part: BlockPart, number: str = "") -> Sequence[Source]:
        """The sizes that a block is handed, in what is kept on `self` and the shapes that its call reads.

        In a loop over a repeat they follow from the variable `number`.
        """
        own = self.wording.settings[template]
        if number and part in own.numbered:
            self.looped.add(part)
            return [self._with_arguments(template, expr, Name(number))[0] for expr in own.numbered[part]]
        return [self._with_arguments(template, expr)[0] for expr in own.handed.get(part, ())]

    def turns(self, template: Template, part: SequencePart) -> tuple[Source, Sequence[str]] | None:
        """How often a loop calls the one module of a repeat, and the inputs whose sizes say it; None of a number."""
        count = self.wording.settings[template].counts.get(part)
        if count is None:
            return None
        return self._with_arguments(template, count)[0], tuple(dict.fromkeys(measured_inputs(count)))

    def stored(self, template: Template, tested: Sequence[Part]) -> tuple[tuple[str, Source], ...]:
        """Names and values of what `forward` reads of `self` that is no module; it asks whether `tested` are there."""
        own = self.wording.settings[template]
        slots = [
            kept
            for part in self._functional(template)
            for slot in self._stored_slots(template, part)
            for kept in self._kept(template, part, slot)[1]
        ]
        for part, said in own.handed.items():
            number = Name("i") if part in self.looped else None
            given = own.numbered[part] if number is not None else said
            slots += [kept for expr in given for kept in self._with_arguments(template, expr, number)[1]]
        turning = [one for one in own.counts if isinstance(one, SequencePart) and one.shared]
        slots += [kept for one in turning for kept in self._with_arguments(template, own.counts[one])[1]]
        conditions = [own.conditions[part] for part in tested]
        tests = [self._asked(template, condition) for condition in conditions]
        return tuple(dict.fromkeys([*slots, *tests]))


def as_list(value: Source) -> Source:
    """Several values as a list: `[a, b]` where they are written, `list(sizes)` of an argument."""
    return Listing(value.items) if isinstance(value, List) else invoke("list", value)


def first_of_pair(part: Part, targets: tuple[Source, ...], value: Source) -> tuple[tuple[Source, ...], Source]:
    """What a statement assigns to, and what: `x, _ = self.attention(x, x, x)` for `x = self.attention(x, x, x)[0]`."""
    if not isinstance(part, OpPart) or not part.sample.op.in_a_pair or not isinstance(value, Item) or len(targets) > 1:
        return targets, value
    return (*targets, Name(UNREAD)), value.owner


def _read(expr: Expr) -> list[str]:
    """The arguments that an expression reads, by their names in the template."""
    return sorted(leaf.name for leaf in leaves(expr) if isinstance(leaf, Name))


def _nested(way: Sequence[str]) -> Source | None:
    """`self.downs[0]["conv"]`; None of no way."""
    found: Source | None = Member(SELF, way[0]) if way else None
    for key in way[1:]:
        found = Item(found, (Literal(int(key) if key.isdigit() else key),)) if found is not None else None
    return found


def _is_residual(template: Template, part: OpPart) -> bool:
    """Whether an op adds what the class is given to what it made of it."""
    given = (read.member in template.definition.inputs for read in part.reads)
    return part.sample.op.joins == "sum" and any(given)
