"""Recursion: a block that contains itself does so under a condition, which ends it.

hourglass:
params: {depth: int}
graph:
inner: {block: hourglass, depth: $(depth - 1), when: $(depth > 1)}
"""

from collections.abc import Iterator

from archspec.diagnostics.findings import Findings
from archspec.language.spec import Block, Entry, Spec
from archspec.language.written import plain_value


def report_recursion(spec: Spec, findings: Findings) -> None:
    """Records every block that contains itself whatever its arguments are, by uses that name it outright.

    Linear in the entries. Where a condition should end it and does not, expansion finds out.
    """
    done: set[str] = set()
    for root in spec.blocks:
        chain: dict[str, Iterator[Entry]] = {}
        name: str | None = root if root not in done else None
        while name is not None:
            uses = chain.setdefault(name, uses_in(spec.blocks[name]))
            entry = next(uses, None)
            if entry is None:
                done.add(name)
                chain.pop(name)
                name = next(reversed(chain), None)
                continue
            used = str(plain_value(entry.target)) if entry.target is not None and entry.target.plain else ""
            if used in chain:
                names = list(chain)
                circle = " uses ".join([*names[names.index(used) :], used])
                span = entry.target.span if entry.target is not None else entry.name_span
                findings.add("recursive-block", f"a block contains itself: {circle}", span)
            elif used in spec.blocks and used not in done:
                name = used


def uses_in(block: Block) -> Iterator[Entry]:
    """The entries of a block, inline graphs included, that always use a block."""
    open_ = [block]
    while open_:
        for entry in open_.pop().members:
            if _may_be_left_out(entry):
                continue
            if entry.body is not None:
                open_.append(entry.body)
            elif entry.kind == "block":
                yield entry


def _may_be_left_out(entry: Entry) -> bool:
    """Whether other arguments may leave out an entry."""
    tests = entry.when.tests if entry.when is not None else ()
    return any(not test.plain for test in tests) or (entry.repeat is not None and not entry.repeat.plain)
