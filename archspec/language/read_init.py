"""`init:` as written -> rules: what tensors start with, by the op and the name that it has for them.

    linear: {weight: {normal: {std: 0.02}}, bias: zeros, when: $small}

A number or an expression in place of an initialiser is a constant. Whether the op and the tensor are there is checked
with the other names, in `check/initialisation.py`.
"""

from collections.abc import Callable
from collections.abc import Mapping as MappingOf

from archspec.diagnostics.diagnostic import Span
from archspec.diagnostics.findings import Findings
from archspec.language.expression.words import is_expression
from archspec.language.spec import Condition, Named, Written, WrittenRule, WrittenStart
from archspec.language.written import short
from archspec.language.yaml.document import Mapping, Scalar, Yaml
from archspec.ops.initialiser import INITIALISERS, Initialiser
from archspec.ops.op import OPS
from archspec.registry import nearest
from archspec.values.expression import Literal

INIT = "init"
WHEN = "when"
NUMBER = "constant"  # the initialiser that a number stands for, and its setting
VALUE = "val"
SHAPE_OF_START = "a start is an initialiser, zeros, or one with settings, {normal: {std: 0.02}}"


class InitReader:
    """Reads `init`, recording faults of initialisers and settings.

    Args:
        findings: takes the faults.
        value: reads a value with its expressions.
        condition: reads a `when`.
    """

    def __init__(
        self, findings: Findings, value: Callable[[Yaml], Written], condition: Callable[[Yaml], Condition]
    ) -> None:
        self.findings, self.value, self.condition = findings, value, condition

    def rules(self, yaml: Yaml | None) -> tuple[WrittenRule, ...]:
        """The rules of a spec or a block, an op each."""
        pairs = yaml.entries if isinstance(yaml, Mapping) else ()
        return tuple(self.rule(Named(key.text, key.span), value) for key, value in pairs)

    def rule(self, op: Named, yaml: Yaml) -> WrittenRule:
        """What the tensors of one op start with."""
        if not isinstance(yaml, Mapping):
            what = f"init of {op.name}" if op.name else "init"
            message = f"{what} is a mapping of tensors to what they start with"
            self.findings.add(
                "wrong-type", message, short(yaml), help="init: {weight: {normal: {std: 0.02}}, bias: zeros}"
            )
            return WrittenRule(op, ())
        when = next((value for key, value in yaml.entries if key.text == WHEN), None)
        starts = (self.start(key, value) for key, value in yaml.entries if key.text != WHEN)
        found = tuple(start for start in starts if start is not None)
        condition = self.condition(when) if when is not None else None
        if condition is not None and condition.training:
            message = "what tensors start with does not hang on training: a network is made before it is trained"
            self.findings.add("wrong-type", message, condition.span)
        return WrittenRule(op, found, condition)

    def start(self, key: Scalar, yaml: Yaml) -> WrittenStart | None:
        """What one tensor starts with; None after a fault."""
        tensor = Named(key.text, key.span)
        if isinstance(yaml, Scalar):
            if isinstance(yaml.value, str) and not is_expression(yaml.value):
                return self.made(tensor, yaml, {}, {})
            if yaml.value is not None and not isinstance(yaml.value, bool):
                settings, span = {VALUE: self.value(yaml)}, {VALUE: yaml.span}
                return WrittenStart(tensor, Named(NUMBER, yaml.span), settings, span)
        if not isinstance(yaml, Mapping) or len(yaml.entries) != 1:
            self.findings.add(
                "wrong-type", f"what {key.text} starts with is one initialiser", short(yaml), help=SHAPE_OF_START
            )
            return None
        (name, given), *_ = yaml.entries
        if isinstance(given, Scalar) and given.value is None:
            return self.made(tensor, name, {}, {})
        if not isinstance(given, Mapping):
            self.report_settings(name, given)
            return None
        settings = {field.text: self.value(value) for field, value in given.entries}
        return self.made(tensor, name, settings, {field.text: field for field, _ in given.entries})

    def fields(self, key: Scalar, yaml: Yaml) -> dict[str, tuple[Span, Written]]:
        """The fields of an op that has its own `init`, with the places of their keys.

        `init: {normal: {std: 0.02}}` is `init: normal, std: 0.02`.
        """
        if not isinstance(yaml, Mapping):
            return {INIT: (key.span, self.value(yaml))}
        given = yaml.entries[0][1] if len(yaml.entries) == 1 else None
        if given is None or not (isinstance(given, Mapping) or (isinstance(given, Scalar) and given.value is None)):
            self.findings.add("wrong-type", "init is one initialiser", short(yaml), help=SHAPE_OF_START)
            return {}
        name = yaml.entries[0][0]
        settings = given.entries if isinstance(given, Mapping) else ()
        made = {setting.text: (setting.span, self.value(value)) for setting, value in settings}
        return {INIT: (key.span, Written(Literal(name.text), name)), **made}

    def made(
        self, tensor: Named, name: Scalar, settings: MappingOf[str, Written], keys: MappingOf[str, Scalar]
    ) -> WrittenStart | None:
        """The start where torch has the initialiser and it takes the settings; None where that is not so."""
        cls = INITIALISERS.get(name.text)
        if cls is None:
            near = nearest(name.text, INITIALISERS)
            help = f"did you mean {near}?" if near else f"the initialisers are {', '.join(INITIALISERS)}"
            self.findings.add("unknown-initialiser", f"there is no initialiser {name.text}", name.span, help=help)
            return None
        for setting, key in keys.items():
            if setting not in cls.model_fields:
                near = nearest(setting, cls.model_fields)
                help = f"did you mean {near}?" if near else takes(cls)
                self.findings.add("unknown-option", f"{cls.name} has no setting {setting}", key.span, help=help)
        missing = [name for name, field in cls.model_fields.items() if field.is_required() and name not in settings]
        if missing:
            self.findings.add("missing-option", f"{cls.name} needs {' and '.join(missing)}", name.span, help=takes(cls))
        return WrittenStart(
            tensor, Named(name.text, name.span), settings, {setting: key.span for setting, key in keys.items()}
        )

    def report_settings(self, name: Scalar, given: Yaml) -> None:
        """Reports settings that have no names: `{normal: 0.02}`."""
        cls = INITIALISERS.get(name.text)
        help = takes(cls) if cls is not None else SHAPE_OF_START
        self.findings.add("wrong-type", f"the settings of {name.text} have names", short(given), help=help)


def has_own(parts: MappingOf[str, Yaml]) -> bool:
    """Whether an entry is an op that has a field `init`, which says what it starts with or holds."""
    name = parts.get("op")
    cls = OPS.get(name.text) if isinstance(name, Scalar) and INIT in parts else None
    return cls is not None and INIT in cls.model_fields


def takes(cls: type[Initialiser]) -> str:
    """Help that says what an initialiser can be given."""
    names = list(cls.model_fields)
    if not names:
        return f"{cls.name} takes no settings"
    example = "std" if "std" in names else names[0]
    return f"{cls.name} takes {', '.join(names)}: {{{cls.name}: {{{example}: ...}}}}"
