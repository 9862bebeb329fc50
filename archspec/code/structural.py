"""Structural: which roots decide what parts a network has, and how many; they have to be literals."""

from collections.abc import Iterable

from archspec.code.settings import Settings, Settling
from archspec.code.template_names import TemplateNames
from archspec.graph.graph import Node, Scope, Site
from archspec.graph.walk import children, inside
from archspec.values.expression import Expr


class Structural:
    """Notes the structural roots of one template, in its names.

    Attributes:
        answered: where a condition is written that the class asks itself.
    """

    def __init__(self, settling: Settling, own: Settings, names: TemplateNames) -> None:
        self.settling, self.own, self.names = settling, own, names
        self.answered: set[Site] = set()

    def note(self, names: Iterable[str]) -> None:
        """Notes the roots that reach any of these names."""
        self.settling.structural |= self.own.rooted(names)

    def counts(self, names: Iterable[str]) -> None:
        """Notes the roots that say how many parts there are after a first one, which some number leaves none of.

        What the variants of a family set is one part or more in each of them.
        """
        self.settling.structural |= self.own.rooted(names) - self.settling.varied

    def decides(self, *exprs: Expr | None, around: str = "") -> None:
        """Notes what expressions read, where there are any; inside of a flat graph, in the scope `around` them."""
        for expr in exprs:
            if expr is not None:
                self.note((self.names.of(around, expr) if around else self.names.written(expr)).names)

    def left_out(self, uses: Iterable[Node | Scope | None]) -> None:
        """Notes what decides which members are left out, where the class does not ask for it, and what is given."""
        for scope in uses:
            if not isinstance(scope, Scope):
                continue
            self.decides(*scope.conditions)
            for absent in scope.absent.values():
                self.decides(absent.site.repeat)
                if absent.site not in self.answered:
                    self.decides(*absent.site.tests)

    def of_all(self, uses: Iterable[Scope]) -> None:
        """Notes what decides which members there are and which of them are frozen, in scopes that are no class."""
        graph, classes = self.names.network.graph, self.settling.template_of
        open_ = list(uses)
        while open_:
            scope = open_.pop()
            self.decides(scope.definition.freeze, around=scope.id)
            for member in children(graph, scope):
                site = member.site
                self.decides(site.repeat, site.when, site.freeze, *site.chosen, around=scope.id)
                if isinstance(member, Scope) and member.id not in classes:
                    open_.append(member)

    def of_flat(self, flat: Scope) -> None:
        """Notes what decides which ops there are inside of a flat graph, whose sequence has nothing but these."""
        graph = self.names.network.graph
        for scope in (flat, *(member for member in inside(graph, flat) if isinstance(member, Scope))):
            for absent in scope.absent.values():
                self.decides(*absent.site.tests, around=scope.id)
            sites = (one.site for one in (*children(graph, scope), *scope.absent.values()))
            for site in sites:
                self.decides(site.repeat, site.when, *site.chosen, around=scope.id)
