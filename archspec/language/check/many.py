"""Many: members that stand for each of several values, and what reads several as if they were one."""

from archspec.diagnostics.findings import Findings
from archspec.language.flow import reads_nothing
from archspec.language.names import nested
from archspec.language.spec import Block, Entry


def report_many(block: Block, findings: Findings) -> None:
    """Records what a graph gets wrong about several values: those of its last input, and of members for each."""
    several = {block.inputs[-1].name} if block.many else set()
    above = block.inputs[0].name  # what a member reads that says nothing of it
    for entry in block.members:
        if entry.each is not None:
            _report_each(entry, findings)
            several.add(entry.name)
        elif entry.one:
            message = "share: true makes one module of all that `each` makes, and there is no each here"
            span = entry.name_span
            findings.add("unknown-key", message, span, help="share: name, of a member above, is that one again")
        elif entry.reads is None and above in several and not reads_nothing(entry):
            message = f"{entry.name} reads what stands above it, and {above} is several values"
            findings.add(
                "missing-input", message, entry.name_span, help=f"say which: from: {above}.*, or each: {above}"
            )
        if not reads_nothing(entry):
            above = entry.name
    if not block.outputs and block.members and block.members[-1].name in several:
        last = block.members[-1]
        message = f"{block.name} gives its last member, and {last.name} is several values"
        findings.add("missing-input", message, last.name_span, help=f"name them: outputs: {{maps.*: {last.name}.*}}")


def _report_each(entry: Entry, findings: Findings) -> None:
    """Records what is wrong with a member for each of several values."""
    if nested(entry.name) or not entry.name.isidentifier():
        message = f"{entry.name} stands for each of several values, which are a list: it has a name without numbers"
        findings.add(
            "bad-name", message, entry.name_span, help="branches: {each: ...} makes branches.0, branches.1, ..."
        )
    if entry.when is not None and entry.when.tests:
        message = f"{entry.name} may be left out, and a list has no gaps"
        findings.add(
            "bad-name", message, entry.when.span, help="let the block that it uses do nothing: put the when in it"
        )
    if entry.kind == "inline" or entry.alternative is not None:
        word = "a graph in place" if entry.kind == "inline" else "one of several things"
        message = f"each is for an op or a use of a block, and {entry.name} is {word}"
        span = entry.each.span if entry.each is not None else entry.name_span
        findings.add("unknown-key", message, span, help="write a block, and use it for each")
