"""Channels: followed from layer to layer through a template, so that code can say where a number comes from.

x: in_channels -> conv1: width -> conv2: width * 4 -> concat(conv2, x): width * 4 + in_channels
"""

from collections.abc import Mapping
from itertools import pairwise

from archspec.code.parts import BlockPart, Item, OpPart, RunPart, SequencePart, Template
from archspec.code.settings import NOTHING, Channels, Settling, channels_of, chosen_names
from archspec.graph.graph import Local, Node, Ref
from archspec.language.expression.symbolic import LARGEST, names, simplify, size, substitute
from archspec.ops.op import Op
from archspec.values.expression import Binary, Conditional, Expr, Literal, Name, Value, parts
from archspec.values.shape import Shape


class Walk:
    """One walk over a template's parts in order, following the channels.

    Symbolic, it keeps every name and records nothing. Else names that are the same in all uses become literals, and
    what the ops and blocks are given is recorded in the settings.
    """

    def __init__(self, settling: Settling, template: Template, *, symbolic: bool) -> None:
        self.settling = settling
        self.network = settling.network
        self.template = template
        self.own = settling.settings[template]
        self.symbolic = symbolic
        self.channels: dict[Local, Channels] = {}
        self.index: int | None = None
        self.by_number = False  # whether `i` stays a name
        self.numbered_read: Expr | None = None  # how the channels that a part of a repeat reads follow from `i`
        self.inputs: tuple[str, ...] = template.definition.inputs
        self.around: tuple[object, ...] = template.uses  # what the part at hand stands in, use by use

    def all_parts(self) -> None:
        """Walks the parts in order."""
        template = self.template
        for k, name in enumerate(template.definition.inputs):
            if template.uses[0].id:
                self.channels[Local(name)] = self._symbol(f"@{k}")
            else:
                self.channels[Local(name)] = Channels(Literal(channels_of(self.network.shape(Ref(name)))))
        if template.definition.flat or template.sequential:
            last = self.channels[Local(template.definition.inputs[0])]
            for part in template.parts:
                last = self._part(part, (last,))[""]
            self.last = last
            return
        for part in template.parts:
            reads = tuple(self.channels.get(template.resolve(read), Channels(None)) for read in part.reads)
            for port, channels in self._part(part, reads).items():
                self.channels[Local(part.name, port)] = channels
        if not self.symbolic:
            self._absent_conditions()

    def outputs(self) -> dict[str, Channels]:
        """Channels of the template's outputs."""
        if self.template.definition.flat or self.template.sequential:
            return dict.fromkeys(self.template.outputs, self.last)
        return {port: self.channels.get(local, Channels(None)) for port, local in self.template.outputs.items()}

    # -- parts
    # ----------------------------------------------------------------------------------------------------------

    def _part(self, part: Item, reads: tuple[Channels, ...]) -> dict[str, Channels]:
        match part:
            case OpPart():
                given = self._op(part, reads)
            case BlockPart():
                given = self._block(part, reads)
            case SequencePart():
                given = self._sequence(part, reads)
            case RunPart():
                given = self._run(part, reads)
        if isinstance(part, RunPart):
            return given
        if not self.symbolic:
            self._condition(part)
        optional = part.site.when is not None and any(
            here is not None and use is None for here, use in zip(self.around, part.uses, strict=True)
        )
        return {port: self._where_there(part, made, reads) for port, made in given.items()} if optional else given

    def _where_there(
        self, part: OpPart | BlockPart | SequencePart, made: Channels, reads: tuple[Channels, ...]
    ) -> Channels:
        """The channels after an optional part: its own where it is there, else those that it would read."""
        when = self._written(part.site.when).expr if part.site.when is not None else None
        before = reads[0].expr if reads else None
        if when is None or before is None or made.expr is None or before == made.expr:
            return made
        return self._bounded(simplify(Conditional(when, made.expr, before)), made.roots | reads[0].roots)

    def _op(self, part: OpPart, reads: tuple[Channels, ...]) -> dict[str, Channels]:
        sample = part.sample
        xs = self.network.input_shapes(sample)
        fields = {name: self._field(sample, name) for name in type(sample.op).model_fields}
        roots = frozenset().union(*(read.roots for read in reads))
        exprs = {name: made.expr or Literal(None) for name, made in fields.items()}
        expr = sample.op.channels_expr(exprs, tuple(read.expr for read in reads), xs)
        if expr is not None and any(made.expr is None for made in fields.values()):
            known = {name for name, made in fields.items() if made.expr is None}
            expr = None if any(getattr(sample.op, name) in _numbers(expr) for name in known) else expr
        if expr is not None:
            expr = substitute(expr, Name)
        out = Channels(
            expr, roots.union(*(made.roots for made in fields.values())) if expr is None else self._roots(expr)
        )
        if not self.symbolic:
            self._record(part, sample.op, xs, fields, reads)
        return dict.fromkeys((*part.ports, *sample.op.ports), out)

    def _record(
        self, part: OpPart, op: Op, xs: tuple[Shape, ...], fields: Mapping[str, Channels], reads: tuple[Channels, ...]
    ) -> None:
        there = [use is not None for use in part.uses]
        if len({None if use is None else type(use.op) for use in part.uses}) > 1 and "op" in part.sample.site.exprs:
            kinds: list[Value] = [use.op.name if use is not None else None for use in part.uses]
            made = self.settling.decide(self.own, self._written(part.sample.site.exprs["op"]), kinds, there)
            chosen = made if made is not None else self.settling.own_parameter(self.own, part.name, "op", kinds)
            self.own.slots[part] = {"op": chosen}
            self.own.ops |= chosen_names(chosen)
            return
        held = [use.op.slots(self.network.input_shapes(use)) if use is not None else {} for use in part.uses]
        derived = op.derived(xs)
        slots: dict[str, Expr] = {}
        numbered: dict[str, Expr] = {}
        for slot in op.slots(xs):
            values = [one.get(slot) for one in held]
            if slot in derived:
                expr = op.derived_expr(slot, tuple(read.expr for read in reads), xs)
                roots = reads[0].roots if expr is None else self._roots(expr)
                candidate = Channels(expr, roots)
                read = (self.numbered_read, *(read.expr for read in reads[1:]))
                by_number = op.derived_expr(slot, read, xs) if self.numbered_read is not None else None
            else:
                candidate = fields.get(slot, Channels(None))
                by_number = self._numbered(part.sample.site.exprs.get(slot))
                if slot in op.resizes:
                    self.settling.structural |= candidate.roots
            made = self.settling.decide(self.own, candidate, values, there)
            if made is None and slot in derived and "@0" in self.own.values:
                # What cannot be followed, through heads and back, is in the end what the block was given.
                made = self.settling.decide(self.own, self._symbol("@0"), values, there)
            slots[slot] = made if made is not None else self.settling.own_parameter(self.own, part.name, slot, values)
            by_number = self.settling.by_number(self.own, by_number, values, self.index)
            if by_number is not None:
                numbered[slot] = by_number
        self.own.slots[part] = slots
        if numbered:
            self.own.indexed[part] = numbered

    def _numbered(self, expr: Expr | None) -> Expr | None:
        """The author's expression with `i` as a name; None where it does not read it."""
        if expr is None or self.index is None or "i" not in names(expr):
            return None
        self.by_number = True
        made = self._written(expr).expr
        self.by_number = False
        return made

    def _field(self, node: Node, name: str) -> Channels:
        written = node.site.exprs.get(name)
        if written is None:
            return Channels(Literal(getattr(node.op, name)))
        return self._written(written)

    def _block(self, part: BlockPart, reads: tuple[Channels, ...]) -> dict[str, Channels]:
        sample = part.sample
        made = {f"@{k}": read for k, read in enumerate(reads)}
        child = self.settling.settings[part.template]
        declared = {param.name for param in part.template.definition.params}
        for name in child.values:
            if name.startswith("@"):
                continue
            written = sample.site.exprs.get(name)
            if name not in declared:
                made[name] = self._symbol(name)
            elif written is not None:
                made[name] = self._written(written)
            else:
                made[name] = Channels(Literal(sample.args.get(name)))
        if not self.symbolic:
            self.own.candidates[part] = made
            numbered = {name: self._numbered(sample.site.exprs.get(name)) for name in declared & child.values.keys()}
            numbered["@0"] = self.numbered_read
            found = {name: expr for name, expr in numbered.items() if expr is not None}
            if found and self.index is not None:
                self.own.indexed[part], self.own.indices[part] = found, self.index
            for name, channels in made.items():
                if channels.roots:
                    child.roots[name] = child.roots.get(name, NOTHING) | channels.roots
        outputs = {}
        for port, channels in child.outputs.items():
            expr = None
            if channels.expr is not None:
                expr = substitute(channels.expr, lambda name: made[name].expr if name in made else None)
            roots = frozenset().union(*(one.roots for one in made.values())) if expr is None else self._roots(expr)
            outputs[port] = self._bounded(expr, roots)
        outputs[""] = outputs.get("") or next(iter(outputs.values()), Channels(None))
        return outputs

    def _sequence(self, part: SequencePart, reads: tuple[Channels, ...]) -> dict[str, Channels]:
        outer, self.inputs = self.inputs, part.sample.definition.inputs
        around, self.around = self.around, part.uses
        at = {0: reads[0] if reads else Channels(None)}
        index, numbered = self.index, self.numbered_read
        repeated = part.sample.definition.kind == "repeat"
        for i, item in enumerate(part.items):
            self.index, self.numbered_read = i if repeated else index, None
            at[i + 1] = self._part(item, (at[i], *reads[1:]))[""]
        if repeated:
            self._grow(part, at, reads)
        self.inputs, self.around, self.index, self.numbered_read = outer, around, index, numbered
        last = at[len(part.items)]
        return {"": last, **{port: at[position] for port, position in part.taps.items()}} | {
            port: last for port in part.sample.outputs if port not in part.taps
        }

    def _grow(self, part: SequencePart, at: Mapping[int, Channels], reads: tuple[Channels, ...]) -> None:
        """Walks blocks that all add the same number of channels once more, now that it is known."""
        growth = _progression(at, len(part.items))
        for i, item in enumerate(part.items if growth is not None else ()):
            if isinstance(item, BlockPart):
                self.index, self.numbered_read = i, growth
                self._part(item, (at[i], *reads[1:]))

    def _run(self, part: RunPart, reads: tuple[Channels, ...]) -> dict[str, Channels]:
        around, self.around = self.around, part.item.uses
        given = self._part(part.item, reads)[""]
        self.around = around
        if not self.symbolic:
            written = self._written(part.site.repeat) if part.site.repeat is not None else Channels(None)
            count = Channels(None)
            if written.expr is not None:
                rest = substitute(Binary("-", written.expr, Literal(1)), Name)
                count = Channels(rest, written.roots)
            self.settling.structural |= count.roots
            there = [True] * len(part.counts)
            made = self.settling.decide(self.own, count, list(part.counts), there)
            self.own.counts[part] = made or self.settling.own_parameter(
                self.own, part.site.name, "repeat", list(part.counts)
            )
        return {"": given}

    # -- conditions
    # -----------------------------------------------------------------------------------------------------

    def _condition(self, part: OpPart | BlockPart | SequencePart) -> None:
        written = self._written(part.site.when) if part.site.when is not None else None
        self._is_structural(part.site.when)
        self._is_structural(part.site.repeat)
        there = [use is not None for use in self.around]
        values: list[Value] = [use is not None for use in part.uses]
        if values == there:
            return
        made = self.settling.decide(self.own, written or Channels(None), values, there)
        self.own.conditions[part] = made or self.settling.own_parameter(self.own, "", f"with_{part.name}", values)

    def _is_structural(self, expr: Expr | None) -> None:
        """Notes that a network has other parts where the roots in `expr` have other values."""
        if expr is not None:
            self.settling.structural |= self._written(expr).roots

    def _absent_conditions(self) -> None:
        for scope in self.template.uses[:1]:
            for absent in scope.absent.values():
                self._is_structural(absent.site.when)

    # -- names
    # ----------------------------------------------------------------------------------------------------------

    def _written(self, expr: Expr) -> Channels:
        """The author's expression in the template's names; names that are the same in all uses become numbers."""
        roots = frozenset().union(*(self._symbol(name).roots for name in names(expr)))
        made = substitute(expr, lambda name: self._symbol(name).expr)
        return self._bounded(made, roots)

    def _symbol(self, name: str) -> Channels:
        if name == "i" and self.index is not None:
            return Channels(Name("i") if self.by_number else Literal(self.index))
        owner, dot, fact = name.partition(".")
        if dot:
            if fact == "channels" and owner in self.inputs:
                return self.channels.get(Local(owner), Channels(None))
            return Channels(None)
        if name in self.own.values:
            if self.symbolic or self.own.active(name):
                return Channels(Name(name), self.own.roots.get(name, NOTHING))
            return Channels(Literal(self.own.values[name][0]))
        return self._lexical(name)

    def _lexical(self, name: str) -> Channels:
        """A param of the spec around the block, always as a number."""
        args = self.settling.spec_of(self.template.uses[0]).args
        return Channels(Literal(args[name])) if name in args else Channels(None)

    def _roots(self, expr: Expr) -> frozenset[str]:
        return frozenset().union(*(self.own.roots.get(name, NOTHING) for name in names(expr)))

    def _bounded(self, expr: Expr | None, roots: frozenset[str]) -> Channels:
        return Channels(expr if expr is None or size(expr) <= LARGEST else None, roots)


def _progression(at: Mapping[int, Channels], count: int) -> Expr | None:
    """What part `i` of a repeat reads, where every part adds the same number of channels: `64 + i * 32`."""
    exprs = [at[i].expr for i in range(count + 1)]
    steps = {
        simplify(Binary("-", after, before)) if before is not None and after is not None else Literal(0)
        for before, after in pairwise(exprs)
    }
    if len(steps) != 1 or exprs[0] is None or Literal(0) in steps:
        return None
    return Binary("+", exprs[0], simplify(Binary("*", Name("i"), steps.pop())))


def _numbers(expr: Expr) -> frozenset[Value]:
    match expr:
        case Literal(value):
            return frozenset((value,))
    return frozenset().union(*map(_numbers, parts(expr)))
