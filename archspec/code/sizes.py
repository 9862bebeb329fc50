"""Sizes: followed from layer to layer through a template, so that code can say where a number comes from.

x: (in_channels, h, w) -> conv1: (width, h, w) -> conv2: (width * 4, h, w)
concat(conv2, x): (width * 4 + in_channels, h, w)
"""

from collections.abc import Mapping
from typing import cast

from archspec.code.choices import choose
from archspec.code.chosen import chosen_names, is_given
from archspec.code.conditions import Around, Conditions
from archspec.code.counted import between, hanging, settle_count, settle_length
from archspec.code.followed import (
    NOTHING,
    Followed,
    Sizes,
    after_all,
    alike,
    all_fitted,
    constant,
    handed_on,
    is_number,
    names_of,
    progression,
    put,
    within,
)
from archspec.code.grown import Grown, by_lists, run_by_lists
from archspec.code.input_sizes import rest_name
from archspec.code.numbered import number_arguments, settle_rounds, slots_by_number
from archspec.code.parts import BlockPart, Item, OpPart, Part, RunPart, SequencePart, Template, block_parts, places
from archspec.code.rule import Outcome, Rule, is_argument
from archspec.code.settings import Settling
from archspec.code.settings_of_runs import settle_run
from archspec.code.starting import decide_member, decide_rules
from archspec.code.structural import Structural
from archspec.code.template_names import TemplateNames, measured_inputs
from archspec.code.turns import settle_turns
from archspec.code.variables import with_variables
from archspec.graph.graph import Local, Node
from archspec.graph.walk import home, resolve, standing
from archspec.language.expression.symbolic import names, simplify
from archspec.ops.op import Op
from archspec.values.expression import Binary, Expr, Literal, Value
from archspec.values.shape import Shape

UNKNOWN: Sizes = ()


class Walk:
    """One walk over a template's parts in order, following the sizes.

    Symbolic, it keeps every name and records nothing. Else names that are the same in all uses become literals, and
    what the ops and blocks are given is recorded in the settings.
    """

    def __init__(self, settling: Settling, template: Template, *, symbolic: bool) -> None:
        self.settling = settling
        self.network = settling.network
        self.template = template
        self.own = settling.settings[template]
        self.symbolic = symbolic
        self.names = TemplateNames(settling, template, symbolic=symbolic)
        self.sizes: dict[Local, Sizes] = {}
        self.divisors: set[tuple[Expr, Expr]] = set()
        self.after_run: dict[RunPart, tuple[Sizes, Sizes]] = {}  # sizes after part 1 of a run and after part 2
        self.numbered_read: Sizes | None = None  # how the sizes that a part of a repeat reads follow from `i`
        self.grown: dict[SequencePart | RunPart, Grown] = {}  # repeats of which each part gives an item of a list
        self.around: tuple[Around | None, ...] = template.uses  # what the part at hand stands in, use by use
        self.direct = False  # the part at hand is called in the class, and by no sequence
        self.structural = Structural(settling, self.own, self.names)
        self.conditions = Conditions(settling, self.own, self.names, self.structural)

    def all_parts(self) -> None:
        """Walks the parts in order."""
        self.sizes = {Local(name): sizes for name, sizes in self.names.inputs().items()}
        if not self.symbolic:
            decide_rules(self.settling, self.names, self.template)
        if self.template.sequential:
            self._chain()
        else:
            self._members()
        if not self.symbolic:
            settle_rounds(self)
            self.own.dims, self.own.gives = self.sizes, self.outputs()
            self.structural.left_out(self.around)
            if self.settling.frozen.rigid:
                self.structural.of_all(self.template.uses)
            if self.template.flat:
                self.structural.of_flat(self.template.uses[0])

    def _chain(self) -> None:
        last = self.sizes[Local(self.template.definition.inputs[0])]
        for part in self.template.parts:
            last = self._part(part, (last,))[""]
        self.last = last

    def _members(self) -> None:
        for i, part in enumerate(self.template.parts):
            self.direct = isinstance(part, OpPart)
            reads = tuple(self.sizes.get(self.template.resolve(read), UNKNOWN) for read in part.reads)
            self.names.index = i if self.template.definition.kind == "repeat" else part.site.number
            given = self._part(part, reads)
            self.names.index = None
            for port, sizes in self._with_variables(part, given).items():
                self.sizes[Local(part.name, port)] = sizes

    def _with_variables(self, part: Item, given: dict[str, Sizes]) -> dict[str, Sizes]:
        """The sizes after a part of which there is one, with the variables that the class has for them."""
        if self.symbolic or self.names.index is not None or isinstance(part, RunPart):
            return given
        whole = Local(part.sample.name)
        ref = resolve(self.network.graph, home(part.sample), whole)
        made = with_variables(self.settling, self.template, part.name, ref, given[""])
        return {port: made if sizes == given[""] else sizes for port, sizes in given.items()}

    def outputs(self) -> dict[str, Sizes]:
        """Sizes of the template's outputs."""
        if self.template.sequential:
            return dict.fromkeys(self.template.outputs, self.last)
        return {port: self.sizes.get(local, UNKNOWN) for port, local in self.template.outputs.items()}

    def _part(self, part: Item, around: tuple[Sizes, ...]) -> dict[str, Sizes]:
        """The sizes after a part, from those that come to it whether it is there or not."""
        reads = self.conditions.where_there(part, around)
        match part:
            case OpPart():
                given = self._op(part, reads)
            case BlockPart():
                given = self._block(part, reads)
            case SequencePart():
                given = self._sequence(part, reads)
            case RunPart():
                return self._run(part, reads)
        if part.others:
            return self._one_of((part, *part.others), given, reads)
        if not self.symbolic:
            self.conditions.of(part, self.around)
        return self.conditions.sizes_after(part, self.around, given, around)

    def _one_of(self, options: tuple[Part, ...], first: dict[str, Sizes], reads: tuple[Sizes, ...]) -> dict[str, Sizes]:
        """The sizes after what is one of several things, each of which takes and gives one value."""
        if not self.symbolic:
            self.conditions.of_alternatives(options, self.around)
        others = []
        for option in options[1:]:
            match option:
                case OpPart():
                    others.append(self._op(option, reads)[""])
                case BlockPart():
                    others.append(self._block(option, reads)[""])
                case SequencePart():
                    others.append(self._sequence(option, reads)[""])
        made = self.conditions.sizes_of(options, (first[""], *others))
        return {"": made, **dict.fromkeys(first, made)}

    def _op(self, part: OpPart, reads: tuple[Sizes, ...]) -> dict[str, Sizes]:
        sample = part.sample
        xs = self.network.input_shapes(sample)
        fields = {name: self.names.of(sample.scope, expr) for name, expr in sample.site.exprs.items() if name != "op"}
        met = all_fitted(reads, xs)
        outcome = self.outcome(sample, xs, met, fields)
        if not self.symbolic:
            self.structural.note(outcome.counted)
            self._record(part, xs, fields, met, outcome)
            decide_member(self.settling, self.names, self.template, part)
        found = dict(zip(sample.op.ports, outcome.outputs, strict=False))
        return {**found, "": outcome.outputs[0]}

    def outcome(
        self, node: Node, xs: tuple[Shape, ...], reads: tuple[Sizes, ...], fields: Mapping[str, Followed]
    ) -> Outcome:
        """What the op's rule gives in the template's names."""
        numbers = {name: said for name, said in fields.items() if is_number(getattr(node.op, name))}
        spread = {name: self.names.each(said, getattr(node.op, name)) for name, said in numbers.items()}
        if not self.symbolic:
            for name in fields.keys() - numbers.keys():
                self._word(node.op, xs, name, fields[name])
        rule = Rule(node.op, xs, reads, spread, self.divisors, self._matters)
        return rule.outcome()

    def _matters(self, asked: frozenset[str]) -> bool:
        return not self.symbolic and bool(self.own.rooted(asked))

    def _word(self, op: Op, xs: tuple[Shape, ...], name: str, said: Followed) -> None:
        """Notes that more than an argument hangs on a field that is no number."""
        if self.own.rooted(said.names) and not (isinstance(getattr(op, name), bool) and is_argument(op, xs, name)):
            self.structural.note(said.names)

    def _record(
        self,
        part: OpPart,
        xs: tuple[Shape, ...],
        fields: Mapping[str, Followed],
        reads: tuple[Sizes, ...],
        outcome: Outcome,
    ) -> None:
        there = [use is not None for use in part.uses]
        decide = self.settling.decide
        if (chosen := self._chosen(part, there)) is not None:
            self.own.slots[part] = {"op": chosen}
            self.own.ops |= chosen_names(chosen)
            return
        self.structural.decides(part.site.exprs.get("op"), around=part.sample.scope)
        held = [use.op.slots(self.network.input_shapes(use)) if use is not None else {} for use in part.uses]
        first = next(i for i, use in enumerate(part.uses) if use is not None)
        slots: dict[str, Expr] = {}
        for slot, followed in outcome.slots.items():
            values = [one.get(slot) for one in held]
            candidate = fields.get(slot, followed)
            if candidate.expr is not None and self.own.value(candidate.expr, first) != values[first]:
                candidate = followed
            measured = self.names.measured(part, slot) if self.direct else None
            slots[slot] = measured or decide(self.own, candidate, values, there, part.name, slot)
        self.own.slots[part] = slots
        owners = dict.fromkeys(owner for expr in slots.values() for owner in measured_inputs(expr))
        if owners:
            self.own.measured[part] = tuple(owners)
        numbered = slots_by_number(self, part, xs, reads, held)
        if numbered:
            self.own.indexed[part] = numbered

    def _chosen(self, part: OpPart, there: list[bool]) -> Expr | None:
        """What chooses the op of a part, where the uses have several or a root has; None where it is always one."""
        if not is_given(self.network, part.sample):
            return None
        told, decide = self.names.of(part.sample.scope, part.site.exprs["op"]), self.settling.decide
        several = len({type(use and use.op) for use in part.uses}) > 1
        if not (several or self.own.rooted(told.names)):
            return None
        kinds: list[Value] = [use.op.name if use is not None else None for use in part.uses]
        chosen = decide(self.own, told, kinds, there, part.name, "op")
        if self.own.chooses(chosen) and (several or not isinstance(chosen, Literal)):
            return chosen
        return decide(self.own, Followed(None), kinds, there, part.name, "op") if several else None

    def _block(self, part: BlockPart, reads: tuple[Sizes, ...]) -> dict[str, Sizes]:
        child = self.settling.settings[part.template]
        shapes = [self.network.shape(ref) for ref in part.sample.inputs]
        made = self.arguments(part, all_fitted(reads, shapes))
        if not self.symbolic:
            if part.template.choices:
                choose(self.settling, self.own, part, self.names.written(part.site.chosen[0]))
            else:
                self.structural.decides(*part.site.chosen)
            self.own.candidates[part] = made
            child.give(made, self.template)
            self.names.record_handed(part)
            number_arguments(self, part)
            for name, followed in made.items():
                if roots := self.own.rooted(followed.names):
                    child.roots[name] = child.roots.get(name, NOTHING) | roots
        outputs = {port: tuple(within(one, made) for one in sizes) for port, sizes in child.outputs.items()}
        outputs[""] = outputs.get("") or next(iter(outputs.values()), UNKNOWN)
        return outputs

    def arguments(self, part: BlockPart, reads: tuple[Sizes, ...]) -> dict[str, Followed]:
        """What the names of a block's template stand for here."""
        sample, child = part.sample, self.settling.settings[part.template]
        declared = {param.name: param for param in part.template.definition.params}
        hiding = self.names.hidden_from(part.template) if not self.symbolic else NOTHING
        child.hidden |= hiding
        made = {rest_name(k): Followed(None, names_of(read)) for k, read in enumerate(reads)}
        for name in child.values:
            written = sample.site.exprs.get(name)
            if (size := child.sizes.get(name)) is not None:
                made[name] = reads[size.input][size.axis]
            elif name not in declared:
                made[name] = self.names.symbol(name) if name not in hiding else Followed(None)
            elif written is not None:
                made[name] = self.names.written(written)
            elif (follows := declared[name].follows) is not None and name in sample.following:
                made[name] = within(Followed(follows, names(follows)), made)
            else:
                made[name] = constant(sample.args.get(name))
        return made

    def _sequence(self, part: SequencePart, reads: tuple[Sizes, ...]) -> dict[str, Sizes]:
        definition = part.sample.definition
        around, self.around = self.around, part.uses
        here = self.names
        facts, index, flat, numbered = here.facts, here.index, here.flat, self.numbered_read
        here.flat = flat or part.flat
        shapes = [self.network.shape(ref) for ref in part.sample.inputs]
        if definition.kind == "inline" and len(reads) == len(shapes):
            here.enter(definition.inputs, shapes, reads)
        taken, found = self._items(part, reads, index)
        if definition.kind == "repeat":
            self._grow(part, taken, found)
            self._hang(part, taken, found)
        if not self.symbolic:
            self.structural.left_out(self.around)
            if part.flat:
                self.structural.of_flat(part.sample)
        here.facts, here.index, here.flat, self.numbered_read = facts, index, flat, numbered
        self.around = around
        if definition.kind == "repeat" and not (self.symbolic or flat):
            (settle_turns if part.shared else settle_length)(self, part, taken, found)
        labels = part.labels
        last = found[Local(labels[-1])] if labels else reads[0] if reads else UNKNOWN
        ended = dict.fromkeys(("", *part.sample.outputs), last)
        if part.chained:
            taps = {port: found[Local(labels[at - 1])] if at else reads[0] for port, at in part.taps.items()}
            return {**ended, **taps}
        given = {port: standing(part.sample, local) for port, local in part.outputs.items()}
        return {**ended, **{port: found.get(local, last) for port, local in given.items()}}

    def _items(
        self, part: SequencePart, reads: tuple[Sizes, ...], index: int | None
    ) -> tuple[list[tuple[Sizes, ...]], dict[Local, Sizes]]:
        """Walks the items of a sequence: what each reads, and what comes out where."""
        repeated = part.sample.definition.kind == "repeat"
        found = dict(zip(map(Local, part.sample.definition.inputs), reads, strict=False))
        taken: list[tuple[Sizes, ...]] = []
        handed = reads
        for i, (label, item) in enumerate(zip(part.labels, part.items, strict=True)):
            self.names.index, self.numbered_read = i if repeated else index, None
            self.direct = part.unrolled and isinstance(item, OpPart)
            if not part.chained and not isinstance(item, RunPart):
                handed = tuple(found.get(standing(part.sample, read), UNKNOWN) for read in item.reads)
            taken.append(handed)
            given = self._with_variables(item, self._part(item, handed))
            found.update((Local(label, port), sizes) for port, sizes in given.items())
            handed = handed_on(places(item), item.ports, given, reads)
        self.direct = False
        return taken, found

    def _grow(self, part: SequencePart, taken: list[tuple[Sizes, ...]], found: dict[Local, Sizes]) -> None:
        """Walks blocks that all add the same number of channels once more, now that it is known, or have a list."""
        at = between(part, taken, found)
        if not at:
            return
        if isinstance(run := part.items[-1], RunPart):
            at = [*at[:-1], *self.after_run[run]]
        if (grown := by_lists(self, part, taken, at)) is not None:
            self._follow(part, grown, taken, found)
            return
        growth = progression(dict(enumerate(at)), len(at) - 1)
        for i, item in enumerate(part.items if growth is not None else ()):
            if isinstance(item, BlockPart | RunPart):
                self.names.index, self.numbered_read = i, growth
                self._part(item, taken[i])

    def _follow(
        self, part: SequencePart, grown: Grown, taken: list[tuple[Sizes, ...]], found: dict[Local, Sizes]
    ) -> None:
        """Walks the parts of a repeat once more, of which each gives an item of a list."""
        self.grown[part], place = grown, places(part.items[0])[0]
        for i, item in enumerate(part.items):
            taken[i] = put(taken[i], place, grown.known(taken[i][place]))
            self.own.indexed.pop(cast("OpPart | BlockPart", item), None)  # a height by the number of the part
            self.names.index, self.numbered_read = i, grown.reads
            given = self._part(item, taken[i])
            if i == len(part.items) - 1:
                found.update((Local(part.labels[i], port), grown.last) for port in given)

    def _hang(self, part: SequencePart, taken: list[tuple[Sizes, ...]], found: dict[Local, Sizes]) -> None:
        """Walks blocks that change heights or widths once more, which hang on how many blocks there are."""
        count = self.times(part)
        free = count.names if self.symbolic else self.own.rooted(count.names)
        at = between(part, taken, found)
        kept = bool(part.items) and isinstance(part.items[-1], RunPart) and alike(at[1:])
        ended = hanging(self.settling, part, at, count, self.symbolic) if free and not kept else None
        for i, item in enumerate(block_parts(part.items) if ended is not None else ()):
            self.names.index, self.numbered_read, taken[i] = i, None, (ended or UNKNOWN, *taken[i][1:])
            self.own.indexed.pop(item, None)  # a height by the number of the part
            found.update((Local(part.labels[i], port), ended or UNKNOWN) for port in self._part(item, taken[i]))

    def times(self, part: SequencePart | RunPart) -> Followed:
        """How many parts a repeat has, as it is written."""
        return self.names.written(part.site.repeat) if part.site.repeat is not None else Followed(None)

    def _run(self, part: RunPart, reads: tuple[Sizes, ...]) -> dict[str, Sizes]:
        around, self.around, place = self.around, part.item.uses, places(part)[0]
        given = again = self._part(part.item, reads)
        if isinstance(part.item, BlockPart):
            again = self._part(part.item, handed_on(places(part), part.ports, given, reads))
            self._part(part.item, reads)  # what is recorded is its first use
        if (grown := run_by_lists(self, part, reads, given, self.times(part))) is not None:
            self.grown[part], numbered, self.numbered_read = grown, self.numbered_read, grown.reads
            self.own.indexed.pop(cast("OpPart | BlockPart", part.item), None)  # a height by the number of the part
            self._part(part.item, put(reads, place, grown.known(reads[place])))
            self.numbered_read, again = numbered, given
        self.around, self.after_run[part] = around, (given[""], again[""])
        count = self._count(part)
        if not self.symbolic:
            settle_count(self, part, count, reads, given)
            settle_run(self.settling, self.own, part)
        if grown is not None:
            return dict.fromkeys(given, grown.last)
        return after_all(count, places(part), part.ports, reads, given, again)

    def _count(self, part: RunPart) -> Followed:
        """How many parts of a repeat come after the first."""
        written = self.times(part)
        if written.expr is None:
            return written
        return Followed(simplify(Binary("-", written.expr, Literal(1))), written.names)
