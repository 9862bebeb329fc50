"""Settings: how everything that a constructor is given is written, one template at a time.

The rule: a value equal in all uses is a literal; one that follows a declared param prints the author's expression; one
that follows the channels of an input prints that (`in_channels`, `planes * 4`); anything else becomes a parameter of
its own. An expression is used only if it gives the right value in every use, so two values that happen to coincide are
never unified.

A number that the spec declares as a param, that no variant sets and no structure depends on, stays a parameter of the
top class (`classes: int = 1000`). What such *roots* reach is never a literal, even where all uses agree.

Names inside a template: declared params by their own names, "@0" for the channels of its first input.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from archspec.code.parts import BlockPart, Item, OpPart, RunPart, Template, block_parts
from archspec.graph.graph import Scope
from archspec.graph.network import Network
from archspec.language.expression.symbolic import LARGEST, names, rebuild, simplify, size, value_of
from archspec.ops.fields import channel_axis
from archspec.values.expression import Conditional, Expr, Literal, Name, Value, parts
from archspec.values.shape import Shape

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Channels:
    """How a number of channels is written (None: only as a number), and the roots that it depends on."""

    expr: Expr | None
    roots: frozenset[str] = NOTHING


@dataclass(slots=True, eq=False)
class Settings:
    """What is decided about one template.

    Attributes:
        values: name -> value in each use.
        roots: name -> root params that reach it.
        slots: op part -> slot -> how it is written.
        arguments: block part -> name in its template -> how it is written.
        conditions: optional part -> when it is there.
        counts: run part -> how many.
        ops: parameters that are given an op's module: `activation=nn.SiLU`.
        outputs: port -> channels in the template's own names, nothing substituted.
        extras: parameters that no declared name covers.
        indexed: part of a repeat -> how its settings follow from its number, `i`; the others are as above.
        indices: part of a repeat -> its number.
        parameters: names the constructor takes, in order.
    """

    values: dict[str, tuple[Value, ...]]
    roots: dict[str, frozenset[str]] = field(default_factory=dict)
    slots: dict[OpPart, dict[str, Expr]] = field(default_factory=dict)
    arguments: dict[BlockPart, dict[str, Expr]] = field(default_factory=dict)
    candidates: dict[BlockPart, dict[str, Channels]] = field(default_factory=dict)
    conditions: dict[Item, Expr] = field(default_factory=dict)
    counts: dict[RunPart, Expr] = field(default_factory=dict)
    ops: set[str] = field(default_factory=set)
    outputs: dict[str, Channels] = field(default_factory=dict)
    extras: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    indexed: dict[OpPart | BlockPart, dict[str, Expr]] = field(default_factory=dict)
    indices: dict[BlockPart, int] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()

    def active(self, name: str) -> bool:
        """Whether `name` may appear in the emitted class: its value differs between uses or follows a root."""
        if name in self.extras or self.roots.get(name):
            return True
        values = self.values[name]
        return any(value != values[0] or type(value) is not type(values[0]) for value in values[1:])


class Settling:
    """The settings of all templates while they are decided."""

    def __init__(self, network: Network, ordered: tuple[Template, ...], roots: frozenset[str]) -> None:
        self.network = network
        self.ordered = ordered
        self.structural: set[str] = set()  # roots that reach what is no argument, and so have to be literals
        self.settings = {template: Settings(self._values(template, roots)) for template in ordered}
        self.settings[ordered[-1]].roots = {name: frozenset((name,)) for name in roots}
        self.position = {scope.id: i for template in ordered for i, scope in enumerate(template.uses)}

    def _values(self, template: Template, roots: frozenset[str]) -> dict[str, tuple[Value, ...]]:
        values: dict[str, tuple[Value, ...]] = {}
        for name in template.uses[0].args:
            values[name] = tuple(scope.args.get(name) for scope in template.uses)
        if self.spec_of(template.uses[0]).id == "":
            for name in sorted(roots - values.keys()):  # read from the spec around the block
                values[name] = (self.network.params[name],) * len(template.uses)
        if template.uses[0].id:
            for k in range(len(template.definition.inputs)):
                values[f"@{k}"] = tuple(channels_of(self.network.shape(scope.inputs[k])) for scope in template.uses)
        return values

    def spec_of(self, scope: Scope) -> Scope:
        """The spec that a block is written in."""
        while scope.id and scope.definition.kind != "spec":
            scope = self.network.graph.scopes[scope.parent]
        return scope

    # -- from the leaves up: which names are parameters
    # ------------------------------------------------------------------

    def finish(self, template: Template) -> None:
        """Decides what a template gives the blocks inside it, and so which parameters it takes."""
        own = self.settings[template]
        for part in block_parts(template.parts):
            child = self.settings[part.template]
            own.arguments[part] = {name: self._argument(template, part, name, child) for name in child.parameters}
            self._indexed_arguments(part, own, child)
            for name in child.ops & own.arguments[part].keys():
                own.ops |= chosen_names(own.arguments[part][name])
        used = {name for expr in self._expressions(own) for name in names(expr)}
        order = [*(name for name in own.values if name.startswith("@")), *own.values, *own.extras]
        own.parameters = tuple(name for name in dict.fromkeys(order) if name in used)

    def _indexed_arguments(self, part: BlockPart, own: Settings, child: Settings) -> None:
        """Keeps of what is given by number the arguments that there are, where the number gives the right values."""
        candidates = own.indexed.pop(part, {})
        kept = {}
        for name in child.parameters:
            values = self._held(part, name, child)
            expr = self.by_number(own, candidates.get(name), values, own.indices.get(part))
            if expr is not None:
                kept[name] = expr
        if kept:
            own.indexed[part] = kept

    def _held(self, part: BlockPart, name: str, child: Settings) -> list[Value]:
        held = child.values.get(name) or child.extras[name]
        return [held[self.position[use.id]] if use is not None else None for use in part.uses]

    def by_number(self, own: Settings, expr: Expr | None, values: list[Value], index: int | None) -> Expr | None:
        """`expr` where it reads `i` and gives the right value in every use; else None."""
        if expr is None or index is None or "i" not in names(expr) or size(expr) > LARGEST:
            return None
        fits = all(value is None or same(self._value(own, expr, k, index), value) for k, value in enumerate(values))
        return expr if fits else None

    def _argument(self, template: Template, part: BlockPart, name: str, child: Settings) -> Expr:
        own = self.settings[template]
        values = self._held(part, name, child)
        there = [use is not None for use in part.uses]
        candidate = own.candidates[part].get(name, Channels(None))
        expr = self.decide(own, candidate, values, there)
        return (
            expr
            if expr is not None
            else self.own_parameter(own, part.name, "in_channels" if name.startswith("@") else name, values)
        )

    def _expressions(self, own: Settings) -> Iterator[Expr]:
        for slots in own.slots.values():
            yield from slots.values()
        for arguments in own.arguments.values():
            yield from arguments.values()
        yield from own.conditions.values()
        yield from own.counts.values()

    # -- decisions
    # ---------------------------------------------------------------------------------------------------------

    def decide(self, own: Settings, candidate: Channels, values: list[Value], there: list[bool]) -> Expr | None:
        """How a setting is written: a literal, the candidate where it holds in every use, or None."""
        present = [i for i, is_there in enumerate(there) if is_there]
        first = values[present[0]]
        equal = all(same(values[i], first) for i in present)
        guarded = len(present) < len(there)  # under a condition, a number would read as if it always were that
        for expr in branches(candidate.expr):
            if isinstance(expr, Literal) or size(expr) > LARGEST:
                continue
            rooted = any(own.roots.get(name) for name in names(expr))
            wanted = rooted or guarded or not equal
            if wanted and all(same(self._value(own, expr, i), values[i]) for i in present):
                return expr
        if not equal:
            return None
        self.structural |= candidate.roots
        return Literal(first)

    def _value(self, own: Settings, expr: Expr, use: int, index: int | None = None) -> Value:
        held: dict[str, Value] = {} if index is None else {"i": index}
        for name in names(expr) - held.keys():
            held[name] = (own.values.get(name) or own.extras[name])[use]
        return value_of(expr, held)

    def own_parameter(self, own: Settings, part: str, slot: str, values: list[Value]) -> Expr:
        """A parameter of its own for a setting that differs between the uses."""
        name = slot if not part or part.isdigit() else f"{part}_{slot}"
        known = {**own.values, **own.extras}
        while name in known:
            name += "_"
        own.extras[name] = tuple(values)
        return Name(name)


def branches(expr: Expr | None) -> Iterator[Expr]:
    """An expression with its outermost conditional decided one way and the other, then as it is."""
    if expr is None:
        return
    found = _conditional(expr)
    if found is not None:
        for branch in (found.then, found.otherwise):
            yield from branches(_with(expr, found, branch))
    yield expr


def _conditional(expr: Expr) -> Conditional | None:
    if isinstance(expr, Conditional):
        return expr
    return next((found for part in parts(expr) if (found := _conditional(part)) is not None), None)


def _with(expr: Expr, old: Expr, new: Expr) -> Expr:
    """`expr` with a part replaced."""
    if expr == old:
        return new
    return simplify(rebuild(expr, tuple(_with(part, old, new) for part in parts(expr)))) if parts(expr) else expr


def chosen_names(expr: Expr) -> frozenset[str]:
    """The names in an expression that stand for an op: those it may come out as."""
    match expr:
        case Name(name):
            return frozenset((name,))
        case Conditional(_, then, otherwise):
            return chosen_names(then) | chosen_names(otherwise)
    return frozenset()


def channels_of(shape: Shape) -> int:
    """What is followed from layer to layer: C of `(N, C, ...)`, E of tokens `(N, L, E)`."""
    return shape.dims[channel_axis(shape)] if shape.dims else 1


def same(a: Value, b: Value) -> bool:
    """Equal, and of one type: `True` is not 1."""
    return a == b and type(a) is type(b)
