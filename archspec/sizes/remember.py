"""Remember: what an op's rule asked before, and what came out, so that equal layers run their rule once.

conv of (64, H // 2, W // 2)    H // 2 - 2 < 0?    yes: stops
no:  W // 2 - 2 < 0?    yes: stops
no:  (64, H // 2 - 2, W // 2 - 2)
"""

from collections.abc import Hashable, Sequence
from dataclasses import field
from typing import TypeAlias

from archspec.sizes.follow import Extent, Refusal
from archspec.sizes.form import Form
from archspec.sizes.number import Ask
from archspec.sizes.solve import Relation
from archspec.values.dataclass import dataclass

# What comes out, why the module stops, or nothing where the rule is not followed.
Outcome: TypeAlias = tuple[Extent, ...] | Refusal | None
Asking: TypeAlias = tuple[Form, Relation, bool]


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a row of questions."""

    outcome: Outcome


@dataclass(slots=True)
class _Question:
    form: Form
    relation: Relation
    after: "dict[bool, _Question | Ended]" = field(default_factory=dict)


class Memory:
    """The questions of every op and inputs, and what followed from the answers."""

    def __init__(self) -> None:
        self._known: dict[Hashable, _Question | Ended] = {}

    def recall(self, key: Hashable, ask: Ask) -> Ended | None:
        """What comes out, where the questions lead to it; None where this row of answers is new."""
        here = self._known.get(key)
        while isinstance(here, _Question):
            here = here.after.get(ask(here.form, here.relation))
        return here

    def keep(self, key: Hashable, asked: Sequence[Asking], outcome: Outcome) -> None:
        """Keeps a row of questions with their answers, and what came out."""
        top: dict[bool, _Question | Ended] = {True: self._known[key]} if key in self._known else {}
        after, answer = top, True
        for form, relation, given in asked:
            found = after.get(answer)
            if not isinstance(found, _Question):
                found = after[answer] = _Question(form, relation)
            after, answer = found.after, given
        after[answer] = Ended(outcome)
        self._known[key] = top[True]
