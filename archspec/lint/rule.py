"""Rule: one piece of advice, with its reason, its source, and an example of what it is about."""

from collections.abc import Callable, Iterator
from functools import cache
from inspect import cleandoc
from textwrap import indent
from typing import TypeAlias

from archspec.lint.flow import Flow
from archspec.registry import Registry, declared
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule has to say of one op.

    Attributes:
        node: id of the op.
        message: one line that says what is wrong, the numbers included.
        help: the cure.
        labels: ids of other ops that it is about, each with what to say of it.
    """

    node: str
    message: str
    help: str
    labels: tuple[tuple[str, str], ...] = ()


Find: TypeAlias = Callable[[Flow], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A piece of advice.

    Attributes:
        name: kebab-case name of the fault.
        summary: one line, for lists.
        reason: why it is worth a change, in a few sentences of Markdown.
        source: the paper or the measurement that says so.
        bad: a small spec about which the rule has something to say, and no other rule has.
        good: the same spec, mended.
        find: what it finds in a network.
        of_starts: it reads what tensors start with, of which an imported module says nothing.
        default: runs where nobody asks for it by name; False where what it finds is meant so more often than not.
    """

    name: str
    summary: str
    reason: str
    source: str
    bad: str
    good: str
    find: Find
    of_starts: bool = False
    default: bool = True

    @property
    def explanation(self) -> str:
        """All but the summary, as Markdown that reads well in a terminal too."""
        parts = [cleandoc(self.reason), f"Source: {self.source}."]
        if not self.default:
            parts.append(f"It runs where it is asked for: `archspec lint --select {self.name}`, or `--all`.")
        parts += ["Bad:", indent(cleandoc(self.bad), "    "), "Good:", indent(cleandoc(self.good), "    ")]
        return "\n\n".join(parts)


@cache
def rules() -> Registry[Rule]:
    """Name -> rule: the files of `archspec/lint/rules/`, by their names."""
    known: Registry[Rule] = Registry("rule")
    for rule in declared("archspec.lint.rules", "RULE", Rule):
        known.add(rule.name, rule)
    return known
