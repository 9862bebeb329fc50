"""Rolled: what is done in equal rounds with the modules of lists, as one loop over the lists.

    x = self.convs[0](x)
    x = F.relu(self.norms[0](x))         for conv, norm in zip(self.convs, self.norms):
    x = self.convs[1](x)                     x = conv(x)
    x = F.relu(self.norms[1](x))             x = F.relu(norm(x))
    ...

A round takes the value of the round before, and besides what all rounds take. What it reads twice has a name in it:

    for fc in self.fcs:
        h = fc(x)
        x = h * torch.sigmoid(h) + x

Everything runs in the order in which it ran.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import TypeAlias

from archspec.code.loops import SHORTEST_LOOP
from archspec.code.naming import FUNCTIONS_OF_PYTHON, variable
from archspec.code.step import Inner, Step
from archspec.code.steps import RUNNING, RUNNING_IN_TRAINING, Body
from archspec.graph.graph import Local
from archspec.language.names import nested, singular, unused
from archspec.values.dataclass import dataclass
from archspec.values.expression import Literal, Name
from archspec.values.source import SELF, Item, Member, Operand, Source, invoke, operands, part_of, replaced

LONGEST = 16  # calls of a round
SHORTEST_SAID = 2  # rounds of which the author says that they are some
MOST = 6  # calls in one expression
NAMES = ("h", "u", "v", "w")  # of values in a round

Read: TypeAlias = int | Local  # the call of the round that gives it, or what comes from outside


@dataclass(frozen=True, slots=True, eq=False)
class _Round:
    """The calls of one round.

    Attributes:
        steps: they.
        calls: each as an expression of its operands, with variables in place of modules of lists.
        reads: what each reads.
        numbers: attribute of a list -> the number of the module of it that is called.
    """

    steps: tuple[Step, ...]
    calls: tuple[Source, ...]
    reads: tuple[tuple[Read, ...], ...]
    numbers: Mapping[str, int]

    @property
    def value(self) -> Local:
        """What it gives."""
        return self.steps[-1].gives[0]


def rolled(body: Body) -> list[Step]:
    """The steps of a class, equal rounds over lists as one each. Linear in the steps times the calls of a round."""
    steps = body.steps()
    roller = _Roller(body, steps)
    made: list[Step] = []
    at = 0
    while at < len(steps):
        rounds = roller.rounds(at) if roller.places else ()
        loop = roller.loop(rounds) if rounds else None
        count = sum(len(one.steps) for one in rounds) or 1
        made += steps[at : at + count] if loop is None else [loop]
        at += count
    return made


class _Roller:
    """Finds rounds among the steps of one class."""

    def __init__(self, body: Body, steps: Sequence[Step]) -> None:
        self.steps, template = steps, body.template
        labels = {id(part): nested(label) for part, label in zip(template.parts, template.labels, strict=True)}
        self.ways = [labels.get(id(step.part), ()) if step.module else () for step in steps]
        self.places: dict[str, list[int]] = {}  # list -> where the next of its members begins
        latest: dict[str, str] = {}
        for at, way in enumerate(self.ways):
            if way and way[1].isdigit() and latest.get(way[0]) != way[1]:
                self.places.setdefault(way[0], []).append(at)
                latest[way[0]] = way[1]
        self.sizes: dict[str, set[str]] = {}
        for way in filter(None, labels.values()):
            self.sizes.setdefault(way[0], set()).add(way[1])
        self.said = {name for rounds in template.uses[0].rounds for name in rounds.lists}
        self.readers: dict[Local, list[int]] = {}
        for at, step in enumerate(steps if self.places else ()):
            for read in step.reads:
                self.readers.setdefault(read, []).append(at)
        for output in map(body.canonical, template.outputs.values()):
            self.readers.setdefault(output, []).append(len(steps))
        self.variables: dict[str, str] = {}
        taken = {*body.writer.taken, *FUNCTIONS_OF_PYTHON, *RUNNING, *RUNNING_IN_TRAINING}
        taken |= {*body.parts, *body.inputs, *body.arguments}
        for name in self.places:
            called = variable(singular(name) or name)
            self.variables[name] = unused(called, {*taken, *self.variables.values()})
        self.free = tuple(unused(name, {*taken, *self.variables.values()}) for name in NAMES)

    def rounds(self, start: int) -> Sequence[_Round]:
        """The rounds that begin at a step; none where a loop would not say them."""
        for period in self._periods(start):
            first = self._round(start, period)
            if first is None or not first.numbers:
                continue
            found: list[_Round] = []
            for number, one in enumerate(chain((first,), self._following(first, start, period))):
                begin = start + number * period
                if not self._is_closed(begin, begin + period):
                    break
                found.append(one)
                if not self._goes_on(begin + period, period):
                    break
            if len(found) >= min(map(self._shortest, first.numbers)):
                return found
        return ()

    def loop(self, rounds: Sequence[_Round]) -> Step | None:
        """Rounds as one step; None where more values live at a time in a round than there are names for."""
        first, last = rounds[0], rounds[-1].steps[-1]
        takes = _takes(first, rounds[1])
        over = [self._window(name, start, len(rounds)) for name, start in first.numbers.items()]
        statements = _statements(rounds[1], list(takes), self.free)
        if statements is None:
            return None
        *inner, whole = statements
        held = _held(rounds, next(iter(takes.values())), [(name, at) for name, _, at in statements])
        return Step(
            last.part,
            tuple(takes.values()),
            last.gives,
            partial(_with_operands, whole[1]),
            True,
            loop=over[0] if len(over) == 1 else invoke("zip", *over),
            variables=tuple(self.variables[name] for name in first.numbers),
            inner=tuple(
                Inner(name, rounds[-1].steps[at].gives[0], partial(_with_operands, call)) for name, call, at in inner
            ),
            held=tuple(held),
        )

    def _periods(self, start: int) -> Iterator[int]:
        """How many calls a round may have that begins at a step: up to the next member of a list that it calls."""
        names = dict.fromkeys(way[0] for way in self.ways[start : start + LONGEST] if way)
        for name in names:
            places = self.places.get(name, [])
            at = bisect_left(places, start)
            if at + self._shortest(name) <= len(places) and places[at + 1] - places[at] <= LONGEST:
                yield places[at + 1] - places[at]

    def _shortest(self, name: str) -> int:
        """How many rounds make a loop: two where the author says that they are rounds."""
        return SHORTEST_SAID if name in self.said else SHORTEST_LOOP

    def _round(self, start: int, period: int) -> _Round | None:
        """The calls from a step on as a round; None where they are none that a loop can say."""
        steps = tuple(self.steps[start : start + period])
        if len(steps) < period or not all(map(_is_plain, steps)):
            return None
        numbers: dict[str, int] = {}
        owners: dict[Source, Source] = {}
        for way in filter(None, self.ways[start : start + period]):
            if not way[1].isdigit() or numbers.setdefault(way[0], int(way[1])) != int(way[1]):
                return None
            owners[Item(Member(SELF, way[0]), (Literal(int(way[1])),))] = Name(self.variables[way[0]])
        made = {step.gives[0]: at for at, step in enumerate(steps)}
        reads = tuple(tuple(made.get(read, read) for read in step.reads) for step in steps)
        calls = (step.call(tuple(map(Operand, range(len(step.reads))))) for step in steps)
        return _Round(steps, tuple(replaced(call, owners) for call in calls), reads, numbers)

    def _following(self, first: _Round, start: int, period: int) -> Iterator[_Round]:
        """The rounds behind the first that do the same, each with the value of the one before."""
        before, begun = first, frozenset[Read]()
        for number in range(1, (len(self.steps) - start) // period):
            one = self._round(start + number * period, period)
            wanted = {name: at + number for name, at in first.numbers.items()}
            if one is None or one.calls != first.calls or one.numbers != wanted:
                return
            pairs = list(zip(chain(*first.reads), chain(*one.reads), strict=True))
            starts = frozenset(was for was, now in pairs if now == before.value)
            if any(now not in (was, before.value) for was, now in pairs):
                return
            if len(starts) != 1 or not starts <= (begun or starts) or not isinstance(next(iter(starts)), Local):
                return
            before, begun = one, starts
            yield one

    def _is_closed(self, begin: int, end: int) -> bool:
        """Whether nothing outside of a round reads any of its values but the last."""
        inner = (local for step in self.steps[begin : end - 1] for local in step.gives)
        return all(reader < end for local in inner for reader in self.readers.get(local, ()))

    def _goes_on(self, end: int, period: int) -> bool:
        """Whether nothing but the round behind it reads the value of a round."""
        (value,) = self.steps[end - 1].gives
        return all(reader < end + period for reader in self.readers.get(value, ()))

    def _window(self, name: str, start: int, count: int) -> Source:
        """A list, or the modules of it that are called: `self.layers[:-1]`."""
        length = 1 + max(map(int, self.sizes[name]))  # what is no module leaves its number to nothing
        return part_of(Member(SELF, name), range(start, start + count), length, from_end=True)


def _is_plain(step: Step) -> bool:
    """Whether a step is a call with one value that runs always."""
    return len(step.gives) == 1 and step.loop is None and step.test is None and not step.train_only


def _takes(first: _Round, second: _Round) -> dict[Local, Local]:
    """What the second round takes from outside -> the same for the first; the value of the first comes first."""
    pairs = zip(chain(*second.reads), chain(*first.reads), strict=True)
    found = {now: was for now, was in pairs if isinstance(now, Local) and isinstance(was, Local)}
    return {first.value: found.pop(first.value), **found}


def _statements(one: _Round, takes: Sequence[Local], free: Sequence[str]) -> list[tuple[str, Source, int]] | None:
    """A round as statements: the variable that each sets, its expression of what the round takes, its last call.

    A value has a variable where it is read twice, in another order than it is made in, or after one module by another:
    what a round takes would be held by its name while both of them run. The last has the name of what the round takes,
    "", and so has a value before it where nothing needs that any more. None where that takes more names than are free.
    """
    end = len(one.steps) - 1
    readers = [[at for at, reads in enumerate(one.reads) for read in reads if read == k] for k in range(end)]
    named = {k for k, several in enumerate(readers) if len(several) != 1 or not _once(one, several[0], k)}
    weights: list[int] = []
    modules: list[bool] = []  # whether its expression calls one
    for step, reads in zip(one.steps, one.reads, strict=True):
        inside = [read for read in reads if isinstance(read, int) and read not in named]
        if sum(weights[read] for read in inside) >= MOST or (step.module and any(modules[read] for read in inside)):
            named.update(inside)
            inside = []
        weights.append(1 + sum(weights[read] for read in inside))
        modules.append(step.module or any(modules[read] for read in inside))
    if [at for top in (*sorted(named), end) for at in _as_written(one, top, named)] != list(range(end + 1)):
        named = set(range(end))
    made: list[tuple[str, Source, int]] = []
    written: list[Source] = []
    until = {"": max(at for at, reads in enumerate(one.reads) if takes[0] in reads)}  # "" is what the round takes
    for at, (call, reads) in enumerate(zip(one.calls, one.reads, strict=True)):
        given = (Operand(takes.index(read)) if isinstance(read, Local) else written[read] for read in reads)
        expression = _with_operands(call, tuple(given))
        if at in named or at == end:
            name = "" if at == end else next((name for name in ("", *free) if until.get(name, 0) <= at), None)
            if name is None:
                return None
            until[name] = max(readers[at], default=at) if at < end else at
            made.append((name, expression, at))
            expression = Name(name) if name else Operand(0)
        written.append(expression)
    return made


def _held(rounds: Sequence[_Round], start: Local, named: Sequence[tuple[str, int]]) -> Iterator[tuple[Local, Local]]:
    """Each value that gives its name to another one, and which that is: till then it is there.

    What has the name in the last round is there to the end of that.

    Args:
        rounds: they.
        start: what the first takes.
        named: the variable of each statement of a round, and its last call.
    """
    holder = {"": start}
    for one in rounds:
        for name, at in named:
            value = one.steps[at].gives[0]
            if name in holder:
                yield holder[name], value
            holder[name] = value
    yield from ((value, rounds[-1].steps[-1].gives[0]) for name, value in holder.items() if name)


def _once(one: _Round, at: int, read: int) -> bool:
    """Whether a call reads a value once."""
    return all(operands(one.calls[at]).count(k) == 1 for k, given in enumerate(one.reads[at]) if given == read)


def _as_written(one: _Round, at: int, named: Collection[int]) -> Iterator[int]:
    """The calls of a statement in the order in which they run, each in the one that reads it unless it is named."""
    for read in one.reads[at]:
        if isinstance(read, int) and read not in named:
            yield from _as_written(one, read, named)
    yield at


def _with_operands(call: Source, given: Sequence[Source]) -> Source:
    return replaced(call, {Operand(number): one for number, one in enumerate(given)})
