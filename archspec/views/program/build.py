"""From a checked network to its Program: templates, settings, then one class after another."""

from collections.abc import Iterable, Mapping, Sequence

from archspec.ir.graph import Param
from archspec.ir.network import Network
from archspec.ops.op import Helper, Op
from archspec.values.expression import Expr, Literal, Value
from archspec.views.names import class_name
from archspec.views.program.arguments import Settings, same, settle
from archspec.views.program.forward import Forward, ForwardBuilder
from archspec.views.program.inplace import Aliasing
from archspec.views.program.symbolic import literal, python
from archspec.views.program.templates import (
    BlockPart,
    Item,
    OpPart,
    RunPart,
    SequencePart,
    Template,
    templates,
)
from archspec.views.program.values import (
    Attribute,
    Class,
    Construct,
    Container,
    Entry,
    Module,
    Parameter,
    Program,
    Result,
    Return,
    Statement,
    Training,
)

SHORTEST_RUN = 2  # equal entries in a row that become a comprehension


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
        self.helpers: dict[str, Helper] = {}
        taken: set[str] = {"nn", "F", "torch", "Tensor", "NamedTuple", "OrderedDict"}
        outputs = network.graph.outputs
        root_name = class_name(network.name, taken)
        self.result = None
        if len(outputs) > 1:
            fields = tuple((output.name, output.train_only) for output in outputs)
            self.result = Result(class_name(f"{root_name}Output", taken), f"What `{root_name}` returns.", fields)
        for template in self.ordered[:-1]:
            template.name = class_name(template.definition.name, taken)
        self.ordered[-1].name = root_name

    def program(self) -> Program:
        classes = tuple(self._class(template) for template in self.ordered)
        network = self.network
        return Program(
            self.ordered[-1].name, _doc_lines(network.doc), tuple(self.helpers.values()), self.result, classes
        )

    # -- classes
    # ---------------------------------------------------------------------------------------------------------

    def _class(self, template: Template) -> Class:
        own = self.settings[template]
        rename = self.renames[template] = self._rename(template, own)
        parameters = self._parameters(template, own, rename)
        doc = self._doc(template)
        if template.sequential:
            entries = self._entries(template, template.parts, template.labels)
            return Class(template.name, doc, "nn.Sequential", parameters, (), entries, (), (), "")
        attributes = tuple(
            self._attribute(template, part)
            for part in template.parts
            if not part.share and (not isinstance(part, OpPart) or self._is_module(template, part))
        )
        builder = ForwardBuilder(
            self.network,
            template,
            self.aliasing,
            lambda part, args: self._operation(template, part, args),
            lambda part: self._is_module(template, part),
        )
        forward = (
            self._root_forward(builder) if template is self.ordered[-1] else self._block_forward(template, builder)
        )
        return Class(
            template.name,
            doc,
            "nn.Module",
            parameters,
            attributes,
            (),
            forward.inputs,
            forward.statements,
            forward.result,
            self._stored(template),
        )

    def _doc(self, template: Template) -> tuple[str, ...]:
        return _doc_lines(template.definition.doc) if template is not self.ordered[-1] else _doc_lines(self.network.doc)

    def _block_forward(self, template: Template, builder: ForwardBuilder) -> Forward:
        count = len(set(template.outputs.values()))
        result = "Tensor" if count == 1 else f"tuple[{', '.join(['Tensor'] * count)}]"
        return builder.build(result)

    def _root_forward(self, builder: ForwardBuilder) -> Forward:
        result = self.result
        if result is None:
            return builder.build("Tensor")
        outputs = self.network.graph.outputs
        always = [output for output in outputs if not output.train_only]

        def returned(values: Sequence[str]) -> tuple[Statement, ...]:
            by_port = self._by_port(builder, values)
            named = [by_port[output.name] for output in outputs]
            whole = Return(f"{result.name}({', '.join(named)})")
            if len(always) == 1 and len(outputs) > 1 and not outputs[0].train_only:
                return (Training((whole,)), Return(by_port[always[0].name]))
            return (whole,)

        annotation = f"Tensor | {result.name}" if len(always) == 1 and not outputs[0].train_only else result.name
        alone = [builder.template.outputs[output.name] for output in always] if len(always) == 1 else []
        return builder.build(annotation, returned, alone)

    def _by_port(self, builder: ForwardBuilder, values: Sequence[str]) -> Mapping[str, str]:
        locals_ = list(dict.fromkeys(builder.canonical(local) for local in builder.template.outputs.values()))
        names = dict(zip(locals_, values, strict=True))
        return {port: names[builder.canonical(local)] for port, local in builder.template.outputs.items()}

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
            made = Parameter(rename.get(name, name), _type(values), default)
            (optional if default else required).append(made)
        return (*required, *optional)

    def _default(self, template: Template, param: Param | None, values: Iterable[Value]) -> str:
        if template is self.ordered[-1]:
            return literal(next(iter(values)))
        if param is None or param.required or not any(same(value, param.default) for value in values):
            return ""
        return literal(param.default)

    # -- modules
    # ---------------------------------------------------------------------------------------------------------

    def _is_module(self, template: Template, part: OpPart) -> bool:
        op, own = part.sample.op, self.settings[template]
        set_by_caller = any(not isinstance(expr, Literal) for expr in own.slots[part].values())
        single = len(part.sample.inputs) == 1 and part.ports == ("",)
        return bool(op.module) and (op.stateful or part in own.conditions or (set_by_caller and single))

    def _attribute(self, template: Template, part: OpPart | BlockPart | SequencePart) -> Attribute:
        return Attribute(part.name, self._module(template, part), self._condition(template, part))

    def _condition(self, template: Template, part: Item) -> str:
        expr = self.settings[template].conditions.get(part)
        return "" if expr is None else self._print(template, expr)

    def _module(self, template: Template, part: OpPart | BlockPart | SequencePart, inplace: bool = False) -> Module:
        match part:
            case OpPart():
                return self._op_module(template, part, inplace)
            case BlockPart():
                return self._instance(template, part)
            case SequencePart():
                entries = self._entries(template, part.items, part.labels)
                return Container("nn.Sequential" if part.chained else "nn.ModuleList", entries, part.numbered)

    def _op_module(self, template: Template, part: OpPart, inplace: bool) -> Construct:
        op = part.sample.op
        printed = self._slots(template, part)
        if inplace:
            printed["inplace"] = "True"
        leading = list(op.slots(self.network.input_shapes(part.sample)))[: op.positional]
        args: list[str] = []
        for slot in leading:
            if slot not in printed:
                break
            args.append(printed.pop(slot))
        return Construct(op.module, tuple(args), tuple(printed.items()))

    def _slots(self, template: Template, part: OpPart) -> dict[str, str]:
        """Printed arguments that are not PyTorch's defaults, in PyTorch's order."""
        defaults = part.sample.op.defaults()
        return {
            slot: self._print(template, expr)
            for slot, expr in self.settings[template].slots[part].items()
            if not (isinstance(expr, Literal) and slot in defaults and _is_default(expr.value, defaults[slot]))
        }

    def _instance(self, template: Template, part: BlockPart) -> Construct:
        arguments = self.settings[template].arguments[part]
        child = self.settings[part.template]
        rename = self.renames[part.template]
        declared = self._parameters(part.template, child, rename)
        printed = {rename.get(name, name): self._print(template, expr) for name, expr in arguments.items()}
        args = tuple(printed[parameter.name] for parameter in declared if not parameter.default)
        keywords = tuple(
            (parameter.name, printed[parameter.name])
            for parameter in declared
            if parameter.default and printed[parameter.name] != parameter.default
        )
        return Construct(part.template.name, args, keywords)

    def _entries(self, template: Template, items: Sequence[Item], labels: Sequence[str]) -> tuple[Entry, ...]:
        made: list[Entry] = []
        for i, (item, label) in enumerate(zip(items, labels, strict=True)):
            if isinstance(item, RunPart):
                times = self._print(template, self.settings[template].counts[item])
                made.append(Entry(label, self._module(template, item.item), times))
                continue
            inplace = isinstance(item, OpPart) and i > 0 and self._inplace(item)
            made.append(Entry(label, self._module(template, item, inplace), "", self._condition(template, item)))
        return _runs(made)

    def _inplace(self, part: OpPart) -> bool:
        return part.sample.op.inplace and all(use is None or self.aliasing.overwritable(use, 0) for use in part.uses)

    # -- calls
    # -----------------------------------------------------------------------------------------------------------

    def _operation(self, template: Template, part: OpPart, args: Sequence[str]) -> str:
        """One op inside `forward`: a call of its module, or its functional form."""
        op: Op = part.sample.op
        if self._is_module(template, part):
            return f"self.{part.share or part.name}({', '.join(args)})"
        for helper in op.helpers():
            self.helpers[helper.name] = helper
        slots = self._slots(template, part)
        for slot in self._stored_slots(template, part):
            slots[slot] = f"self.{_stored_name(part, slot)}"
        for port, slot in op.ports_on_demand.items():
            if port in part.ports:
                slots[slot] = "True"
        inputs = template.definition.inputs
        if part.reads[0].member not in inputs and self._inplace(part):
            slots["inplace"] = "True"
        return op.expression(args, slots, self.network.input_shapes(part.sample))

    def _stored_slots(self, template: Template, part: OpPart) -> list[str]:
        """Slots of a functional call that are constructor arguments, kept on `self` because no module holds them."""
        return [slot for slot, expr in self.settings[template].slots[part].items() if not isinstance(expr, Literal)]

    def _stored(self, template: Template) -> tuple[tuple[str, str], ...]:
        return tuple(
            (_stored_name(part, slot), self._print(template, self.settings[template].slots[part][slot]))
            for part in template.parts
            if isinstance(part, OpPart) and not part.share and not self._is_module(template, part)
            for slot in self._stored_slots(template, part)
        )

    def _print(self, template: Template, expr: Expr) -> str:
        return python(expr, self.renames[template])


def _stored_name(part: OpPart, slot: str) -> str:
    return slot if slot == part.name else f"{part.name}_{slot}"


def _runs(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Equal entries in a row as one entry with a count."""
    made: list[tuple[Entry, int]] = []
    for entry in entries:
        if made and _alike(made[-1][0], entry):
            made[-1] = (made[-1][0], made[-1][1] + 1)
        else:
            made.append((entry, 1))
    folded: list[Entry] = []
    for entry, count in made:
        if (
            count < SHORTEST_RUN
            and entry.times
            and folded
            and not folded[-1].times
            and folded[-1].module == entry.module
        ):
            before = folded.pop()
            folded.append(Entry(before.label, before.module, _one_more(entry.times)))
        elif count < SHORTEST_RUN:
            folded.append(entry)
        else:
            folded.append(Entry(entry.label, entry.module, str(count)))
    return tuple(folded)


def _alike(a: Entry, b: Entry) -> bool:
    return a.module == b.module and not (a.times or b.times or a.condition or b.condition)


def _one_more(times: str) -> str:
    return times.removesuffix(" - 1") if times.endswith(" - 1") else f"{times} + 1"


def _is_default(value: Value, default: object) -> bool:
    return value == default and (type(value) is type(default) or not isinstance(value, bool | type(default)))


def _type(values: Iterable[Value]) -> str:
    kinds = dict.fromkeys(_one_type(value) for value in values)
    if set(kinds) == {"int", "float"}:
        return "float"
    return " | ".join(sorted(kinds, key=lambda kind: kind == "None"))


def _one_type(value: Value) -> str:
    if isinstance(value, tuple):
        inner = " | ".join(dict.fromkeys(map(_one_type, value))) or "int"
        return f"tuple[{inner}, ...]"
    return "None" if value is None else type(value).__name__


def _doc_lines(doc: str) -> tuple[str, ...]:
    return tuple(line.rstrip() for line in doc.strip().splitlines())
