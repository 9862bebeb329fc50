"""Ties: tensors that are one, whatever the ops are that hold them.

    wte: {op: embedding, num_embeddings: 50257, embedding_dim: 768}
    lm_head: {op: linear, out_features: 50257, bias: false, share: {weight: wte.weight}}

What is named stands above: in the same graph or, for what is written in place, in one around it. Both sides may reach
into blocks. All ties are settled at the end, when every node is there, so that a chain of them leads to one owner.
"""

from collections.abc import Mapping
from dataclasses import replace

from archspec.diagnostics.diagnostic import Label
from archspec.graph.elaborate.evaluation import Values
from archspec.graph.elaborate.frame import Place
from archspec.graph.elaborate.nodes import Nodes
from archspec.graph.graph import Node, Scope, Tensor, child_id
from archspec.graph.walk import head, in_sight
from archspec.language.names import split_path
from archspec.language.spec import Path, Tie
from archspec.registry import nearest
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class _End:
    """Where a path leads: a node, and the rest of the path, which should be one of its tensors."""

    id: str
    node: Node | None
    rest: str


class Ties:
    """Takes note of the ties that are written, and gives them to the nodes at the end."""

    def __init__(self, values: Values, nodes: Nodes, scopes: Mapping[str, Scope]) -> None:
        self.values, self.nodes, self.scopes = values, nodes, scopes
        self.places: list[Place] = []
        self.echo = False  # a mistake has been found already, which may be why something is not there

    def note(self, place: Place) -> None:
        """Keeps a member that says whose tensors some of its own are."""
        if place.entry.ties:
            self.places.append(place)

    def settle(self) -> None:
        """Gives every node its ties; a mistake in one is recorded. Linear in the ties."""
        self.echo = self.values.findings.failed
        held: dict[Tensor, Tensor] = {}
        order = {id: number for number, id in enumerate(self.nodes.nodes)}
        for place in self.places:
            for tie in place.entry.ties:
                own = self.tensor(place, tie.own, place.id)
                other = self.tensor(place, tie.other, self.around(place, tie.other)) if own is not None else None
                if own is None or other is None:
                    continue
                if order[other.node] >= order[own.node]:
                    self.report_below(place, tie)
                elif self.fits(place, tie, own, other):
                    held[own] = held.get(other, other)
        for own, owner in held.items():
            node = self.nodes.nodes[own.node]
            self.nodes.nodes[own.node] = replace(node, ties=(*node.ties, (own.name, owner)))

    # -- where paths lead -------------------------------------------------------------------------------------------

    def around(self, place: Place, path: Path) -> str:
        """The nearest graph that has the first name of a path, from that of the entry outwards."""
        seen = tuple(in_sight(self.scopes, place.frame.scope))
        return next((scope for scope in seen if self.has(scope, path.names)), seen[-1]).id

    def has(self, scope: Scope, names: tuple[str, ...]) -> bool:
        """Whether the member that a path begins with is written in a scope."""
        return split_path(names, scope.order)[0] in {*scope.order, *scope.absent}

    def end(self, id: str, names: tuple[str, ...]) -> _End:
        """Follows names from a member or graph on, as far as they name members."""
        while names and id in self.scopes:
            name, rest = split_path(names, self.scopes[id].members)
            if name not in self.scopes[id].members:
                break
            id, names = child_id(id, name), rest
        return _End(id, self.nodes.nodes.get(id), ".".join(names))

    def tensor(self, place: Place, path: Path, start: str) -> Tensor | None:
        """The parameter that a path names, by the node that holds it; None where there is none, which is recorded."""
        end = self.end(start, path.names)
        if end.node is not None and end.rest in self.nodes.parameters(end.node):
            return Tensor(end.node.share or end.id, end.rest)
        self.report_none(place, path, end)
        return None

    # -- mistakes ---------------------------------------------------------------------------------------------------

    def fits(self, place: Place, tie: Tie, own: Tensor, other: Tensor) -> bool:
        """Whether the two can be one; where they cannot, that is recorded."""
        mine, theirs = (self.nodes.nodes[tensor.node] for tensor in (own, other))
        needed, held = self.nodes.parameters(mine)[own.name], self.nodes.parameters(theirs)[other.name]
        if needed != held:
            self.values.report(
                "share-mismatch",
                f"{'the tensor' if not tie.own.names else tie.own} of {place.name} is not the size of {tie.other}",
                tie.other.span,
                place.frame,
                pointed=f"needs {list(needed)}",
                labels=(Label(head(theirs.site), f"has {list(held)}"),),
            )
        return needed == held

    def report_below(self, place: Place, tie: Tie) -> None:
        """Reports a tie to what comes later, or to itself."""
        message = f"{place.name} takes {tie.other}, which is written below"
        help = "write the tie at the later one of the two, and name the earlier one there"
        self.values.report("forward-reference", message, tie.other.span, place.frame, help=help)

    def report_none(self, place: Place, path: Path, end: _End) -> None:
        """Reports a path that leads to no parameter, unless what it names is not there after a mistake."""
        scope, name = self.scopes.get(end.id), end.rest.partition(".")[0]
        if end.node is not None:
            known = [name for name in self.nodes.parameters(end.node) if name]
            help = f"its parameters are {', '.join(known)}" if known else "it has no parameters"
            near = nearest(end.rest, known)
            message = f"{end.node.name} has no parameter {end.rest}" if end.rest else f"{end.node.name} is no parameter"
            help = f"did you mean {near}?" if near else help
            if not path.names and known:
                help = f"say which: share: {{{known[0]}: {place.entry.ties[0].other}}}"
        elif scope is not None and name in scope.absent:
            message, help = f"{name} is left out here, and has no parameters", ""
        else:
            known = [*scope.members] if scope is not None else []
            near = nearest(name, known)
            message, help = f"there is no {path} here", f"did you mean {near}?" if near else ""
        if not self.echo:
            self.values.report("unknown-reference", message, path.span, place.frame, help=help)
