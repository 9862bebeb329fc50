"""Unused: params, blocks and used specs that nothing in a spec reads. Warnings."""

from collections.abc import Iterator, Mapping

from archspec.diagnostics.findings import Findings
from archspec.language.expression.grammar import names_in
from archspec.language.spec import Block, Entry, ParamDecl, Spec, Written
from archspec.values.expression import Expr, Literal, Value, parts


def report_unused(spec: Spec, findings: Findings) -> None:
    """Records a warning for each param, block and used spec that nothing reads."""
    everywhere: set[str] = set()
    for decl in spec.inputs.values():
        everywhere.update(names_in(decl.dims.expr))
        everywhere.update(names_in(decl.values.expr) if decl.values is not None else ())
    everywhere |= names_read(spec.body) | _followed(spec.body)
    for block in spec.blocks.values():
        names = names_read(block) | _followed(block)
        _report(block.params, names, f"of {block.name} ", findings)
        everywhere |= names - set(block.params)
    _report(spec.body.params, everywhere, "", findings)
    for block in (spec.body, *spec.blocks.values()):
        for let in block.lets:
            if not let.readers:
                findings.add("unused-param", f"nothing reads the let {let.name}", let.span, severity="warning")
    words = set(_words(spec))
    for name, block in spec.blocks.items():
        if name not in words:
            findings.add("unused-block", f"nothing uses the block {name}", block.span, severity="warning")
    for name, span in spec.use_spans.items():
        if name not in words:
            findings.add("unused-block", f"nothing uses the spec {name}", span, severity="warning")


def _followed(block: Block) -> set[str]:
    """The params from which the defaults of others follow."""
    followed = (decl.follows.expr for decl in block.params.values() if decl.follows is not None)
    return {name for expr in followed for name in names_in(expr)}


def _report(params: Mapping[str, ParamDecl], read: set[str], of: str, findings: Findings) -> None:
    for name, decl in params.items():
        if name not in read:
            findings.add("unused-param", f"nothing reads the param {name} {of}".rstrip(), decl.span, severity="warning")


def _written(block: Block) -> Iterator[Written]:
    """Every value written in a block, inline ones included."""
    open_ = [block]
    while open_:
        here = open_.pop()
        for port in here.outputs:
            yield from port.when.tests if port.when is not None else ()
        for entry in here.members:
            if entry.body is not None:
                open_.append(entry.body)
            yield from _values(entry)


def _values(entry: Entry) -> Iterator[Written]:
    yield from entry.fields.values()
    yield from entry.when.tests if entry.when is not None else ()
    for written in (entry.target, entry.repeat, entry.variant):
        if written is not None:
            yield written
    for overrides in (entry.first, entry.last):
        yield from overrides.values() if overrides else ()


def names_read(block: Block) -> set[str]:
    """The names in a block's expressions, inline graphs included."""
    return {name for written in _written(block) if not written.plain for name in names_in(written.expr)}


def _words(spec: Spec) -> Iterator[str]:
    """Every text in a spec that may come to name a block."""
    for block in (spec.body, *spec.blocks.values()):
        for written in _written(block):
            yield from _texts(written.expr)
        for decl in block.params.values():
            yield from _strings(decl.default)
            for choice in decl.choices:
                yield from _strings(choice)
    for variant in spec.variants.values():
        for written in variant.settings.values():
            yield from _texts(written.expr)


def _texts(expr: Expr) -> Iterator[str]:
    open_ = [expr]
    while open_:
        here = open_.pop()
        if isinstance(here, Literal):
            yield from _strings(here.value)
        else:
            open_.extend(parts(here))


def _strings(value: Value) -> Iterator[str]:
    open_ = [value]
    while open_:
        here = open_.pop()
        if isinstance(here, str):
            yield here
        elif isinstance(here, tuple):
            open_.extend(here)
