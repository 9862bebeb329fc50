"""Needed: what the outputs of a network need, followed name by name through blocks, their inputs and their outputs.

    pair: {block: pair, from: [a, b]}     the network gives `pair.fb`; inside, fb reads the input b
    outputs: {y: pair.fb}                 needed: fb, pair's input b, and `b`; not fa, pair's input a, nor `a`

Uses that share a module (`share`) are one module: what one of them needs of it, all of them hold.
"""

from collections.abc import Set as AbstractSet

from archspec.graph.graph import Graph, Local, Ref, Site
from archspec.graph.walk import ancestors, find, in_sight, onward, standing
from archspec.language.expression.symbolic import is_fact, leaves
from archspec.values.dataclass import dataclass
from archspec.values.expression import Attribute


@dataclass(frozen=True, slots=True)
class Needed:
    """What the outputs of a network need.

    Attributes:
        ids: of nodes and of scopes, those included that only hand on what they read; the network's inputs, always.
        names: scope and what is read there by that name: an input of the scope, or an output of a member that is there.
    """

    ids: AbstractSet[str]
    names: AbstractSet[tuple[str, Local]]

    def takes(self, graph: Graph, scope: str) -> tuple[str, ...]:
        """The inputs of a scope that something needs, in order; of the network, all."""
        inputs = graph.scopes[scope].definition.inputs
        return tuple(name for name in inputs if not scope or (scope, Local(name)) in self.names)


def needed(graph: Graph) -> Needed:
    """What the outputs of `graph` need. Linear in nodes and edges."""
    finder = _Finder(graph)
    finder.follow()
    return Needed(finder.ids, finder.names)


class _Finder:
    """Follows names until nothing new is found."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.ids: set[str] = {"", *graph.inputs}
        self.names: set[tuple[str, Local]] = set()
        self.open: list[tuple[str, Local]] = [("", local) for local in graph.scopes[""].outputs.values()]
        self.module = {scope.id: scope.share or scope.id for scope in graph.scopes.values()}
        self.uses: dict[str, list[str]] = {}  # of a module that is shared -> its uses that are needed
        self.read: dict[str, dict[Local, None]] = {}  # of such a module -> what is read in one of them
        for scope in graph.scopes.values():
            if scope.share:
                self.uses[scope.share], self.read[scope.share] = [], {}

    def follow(self) -> None:
        """Follows every name that is read to the node that gives it, and then what that node reads."""
        for node in self.graph.nodes.values():
            if node.op.stays:
                self.ids.add(node.id)
                self.enter(node.scope)
        while self.open:
            scope, local = self.open.pop()
            here = self.graph.scopes[scope]
            local = standing(here, local)
            if (scope, local) in self.names:
                continue
            self.names.add((scope, local))
            self.spread(scope, local)
            step = onward(self.graph, here, local)
            if not isinstance(step, Ref):
                there, inner = step
                self.enter(there.id)
                self.open.append((there.id, inner))
            elif step.node not in self.ids:
                self.ids.add(step.node)
                node = self.graph.nodes[step.node]
                self.enter(node.scope)
                self.open.extend((node.scope, read) for read in node.reads)
                if node.op.formed:  # a module has its sizes from the constructor
                    self.sizes(node.scope, node.site)

    def enter(self, scope: str) -> None:
        """Keeps a scope and those around it; a use of a shared module holds what other uses of it need."""
        for id in ancestors(self.graph, scope):
            if id in self.ids:
                return
            self.ids.add(id)
            self.sizes(self.graph.scopes[id].parent, self.graph.scopes[id].site)
            module = self.module[id]
            if module in self.uses:
                self.uses[module].append(id)
                self.open.extend((id, local) for local in self.read[module] if find(self.graph, id, local))

    def sizes(self, scope: str, site: Site) -> None:
        """Reads the inputs whose sizes a member in `scope` asks for when it runs: `$like.height`."""
        for leaf in {leaf for expr in site.exprs.values() for leaf in leaves(expr)}:
            if not isinstance(leaf, Attribute) or not is_fact(leaf):
                continue
            seen = (here.id for here in in_sight(self.graph.scopes, scope) if leaf.owner in here.definition.inputs)
            if here := next(seen, ""):
                self.open.append((here, Local(leaf.owner)))

    def spread(self, scope: str, local: Local) -> None:
        """Reads in every needed use of a shared module what is read in one of them."""
        module = self.module[scope]
        if module in self.uses and local not in self.read[module]:
            self.read[module][local] = None
            self.open.extend((use, local) for use in self.uses[module] if find(self.graph, use, local))
