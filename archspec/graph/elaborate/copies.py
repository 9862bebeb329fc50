"""Copies: how much a spec asks for beyond what it writes.

    a: {block: pair, repeat: 3}     a block of 2 members: 3 parts and 6 members, of which 1 and 2 are written

A member counts one, each of its further inputs and outputs and each 200 characters of its path one more, and an entry
is free the first time. Evaluating counts apart: a part of an expression one, and each item of a list that it reads.
"""

from collections.abc import Mapping

from archspec.diagnostics.diagnostic import Span
from archspec.language.permit import COPIES
from archspec.language.spec import Entry
from archspec.values.expression import Expr, Literal, Name, parts

MAX_NODES = 250_000  # of a network that is written out: far more than PyTorch can hold
PATH = 200  # characters of a path that are as much as a member: each member has its own
STEPS = 50  # of evaluation for each copy that is allowed: expressions have a few parts


class TooMuch(Exception):
    """The network is larger than it may be.

    Attributes:
        message: one line.
        span: the entry, or the value, with which it became so.
        help: the cure.
    """

    def __init__(self, message: str, span: Span, help: str = "") -> None:
        super().__init__(message)
        self.message, self.span, self.help = message, span, help


class Copies:
    """Counts what one network asks for, and stops it.

    Args:
        most: how much may be added to what is written.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.made = 0
        self._members = 0
        self._steps, self._most_steps = 0, STEPS * max(most, COPIES)
        self._met: set[int] = set()
        self._sizes: dict[int, tuple[int, tuple[str, ...]]] = {}

    def member(self, entry: Entry, scope: str) -> None:
        """Counts a member of `scope`, or a part of a repeat. Raises TooMuch."""
        self._members += 1
        if self._members > MAX_NODES:
            raise TooMuch(f"a network has at most {MAX_NODES:,} nodes", entry.name_span)
        if id(entry) in self._met:
            self.further(1 + len(scope) // PATH, entry)
        else:
            self._met.add(id(entry))

    def further(self, count: int, entry: Entry) -> None:
        """Counts `count` more that an entry asks for. Raises TooMuch."""
        self.made += count
        if self.made > self.most:
            message = f"blocks, repeats and lists of outputs add more than {self.most:,} members to this network"
            raise TooMuch(message, entry.name_span, self.cure)

    def repeat(self, count: int, span: Span) -> None:
        """Checks a repeat before its parts are made. Raises TooMuch."""
        if count > self.most + 1:
            message = f"this repeats {count:,} times, and blocks and repeats add at most {self.most:,} members"
            raise TooMuch(message, span, self.cure)

    def evaluation(self, expr: Expr, span: Span, names: Mapping[str, object]) -> None:
        """Counts an evaluation. Raises TooMuch."""
        if id(expr) not in self._sizes:
            self._sizes[id(expr)] = _size(expr)
        size, read = self._sizes[id(expr)]
        for name in read:
            value = names.get(name)
            if isinstance(value, tuple):
                size += len(value)
        self._steps += size
        if self._steps > self._most_steps:
            message = f"the expressions of this network take more than {self._most_steps:,} steps"
            raise TooMuch(message, span, self.cure)

    @property
    def cure(self) -> str:
        """How to get a network of this size all the same."""
        return f"make it smaller, or allow more than {self.most:,}: --allow-copies {5 * self.most}"


def _size(expr: Expr) -> tuple[int, tuple[str, ...]]:
    """How many parts an expression has, and the names that it reads, each as often as it does."""
    size, read, open_ = 0, [], [expr]
    while open_:
        here = open_.pop()
        size += 1
        if isinstance(here, Name):
            read.append(here.name)
        elif isinstance(here, Literal) and isinstance(here.value, tuple):
            size += len(here.value)
        open_.extend(parts(here))
    return size, tuple(read)
