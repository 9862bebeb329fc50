"""Sites and definitions: one object for each thing that is written, so that its uses can be told by identity."""

from collections.abc import Mapping
from typing import Literal as OneOf

from archspec.graph.graph import NO_EXPRS, NO_VALUES, Alternative, Definition, Param, Rule, Site
from archspec.graph.handing import hands
from archspec.language.spec import NOTHING_TOLD, Block, Entry, ParamDecl, Written, WrittenRule
from archspec.language.written import conjunction
from archspec.values.expression import Expr


class Sites:
    """Gives the Site and the Definition of what is written, the same one every time."""

    def __init__(self) -> None:
        self._sites: dict[tuple[Entry, str], Site] = {}
        self._rules: dict[WrittenRule, tuple[Rule, ...]] = {}
        self._definitions: dict[tuple[object, ...], Definition] = {}

    def whole(self, entry: Entry) -> Site:
        """The site of an entry as a member of its graph."""
        return self._site(entry, "whole", {} if entry.repeat is not None else entry.fields)

    def part(self, entry: Entry, first: bool, last: bool) -> Site:
        """The site of one part of a repeat: all parts share one, but for the overrides of the first and the last."""
        first, last = first and bool(entry.first), last and bool(entry.last)
        return self._site(entry, f"part {first} {last}", overridden(entry, first, last), apart=first or last)

    def _site(self, entry: Entry, role: str, fields: Mapping[str, Written], *, apart: bool = False) -> Site:
        found = self._sites.get((entry, role))
        if found is None:
            written = {**fields, "op": entry.target} if entry.kind == "op" and entry.target is not None else fields
            exprs: Mapping[str, Expr] = {name: w.expr for name, w in written.items() if not w.plain} or NO_EXPRS
            whole = role == "whole"
            chosen = (entry.target, entry.variant) if entry.kind == "block" else ()
            repeat = entry.repeat if whole and entry.repeat is not None and not entry.repeat.plain else None
            found = self._sites[entry, role] = Site(
                name=entry.name,
                span=entry.span,
                exprs=exprs,
                when=conjunction(entry.when) if whole else None,
                alternative=_alternative(entry) if whole else None,
                repeat=repeat.expr if repeat is not None else None,
                chosen=tuple(one.expr for one in chosen if one is not None and not one.plain),
                outputs=tuple(port.name.name for port in entry.outputs) if entry.kind == "op" else (),
                carried=entry.carried if whole else NO_VALUES,
                apart=apart,
                init=self.rules(entry.init) if entry.init is not None else (),
                freeze=_expr(entry.freeze),
                told=entry.told if whole else NOTHING_TOLD,
            )
        return found

    def block(self, block: Block, kind: OneOf["spec", "block", "inline"]) -> Definition:
        """What a scope of this block is a use of."""
        found = self._definitions.get((block,))
        if found is None:
            names = tuple(named.name for named in block.inputs)
            found = self._definitions[(block,)] = Definition(
                name=block.name,
                kind=kind,
                params=tuple(map(_param, block.params.values())),
                inputs=names,
                span=block.span,
                listed=block.listed,
                flat=block.flat,
                order=tuple(named.name for named in block.order),
                carried=block.carried,
                init=tuple(rule for written in block.init for rule in self.rules(written)),
                freeze=_expr(block.freeze),
                told=block.told,
                lets=tuple((let.name, let.expr) for let in block.lets),
                many=block.several.name if block.several is not None else "",
                before=block.before,
                hands=hands(block.outputs, names),
            )
        return found

    def rules(self, written: WrittenRule) -> tuple[Rule, ...]:
        """What is said of each tensor of an op."""
        found = self._rules.get(written)
        if found is None:
            when = conjunction(written.when)
            found = self._rules[written] = tuple(
                Rule(
                    written.op.name,
                    start.tensor.name,
                    start.initialiser.name,
                    {name: setting.expr for name, setting in start.settings.items() if not setting.plain},
                    when,
                    start.initialiser.span,
                )
                for start in written.starts
            )
        return found

    def repeat(self, entry: Entry, inputs: tuple[str, ...]) -> Definition:
        """What the sequence that an entry repeats is a use of."""
        key = (entry, inputs)
        found = self._definitions.get(key)
        if found is None:
            found = self._definitions[key] = Definition(
                name=entry.name,
                kind="repeat",
                params=(),
                inputs=inputs,
                span=entry.span,
                listed=True,
                rounds=entry.body is not None and entry.body.lists,
                shares=entry.share is not None,
            )
        return found


def _expr(written: Written | None) -> Expr | None:
    """The expression of a value; None of one that is the same everywhere."""
    return written.expr if written is not None and not written.plain else None


def _alternative(entry: Entry) -> Alternative | None:
    one = entry.alternative
    if one is None:
        return None
    every = (conjunction(condition) for condition in one.every)
    return Alternative(one.number, one.count, conjunction(one.tests), tuple(test for test in every if test is not None))


def _param(decl: ParamDecl) -> Param:
    follows = decl.follows.expr if decl.follows is not None else None
    return Param(decl.name, decl.type, decl.default, decl.required, decl.span, decl.varied, follows, decl.doc)


def overridden(entry: Entry, first: bool, last: bool) -> Mapping[str, Written]:
    """The fields of one part of a repeat: `first` and `last` override what all parts have."""
    if (first and entry.first) or (last and entry.last):
        return {**entry.fields, **((first and entry.first) or {}), **((last and entry.last) or {})}
    return entry.fields
