"""Alternatives: what a member is under one condition or another. The first whose condition holds is there.

    low:
      - {block: hourglass, depth: $(depth - 1), when: $(depth > 1)}
      - {block: residual, width: 256}

Each becomes an entry of its own with the same name, whose `when` also says that none above it is there.
"""

from collections.abc import Sequence
from dataclasses import replace

from archspec.diagnostics.diagnostic import Span
from archspec.diagnostics.findings import Findings
from archspec.language.spec import Alternative, Condition, Entry, Written
from archspec.language.written import conjunction
from archspec.values.expression import Unary


def alternatives(entries: Sequence[Entry], key: Span, findings: Findings) -> tuple[Entry, ...]:
    """The entries of a member that is one of several things, as exclusive ones; `key` is the place of its name."""
    if not entries:
        findings.add("bad-alternatives", "a list of alternatives has one or more", key)
    if len(entries) == 1:
        return tuple(entries)
    made: list[Entry] = []
    unless: list[Written] = []
    every = tuple(entry.when for entry in entries if entry.when is not None and entry.when.tests)
    for number, entry in enumerate(entries):
        if fault := _fault(entry, last=number == len(entries) - 1):
            findings.add("bad-alternatives", *fault)
        tests = entry.when.tests if entry.when is not None else ()
        own = entry.when if tests else None
        when = Condition((*unless, *tests), False, own.span if own is not None else entry.name_span)
        which = Alternative(number, len(entries), own, every)
        made.append(replace(entry, when=when if when.tests else None, alternative=which))
        if (held := conjunction(own)) is not None:
            unless.append(Written(Unary("not", held), tests[0].yaml))
    return tuple(made)


def _fault(entry: Entry, *, last: bool) -> tuple[str, Span] | None:
    """What is wrong with an alternative, and where."""
    if entry.when is not None and entry.when.training:
        return f"{entry.name} is one of several things, and none of them is for training only", entry.when.span
    if not last and (entry.when is None or not entry.when.tests):
        span = entry.target.span if entry.target is not None else entry.name_span
        return f"{entry.name} is always this, so that nothing below it is reached: give it a when", span
    return None
