"""Dimensions: the shapes of a class's values, in its own names.

    (N, 4 * width, H / 2, W / 2)      a block whose uses differ in width, height and what they are given
    (N, 256, 28, 28)                  one that is used once
    (N, context, 768)                 one that is given what follows from an argument of the network

A dimension is what the class has for it: the constructor's argument that it follows from. Else it is what the network's
own arguments say it is, which class takes them or not; else a number where all uses agree on it and no argument has a
say in it; else what it is of an input's, which letters stand for, `H / stride`. N is the batch.
"""

from collections.abc import Iterator, Mapping, Sequence

from archspec.code.followed import Followed, Sizes, names_of
from archspec.code.input_sizes import size_name
from archspec.code.parts import Template, members
from archspec.code.settings import Settling
from archspec.code.wording import Wording
from archspec.graph.graph import Local, Ref
from archspec.language.expression.symbolic import names, size, substitute
from archspec.values.dataclass import dataclass
from archspec.values.expression import Binary, Expr, Literal, Name
from archspec.values.printing import text
from archspec.values.shape import Shape

MOST_KINDS = 2  # shapes of different numbers of dimensions that a docstring says one by one
LONGEST = 5  # nodes of an expression beyond which a number, or a letter, says more
LONGEST_TOLD = 7  # the same in a docstring, for arguments only: `n1x1 + n3x3 + n5x5 + proj` says more than `C'`
PLAIN = {1: ("C",), 2: ("L", "C"), 3: ("C", "H", "W"), 4: ("C", "D", "H", "W")}
SIGNAL = ("C", "L")  # what one-dimensional convolutions read and give, of two dimensions too
TOKENS = {**PLAIN, 3: ("H", "L", "C")}  # heads, tokens and features, of a network that is given no image
LAST = {**PLAIN, 3: ("H", "W", "C"), 4: ("D", "H", "W", "C")}  # with the channels last


@dataclass(frozen=True, slots=True)
class _Letter:
    """A size of an input: its name in the template, what it is called, its place, and its value in each use.

    `letter` is the one that people have for such a dimension, whatever it is called here.
    """

    name: str
    called: Expr
    letter: str
    input: int
    axis: int
    rank: int
    values: tuple[int, ...]


class Dimensions:
    """The dimensions of one class.

    Args:
        settling: the settings of all classes.
        wording: their names.
        template: the class.
    """

    def __init__(self, settling: Settling, wording: Wording, template: Template) -> None:
        self.settling, self.template = settling, template
        self.network, self.own = settling.network, settling.settings[template]
        rename = wording.renames[template]
        self.said: dict[str, Expr] = {name: Name(rename.get(name, name)) for name in self.own.parameters}
        self.around = (settling.ordered[-1], *(members(settling.ordered) if settling.varied else ()))
        self.examples: set[str] = set()  # sizes of inputs that stay what they are at the size that is shown
        self.letters: list[_Letter] = []
        read = (self.own.dims.get(Local(name), ()) for name in template.definition.inputs)
        self.given = names_of(tuple(one for sizes in read for one in sizes))  # by which the inputs' sizes are said
        for k, name in enumerate(template.definition.inputs):
            self._name_sizes(k, self.input(k), self.own.dims.get(Local(name), ()))

    def input(self, k: int) -> list[Ref]:
        """What an input reads in every use."""
        name = self.template.definition.inputs[k]
        return [use.inputs[k] if use.id else Ref(name) for use in self.template.uses]

    def known(self, local: Local, shapes: Sequence[Shape | None]) -> str:
        """A value's shape, `(N, width, H, W)`; "" where a dimension of it is nothing that the class has a name for.

        Args:
            local: the value.
            shapes: what it is in each use; None where it is not there.
        """
        if local not in self.own.dims and any(self.settling.settings[one].parameters for one in self.around):
            return ""  # nobody knows which of the network's arguments have a say in it
        dims = self._dims(self.own.dims.get(local, ()), shapes)
        return _shape(shapes, tuple(dim for dim in dims if dim)) if dims and all(dims) else ""

    def named(self, sizes: Sizes, refs: Sequence[Ref]) -> tuple[str, ...]:
        """The sizes of what a class takes or gives, "" for one that has no name; none where the uses differ in rank."""
        return self._dims(sizes, list(map(self.network.shape, refs)), LONGEST_TOLD)

    def told(self, sizes: Sizes, refs: Sequence[Ref], *, given: bool = False) -> str:
        """The same for what a class takes or gives, with a letter for what has no name.

        That is `H'`, or `H` of what the class is `given`, where no other size is called so.

        Uses that differ in how many dimensions there are have a shape for each number, `(512, 1) or (N, 512, 16000)`.
        """
        shapes = list(map(self.network.shape, refs))
        kinds = list(dict.fromkeys(map(_kind, shapes)))
        if len(kinds) > MOST_KINDS:
            return "(N, ...)" if all(x.batch for x in shapes) else "(...)"
        made, free = [], given and not self.letters
        for kind in kinds:
            there = [x if _kind(x) == kind else None for x in shapes]
            dims = self._dims(sizes, there, LONGEST_TOLD)
            letters = self.lettering([ref for ref, x in zip(refs, shapes, strict=True) if _kind(x) == kind])
            called = letters if free else [f"{letter}'" for letter in letters]
            made.append(_shape(there, tuple(dim or letter for dim, letter in zip(dims, called, strict=True))))
        return " or ".join(dict.fromkeys(made))

    def _dims(self, sizes: Sizes, shapes: Sequence[Shape | None], longest: int = LONGEST) -> tuple[str, ...]:
        """Its dimensions, "" for one that has no name; none where the uses differ in how many there are."""
        there = _there(shapes)
        if len(set(map(_kind, there))) != 1:
            return ()
        rank = len(there[0].dims)
        known = sizes if len(sizes) == rank else (Followed(None),) * rank
        return tuple(
            self._dim(said, [None if x is None else x.dims[axis] for x in shapes], (axis, rank), longest)
            for axis, said in enumerate(known)
        )

    def _dim(self, said: Followed, values: Sequence[int | None], place: tuple[int, int], longest: int) -> str:
        if made := self._printed(said.expr, values, self.said, longest) or self._of_its_own(said, values):
            return made
        varied = [one for one in self.letters if len(set(one.values)) > 1]
        here = [one for one in varied if (one.axis, one.rank) == place]
        read = [one for one in varied if one.name in said.names]  # as between permutations, of another place
        if made := next(self._of_arguments(read if len(read) == 1 else here, said, values), ""):
            return made
        distinct = {value for value in values if value is not None}
        shown = self.letters or not self.given.isdisjoint(said.names)
        plain = said.expr is None and not shown  # at the size that the class is shown for
        if len(distinct) == 1 and (plain or not self._hangs(said)):
            return str(distinct.pop())
        moved = (one for one in self.letters if said.expr == Name(one.name) and (one.axis, one.rank) != place)
        if (one := next(moved, None)) is not None:  # as in a permutation, where another letter has this place
            return text(one.called)
        if len(read) == 1 and isinstance(said.expr, Binary):
            here = read
        if made := next(_of_letters(here, values, alone=not self._hangs_on_more(said)), ""):
            return made
        return self._printed(said.expr, values, {one.name: one.called for one in self.letters} | self.said)

    def _of_its_own(self, said: Followed, values: Sequence[int | None]) -> str:
        """A parameter that the class has for what no declared name covers, `channels` for `(8, 16, 32)[level]`."""
        if said.expr is None or isinstance(said.expr, Name):
            return ""
        told = (name for name, one in self.own.told.items() if one.expr == said.expr and name in self.said)
        alike = (self._printed(Name(name), values, self.said) for name in told)
        return next(filter(None, alike), "")

    def _hangs(self, said: Followed) -> bool:
        """Whether a size follows from a number that the network takes as an argument, of which others give others."""
        if isinstance(said.expr, Literal):
            return False
        return any(
            root in taken.parameters and not isinstance(taken.held(root)[0], bool)
            for root in self.own.rooted(said.names - self.examples)
            for taken in map(self.settling.settings.__getitem__, self.around)
        )

    def _hangs_on_more(self, said: Followed) -> bool:
        """The same of others than the sizes that have letters, such as a stride."""
        read = names(said.expr) if said.expr is not None else said.names  # a depth may change nothing
        return self._hangs(Followed(said.expr, frozenset(read) - {one.name for one in self.letters}))

    def _argued(self, name: str, *, several: bool) -> Expr | None:
        """What a size of an input is of the network's arguments, in a few words; None for what they do not say so."""
        made = self._argument(self.template, Name(name))
        if made is None or not names(made) or not (isinstance(made, Name) or (size(made) <= LONGEST and not several)):
            return None
        hiding = (one for one, said in self.said.items() if isinstance(said, Name) and said.name in names(made))
        return made if all(self._argument(self.template, Name(one)) == self.said[one] for one in hiding) else None

    def _argument(self, template: Template, expr: Expr) -> Expr | None:
        """What a class knows as `expr`, in the network's own arguments; None where its uses do not agree in it."""
        own = self.settling.settings[template]
        if template in self.around:
            return expr if names(expr) <= set(own.parameters) else None
        found: set[Expr | None] = set()
        for giver, given in zip(own.givers, own.given, strict=True):
            made = _in_words_around(expr, given)
            if giver is not template:  # recursion over nesting
                found.add(None if made is None else self._argument(giver, made))
            elif made != expr:  # a class in itself, of a smaller size
                return None
        return found.pop() if len(found) == 1 else None

    def _printed(
        self, expr: Expr | None, values: Sequence[int | None], names: Mapping[str, Expr], longest: int = LONGEST
    ) -> str:
        """An expression with these names for what it reads; "" for one that is long, or not so in every use."""
        expr = self.own.spelled_out(expr) if expr is not None else None
        if expr is None or isinstance(expr, Literal) or size(expr) > longest:
            return ""
        if any(value is not None and self.own.value(expr, use) != value for use, value in _each(values)):
            return ""
        made = substitute(expr, names.get)
        return "" if made is None else text(made)

    def _of_arguments(self, here: Sequence[_Letter], said: Followed, values: Sequence[int | None]) -> Iterator[str]:
        """What values are of an input's same dimension by an argument: `H / stride`, or `ceil(H / stride)`.

        The argument is one that they follow from. All others that have a say differ between the uses, and so are seen
        to change nothing.
        """
        asked = self.own.read(said.names) & set(self.own.parameters)
        here = [one for one in here if one.name in said.names]
        if not here or not all(self.own.active(name) and len(set(self.own.held(name))) > 1 for name in asked):
            return
        for one in here:
            for name in sorted(asked, key=self.own.parameters.index):
                held = [value for value in self.own.held(name) if type(value) is int and value > 0]
                if len(held) < len(one.values):
                    continue
                rows = [(value, one.values[use], held[use]) for use, value in _each(values) if value is not None]
                by = self.said[name]
                if all(value * times == of for value, of, times in rows):
                    yield text(Binary("/", one.called, by))
                elif all(value == of * times for value, of, times in rows):
                    yield text(Binary("*", one.called, by))
                elif all(value == -(-of // times) for value, of, times in rows):
                    yield f"ceil({text(Binary('/', one.called, by))})"

    def lettering(self, refs: Sequence[Ref]) -> tuple[str, ...]:
        """The letters that people have for the dimensions of such values."""
        one = self.network.shape(refs[0])
        if one.dtype == "int" and len(one.dims) == 1:
            return ("L",)  # the numbers of tokens
        inputs = map(self.network.shape, map(Ref, self.network.graph.inputs))
        plain = PLAIN if any(len(x.dims) > len(SIGNAL) for x in inputs) else TOKENS
        found = (LAST if one.channels_last else plain).get(len(one.dims))
        if len(one.dims) == len(SIGNAL) and any(ref.node in self.settling.signals for ref in refs):
            found = SIGNAL
        return found or tuple(f"D{axis + 1}" for axis in range(len(one.dims)))

    def _name_sizes(self, k: int, refs: Sequence[Ref], sizes: Sizes) -> None:
        """Gives letters to the sizes of an input that differ between the uses and are no argument."""
        shapes = list(map(self.network.shape, refs))
        if len({(len(x.dims), x.channels_last) for x in shapes}) != 1:
            return
        rank = len(shapes[0].dims)
        for axis, letter in enumerate(self.lettering(refs)):
            values = tuple(x.dims[axis] for x in shapes)
            said = sizes[axis] if len(sizes) == rank else Followed(None)
            name, several = size_name(k, axis), len(set(values)) > 1
            if not (several or self._hangs(said)) or self._printed(said.expr, values, self.said):
                continue
            argued = self._argued(name, several=several)
            if not (several or argued or rank < len(SIGNAL) + 1):
                self.examples.add(name)
                continue
            alike = (one for one in self.letters if one.values == values)
            same = (one.called for one in alike if one.letter == letter or (several and one.input != k))
            taken = {one.called for one in self.letters}
            called = argued or next(same, Name(letter if Name(letter) not in taken else f"{letter}{k + 1}"))
            self.letters.append(_Letter(name, called, letter, k, axis, rank, values))


def _of_letters(here: Sequence[_Letter], values: Sequence[int | None], *, alone: bool) -> Iterator[str]:
    """What values are of an input's same dimension: so many times as large, or a part of it, rounded up.

    `alone`: nothing else has a say in how large they are.
    """
    for one in here:
        pairs = [(value, one.values[use]) for use, value in _each(values) if value is not None]
        first, of = pairs[0]
        if all(value == given for value, given in pairs):
            yield text(one.called)
        elif not alone:
            continue
        elif first and of % first == 0 and all(value * (of // first) == given for value, given in pairs):
            yield text(Binary("/", one.called, Literal(of // first)))
        elif of and first % of == 0 and all(value == given * (first // of) for value, given in pairs):
            yield text(Binary("*", Literal(first // of), one.called))
        elif first and (by := round(of / first)) > 1 and all(value == -(-given // by) for value, given in pairs):
            yield f"ceil({text(Binary('/', one.called, Literal(by)))})"


def _in_words_around(expr: Expr, given: Mapping[str, Followed]) -> Expr | None:
    """An expression with what its names were given; None where one of them is no more than a number."""
    return substitute(expr, lambda name: given[name].expr if name in given else None)


def _each(values: Sequence[int | None]) -> Iterator[tuple[int, int | None]]:
    return enumerate(values)


def _there(shapes: Sequence[Shape | None]) -> list[Shape]:
    return [shape for shape in shapes if shape is not None]


def _kind(shape: Shape) -> tuple[int, int]:
    """What shapes share that differ in no more than their sizes; which of them are channels is one for one class."""
    return len(shape.dims), shape.batch


def _shape(shapes: Sequence[Shape | None], dims: Sequence[str]) -> str:
    batch = _there(shapes)[0].batch
    rows = [] if not batch else ["N" if batch == 1 else f"{batch}N"]
    return f"({', '.join([*rows, *dims])})"
