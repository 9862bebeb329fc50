"""Initialisation: the ops and the tensors that `init` names are there, and are the member's own."""

from collections.abc import Iterator

from archspec.diagnostics.findings import Findings
from archspec.language.spec import Block, Entry, Named, WrittenRule
from archspec.ops.called import help_of
from archspec.ops.initialiser import INITIALISERS
from archspec.ops.installed import declare_installed
from archspec.ops.op import OPS, Op
from archspec.registry import nearest


def report_rules(block: Block, findings: Findings) -> None:
    """Records the rules of a spec or a block for ops and tensors that there are not."""
    for rule in block.init:
        name = rule.op.name
        if name not in OPS:
            declare_installed()
        cls = OPS.get(name)
        if cls is None or not cls.written:
            findings.add("unknown-op", f"there is no op {name}", rule.op.span, help=help_of(name))
        else:
            _tensors(rule, cls, rule.op, findings)


def report_member(entry: Entry, cls: type[Op], findings: Findings) -> None:
    """Records what is wrong with the `init` of an op."""
    if entry.init is None:
        return
    span = entry.init.op.span
    if entry.share is not None:
        message = f"{entry.name} uses the parameters of {entry.share.name}, which start as that one says"
        findings.add("shared-init", message, span, help=f"write init at {entry.share.name}")
        return
    _tensors(entry.init, cls, Named(cls.name, span), findings)
    for tie in entry.ties:
        for start in entry.init.starts:
            if start.tensor.name == str(tie.own):
                message = f"{start.tensor.name} of {entry.name} is {tie.other}, which starts as its own member says"
                findings.add("shared-init", message, start.tensor.span, help=f"write init at {tie.other.names[0]}")


def rules_in(block: Block) -> Iterator[WrittenRule]:
    """Every rule of a block and of its members, graphs in place included."""
    yield from block.init
    open_ = [block]
    while open_:
        for entry in open_.pop().members:
            if entry.init is not None:
                yield entry.init
            if entry.body is not None:
                open_.append(entry.body)


def _tensors(rule: WrittenRule, cls: type[Op], op: Named, findings: Findings) -> None:
    if not cls.tensors:
        help = "it says what it starts with by itself, with its option init" if "init" in cls.model_fields else ""
        findings.add("unknown-tensor", f"{cls.name} has no parameters that init could set", op.span, help=help)
        return
    for start in rule.starts:
        name = start.tensor.name
        if name not in cls.tensors:
            near = nearest(name, cls.tensors)
            help = f"did you mean {near}?" if near else f"its parameters are {', '.join(cls.tensors)}"
            if name in INITIALISERS:
                help = f"say which tensor: {{{cls.tensors[0]}: {name}}}"
            findings.add("unknown-tensor", f"{cls.name} has no parameter {name}", start.tensor.span, help=help)
