"""A block of another spec, `use: {features: mobilenet_v3#large}`, as a Spec whose graph is the block's.

Its params are the block's own and those of its spec that the block reads, itself or in blocks that it uses. Tensors
inside start as they do there: the spec's rules hold where the block has none.
"""

from collections.abc import Mapping
from dataclasses import replace

from archspec.diagnostics.diagnostic import Span
from archspec.diagnostics.findings import Findings
from archspec.language.check.recursion import uses_in
from archspec.language.check.unused import names_read
from archspec.language.check.validate import offer
from archspec.language.spec import Block, ParamDecl, Spec, Variant, WrittenRule
from archspec.language.written import plain_value


def used_block(spec: Spec, name: str, span: Span, findings: Findings) -> Spec | None:
    """The block `name` of `spec` as a spec; None after a fault, which is reported at `span`."""
    block = spec.blocks.get(name)
    if block is None:
        help = offer(name, spec.blocks, "its blocks are")
        findings.add("unknown-block", f"{spec.name} has no block {name}", span, help=help)
        return None
    read: set[str] = set()
    around = _rules_around(spec, block)
    for inner in (*_blocks_inside(spec, block), replace(spec.body, params={}, members=(), outputs=(), init=around)):
        names = (names_read(inner) - set(inner.params)) & set(spec.body.params)
        for hidden in sorted(names & set(block.params)):
            message = f"{hidden} is a param of {name} and of {spec.name}, where {inner.name} reads it"
            help = f"give the param of {name} another name"
            findings.add("duplicate-name", message, span, help=help)
            return None
        read |= names
    params = {param: decl for param, decl in spec.body.params.items() if param in read}
    if read or around:
        block = replace(block, params={**block.params, **params}, init=(*block.init, *around))
    return replace(
        spec,
        name=name,
        doc=block.doc,
        body=block,
        variants={key: _narrowed(variant, params) for key, variant in spec.variants.items()},
        inputs={},
        expect=(),
        whole=spec,
    )


def _rules_around(spec: Spec, block: Block) -> tuple[WrittenRule, ...]:
    """The rules of a spec for the tensors of which those of its block do not speak."""
    own = {(rule.op.name, start.tensor.name) for rule in block.init for start in rule.starts}
    around = (
        replace(rule, starts=tuple(start for start in rule.starts if (rule.op.name, start.tensor.name) not in own))
        for rule in spec.body.init
    )
    return tuple(rule for rule in around if rule.starts)


def _blocks_inside(spec: Spec, block: Block) -> list[Block]:
    """A block and every block of its spec that it may come to use; where an expression chooses one, all of them."""
    found = {block.name: block}
    open_ = [block]
    while open_:
        for entry in uses_in(open_.pop()):
            names = [str(plain_value(entry.target))] if entry.target is not None and entry.target.plain else spec.blocks
            inner = {name: spec.blocks[name] for name in names if name in spec.blocks and name not in found}
            found |= inner
            open_.extend(inner.values())
    return list(found.values())


def _narrowed(variant: Variant, params: Mapping[str, ParamDecl]) -> Variant:
    """A variant that sets no more than these params."""
    return replace(variant, settings={name: written for name, written in variant.settings.items() if name in params})
