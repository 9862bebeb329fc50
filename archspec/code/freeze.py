"""Freeze: the statements that freeze parameters, `self.stem.requires_grad_(False)`; `frozen.py` has whose they are."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from archspec.code.frozen import Frozen, owns
from archspec.code.parts import SequencePart, Template
from archspec.code.program import Run, Statement
from archspec.code.said import own_uses
from archspec.code.ties import TieWriter
from archspec.graph.graph import Node, Scope, Tensor, child_id
from archspec.graph.network import Network
from archspec.graph.walk import ancestors, at, container, last_name, moved, within
from archspec.language.names import nested
from archspec.values.dataclass import dataclass
from archspec.values.expression import Literal
from archspec.values.source import SELF, Item, Range, Source, method
from archspec.values.source import Member as Attribute


class FreezeWriter:
    """Writes what classes freeze."""

    def __init__(self, network: Network, ties: TieWriter, frozen: Frozen) -> None:
        self.network, self.ties, self.frozen = network, ties, frozen

    def statements(self, template: Template) -> tuple[Statement, ...]:
        """What the constructor of a class freezes."""
        frozen = self.frozen.here.get(template, ())
        return self._statements(_Instance(template, own_uses(template)[0], SELF), frozen) if frozen else ()

    def outside(self, around: Template, use: Scope, template: Template, owner: Source) -> tuple[Statement, ...]:
        """What `around` freezes inside one of its members: `use`, a use of `template`, which is called `owner`."""
        paths = (path for path in self.frozen.here.get(around, ()) if path == use.id or within(path, use.id))
        return self._statements(_Instance(template, use, owner), [moved(path, use.id, "") for path in paths])

    def _statements(self, instance: "_Instance", frozen: Sequence[str]) -> tuple[Statement, ...]:
        made: list[Statement] = []
        for parent, parts in groupby(frozen, key=container):
            paths = list(parts)
            numbered = parent or (instance.template.sequential and paths != [""])
            items = self._items(instance, parent, paths) if numbered else ()
            lists = {} if items else self._lists(instance, parent, paths)
            found = items or dict.fromkeys(lists.get(path) or self._reached(instance, path) for path in paths)
            made += [Run(method(one, "requires_grad_", Literal(False))) for one in found]
        return tuple(made)

    def _lists(self, instance: "_Instance", parent: str, paths: Sequence[str]) -> dict[str, Source]:
        """Path of a module in a list of which all is frozen -> `self.norms`, the list; a mapping of modules as well."""
        graph = self.network.graph
        scope = graph.scopes[moved(parent, "", instance.use.id)]
        frozen = set(map(last_name, paths))
        others = [name for name in scope.members if nested(name) and name not in frozen]
        open_ = {nested(name)[0] for name in others if self._learns(at(graph, child_id(scope.id, name)))}
        found: dict[str, Source] = {}
        for path in paths:
            keys = nested(last_name(path))
            if keys and keys[0] not in open_:
                owner, names = self._module(instance, path)
                found |= {path: owner} if names == keys[1:] else {}
        return found

    def _learns(self, member: Node | Scope) -> bool:
        """Whether a member may have a tensor that learns: one of its own, or one that is tied to another's."""
        return not isinstance(member, Node) or bool(member.ties) or owns(self.network, member)

    def _items(self, instance: "_Instance", parent: str, paths: Sequence[str]) -> tuple[Source, ...]:
        """`self.body[0]` or `self.body[:2]`, where they are parts of a sequence that a type checker knows; else none.

        A slice of a class of our own would call its constructor, so of such a one each part is named.
        """
        graph, template = self.network.graph, instance.template
        scope = graph.scopes[moved(parent, "", instance.use.id)]
        numbered = scope.members == tuple(map(str, range(len(scope.members)))) and not scope.absent
        if not numbered or any(graph.scopes[id].definition.flat for id in ancestors(graph, scope.id)):
            return ()
        owner, names = self._module(instance, parent)
        if names:
            return ()
        plain = any(isinstance(part, SequencePart) and scope in part.uses for part in template.parts)
        numbers = [int(last_name(path)) for path in paths]
        return tuple(Item(owner, (index,)) for index in _indices(numbers, slices=plain))

    def _module(self, instance: "_Instance", path: str) -> tuple[Source, tuple[str, ...]]:
        """The module of a path inside, as far as a type checker knows what it is, and the names from there on."""
        if not path:
            return instance.owner, ()
        return self.ties.reached(instance.template, Tensor(path, ""), instance.owner)

    def _reached(self, instance: "_Instance", path: str) -> Source:
        """`self.stem`; by its path where no type checker knows what is there."""
        template = instance.template
        owner, names = self._module(instance, path)
        member = at(self.network.graph, moved(path, "", instance.use.id))
        holds = isinstance(member, Node) and member.op.holds
        target: Source = owner
        if owner is instance.owner and names and template.definition.flat and template.sequential:
            return Item(owner, (Literal(int(names[0])),))
        if len(names) == 1 and names[0].isdigit() and nested(member.name)[1:] == names:
            return Item(owner, (Literal(int(names[0])),))  # a module of a list
        if holds and len(names) == 1:
            target = Attribute(owner, names[0])
        elif names:
            target = method(owner, "get_parameter" if holds else "get_submodule", Literal(".".join(names)))
        return target


@dataclass(frozen=True, slots=True)
class _Instance:
    """An instance of a class: one of its uses, and what it is called, `self` in its constructor."""

    template: Template
    use: Scope
    owner: Source


def _indices(numbers: Sequence[int], *, slices: bool) -> Iterator[Source]:
    """`0` and `3` for what stands by itself; `:2` for two or more in a row, where there may be slices."""
    starts = [k for k, number in enumerate(numbers) if not slices or not k or number != numbers[k - 1] + 1]
    for k, end in zip(starts, [*starts[1:], len(numbers)], strict=True):
        first, last = numbers[k], numbers[end - 1]
        yield Literal(first) if first == last else Range(Literal(first) if first else None, Literal(last + 1))
