"""Validate: what a spec gets wrong whatever its settings: names without meaning, options without op, recursion.

What depends on the values of params (shapes, ports of `block: $block`) is found by expansion.
"""

from collections.abc import Iterable, Mapping

from archspec.diagnostics.diagnostic import Span
from archspec.diagnostics.findings import Findings
from archspec.language.check.initialisation import report_member, report_rules
from archspec.language.check.lists import report_lists
from archspec.language.check.many import report_many
from archspec.language.check.recursion import report_recursion
from archspec.language.check.references import report_references
from archspec.language.check.rounds import report_rounds
from archspec.language.check.unused import report_unused
from archspec.language.expression.grammar import FACTS, indices_in, names_in
from archspec.language.keys import EntryModel
from archspec.language.row import called_elsewhere, keys_of, rows
from archspec.language.settings import conform
from archspec.language.spec import Block, Entry, Spec, Written, WrittenRule
from archspec.language.written import place_of_name, plain_value
from archspec.ops import OPS, Op
from archspec.ops.called import ALIKE, cure_of_option, field_of, help_of
from archspec.ops.installed import declare_installed
from archspec.registry import nearest

NO_REPEAT = "i is the index inside a repeat, and there is none here"
PARTS_ALIKE = "the parts of a repeat start alike: repeat a block, and give it a param that follows from i"
OF_INPUTS = "a block reads its own inputs, x where it names none"


def validate(spec: Spec, findings: Findings) -> None:
    """Records the mistakes of a spec, and of the specs it uses, that are there before any block is expanded."""
    seen: set[Spec] = set()
    open_ = [spec]
    while open_:
        here = open_.pop()
        here = here.whole or here
        if here in seen:
            continue
        seen.add(here)
        open_.extend(here.uses.values())
        _Validator(here, findings).run()
    if not findings.failed:
        report_unused(spec, findings)


class _Validator:
    def __init__(self, spec: Spec, findings: Findings) -> None:
        self.spec, self.findings = spec, findings

    def run(self) -> None:
        spec = self.spec
        self.variants()
        self.expectations()
        params = set(spec.body.params)
        self.lets(spec.body, params, "a let at the top follows from params; one in a block may read its inputs")
        for decl in spec.inputs.values():
            self.expression(decl.dims, params)
            if decl.values is not None:
                self.expression(decl.values, params)
        self.body(spec.body, params)
        for block in spec.blocks.values():
            for named in block.inputs:
                if named.name in block.params:
                    message = f"{named.name} is an input and a param of {block.name}"
                    self.findings.add("duplicate-name", message, named.span)
            around = params | {let.name for let in spec.body.lets} | set(block.params)
            self.lets(block, around | _of_inputs(block))
            self.body(block, params | set(block.params))
        report_recursion(spec, self.findings)

    def variants(self) -> None:
        """Every variant sets declared params to values of their types."""
        params = self.spec.body.params
        for variant in self.spec.variants.values():
            for name, written in variant.settings.items():
                if name not in params:
                    help = offer(name, params, "the params are")
                    self.findings.add("unknown-param", f"there is no param {name}", variant.keys[name], help=help)
                else:
                    _, fault = conform(params[name], plain_value(written))
                    if fault is not None:
                        self.findings.add(*fault, written.span)

    def expectations(self) -> None:
        """Every case names a variant, params and inputs that there are."""
        for case in self.spec.expect:
            if case.variant and case.variant not in self.spec.variants:
                help = offer(case.variant, self.spec.variants, "the variants are")
                self.findings.add("unknown-variant", f"there is no variant {case.variant}", case.span, help=help)
            for name, written in case.settings.items():
                if name not in self.spec.body.params:
                    help = offer(name, self.spec.body.params, "the params are")
                    self.findings.add("unknown-param", f"there is no param {name}", written.span, help=help)
            for name in case.inputs:
                if name not in self.spec.inputs:
                    help = offer(name, self.spec.inputs, "the inputs are")
                    self.findings.add("unknown-input", f"there is no input {name}", case.span, help=help)

    def body(self, block: Block, names: set[str]) -> None:
        """A graph, where expressions may read `names` and the graph's inputs. Recursive only over the nesting."""
        names = names | _of_inputs(block)
        report_references(block, self.findings)
        report_lists(block, self.findings)
        report_rounds(block, self.findings)
        report_many(block, self.findings)
        report_rules(block, self.findings)
        for rule in block.init:
            self.rule(rule, names)
        if block.freeze is not None:
            self.expression(block.freeze, names)
        for port in block.outputs:
            for test in port.when.tests if port.when is not None else ():
                self.expression(test, names)
        for entry in block.members:
            self.entry(entry, names)

    def lets(self, block: Block, names: set[str], of_inputs: str = OF_INPUTS) -> None:
        """The values of lets, each of which reads `names` and those above it."""
        for let in block.lets:
            self.expression(let.written, names, of_inputs)
            names = names | {let.name}

    def entry(self, entry: Entry, names: set[str]) -> None:
        """One member: what it uses, with which options, computed from which names."""
        names = names | {"i"} if entry.each is not None else names
        for test in entry.when.tests if entry.when is not None else ():
            self.expression(test, names)
        if entry.init is not None:
            self.rule(entry.init, names - {"i"}, PARTS_ALIKE if entry.repeat is not None or "i" in names else NO_REPEAT)
        if entry.repeat is not None:
            self.expression(entry.repeat, names)
            names = names | {"i"}
        for written in (entry.target, entry.variant, entry.freeze, *entry.fields.values()):
            if written is not None:
                self.expression(written, names)
        for overrides in (entry.first, entry.last):
            for written in overrides.values() if overrides else ():
                self.expression(written, names)
        if entry.kind == "op":
            self.op(entry)
        elif entry.body is not None:
            if entry.first or entry.last:
                message = "first and last override fields and arguments, and an inline graph has none"
                self.findings.add("unknown-key", message, entry.name_span)
            self.body(entry.body, names)
        else:
            self.block(entry)

    def op(self, entry: Entry) -> None:
        """The op exists, has these fields, and every field that it needs, where it is named outright."""
        if entry.target is not None and not entry.target.plain:
            return
        name = str(plain_value(entry.target)) if entry.target is not None else ""
        span = entry.target.span if entry.target is not None else entry.name_span
        if name not in OPS:
            declare_installed()
        cls = OPS.get(name)
        if cls is None or not cls.written:
            help = help_of(name)
            if name in self.spec.blocks or name in self.spec.uses:
                help = f"it is a block: write block: {name}"
            self.findings.add("unknown-op", f"there is no op {name}", span, help=help)
            return
        if entry.repeat is not None and not cls.input_names and not cls.variadic:
            message = f"{name} reads nothing, so its repeats have nothing to read from one another"
            self.findings.add("unknown-key", message, span, help="leave out `repeat`")
        self.options(entry, cls)
        report_member(entry, cls, self.findings)

    def rule(self, rule: WrittenRule, names: set[str], of_index: str = NO_REPEAT) -> None:
        """What tensors start with is computed from these names."""
        for test in rule.when.tests if rule.when is not None else ():
            self.expression(test, names, of_index=of_index)
        for start in rule.starts:
            for written in start.settings.values():
                self.expression(written, names, of_index=of_index)

    def options(self, entry: Entry, cls: type[Op]) -> None:
        meant = set()
        for field, span in self.keys(entry):
            if field not in cls.model_fields:
                found, help = _option_meant(cls, field)
                meant.add(found)
                self.findings.add("unknown-option", f"{cls.name} has no option {field}", span, help=help)
        given = {*entry.fields, *meant}
        missing = [name for name, field in cls.model_fields.items() if field.is_required() and name not in given]
        if missing:
            message = f"{cls.name} needs {' and '.join(missing)}"
            span = entry.target.span if entry.target is not None else entry.name_span
            told = [f"{name}: {cls.model_fields[name].description}" for name in missing]
            self.findings.add("missing-option", message, span, help="; ".join(told))

    def block(self, entry: Entry) -> None:
        """The block exists and has these params, where it is named outright."""
        if entry.target is None or not entry.target.plain:
            return
        name = str(plain_value(entry.target))
        block, used = self.spec.blocks.get(name), self.spec.uses.get(name)
        if block is None and used is None:
            if name not in self.spec.use_spans:
                near = nearest(name, (*self.spec.blocks, *self.spec.uses))
                help = f"did you mean {near}?" if near else f"it is an op: write op: {name}" if name in OPS else ""
                self.findings.add("unknown-block", f"there is no block {name}", entry.target.span, help=help)
            return
        if entry.variant is not None and used is None:
            self.findings.add(
                "unknown-key", f"{name} is a block, and only a used spec has variants", entry.variant.span
            )
        self.variant(entry, used)
        params = block.params if block is not None else used.body.params if used is not None else {}
        meant = set()
        for key, span in self.keys(entry):
            if key not in params:
                near = nearest(key, (*params, *keys_of(EntryModel)))
                meant.add(near)
                help = f"did you mean {near}?" if near else f"its params are {', '.join(params) or 'none'}"
                self.findings.add("unknown-param", f"{name} has no param {key}", span, help=help)
        given = {*entry.fields, *meant}
        missing = [param.name for param in params.values() if param.required and param.name not in given]
        if missing and used is None:
            message = f"{name} needs {' and '.join(missing)}"
            self.findings.add("missing-param", message, entry.target.span, help=f"give it: {missing[0]}: ...")

    def variant(self, entry: Entry, used: Spec | None) -> None:
        """The used spec has the variant."""
        if used is None or entry.variant is None or not entry.variant.plain:
            return
        name = str(plain_value(entry.variant))
        if name not in used.variants:
            help = offer(name, used.variants, "its variants are")
            self.findings.add("unknown-variant", f"{used.name} has no variant {name}", entry.variant.span, help=help)

    def keys(self, entry: Entry) -> Iterable[tuple[str, Span]]:
        """The fields that an entry gives, overrides included, with their places."""
        yield from entry.field_keys.items()
        for overrides in (entry.first, entry.last):
            for name, written in overrides.items() if overrides else ():
                yield name, written.span

    def expression(
        self, written: Written, names: set[str], of_inputs: str = OF_INPUTS, of_index: str = NO_REPEAT
    ) -> None:
        """Every name in an expression means something.

        `of_inputs` is the help where an input of the spec is meant, `of_index` where the index of a repeat is.
        """
        if written.plain:
            return
        for name in names_in(written.expr):
            span = place_of_name(name, written.yaml)
            if name in names or span is None:  # what the text does not say, a let stands for, and is checked there
                continue
            help = offer(name, (*names, *FACTS), "")
            if not help and name in indices_in(written.expr):
                help = f"an input has {', '.join(FACTS)}, and a list its items by number"
            if name == "i":
                help = of_index
            elif name in self.spec.inputs:
                help = of_inputs
            self.findings.add("unknown-name", f"nothing here is called {name}", span, help=help)


def _of_inputs(block: Block) -> set[str]:
    """What expressions read of the inputs of a graph: of any number of them, a fact of one, `maps.0.channels`, too."""
    return {named.name for named in block.inputs} | ({*FACTS} if block.many else set())


def _option_meant(op: type[Op], option: str) -> tuple[str | None, str]:
    """The field that is meant by an option which an op does not have, if one is, and the cure."""
    if called := field_of(op, option):
        return called, f"{option} is called {called} here"
    if cure := cure_of_option(op, option):
        return None, cure
    if not option.isidentifier() and option.endswith(")"):
        return None, "a list stands in brackets: [3, 3]"
    near = nearest(option, op.model_fields) or nearest(option, keys_of(EntryModel), ALIKE)
    if (other := called_elsewhere(option, rows(EntryModel))) and near not in op.model_fields:
        return None, f"{option} is called {other} here"
    if near:
        return near, f"did you mean {near}?"
    if not op.model_fields:
        return None, "it has no options: leave it out"
    return None, f"its options are {', '.join(op.model_fields)}"


def offer(name: str, known: Mapping[str, object] | Iterable[str], otherwise: str) -> str:
    """Help with a name that is not known: the nearest one, or what there is."""
    names = list(known)
    if near := nearest(name, names):
        return f"did you mean {near}?"
    if not otherwise:
        return ""
    return f"{otherwise} {', '.join(names[:12])}{', ...' if len(names) > 12 else ''}" if names else ""
