"""Conditions: when an optional part of a class is there, and which of several things a part is.

self.low = Hourglass(depth - 1) if depth > 1 else Residual(width)    of several things
self.skip: nn.Module = nn.Identity()                                 or not there
if stride != 1:
self.skip = nn.Conv2d(...)
"""

from collections.abc import Sequence
from typing import TypeAlias

from archspec.code.followed import Followed, Sizes, either, where_holds
from archspec.code.parts import BlockPart, Item, OpPart, Part, RunPart, SequencePart
from archspec.code.settings import Settings, Settling
from archspec.code.structural import Structural
from archspec.code.template_names import TemplateNames
from archspec.graph.graph import Node, Scope
from archspec.values.expression import Expr, Value

Around: TypeAlias = Node | Scope


class Conditions:
    """Decides the conditions of one template, and the sizes after what hangs on one."""

    def __init__(self, settling: Settling, own: Settings, names: TemplateNames, structural: Structural) -> None:
        self.settling, self.own, self.names, self.structural = settling, own, names, structural

    def of(self, part: OpPart | BlockPart | SequencePart, around: Sequence[Around | None]) -> None:
        """Decides when a part is there, in the uses that have what is `around` it."""
        site = part.site
        run = isinstance(part, SequencePart) and part.items and isinstance(part.items[-1], RunPart)
        if not run and not (isinstance(part, SequencePart) and part in self.own.counts):
            self.structural.decides(site.repeat)
        there = [use is not None for use in around]
        values: list[Value] = [use is not None for use in part.uses]
        if values == there:
            self.structural.decides(site.when)
        else:
            self._decide(part, site.when, values, there)

    def of_alternatives(self, options: Sequence[Part], around: Sequence[Around | None]) -> None:
        """Decides which of several things a part is: each has a test of its own, asked where those before fail."""
        alternative = options[0].site.alternative
        whole = alternative is not None and alternative.count == len(options)
        open_ = [use is not None for use in around]
        for option in options:
            self.structural.decides(option.site.repeat)
            if not whole:  # what no use is has no part, so nothing may come to be it
                self.structural.decides(option.site.when)
            values: list[Value] = [use is not None for use in option.uses]
            test = option.site.alternative.test if option.site.alternative is not None else None
            if values == open_ and option is options[-1]:
                self.structural.decides(test)
            else:
                self._decide(option, test, values, open_)
            open_ = [left and use is None for left, use in zip(open_, option.uses, strict=True)]

    def _decide(self, part: Part, test: Expr | None, values: list[Value], there: list[bool]) -> None:
        written = self.names.written(test) if test is not None else Followed(None)
        made = self.settling.decide(self.own, written, values, there, "", f"with_{part.name}")
        self.own.conditions[part] = made
        if test is not None and self.own.rooted(written.names) <= self.own.rooted(self.names.told(made)):
            self.structural.answered.add(part.site)
        else:
            self.structural.decides(test)

    def where_there(self, part: Item, reads: tuple[Sizes, ...]) -> tuple[Sizes, ...]:
        """The sizes that a part reads in the uses that have it."""
        when = part.site.when if not isinstance(part, RunPart) else None
        return where_holds(self.names.written(when), reads) if when is not None else reads

    def sizes_after(
        self,
        part: OpPart | BlockPart | SequencePart,
        around: Sequence[Around | None],
        given: dict[str, Sizes],
        reads: tuple[Sizes, ...],
    ) -> dict[str, Sizes]:
        """The sizes after a part: its own where it is there, else those that it would read."""
        optional = part.site.when is not None and any(
            here is not None and use is None for here, use in zip(around, part.uses, strict=True)
        )
        if not optional or part.site.when is None or not reads:
            return given
        when = self.names.written(part.site.when)
        return {
            port: tuple(either(when, there, before) for there, before in zip(made, reads[0], strict=True))
            if len(reads[0]) == len(made)
            else made
            for port, made in given.items()
        }

    def sizes_of(self, options: Sequence[Part], found: Sequence[Sizes]) -> Sizes:
        """The sizes after what is one of several things, from those of each."""
        made = found[-1]
        for option, sizes in reversed(tuple(zip(options[:-1], found[:-1], strict=True))):
            alternative = option.site.alternative
            test = alternative.test if alternative is not None else None
            when = self.names.written(test) if test is not None else Followed(None)
            if len(sizes) != len(made):
                return ()
            made = tuple(either(when, there, other) for there, other in zip(sizes, made, strict=True))
        return made
