"""Lint: networks -> what the rules have to say, each finding once where it is written.

archspec lint net.yaml     five uses of a block whose conv has a needless bias are one finding, `in 5 uses`
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import TypeAlias

from archspec.diagnostics.diagnostic import Diagnostic, Label
from archspec.diagnostics.findings import Findings
from archspec.graph.graph import Graph, Node
from archspec.graph.network import Network
from archspec.graph.walk import asked, head, within
from archspec.language.spec import Named, Told
from archspec.lint.flow import Flow
from archspec.lint.rule import Finding, Rule, rules
from archspec.registry import nearest
from archspec.values.dataclass import dataclass

Place: TypeAlias = tuple[str, int, int]  # file, line, column

NAMED = 3  # uses, or variants, that a finding names


@dataclass(frozen=True, slots=True)
class Wish:
    """Which rules run, and where.

    Attributes:
        select: names of rules; none for those that run by default.
        ignore: names of rules that do not run.
        all: runs those too that are off by default.
        imported: networks come from live modules, which do not say what tensors start with.
        block: path of the block, or the op, that findings are told of, or the name of a block; "" for the network.
    """

    select: Collection[str] = ()
    ignore: Collection[str] = ()
    all: bool = False
    imported: bool = False
    block: str = ""

    def chosen(self) -> tuple[Rule, ...]:
        """The rules that run, in the order of their names."""
        return tuple(rule for _, rule in rules().items() if self.wants(rule) and rule.name not in self.ignore)

    def wants(self, rule: Rule) -> bool:
        """Whether a rule is one of those asked for."""
        if self.imported and rule.of_starts:
            return False
        return rule.name in self.select if self.select else rule.default or self.all


def lint(networks: Iterable[Network], wish: Wish) -> tuple[Diagnostic, ...]:
    """What the rules have to say of networks that one spec describes, as warnings.

    Silences that keep nothing silent are told too. Linear in the nodes times the rules.

    Raises:
        NoBlock: a network does not have the block that is wished for.
    """
    silences, met = _Silences(), list[str]()
    found: dict[tuple[str, Place], tuple[Diagnostic, list[str]]] = {}
    for network in networks:
        met.append(network.variant)
        silences.enter(network.graph)
        flow, inside = Flow(network), _inside(network.graph, wish.block)
        for rule in wish.chosen():
            for place, several in _by_place(flow, rule, inside, silences).items():
                first = found.setdefault((rule.name, place), (_diagnostic(network.graph, rule, several), []))
                first[1].append(network.variant)
    findings = Findings()
    findings.extend(_of_variants(diagnostic, variants, met) for diagnostic, variants in found.values())
    findings.extend(silences.unused({rule.name for rule in wish.chosen()} if not wish.block else ()))
    return findings.diagnostics()


def _of_variants(diagnostic: Diagnostic, variants: Sequence[str], met: Sequence[str]) -> Diagnostic:
    """A finding with the variants that have it, where others do not."""
    if len(variants) == len(met):
        return diagnostic
    return replace(diagnostic, notes=(*diagnostic.notes, f"with {_listed(variants)}"))


class NoBlock(ValueError):
    """A network has no block that is called so."""


def _inside(graph: Graph, block: str) -> tuple[str, ...] | None:
    """What a block named behind a network means: one place, or all uses of the block; None for the whole network.

    Raises:
        NoBlock: there is no such place and no such block.
    """
    if not block:
        return None
    path = asked(graph, block)
    if path in graph.nodes or path in graph.scopes:
        return (path,)
    uses = tuple(scope.id for scope in graph.scopes.values() if scope.id and scope.definition.name == block)
    if not uses:
        near = nearest(path, (*graph.scopes, *graph.nodes))
        raise NoBlock(f"there is no block {block}" + (f"; {near} is one" if near else ""))
    return uses


def _by_place(
    flow: Flow, rule: Rule, inside: tuple[str, ...] | None, silences: "_Silences"
) -> Mapping[Place, Sequence[Finding]]:
    """What a rule finds that nobody wants to hear nothing of, all findings of one written member together."""
    graph = flow.network.graph
    places: dict[Place, list[Finding]] = {}
    for finding in rule.find(flow):
        node = graph.nodes[finding.node]
        heard = inside is None or any(node.id == id or within(node.id, id) for id in inside)
        if heard and not silences.silent(graph, node, rule.name):
            span = head(node.site)  # parts of a repeat have one, and several sites
            places.setdefault((span.source.name, span.line, span.column), []).append(finding)
    return places


def _diagnostic(graph: Graph, rule: Rule, several: Sequence[Finding]) -> Diagnostic:
    """One finding for all uses: the message of the first, and where the others are."""
    first = several[0]
    names = [finding.node.replace("/", ".") for finding in several]
    notes: tuple[str, ...] = ()
    if len(several) > 1:
        notes = (f"in {len(names)} uses: {_listed(names)}",)
    labels = tuple(Label(head(graph.nodes[id].site), text) for id, text in first.labels)
    span = head(graph.nodes[first.node].site)
    return Diagnostic(rule.name, first.message, span, "", labels, notes, first.help, "warning")


def _listed(names: Sequence[str]) -> str:
    return ", ".join([*names[:NAMED], *["..."] * (len(names) > NAMED)])


@dataclass(frozen=True, slots=True)
class _Silences:
    """What authors want to hear nothing of, and which of that kept something silent."""

    seen: dict[Named, bool] = field(default_factory=dict)
    wrong: list[Diagnostic] = field(default_factory=list)

    def enter(self, graph: Graph) -> None:
        """Notes all silences of a network, and outputs called logits that it does not have."""
        sites = [member.site for members in (graph.nodes, graph.scopes) for member in members.values()]
        told = {id(one): one for one in (site.told for site in sites)}
        told |= {id(one): one for one in (scope.definition.told for scope in graph.scopes.values())}
        for one in told.values():
            for named in one.ignore:
                self.seen.setdefault(named, False)
        outputs = {output.name for output in graph.outputs}
        for named in graph.scopes[""].definition.told.logits:
            if named.name not in outputs:
                help = f"the outputs are {', '.join(sorted(outputs))}"
                message = f"there is no output {named.name}"
                self.wrong.append(Diagnostic("unknown-reference", message, named.span, help=help, severity="warning"))

    def silent(self, graph: Graph, node: Node, rule: str) -> bool:
        """Whether a member, or what it stands in, silences a rule; the silence then is one that is used."""
        quiet = [named for told in _told(graph, node) for named in told.ignore if named.name == rule]
        self.seen.update(dict.fromkeys(quiet, True))
        return bool(quiet)

    def unused(self, ran: Collection[str]) -> Iterator[Diagnostic]:
        """What names no rule, and what silences a rule that ran and had nothing to say there."""
        yield from self.wrong
        for named, used in self.seen.items():
            if named.name not in rules():
                near = rules().nearest(named.name)
                help = f"did you mean {near}?" if near else "`archspec explain` lists the rules"
                message = f"there is no rule {named.name}"
                yield Diagnostic("unknown-rule", message, named.span, help=help, severity="warning")
            elif not used and named.name in ran:
                message = f"{named.name} has nothing to say here"
                help = f"leave {named.name} out of `ignore`"
                yield Diagnostic("unused-silence", message, named.span, help=help, severity="warning")


def _told(graph: Graph, node: Node) -> Iterator[Told]:
    """What is told of a node, and of everything that it stands in."""
    yield node.site.told
    id = node.scope
    while True:
        scope = graph.scopes[id]
        yield scope.site.told
        yield scope.definition.told
        if not id:
            return
        id = scope.parent
