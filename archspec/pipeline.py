"""The driver: text -> Network, read top to bottom.

    resolve   what the user named -> Source and variant
    load      Source -> Spec: YAML, structure, names, expressions, references; used specs too
    settle    variant and settings -> values of the params; input shapes
    expand    Spec -> Graph and shapes
    PASSES    what no output needs is left out; train-only parts are told apart
    measure   costs
    expect    the facts that the spec states (`check` alone)

Each stage gathers its mistakes and stops with all of them. Nothing here loads torch.
"""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field, replace
from os import PathLike
from typing import TypeAlias

from archspec.diagnostics.diagnostic import Diagnostic, Source, SpecError
from archspec.diagnostics.findings import Findings
from archspec.gallery import Choice, Uses, gallery, resolve_spec
from archspec.graph.elaborate.copies import Copies
from archspec.graph.elaborate.expand import Expanded, expand
from archspec.graph.graph import Graph
from archspec.graph.invariants import verify
from archspec.graph.network import Network
from archspec.graph.passes.expect import expect
from archspec.graph.passes.flat import check_flat
from archspec.graph.passes.freeze import check_freezing
from archspec.graph.passes.measure import measure
from archspec.graph.passes.prune import prune
from archspec.graph.passes.rows import check_rows
from archspec.graph.passes.training import mark_training
from archspec.graph.passes.unread_rows import warn_unread_rows
from archspec.language.family import family
from archspec.language.load import load_spec
from archspec.language.permit import NOTHING_MORE, Permit
from archspec.language.settle import Settings, settle
from archspec.language.spec import Fact, Spec
from archspec.language.written import plain_value
from archspec.language.yaml.text import STDIN, TEXT
from archspec.values.dataclass import dataclass
from archspec.values.expression import Value
from archspec.values.run import Runner

Sizes: TypeAlias = Mapping[str, tuple[int, ...]]
Rewrite: TypeAlias = Callable[[Expanded, Findings], Graph]
Expand: TypeAlias = Callable[[Spec, Settings, Findings, Copies, Runner | None], Expanded]

# In the order in which they act: what nothing needs has no say in what inference and training need.
PASSES: tuple[tuple[str, Rewrite], ...] = (
    ("prune", prune),
    ("training", mark_training),
    ("flat", check_flat),
    ("freeze", check_freezing),
    ("rows", check_rows),
)

__all__ = ["check", "gallery", "load_network", "load_text", "read_network", "read_text"]


def load_network(
    spec: str | PathLike[str],
    *,
    variant: str | None = None,
    settings: Mapping[str, object] | None = None,
    inputs: Sizes | None = None,
    permit: Permit = NOTHING_MORE,
) -> Network:
    """The checked network that `spec` describes.

    Args:
        spec: a path, `-` for standard input, or a gallery name; each may end in `:variant`.
        variant: one that the spec declares; the params' defaults where there is none.
        settings: values of params over those of the variant; a text is read as YAML.
        inputs: input -> sizes without the batch, where they differ from the declared ones; "" is the only input.
        permit: what the spec may do besides.

    Raises:
        SpecError: the spec is wrong, or asked for what it does not have. It carries every diagnostic of the stage.
    """
    return read_network(spec, variant=variant, settings=settings, inputs=inputs, permit=permit)()


@dataclass(frozen=True, slots=True)
class Family:
    """All variants of a spec in one network.

    Attributes:
        network: the variants side by side: scope `v0` is the first, and what they have in common are its params.
        variants: their names, in order.
    """

    network: Network
    variants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A spec that was read once, and how its network was asked for; called, it gives that network.

    Attributes:
        spec: as it was read.
        variant: that is meant, "" for the params' defaults.
        settings: values of params over those of the variant.
        inputs: input -> sizes without the batch, where they differ from the declared ones.
        permit: what the spec may do besides.
        found: what reading it found, which warns only.
    """

    spec: Spec
    variant: str
    settings: Mapping[str, object]
    inputs: Sizes
    permit: Permit
    found: Findings = field(repr=False)

    def family(self) -> "Family":
        """All variants of the spec side by side, and what each is called.

        Raises:
            SpecError: the spec has no variants, or one of them does not take what was asked for.
        """
        with _collector_paused():
            made = family(self.spec, self.settings, self.inputs)
            common = {name: value for name, value in self.settings.items() if name in made.body.params}
            copies = Copies(self.permit.copies * len(self.spec.variants))
            network = _network(made, settle(made, "", common, {}), self.found, copies, self.permit.modules)
        return Family(network, tuple(self.spec.variants))

    def __call__(
        self,
        inputs: Sizes | None = None,
        settings: Mapping[str, object] | None = None,
        *,
        expand: Expand = expand,
    ) -> Network:
        """The network that was asked for, or the same at other sizes of its inputs and other values of some params.

        Args:
            inputs: in place of those asked for.
            settings: over those asked for.
            expand: makes the graph; one that takes notes on the way is told what every part follows from.

        Raises:
            SpecError: the spec does not take them, or is wrong.
        """
        with _collector_paused():
            copies, settled = Copies(self.permit.copies), self.settled(inputs, settings)
            return _network(self.spec, settled, self.found, copies, self.permit.modules, expand)

    def settled(self, inputs: Sizes | None = None, settings: Mapping[str, object] | None = None) -> Settings:
        """The values of all params and the shapes of all inputs that it is then expanded under. Raises SpecError."""
        given = {**self.settings, **(settings or {})}
        return settle(self.spec, self.variant, given, inputs or self.inputs)


def read_network(
    spec: str | PathLike[str],
    *,
    variant: str | None = None,
    settings: Mapping[str, object] | None = None,
    inputs: Sizes | None = None,
    permit: Permit = NOTHING_MORE,
) -> Reading:
    """The same, to be had at other sizes and settings too. Raises SpecError where reading fails already."""
    choice = resolve_spec(spec)
    return _read(choice.source, variant or choice.variant, settings, inputs, permit)


def read_text(
    text: str,
    *,
    variant: str | None = None,
    settings: Mapping[str, object] | None = None,
    inputs: Sizes | None = None,
    permit: Permit = NOTHING_MORE,
) -> Reading:
    """The same for a spec given as YAML text."""
    return _read(Source(TEXT, text), variant or "", settings, inputs, permit)


def read_source(source: Source, *, variant: str = "", permit: Permit = NOTHING_MORE) -> Reading:
    """The same for a text that was read before, under its name: paths under its `use` start beside that."""
    return _read(source, variant, None, None, permit)


def load_text(
    text: str,
    *,
    variant: str | None = None,
    settings: Mapping[str, object] | None = None,
    inputs: Sizes | None = None,
    permit: Permit = NOTHING_MORE,
) -> Network:
    """The same for a spec given as YAML text; its `use` paths start in the current directory."""
    return read_text(text, variant=variant, settings=settings, inputs=inputs, permit=permit)()


def check(spec: str | PathLike[str], permit: Permit = NOTHING_MORE) -> tuple[Diagnostic, ...]:
    """Everything wrong with `spec` under its defaults, each variant and each case of its `expect`, once each."""
    findings = Findings()
    try:
        choice = resolve_spec(spec)
        with _collector_paused():
            _check(choice, findings, permit)
    except SpecError as error:
        findings.extend(error.diagnostics)
    return findings.diagnostics()


def _read(
    source: Source, variant: str, settings: Mapping[str, object] | None, inputs: Sizes | None, permit: Permit
) -> Reading:
    with _collector_paused():
        spec, found = load_spec(source, Uses(source, permit.paths).resolve)
    return Reading(spec, variant, settings or {}, inputs or {}, permit, found)


def _network(
    spec: Spec,
    settings: Settings,
    found: Findings,
    copies: Copies,
    run: Runner | None,
    expand: Expand = expand,
) -> Network:
    findings = Findings()
    findings.extend(found.diagnostics())
    expanded = expand(spec, settings, findings, copies, run)
    for _, rewrite in PASSES:
        expanded = replace(expanded, graph=rewrite(expanded, findings))
    graph = expanded.graph
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
        files=_files(spec),
    )


def _files(spec: Spec) -> tuple[str, ...]:
    """The paths that a spec and those it uses were read from."""
    found: dict[str, None] = {}
    open_ = [spec]
    while open_:
        here = open_.pop()
        path = here.source.path or here.source.name
        if path not in found:
            found[path] = None
            open_.extend(here.uses.values())
    return tuple(name for name in found if name not in (STDIN, TEXT))


def _check(choice: Choice, findings: Findings, permit: Permit) -> None:
    spec, found = load_spec(choice.source, Uses(choice.source, permit.paths).resolve)
    findings.extend(found.diagnostics())
    made = 0
    for run, facts in _runs(spec, choice.variant).items():
        if made > permit.copies:
            _stop_checking(spec, permit, findings)
            break
        copies = Copies(permit.copies)
        try:
            settled = settle(spec, run.variant, dict(run.settings), dict(run.inputs))
            network = _network(spec, settled, found, copies, permit.modules)
            findings.extend(network.warnings)
            warn_unread_rows(network, findings)
            expect(network, facts, findings)
        except SpecError as error:
            findings.extend(error.diagnostics)
        made += copies.made


def _stop_checking(spec: Spec, permit: Permit, findings: Findings) -> None:
    """Says that variants and cases are left unchecked: each may be as large as a network may be, and they are many."""
    message = f"variants and cases of {spec.name} add more than {permit.copies:,} members together; some are unchecked"
    help = f"check one variant by its name, or allow more: --allow-copies {5 * permit.copies}"
    findings.add("too-many-nodes", message, spec.sections.get("variants", spec.span), help=help)


@dataclass(frozen=True, slots=True)
class _Run:
    """One way in which a spec is to be checked."""

    variant: str
    settings: tuple[tuple[str, Value], ...] = ()
    inputs: tuple[tuple[str, tuple[int, ...]], ...] = ()


def _runs(spec: Spec, variant: str) -> dict[_Run, list[Fact]]:
    """The ways in which a spec is to be checked, with the facts expected of each."""
    complete = not any(param.required for param in spec.body.params.values())
    plain = any(not v.settings for v in spec.variants.values())
    variants = (
        [variant] if variant else [*([""] if not spec.variants or (complete and not plain) else []), *spec.variants]
    )
    runs: dict[_Run, list[Fact]] = {_Run(name): [] for name in variants}
    for case in spec.expect:
        if not variant or case.variant == variant:
            settings = tuple((name, plain_value(written)) for name, written in case.settings.items())
            runs.setdefault(_Run(case.variant, settings, tuple(case.inputs.items())), []).extend(case.facts)
    return runs


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
