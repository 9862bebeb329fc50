"""Joined: one class for all uses of a block of any number of inputs, where there is one for each number.

    class Fuse2(nn.Module):
        def __init__(self, a_channels: int, b_channels: int) -> None:
            self.brought = nn.ModuleList([Bring(a_channels, 0), Bring(b_channels, 1)])

        def forward(self, maps_0: Tensor, maps_1: Tensor) -> Tensor:
            return torch.cat([self.brought[0](maps_0), self.brought[1](maps_1)], 1)

    class Fuse(nn.Module):
        def __init__(self, channels: tuple[int, ...]) -> None:
            self.brought = nn.ModuleList(Bring(channels[i], i) for i in range(len(channels)))

        def forward(self, *maps: Tensor) -> Tensor:
            return torch.cat([block(x) for block, x in zip(self.brought, maps)], 1)

What the class for the largest number does is said for any. Said for each of the numbers again, that has to be the class
of that number, but for the names of values; else each number keeps its class. So does a single number whose class does
nothing for each of three values or more.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import reduce
from itertools import takewhile
from typing import cast

from archspec.code.lifting import DEEPEST, ENOUGH, NUMBER, Differs, Lifter, expanded, inlined, is_listed
from archspec.code.program import Assign, Attribute, Class, Construct, Container, Docstring, Entry, Held, Parameter
from archspec.code.registration import POSITIONAL
from archspec.code.rows import Rows, lowered
from archspec.code.trees import nesting, ordered, parts_of, rebuilt, substituted, summed
from archspec.diagnostics.diagnostic import Span
from archspec.language.expression.symbolic import simplify
from archspec.language.names import unused
from archspec.values.dataclass import dataclass
from archspec.values.expression import Binary, Call, Expr, Global, Index, Literal, Name
from archspec.values.source import Source, Tuple


@dataclass(frozen=True, slots=True)
class Numbered:
    """The class of a block for one number of values.

    Attributes:
        made: it.
        count: how many values its last input stands for.
        called: what the author calls them.
        sizes: parameters that are a size of one of them -> the number of that one.
        noun: what these sizes are: `channels`.
        doc: its docstring where they are told together.
    """

    made: Class
    count: int
    called: str
    sizes: Mapping[str, int]
    noun: str
    doc: Docstring

    @property
    def values(self) -> tuple[str, ...]:
        """What `forward` calls them."""
        return self.made.inputs[len(self.made.inputs) - self.count :]

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters of its constructor that are no size of them."""
        return tuple(one for one in self.made.parameters if one.name not in self.sizes)


def joined(
    classes: Sequence[Class], blocks: Mapping[Span, Sequence[Numbered]], taken: frozenset[str]
) -> tuple[tuple[Class, ...], frozenset[Span], dict[Span, Mapping[str, bool]]]:
    """Classes, those of one block as one where that is right, the blocks where it is not, and the lists of the others.

    Of the lists of a block are given the values that the largest number has in them, and whether they are deleted.

    Args:
        classes: each after those that it uses.
        blocks: where a block of any number of inputs is written -> its classes, in the order of `classes`.
        taken: the names of the file.
    """
    made = {one.name: one for one in classes}
    apart, lists = set[Span](), dict[Span, Mapping[str, bool]]()
    for span, block in blocks.items():
        group = [replace(one, made=made[one.made.name]) for one in block]
        names = {one.made.name: one for one in group}
        try:
            if any(_is_named_otherwise(one, names) for one in made.values()):
                raise Differs
            join = _Join(group, taken)
            whole = join.whole()
        except Differs:
            apart.add(span)
            continue
        first, lists[span] = group[0].made.name, join.lists
        kept = {name: one for name, one in made.items() if name == first or name not in names}
        kept[first] = whole
        made = {name: cast(Class, join.calling(one, names)) for name, one in kept.items()}
    return tuple(made.values()), frozenset(apart), lists


class _Join:
    """Joins the classes of one block. Raises Differs where they are not one."""

    def __init__(self, group: Sequence[Numbered], taken: frozenset[str]) -> None:
        if any(nesting(part) > DEEPEST for one in group for part in (*one.made.forward, *one.made.attributes)):
            raise Differs  # a sum of so many values that it is no expression for functions that call themselves
        group = [replace(one, made=cast(Class, _as_written(one.made))) for one in group]
        self.group = sorted(group, key=lambda one: one.count)
        self.largest = largest = self.group[-1]
        several = len(group) > 1 or largest.count >= ENOUGH
        if len({one.count for one in group}) != len(group) or any(map(_says_more, group)) or not several:
            raise Differs
        if any(one.parameters != largest.parameters or one.made.resets != largest.made.resets for one in group):
            raise Differs
        given = {frozenset(one.sizes.values()) == frozenset(range(one.count)) for one in group}
        self.each = given == {True} and largest.count > 1  # the constructor takes a size of each
        if not self.each and len({frozenset(one.sizes.values()) for one in group}) > 1:
            raise Differs
        if not self.each and len(largest.sizes) > 1:
            raise Differs
        self.of_file = taken
        used = {*taken, *(one.name for one in largest.parameters), *largest.made.inputs}
        self.size = unused(largest.noun, used) if largest.sizes else ""
        self.count = unused(f"num_{largest.called}", used)
        self.counts: Expr = Call("len", (Name(self.size),)) if self.each else Name(self.count)
        self.taken = frozenset(used)

    def whole(self) -> Class:
        """The one class."""
        made = self.attributes()
        for one in self.group:
            wanted = tuple(expanded(self.renamed(each, one)) for each in one.made.attributes)
            if ordered(self.said(made, one)) != ordered(wanted):
                raise Differs
        rows = self.rows()
        self.lists = rows.lists
        largest = self.largest.made
        comments = frozenset.intersection(*(frozenset(_comments(one.made)) for one in self.group))
        self.name, self.takes = min((one.made.name for one in self.group), key=len), self.parameters(made)
        return replace(
            largest,
            name=self.name,
            doc=self.largest.doc,
            parameters=self.takes,
            attributes=made,
            inputs=(*largest.inputs[: len(largest.inputs) - self.largest.count], f"*{self.largest.called}"),
            forward=rows.printed(self.taken | {self.size, self.count}, comments),
            result="tuple[Tensor, ...]" if rows.gives_several else largest.result,
        )

    def rows(self) -> Rows:
        """The forward pass for any number of values, in which a number may be how many there are."""
        largest = self.largest
        for counted in (False, True):
            rows = Rows(largest.made.forward, largest.values, largest.called, self.of_file, counted=counted)
            if len(self.group) == 1 and (counted or not rows.has_row):
                break
            if all(lowered(rows, one.values) == inlined(one.made.forward) for one in self.group):
                return rows
        raise Differs

    # -- constructors -----------------------------------------------------------------------------------------------

    def attributes(self) -> tuple[Attribute | Held, ...]:
        """What the class for the largest number has, for any number."""
        made = self.lifted(self.largest)
        below = self.group[-2] if len(self.group) > 1 else self.largest
        if below.count in (1, self.largest.count):
            return made
        return cast("tuple[Attribute | Held, ...]", self.counted(made, self.lifted(below), below.count))

    def lifted(self, one: Numbered) -> tuple[Attribute | Held, ...]:
        """What a class has: lists of as many modules as there are values are made by a comprehension."""
        names = tuple(sorted(one.sizes, key=one.sizes.__getitem__))
        several = {self.size: names} if self.each else {}
        lifter = Lifter(one.count, several, lambda name: Index(Name(name), NUMBER))
        lifter.number = NUMBER
        made = []
        for attribute in one.made.attributes:
            whole = expanded(self.renamed(attribute, one))
            if isinstance(whole, Attribute) and is_listed(whole):
                container = cast(Container, whole.module)
                if len(container.entries) == one.count and one.count > 1:
                    module = lifter.row([entry.module for entry in container.entries])
                    indexed = any(part == NUMBER for part in parts_of(module))
                    entry = Entry("0", module, self.counts, indexed=indexed)  # type: ignore[arg-type]  # a module stays one
                    whole = replace(whole, module=replace(container, entries=(entry,)))
            if self.each:
                whole = cast(Attribute, substituted(whole, {Tuple(tuple(map(Name, names))): Name(self.size)}))
                whole = cast(Attribute, summed(whole, names, Call("sum", (Name(self.size),))))
            made.append(whole)
        return tuple(made)

    def renamed(self, attribute: Attribute | Held, one: Numbered) -> Attribute | Held:
        """What a class has, where a size that it takes of one value only has the name that it has in the whole."""
        if self.each or not one.sizes:
            return attribute
        return cast(Attribute, substituted(attribute, {Name(name): Name(self.size) for name in one.sizes}))

    def counted(self, one: object, other: object, count: int) -> object:
        """What is said for the largest number and for another one, with numbers that follow from how many there are."""
        if one == other:
            return one
        if isinstance(one, Literal) and isinstance(other, Literal) and type(one.value) is type(other.value) is int:
            slope, rest = divmod(int(one.value) - int(other.value), self.largest.count - count)
            start = one.value - slope * self.largest.count
            if rest or (len(self.group) < ENOUGH and (slope, start) != (1, 0)):
                raise Differs  # two numbers are no evidence of a rule
            whole = simplify(Binary("*", Literal(slope), self.counts))
            return simplify(Binary("+", whole, Literal(start)))
        if type(one) is not type(other):
            raise Differs
        if isinstance(one, tuple) and len(one) == len(cast("tuple[object, ...]", other)):
            both = zip(one, cast("tuple[object, ...]", other), strict=True)
            return tuple(self.counted(a, b, count) for a, b in both)
        if isinstance(one, Literal) or not is_dataclass(one) or isinstance(one, type):
            raise Differs
        pairs = {field.name: (getattr(one, field.name), getattr(other, field.name)) for field in fields(one)}
        return type(one)(**{name: self.counted(*pair, count) for name, pair in pairs.items()})

    def said(self, attributes: tuple[Attribute | Held, ...], one: Numbered) -> tuple[Attribute | Held, ...]:
        """What the one class has where there are as many values as in `one`."""
        known: dict[object, object] = {self.counts: Literal(one.count)}
        of: dict[object, object] = {}
        if self.each:
            of = {Index(Name(self.size), Literal(number)): Name(name) for name, number in one.sizes.items()}
        names: tuple[Expr, ...] = tuple(map(Name, sorted(one.sizes, key=one.sizes.__getitem__)))
        if self.each:
            known[Call("sum", (Name(self.size),))] = reduce(lambda a, b: Binary("+", a, b), names)
        made = []
        for attribute in attributes:
            whole = expanded(cast(Attribute, substituted(attribute, known)))
            whole = cast(Attribute, substituted(whole, of))
            made.append(cast(Attribute, substituted(whole, {Name(self.size): Tuple(names)})) if self.each else whole)
        return tuple(made)

    def parameters(self, attributes: tuple[Attribute | Held, ...]) -> tuple[Parameter, ...]:
        """What the constructor takes: the sizes as one, and how many there are where nothing else says it."""
        made: list[Parameter] = []
        for one in self.largest.made.parameters:
            if one.name not in self.largest.sizes:
                made.append(one)
            elif all(other.name != self.size for other in made):
                made.append(replace(one, name=self.size, type="tuple[int, ...]" if self.each else one.type))
        if any(part == Name(self.count) for part in parts_of(attributes)):
            at = sum(one.default is None for one in made)
            made.insert(at, Parameter(self.count, "int", None, self.count))
        return tuple(made)

    # -- calls of constructors --------------------------------------------------------------------------------------

    def calling(self, node: object, names: Mapping[str, Numbered]) -> object:
        """A class that makes the one class where it made one of the group. Recursive over the nesting."""
        made = rebuilt(node, lambda part: self.calling(part, names))
        if isinstance(made, Construct) and isinstance(made.target, Global) and made.target.name in names:
            return self.call(made, names[made.target.name])
        return made

    def call(self, made: Construct, one: Numbered) -> Construct:
        """The same where it makes one instance."""
        order = [parameter.name for parameter in one.made.parameters]
        given = {**dict(zip(order, made.args, strict=False)), **dict(made.keywords)}
        required = [one for one in self.takes if one.default is None]
        plain = {one.name for one in takewhile(lambda one: one.type != "bool", required[:POSITIONAL])}
        sizes = sorted(one.sizes, key=one.sizes.__getitem__)
        args: list[Source] = []
        keywords: list[tuple[str, Source]] = []
        for parameter in self.takes:
            name = parameter.name
            if name == self.count:
                keywords.append((name, Literal(one.count)))
            elif name == self.size:
                values = tuple(given[size] for size in sizes)
                args.append(Tuple(values) if self.each else values[0])
            elif name in plain and not keywords:
                args.append(given[name])
            elif name in given:
                keywords.append((name, given[name]))
        return replace(made, target=Global(self.name), args=tuple(args), keywords=tuple(keywords))


def _as_written(node: object) -> object:
    """A class whose modules have what is written of them only, and no defaults beside that."""
    made = rebuilt(node, _as_written)
    return replace(made, whole=()) if isinstance(made, Construct) else made


def _says_more(one: Numbered) -> bool:
    """Whether a class has more than parts and a forward pass."""
    made = one.made
    more = (
        made.stored,
        made.inits,
        made.ties,
        made.lets,
        made.variables,
        made.after,
        made.sizes,
        made.entries,
    )
    return made.base != "nn.Module" or any(more) or not made.forward


def _comments(made: Class) -> Iterator[tuple[object, str]]:
    """What is assigned to in a class, each with its comment."""
    return ((one.targets, one.comment) for one in made.forward if isinstance(one, Assign))


def _is_named_otherwise(made: Class, names: Collection[str]) -> bool:
    """Whether a class reads one of `names` other than to make an instance."""
    read = sum(isinstance(part, Global) and part.name in names for part in parts_of(made))
    calls = (part.target for part in parts_of(made) if isinstance(part, Construct))
    return read != sum(isinstance(target, Global) and target.name in names for target in calls)
