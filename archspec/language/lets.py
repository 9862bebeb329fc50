"""Lets: names for values, put into the expressions that read them while these are read.

let: {half: $(width // 2)}
conv: {op: conv2d, out_channels: $half}      the tree is width // 2, the text `$half`

So a let is a way of writing: what evaluates, prints or follows an expression meets the params only.

A let means what it says where it stands. A graph in place has an input `x` of its own, which hides the `x` of the block
around it. Where a let that reads the outer one is put in there, the inner one gets another name, `x_`:

let: {twice: $(2 * x.channels)}
inner: {graph: [{op: conv2d, out_channels: $twice, ...}]}      inputs: [x_], out_channels: 2 * x.channels
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from archspec.diagnostics.diagnostic import Label, Span
from archspec.diagnostics.findings import Findings
from archspec.language.expression.grammar import MAX_TEXT, names_in, nodes_in
from archspec.language.expression.symbolic import rebuild
from archspec.language.names import fault_of_param
from archspec.language.spec import Let, Named, Path, Written
from archspec.language.written import read_value
from archspec.language.yaml.document import Scalar, Yaml
from archspec.values.expression import Attribute, Expr, Literal, Name, parts


class Lets:
    """The lets that expressions may read at one place, those of a block over those of its spec.

    Attributes:
        known: name -> let.
        own: those that are declared here.
        binds: what means something of this place: params and inputs of a block, inputs of a graph in place.
        block: the block that this is; "" for the whole spec and for a graph in place.
        caught: of the names that it binds those that a let reads which is put in here, and where that is.
        renamed: input of this graph in place -> the name that it has because lets mean another one.
        meant: the same, of the graphs around it too.
    """

    def __init__(
        self,
        findings: Findings,
        around: "Lets | None" = None,
        binds: Collection[str] = (),
        block: str = "",
        renamed: Mapping[str, str] | None = None,
    ) -> None:
        self.findings, self.around, self.block = findings, around, block
        self.renamed: Mapping[str, str] = renamed or {}
        self.binds: Collection[str] = {self.renamed.get(name, name) for name in binds}
        outer = around.known if around is not None else {}
        self.known: dict[str, Let] = {name: let for name, let in outer.items() if name not in binds}
        meant = around.meant if around is not None else {}
        self.meant: Mapping[str, str] = {
            **{name: to for name, to in meant.items() if name not in binds},
            **self.renamed,
        }
        self.own: dict[str, Let] = {}
        self.caught: dict[str, tuple[Let, Span]] = {}

    def taken(self) -> set[str]:
        """The names that mean something here or around it."""
        return {*self.binds, *self.known, *(self.around.taken() if self.around is not None else ())}

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
            made[key.text] = self.known[key.text] = self.own[key.text] = let
        return tuple(made.values())

    def value(self, yaml: Yaml) -> Written:
        """A value with its expressions parsed, and what lets stand for put in."""
        written = read_value(yaml, self.findings)
        if isinstance(written.expr, Literal) or not (self.known or self.meant):
            return written
        return Written(self.put_in(written), yaml)

    def put_in(self, written: Written) -> Expr:
        """The tree of what is written with what lets stand for in their place."""
        made = self._put(written.expr, written.span)
        if nodes_in(made) > MAX_TEXT:
            self.findings.add("expression-limit", "it is too long, with what its names stand for", written.span)
            return written.expr
        return made

    def path(self, path: Path) -> Path:
        """A path that starts at a member or an input of this graph, by the name that it has."""
        first, *rest = path.names
        return replace(path, names=(self.renamed[first], *rest)) if first in self.renamed else path

    def input(self, named: Named) -> Named:
        """An input of this graph, by the name that it has."""
        return replace(named, name=self.renamed.get(named.name, named.name))

    def _put(self, expr: Expr, reader: Span) -> Expr:
        match expr:
            case Name(name) if name in self.known:
                self.known[name].readers.append(reader)
                self._hold(self.known[name], reader)
                return self.known[name].expr
            case Name(name):
                return Name(self.meant.get(name, name))
            case Attribute(owner, fact):
                return Attribute(self.meant.get(owner, owner), fact)
        inside = parts(expr)
        return rebuild(expr, tuple(self._put(part, reader) for part in inside)) if inside else expr

    def _hold(self, let: Let, reader: Span) -> None:
        """Notes what of the places between a let and its reader hides a name that the let reads."""
        read, here = names_in(let.expr), self
        while here.around is not None and here.own.get(let.name) is not let:
            for name in read:
                if name in here.binds and here.block:
                    here.report_hidden(let, name, reader)
                elif name in here.binds:
                    here.caught[name] = let, reader
            here = here.around

    def report_hidden(self, let: Let, name: str, reader: Span) -> None:
        """Reports a let that would read another thing where it is put in than where it stands."""
        here = self.block or "the graph around this"
        self.findings.add(
            "hidden-name",
            f"the let {let.name} reads {name}, and {here} has a {name} of its own",
            reader,
            labels=(Label(let.written.span, f"reads {name}"),),
            help=f"give the {name} of {here} another name",
        )
