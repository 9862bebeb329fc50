"""Lists and mappings: members that stand in a container of modules and are used one by one between others.

downs.0.0: {block: residual, width: 64}                                 downs: [[residual, attention], ...]
downs.0.1: {block: attention}
encoder.level0: {op: conv2d, out_channels: 64, kernel_size: 3}          encoder: {level0: conv2d}
"""

from archspec.diagnostics.findings import Findings
from archspec.language.names import counted, holder, holders, nested
from archspec.language.spec import Alternative, Block, Entry
from archspec.ops.op import OPS


def report_lists(block: Block, findings: Findings) -> None:
    """Records the members of lists and mappings with a number missing before theirs, or that could not stand there."""
    plain = {entry.name: entry.name_span for entry in block.members}
    plain |= {named.name: named.span for named in block.inputs}
    _report_numbers(block, findings)
    counts, kinds = _counts(block), dict[str, bool]()
    seen: set[str] = set()
    for entry in block.members:
        if not nested(entry.name):
            continue
        if entry.alternative is not None and entry.alternative.number:
            _report_kind(entry, findings)
            continue
        for name, key in zip(holders(entry.name), nested(entry.name)[1:], strict=True):
            if name in plain and name not in seen:
                message = f"{name} is a {_word(key)} here, {entry.name}, so nothing else can be called that"
                findings.add("duplicate-name", message, plain[name])
            seen.add(name)
            if kinds.setdefault(name, key.isdigit()) != key.isdigit():
                others = "names" if key.isdigit() else "numbers"
                message = (
                    f"{entry.name} has a {'number' if key.isdigit() else 'name'} in {name}, where others have {others}"
                )
                help = "a list has numbers only, and a mapping names"
                findings.add("bad-name", message, entry.name_span, help=help)
            elif key.isdigit() and (gap := counts[name].pop(int(key), int(key))) != int(key):
                message = f"{name}.{key} stands where {name}.{gap} should"
                help = f"the numbers of a list count from 0: call it {name}.{gap}"
                findings.add("bad-name", message, entry.name_span, help=help)
        _report_kind(entry, findings)


def _report_numbers(block: Block, findings: Findings) -> None:
    """The same of members called by their numbers, where the graph itself is the list and others stand between them."""
    numbers = {} if block.listed else {int(entry.name): entry for entry in block.members if counted(entry.name)}
    due = 0
    for number in sorted(numbers):
        entry = numbers[number]
        if number != due:
            message, help = f"{number} stands where {due} should", f"the numbers of a list count from 0: call it {due}"
            findings.add("bad-name", message, entry.name_span, help=help)
        due = number + 1
        if entry.when is not None and entry.when.tests:
            message, help = f"{number} may be left out, and a list has no gaps", "give it a name, or no condition"
            findings.add("bad-name", message, entry.when.span, help=help)


def _word(key: str) -> str:
    return "list" if key.isdigit() else "mapping"


def _counts(block: Block) -> dict[str, dict[int, int]]:
    """For each list its numbers, each with what it should be: the first number behind a gap is the gap's."""
    numbers: dict[str, set[int]] = {}
    for entry in block.members:
        for name, key in zip(holders(entry.name), nested(entry.name)[1:], strict=True):
            if key.isdigit():
                numbers.setdefault(name, set()).add(int(key))
    made: dict[str, dict[int, int]] = {}
    for name, several in numbers.items():
        due = 0
        for number in sorted(several):
            made.setdefault(name, {})[number] = due
            due = number + 1  # what follows a gap is counted on, so that each gap is told once
    return made


def _report_kind(entry: Entry, findings: Findings) -> None:
    instead, word = entry.name.replace(".", "_").replace("-", "_"), _word(nested(entry.name)[-1])
    op = OPS.get(entry.op_name) if entry.kind == "op" else None
    if op is not None and op.holds:
        message = f"{entry.name} is a {op.name}, and a {word} holds modules"
        findings.add("bad-name", message, entry.name_span, help=f"call it {instead}")
    gap = entry.alternative.tests is not None and _is_last(entry.alternative) if entry.alternative else True
    if gap and entry.when is not None and entry.when.tests:
        message = f"{entry.name} may be left out, and {holder(entry.name)} has all of its modules"
        if word == "list":
            message = f"{entry.name} may be left out, and a list has no gaps"
        findings.add("bad-name", message, entry.when.span, help=f"call it {instead}")


def _is_last(alternative: Alternative) -> bool:
    return alternative.number == alternative.count - 1
