"""Lists: members that stand in a list of modules and are used one by one between others.

ups.0: {op: conv_transpose2d, out_channels: 64, kernel_size: 2, stride: 2}
join: {op: concat, from: [ups.0, skip]}
ups.1: {block: double_conv, width: 64}
"""

from archspec.diagnostics.findings import Findings
from archspec.language.names import place_in_list
from archspec.language.spec import Alternative, Block, Entry
from archspec.ops.op import OPS


def report_lists(block: Block, findings: Findings) -> None:
    """Records the members of lists with numbers missing before theirs, or that could not stand there."""
    plain = {entry.name: entry.name_span for entry in block.members}
    plain |= {named.name: named.span for named in block.inputs}
    counts = _counts(block)
    seen: set[str] = set()
    for entry in block.members:
        found = place_in_list(entry.name)
        if found is None:
            continue
        if entry.alternative is not None and entry.alternative.number:
            _report_kind(entry, entry.name.replace(".", "_"), findings)
            continue
        name, number = found
        if name in plain and name not in seen:
            message = f"{name} is a list here, {entry.name}, so nothing else can be called that"
            findings.add("duplicate-name", message, plain[name])
        seen.add(name)
        gap = counts[name].get(number, number)
        if gap != number:
            message = f"{entry.name} stands where {name}.{gap} should"
            help = f"the numbers of a list count from 0: call it {name}.{gap}"
            findings.add("bad-name", message, entry.name_span, help=help)
        _report_kind(entry, f"{name}_{number}", findings)


def _counts(block: Block) -> dict[str, dict[int, int]]:
    """For each list its numbers, each with what it should be: the first number behind a gap is the gap's."""
    numbers: dict[str, set[int]] = {}
    for entry in block.members:
        if (found := place_in_list(entry.name)) is not None:
            numbers.setdefault(found[0], set()).add(found[1])
    made: dict[str, dict[int, int]] = {}
    for name, several in numbers.items():
        due = 0
        for number in sorted(several):
            made.setdefault(name, {})[number] = due
            due = number + 1  # what follows a gap is counted on, so that each gap is told once
    return made


def _report_kind(entry: Entry, instead: str, findings: Findings) -> None:
    op = OPS.get(entry.op_name) if entry.kind == "op" else None
    if op is not None and op.holds:
        message = f"{entry.name} is a {op.name}, and a list holds modules"
        findings.add("bad-name", message, entry.name_span, help=f"call it {instead}")
    gap = entry.alternative.tests is not None and _is_last(entry.alternative) if entry.alternative else True
    if gap and entry.when is not None and entry.when.tests:
        message = f"{entry.name} may be left out, and a list has no gaps"
        findings.add("bad-name", message, entry.when.span, help=f"call it {instead}")


def _is_last(alternative: Alternative) -> bool:
    return alternative.number == alternative.count - 1
