"""Read: a document -> Spec. The structure is checked first; then names and expressions are read, faults gathered."""

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import PurePath

from archspec.diagnostics.diagnostic import Source, Span
from archspec.diagnostics.findings import Findings
from archspec.language.check.structure import check_structure
from archspec.language.expectations import read_cases
from archspec.language.expression.grammar import names_in
from archspec.language.keys import PARAM_TYPES, BlockModel, SpecModel
from archspec.language.lets import Lets
from archspec.language.many import takes_many
from archspec.language.names import fault_of_name, fault_of_param
from archspec.language.read_graph import GraphReader
from archspec.language.row import carried
from archspec.language.settings import conform, type_of
from archspec.language.spec import Block, InputDecl, Named, ParamDecl, Spec, Variant, Written
from archspec.language.written import entries, pairs, place_of_name, plain_value, read_value, short
from archspec.language.yaml.document import Mapping, Scalar, Sequence, Yaml
from archspec.registry import nearest
from archspec.values.expression import Value
from archspec.values.shape import DTYPES

Use = Callable[[Scalar], "Spec | None"]


def read_spec(document: Yaml, source: Source, use: Use, findings: Findings) -> Spec | None:
    """The Spec that a document holds; None where its structure is at fault.

    `use` gives the spec that a value under the key `use` names, None where that is at fault.
    """
    before = Findings()
    check_structure(document, before)
    findings.extend(before.diagnostics())
    if before.failed or not isinstance(document, Mapping):
        return None
    return _Reader(document, source, use, findings).spec()


class _Reader:
    def __init__(self, document: Mapping, source: Source, use: Use, findings: Findings) -> None:
        self.top = entries(document)
        self.document, self.source, self.use, self.findings = document, source, use, findings
        self.lets = Lets(findings)
        self.graphs = GraphReader(findings, self.lets)

    def spec(self) -> Spec:
        uses, use_spans = self.uses()
        variants = self.variants()
        params = self.params(
            self.top.get("params"), {param for variant in variants.values() for param in variant.settings}
        )
        named = {key.text: "an input" for key, _ in pairs(self.top.get("inputs"))}
        lets = self.lets.declare(pairs(self.top.get("let")), {**named, **dict.fromkeys(params, "a param")})
        self.lets.binds = {*named, *params}
        inputs = self.inputs()
        text = {key: str(value.value) for key, value in self.top.items() if isinstance(value, Scalar)}
        name = text.get("name", "") or _name_of(self.source.name)
        self.check_name(self.top.get("name"), name)
        body = self.graphs.graph(
            name,
            short(self.document),
            self.top,
            params=params,
            inputs=tuple(Named(decl.name, decl.span) for decl in inputs.values()),
            carries=carried(SpecModel),
        )
        return Spec(
            name=name,
            doc=body.doc,
            source=self.source,
            body=replace(body, lets=lets),
            variants=variants,
            inputs=inputs,
            uses=uses,
            use_spans=use_spans,
            blocks=self.blocks(uses),
            expect=read_cases(self.top.get("expect")),
            sections={key.text: key.span for key, _ in self.document.entries},
        )

    def uses(self) -> tuple[dict[str, Spec], dict[str, Span]]:
        found: dict[str, Spec] = {}
        spans: dict[str, Span] = {}
        for key, value in pairs(self.top.get("use")):
            self.report(fault_of_name(key.text), key.span)
            spec = self.use(value) if isinstance(value, Scalar) else None
            spans[key.text] = key.span
            if spec is not None:
                found[key.text] = spec
        return found, spans

    def blocks(self, uses: dict[str, Spec]) -> dict[str, Block]:
        found: dict[str, Block] = {}
        for key, value in pairs(self.top.get("blocks")):
            self.report(fault_of_name(key.text), key.span)
            if key.text in uses:
                self.findings.add("duplicate-name", f"{key.text} is a block and a used spec", key.span)
            parts = entries(value)
            inputs = parts.get("inputs")
            block = self.graphs.body(
                key.text,
                key.span,
                parts,
                params=self.params(parts.get("params")),
                inputs=self.graphs.input_names(inputs, key.span, many=True),
                carries=carried(BlockModel),
            )
            found[key.text] = replace(block, many=takes_many(inputs))
        return found

    def params(self, yaml: Yaml | None, varied: Collection[str] = ()) -> dict[str, ParamDecl]:
        params: list[ParamDecl] = []
        for key, value in pairs(yaml):
            params.append(self.param(key, value, [param.name for param in params]))
        return {param.name: replace(param, varied=param.name in varied) for param in params}

    def param(self, key: Scalar, value: Yaml, above: Collection[str]) -> ParamDecl:
        """`width: 64`, `width: int`, `half: $(width // 2)`, or the long form."""
        self.report(fault_of_param(key.text), key.span)
        if not isinstance(value, Mapping):
            if isinstance(value, Scalar) and value.plain and value.text in PARAM_TYPES:
                return ParamDecl(key.text, value.text, None, True, (), key.span)
            follows, default = self.default(value, above)
            return ParamDecl(key.text, type_of(default), default, False, (), key.span, follows=follows)
        long = entries(value)
        type_, default_ = long.get("type"), long.get("default")
        follows, default = self.default(default_, above) if default_ is not None else (None, None)
        written = type_.text if isinstance(type_, Scalar) else type_of(default) if default_ is not None else "any"
        choices = long.get("choices")
        said = long.get("doc")
        doc = said.text if isinstance(said, Scalar) else ""
        options = tuple(self.plain(item) for item in choices.items) if isinstance(choices, Sequence) else ()
        length = self.length(long.get("length"), written)
        written = "list" if length else written
        decl = ParamDecl(
            key.text, written, default, default_ is None, options, key.span, follows=follows, doc=doc, length=length
        )
        if default_ is not None and follows is None:
            _, fault = conform(decl, default)
            self.report(fault, default_.span)
        return decl

    def length(self, yaml: Yaml | None, type_: str) -> int:
        """How many items a list is to have; 0 for any number."""
        if yaml is None:
            return 0
        found = self.plain(yaml)
        if type_ not in ("list", "any"):
            self.report(("wrong-type", f"lists have a length, and this is a param of type {type_}"), yaml.span)
            return 0
        return found if isinstance(found, int) else 0

    def default(self, yaml: Yaml, above: Collection[str]) -> tuple[Written | None, Value]:
        """A default: an expression of the params above, or a value."""
        written = read_value(yaml, self.findings)
        if written.plain:
            return None, plain_value(written)
        for name in names_in(written.expr):
            if name not in above:
                near = nearest(name, above)
                help = f"the params above are {', '.join(above)}" if above else "there is no param above"
                help = f"did you mean {near}?" if near else help
                message = f"a default follows from params above it, and {name} is none"
                self.findings.add("unknown-name", message, place_of_name(name, yaml) or yaml.span, help=help)
        return written, None

    def variants(self) -> dict[str, Variant]:
        found: dict[str, Variant] = {}
        for key, value in pairs(self.top.get("variants")):
            settings = {name.text: read_value(given, self.findings) for name, given in pairs(value)}
            for written in settings.values():
                self.plain(written.yaml)
            found[key.text] = Variant(key.text, settings, {name.text: name.span for name, _ in pairs(value)}, key.span)
        return found

    def inputs(self) -> dict[str, InputDecl]:
        found: dict[str, InputDecl] = {}
        for key, value in pairs(self.top.get("inputs")):
            self.report(fault_of_param(key.text), key.span)
            long = entries(value) if isinstance(value, Mapping) else {"shape": value}
            dtype = long.get("dtype")
            given = dtype.text if isinstance(dtype, Scalar) else ""
            dims: Written = self.lets.value(long["shape"])
            values = self.lets.value(long["values"]) if "values" in long else None
            found[key.text] = InputDecl(key.text, dims, DTYPES.get(given, "float"), key.span, values)
        if not found and isinstance(inputs := self.top.get("inputs"), Mapping):
            self.findings.add("missing-input", "a spec has one input or more", short(inputs))
        return found

    def plain(self, yaml: Yaml) -> Value:
        """A value that depends on nothing."""
        written = read_value(yaml, self.findings)
        if not written.plain:
            self.findings.add("wrong-type", "a param's value is plain, not an expression", yaml.span)
        return plain_value(written)

    def check_name(self, yaml: Yaml | None, name: str) -> None:
        if yaml is not None:
            self.report(fault_of_name(name), yaml.span)

    def report(self, fault: tuple[str, str] | None, span: Span) -> None:
        if fault is not None:
            self.findings.add(fault[0], fault[1], span)


def _name_of(source: str) -> str:
    """A class name from the file's: `my_net.yaml` -> `MyNet`."""
    words = "".join(c if c.isalnum() and c.isascii() else " " for c in PurePath(source).name.split(".")[0]).split()
    name = "".join(word[0].upper() + word[1:] for word in words)
    return name if name and not name[0].isdigit() and not source.startswith("<") else "Network"
