"""Modules: what a constructor does, from the modules, parameters and buffers that a class has.

    Attribute("conv", Construct(nn.Conv2d, (3, 64, 7), stride=2))

    self.conv = nn.Conv2d(3, 64, 7, stride=2)

Entries of a container that may be missing are put into a list first:

    layers: list[nn.Module] = [nn.Linear(64, 10)]
    if dropout:
        layers.append(nn.Dropout())
    self.head = nn.Sequential(*layers)
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from archspec.code.layout import INDENT, WIDTH
from archspec.code.locals import with_locals
from archspec.code.naming import UNREAD
from archspec.code.program import (
    Assign,
    Attribute,
    Class,
    Construct,
    Container,
    Entry,
    Held,
    If,
    Loop,
    Module,
    OneOf,
    Run,
    Statement,
    join_tests,
)
from archspec.code.resets import RESET
from archspec.code.through import with_lists
from archspec.language.expression.symbolic import simplify
from archspec.language.names import unused
from archspec.values.expression import Binary, Expr, Global, Literal, Name
from archspec.values.printing import text
from archspec.values.source import (
    SELF,
    Choice,
    Comprehension,
    Invoke,
    Listing,
    Mapping,
    Member,
    Numbered,
    Source,
    Tuple,
    Unpacked,
    invoke,
    method,
)

_IDENTITY = invoke("nn.Identity")
DEPTH = 2  # of the statements of a constructor
SHORT = 2  # things of which a part is one, that an expression tells apart


def constructor(one: Class, names: frozenset[str]) -> tuple[Statement, ...]:
    """The statements of `__init__`, whose variables hide none of `names`, which the file has."""
    taken = names | {parameter.name for parameter in one.parameters}
    one = with_lists(one, taken)
    first = [_super_call()] if one.base == "nn.Module" else []
    return (*first, *one.required, *with_locals(one, taken, lambda made: _members(made, taken)))


def _members(one: Class, taken: frozenset[str]) -> Iterator[Statement]:
    """The statements for what a class has; a container hands it to its base."""
    yield from (Assign((Name(name),), value) for name, value in one.variables)
    if one.base != "nn.Module":
        yield from _base_call(one, taken)
    yield from (Assign((Member(SELF, name),), value) for name, value in one.stored)
    made: list[Statement] = []
    for attribute in one.attributes:
        made.extend(_attribute(attribute, taken))
        join_tests(made)  # `nn.Identity` draws nothing, so what is there on one condition is made under one
    yield from made
    if one.resets:
        yield Run(method(SELF, RESET))
    yield from (*one.inits, *one.after)
    yield from one.ties


def _super_call(*given: Source) -> Run:
    return Run(method(invoke("super"), "__init__", *given))


def _base_call(one: Class, taken: frozenset[str]) -> Iterator[Statement]:
    """`super().__init__(...)` of a class that is a container itself."""
    if one.base == "nn.ModuleDict":
        yield _super_call(Mapping(tuple((Literal(entry.label), _choice(entry)) for entry in one.entries)))
    elif any(map(_is_added, one.entries)):
        layers = Name(unused("layers", taken))
        yield from _appended(layers, one.entries)
        yield _super_call(Unpacked(layers))
    else:
        given = tuple(map(_entry, one.entries))
        yield _super_call(*((Listing(given),) if one.base == "nn.ModuleList" else given))


def _attribute(attribute: Attribute | Held, taken: frozenset[str]) -> Iterator[Statement]:
    target = Member(SELF, attribute.name)
    if isinstance(attribute, Held):
        yield _held(attribute, target)
        return
    module, condition = attribute.module, attribute.condition
    if attribute.added:
        made = _choice(Entry(attribute.name, module, None, condition))
        yield Run(method(SELF, "add_module", Literal(attribute.name), made))
    elif isinstance(module, OneOf) and not _is_short(module):
        yield from _asked(target, module)
    elif condition is not None:
        yield from _perhaps(target, condition, _module(module))
    elif isinstance(module, Container) and any(map(_is_added, module.entries)):
        layers = Name(unused(attribute.name, taken))
        yield from _appended(layers, module.entries)
        yield Assign((target,), Invoke(Global(module.target), (Unpacked(layers),)))
    else:
        yield Assign((target,), _module(module), annotation="Any" if attribute.untyped else "")


def _perhaps(target: Source, condition: Source, module: Source) -> Iterator[Statement]:
    """What is there on a condition: an expression where that fits on the line, else what is written over."""
    either = Assign((target,), Choice(condition, module, _IDENTITY))
    if len(f"{text(target)} = {text(either.value)}") <= WIDTH - len(INDENT) * DEPTH:
        yield either
    else:
        start = Assign((target,), _IDENTITY, annotation="nn.Module")
        yield If(condition, (Assign((target,), module),), (start,))


def _held(held: Held, target: Source) -> Statement:
    if held.kind == "parameter":
        tensor = invoke("nn.Parameter", held.tensor)
        if held.hidden:
            return Run(method(SELF, "register_parameter", Literal(held.name), tensor))
        return Assign((target,), tensor)
    kept: dict[str, Source] = {} if held.persistent else {"persistent": Literal(False)}
    return Run(method(SELF, "register_buffer", Literal(held.name), held.tensor, **kept))


def _appended(layers: Name, entries: Sequence[Entry]) -> Iterator[Statement]:
    """The statements that make a list of entries of which some are there on a condition."""
    position = next(i for i, entry in enumerate(entries) if _is_added(entry))
    yield Assign((layers,), Listing(tuple(map(_entry, entries[:position]))), annotation="list[nn.Module]")
    yield from _appended_to(layers, entries[position:])


def _appended_to(layers: Name, entries: Sequence[Entry]) -> Iterator[Statement]:
    """The statements that add entries to a list, those that may be missing on their conditions."""
    for condition, group in groupby(entries, key=lambda entry: entry.condition if entry.dropped else None):
        run = tuple(replace(entry, condition=None, dropped=False) if condition else entry for entry in group)
        more = tuple(_added(layers, run))
        yield from (If(condition, more),) if condition is not None else more


def _is_added(entry: Entry) -> bool:
    """Whether a statement adds an entry to a list: one that may be missing, or the layers of several modules."""
    return entry.dropped or (entry.unpacked and entry.times is not None)


def _added(layers: Name, entries: Sequence[Entry]) -> Iterator[Statement]:
    """The statements that add entries to a list, which are there on no condition."""
    for alone, group in groupby(entries, key=lambda entry: entry.unpacked):
        run = tuple(group)
        if alone:
            for entry in run:
                yield from _unpacked(layers, entry)
        elif len(run) == 1 and run[0].times is None:
            yield Run(method(layers, "append", _choice(run[0])))
        else:
            made = (_run(run[0]),) if len(run) == 1 else tuple(map(_entry, run))
            yield Assign((layers,), Listing(made), operator="+=")


def _unpacked(layers: Name, entry: Entry) -> Iterator[Statement]:
    """The statements that add the layers of a module, once or in a loop."""
    if isinstance(entry.module, Container):
        yield from _appended_to(layers, entry.module.entries)
        return
    more = Assign((layers,), _module(entry.module), operator="+=")
    yield more if entry.times is None else Loop((_variable(entry),), _over(entry), (more,))


def _is_short(one: OneOf) -> bool:
    """Whether an expression says it: one thing or another, each of which is made by a call."""
    tests = [test for test, _ in one.options]
    made = all(isinstance(module, Construct) for _, module in one.options)
    return made and len(tests) == SHORT and tests[-1] is None


def _asked(target: Source, one: OneOf) -> Iterator[Statement]:
    """`if`, `elif` and `else`, each of which sets the module."""
    *most, (last, module) = one.options
    if last is not None:
        yield Assign((target,), _IDENTITY, annotation="nn.Module")
    said = "" if last is not None else "nn.Module"  # the first that is set says the type of all
    made: tuple[Statement, ...] = (Assign((target,), _module(module)),)
    if last is not None:
        made = (If(last, made),)
    for test, option in reversed(most):
        first = option is most[0][1]
        if test is not None:
            body = Assign((target,), _module(option), annotation=said if first else "")
            made = (If(test, (body,), (), made),)
    yield from made


def _one_of(one: OneOf) -> Source:
    *most, (test, module) = one.options
    made = _module(module) if test is None else Choice(test, _module(module), _IDENTITY)
    for before, option in reversed(most):
        made = Choice(before, _module(option), made) if before is not None else _module(option)
    return made


def _module(module: Module) -> Source:
    if isinstance(module, OneOf):
        return _one_of(module)
    if isinstance(module, Construct):
        made: Source = Invoke(module.target, module.args, module.keywords)
        made = method(made, "get_submodule", Literal(module.part)) if module.part else made
        return invoke(module.around, made) if module.around else made
    entries, target = module.entries, Global(module.target)
    if module.target == "nn.ModuleDict" and all(entry.times is None for entry in entries):
        return Invoke(target, (Mapping(tuple((Literal(entry.label), _choice(entry)) for entry in entries)),))
    if not module.numbered:
        return Invoke(target, (_named(entries),))
    if module.target == "nn.Sequential":
        return Invoke(target, tuple(map(_entry, entries)))
    if len(entries) == 1 and entries[0].times is not None:
        return Invoke(target, (_run(entries[0]),))
    return Invoke(target, (Listing(tuple(map(_entry, entries))),))


def _named(entries: Sequence[Entry]) -> Source:
    """Named entries as an `OrderedDict`."""
    if len(entries) == 1 and entries[0].times is not None:
        return invoke("OrderedDict", _named_run(entries[0]))
    if all(entry.times is None and entry.label.isidentifier() for entry in entries):
        return invoke("OrderedDict", **{entry.label: _choice(entry) for entry in entries})
    pairs: list[Source] = [
        Unpacked(_named_run(entry)) if entry.times is not None else Tuple((Literal(entry.label), _choice(entry)))
        for entry in entries
    ]
    return invoke("OrderedDict", Listing(tuple(pairs)))


def _entry(entry: Entry) -> Source:
    return Unpacked(_run(entry)) if entry.times is not None else _choice(entry)


def _run(entry: Entry) -> Comprehension:
    """`Layer() for _ in range(6)`."""
    return Comprehension(_module(entry.module), _variable(entry), _over(entry))


def _variable(entry: Entry) -> str:
    return entry.variables if entry.indexed else UNREAD


def _over(entry: Entry) -> Source:
    """What a run goes through, which are its numbers, or how many there are where nothing reads them."""
    if entry.over is not None:
        return entry.over
    return invoke("range", *(_range(entry) if entry.indexed else (_times(entry),)))


def _named_run(entry: Entry) -> Comprehension:
    """`(f"layer{i}", Layer()) for i in range(6)`, the numbers in the names counted on from the first."""
    stem = entry.label.rstrip("0123456789")
    ahead = int(entry.label[len(stem) :]) - entry.start
    number = Binary("+" if ahead > 0 else "-", Name("i"), Literal(abs(ahead)))
    pair = Tuple((Numbered(stem, simplify(number)), _module(entry.module)))
    return Comprehension(pair, "i", invoke("range", *_range(entry)))


def _times(entry: Entry) -> Expr:
    return entry.times if entry.times is not None else Literal(1)


def _range(entry: Entry) -> tuple[Expr, ...]:
    """The arguments of `range` over the numbers of a run."""
    if not entry.start:
        return (_times(entry),)
    return Literal(entry.start), simplify(Binary("+", _times(entry), Literal(entry.start)))


def _choice(entry: Entry) -> Source:
    made = _module(entry.module)
    if entry.condition is None:
        return Unpacked(made) if entry.unpacked else made
    if entry.dropped:
        return Unpacked(Choice(entry.condition, Listing((made,)), Listing(())))
    return Choice(entry.condition, made, _IDENTITY)
