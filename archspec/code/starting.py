"""Starting: how the settings of initialisers are written, as the settings of modules are."""

from collections.abc import Sequence

from archspec.code.followed import same
from archspec.code.parts import OpPart, Template
from archspec.code.said import Said, inner_use, start_in
from archspec.code.settings import Settings, Settling
from archspec.code.template_names import TemplateNames
from archspec.graph.graph import Node, Scope, Start
from archspec.graph.starts import start
from archspec.language.expression.symbolic import is_long, leaves, rebuild
from archspec.language.expression.symbolic import names as names_in
from archspec.values.expression import Attribute, Expr, Literal, Name, Value, parts

WHEN = "when"  # beside the settings: the condition


def decide_rules(settling: Settling, names: TemplateNames, template: Template) -> None:
    """Decides what a class says by its definition's rules, and of classes inside it."""
    _decide(settling, names, template, None)
    for inner, found in settling.plan.later.get(template, {}).items():
        for said in found:
            if sayable(settling, template, inner, said):
                uses = [_inside(said, inner, use) for use in template.uses]
                settling.settings[template].later[said] = _decided(settling, names, template, said, uses)


def decide_member(settling: Settling, names: TemplateNames, template: Template, part: OpPart) -> None:
    """Decides what a class says of one of its members, whose settings are decided."""
    _decide(settling, names, template, part)
    for tensor in switched(settling, template, part):
        settling.plan.note_optional(template, part, tensor)
    own = settling.settings[template]
    settling.structural |= own.rooted(_adding(settling, template, part))


def switched(settling: Settling, template: Template, part: OpPart) -> frozenset[str]:
    """The tensors of a member that an argument may leave out: `bias` of `nn.Linear(2, 2, bias=bias)`."""
    node = part.sample
    xs = settling.network.input_shapes(node)
    there = {tensor for tensor, names in node.op.tensors_of(xs).items() if names} if node.op.tensors else set()
    found: set[str] = set()
    for slot, expr in settling.settings[template].slots[part].items() if there else ():
        held = getattr(node.op, slot, None)
        if isinstance(held, bool) and not isinstance(expr, Literal):
            other = node.op.model_copy(update={slot: not held}).tensors_of(xs)
            found |= {tensor for tensor in there if not other.get(tensor)}
    return frozenset(found)


def _adding(settling: Settling, template: Template, part: OpPart) -> frozenset[str]:
    """The names of arguments that would add a tensor to a member of which a rule says what it starts with.

    Nothing fills it in the network at hand, so nothing in the source does.
    """
    node, scopes = part.sample, settling.network.graph.scopes
    xs = settling.network.input_shapes(node)
    read: set[str] = set()
    for slot, expr in settling.settings[template].slots[part].items() if node.op.tensors else ():
        if getattr(node.op, slot, None) is False and not isinstance(expr, Literal):
            there = node.op.tensors_of(xs)
            other = node.op.model_copy(update={slot: True}).tensors_of(xs)
            if any(names and not there.get(tensor) and start(scopes, node, tensor) for tensor, names in other.items()):
                read |= names_in(expr)
    return frozenset(read)


def said_by_itself(settling: Settling, template: Template, said: Said) -> bool:
    """Whether a class says it in its own names: in its constructor, or as attributes that a class around it reads."""
    later = settling.plan.later.items()
    around = (outer for outer, inner in later if said in inner.get(template, ()))
    here = said in settling.plan.here.get(template, ())
    return here or any(not sayable(settling, outer, template, said) for outer in around)


def sayable(settling: Settling, outer: Template, inner: Template, said: Said) -> bool:
    """Whether a class around can say what is said inside: all that it hangs on are params of the spec of both."""
    read = frozenset().union(*map(leaves, _exprs(said)))
    own = {param.name for param in inner.definition.params}
    if outer.definition.kind != "spec":
        own |= {param.name for param in outer.definition.params}
    known = settling.settings[outer].values
    if not all(isinstance(leaf, Name) and leaf.name in known and leaf.name not in own for leaf in read):
        return not read
    specs = [settling.spec_of(one.uses[0]).definition for one in (inner, outer)]
    return inner.definition.kind != "spec" and specs[0] is specs[1]


def _exprs(said: Said) -> list[Expr]:
    return [*said.rule.exprs.values(), *([said.rule.when] if said.rule.when is not None else [])]


def _decide(settling: Settling, names: TemplateNames, template: Template, part: OpPart | None) -> None:
    for said in settling.plan.of_member(template, part):
        if not said_by_itself(settling, template, said):
            continue
        uses = template.uses if part is None else part.uses
        settling.settings[template].starts[said] = _decided(settling, names, template, said, uses)


def _inside(said: Said, inner: Template, around: Scope) -> Node | Scope | None:
    """A use of what is said inside one use of the class around; None where there is none."""
    number = inner_use(inner, around)
    if number is None:
        return None
    return inner.uses[number] if said.part is None else said.part.uses[number]


def _decided(
    settling: Settling, names: TemplateNames, template: Template, said: Said, uses: Sequence[Node | Scope | None]
) -> dict[str, Expr]:
    """The settings and the condition, in the names of the class that says it."""
    graph, own, rule = settling.network.graph, settling.settings[template], said.rule
    found = [start_in(graph, said.rule, use) if use is not None else None for use in uses]
    starts = [start for start, _ in filter(None, found)]
    scope = next(scope for _, scope in filter(None, found))
    there = [one is not None for one in found]
    made: dict[str, Expr] = {}
    for name in (*starts[0].value.settings(), WHEN):
        raw = rule.when if name == WHEN else rule.exprs.get(name)
        if raw is None:
            made[name] = Literal(_value(starts[0], name))
            continue
        candidate = names.of(scope, raw)
        values = [
            _as_written(own, candidate.expr, k, _value(one[0], name)) if one is not None else None
            for k, one in enumerate(found)
        ]
        stem = said.part.name if said.part is not None else rule.op
        decided = settling.decide(own, candidate, values, there, stem, f"{rule.tensor}_{name}".replace(".", "_"))
        made[name] = decided
        if not leaves(decided) and is_long(own.value(decided, 0)):
            made[name] = _spelled_out(own, names, raw, decided)
    return made


def _value(start: Start, name: str) -> Value:
    return start.holds if name == WHEN else start.value.settings()[name]


def _as_written(own: Settings, expr: Expr | None, use: int, value: Value) -> Value:
    """The value as the expression gives it: 1 where the initialiser made 1.0 of it."""
    given = own.value(expr, use) if expr is not None else None
    return given if given == value and not isinstance(value, bool) else value


def _spelled_out(own: Settings, names: TemplateNames, raw: Expr, number: Expr) -> Expr:
    """The sum that a long number comes from, `0.02 / math.sqrt(2 * 12)`, where it has nothing but numbers in it."""
    made = _of_numbers(names, raw)
    value = own.value(number, 0)
    return made if made is not None and same(own.value(made, 0), value) else number


def _of_numbers(names: TemplateNames, expr: Expr) -> Expr | None:
    if isinstance(expr, Name):
        said = names.symbol(expr.name).expr
        return said if isinstance(said, Literal) else None
    inside = [_of_numbers(names, part) for part in parts(expr)]
    known = tuple(part for part in inside if part is not None)
    if isinstance(expr, Attribute) or len(known) < len(inside):
        return None
    return rebuild(expr, known) if known else expr
