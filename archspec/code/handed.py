"""Handed sizes: numbers that `forward` takes beside its tensors, because only a run knows them.

up: {block: up, height: $x.height}    x = self.up(x, image.shape[2])    def forward(self, x: Tensor, height: int)

A block is handed a param that a use of it writes with a size of an input, and an inline graph a size of a value outside
of it, where an op reads it that has no module to keep it. It is handed a param, too, that uses of one module set apart.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from archspec.graph.graph import Definition, Graph, Node, Scope
from archspec.graph.walk import children, home, in_sight
from archspec.language.expression.symbolic import Leaf, is_fact, leaves
from archspec.language.names import unused
from archspec.values.expression import Attribute, Expr, Literal, Name, Value

ITSELF = ""  # "fact" of what is handed: `height` is the number, as `x.height` is one of x


def called(leaf: Leaf) -> str:
    """What a class calls a handed size inside: no member and no input has such a name."""
    return f"@{leaf.name}" if isinstance(leaf, Name) else f"@{leaf.owner}.{leaf.name}"


def printed(leaf: Leaf, taken: AbstractSet[str]) -> str:
    """The argument of `forward`: `height`, or `x_height` for a fact."""
    return unused(leaf.name if isinstance(leaf, Name) else f"{leaf.owner}_{leaf.name}", taken)


def given(scope: Scope, leaf: Leaf) -> Expr:
    """What a use hands over, in the names around it."""
    if isinstance(leaf, Attribute):
        return leaf
    return scope.site.exprs.get(leaf.name) or Literal(scope.args[leaf.name])


def values(leaf: Leaf, uses: Iterable[Scope]) -> tuple[Value, ...]:
    """Values of the kind that is handed: those of a param in all uses; of a fact, a number or a list of any length."""
    if isinstance(leaf, Name):
        return tuple(use.args[leaf.name] for use in uses)
    return ((), (1,)) if leaf.name == "shape" else (1,)


class Handing:
    """Which sizes each definition is handed. Linear in nodes and scopes, times the nesting.

    Args:
        graph: of the network.
        refused: what turned out to follow from params, which the constructor takes: definition, by its id, and size.
    """

    def __init__(self, graph: Graph, refused: AbstractSet[tuple[int, Leaf]] = frozenset()) -> None:
        self.graph, self.refused = graph, refused
        self.sized = self._sized() | set(self._differing())
        self.needed: dict[int, dict[Leaf, None]] = {}
        more = self._any_fact() or bool(self.sized)
        while more:
            more = self._need_more()

    def sizes(self, definition: Definition) -> tuple[Leaf, ...]:
        """What `forward` takes, in order."""
        return tuple(self.needed.get(id(definition), ()))

    def measures(self, node: Node) -> bool:
        """Whether an op without a module of its own reads what only a run knows: sizes of inputs, or handed ones."""
        if not node.op.formed:
            return False
        return any(is_fact(leaf) or self._is_handed(node, leaf) for leaf in _leaves(node.site.exprs))

    def _need_more(self) -> bool:
        """Goes through all scopes, from the inside out; whether one needs more than was known."""
        before = sum(map(len, self.needed.values()))
        for scope in reversed(tuple(self.graph.scopes.values())):
            found = self.needed.setdefault(id(scope.definition), {})
            found.update(dict.fromkeys(leaf for leaf in self._read(scope) if self._from_outside(scope, leaf)))
        return sum(map(len, self.needed.values())) > before

    def _is_handed(self, node: Node, leaf: Leaf) -> bool:
        return leaf in self.needed.get(id(self.graph.scopes[home(node)].definition), ())

    def _any_fact(self) -> bool:
        members: tuple[Node | Scope, ...] = (*self.graph.nodes.values(), *self.graph.scopes.values())
        return any(map(is_fact, (leaf for member in members for leaf in _leaves(member.site.exprs))))

    def _sized(self) -> set[tuple[int, str]]:
        """Params that some use writes with a size of an input: definition and name."""
        found: set[tuple[int, str]] = set()
        uses = [scope for scope in self.graph.scopes.values() if scope.id and scope.definition.params]
        while True:
            more = {
                (id(use.definition), param)
                for use in uses
                for param, expr in use.site.exprs.items()
                if any(is_fact(leaf) or self._is_sized(found, use.parent, leaf) for leaf in leaves(expr))
            }
            if more <= found:
                return found
            found |= more

    def _differing(self) -> Iterator[tuple[int, str]]:
        """Params that a second use of a module gives another value than the first: one module serves both."""
        for use in self.graph.scopes.values():
            for name, value in self.graph.scopes[use.share].args.items() if use.share else ():
                if name in {param.name for param in use.definition.params} and use.args[name] != value:
                    yield id(use.definition), name

    def _is_sized(self, found: AbstractSet[tuple[int, str]], scope: str, leaf: Leaf) -> bool:
        return isinstance(leaf, Name) and (id(self._block(scope).definition), leaf.name) in found

    def _block(self, id: str) -> Scope:
        """The block around, whose params a graph in place reads."""
        *_, block = in_sight(self.graph.scopes, id)
        return block

    def _read(self, scope: Scope) -> Iterator[Leaf]:
        """The sizes that are read in a scope, in its names."""
        if scope.definition.flat:
            return
        for member in children(self.graph, scope):
            if isinstance(member, Node):
                yield from _leaves(member.site.exprs) if member.op.formed else ()
            else:
                for leaf in self.sizes(member.definition):
                    yield from leaves(given(member, leaf))

    def _from_outside(self, scope: Scope, leaf: Leaf) -> bool:
        """Whether a size that is read in a scope has to be handed to it."""
        if not scope.id or (id(scope.definition), leaf) in self.refused:
            return False
        if isinstance(leaf, Name):
            return self._is_sized(self.sized, scope.id, leaf)
        return is_fact(leaf) and leaf.owner not in scope.definition.inputs


def _leaves(exprs: Mapping[str, Expr]) -> Iterable[Leaf]:
    return dict.fromkeys(leaf for expr in exprs.values() for leaf in sorted(leaves(expr), key=str))
