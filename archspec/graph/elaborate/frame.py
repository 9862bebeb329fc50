"""What expansion knows at one place: the scope, what expressions may read there, and what a name stands for."""

from collections.abc import Mapping
from dataclasses import field

from archspec.diagnostics.diagnostic import Span
from archspec.graph.graph import Absent, Local, Ref, Site, child_id
from archspec.language.expression.evaluate import Bound, Missing
from archspec.language.spec import Block, Entry, Port, Spec, Written
from archspec.values.dataclass import dataclass
from archspec.values.expression import Value

MAX_NESTING = 64
LONGEST_PATH = 80  # letters of a path in a note


@dataclass(frozen=True, slots=True)
class Use:
    """The use of a named block or spec around a place, for the note under a diagnostic."""

    path: str
    span: Span
    args: Mapping[str, "Value | Missing"]

    def note(self, place: Span) -> str:
        """`in layer2.0 (line 22), where width=32 and stride=2`."""
        where = f"line {self.span.line}"
        if self.span.source.name != place.source.name:
            where = f"{self.span.source.name}, {where}"
        path = self.path
        if len(path) > LONGEST_PATH:
            path = f"{path[: LONGEST_PATH // 2]}...{path[-LONGEST_PATH // 2 :]}"
        settings = [f"{name}={_shown(value)}" for name, value in self.args.items() if not isinstance(value, Missing)]
        if not settings:
            return f"in {path} ({where})"
        listed = settings[0] if len(settings) == 1 else f"{', '.join(settings[:-1])} and {settings[-1]}"
        return f"in {path} ({where}), where {listed}"


@dataclass(frozen=True, slots=True)
class Frame:
    """The surroundings of a member.

    Attributes:
        spec: the spec that it is written in.
        scope: id of the scope it stands in.
        names: what expressions may read.
        args: the declared params around it with their values, `i` included inside a repeat.
        spec_args: the params of `spec`, which its blocks may read.
        blocks: the named blocks being expanded, outermost first.
        depth: how many scopes there are around it.
        training: it runs only in training.
        share: id of the scope whose parameters it uses again, "" for its own.
        use: the use of a block around it, None at the top.
        flat: the name of the `flat: true` graph around it, "" for none.
    """

    spec: Spec
    scope: str
    names: Mapping[str, Bound]
    args: Mapping[str, Value]
    spec_args: Mapping[str, Value]
    blocks: tuple[Block, ...] = ()
    depth: int = 0
    training: bool = False
    share: str = ""
    use: Use | None = None
    flat: str = ""


@dataclass(slots=True)
class Given:
    """What a name stands for to its siblings: an input of the scope, a node, a scope, or what a left-out member reads.

    Attributes:
        ports: port -> output in the flat graph; "" is always there.
        span: where it is written, for labels; None for an input of a block.
        scope: id of the scope, "" for anything else.
        local: its name in the scope where that is not the written one: entries of a list are numbered as they are
            there, whatever stands before them and is left out.
        absent: it is left out.
        known: False after a mistake: then it has every port, of unknown shape.
        called: name that the author gives to an output -> port.
        on_request: output that it could have -> the field of the op that has to be true for it.
    """

    ports: dict[str, Ref]
    span: Span | None = None
    scope: str = ""
    local: str = ""
    absent: bool = False
    known: bool = True
    called: Mapping[str, str] = field(default_factory=dict)
    on_request: Mapping[str, str] = field(default_factory=dict)

    def plain(self, port: str) -> str:
        """`port` as the op calls it: "" for 0 where outputs are numbered, as those of a split are."""
        port = self.called.get(port, port)
        return "" if port == "0" and not self.scope and "1" in self.ports else port


@dataclass(slots=True)
class Read:
    """One input of a member: as named in its scope, in the flat graph, and where that is written."""

    local: Local
    ref: Ref
    origin: Span | None = None


def too_deep(frame: Frame) -> tuple[str, str, str]:
    """The code, the message and the help for a nesting that has no end, or too far a one."""
    again = next((block for block in reversed(frame.blocks) if frame.blocks.count(block) > 1), None)
    if again is None:
        return "too-deep", f"blocks are nested more than {MAX_NESTING} deep", ""
    message = f"{again.name} contains itself more than {frame.blocks.count(again) - 1} times over"
    return "recursive-block", message, "a condition ends it: when: $(depth > 1), where each use has a smaller depth"


def given_by(read: Read) -> Given:
    """What a name stands for that is another word for a value, such as an input of a block; of a fault, nothing."""
    return Given({"": read.ref}, known=read.ref.node != "?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something goes that an entry writes.

    Attributes:
        name: its name in the scope; for a part of a repeat, its number.
        entry: the entry.
        site: the entry's site, or that of the part.
        fields: the op's fields or the block's arguments, overrides of the part included.
        reads: what it reads.
        frame: the surroundings.
        share: id of the node or scope whose parameters it uses again, "" for its own.
    """

    name: str
    entry: Entry
    site: Site
    fields: Mapping[str, Written]
    reads: tuple[Read, ...]
    frame: Frame
    share: str = ""

    @property
    def id(self) -> str:
        """Its path from the root."""
        return child_id(self.frame.scope, self.name)

    @property
    def share_span(self) -> Span:
        """Where it says whose parameters it uses."""
        return self.entry.share.span if self.entry.share is not None else self.entry.name_span


@dataclass(slots=True)
class Inside:
    """A scope while it is expanded: what its names stand for."""

    given: dict[str, Given] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)
    absent: dict[str, Absent] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    listed: bool = False
    parts: bool = False  # it is a repeat, whose parts are read by their names
    ports: tuple[Port, ...] = ()  # what it says that it gives


def _shown(value: Value) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "none"}[value]
    return f"[{', '.join(_shown(item) for item in value)}]" if isinstance(value, tuple) else str(value)
