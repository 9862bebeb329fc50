"""Family: all variants of a spec side by side, as one spec that uses it once for each.

    archspec: 1
    params: {classes: 1000}                  what no variant sets
    inputs: {image_0: [3, 224, 224], image_1: [3, 224, 224]}
    use: {ResNet: resnet}
    graph:
      v0: {block: ResNet, variant: resnet18, from: image_0, classes: $classes}
      v1: {block: ResNet, variant: resnet50, from: image_1, classes: $classes}

So what makes one class of several uses of a block makes one class of all variants.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from archspec.diagnostics.diagnostic import Span
from archspec.diagnostics.findings import Findings
from archspec.language.names import unused
from archspec.language.settle import Settings, settle
from archspec.language.spec import (
    Block,
    Entry,
    From,
    InputDecl,
    Named,
    ParamDecl,
    Path,
    Port,
    Spec,
    Written,
)
from archspec.language.yaml.document import Scalar
from archspec.values.expression import Expr, Literal, Name, Value


def family(spec: Spec, settings: Mapping[str, object], inputs: Mapping[str, tuple[int, ...]]) -> Spec:
    """The spec that uses `spec` once for each of its variants.

    Args:
        spec: a spec with variants.
        settings: values of params over those of every variant.
        inputs: sizes of its inputs where they differ from the declared ones.

    Raises:
        SpecError: the spec has no variants, or one of them takes no such settings or sizes.
    """
    findings = Findings()
    if not spec.variants:
        message = f"{spec.name} has no variants, and a family is made of them"
        findings.add("unknown-variant", message, next(iter(spec.sections.values())), help="leave out --family")
        findings.stop()
    settled = tuple(settle(spec, name, settings, inputs) for name in spec.variants)
    common = tuple(param for param in spec.body.params.values() if _is_common(param))
    entries = tuple(_entry(spec, k, held, common) for k, held in enumerate(settled))
    declared = {decl.name: decl for k, held in enumerate(settled) for decl in _inputs(spec, k, held)}
    return Spec(
        name=f"{spec.name}Family",
        doc=spec.doc,
        source=spec.source,
        body=Block(
            name=spec.name,
            span=spec.body.span,
            params={param.name: param for param in common},
            inputs=tuple(Named(name, spec.body.span) for name in declared),
            members=entries,
            outputs=tuple(_outputs(spec, k) for k in range(len(settled))),
        ),
        variants={},
        inputs=declared,
        uses={spec.name: spec},
        use_spans={spec.name: spec.body.span},
        blocks={},
        expect=(),
        sections=spec.sections,
    )


def _is_common(param: ParamDecl) -> bool:
    """Whether a param is one of the whole family: no variant sets it, and none other follows from it."""
    return not param.varied and not param.required and param.follows is None


def _inputs(spec: Spec, k: int, settled: Settings) -> Iterator[InputDecl]:
    """The inputs of variant `k`, which no other has: their sizes may differ."""
    for name, decl in spec.inputs.items():
        yield replace(decl, name=_input(spec, name, k), dims=_written(settled.inputs[name].dims, decl.span))


def _input(spec: Spec, name: str, k: int) -> str:
    """What an input of variant `k` is called; no param has the name."""
    return unused(f"{name}_{k}", spec.body.params)


def _entry(spec: Spec, k: int, settled: Settings, common: Sequence[ParamDecl]) -> Entry:
    """The use of the spec as variant `k`: what is set of it, and what all have in common by its name."""
    span = spec.variants[settled.variant].span
    shared = {param.name: _written_as(Name(param.name), span) for param in common}
    own = {name: _written(settled.params[name], span) for name in settled.given - shared.keys()}
    return Entry(
        name=f"v{k}",
        name_span=span,
        span=span,
        kind="block",
        target=_written(spec.name, span),
        fields={**shared, **own},
        field_keys={},
        reads=From(tuple(Path((_input(spec, name, k),), span) for name in spec.inputs), None, span),
        variant=_written(settled.variant, span),
    )


def _outputs(spec: Spec, k: int) -> Port:
    """All that variant `k` gives, so that nothing of it is left out."""
    span, last = spec.body.span, spec.body.members[-1]
    named = spec.body.outputs or (Port(Named(last.name, span), Path((last.name,), span)),)
    return Port(Named(str(k), span), Path((f"v{k}",), span), every=named)


def _written(value: Value, span: Span) -> Written:
    return _written_as(Literal(value), span)


def _written_as(expr: Expr, span: Span) -> Written:
    """A value that nobody wrote, at the place that it comes from."""
    return Written(expr, Scalar(None, "", span, plain=False))
