"""From a checked network to its Program: templates, settings, then one class after another."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from archspec.code.annotations import annotation
from archspec.code.classes import (
    BlockPart,
    OpPart,
    Part,
    RunPart,
    SequencePart,
    Template,
    templates,
)
from archspec.code.classes import Item as Listed
from archspec.code.constructors import Settings, same, settle
from archspec.code.forward import Forward, ForwardPass
from archspec.code.inplace import Aliasing
from archspec.code.liveness import deletions
from archspec.code.naming import class_name
from archspec.code.program import (
    Attribute,
    Class,
    Construct,
    Container,
    Entry,
    Held,
    Module,
    Parameter,
    Program,
    Result,
    Return,
    Statement,
    Training,
)
from archspec.code.runs import runs
from archspec.code.steps import Body
from archspec.graph.graph import Param
from archspec.graph.network import Network
from archspec.language.expression.grammar import parts
from archspec.language.expression.symbolic import rebuild, renamed
from archspec.ops.op import OPS, Helper, Op
from archspec.values.expression import Binary, Conditional, Expr, Global, Literal, Name, Value
from archspec.values.source import SELF, Item, Member, Source, invoke

LONGEST_PLAIN = 2  # entries of a repeat that are written out although a loop over their number could make them


def program(network: Network) -> Program:
    """The network as classes, children before parents. Linear in nodes."""
    return _Builder(network).program()


class _Builder:
    """The tables that printing classes needs."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.ordered = templates(network)
        self.settings = settle(network, self.ordered)
        self.aliasing = Aliasing(network)
        self.renames: dict[Template, dict[str, str]] = {}
        self.bases: dict[Template, str] = {}
        self.places: dict[Template, dict[str, int]] = {}
        self.owned: dict[Template, list[tuple[Part, str]]] = {}
        self.passes: dict[Template, ForwardPass] = {}
        self.dead: Mapping[Template, Mapping[int, tuple[str, ...]]] = {}
        self.tested: dict[Template, tuple[Part, ...]] = {}
        self.stored: dict[Template, set[str]] = {}
        self.containers: dict[tuple[SequencePart, bool], Container] = {}
        self.helpers: dict[str, Helper] = {}
        taken: set[str] = {"nn", "F", "torch", "Tensor", "NamedTuple", "OrderedDict"}
        outputs = network.graph.outputs
        root_name = class_name(network.name, taken)
        self.result = None
        if len(outputs) > 1:
            fields = tuple((output.name, output.train_only) for output in outputs)
            self.result = Result(class_name(f"{root_name}Output", taken), f"What `{root_name}` returns.", fields)
        for template in sorted(self.ordered[:-1], key=lambda template: template.definition.kind == "inline"):
            template.name = class_name(template.definition.name, taken)  # what has a name of its own comes first
        self.ordered[-1].name = root_name

    def program(self) -> Program:
        network = self.network
        for template in self.ordered:
            self._prepare(template)
        timings = [self.passes[template].timing for template in reversed(self.ordered) if template in self.passes]
        self.dead = deletions(network, timings)
        classes = tuple(self._class(template) for template in self.ordered)
        return Program(
            self.ordered[-1].name, _doc_lines(network.doc), tuple(self.helpers.values()), self.result, classes
        )

    # -- classes
    # ---------------------------------------------------------------------------------------------------------

    def _prepare(self, template: Template) -> None:
        """Names a class's parameters, and the values of its forward pass."""
        self.renames[template] = self._rename(template, self.settings[template])
        if template.sequential:
            return
        labelled = zip(template.parts, template.labels, strict=True)
        owned = _in_order([(part, label) for part, label in labelled if self._is_owned(template, part)], template)
        listed = template.definition.listed and bool(owned)
        self.owned[template] = owned
        self.bases[template] = _base(label for _, label in owned) if listed else "nn.Module"
        body = Body(
            self.network,
            template,
            self.aliasing,
            lambda part, args: self._operation(template, part, args),
            lambda part: self._is_module(template, part),
            lambda part: self._owner(template, part),
            lambda part: self._test(template, part),
        )
        self.passes[template] = ForwardPass(body)
        self.tested[template] = body.tested

    def _class(self, template: Template) -> Class:
        name, doc = template.name, self._doc(template)
        parameters = self._parameters(template, self.settings[template], self.renames[template])
        if template.sequential:
            entries = self._entries(template, template.parts, template.labels)
            return Class(name, doc, "nn.Sequential", parameters, (), entries, (), (), "")
        base, owned = self.bases[template], self.owned[template]
        made = self._root_forward(template) if template is self.ordered[-1] else self._block_forward(template)
        attributes = () if base != "nn.Module" else tuple(self._attribute(template, part) for part, _ in owned)
        entries = () if base == "nn.Module" else self._listed_entries(template, owned)
        stored = self._stored(template)
        return Class(
            name, doc, base, parameters, attributes, entries, made.inputs, made.statements, made.result, stored
        )

    def _doc(self, template: Template) -> tuple[str, ...]:
        return _doc_lines(template.definition.doc) if template is not self.ordered[-1] else _doc_lines(self.network.doc)

    def _block_forward(self, template: Template) -> Forward:
        count = len(set(template.outputs.values()))
        result = "Tensor" if count == 1 else f"tuple[{', '.join(['Tensor'] * count)}]"
        return self.passes[template].printed(result, self.dead[template])

    def _root_forward(self, template: Template) -> Forward:
        result, made, dead = self.result, self.passes[template], self.dead[template]
        if result is None:
            return made.printed("Tensor", dead)
        outputs = self.network.graph.outputs
        always = [output for output in outputs if not output.train_only]

        def returned(values: Sequence[Source]) -> tuple[Statement, ...]:
            by_port = self._by_port(made.body, values)
            whole = Return(invoke(result.name, *(by_port[output.name] for output in outputs)))
            if len(always) == 1 and len(outputs) > 1 and not outputs[0].train_only:
                return (Training((whole,)), Return(by_port[always[0].name]))
            return (whole,)

        annotation = f"Tensor | {result.name}" if len(always) == 1 and not outputs[0].train_only else result.name
        alone = [template.outputs[output.name] for output in always] if len(always) == 1 else []
        return made.printed(annotation, dead, returned, alone)

    def _by_port(self, body: Body, values: Sequence[Source]) -> Mapping[str, Source]:
        locals_ = list(dict.fromkeys(body.canonical(local) for local in body.template.outputs.values()))
        held = dict(zip(locals_, values, strict=True))
        return {port: held[body.canonical(local)] for port, local in body.template.outputs.items()}

    # -- constructor parameters
    # -------------------------------------------------------------------------------------------

    def _rename(self, template: Template, own: Settings) -> dict[str, str]:
        """Printed names of a template's names: "@0" is `in_channels` unless a param of the spec has that name."""
        rename = {}
        inputs = template.definition.inputs
        for name in own.parameters:
            if name.startswith("@"):
                k = int(name[1:])
                printed = "in_channels" if len(inputs) == 1 else f"{inputs[k]}_channels"
                while printed in own.values or printed in own.extras:
                    printed = f"input_{printed}"
                rename[name] = printed
        return rename

    def _parameters(self, template: Template, own: Settings, rename: Mapping[str, str]) -> tuple[Parameter, ...]:
        declared = {param.name: param for param in template.definition.params}
        required: list[Parameter] = []
        optional: list[Parameter] = []
        for name in own.parameters:
            values = own.values.get(name) or own.extras[name]
            default = self._default(template, declared.get(name), values)
            kind = annotation(values)
            if name in own.ops:
                kind = "type[nn.Module] | None" if None in values else "type[nn.Module]"
            made = Parameter(rename.get(name, name), kind, default)
            (required if default is None else optional).append(made)
        return (*required, *optional)

    def _default(self, template: Template, param: Param | None, values: Iterable[Value]) -> Source | None:
        chosen = param is not None and param.name in self.settings[template].ops
        if template is self.ordered[-1]:
            value = next(iter(values))
        elif param is None or param.required or not any(same(value, param.default) for value in values):
            return None
        else:
            value = param.default
        return self._as_op(Literal(value)) if chosen else Literal(value)

    def _as_op(self, expr: Expr) -> Expr:
        """An expression that gives an op's name, giving the op's module: `nn.ReLU if small else nn.SiLU`."""
        match expr:
            case Literal(str() as name):
                op: Op = OPS[name]()
                if not op.module.startswith("nn."):
                    self._need(op, module=True)
                return Global(op.module)
            case Conditional(test, then, otherwise):
                return Conditional(test, self._as_op(then), self._as_op(otherwise))
        return expr

    # -- modules
    # ---------------------------------------------------------------------------------------------------------

    def _is_module(self, template: Template, part: OpPart) -> bool:
        op, own = part.sample.op, self.settings[template]
        set_by_caller = any(not isinstance(expr, Literal) for expr in own.slots[part].values())
        single = len(part.sample.inputs) == 1 and part.ports == ("",)
        optional = part in own.conditions and single
        return bool(op.module) and (op.stateful or optional or (set_by_caller and single))

    def _test(self, template: Template, part: Part) -> Source | None:
        """The attribute that says whether an optional part is there, where `forward` has to ask."""
        expr = self.settings[template].conditions.get(part)
        return None if expr is None else Member(SELF, self._test_name(template, expr))

    def _test_name(self, template: Template, expr: Expr) -> str:
        """`residual` where a param says it, else after the last part that hangs on the condition."""
        taken = {other.name for other in template.parts}
        if isinstance(expr, Name) and not expr.name.startswith("@") and expr.name not in taken:
            return expr.name
        conditions = self.settings[template].conditions
        last = next(other for other in reversed(template.parts) if conditions.get(other) == expr)
        name = f"use_{last.name}"
        return name if name not in taken else f"{name}_"

    def _is_owned(self, template: Template, part: Part) -> bool:
        """Whether the class has a module, a parameter or a buffer for a part."""
        if part.share:
            return False
        return not isinstance(part, OpPart) or bool(part.sample.op.holds) or self._is_module(template, part)

    def _owner(self, template: Template, part: Part) -> Source:
        """How `forward` names the module of a part: `self.conv1`, in a list `self[0]`."""
        name = part.share or part.name
        if self.bases[template] == "nn.Module":
            return Member(SELF, name)
        label = template.labels[self._place(template, name)]
        key: Value = int(label) if self.bases[template] == "nn.ModuleList" else label
        return Item(SELF, (Literal(key),))

    def _place(self, template: Template, name: str) -> int:
        if template not in self.places:
            self.places[template] = {part.name: i for i, part in enumerate(template.parts)}
        return self.places[template][name]

    def _listed_entries(self, template: Template, owned: Sequence[tuple[Part, str]]) -> tuple[Entry, ...]:
        return tuple(
            Entry(label, self._module(template, part), None, self._condition(template, part)) for part, label in owned
        )

    def _attribute(self, template: Template, part: Part) -> Attribute | Held:
        if isinstance(part, OpPart) and part.sample.op.holds:
            return self._tensor(template, part, part.sample.op)
        # What has no state may stand there unused.
        spare = isinstance(part, OpPart) and part in self.tested.get(template, ()) and not self._has_state(part)
        return Attribute(part.name, self._module(template, part), None if spare else self._condition(template, part))

    def _has_state(self, part: OpPart) -> bool:
        op, xs = part.sample.op, self.network.input_shapes(part.sample)
        return bool(op.parameters(xs) or op.buffers(xs))

    def _tensor(self, template: Template, part: OpPart, op: Op) -> Held:
        self._need(op)
        slots = self._slots(template, part)
        xs = self.network.input_shapes(part.sample)
        persistent = op.holds == "parameter" or bool(op.buffers(xs))
        return Held(part.name, op.declaration(slots), op.holds or "buffer", persistent)

    def _need(self, op: Op, *, module: bool = False) -> None:
        """Puts an op's own functions into the file, and its class where it is used as a module."""
        for helper in op.helpers():
            if module or helper.name != op.module:
                self.helpers[helper.name] = helper

    def _condition(self, template: Template, part: Part | RunPart) -> Source | None:
        expr = self.settings[template].conditions.get(part)
        return None if expr is None else self._named(template, expr)

    def _module(self, template: Template, part: Part, inplace: bool = False, *, indexed: bool = False) -> Module:
        """A part's module; `indexed` has what follows from the number of the part of a repeat around it printed so."""
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
            listed = definition.kind == "inline" and definition.listed
            entries = (
                self._repeated(template, part.items, part.labels)
                if repeated
                else self._entries(template, part.items, part.labels, dropped=listed, indexed=indexed)
            )
            self.containers[key] = Container(part.container, entries, part.numbered)
        return self.containers[key]

    def _op_module(self, template: Template, part: OpPart, inplace: bool, *, indexed: bool) -> Construct:
        op = part.sample.op
        chosen = self.settings[template].slots[part].get("op")
        if chosen is not None:
            return Construct(
                self._named(template, self._as_op(chosen)), (), (("inplace", Literal(True)),) if inplace else ()
            )
        given = self._slots(template, part, indexed=indexed)
        if op.module and not op.module.startswith("nn."):
            self._need(op, module=True)
        if inplace:
            given["inplace"] = Literal(True)
        leading = list(op.slots(self.network.input_shapes(part.sample)))[: op.positional]
        args = [given.pop(slot) for slot in takewhile(given.__contains__, leading)]
        return Construct(Global(op.module), tuple(args), tuple(given.items()))

    def _slots(self, template: Template, part: OpPart, *, indexed: bool = False) -> dict[str, Source]:
        """Arguments that are not PyTorch's defaults, in PyTorch's order."""
        defaults = part.sample.op.defaults()
        own = self.settings[template]
        slots = {**own.slots[part], **(own.indexed.get(part, {}) if indexed else {})}
        return {
            slot: self._named(template, expr)
            for slot, expr in slots.items()
            if not (isinstance(expr, Literal) and slot in defaults and _is_default(expr.value, defaults[slot]))
        }

    def _instance(self, template: Template, part: BlockPart, *, indexed: bool = False) -> Construct:
        own = self.settings[template]
        arguments = {**own.arguments[part], **(own.indexed.get(part, {}) if indexed else {})}
        child = self.settings[part.template]
        rename = self.renames[part.template]
        declared = self._parameters(part.template, child, rename)
        given = {
            rename.get(name, name): self._named(template, self._as_op(expr) if name in child.ops else expr)
            for name, expr in arguments.items()
        }
        args = tuple(given[parameter.name] for parameter in declared if parameter.default is None)
        keywords = tuple(
            (parameter.name, given[parameter.name])
            for parameter in declared
            if parameter.default is not None and given[parameter.name] != parameter.default
        )
        return Construct(Global(part.template.name), args, keywords)

    def _entries(
        self,
        template: Template,
        items: Sequence[Listed],
        labels: Sequence[str],
        *,
        dropped: bool = True,
        indexed: bool = False,
    ) -> tuple[Entry, ...]:
        return runs(self._written_out(template, items, labels, dropped=dropped, indexed=indexed))

    def _repeated(self, template: Template, items: Sequence[Listed], labels: Sequence[str]) -> tuple[Entry, ...]:
        """The parts of a repeat: equal ones as a run, and those that follow from their number as a loop over it."""
        made = self._written_out(template, items, labels, dropped=False, indexed=False)
        by_number = [
            replace(entry, module=numbered.module, indexed=numbered.module != entry.module)
            for entry, numbered in zip(
                made, self._written_out(template, items, labels, dropped=False, indexed=True), strict=True
            )
        ]
        plain = runs(made)
        folded = tuple(entry if entry.times is not None else made[entry.start] for entry in runs(by_number))
        # A loop that counts is worth it where it says clearly more in less.
        return folded if len(folded) < len(plain) and len(plain) > LONGEST_PLAIN else plain

    def _written_out(
        self,
        template: Template,
        items: Sequence[Listed],
        labels: Sequence[str],
        *,
        dropped: bool,
        indexed: bool,
    ) -> list[Entry]:
        """An entry for each item."""
        made: list[Entry] = []
        for i, (item, label) in enumerate(zip(items, labels, strict=True)):
            if isinstance(item, RunPart):
                times = self._named(template, self.settings[template].counts[item])
                made.append(Entry(label, self._module(template, item.item), times, start=i))
                continue
            inplace = isinstance(item, OpPart) and i > 0 and self._inplace(item)
            condition = self._condition(template, item)
            module = self._module(template, item, inplace, indexed=indexed)
            made.append(Entry(label, module, None, condition, start=i, dropped=dropped and condition is not None))
        return made

    def _inplace(self, part: OpPart) -> bool:
        return all(use is None or (use.op.inplace and self.aliasing.overwritable(use, 0)) for use in part.uses)

    # -- calls
    # -----------------------------------------------------------------------------------------------------------

    def _operation(self, template: Template, part: OpPart, args: Sequence[Source]) -> Source:
        """One op inside `forward`: a call of its module, or its functional form."""
        op: Op = part.sample.op
        if self._is_module(template, part):
            return op.call(self._owner(template, part), args)
        self._need(op)
        slots = self._slots(template, part)
        for slot in self._stored_slots(template, part):
            slots[slot] = Member(SELF, self._stored_name(template, part, slot))
        for port, slot in op.ports_on_demand.items():
            if port in part.ports:
                slots[slot] = Literal(True)
        inputs = template.definition.inputs
        if part.reads[0].member not in inputs and self._inplace(part):
            slots["inplace"] = Literal(True)
        return op.expression(args, slots, self.network.input_shapes(part.sample))

    def _stored_slots(self, template: Template, part: OpPart) -> list[str]:
        """Slots of a functional call that are constructor arguments, kept on `self` because no module holds them."""
        return [slot for slot, expr in self.settings[template].slots[part].items() if not isinstance(expr, Literal)]

    def _functional(self, template: Template) -> Iterator[OpPart]:
        """Parts that `forward` writes as expressions."""
        for part in template.parts:
            if isinstance(part, OpPart) and not self._is_owned(template, part) and not part.share:
                yield part

    def _stored_name(self, template: Template, part: OpPart, slot: str) -> str:
        """`shift_size` where several parts have one such setting, else `roll_shift_size`."""
        if template not in self.stored:
            self.stored[template] = self._shared_slots(template)
        return slot if slot == part.name or slot in self.stored[template] else f"{part.name}_{slot}"

    def _shared_slots(self, template: Template) -> set[str]:
        """Slots that several parts keep, all with one setting, so that one attribute serves them."""
        settings: dict[str, list[Expr]] = {}
        for part in self._functional(template):
            for slot in self._stored_slots(template, part):
                settings.setdefault(slot, []).append(self.settings[template].slots[part][slot])
        taken = {part.name for part in template.parts}
        return {
            slot
            for slot, found in settings.items()
            if len(found) > 1 and slot not in taken and all(setting == found[0] for setting in found)
        }

    def _stored(self, template: Template) -> tuple[tuple[str, Source], ...]:
        slots = [
            (self._stored_name(template, part, slot), self._named(template, self.settings[template].slots[part][slot]))
            for part in self._functional(template)
            for slot in self._stored_slots(template, part)
        ]
        conditions = self.settings[template].conditions
        tests = [
            (self._test_name(template, conditions[part]), self._named(template, conditions[part]))
            for part in self.tested[template]
        ]
        return tuple(dict.fromkeys([*slots, *tests]))

    def _named(self, template: Template, expr: Expr) -> Expr:
        """`expr` in the names that the class has for what it reads."""
        ops = self.settings[template].ops
        return renamed(self._compared(expr, ops) if ops else expr, self.renames[template])

    def _compared(self, expr: Expr, ops: Collection[str]) -> Expr:
        """An expression in which params that are given a module are compared with modules, and not with ops' names."""
        match expr:
            case Binary("==" | "!=" as operator, Name(name), Literal(str() as op)) if name in ops and op in OPS:
                return Binary(operator, Name(name), self._as_op(Literal(op)))
            case Binary("==" | "!=" as operator, Literal(str() as op), Name(name)) if name in ops and op in OPS:
                return Binary(operator, self._as_op(Literal(op)), Name(name))
        made = tuple(self._compared(part, ops) for part in parts(expr))
        return rebuild(expr, made) if made else expr


def _in_order(owned: Sequence[tuple[Part, str]], template: Template) -> list[tuple[Part, str]]:
    """Parts as the class registers them: in the order that the definition gives, else as they are written."""
    order = template.definition.order
    rank = {name: place for place, name in enumerate(order)}
    moved = iter(sorted((one for one in owned if one[0].name in rank), key=lambda one: rank[one[0].name]))
    return [next(moved) if one[0].name in rank else one for one in owned]


def _base(labels: Iterable[str]) -> str:
    """What a class of numbered members derives from that are no chain."""
    return "nn.ModuleList" if all(label == str(i) for i, label in enumerate(labels)) else "nn.ModuleDict"


def _is_default(value: Value, default: object) -> bool:
    return value == default and (type(value) is type(default) or not isinstance(value, bool | type(default)))


def _doc_lines(doc: str) -> tuple[str, ...]:
    return tuple(line.rstrip() for line in doc.strip().splitlines())
