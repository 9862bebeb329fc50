"""Wording: settings in the names that a class has for what they read, and what its constructor takes.

width * 4    planes * 4      where the class calls it `planes`
@0.0         in_channels
relu         nn.ReLU         where a param chooses an op
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from archspec.code.annotations import annotation
from archspec.code.chosen import chosen_names
from archspec.code.followed import same
from archspec.code.naming import ALWAYS, BUILTINS
from archspec.code.parts import Item, OpPart, Part, RunPart, Template
from archspec.code.program import Parameter
from archspec.code.settings import Settings
from archspec.graph.graph import Param
from archspec.graph.network import Network
from archspec.language.expression.symbolic import rebuild, renamed
from archspec.language.names import unused
from archspec.ops.op import OPS, Helper, Op
from archspec.values.expression import (
    Binary,
    Conditional,
    Expr,
    Global,
    Index,
    List,
    Literal,
    Name,
    Slice,
    Value,
    parts,
)
from archspec.values.source import Source


class Wording:
    """How the settings of every template are written; `helpers` are the functions and classes that they need."""

    def __init__(
        self,
        network: Network,
        ordered: tuple[Template, ...],
        settings: Mapping[Template, Settings],
        taken: frozenset[str],
    ) -> None:
        self.network, self.ordered, self.settings = network, ordered, settings
        self.taken = taken  # the names of the file, over which no argument may have its own
        self.renames = {template: self.rename(template, settings[template]) for template in ordered}
        self.choice_of = {one: choice for choice in ordered for one in choice.choices}
        self.renames |= {one: self.renames[choice] for one, choice in self.choice_of.items()}
        self.blocks = {one.definition.name: one for one in self.choice_of}
        self.helpers: dict[str, Helper] = {}
        self._parameters: dict[Template, tuple[Parameter, ...]] = {}

    def rename(self, template: Template, own: Settings) -> dict[str, str]:
        """Printed names of a template's names: a size is `in_channels` unless a param of the spec has that name."""
        declared = (*own.values, *own.extras)
        chosen = (*own.parameters, *own.needed)
        rename = {name: unused(name, {*self.taken, *declared}) for name in chosen if name in self.taken}
        inputs = template.definition.inputs
        kept = [name for name in own.parameters if name in own.kept]  # sizes of several values
        alone = kept[0] if len(kept) == 1 else ""
        for name in own.parameters:
            if (size := own.sizes.get(name)) is not None:
                printed = size.called if len(inputs) == 1 else f"{inputs[size.input]}_{size.noun}"
                if name == alone:
                    printed = size.noun
                while printed in own.values or printed in own.extras:
                    printed = f"input_{printed}"
                rename[name] = printed
        return rename

    def hidden(self, name: str) -> bool:
        """Whether a parameter or a buffer of this name is registered and asked for, as no attribute can be declared."""
        return not name.isidentifier() or name in ALWAYS or name in BUILTINS

    def variables(self, template: Template) -> tuple[tuple[str, Source], ...]:
        """The sizes that a class's constructor has a variable for."""
        rename, own = self.renames[template], self.settings[template]
        return tuple((rename.get(name, name), self.named(template, own.variables[name].expr)) for name in own.needed)

    def parameters(self, template: Template) -> tuple[Parameter, ...]:
        """The parameters of a class's constructor, required ones first."""
        template = self.choice_of.get(template, template)
        if template not in self._parameters:
            self._parameters[template] = self._declared(template)
        return self._parameters[template]

    def _declared(self, template: Template) -> tuple[Parameter, ...]:
        own, rename = self.settings[template], self.renames[template]
        declared = {param.name: param for param in template.definition.params}
        required: list[Parameter] = []
        optional: list[Parameter] = []
        for name in own.parameters:
            values = own.values.get(name) or own.extras[name]
            default = self._default(template, declared.get(name), values)
            text = self._class_type(values) if name in own.ops else "str"
            open_ended = bool(own.roots.get(name)) and not self._is_taken_whole(template, name)
            kind = annotation(values, text=text, open_ended=open_ended)
            made = Parameter(rename.get(name, name), kind, default, name)
            (required if default is None else optional).append(made)
        return (*required, *optional)

    def _is_taken_whole(self, template: Template, name: str) -> bool:
        """Whether an op takes a list as it is, `kernel_size=kernel`, here or in a block that is handed it."""
        open_, seen = [(template, name)], set[tuple[Template, str]]()
        while open_:
            one, called = open_.pop()
            if (one, called) in seen:
                continue
            seen.add((one, called))
            own = self.settings[one]
            if any(Name(called) in slots.values() for slots in own.slots.values()):
                return True
            open_ += [
                (part.template, inner)
                for part, given in own.arguments.items()
                for inner, expr in given.items()
                if expr == Name(called)
            ]
        return False

    def _class_type(self, values: Iterable[Value]) -> str:
        """The type of what is a class: one of several blocks, or the module of an op."""
        blocks = [self.blocks[value].name for value in dict.fromkeys(values) if value in self.blocks]
        return f"type[{' | '.join(blocks)}]" if blocks else "type[nn.Module]"

    def _default(self, template: Template, param: Param | None, values: Iterable[Value]) -> Source | None:
        chosen = param is not None and param.name in self.settings[template].ops
        if template is self.ordered[-1]:
            value = next(iter(values))
        elif (
            param is None
            or param.required
            or param.follows is not None
            or not any(same(value, param.default) for value in values)
            or not self._is_left_to_default(template, param)
        ):
            return None
        else:
            value = param.default
        return self.as_op(Literal(value)) if chosen else Literal(value)

    def _is_left_to_default(self, template: Template, param: Param) -> bool:
        """Whether an instance is given the default as such, so that its call leaves it out."""
        given = [one[param.name] for one in self.settings[template].given if param.name in one]
        return not given or any(isinstance(one.expr, Literal) and same(one.expr.value, param.default) for one in given)

    def as_op(self, expr: Expr) -> Expr:
        """An expression that gives a name, giving what has it, a block or an op: `nn.ReLU if small else nn.SiLU`."""
        match expr:
            case Literal(str() as name) if name in self.blocks:
                return Global(self.blocks[name].name)
            case Literal(str() as name):
                op: Op = OPS[name]()
                if not op.module.startswith("nn."):
                    self.need(op, module=True)
                return Global(op.module)
            case Literal(tuple() as several):
                return List(tuple(self.as_op(Literal(one)) for one in several))
            case Conditional(test, then, otherwise):
                return Conditional(test, self.as_op(then), self.as_op(otherwise))
            case List() | Binary("+" | "*"):
                return rebuild(expr, tuple(map(self.as_op, parts(expr))))
            case Index(owner, index):
                return Index(self.as_op(owner), index)
            case Slice(owner, start, stop):
                return Slice(self.as_op(owner), start, stop)
        return expr

    def slots(self, template: Template, part: OpPart, *, indexed: bool = False) -> dict[str, Source]:
        """Arguments that are not PyTorch's defaults, in PyTorch's order."""
        defaults = part.sample.op.defaults()
        return {
            slot: made
            for slot, made in self.all_slots(template, part, indexed=indexed).items()
            if not (isinstance(made, Literal) and slot in defaults and _is_default(made.value, defaults[slot]))
        }

    def all_slots(self, template: Template, part: OpPart, *, indexed: bool = False) -> dict[str, Source]:
        """Arguments in PyTorch's order, defaults included."""
        own = self.settings[template]
        slots = {**own.slots[part], **(own.indexed.get(part, {}) if indexed else {})}
        return {slot: self.named(template, expr) for slot, expr in slots.items()}

    def condition(self, template: Template, part: Item) -> Source | None:
        """When an optional part is there; None for always, and for what is one of several things."""
        if not isinstance(part, RunPart) and part.others:
            return None
        expr = self.settings[template].conditions.get(part)
        return None if expr is None else self.named(template, expr)

    def tests(self, template: Template, part: Part) -> Iterator[Expr | None]:
        """When a part is each of several things, asked one after the other; None for what it is in any other case."""
        for one in (part, *part.others):
            expr = self.settings[template].conditions.get(one)
            yield None if expr is None else self.named(template, expr)

    def named(self, template: Template, expr: Expr) -> Expr:
        """`expr` in the names that the class has for what it reads."""
        ops = self.settings[template].ops
        return renamed(self._compared(expr, ops) if ops else expr, self.renames[template])

    def _compared(self, expr: Expr, ops: Collection[str]) -> Expr:
        """An expression in which params that are given a module are compared with modules, and not with ops' names."""
        match expr:
            case Binary("==" | "!=" as operator, left, Literal(str() as op)) if _is_one(left, ops):
                return Binary(operator, left, self.as_op(Literal(op))) if self._known(op) else expr
            case Binary("==" | "!=" as operator, Literal(str() as op), right) if _is_one(right, ops):
                return Binary(operator, self.as_op(Literal(op)), right) if self._known(op) else expr
        made = tuple(self._compared(part, ops) for part in parts(expr))
        return rebuild(expr, made) if made else expr

    def _known(self, name: str) -> bool:
        return name in OPS or name in self.blocks

    def need(self, op: Op, *, module: bool = False) -> None:
        """Puts an op's own functions into the file, and its class where it is used as a module."""
        for helper in op.helpers():
            if module or helper.name != op.module:
                self.helpers[helper.name] = helper


def _is_one(expr: Expr, ops: Collection[str]) -> bool:
    """Whether an expression is one of the params that are given modules, or an item of one."""
    chosen = chosen_names(expr)
    return bool(chosen) and all(name in ops for name in chosen)


def _is_default(value: Value, default: object) -> bool:
    return value == default and (type(value) is type(default) or not isinstance(value, bool | type(default)))
