"""Settle: a variant and the user's settings -> the values of a spec's params, and the shapes of its inputs."""

from collections.abc import Iterable, Mapping

from archspec.diagnostics.diagnostic import Source, Span
from archspec.diagnostics.findings import Findings
from archspec.language.check.structure import plain
from archspec.language.expression.evaluate import Bound, Missing, Unknown, evaluate, kind_of
from archspec.language.expression.words import ExpressionFault
from archspec.language.settings import bind
from archspec.language.spec import InputDecl, ParamDecl, Spec, Written
from archspec.language.written import plain_value, report_fault
from archspec.language.yaml.parse import parse
from archspec.registry import nearest
from archspec.values.dataclass import dataclass
from archspec.values.expression import Value
from archspec.values.shape import Shape

MAX_SIZE = 2**31


@dataclass(frozen=True, slots=True)
class Settings:
    """What a spec is expanded under.

    Attributes:
        variant: its variant, "" for the defaults.
        params: values of all params.
        inputs: shapes of all inputs.
        given: the params that the variant or the user sets.
    """

    variant: str
    params: Mapping[str, Value]
    inputs: Mapping[str, Shape]
    given: frozenset[str] = frozenset()


def settle(spec: Spec, variant: str, settings: Mapping[str, object], inputs: Mapping[str, tuple[int, ...]]) -> Settings:
    """The values of all params and the shapes of all inputs.

    Args:
        spec: the spec.
        variant: one of its variants, "" for the defaults.
        settings: values over those; a text is read as YAML, unless the param is a str.
        inputs: sizes without the batch where they differ from the declared ones; "" names the only input.

    Raises:
        SpecError: with everything that the spec does not have or that does not fit.
    """
    findings = Findings()
    given: dict[str, Value | Missing] = {}
    places: dict[str, Span] = {}
    if variant and variant not in spec.variants:
        section = spec.sections.get("variants", short_span(spec))
        help = _offer(variant, spec.variants, "variants")
        findings.add("unknown-variant", f"{spec.name} has no variant {variant}", section, help=help)
    elif variant:
        given.update({name: plain_value(written) for name, written in spec.variants[variant].settings.items()})
        places.update({name: written.span for name, written in spec.variants[variant].settings.items()})
    for name, value in settings.items():
        if name not in spec.body.params:
            section = spec.sections.get("params", short_span(spec))
            findings.add(
                "unknown-param",
                f"{spec.name} has no param {name}",
                section,
                help=_offer(name, spec.body.params, "params"),
            )
            continue
        given[name] = _setting(spec.body.params[name], value, findings)
        places[name] = spec.body.params[name].span

    def report(code: str, message: str, name: str) -> None:
        help = ""
        if code == "missing-param":
            help = f"choose a variant: {_some(spec.variants)}" if spec.variants else f"give it: --set {name}=..."
        findings.add(code, message, places.get(name, spec.body.params[name].span), help=help)

    params = {
        name: value for name, value in bind(spec.body.params, given, report).items() if not isinstance(value, Missing)
    }
    findings.stop()
    shapes = _shapes(spec, params, inputs, findings)
    findings.stop()
    return Settings(variant, params, shapes, frozenset(given))


def short_span(spec: Spec) -> Span:
    """A place for what a spec does not have: its first key."""
    return next(iter(spec.sections.values()))


def _setting(decl: ParamDecl, value: object, findings: Findings) -> Value:
    """A user's value: texts are YAML, lists become tuples."""
    if isinstance(value, str) and decl.type != "str":
        value = plain(parse(Source(f"--set {decl.name}", value))) if value.strip() else None
    if not _is_value(value):
        message = f"{decl.name} takes a value or a list of values, not {kind_of(value)}"
        findings.add("wrong-type", message, decl.span)
    return _frozen(value)


def _is_value(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return all(_is_value(item) for item in value)
    return value is None or isinstance(value, (bool, int, float, str))


def _frozen(value: object) -> Value:
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(item) for item in value)
    return value if value is None or isinstance(value, (bool, int, float, str)) else None


def _shapes(
    spec: Spec, params: Mapping[str, Value], inputs: Mapping[str, tuple[int, ...]], findings: Findings
) -> dict[str, Shape]:
    sizes = dict(inputs)
    if "" in sizes and len(spec.inputs) == 1:
        sizes[next(iter(spec.inputs))] = sizes.pop("")
    section = spec.sections["inputs"]
    for name in sizes:
        if name not in spec.inputs:
            message = (
                f"{spec.name} has no input {name}" if name else f"{spec.name} has several inputs: name the one meant"
            )
            findings.add("unknown-input", message, section, help=_offer(name, spec.inputs, "inputs"))
    shapes: dict[str, Shape] = {}
    for name, decl in spec.inputs.items():
        dims: Value = tuple(sizes[name]) if name in sizes else _dims(decl, params, findings)
        if dims is None:
            continue
        if not isinstance(dims, tuple) or not all(_is_size(size) for size in dims):
            message = f"{name} has sizes from 1 on, without the batch, such as [3, 224, 224]"
            findings.add("wrong-type", message, decl.dims.span)
            continue
        shapes[name] = Shape(tuple(size for size in dims if isinstance(size, int)), dtype=decl.dtype)
    return shapes


def _is_size(size: Value) -> bool:
    return isinstance(size, int) and not isinstance(size, bool) and 0 < size < MAX_SIZE


def _dims(decl: InputDecl, params: Mapping[str, Bound], findings: Findings) -> Value:
    return evaluated(decl.dims, params, findings)


def evaluated(written: Written, names: Mapping[str, Bound], findings: Findings) -> Value:
    """The value of what is written; None after a fault, which is recorded."""
    try:
        return evaluate(written.expr, names)
    except Unknown:
        return None
    except ExpressionFault as fault:
        report_fault(fault, written.yaml, findings)
        return None


def _offer(name: str, known: Iterable[str], what: str) -> str:
    known = list(known)
    if near := nearest(name, known):
        return f"did you mean {near}?"
    return f"its {what} are {_some(known)}" if known else f"it has no {what}"


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:12]) + (", ..." if len(listed) > 12 else "")
