"""Lets: names for values, put into the expressions that read them while these are read.

let: {half: $(width // 2)}
conv: {op: conv2d, out_channels: $half}      the tree is width // 2, the text `$half`

So a let is a way of writing: what evaluates, prints or follows an expression meets the params only.
"""

from collections.abc import Collection, Iterable, Mapping

from archspec.diagnostics.diagnostic import Span
from archspec.diagnostics.findings import Findings
from archspec.language.expression.grammar import MAX_TEXT, nodes_in
from archspec.language.expression.symbolic import rebuild
from archspec.language.names import fault_of_param
from archspec.language.spec import Let, Written
from archspec.language.written import read_value
from archspec.language.yaml.document import Scalar, Yaml
from archspec.values.expression import Expr, Literal, Name, parts


class Lets:
    """The lets that expressions may read at one place, those of a block over those of its spec."""

    def __init__(self, findings: Findings, known: Mapping[str, Let] | None = None) -> None:
        self.findings = findings
        self.known: dict[str, Let] = dict(known or {})

    def inside(self, hidden: Collection[str]) -> "Lets":
        """Those inside a block, whose params and inputs hide lets of the same names around it."""
        return Lets(self.findings, {name: let for name, let in self.known.items() if name not in hidden})

    def declare(self, pairs: Iterable[tuple[Scalar, Yaml]], taken: Mapping[str, str]) -> tuple[Let, ...]:
        """Adds lets in order: each may read those before it. `taken` says what has a name already: `a param`."""
        made: dict[str, Let] = {}
        for key, yaml in pairs:
            fault = fault_of_param(key.text)
            if fault is not None:
                self.findings.add(fault[0], fault[1], key.span)
            if key.text in taken:
                message = f"{key.text} is {taken[key.text]} here, and a let"
                self.findings.add("duplicate-name", message, key.span)
            written = read_value(yaml, self.findings)
            let = Let(key.text, key.span, written, self.put_in(written), [])
            made[key.text] = self.known[key.text] = let
        return tuple(made.values())

    def value(self, yaml: Yaml) -> Written:
        """A value with its expressions parsed, and what lets stand for put in."""
        written = read_value(yaml, self.findings)
        if isinstance(written.expr, Literal) or not self.known:
            return written
        return Written(self.put_in(written), yaml)

    def put_in(self, written: Written) -> Expr:
        """The tree of what is written with what lets stand for in their place."""
        made = self._put(written.expr, written.span)
        if nodes_in(made) > MAX_TEXT:
            self.findings.add("expression-limit", "it is too long, with what its names stand for", written.span)
            return written.expr
        return made

    def _put(self, expr: Expr, reader: Span) -> Expr:
        if isinstance(expr, Name) and expr.name in self.known:
            self.known[expr.name].readers.append(reader)
            return self.known[expr.name].expr
        inside = parts(expr)
        return rebuild(expr, tuple(self._put(part, reader) for part in inside)) if inside else expr
