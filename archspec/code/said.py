"""Said: which class's constructor says what tensors start with, so that an inner word counts over an outer one.

    Net    rule: linear.weight normal      for module in self.modules(): if isinstance(module, nn.Linear): ...
    Block  proj: weight zeros              for module in self.modules(): if isinstance(module, Block): module.proj ...

A class is made before the one around it, whose loop over all modules then comes last. So what an outer rule would write
over is said where that rule stands, after its loop; all else where it is written.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from archspec.code.parts import OpPart, Template, op_parts
from archspec.graph.graph import Graph, Node, Rule, Scope, Site, Start
from archspec.graph.network import Network
from archspec.graph.starts import names_in_rules, scopes_around
from archspec.graph.walk import in_sight, inside, within
from archspec.values.dataclass import dataclass

Asked: TypeAlias = tuple[str, str]  # the op and the tensor of a rule


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a tensor: at a member of a class or, without one, by a rule of the class's definition."""

    rule: Rule
    part: OpPart | None = None


class Plan:
    """Where everything is said. Linear in the nodes inside of what has rules, times the nesting.

    Attributes:
        here: class -> what its own constructor says.
        later: class -> class inside it -> what the outer one says of the inner, after its own rules.
        optional: what is said of a tensor that some of the modules do not have, or that an argument may leave out.
    """

    def __init__(self, network: Network, ordered: Sequence[Template]) -> None:
        self.network = network
        self.here: dict[Template, list[Said]] = {}
        self.later: dict[Template, dict[Template, list[Said]]] = {}
        self.optional: set[Said] = set()
        self.by_member: dict[tuple[Template, OpPart | None], list[Said]] = {}
        graph = network.graph
        members = any(node.init for node in graph.nodes.values())
        if not members and not any(scope.init for scope in graph.scopes.values()):
            return
        self.template_of = {scope.id: template for template in ordered for scope in template.uses}
        for template in ordered:
            for said, asked in self._of(template):
                self.by_member.setdefault((template, said.part), []).append(said)
                self._place(template, said, asked)

    def of_member(self, template: Template, part: OpPart | None) -> Sequence[Said]:
        """What a class says of one of its members or, of None, by rules, wherever it comes to stand."""
        return self.by_member.get((template, part), ())

    def note_optional(self, template: Template, part: OpPart, tensor: str) -> None:
        """Notes that a member may lack a tensor: what is said of it there, and by rules around it, is optional."""
        node = part.sample
        known = names_in_rules(node.op, tensor)
        mine = (said for said in self.of_member(template, part) if own_name(node, said.rule) == tensor)
        around = (start.rule for scope in scopes_around(self.network.graph.scopes, node.scope) for start in scope.init)
        self.optional.update(mine, (Said(rule) for rule in around if (rule.op, rule.tensor) in known))

    def _place(self, template: Template, said: Said, asked: frozenset[Asked]) -> None:
        """Notes which classes say it: for each use, the outermost around it whose rules would write over it."""
        for use in own_uses(template):
            outer = self._outermost(use, asked, said.rule)
            places = self.here.setdefault(template, [])
            if outer is not None:
                places = self.later.setdefault(self.template_of[outer.id], {}).setdefault(template, [])
            if said not in places:
                places.append(said)

    def _outermost(self, use: Scope, asked: frozenset[Asked], rule: Rule) -> Scope | None:
        """The outermost scope around a use that has a rule for any of these, and says something else by it.

        A block that contains itself says the same of both where its rule hangs on nothing.
        """
        scopes = self.network.graph.scopes
        around = scopes_around(scopes, use.parent) if use.id else ()
        found = [(scope, one.rule) for scope in around for one in scope.init if (one.rule.op, one.rule.tensor) in asked]
        same = not rule.exprs and rule.when is None and all(one is rule for _, one in found)
        return found[-1][0] if found and not same else None

    def _of(self, template: Template) -> Iterator[tuple[Said, frozenset[Asked]]]:
        """What the definition of a class and its members say that reaches a tensor, with the rules that do so too."""
        nodes = [node for use in own_uses(template) for node in _nodes(self.network.graph, use)]
        for rule in template.definition.init:
            found = self._reached(Said(rule), nodes, (rule.op, rule.tensor))
            if found:
                yield Said(rule), found
        for part in op_parts(template.parts):
            if part.share or not part.sample.op.tensors:
                continue
            there = [node for node in part.uses if node is not None and not node.share]
            for rule in rules_of(self.network.graph, template, part):
                tensor = own_name(part.sample, rule)
                found = self._reached(Said(rule, part), there, (part.sample.op.name, tensor))
                if found:
                    yield Said(rule, part), found

    def _reached(self, said: Said, nodes: Iterable[Node], asked: Asked) -> frozenset[Asked]:
        """All names by which rules find the tensors that are meant; none where no node has one of its own."""
        found: set[Asked] = set()
        for node in nodes:
            for tensor in node.op.tensors:
                known = names_in_rules(node.op, tensor)
                if asked not in known:
                    continue
                names = node.op.tensors_of(self.network.input_shapes(node)).get(tensor, ())
                tied = {name for name, _ in node.ties}
                if not names:
                    self.optional.add(said)
                elif names[0] not in tied:
                    found.update(known)
        return frozenset(found)


def own_uses(template: Template) -> list[Scope]:
    """The uses of a class that have parameters of their own."""
    return [use for use in template.uses if not use.share]


def own_name(node: Node, rule: Rule) -> str:
    """What a node itself calls the tensor that a rule is for, of its own or of a scope around it."""
    if not rule.op:
        return rule.tensor
    return next(t for t in node.op.tensors if (rule.op, rule.tensor) in names_in_rules(node.op, t))


def rules_of(graph: Graph, template: Template, part: OpPart) -> Iterator[Rule]:
    """What is said of a member inside of a class: by itself and, in a flat sequence, by blocks that are no class."""
    node, own = part.sample, {use.id for use in template.uses}
    taken = set()
    for start in node.init:
        taken.add(start.rule.tensor)
        yield start.rule
    for scope in scopes_around(graph.scopes, node.scope):
        if scope.id in own:
            return
        for start in scope.init:
            meant = [t for t in node.op.tensors if (start.rule.op, start.rule.tensor) in names_in_rules(node.op, t)]
            if meant and start.holds and not taken.issuperset(meant):
                taken.update(meant)
                yield start.rule


def start_in(graph: Graph, rule: Rule, place: Node | Scope) -> tuple[Start, str] | None:
    """What a rule says in one use, of a node or a scope, and the scope in whose names it is written; None: nothing."""
    if isinstance(place, Node):
        own = next((start for start in place.init if start.rule is rule), None)
        if own is not None:
            return own, place.scope
    around = place.scope if isinstance(place, Node) else place.id
    found = ((start, scope.id) for scope in scopes_around(graph.scopes, around) for start in scope.init)
    return next(((start, scope) for start, scope in found if start.rule is rule), None)


def inner_use(template: Template, around: Scope) -> int | None:
    """The number of a use of a class inside a scope; None where none is, as in the last part of a recursion."""
    if not around.id:
        return 0
    return next((k for k, use in enumerate(template.uses) if within(use.id, around.id)), None)


def _nodes(graph: Graph, use: Scope) -> Iterator[Node]:
    """The nodes inside a use that have parameters of their own."""
    return (found for found in inside(graph, use) if isinstance(found, Node) and not found.share)


def starting(graph: Graph) -> frozenset[Site]:
    """Where members are written whose tensors a constructor fills, and the graphs in place around them."""
    found: set[Site] = set()
    for node in graph.nodes.values():
        if node.init:
            inner = (one.site for one in in_sight(graph.scopes, node.scope) if one.definition.kind == "inline")
            found.update((node.site, *inner))
    return frozenset(found)


def shifting(graph: Graph) -> frozenset[Site]:
    """Where members are written that are there in some uses only: what stands behind one in a list has two numbers."""
    members: tuple[Node | Scope, ...] = (*graph.nodes.values(), *graph.scopes.values())
    there = {member.site for member in members}
    return frozenset(one.site for scope in graph.scopes.values() for one in scope.absent.values()) & there
