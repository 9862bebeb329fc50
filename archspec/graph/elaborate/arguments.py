"""Arguments: what an entry uses, and the values of the params of a block in a use of it."""

from archspec.diagnostics.diagnostic import Label
from archspec.graph.elaborate.evaluation import Values, division_help
from archspec.graph.elaborate.frame import Frame, Place
from archspec.graph.elaborate.reading import Inputs
from archspec.graph.handing import hands
from archspec.language.check.validate import offer
from archspec.language.expression.evaluate import Missing
from archspec.language.expression.symbolic import names as names_of
from archspec.language.many import written_out
from archspec.language.settings import bind, defaults
from archspec.language.spec import Block, Entry, Spec
from archspec.language.written import plain_value
from archspec.ops.op import OPS
from archspec.registry import nearest
from archspec.values.expression import Value


class Arguments:
    """Evaluates uses of blocks; faults are recorded and leave values unknown."""

    def __init__(self, values: Values) -> None:
        self.values = values

    def target(self, entry: Entry, frame: Frame) -> Block | Spec | None:
        """The block or spec that an entry uses; None after a fault."""
        if entry.target is None:
            return None
        name = self.values.value(entry.target, frame)
        if isinstance(name, Missing):
            return None
        spec = frame.spec
        found = spec.blocks.get(str(name)) or spec.uses.get(str(name))
        if found is None:
            near = nearest(str(name), (*spec.blocks, *spec.uses))
            help = f"did you mean {near}?" if near else ""
            self.values.report("unknown-block", f"there is no block {name}", entry.target.span, frame, help=help)
        return found

    def block(self, target: Block | Spec, place: Place) -> Block | None:
        """The block of a use, for as many values as it reads where it takes any number; None after a fault."""
        block = target.body if isinstance(target, Spec) else target
        if not block.many:
            return block
        made, faults = written_out(block, len(place.reads))
        labels = (Label(place.entry.name_span, f"gives it {len(place.reads)}"),)
        for fault in faults:
            self.values.report(fault.code, fault.message, fault.span, place.frame, help=fault.help, labels=labels)
        return made if not faults else None

    def inputs(self, entry: Entry, frame: Frame) -> Inputs | None:
        """The inputs of what an entry uses; None after a fault."""
        if entry.kind == "op":
            name = self.values.op_name(entry, frame)
            if name is None:
                return None
            op = OPS[name]
            told = op.told_apart | (op.substitutes & entry.fields.keys())  # a number stands for an input of its name
            return Inputs(op.input_names, op.needs(entry.fields), op.variadic, op.stand_ins, told)
        target = entry.body if entry.body is not None else self.target(entry, frame)
        if target is None:
            return None
        block = target.body if isinstance(target, Spec) else target
        names, many = tuple(named.name for named in block.inputs), block if block.many else None
        return Inputs(names, len(names), variadic=block.many, block=many)

    def kept_by_none(self, entry: Entry, frame: Frame) -> tuple[int, str]:
        """The input, by place and name, that a repeat of no parts gives as it is: what its first part would hand on.

        It is the first input where that hangs on what each part is.
        """
        told = entry.target is not None and "i" not in names_of(entry.target.expr)
        target = self.target(entry, frame) if told and entry.kind != "op" else entry.body
        if target is None:
            return 0, ""
        block = target.body if isinstance(target, Spec) else target
        names = [named.name for named in block.inputs]
        _, name = next(iter(hands(entry.outputs or block.outputs, names)), ("", names[0]))
        return names.index(name), name

    def of(self, place: Place, target: Block | Spec) -> dict[str, Value | Missing]:
        """The values of the params of `target` in one use, in declared order."""
        block = target.body if isinstance(target, Spec) else target

        def report(code: str, message: str, name: str) -> None:
            written = place.fields.get(name)
            span = written.span if written is not None else place.entry.name_span
            self.values.report(code, message, span, place.frame, help=division_help(written, given.get(name)))

        given = self.values.values(place.fields, place.frame)
        for name, written in place.fields.items():
            if name not in block.params:
                span = place.entry.field_keys.get(name, written.span)
                help = offer(name, block.params, "its params are")
                self.values.report("unknown-param", f"{block.name} has no param {name}", span, place.frame, help=help)
        base = self.variant(place.entry, target, place.frame) if isinstance(target, Spec) else None
        return bind(block.params, given, report, base)

    def named(self, place: Place, target: Block | Spec) -> frozenset[str]:
        """The params that a use sets, or the variant that it names."""
        entry, found = place.entry, frozenset(place.fields)
        if not isinstance(target, Spec) or entry.variant is None:
            return found
        variant = target.variants.get(str(self.values.value(entry.variant, place.frame)))
        return found | frozenset(variant.settings) if variant is not None else found

    def variant(self, entry: Entry, spec: Spec, frame: Frame) -> dict[str, Value] | None:
        """The settings of the variant that an entry names, over the defaults; None where it names none."""
        if entry.variant is None:
            return None
        name = self.values.value(entry.variant, frame)
        if isinstance(name, Missing):
            return None
        found = spec.variants.get(str(name))
        if found is None:
            help = offer(str(name), spec.variants, "its variants are")
            message = f"{spec.name} has no variant {name}"
            self.values.report("unknown-variant", message, entry.variant.span, frame, help=help)
            return None
        return defaults(spec.body.params) | {n: plain_value(written) for n, written in found.settings.items()}
