"""Ties: which class makes one tensor of two, and how it says so.

    lm_head: {op: linear, out_features: 50257, bias: false, share: {weight: wte.weight}}

    self.lm_head.weight = self.wte.weight

The class is that of the innermost scope around both ends, as far as all its uses tie the same; else one further out.
The network's own class has one use, so it ends there at the latest; in a family, at the function that makes the
variant.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from archspec.code.parts import OpPart, SequencePart, Template
from archspec.code.program import Assign
from archspec.code.registration import Registration
from archspec.graph.graph import Graph, Scope, Tensor, child_id
from archspec.graph.starts import names_in_rules, scopes_around, start
from archspec.graph.walk import flat_leaves, within
from archspec.language.names import nested
from archspec.values.expression import Literal
from archspec.values.source import SELF, Member, Source, method

Tie: TypeAlias = tuple[Tensor, Tensor]  # a tensor and the one that it is, inside a scope: named from there


def ties(graph: Graph, ordered: Sequence[Template]) -> dict[Template, tuple[Tie, ...]]:
    """What each class ties. Linear in the ties, times the nesting and the uses of a class."""
    written = {(Tensor(id, name), owner): None for id, node in graph.nodes.items() for name, owner in node.ties}
    if not written:
        return {}
    template_of = {use.id: template for template in ordered for use in template.uses if not use.share}
    found: dict[Template, dict[Tie, None]] = {}
    for own, owner in written:
        for scope in _around(graph, own, owner, _written_over(graph, own, owner)):
            template = template_of.get(scope.id)
            tie = _inside(scope, own), _inside(scope, owner)
            if template is not None and all(
                (_outside(use, tie[0]), _outside(use, tie[1])) in written for use in template.uses if not use.share
            ):
                found.setdefault(template, {})[tie] = None
                break
    return {template: tuple(made) for template, made in found.items()}


def _around(graph: Graph, own: Tensor, owner: Tensor, outer: str | None) -> Iterator[Scope]:
    """The scopes around both ends and not inside of `outer`, the innermost first."""
    for scope in scopes_around(graph.scopes, graph.nodes[own.node].scope):
        inside = outer is not None and scope.id != outer and (not outer or within(scope.id, outer))
        if (not scope.id or within(owner.node, scope.id)) and not inside:
            yield scope


def _written_over(graph: Graph, own: Tensor, owner: Tensor) -> str | None:
    """The outermost scope with a rule for a tensor that says otherwise than its owner starts; None for no such one.

    There the tie is made, behind the loop of the rule, which then does not reach the tensor that is meant.
    """
    mine, theirs = graph.nodes[own.node], graph.nodes[owner.node]
    said, wanted = (start(graph.scopes, node, end.name) for node, end in ((mine, own), (theirs, owner)))
    if said is None or (wanted is not None and said.value == wanted.value):
        return None
    asked = names_in_rules(mine.op, own.name)
    around = scopes_around(graph.scopes, mine.scope)
    found = [scope.id for scope in around if any((one.rule.op, one.rule.tensor) in asked for one in scope.init)]
    return found[-1] if found else None  # its own start says nothing: its class leaves that out


def _inside(scope: Scope, tensor: Tensor) -> Tensor:
    return Tensor(tensor.node[len(scope.id) + 1 :], tensor.name) if scope.id else tensor


def _outside(scope: Scope, tensor: Tensor) -> Tensor:
    return Tensor(f"{scope.id}/{tensor.node}", tensor.name) if scope.id else tensor


class TieWriter:
    """Writes what classes tie. `bases` are what the classes derive from; a chain has none there."""

    def __init__(self, modules: Registration, bases: Mapping[Template, str], ordered: Sequence[Template]) -> None:
        self.modules, self.bases = modules, bases
        self.ties = ties(modules.network.graph, ordered)

    def statements(self, template: Template) -> tuple[Assign, ...]:
        """What the constructor of a class ties."""
        return tuple(self.statement(template, tie) for tie in self.ties.get(template, ()))

    def outside(self, around: Template, use: Scope, template: Template, owner: Source) -> Iterator[Assign]:
        """What `around` ties inside one of its members: `use`, a use of `template`, which is called `owner`."""
        for own, other in self.ties.get(around, ()):
            if within(own.node, use.id):
                yield self.statement(template, (_inside(use, own), _inside(use, other)), owner)

    def statement(self, template: Template, tie: Tie, holder: Source = SELF) -> Assign:
        """`self.lm_head.weight = self.wte.weight`. Where no type checker knows an end, `get_parameter` asks the owner.

        A module that it knows of by its path only takes no `Tensor | None`, which a convolution says that its bias is.
        """
        own, owner = tie
        (target, names), (source, rest) = (self.reached(template, tensor, holder) for tensor in tie)
        if not own.name:  # the op is a parameter itself
            names, own = names[:-1], Tensor(own.node, names[-1])
            rest = (*rest, owner.name) if owner.name else rest
        elif owner.name and (rest or names):
            rest = (*rest, owner.name)
        value = method(source, "get_parameter", Literal(".".join(rest))) if rest else Member(source, owner.name)
        module = method(target, "get_submodule", Literal(".".join(names))) if names else target
        return Assign((Member(module, own.name),), value)

    def reached(self, template: Template, tensor: Tensor, owner: Source = SELF) -> tuple[Source, tuple[str, ...]]:
        """The module that holds a tensor, as far as a type checker knows what it is, and the names from there on.

        `owner` is what an instance of the class is called.
        """
        names = tuple(tensor.node.split("/"))
        while names:
            scope = template.uses[0]
            if scope.definition.flat and template.sequential:
                return owner, (self.number(scope, names),)
            key = next((key for key, here in scope.written.items() if here == names[0]), names[0])
            part = next(part for part in template.parts if part.name == key)
            if template.sequential or self.bases[template] != "nn.Module":
                return owner, self.labels(template.uses, names)
            if way := nested(names[0]):
                return Member(owner, way[0]), (*way[1:], *self.labels(template.uses, names)[1:])
            if not names[0].isidentifier():
                return owner, self.labels(template.uses, names)
            if isinstance(part, OpPart):
                return (owner, names) if part.sample.op.holds else (Member(owner, part.name), ())
            owner, names = Member(owner, part.name), names[1:]
            if isinstance(part, SequencePart):
                return owner, self.labels(part.uses, names)
            template = part.template
        return owner, ()

    def labels(self, uses: Iterable[Scope | None], names: tuple[str, ...]) -> tuple[str, ...]:
        """What modules are called to which `names` lead from a scope: as its members, and in a flat one by number.

        Not each of the uses of a class has all parts of a repeat; some have those that are meant.
        """
        scopes = self.modules.network.graph.scopes
        here = [use for use in uses if use is not None]
        for k, name in enumerate(names):
            if here and here[0].definition.flat:
                return (*names[:k], self.number(here[0], names[k:]))
            inner = (scopes.get(child_id(use.id, name)) for use in here)
            here = [scope for scope in inner if scope is not None]
        return names

    def number(self, scope: Scope, names: tuple[str, ...]) -> str:
        """The number of an op in a flat scope, to which `names` lead from there."""
        leaves = [leaf.id for leaf in flat_leaves(self.modules.network.graph, scope)]
        return str(leaves.index("/".join((scope.id, *names))))
