"""Unused: params, blocks and used specs that nothing in a spec reads, and rules that reach nothing. Warnings."""

from collections.abc import Collection, Iterator, Mapping

from archspec.diagnostics.findings import Findings
from archspec.language.check.initialisation import rules_in
from archspec.language.expression.grammar import names_in
from archspec.language.spec import Block, Entry, ParamDecl, Spec, Written
from archspec.language.written import plain_value
from archspec.ops.op import OPS
from archspec.values.expression import Expr, Literal, Value, parts


def report_unused(spec: Spec, findings: Findings) -> None:
    """Records a warning for each param, block and used spec that nothing reads, and each rule that reaches nothing."""
    everywhere: set[str] = set()
    for decl in spec.inputs.values():
        everywhere.update(names_in(decl.dims.expr))
        everywhere.update(names_in(decl.values.expr) if decl.values is not None else ())
    everywhere |= names_read(spec.body) | _followed(spec.body)
    chosen = _chosen(spec)
    for block in spec.blocks.values():
        names = names_read(block) | _followed(block)
        alike = {param for other in chosen if other is not block for param in other.params}
        _report(block.params, names | (alike if block in chosen else set()), f"of {block.name} ", findings)
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
    for block in (spec.body, *spec.blocks.values()):
        if block.init:
            _report_rules(block, _ops_inside(spec, block, words), findings)


def _report_rules(block: Block, there: Collection[str], findings: Findings) -> None:
    for rule in block.init:
        if rule.op.name not in there:
            message = f"nothing here is a {rule.op.name}, so this says nothing"
            findings.add("unused-init", message, rule.op.span, severity="warning")


def _ops_inside(spec: Spec, block: Block, words: Collection[str]) -> set[str]:
    """The ops that may be inside a block, and what torch takes them for. Linear in the members.

    An expression may choose all that the `words` of the spec name.
    """
    found: set[str] = set()
    seen = {id(block)}
    open_ = [(spec, block)]
    while open_:
        whole, here = open_.pop()
        for entry in here.members:
            plain = entry.target is None or entry.target.plain
            name = str(plain_value(entry.target)) if entry.target is not None else ""
            if entry.body is not None:
                open_.append((whole, entry.body))
            elif entry.kind == "op":
                found |= {name} if plain else set(words)
            for used in ((name,) if plain else (*whole.blocks, *whole.uses)) if entry.kind == "block" else ():
                inner = whole.uses.get(used)
                body = inner.body if inner is not None else whole.blocks.get(used)
                if body is not None and id(body) not in seen:
                    seen.add(id(body))
                    open_.append((inner or whole, body))
    return found | {op for name in found if name in OPS for op, _ in OPS[name].known_as.values()}


def _chosen(spec: Spec) -> list[Block]:
    """The blocks that only expressions choose, `block: $kind`: one may take what only another of them reads."""
    entries = [entry for block in (spec.body, *spec.blocks.values()) for entry in _members(block)]
    targets = [entry.target for entry in entries if entry.kind == "block" and entry.target is not None]
    if all(target.plain for target in targets):
        return []
    named, words = {str(plain_value(target)) for target in targets if target.plain}, set(_words(spec))
    return [block for name, block in spec.blocks.items() if name in words - named]


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
    for rule in rules_in(block):
        yield from rule.when.tests if rule.when is not None else ()
        for start in rule.starts:
            yield from start.settings.values()
    for here in (block, *(entry.body for entry in _members(block) if entry.body is not None)):
        if here.freeze is not None:
            yield here.freeze
        for port in here.outputs:
            yield from port.when.tests if port.when is not None else ()
    for entry in _members(block):
        yield from _values(entry)


def _members(block: Block) -> Iterator[Entry]:
    """Every entry of a block, those of graphs in place included."""
    open_ = [block]
    while open_:
        here = open_.pop()
        for entry in here.members:
            if entry.body is not None:
                open_.append(entry.body)
            yield entry


def _values(entry: Entry) -> Iterator[Written]:
    yield from entry.fields.values()
    yield from entry.when.tests if entry.when is not None else ()
    for written in (entry.target, entry.repeat, entry.variant, entry.freeze):
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
