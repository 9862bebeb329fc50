"""Flats: `flat: true`, one numbered sequence of all ops inside; its keys know of no block.

    features: {flat: true, graph: {stage1: {block: stage, depth: $(depths.0)}, stage2: ...}}

Where all uses of such a graph have the same ops, the sequence is written out and no block is a class. Where they have
other ops, since depths or conditions differ, each block makes its own layers, which are unpacked where it stands:

    self.features = nn.Sequential(*Stage(3, 64, depths[0]), *Stage(64, 128, depths[1]))
"""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet

from archspec.code.handed import Handing
from archspec.graph.graph import Graph, Node, Scope
from archspec.graph.walk import ancestors, children, flat_leaves, inside
from archspec.language.names import nested


class Flats:
    """Which form each flat graph takes.

    Attributes:
        unpacked: the definitions, by their ids, whose blocks make their layers. Linear in nodes.
    """

    def __init__(self, graph: Graph, handing: Handing) -> None:
        self.graph = graph
        uses: dict[int, list[Scope]] = {}
        for scope in graph.scopes.values():
            if scope.definition.flat:
                uses.setdefault(id(scope.definition), []).append(scope)
        several = [scopes for scopes in uses.values() if len({ops_of(graph, scope) for scope in scopes}) > 1]
        called = _called_elsewhere(graph) if several else set()
        self.unpacked = {
            id(scopes[0].definition)
            for scopes in several
            if all(_stands_alone(graph, scope) and _is_plain(graph, scope, handing, called) for scope in scopes)
        }

    def is_whole(self, scope: Scope) -> bool:
        """Whether a scope is a sequence of the ops inside, written out."""
        return scope.definition.flat and id(scope.definition) not in self.unpacked

    def holds(self, scope: Scope) -> bool:
        """Whether a scope stands in such a sequence, so that it is no class."""
        return any(self.is_whole(self.graph.scopes[id]) for id in ancestors(self.graph, scope.parent))

    def unpacks(self, scope: Scope) -> bool:
        """Whether the layers of a scope stand in the sequence around it."""
        return any(id(self.graph.scopes[at].definition) in self.unpacked for at in ancestors(self.graph, scope.parent))

    def refuse(self, is_class: Callable[[Scope], bool], chains: Mapping[str, bool]) -> bool:
        """Writes out what is no chain of chains, or is set by no class; whether there was any."""
        broken = {
            id(scope.definition)
            for scope in self.graph.scopes.values()
            if id(scope.definition) in self.unpacked
            and not (
                (is_class(scope) or is_class(self.graph.scopes[scope.parent]))
                and all(chains[one.id] for one in (scope, *inside(self.graph, scope)) if isinstance(one, Scope))
            )
        }
        self.unpacked -= broken
        return bool(broken)


def ops_of(graph: Graph, scope: Scope) -> tuple[type, ...]:
    """What the nodes inside a scope do, in order, whatever the nesting."""
    return tuple(type(leaf.op) for leaf in flat_leaves(graph, scope))


def _stands_alone(graph: Graph, scope: Scope) -> bool:
    """Whether a flat graph is one attribute that is always there, and gives one value."""
    around = (graph.scopes[id] for id in ancestors(graph, scope.parent))
    plain = scope.site.when is None and scope.site.alternative is None and not nested(scope.name)
    return plain and len(set(scope.outputs.values())) == 1 and not any(one.definition.flat for one in around)


def _called_elsewhere(graph: Graph) -> set[str]:
    """The ids of what another member takes a tensor or the module of."""
    tied = {tensor.node for node in graph.nodes.values() for _, tensor in node.ties}
    return tied.union((node.share for node in graph.nodes.values()), (scope.share for scope in graph.scopes.values()))


def _is_plain(graph: Graph, scope: Scope, handing: Handing, called: AbstractSet[str]) -> bool:
    """Whether nothing inside is called by its place, and all is ops, blocks, graphs in place and repeats of these."""
    return all(
        one.id not in called
        and not (one.share or one.frozen or one.init or one.site.chosen or one.site.alternative is not None)
        and (_is_plain_op(one, handing) if isinstance(one, Node) else _is_plain_scope(graph, one, scope, handing))
        for one in (scope, *inside(graph, scope))
    )


def _is_plain_op(node: Node, handing: Handing) -> bool:
    return not node.ties and not handing.measures(node)


def _is_plain_scope(graph: Graph, one: Scope, flat: Scope, handing: Handing) -> bool:
    """A repeat of a graph in place could be a loop in a loop, which has one `i` for both."""
    if (one is not flat and one.definition.flat) or handing.sizes(one.definition):
        return False
    parts = children(graph, one) if one.definition.kind == "repeat" else ()
    return all(isinstance(part, Node) or part.definition.kind == "block" for part in parts)
