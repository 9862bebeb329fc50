"""Parse: a text as a tree of values with their places. Linear in the text: an alias shares what it names.

All duplicate keys, tags and other mistakes of content are reported at once; a syntax fault stops alone, for what was
read before it may be its echo.
"""

import re
from collections.abc import Callable
from dataclasses import field, replace
from typing import Any, NoReturn, cast

import yaml

from archspec.diagnostics.diagnostic import Diagnostic, Label, Source, Span, SpecError
from archspec.diagnostics.lines import split_lines
from archspec.language.yaml.cut import cut_by, end_of_expression
from archspec.language.yaml.document import Mapping, Scalar, ScalarValue, Sequence, Yaml
from archspec.language.yaml.events import PARSER, check_text, translated
from archspec.language.yaml.faults import Position, cut_expression, unspaced
from archspec.language.yaml.place import scalar_of, span_at
from archspec.language.yaml.scalars import NumberTooLarge, resolve
from archspec.language.yaml.shown import escaped, holds_unshown
from archspec.values.dataclass import dataclass

MAX_DEPTH = 100
MAX_VALUES = 3_000_000
MAX_ALIASED = 100_000  # values that aliases add to the written ones
MAX_SEARCHES = 1000  # for the ends of cut expressions: nobody reads more messages, and each may look far

_CORE = "tag:yaml.org,2002:"
_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "null": (type(None),),
}
_START = "`archspec init FILE` writes one to start from"
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse(source: Source) -> Yaml:
    """The one document in `source`.

    Raises:
        SpecError: with every mistake found.
    """
    if source.text.startswith("\ufeff"):
        source = Source(source.name, source.text[1:])
    check_text(source)
    return _Builder(source).build()


@dataclass(slots=True)
class _Frame:
    """A collection being read. `children` of a mapping are its keys and values in turn."""

    span_start: Position
    mapping: bool
    flow: bool
    anchor: str | None
    first: int  # how many values there were before it
    children: list[Yaml] = field(default_factory=list)
    height: int = 1


@dataclass(frozen=True, slots=True)
class _Anchored:
    """What an anchor names; `value` is None while it is being read."""

    value: Yaml | None
    size: int = 0
    height: int = 0


class _Builder:
    """Builds the tree from events, without recursion."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.frame = _Frame((1, 1), False, False, None, 0)
        self.stack: list[_Frame] = []
        self.anchors: dict[str, _Anchored] = {}
        self.values = 0
        self.aliased = 0
        self.faults: list[Diagnostic] = []
        self.resolved: dict[str, ScalarValue] = {}
        self.documents = 0
        self.searches = 0
        self.unshown = holds_unshown(source.text)
        self._lines: list[str] | None = None

    @property
    def lines(self) -> list[str]:
        """The lines of the text, split when first needed."""
        if self._lines is None:
            self._lines = split_lines(self.source.text)
        return self._lines

    def build(self) -> Yaml:
        """The document. Raises SpecError with every mistake found."""
        steps: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self.scalar,
            yaml.MappingStartEvent: self.open,
            yaml.SequenceStartEvent: self.open,
            yaml.MappingEndEvent: self.close,
            yaml.SequenceEndEvent: self.close,
            yaml.AliasEvent: self.alias,
            yaml.DocumentStartEvent: self.document,
        }
        try:
            next_event = PARSER(self.source.text).get_event
            while type(event := next_event()) is not yaml.StreamEndEvent:
                if step := steps.get(type(event)):
                    step(event)
        except (yaml.YAMLError, OverflowError) as fault:  # the Python parser overflows on "\U99999999"
            opened = self.frame.span_start if self.frame.flow else None
            raise SpecError((translated(self.source, fault, opened),)) from fault
        if self.faults:
            raise SpecError(tuple(sorted(self.faults, key=lambda fault: (fault.span.line, fault.span.column))))
        root = self.frame.children[0] if self.frame.children else None
        if root is None or (isinstance(root, Scalar) and not root.text and root.value is None):
            self.stop("empty-document", "this file holds no spec", Span(self.source, 1, 1, 1, 1), help=_START)
        return root

    def document(self, event: Any) -> None:
        """Begins the document. There is one."""
        self.documents += 1
        if self.documents > 1:
            self.stop("several-documents", "a file holds one spec, and a second one starts here", self.span(event))

    def scalar(self, event: Any) -> None:
        """Adds a scalar. Parsing spends its time here, so the common kind, plain and on one line, goes first."""
        start, end, text = event.start_mark, event.end_mark, event.value
        line = start.line
        usual = text and not event.style and event.tag is None and event.anchor is None and line == end.line
        if not usual or self.unshown:
            self.unusual_scalar(event)
            return
        span = span_at(self.source, line + 1, start.column + 1, line + 1, end.column + 1)
        try:
            value = self.resolved[text]
        except KeyError:
            value = self.plain(text, span)
        frame = self.frame
        if frame.flow and text[0] == "$":
            self.check_flow(text, span)
        frame.children.append(scalar_of(value, text, span, True))
        self.values += 1
        if self.values > MAX_VALUES:
            self.stop("too-large", f"a spec holds at most {MAX_VALUES:,} values", span)

    def unusual_scalar(self, event: Any) -> None:
        """Adds a scalar that is empty or has an anchor, a tag, quotes, a block style or several lines."""
        text: str = event.value
        span = self.span(event)
        plain = not event.style
        if not text and plain and event.start_mark.index >= len(self.source.text):
            span = self.end_of_text()  # the C parser adds a line of its own
        elif plain and span.line == span.end_line:
            span = replace(span, column=span.end_column - len(text))  # behind the anchor or the tag
        elif not plain and event.style in "|>":
            last = span.end_line - (span.end_column == 1)  # the event ends behind the last line break
            end_line, end_column = self.end_of_block(span.line, last)
            span = replace(span, end_line=end_line, end_column=end_column)
        if event.tag is not None or event.style == '"':
            value = self.tagged(event, span)
        else:
            value = self.plain(text, span) if plain else text
        if self.frame.flow and plain:
            self.check_flow(text, span)
        kept = escaped(text)
        if kept != text:
            value, text, plain = kept if value == text else value, kept, False
        scalar = Scalar(value, text, span, plain and span.line == span.end_line)
        self.frame.children.append(scalar)
        self.values += 1
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchored(scalar, size=1)

    def plain(self, text: str, span: Span) -> ScalarValue:
        """What a plain scalar stands for."""
        try:
            value = self.resolved[text] = resolve(text)
        except NumberTooLarge:
            message = "this integer does not fit in 64 bits"
            self.fault("number-too-large", message, span, help="write it as a float: 1.0e30")
            return 0
        return value

    def tagged(self, event: Any, span: Span) -> ScalarValue:
        """What a scalar with a tag, or in double quotes, stands for."""
        text: str = event.value
        if _SURROGATE.search(text):  # by "\ud800", which only the Python parser lets through
            self.fault("yaml-syntax", "an escape in this value names half a character", span)
        name = event.tag.removeprefix(_CORE) if event.tag else "str"
        if name in ("str", "!"):
            return text
        if name not in _TYPES:
            self.unknown_tag(event.tag, self.span(event))
            return text
        value = self.plain(text, span)
        if not isinstance(value, _TYPES[name]) or (name != "bool" and isinstance(value, bool)):
            self.fault("wrong-type", f"`{text}` is tagged !!{name} and is none", span)
        return float(value) if name == "float" and isinstance(value, int) else value

    def check_flow(self, text: str, span: Span) -> None:
        """Reports what YAML reads apart inside `{ }` and `[ ]`: `$(min(a, b))` without quotes, and `stride:2`."""
        frame = self.frame
        if text.startswith("$(") and self.searches < MAX_SEARCHES and not end_of_expression(text, 0):
            self.searches += 1
            line = self.lines[span.line - 1]
            if cut := cut_by(line, span.end_column - 1):
                delimiter = line[span.end_column - 1]
                self.faults.append(cut_expression(self.source, span.line, line, *cut, delimiter))
        elif not text and frame.mapping and len(frame.children) % 2:
            key = frame.children[-1]
            if isinstance(key, Scalar) and key.plain and (fault := unspaced(key.span, key.text)):
                self.faults.append(fault)

    def open(self, event: Any) -> None:
        """Begins a collection."""
        mapping = type(event) is yaml.MappingStartEvent
        if len(self.stack) >= MAX_DEPTH:
            self.stop("too-deep", f"this is nested deeper than {MAX_DEPTH} levels", self.span(event))
        if event.tag is not None and event.tag not in (_CORE + ("map" if mapping else "seq"), "!"):
            self.unknown_tag(event.tag, self.span(event))
        start = event.start_mark
        self.stack.append(self.frame)
        self.frame = _Frame((start.line + 1, start.column + 1), mapping, event.flow_style, event.anchor, self.values)
        self.values += 1
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchored(None)

    def close(self, event: Any) -> None:
        """Ends a collection. One without brackets ends with its last value: its event comes after later comments."""
        frame = self.frame
        children = frame.children
        line, column = frame.span_start
        if frame.flow:
            end_line, end_column = event.end_mark.line + 1, event.end_mark.column + 1
        else:
            end_line, end_column = children[-1].span.end_line, children[-1].span.end_column
            if frame.mapping:
                line, column = children[0].span.line, children[0].span.column
        span = span_at(self.source, line, column, end_line, end_column)
        value = self.mapping(children, span) if frame.mapping else Sequence(tuple(children), span)
        parent = self.frame = self.stack.pop()
        self.add(value)
        parent.height = max(parent.height, frame.height + 1)
        if frame.anchor is not None:
            self.anchors[frame.anchor] = _Anchored(value, self.values - frame.first, frame.height)

    def mapping(self, children: list[Yaml], span: Span) -> Mapping:
        """The mapping whose keys and values stand in turn in `children`."""
        keys = cast(list[Scalar], children[::2])  # `add` lets nothing else in
        texts = {key.text for key in keys}
        if len(texts) < len(keys) or "<<" in texts:
            self.check_keys(keys)
        return Mapping(tuple(zip(keys, children[1::2], strict=True)), span)

    def add(self, value: Yaml) -> None:
        """Adds a value that may be a collection, which cannot be a key."""
        frame = self.frame
        if frame.mapping and len(frame.children) % 2 == 0 and not isinstance(value, Scalar):
            self.fault("complex-key", "a key is a name or a number, not a list or a mapping", value.span)
            value = Scalar(None, f"?{len(frame.children)}", value.span, False)
        frame.children.append(value)

    def check_keys(self, keys: list[Scalar]) -> None:
        """Reports keys that are written twice, and merge keys."""
        first: dict[str, Scalar] = {}
        for key in keys:
            if key.text == "<<" and key.plain:
                self.fault(
                    "merge-key",
                    "`<<` merges nothing: YAML 1.2 has no merge keys",
                    key.span,
                    help="write the keys out, or make a block with params of what is common",
                )
            elif key.text not in first:
                first[key.text] = key
            elif key.text.count(")") <= key.text.count("("):  # else it is the rest of a cut expression
                label = Label(first[key.text].span, "first written here")
                self.fault("duplicate-key", f"the key `{key.text}` is written twice", key.span, label)

    def alias(self, event: Any) -> None:
        """Adds what an alias names, with the place of the alias."""
        name, span = event.anchor, self.span(event)
        anchored = self.anchors.get(name)
        if anchored is None or anchored.value is None:
            message = f"no anchor `&{name}` is written before this alias"
            if anchored is not None:
                message = f"`*{name}` stands inside what it names"
            self.fault("unknown-anchor", message, span)
            self.frame.children.append(Scalar(None, "", span, False))
            return
        self.values += anchored.size
        self.aliased += anchored.size
        if self.aliased > MAX_ALIASED:
            self.stop("too-many-aliases", f"aliases add more than {MAX_ALIASED:,} values to this spec", span)
        if len(self.stack) + anchored.height > MAX_DEPTH:
            self.stop("too-deep", f"this is nested deeper than {MAX_DEPTH} levels", span)
        self.add(_placed(anchored.value, span))
        self.frame.height = max(self.frame.height, anchored.height + 1)

    def end_of_block(self, line: int, end_line: int) -> Position:
        """Where a block scalar from `line` to `end_line` ends: after its last line that is not blank."""
        end_line = min(end_line, len(self.lines))
        while end_line > line and not self.lines[end_line - 1].strip():
            end_line -= 1
        return end_line, len(self.lines[end_line - 1]) + 1

    def end_of_text(self) -> Span:
        """The place behind the last character."""
        line, column = len(self.lines), len(self.lines[-1]) + 1
        return Span(self.source, line, column, line, column)

    def unknown_tag(self, tag: str, span: Span) -> None:
        """Reports a tag."""
        written = "!!" + tag.removeprefix(_CORE) if tag.startswith(_CORE) else tag
        self.fault("unknown-tag", f"the tag `{written}` means nothing in a spec", span, help="leave it out")

    def span(self, event: Any) -> Span:
        """The place of an event."""
        start, end = event.start_mark, event.end_mark
        return Span(self.source, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def fault(self, code: str, message: str, span: Span, *labels: Label, help: str = "") -> None:
        """Notes a mistake and goes on."""
        self.faults.append(Diagnostic(code, message, span, labels=labels, help=help))

    def stop(self, code: str, message: str, span: Span, help: str = "") -> NoReturn:
        """Raises SpecError with what was found until here, for to go on could take without bound."""
        raise SpecError((*self.faults, Diagnostic(code, message, span, help=help)))


def _placed(value: Yaml, span: Span) -> Yaml:
    """`value`, written by an alias at `span`; what it holds keeps the places where it was written."""
    if isinstance(value, Scalar):
        return Scalar(value.value, value.text, span, False)
    return Sequence(value.items, span) if isinstance(value, Sequence) else Mapping(value.entries, span)
