"""References: `from`, `share`, `outputs` and `order` name members that are there; what is read is written before."""

from collections.abc import Mapping, Sequence

from archspec.diagnostics.diagnostic import Label
from archspec.diagnostics.findings import Findings
from archspec.language.expression.words import is_expression
from archspec.language.names import holders, nested, several, split_path
from archspec.language.spec import Block, Entry, From, Path
from archspec.language.yaml.document import Scalar, Yaml
from archspec.registry import nearest

# The cure where an expression is to choose what is read.
CHOOSE_BY_WHEN = "give the members a when; what reads one that is left out reads its first input"
NO_ROUNDS: Mapping[str, str] = {}


def report_references(block: Block, findings: Findings) -> None:
    """Records the references of one graph that lead nowhere, forward, or in a circle. Linear in the members."""
    before = {named.name for named in block.inputs}
    members = {entry.name: entry for entry in block.members}
    known = before | members.keys()
    lists: set[str] = set()
    forward: list[tuple[Entry, Path]] = []
    rounds = _in_rounds(block)
    for entry, below in zip(block.members, (*block.members[1:], None), strict=True):
        for path in (*paths(entry.each), *paths(entry.reads)):
            name, _ = split_path(path.names, known)
            if name in before or _all_of(path, lists):
                continue
            if name in members:
                forward.append((entry, path))
            else:
                _unknown(path, before, findings, rounds)
        if entry.share is not None:
            _share(entry, members, before, findings)
        if below is None or below.name != entry.name:  # alternatives do not read one another
            before.add(entry.name)
            lists.update(holders(entry.name))
    for named in block.order:
        if named.name not in members:
            _unknown(Path((named.name,), named.span), set(members), findings)
    for port in block.outputs:
        name, _ = split_path(port.path.names, known)
        if name not in before and not _all_of(port.path, lists):
            _unknown(port.path, before, findings, rounds)
    if forward:
        _report_forward(block, forward, members, findings)


def _all_of(path: Path, lists: set[str]) -> bool:
    """Whether a path is `ups.*` or `ups.1:` of one of the lists."""
    return several(path.names[-1]) is not None and ".".join(path.names[:-1]) in lists


def paths(reads: From | None) -> tuple[Path, ...]:
    """Every reference in a `from`."""
    if reads is None:
        return ()
    return reads.listed if reads.named is None else tuple(path for _, path in reads.named.values())


def _in_rounds(block: Block) -> dict[str, str]:
    """The members of rounds over lists, which stand in lists of this graph -> what these rounds are called."""
    rounds = ((entry.name, entry.body) for entry in block.members if entry.body is not None and entry.body.lists)
    return {member.name: name for name, body in rounds for member in body.members}


def _unknown(path: Path, known: set[str], findings: Findings, rounds: Mapping[str, str] = NO_ROUNDS) -> None:
    name, *number = path.names
    if is_expression(name):
        message = "a reference is the name of a member or an input, and no expression"
        findings.add("unknown-reference", message, path.span, help=CHOOSE_BY_WHEN)
        return
    inside = [nested(other) for other in known if nested(other)[:1] == path.names[:1]]
    if inside:
        name = ".".join(path.names[: max(map(len, inside))])
    near = nearest(name, sorted(known))
    help = f"did you mean {near}?" if near else ""
    if name.replace("-", "").isdigit() and not near:
        help = "a number stands for one operand of an op with the option other: add, sub, mul, div, lt and so on"
    if name in rounds:
        part = number[0] if number and number[0].isdigit() else "0"
        help = f"a module of a list is read where its round has it: {rounds[name]}.{part}.{name}"
    message = f"there is no {name} here" if name else "a name is missing"
    findings.add("unknown-reference", message, path.span, help=help)


def report_none_above(
    entry: Entry, share: Yaml, above: Mapping[str, Entry], around: Sequence[Mapping[str, Entry]], findings: Findings
) -> None:
    """Records that an entry is to be once more what no member above it is.

    Args:
        entry: it.
        share: what it shares, as written.
        above: the members above it.
        around: the members above the graph that it stands in, of each graph that this one is written in.
        findings: where that is recorded.
    """
    text = share.text if isinstance(share, Scalar) else ""
    near, message = nearest(text, above), f"there is no {text} above"
    help = f"did you mean {near}?" if near and near != entry.name else "write what it is once, above"
    if (owner := next((members[text] for members in around if text in members), None)) is not None:
        message = f"{text} stands outside of the graph that {entry.name} is in, and a module is shared in one graph"
        tied = f", or tie single tensors: share: {{weight: {text}.weight}}" if owner.kind == "op" else ""
        help = f"make a block of what is repeated with {text} in it, and share a use of the block{tied}"
    findings.add("unknown-reference", message, share.span, help=help)


def _share(entry: Entry, members: Mapping[str, Entry], before: set[str], findings: Findings) -> None:
    share = entry.share
    if share is None:
        return
    other = members.get(share.name)
    if other is None:
        near = nearest(share.name, members)
        help = f"did you mean {near}?" if near else ""
        findings.add("unknown-reference", f"there is no {share.name} here", share.span, help=help)
    elif share.name not in before:
        message = f"{entry.name} shares with {share.name}, which is written below"
        findings.add(
            "forward-reference", message, share.span, help=f"share the other way round: {share.name} with {entry.name}"
        )
    elif other.alternative is not None:
        message = f"{share.name} is one of several things, so {entry.name} cannot be it again"
        findings.add("share-mismatch", message, share.span, help=f"put {share.name} into a block of its own")
    elif other.kind != entry.kind or (other.repeat is not None and entry.repeat is None):
        message = f"{entry.name} and {share.name} are different things, and share no parameters"
        labels = (Label(other.name_span, f"{share.name} is written here"),)
        findings.add("share-mismatch", message, share.span, labels=labels)


def _report_forward(
    block: Block, forward: list[tuple[Entry, Path]], members: Mapping[str, Entry], findings: Findings
) -> None:
    circle = _in_circles(block)
    for entry, path in forward:
        name, _ = split_path(path.names, members)
        label = Label(members[name].name_span, f"{name} is written here")
        if name == entry.name:
            findings.add("cycle", f"{name} reads itself", path.span)
        elif name in circle and entry.name in circle:
            message = f"{entry.name} reads {name}, and {name} reads {entry.name} in its turn"
            findings.add("cycle", message, path.span, labels=(label,))
        else:
            message = f"{entry.name} reads {name}, which is written below"
            help = f"write {name} above {entry.name}"
            findings.add("forward-reference", message, path.span, labels=(label,), help=help)


def _in_circles(block: Block) -> set[str]:
    """Members that read themselves through others, and what lies between such circles."""
    reads: dict[str, set[str]] = {}
    members = {entry.name for entry in block.members}
    previous = before = ""
    for entry in block.members:
        if entry.name != previous:
            before, previous = previous, entry.name
        named = {before}
        if entry.reads is not None:
            named = {split_path(path.names, members)[0] for path in paths(entry.reads)}
        reads.setdefault(entry.name, set()).update(named)
    readers: dict[str, set[str]] = {name: set() for name in reads}
    for name, named in reads.items():
        reads[name] = named & readers.keys()
        for other in reads[name]:
            readers[other].add(name)
    for ahead, behind in ((reads, readers), (readers, reads)):
        open_ = [name for name, others in ahead.items() if not others]
        while open_:
            gone = open_.pop()
            for other in behind.pop(gone, ()):
                if other in ahead:
                    ahead[other].discard(gone)
                    if not ahead[other]:
                        open_.append(other)
            ahead.pop(gone, None)
    return set(reads) & set(readers)
