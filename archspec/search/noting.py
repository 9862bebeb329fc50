"""Noting: an expansion that takes notes of what it does, as steps."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import field

from archspec.diagnostics.findings import Findings
from archspec.graph.elaborate.copies import Copies
from archspec.graph.elaborate.evaluation import Values
from archspec.graph.elaborate.expand import Expanded, Expander
from archspec.graph.elaborate.frame import Frame, Given, Inside, Place, Read
from archspec.graph.elaborate.initialising import Initialising
from archspec.graph.elaborate.reading import Inputs
from archspec.graph.graph import Definition, Graph, Ref, Site
from archspec.language.expression.evaluate import Missing
from archspec.language.settle import Settings
from archspec.language.spec import ParamDecl, Spec, Written, WrittenStart
from archspec.language.written import plain_value
from archspec.ops.initialiser import Initialiser
from archspec.ops.op import Op
from archspec.search import steps
from archspec.search.known import Formula
from archspec.values.dataclass import dataclass
from archspec.values.expression import Expr, Literal, Value
from archspec.values.run import Runner


@dataclass(slots=True)
class Notes:
    """What one expansion did.

    Attributes:
        done: in order; what was asked stands between them with its answer.
        numbers: id of each node -> its number.
        graph: what came of it, before any pass.
        formulas: of expressions by their ids, kept over all expansions of one spec.
        fixed: why it cannot be done again, "" where it can.
    """

    done: list[steps.Step | tuple[steps.Asked, Value]] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    graph: Graph | None = None
    fixed: str = ""
    formulas: dict[int, Formula] = field(default_factory=dict)


def noting(notes: Notes) -> Callable[[Spec, Settings, Findings, Copies, Runner | None], Expanded]:
    """What expands a spec as the pipeline does, and writes into `notes` what it does."""

    def expand(spec: Spec, settings: Settings, findings: Findings, copies: Copies, run: Runner | None) -> Expanded:
        expanded = _Noting(notes, findings, copies, run).network(spec, settings)
        notes.graph = expanded.graph
        return expanded

    return expand


class _Values(Values):
    """Tells `note` what is asked and answered, but not of fields and arguments: steps find those by themselves."""

    def __init__(self, findings: Findings, copies: Copies) -> None:
        super().__init__(findings, copies)
        self.note: Callable[[Expr, Frame, Value], None] | None = None

    def value(self, written: Written, frame: Frame) -> Value | Missing:
        """As of Values."""
        found = super().value(written, frame)
        if self.note is not None and not isinstance(written.expr, Literal) and not isinstance(found, Missing):
            self.note(written.expr, frame, found)
        return found

    def values(self, fields: Mapping[str, Written], frame: Frame) -> dict[str, Value | Missing]:
        """As of Values."""
        with self.quietly():
            return super().values(fields, frame)

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Inside, nothing is told."""
        note, self.note = self.note, None
        try:
            yield
        finally:
            self.note = note


class _Starts(Initialising):
    """Notes what `init:` says of tensors, where it follows from names."""

    tell: Callable[[WrittenStart, Frame], None]

    def made(self, written: WrittenStart, frame: Frame) -> Initialiser | None:
        """As of Initialising."""
        if not all(setting.plain for setting in written.settings.values()):
            self.tell(written, frame)
        return super().made(written, frame)


class _Noting(Expander):
    """Expands one network, and notes what it does."""

    def __init__(self, notes: Notes, findings: Findings, copies: Copies, run: Runner | None) -> None:
        self.watched = _Values(findings, copies)
        super().__init__(findings, copies, run, self.watched)
        self.notes = notes
        self.rooms: dict[tuple[str, object], int] = {}  # of a scope, and of the parts of a repeat
        self.parts: list[object] = []  # of each room, the number of the part of a repeat that it is, or is in
        self.opening: Place | None = None
        self.formulas = notes.formulas
        starts = _Starts(self.values, self.nodes, self.scopes, self.sites)
        starts.tell = self.note_start
        self.init = starts

    def network(self, spec: Spec, settings: Settings) -> Expanded:
        """As of Expander."""
        self.notes.numbers.update({name: number for number, name in enumerate(spec.inputs)})
        if any(decl.values is not None and not decl.values.plain for decl in spec.inputs.values()):
            self.notes.fixed = "the values of an input follow from params"
        self.watched.note = self.note_asked
        return super().network(spec, settings)

    # -- what is done -----------------------------------------------------------------------------------------------

    def put(self, place: Place, inside: Inside) -> Given:
        """As of Expander."""
        self.opening = place
        is_op = place.entry.kind == "op"
        with self.watched.quietly() if is_op else nullcontext():
            given = super().put(place, inside)
        if is_op and place.id in self.nodes.nodes:
            self.note_node(place)
        return given

    def repeat(self, place: Place, count: int, inputs: Inputs) -> Given:
        """As of Expander."""
        self.opening = place
        return super().repeat(place, count, inputs)

    def open_scope(
        self,
        name: str,
        definition: Definition,
        site: Site,
        frame: Frame,
        reads: tuple[Read, ...],
        given: dict[str, Given],
        follow: frozenset[str] = frozenset(),
    ) -> Inside:
        """As of Expander."""
        place = self.opening
        if place is None:
            self.rooms["", None] = self.new_room()
        elif definition.kind == "repeat":
            self.rooms[frame.scope, None] = self.room(place.frame)
        else:
            inputs = tuple(zip(definition.inputs, (self.place(read.ref) for read in reads), strict=True))
            around, inline = self.room(place.frame), definition.kind == "inline"
            step = steps.Inside(around, inputs) if inline else self.use_of(place, frame, inputs, follow)
            self.notes.done.append(step)
            self.rooms[frame.scope, None] = self.new_room(self.parts[around] if inline else None)
        return super().open_scope(name, definition, site, frame, reads, given, follow)

    # -- notes ------------------------------------------------------------------------------------------------------

    def note_asked(self, expr: Expr, frame: Frame, found: Value) -> None:
        """Notes what was asked, and the answer."""
        self.notes.done.append((steps.Asked(self.formula(expr), self.room(frame)), found))

    def note_start(self, written: WrittenStart, frame: Frame) -> None:
        """Notes what is said of a tensor."""
        plain, exprs = self.told_apart(written.settings)
        self.notes.done.append(steps.Start(written.initialiser.name, plain, exprs, self.room(frame)))

    def note_node(self, place: Place) -> None:
        """Notes an op, and whose module it is."""
        node, numbers = self.nodes.nodes[place.id], self.notes.numbers
        if type(node.op).completed is not Op.completed:
            self.notes.fixed = f"{place.id} is what running code says it is"
        number = numbers[place.id] = len(numbers)
        plain, exprs = self.told_apart(place.fields)
        reads = tuple(self.place(ref) for ref in node.inputs)
        self.notes.done.append(steps.Node(node.op, plain, exprs, self.room(place.frame), reads, place.fields))
        if node.share:
            owner = self.nodes.nodes[node.share]
            alike = steps.fields_alike(node.op, owner.op)
            self.notes.done.append(steps.Same(number, numbers[owner.id], alike))

    # -- numbers ----------------------------------------------------------------------------------------------------

    def new_room(self, part: object = None) -> int:
        """The number of the next room, in which `i` is `part`."""
        self.parts.append(part)
        return len(self.parts) - 1

    def room(self, frame: Frame) -> int:
        """The room in which a frame reads names; that of a part of a repeat is made when it is first asked for."""
        whole, part = self.rooms[frame.scope, None], frame.names.get("i")
        if part is None or part == self.parts[whole]:
            return whole
        if (frame.scope, part) not in self.rooms and isinstance(part, int):
            self.notes.done.append(steps.Inside(whole, part=part))
            self.rooms[frame.scope, part] = self.new_room(part)
        return self.rooms[frame.scope, part]

    def place(self, ref: Ref) -> steps.Place:
        """The numbers of a node and its port; after a mistake, with which this variant ends, none that is there."""
        if ref.node not in self.nodes.nodes:
            return -1, 0
        ports = self.nodes.nodes[ref.node].op.ports
        return self.notes.numbers[ref.node], ports.index(ref.port) if ref.port else 0

    # -- expressions ------------------------------------------------------------------------------------------------

    def formula(self, expr: Expr) -> Formula:
        """The one formula of an expression."""
        return self.formulas.setdefault(id(expr), Formula.of(expr))

    def told_apart(self, fields: Mapping[str, Written]) -> tuple[dict[str, Value], tuple[tuple[str, Formula], ...]]:
        """Fields with the values of those that are plain, and the formulas of the others."""
        exprs = tuple((name, self.formula(written.expr)) for name, written in fields.items() if not written.plain)
        return {name: plain_value(written) for name, written in fields.items()}, exprs

    def use_of(self, place: Place, frame: Frame, inputs: steps.Inputs, follow: frozenset[str]) -> steps.Use:
        """The step of a use of a block or a spec, as it stands in `frame`."""
        block = frame.blocks[-1]
        given: dict[str, tuple[ParamDecl, Formula]] = {}
        follows: dict[str, tuple[ParamDecl, Formula]] = {}
        for name, decl in block.params.items():
            written = place.fields.get(name)
            if written is not None and not written.plain:
                given[name] = decl, self.formula(written.expr)
            elif written is None and name in follow and decl.follows is not None:
                follows[name] = decl, self.formula(decl.follows.expr)
        around, is_spec = self.room(place.frame), block is frame.spec.body
        names = tuple(dict.fromkeys(name for _, formula in given.values() for name in formula.names))
        return steps.Use(block, frame.args, given, follows, around, is_spec, inputs, names)
