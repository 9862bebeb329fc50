"""Through: comprehensions that go through lists and not through numbers, where they need the items only.

Stage(([3] + widths)[i], widths[i]) for i in range(len(widths))

Stage(in_channels, width) for in_channels, width in zip((3, *widths), widths)
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import cast

from archspec.code.program import Attribute, Class, Construct, Container, Entry, Held, Module
from archspec.code.tabled import tabled
from archspec.code.trees import parts_of, rebuilt, substituted
from archspec.language.expression.symbolic import simplify
from archspec.language.names import singular, unused
from archspec.values.dataclass import dataclass
from archspec.values.expression import Binary, Call, Conditional, Expr, Index, List, Literal, Name, Slice
from archspec.values.source import Source, Tuple, Unpacked, invoke

NUMBER = Name("i")


def with_lists(one: Class, taken: AbstractSet[str]) -> Class:
    """A class whose comprehensions go through lists where they can; `taken` are names that no variable may have."""

    def change(node: object) -> object:
        if isinstance(node, Entry) and node.times is not None and node.indexed and node.over is None:
            return _through(node, taken)
        if isinstance(node, Container) and node.numbered and node.target != "nn.ModuleDict":
            node = replace(node, entries=tabled(node.entries, taken))
        return rebuilt(node, change)

    if one.base in ("nn.Sequential", "nn.ModuleList"):
        one = replace(one, entries=tabled(one.entries, taken))
    attributes = cast("tuple[Attribute | Held, ...]", change(one.attributes))
    return replace(one, attributes=attributes, entries=cast("tuple[Entry, ...]", change(one.entries)))


@dataclass(frozen=True, slots=True)
class _Read:
    """What a part reads of a list by its number.

    Attributes:
        item: the expression.
        owner: the list.
        ahead: how far ahead of the number of the part it reads.
        first: what the first part reads instead, of a list that is read one behind; None of others.
    """

    item: Expr
    owner: Name
    ahead: int
    first: Expr | None = None


def _through(entry: Entry, taken: AbstractSet[str]) -> Entry:
    """An entry that goes through lists; the same by its number where these may have other lengths."""
    reads = list(_reads(entry.module))
    stop = simplify(Binary("+", cast(Expr, entry.times), Literal(entry.start)))
    main = next((one.owner for one in reads if _ahead_of_length(stop, one.owner) is not None), None)
    windows = {one: made for one in reads if (made := _window(one, main, stop, entry)) is not None}
    if not entry.label.isdigit():  # its names have the numbers
        windows.clear()
    if not windows or not isinstance(entry.module, Construct) or not _bounded(windows, main):
        return replace(entry, module=_plain(entry.module, reads))
    taken = {*taken, *(part.name for part in parts_of(entry.module) if isinstance(part, Name))}
    variables: dict[object, object] = {}
    for one in windows:
        name = _called(entry.module, one, taken)
        taken.add(name)
        variables[one.item] = Name(name)
    module = _plain(cast(Module, substituted(entry.module, variables)), reads)
    over, called = _over(windows, main), ", ".join(cast(Name, name).name for name in variables.values())
    if NUMBER in parts_of(module):
        start = {"start": Literal(entry.start)} if entry.start else {}
        over = invoke("enumerate", over, **start)
        called = f"i, {called}" if len(windows) == 1 else f"i, ({called})"
    return replace(entry, module=module, over=over, variables=called)


def _reads(module: Module) -> Iterator[_Read]:
    """What a module reads by the number of its part, each once."""
    for part in dict.fromkeys(one for one in parts_of(module) if isinstance(one, Index)):
        match part:
            case Index(Name() as owner, Name("i")):
                yield _Read(part, owner, 0)
            case Index(Name() as owner, Binary("+" | "-" as sign, Name("i"), Literal(int() as ahead))):
                yield _Read(part, owner, ahead if sign == "+" else -ahead)
            case Index(Binary("+", List((first,)), Name() as owner), Name("i")):
                yield _Read(part, owner, -1, first)
            case Index(Binary("+", Literal((value,)), Name() as owner), Name("i")):
                yield _Read(part, owner, -1, Literal(value))


def _ahead_of_length(stop: Expr, owner: Name) -> int | None:
    """How far an end lies behind that of a list: -1 for `len(widths) - 1`; None where it does not follow from that."""
    match stop:
        case Call("len", (Name() as same,)) if same == owner:
            return 0
        case Binary("+" | "-" as sign, Call("len", (Name() as same,)), Literal(int() as more)) if same == owner:
            return more if sign == "+" else -more
    return None


def _window(one: _Read, main: Name | None, stop: Expr, entry: Entry) -> Source | None:
    """The items of a list that the parts read; None where it may be shorter than there are parts."""
    beyond = _ahead_of_length(stop, main) if main is not None else None
    if main is None or beyond is None:
        return None
    start = entry.start + one.ahead
    whole = not (entry.start or beyond) and (one.owner == main or one.owner.name in entry.even)
    if one.first is not None:
        return Tuple((one.first, Unpacked(one.owner))) if whole else None
    if one.owner != main:
        return one.owner if whole and not one.ahead else None
    end = beyond + one.ahead
    if start < 0 or end > 0:
        return None
    return Slice(one.owner, Literal(start) if start else None, Literal(end) if end else None) if start or end else main


def _bounded(windows: Mapping[_Read, Source], main: Name | None) -> bool:
    """Whether one of the lists has no more items than there are parts."""
    return any(one.owner == main and one.first is None for one in windows)


def _over(windows: Mapping[_Read, Source], main: Name | None) -> Source:
    """What the comprehension goes through; lists that might have other lengths have to have one."""
    strict = any(one.owner != main for one in windows)
    over = [
        Tuple((one.first, Unpacked(Slice(one.owner, None, Literal(-1))))) if strict and one.first is not None else made
        for one, made in windows.items()
    ]
    if len(over) == 1:
        return over[0]
    if not strict and any(_is_open(one) for one in over):  # a zip ends where the first of them does
        over = [_opened(one) for one in over]
    return invoke("zip", *over, **({"strict": Literal(True)} if strict else {}))


def _is_open(over: Source) -> bool:
    return not isinstance(over, Slice) or over.stop is None


def _opened(over: Source) -> Source:
    """A part of a list up to its end."""
    if isinstance(over, Slice):
        return over.owner if over.start is None else Slice(over.owner, over.start, None)
    return over


def _plain(module: Module, reads: Sequence[_Read]) -> Module:
    """A module with `widths[i - 1] if i else 3` for what the first part reads instead."""
    said: dict[object, object] = {
        one.item: Conditional(NUMBER, Index(one.owner, Binary("-", NUMBER, Literal(1))), one.first)
        for one in reads
        if one.first is not None
    }
    return cast(Module, substituted(module, said)) if said else module


def _called(made: Construct, one: _Read, taken: AbstractSet[str]) -> str:
    """What the variable of an item is called: as what is given it, else one of the list."""
    given = (*zip(made.called, made.args, strict=False), *made.keywords)
    names_of = [name for name, value in given if value == one.item]
    wanted = [*names_of, singular(one.owner.name), "channels" if one.first is not None else "out_channels", "item"]
    return next((name for name in wanted if name and name not in taken), None) or unused(wanted[-1], taken)
