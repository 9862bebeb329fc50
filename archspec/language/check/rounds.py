"""Rounds over lists: a repeat whose members stand in lists of the graph around it, `convs.0`, `norms.0`, `convs.1`.

rounds: {repeat: $depth, lists: true, graph: {convs: {op: conv2d, ...}, norms: batch_norm2d}}
"""

from collections.abc import Iterator

from archspec.diagnostics.diagnostic import Span
from archspec.diagnostics.findings import Findings
from archspec.language.expression.grammar import names_in
from archspec.language.names import holders, nested
from archspec.language.spec import Block, Entry, Written
from archspec.language.written import place_of_name
from archspec.ops.op import OPS


def report_rounds(block: Block, findings: Findings) -> None:
    """Records the mistakes of the rounds over lists in one graph. Linear in what is written in them."""
    rounds = [entry for entry in block.members if entry.body is not None and entry.body.lists]
    if not rounds:
        return
    taken = {entry.name: entry.name for entry in block.members if entry not in rounds}
    taken |= {named.name: named.name for named in block.inputs}
    taken |= {held: f"{held} of {entry.name}" for entry in block.members for held in holders(entry.name)}
    for entry in rounds:
        _report_entry(entry, block, findings)
        if entry.body is None:
            continue
        inside = {member.name: member for member in entry.body.members}
        for member in inside.values():
            _report_member(member, entry, findings)
            if _makes_list(member) and member.name in taken:
                message = f"{member.name} is a list here, {member.name}.0, so nothing else can be called that"
                help = f"call the list of {entry.name} something else"
                findings.add("duplicate-name", message, member.name_span, help=help)
        taken |= {name: f"{name} of {entry.name}" for name, member in inside.items() if _makes_list(member)}
        for written in _reading(entry.body, {named.name for named in entry.body.inputs}):
            _report_size(entry, written, findings)


def _report_entry(entry: Entry, around: Block, findings: Findings) -> None:
    """What rounds cannot say, since they are no module, and where they cannot stand."""
    body, span = entry.body, entry.name_span
    if body is None:
        return
    if entry.repeat is None:
        message = "lists is for a repeat, and there is none here"
        findings.add("unknown-key", message, span, help="say how long the lists are: repeat: 4")
    named = {"share": entry.share, "names": entry.names, "freeze": entry.freeze}
    said: dict[str, Span] = {key: one.span for key, one in named.items() if one is not None}
    said |= {"share": span} if entry.ties else {}
    said |= {"flat": span} if body.flat else {}
    for key, place in said.items():
        message = f"{entry.name} is no module, as its members are in lists of the graph around: it has no {key}"
        findings.add("unknown-key", message, place, help=f"leave out {key}, or leave out lists")
    if body.order and around.order and entry.name not in (named.name for named in around.order):
        message = f"the order of {entry.name} is one of the graph around, which has one without {entry.name}"
        findings.add("unknown-key", message, body.order[0].span, help=f"name {entry.name} in the order around too")
    if entry.alternative is not None:
        message = f"{entry.name} is one of several things, and the members of its lists stand here whichever it is"
        findings.add("unknown-key", message, span, help="put the rounds into a block, and choose that")
    if body.listed or around.listed:
        message = f"{entry.name} makes lists, and a graph that is a list has no names for them"
        findings.add("bad-name", message, span, help="give the members names: graph: {convs: ..., norms: ...}")


def _report_member(member: Entry, rounds: Entry, findings: Findings) -> None:
    """What cannot stand in a list, and rounds in rounds."""
    op = OPS.get(member.op_name) if member.kind == "op" else None
    if member.body is not None and member.body.lists:
        message = f"{member.name} makes lists inside of {rounds.name}, which makes lists itself"
        findings.add(
            "unknown-key", message, member.name_span, help=f"put {member.name} into a block: its lists are there"
        )
    elif op is not None and op.holds:
        message = f"{member.name} is a {op.name}, and a list holds modules"
        findings.add("bad-name", message, member.name_span, help=f"put {member.name} into a block: that is a module")
    elif _makes_list(member) and not nested(f"{member.name}.0") and not member.name.isdigit():
        message = f"{member.name} is no name of a list: letters, digits and underscores, no digit first"
        findings.add("bad-name", message, member.name_span)


def _makes_list(member: Entry) -> bool:
    """Whether a member is a module in each round, as far as what is written says so."""
    if member.share is not None:
        return False
    op = OPS.get(member.op_name) if member.kind == "op" else None
    return op is None or op.stateful


def _reading(body: Block, inputs: set[str]) -> Iterator[Written]:
    """The expressions of a graph that name one of these inputs; a graph in place hides those that it has itself."""
    for entry in body.members:
        repeated = (*(entry.first or {}).values(), *(entry.last or {}).values())
        tests = entry.when.tests if entry.when is not None else ()
        alone = (entry.target, entry.repeat, entry.variant, entry.freeze)
        for written in (*entry.fields.values(), *repeated, *tests, *alone):
            if written is not None and not inputs.isdisjoint(names_in(written.expr)):
                yield written
        if entry.body is not None:
            yield from _reading(entry.body, inputs - {named.name for named in entry.body.inputs})


def _report_size(rounds: Entry, written: Written, findings: Findings) -> None:
    """A size of what a round reads, which the graph around has no name for."""
    body = rounds.body
    name = next(
        (one.name for one in (body.inputs if body is not None else ()) if one.name in names_in(written.expr)), "x"
    )
    message = f"this reads a size of {name}, an input of {rounds.name}"
    help = f"write a block: inside of it, {name} is what the member reads"
    findings.add("size-in-lists", message, place_of_name(name, written.yaml) or written.span, help=help)
