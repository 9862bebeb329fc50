"""The driver: text -> Network, read top to bottom.

    resolve   what the user named -> Source and variant
    load      Source -> Spec: YAML, structure, names, expressions, references; used specs too
    settle    variant and settings -> values of the params; input shapes
    expand    Spec -> Graph and shapes
    prune     what no output needs is left out; train-only parts are told apart
    measure   costs
    expect    the facts that the spec states (`check` alone)

Each stage gathers its mistakes and stops with all of them. Nothing here loads torch.
"""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import PathLike

from archspec.diagnostics.diagnostic import Diagnostic, Source, SpecError
from archspec.diagnostics.findings import Findings
from archspec.gallery import Choice, gallery, resolve_spec, resolve_use
from archspec.ir.network import Network
from archspec.ir.verify import verify
from archspec.passes.expand import expand
from archspec.passes.expect import expect
from archspec.passes.measure import measure
from archspec.passes.prune import prune
from archspec.spec.settle import Settings, settle
from archspec.passes.training import mark_training
from archspec.spec.load import load_spec
from archspec.spec.spec import Case, Spec


def load_network(
    spec: str | PathLike[str],
    *,
    variant: str | None = None,
    settings: Mapping[str, object] | None = None,
    inputs: Mapping[str, tuple[int, ...]] | None = None,
) -> Network:
    """The checked network that `spec` describes.

    Args:
        spec: a path, `-` for standard input, or a gallery name; each may end in `:variant`.
        variant: one that the spec declares; the params' defaults where there is none.
        settings: values of params over those of the variant; a text is read as YAML.
        inputs: input name -> sizes without the batch, where they differ from the declared ones; "" names the only input.

    Raises:
        SpecError: the spec is wrong, or asked for what it does not have. It carries every diagnostic of the stage that stopped.
    """
    choice = resolve_spec(spec)
    return _load(choice.source, variant or choice.variant, settings or {}, inputs or {})


def load_text(
    text: str,
    *,
    variant: str | None = None,
    settings: Mapping[str, object] | None = None,
    inputs: Mapping[str, tuple[int, ...]] | None = None,
) -> Network:
    """The same for a spec given as YAML text; its `use` paths start in the current directory."""
    return _load(Source("<text>", text), variant or "", settings or {}, inputs or {})


def check(spec: str | PathLike[str]) -> tuple[Diagnostic, ...]:
    """Everything wrong with `spec`: under its defaults, each of its variants and each setting of its `expect`, each mistake once."""
    findings = Findings()
    try:
        choice = resolve_spec(spec)
        with _collector_paused():
            _check(choice, findings)
    except SpecError as error:
        findings.extend(error.diagnostics)
    return findings.diagnostics()


def _load(source: Source, variant: str, settings: Mapping[str, object], inputs: Mapping[str, tuple[int, ...]]) -> Network:
    with _collector_paused():
        spec, findings = load_spec(source, resolve_use)
        return _network(spec, settle(spec, variant, settings, inputs), findings)


def _network(spec: Spec, settings: Settings, found: Findings) -> Network:
    findings = Findings()
    findings.extend(found.diagnostics())
    expanded = expand(spec, settings.params, settings.inputs, findings)
    graph = prune(mark_training(expanded.graph, findings), findings)
    findings.stop()
    verify(graph)
    return Network(
        name=spec.name,
        variant=settings.variant,
        doc=spec.doc,
        params=settings.params,
        graph=graph,
        shapes={id: expanded.shapes[id] for id in graph.nodes},
        costs=measure(graph, expanded.shapes),
        warnings=findings.diagnostics(),
    )


def _check(choice: Choice, findings: Findings) -> None:
    spec, found = load_spec(choice.source, resolve_use)
    findings.extend(found.diagnostics())
    cases = {_key(case): case for case in spec.expect}
    wanted = (choice.variant,) if choice.variant else _variants(spec)
    settings = [(variant, {}, {}, ()) for variant in wanted]
    for variant, given, inputs, facts in settings:
        try:
            network = _network(spec, settle(spec, variant, given, inputs), found)
            findings.extend(network.warnings)
            expect(network, facts, findings)
        except SpecError as error:
            findings.extend(error.diagnostics)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Nothing that loading makes is garbage; looking for some costs a third of its time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
