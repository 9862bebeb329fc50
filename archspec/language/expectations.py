"""Facts: the `expect` section -> cases, each with the figures expected of one variant."""

from collections.abc import Iterator

from archspec.diagnostics.findings import Findings
from archspec.language.fact_keys import has_facts
from archspec.language.spec import SHAPE, Case, Fact
from archspec.language.written import entries, plain_value, read_value, short
from archspec.language.yaml.document import Mapping, Scalar, Sequence, Yaml
from archspec.measures.known import shown_in
from archspec.values.expression import Value

DEFAULT = "default"


def read_cases(yaml: Yaml | None) -> tuple[Case, ...]:
    """The cases of an `expect` section in any of its three forms."""
    if isinstance(yaml, Sequence):
        return tuple(_case(_text(entries(item).get("variant")), item) for item in yaml.items)
    if not isinstance(yaml, Mapping):
        return ()
    if has_facts(key.text for key, _ in yaml.entries):
        return (_case("", yaml),)
    return tuple(_case("" if key.text == DEFAULT else key.text, value) for key, value in yaml.entries)


def _case(variant: str, yaml: Yaml) -> Case:
    parts = entries(yaml)
    return Case(
        variant=variant,
        settings={name: read_value(value, Findings()) for name, value in entries(parts.get("with")).items()},
        inputs={name: _sizes(value) for name, value in entries(parts.get("inputs")).items()},
        facts=tuple(_facts(yaml)),
        span=short(yaml),
    )


def _facts(yaml: Yaml) -> Iterator[Fact]:
    measured = {measure.name for measure in shown_in("expect")}
    for key, value in yaml.entries if isinstance(yaml, Mapping) else ():
        if key.text in measured:
            yield Fact("network", "", key.text, _value(value), value.span)
        elif key.text == "output":
            yield Fact("output", "", SHAPE, _value(value), value.span)
        elif key.text == "outputs":
            for name, shape in entries(value).items():
                yield Fact("output", name, SHAPE, _value(shape), shape.span)
        elif key.text == "blocks":
            for path, figures in entries(value).items():
                for name, figure in entries(figures).items():
                    yield Fact("block", path, name, _value(figure), figure.span)


def _value(yaml: Yaml) -> Value:
    return plain_value(read_value(yaml, Findings()))


def _sizes(yaml: Yaml) -> tuple[int, ...]:
    value = _value(yaml)
    return tuple(size for size in value if isinstance(size, int)) if isinstance(value, tuple) else ()


def _text(yaml: Yaml | None) -> str:
    return yaml.text if isinstance(yaml, Scalar) else ""
