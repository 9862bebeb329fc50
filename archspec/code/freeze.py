"""Freeze: the statements that freeze parameters, `self.stem.requires_grad_(False)`; `frozen.py` has whose they are."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from archspec.code.frozen import Frozen
from archspec.code.parts import SequencePart, Template
from archspec.code.program import Run, Statement
from archspec.code.said import own_uses
from archspec.code.ties import TieWriter
from archspec.graph.graph import Node, Tensor
from archspec.graph.network import Network
from archspec.graph.walk import ancestors, at, container, last_name, moved
from archspec.values.expression import Literal
from archspec.values.source import SELF, Item, Range, Source, method
from archspec.values.source import Member as Attribute


class FreezeWriter:
    """Writes what classes freeze."""

    def __init__(self, network: Network, ties: TieWriter, frozen: Frozen) -> None:
        self.network, self.ties, self.frozen = network, ties, frozen

    def statements(self, template: Template) -> tuple[Statement, ...]:
        """What the constructor of a class freezes."""
        made: list[Statement] = []
        for parent, parts in groupby(self.frozen.here.get(template, ()), key=container):
            paths = list(parts)
            numbered = parent or (template.sequential and paths != [""])
            items = self._items(template, parent, paths) if numbered else ()
            frozen = items or (self.reached(template, path) for path in paths)
            made += [Run(method(one, "requires_grad_", Literal(False))) for one in frozen]
        return tuple(made)

    def _items(self, template: Template, parent: str, paths: Sequence[str]) -> tuple[Source, ...]:
        """`self.body[0]` or `self.body[:2]`, where they are parts of a sequence that a type checker knows; else none.

        A slice of a class of our own would call its constructor, so of such a one each part is named.
        """
        graph = self.network.graph
        scope = graph.scopes[self._id(template, parent)]
        numbered = scope.members == tuple(map(str, range(len(scope.members)))) and not scope.absent
        if not numbered or any(graph.scopes[id].definition.flat for id in ancestors(graph, scope.id)):
            return ()
        owner, names = self.ties.reached(template, Tensor(parent, "")) if parent else (SELF, ())
        if names:
            return ()
        plain = any(isinstance(part, SequencePart) and scope in part.uses for part in template.parts)
        numbers = [int(last_name(path)) for path in paths]
        return tuple(Item(owner, (index,)) for index in _indices(numbers, slices=plain))

    def reached(self, template: Template, path: str) -> Source:
        """`self.stem`; by its path where no type checker knows what is there."""
        owner, names = self.ties.reached(template, Tensor(path, "")) if path else (SELF, ())
        holds = isinstance(member := at(self.network.graph, self._id(template, path)), Node) and member.op.holds
        target: Source = owner
        if owner is SELF and names and template.definition.flat and template.sequential:
            return Item(SELF, (Literal(int(names[0])),))
        if holds and len(names) == 1:
            target = Attribute(owner, names[0])
        elif names:
            target = method(owner, "get_parameter" if holds else "get_submodule", Literal(".".join(names)))
        return target

    def _id(self, template: Template, path: str) -> str:
        """Where a path inside of a class leads in one of its uses."""
        return moved(path, "", own_uses(template)[0].id)


def _indices(numbers: Sequence[int], *, slices: bool) -> Iterator[Source]:
    """`0` and `3` for what stands by itself; `:2` for two or more in a row, where there may be slices."""
    starts = [k for k, number in enumerate(numbers) if not slices or not k or number != numbers[k - 1] + 1]
    for k, end in zip(starts, [*starts[1:], len(numbers)], strict=True):
        first, last = numbers[k], numbers[end - 1]
        yield Literal(first) if first == last else Range(Literal(first) if first else None, Literal(last + 1))
