"""Initialise: the statements of a constructor that fill tensors, at its end, when all modules are there.

for module in self.modules():                              rules, in the order in which the modules are registered
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.02)
nn.init.zeros_(self.head.bias)                             members of the class
for module in self.modules():                              what is said inside, over these rules
    if isinstance(module, Block):
        nn.init.zeros_(module.proj.weight)
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from archspec.code.followed import opposite
from archspec.code.naming import names_of_base, worded
from archspec.code.parts import Item, OpPart, Part, RunPart, SequencePart, Template, op_parts
from archspec.code.program import Assign, If, Loop, Run, Statement
from archspec.code.registration import Registration
from archspec.code.said import Plan, Said, own_name
from archspec.code.settings import Settling
from archspec.code.starting import WHEN, sayable
from archspec.language.names import nested, unused
from archspec.ops.initialiser import INITIALISERS
from archspec.ops.op import OPS, Op
from archspec.values.dataclass import dataclass
from archspec.values.expression import Global, Literal, Name
from archspec.values.source import SELF, Member, Operation, Source, Tuple, invoke, method, walk


@dataclass(frozen=True, slots=True)
class Voice:
    """Who says what of a class: its own constructor, or that of one around it.

    Attributes:
        template: the class.
        outer: the class whose constructor says it; the same one where a class that contains itself says it of those.
        owner: what an instance is called there.
    """

    template: Template
    outer: Template
    owner: Source


@dataclass(frozen=True, slots=True)
class Place:
    """Where a module is: names to follow from one that is at hand.

    Attributes:
        module: the one at hand.
        names: to follow from there.
        typed: a type checker knows what it is.
        several: it may be one of several things.
        asked: a condition has told that it is there, and which of several things.
    """

    module: Source
    names: tuple[str, ...] = ()
    typed: bool = False
    several: bool = False
    asked: bool = False

    def inside(self, label: str) -> "Place":
        """A module in this one."""
        return Place(self.module, (*self.names, label))

    def parameter(self, tensor: str) -> Source:
        """A parameter of it."""
        return method(self.module, "get_parameter", Literal(".".join((*self.names, tensor))))

    def submodule(self) -> Source:
        """It itself."""
        return method(self.module, "get_submodule", Literal(".".join(self.names))) if self.names else self.module


class Initialise:
    """Writes what constructors say of tensors."""

    def __init__(self, settling: Settling, modules: Registration, bases: Mapping[Template, str]) -> None:
        self.settling, self.modules, self.bases = settling, modules, bases
        self.plan: Plan = settling.plan
        self.uneven: dict[Template, set[str]] = {}  # lists of which something is said of some modules

    def statements(self, template: Template) -> tuple[Statement, ...]:
        """What the constructor of a class says."""
        module = self._name("module", template)
        here = self._spoken(Voice(template, template, SELF), self.plan.here.get(template, ()))
        later = {
            inner: self._spoken(Voice(inner, template, module), said)
            for inner, said in self.plan.later.get(template, {}).items()
        }
        if not here and not later:
            return ()
        made = [*self._said(Voice(template, template, SELF), here)]
        bodies: dict[Source, tuple[Statement, ...]] = {
            Global(inner.name): tuple(self._said(Voice(inner, template, module), said)) for inner, said in later.items()
        }
        return (*made, *_loop(module, SELF, bodies))

    def stored(self, template: Template) -> tuple[tuple[str, Source], ...]:
        """Names and values that a class keeps for what one around it says."""
        own = self.settling.settings[template].starts
        return tuple(
            (self._attribute(template, said, name), self.modules.wording.named(template, expr))
            for said, settings in own.items()
            if self._is_read(template, said)
            for name, expr in settings.items()
            if not isinstance(expr, Literal)
        )

    def _spoken(self, voice: Voice, said: Sequence[Said]) -> list[Said]:
        """What is said without what stands under a condition that never holds."""
        return [one for one in said if self._settings(voice, one)[WHEN] != Literal(False)]

    def _is_read(self, template: Template, said: Said) -> bool:
        around = (outer for outer, inner in self.plan.later.items() if said in inner.get(template, ()))
        return any(not sayable(self.settling, outer, template, said) for outer in around)

    def _attribute(self, template: Template, said: Said, setting: str) -> str:
        stem = said.part.name if said.part is not None else said.rule.op
        name = worded(f"{stem}_{said.rule.tensor}_{setting}")
        taken = names_of_base(self.bases[template]) | template.held
        return unused(f"init_{name}" if name[0].isdigit() else name, taken)

    def _name(self, name: str, template: Template) -> Name:
        """A variable that hides no argument and nothing that the file has."""
        wording = self.modules.wording
        return Name(unused(name, {*wording.taken, *(one.name for one in wording.parameters(template))}))

    # -- rules --------------------------------------------------------------------------------------------------------

    def _said(self, voice: Voice, said: Sequence[Said]) -> Iterator[Statement]:
        """What is said of one class: rules, those for what torch takes for something else too, then members."""
        rules = [one for one in said if one.part is None]
        asked = {(one.rule.op, one.rule.tensor) for one in rules}
        after = [one for one in rules if OPS[one.rule.op].known_as.get(one.rule.tensor) in asked]
        module = self._name("module" if voice.owner is SELF else "layer", voice.outer)
        for some in ([one for one in rules if one not in after], after):
            yield from _loop(module, voice.owner, self._branches(voice, module, some))
        yield from self._members(voice, [one for one in said if one.part is not None])

    def _branches(self, voice: Voice, module: Name, rules: Sequence[Said]) -> dict[Source, tuple[Statement, ...]]:
        """The class of an op's module -> what is done with one."""
        by_op: dict[str, list[Said]] = {}
        for said in rules:
            by_op.setdefault(said.rule.op, []).append(said)
        return {Global(OPS[op].module): self._filled(voice, said, module, OPS[op]) for op, said in by_op.items()}

    def _filled(self, voice: Voice, said: Sequence[Said], module: Source, op: type[Op]) -> tuple[Statement, ...]:
        """Fills the tensors of a module whose class a type checker knows."""
        if op.families:
            return self._families(voice, said, module)
        made: list[Statement] = []
        for one in said:
            tensor = Member(module, self._tensor(one))
            lacking = one in self.plan.optional or self._tensor(one) in op.may_lack
            test = Operation("!=", tensor, Literal(None)) if lacking else None
            when, run = self._statement(voice, one, tensor)
            made.append(_under(when, _under(test, run)))
        return _joined(made)

    def _families(self, voice: Voice, said: Sequence[Said], module: Source) -> tuple[Statement, ...]:
        """Fills all tensors of a kind, by how their names begin."""
        name, parameter = self._name("name", voice.outer), self._name("parameter", voice.outer)
        bodies: dict[Statement, tuple[str, ...]] = {}
        for one in said:
            body = _under(*self._statement(voice, one, parameter))
            bodies[body] = (*bodies.get(body, ()), self._tensor(one))
        chain: tuple[Statement, ...] = ()
        for body, kinds in reversed(bodies.items()):
            test = method(name, "startswith", Literal(kinds[0] if len(kinds) == 1 else kinds))
            chain = (If(test, (body,), otherwise=chain),)
        return (Loop((name.name, parameter.name), method(module, "named_parameters"), chain),)

    def _tensor(self, said: Said) -> str:
        rule, part = said.rule, said.part
        return own_name(part.sample, rule) if part is not None else rule.tensor

    def _statement(self, voice: Voice, said: Said, tensor: Source) -> tuple[Source | None, Statement]:
        """The author's condition, None for none, and `nn.init.normal_(tensor, std=0.02)`."""
        cls = INITIALISERS[said.rule.initialiser]
        settings = self._settings(voice, said)
        when = settings.pop(WHEN)
        defaults = cls.defaults()
        given = {
            name: value
            for name, value in settings.items()
            if not (name in defaults and isinstance(value, Literal) and value.value == defaults[name])
        }
        return None if when == Literal(True) else when, Run(cls.call(tensor, given))

    def _settings(self, voice: Voice, said: Said) -> dict[str, Source]:
        """The settings of an initialiser in the words of the class that says it."""
        settling, wording = self.settling, self.modules.wording
        if voice.owner is not SELF and sayable(settling, voice.outer, voice.template, said):
            found = settling.settings[voice.outer].later[said]
            return {name: wording.named(voice.outer, expr) for name, expr in found.items()}
        own = settling.settings[voice.template].starts[said]
        if voice.owner is SELF:
            return {name: wording.named(voice.template, expr) for name, expr in own.items()}
        return {
            name: expr
            if isinstance(expr, Literal)
            else Member(voice.owner, self._attribute(voice.template, said, name))
            for name, expr in own.items()
        }

    # -- members ------------------------------------------------------------------------------------------------------

    def _members(self, voice: Voice, said: Sequence[Said]) -> Iterator[Statement]:
        """Fills the tensors of members of a class."""
        template, there = voice.template, {one.part for one in said}
        attributes = not template.sequential and self.bases[template] == "nn.Module"
        whole = dict(self._lists(voice, said)) if attributes else {}
        for part, label in zip(template.parts, template.labels, strict=True):
            if part.share or there.isdisjoint(op_parts((part,))):
                continue
            if (name := next(iter(nested(label)), "")) in whole:
                yield from whole[name]
                whole[name] = ()
                continue
            named = attributes and label.isidentifier()
            at = Place(Member(voice.owner, part.name), typed=True) if named else Place(voice.owner, (label,))
            made = tuple(self._item(voice, said, part, at))
            if made and name:
                self.uneven.setdefault(template, set()).add(name)
            yield from made

    def _lists(self, voice: Voice, said: Sequence[Said]) -> Iterator[tuple[str, tuple[Statement, ...]]]:
        """The lists of a class of whose modules all is said alike, with a loop that says it."""
        layer, lists = self._name("layer", voice.outer), dict[str, dict[str, tuple[Statement, ...]]]()
        for part, label in zip(voice.template.parts, voice.template.labels, strict=True):
            if (way := nested(label)) and not part.share:
                lists.setdefault(way[0], {})[".".join(way[1:])] = tuple(self._item(voice, said, part, Place(layer)))
        for name, each in lists.items():
            first, whole = next(iter(each.values())), each.keys() == set(map(str, range(len(each))))
            if whole and len(each) > 1 and first and all(one == first for one in each.values()):
                yield name, (Loop((layer.name,), Member(voice.owner, name), first),)

    def _item(self, voice: Voice, said: Sequence[Said], part: Item, at: Place) -> Iterator[Statement]:
        """Fills the tensors of one member, whichever of several things it is, or of all inside a sequence."""
        if not isinstance(part, RunPart) and part.others and not at.several:
            of_one_kind = len({self._kind(voice.template, one) for one in (part, *part.others)}) <= len(part.others)
            if of_one_kind and voice.owner is SELF:  # the argument tells them apart, and no class does
                yield from self._by_tests(voice, said, part, at)
                return
            for one in (part, *part.others):
                yield from self._one(voice, said, one, replace(at, several=True))
        else:
            yield from self._one(voice, said, part, at)

    def _one(self, voice: Voice, said: Sequence[Said], part: Item, at: Place) -> Iterator[Statement]:
        match part:
            case OpPart():
                mine = [one for one in said if one.part is part]
                made = self._op(voice, mine, part, at) if mine else ()
            case SequencePart():
                made = tuple(self._sequence(voice, said, part, at))
            case RunPart():
                made = tuple(self._item(voice, said, part.item, at))
            case _:
                made = ()
        yield from made

    def _by_tests(self, voice: Voice, said: Sequence[Said], part: Part, at: Place) -> Iterator[Statement]:
        """Fills the tensors of whichever of several things a member is, by what the constructor asks to make it."""
        chain: tuple[Statement, ...] = ()
        options = zip(self.modules.wording.tests(voice.template, part), (part, *part.others), strict=True)
        for test, one in reversed(tuple(options)):
            made = tuple(self._one(voice, said, one, replace(at, typed=False, asked=True)))
            if test is None:
                chain = made
            elif made:
                chain = (If(test, made, otherwise=chain),)
            elif chain:
                chain = (If(opposite(test), chain),)
        yield from chain

    def _kind(self, template: Template, part: Part) -> str:
        """The class that a member is of, as far as the members of one place may have it in common."""
        match part:
            case OpPart():
                return part.sample.op.module
            case SequencePart():
                return self.modules.container_of(template, part)
        return part.name

    def _op(self, voice: Voice, said: Sequence[Said], part: OpPart, at: Place) -> tuple[Statement, ...]:
        op = type(part.sample.op)
        absent = at.several or (part in self.settling.settings[voice.template].conditions and not at.asked)
        if at.typed and not absent:
            return self._filled(voice, said, at.module, op)
        if not (absent or op.families or any(one in self.plan.optional for one in said)):
            made = (self._statement(voice, one, at.parameter(self._tensor(one))) for one in said)
            return _joined([_under(when, run) for when, run in made])
        if not at.names:
            return (_where(_is(at.module, Global(op.module)), self._filled(voice, said, at.module, op)),)
        layer = self._name("layer", voice.outer)
        body = self._filled(voice, said, layer, op)
        return (Assign((layer,), at.submodule()), _where(_is(layer, Global(op.module)), body))

    def _sequence(self, voice: Voice, said: Sequence[Said], part: SequencePart, at: Place) -> Iterator[Statement]:
        items = self.modules.registered(voice.template, part)
        made: list[Statement] = []
        if part.sample.definition.kind == "repeat":
            layer = self._name("layer" if at.names or at.typed else "inner", voice.outer)
            each = [tuple(self._item(voice, said, item, Place(layer))) for item, _ in items]
            counted = part in self.settling.settings[voice.template].counts  # an argument says how many
            several = counted or len(items) > 1 or isinstance(items[0][0], RunPart)
            if several and each[0] and all(one == each[0] for one in each):
                made.append(Loop((layer.name,), method(at.submodule(), "children"), each[0]))
        if not made:
            made = [one for item, label in items for one in self._item(voice, said, item, at.inside(label))]
        left_out = part in self.settling.settings[voice.template].conditions and not at.asked
        if made and (at.several or left_out):
            made = [If(_is(at.submodule(), Global(self._kind(voice.template, part))), tuple(made))]
        yield from made


def _is(module: Source, *kinds: Source) -> Source:
    return invoke("isinstance", module, kinds[0] if len(kinds) == 1 else Tuple(kinds))


def _loop(module: Name, owner: Source, bodies: Mapping[Source, tuple[Statement, ...]]) -> Iterator[Statement]:
    """A loop over all modules, with what is done with those of each class."""
    merged: dict[tuple[Statement, ...], list[Source]] = {}
    for kind, body in bodies.items():
        if body:
            merged.setdefault(body, []).append(kind)
    if not merged:
        return
    condition = _common(list(merged), module)
    chain: tuple[Statement, ...] = ()
    for body, kinds in reversed(merged.items()):
        inner = body if condition is None else _inside(body)
        chain = (replace(_where(_is(module, *kinds), inner), otherwise=chain),)
    loop = Loop((module.name,), method(owner, "modules"), chain)
    yield loop if condition is None else If(condition, (loop,))


def _common(bodies: Sequence[tuple[Statement, ...]], module: Name) -> Source | None:
    """The condition under which everything stands, asked once before a loop; None where there is no such one."""
    tests = {
        body[0].condition if len(body) == 1 and isinstance(body[0], If) and not body[0].otherwise else None
        for body in bodies
    }
    test = tests.pop() if len(tests) == 1 else None
    return test if test is not None and module not in walk(test) else None


def _inside(body: tuple[Statement, ...]) -> tuple[Statement, ...]:
    return body[0].body if isinstance(body[0], If) else body


def _where(test: Source, body: tuple[Statement, ...]) -> If:
    """`if test: body`; one condition more that all of it stands under is asked with it."""
    match body:
        case (If(start=(), otherwise=()) as inner,):
            return If(Operation("and", test, inner.condition), inner.body)
    return If(test, body)


def _under(test: Source | None, statement: Statement) -> Statement:
    return statement if test is None else If(test, (statement,))


def _joined(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Statements with those under one condition in a row put under it together."""
    made: list[Statement] = []
    for one in statements:
        last = made[-1] if made else None
        if isinstance(one, If) and isinstance(last, If) and one.condition == last.condition:
            made[-1] = If(one.condition, _joined((*last.body, *one.body)))
        else:
            made.append(one)
    return tuple(made)
