"""Theme files: a user's colours and fonts as a small YAML file.

    base: light                                      # light, dark or print: what is not written here
    skip: "#0b6e4f"                                  # one colour
    conv: {fill: "#dbe9f6", stroke: "#1f5fa8"}       # or both
    font: {family: Inter, block: 7.5}                # sizes in points

Every mistake is a diagnostic at its place. A lone colour for a box is its outline where it stands out from the page,
else its fill; the other is made from it.
"""

import re
from collections.abc import Mapping as MappingOf
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from archspec.diagnostics.diagnostic import Diagnostic, Source, Span, SpecError
from archspec.diagnostics.findings import Findings
from archspec.diagnostics.lines import split_lines
from archspec.figure.look.color import READABLE, VISIBLE, contrast, luminance, mixed, towards
from archspec.figure.look.theme import LARGEST, LIGHT, SMALLEST, THEMES, Fonts, Paint, Theme
from archspec.figure.what.captions import sentence
from archspec.figure.what.fold import DrawError
from archspec.language.yaml.document import Mapping, Scalar, Sequence, Yaml
from archspec.language.yaml.parse import parse
from archspec.language.yaml.text import SUFFIXES, read
from archspec.ops.op import Role
from archspec.registry import nearest
from archspec.values.dataclass import dataclass

NAMES: MappingOf[str, str] = {
    "black": "#000000",
    "silver": "#c0c0c0",
    "gray": "#808080",
    "white": "#ffffff",
    "maroon": "#800000",
    "red": "#ff0000",
    "purple": "#800080",
    "fuchsia": "#ff00ff",
    "green": "#008000",
    "lime": "#00ff00",
    "olive": "#808000",
    "yellow": "#ffff00",
    "navy": "#000080",
    "blue": "#0000ff",
    "teal": "#008080",
    "aqua": "#00ffff",
}

_COLORS = ("background", "ink", "faint", "heat")
_ROLES: MappingOf[str, Role] = {
    role.value: role
    for role in (
        *(Role.CONV, Role.POOL, Role.UPSAMPLE, Role.LINEAR, Role.NORM, Role.ACTIVATION),
        *(Role.MERGE, Role.ATTENTION, Role.EMBEDDING, Role.RECURRENT),
    )
}
_BOXES = (*_ROLES, "other", "terminal", "frame", "pill")
_LINES = ("flow", "skip")
_SIZES = ("title", "panel", "block", "detail", "counts")
KEYS = ("base", *_COLORS, *_BOXES, *_LINES, "font")

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_UNQUOTED = re.compile(r":\s+(#[0-9a-fA-F]{3,6})\b")
_FAMILY = re.compile(r"[\w ,.+-]{1,200}")
_TINT = 0.72  # of the way from an outline to the page, for the fill made from it


def find_theme(asked: str) -> Theme:
    """The theme of this name, or of the file at this path.

    Raises:
        DrawError: neither is there.
        SpecError: the file cannot be read, or is wrong.
    """
    if asked in THEMES:
        return THEMES[asked]
    if PurePath(asked).suffix.lower() in SUFFIXES:  # another file is none of ours, and its lines are not for messages
        return load_theme(read(asked))
    raise DrawError(f"no theme {asked!r}; there are {sentence([*THEMES])}, and files of your own: theme.yaml")


def load_theme(source: Source) -> Theme:
    """The theme that a file describes; it is called what the file is.

    Raises:
        SpecError: with every mistake found.
    """
    try:
        document = parse(source)
    except SpecError as error:
        raise SpecError(tuple(_of_a_theme(source, found) for found in error.diagnostics)) from error
    findings = Findings()
    theme = _Reader(findings).theme(document, PurePath(source.name).stem)
    findings.stop()
    return theme


def _of_a_theme(source: Source, found: Diagnostic) -> Diagnostic:
    """What the YAML reader says, in terms of a theme."""
    if found.code == "empty-document":
        return replace(found, message="this file holds no theme", help=f"start with a base: base: {LIGHT.name}")
    line = split_lines(source.text)[found.span.line - 1] if found.code == "yaml-syntax" else ""
    if match := _UNQUOTED.search(line):
        span = Span(source, found.span.line, match.start(1) + 1, found.span.line, match.end(1) + 1)
        return _comment(match[1], span)
    return found


def _comment(color: str, span: Span) -> Diagnostic:
    """A colour without quotes, which YAML takes for a comment."""
    return Diagnostic("bad-color", f"YAML reads {color} as a comment", span, help=f'quote it: "{color}"')


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the values of a file and records what is wrong with them."""

    findings: Findings

    def theme(self, document: Yaml, name: str) -> Theme:
        """The theme; what is wrong keeps the value of the base."""
        if not isinstance(document, Mapping):
            self.findings.add("wrong-type", f"a theme is a mapping, not {_described(document)}", _first(document))
            return LIGHT
        given = self.known(document, KEYS)
        theme = replace(self.base(given.get("base")), name=name)
        colors: dict[str, Any] = {key: self.color(key, given[key]) for key in _COLORS if key in given}
        theme = replace(theme, **{key: color for key, color in colors.items() if color})
        boxes = {key: self.box(key, given[key], theme) for key in _BOXES if key in given}
        lines = {key: self.line(key, given[key], theme) for key in _LINES if key in given}
        roles = {_ROLES[key]: paint for key, paint in boxes.items() if key in _ROLES}
        own: dict[str, Any] = {key: paint for key, paint in (boxes | lines).items() if key not in _ROLES}
        theme = replace(theme, roles={**theme.roles, **roles}, **own)
        if "font" in given:
            theme = replace(theme, fonts=self.fonts(given["font"], theme.fonts))
        if not self.findings.failed:
            self.check(theme, given, document)
        return theme

    def known(self, mapping: Mapping, keys: tuple[str, ...], where: str = "a theme") -> dict[str, Yaml]:
        """The entries with a key that is among `keys`."""
        for key, _ in mapping.entries:
            if key.text not in keys:
                near = nearest(key.text, keys)
                help = f"did you mean {near}?" if near else f"the keys of {where} are {', '.join(keys)}"
                self.findings.add("unknown-key", f"{where} has no key {key.text}", key.span, help=help)
        return {key.text: value for key, value in mapping.entries if key.text in keys}

    def base(self, value: Yaml | None) -> Theme:
        """The theme to start from."""
        if value is None:
            return LIGHT
        if isinstance(value, Scalar) and value.text in THEMES:
            return THEMES[value.text]
        near = nearest(value.text, THEMES) if isinstance(value, Scalar) else None
        message = f"base is one of {', '.join(THEMES)}, not {_described(value)}"
        self.findings.add("wrong-type", message, _first(value), help=f"did you mean {near}?" if near else "")
        return LIGHT

    def color(self, key: str, value: Yaml) -> str:
        """`value` as six hex digits, "" where it is no colour."""
        if isinstance(value, Scalar) and value.text.lower() in NAMES:
            return NAMES[value.text.lower()]
        if isinstance(value, Scalar) and _HEX.fullmatch(value.text):
            digits = value.text[1:].lower()
            return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))
        if isinstance(value, Scalar) and value.value is None and not value.text:
            line = split_lines(value.span.source.text)[value.span.line - 1]
            if match := re.compile(r"\s*(#[0-9a-fA-F]{3,6})\b").match(line, value.span.column - 1):
                place = Span(value.span.source, value.span.line, match.start(1) + 1, value.span.line, match.end(1) + 1)
                self.findings.extend((_comment(match[1], place),))
                return ""
        near = nearest(value.text.lower(), NAMES) if isinstance(value, Scalar) else None
        help = f"did you mean {near}?" if near else 'write it as "#b3261e", or by a basic name: navy'
        self.findings.add("bad-color", f"{key} is a colour, not {_described(value)}", _first(value), help=help)
        return ""

    def box(self, key: str, value: Yaml, theme: Theme) -> Paint:
        """The paint of a box: of the two colours, what is not given is made from what is."""
        before = _paint(theme, key)
        if not isinstance(value, Mapping):
            color = self.color(key, value)
            return _from_one(color, before, theme) if color else before
        given = self.known(value, ("fill", "stroke"), key)
        named = {part: self.color(f"{key}'s {part}", value) for part, value in given.items()}
        colors: dict[str, Any] = {part: color for part, color in named.items() if color}
        if len(colors) == 1 and key != "pill":
            made = _from_one(next(iter(colors.values())), before, theme, part=next(iter(colors)))
            return replace(made, **colors)
        return replace(before, **colors)

    def line(self, key: str, value: Yaml, theme: Theme) -> Paint:
        """The paint of a line."""
        before = _paint(theme, key)
        if isinstance(value, Mapping):
            given = self.known(value, ("stroke",), key)
            if "stroke" not in given:
                return before
            value = given["stroke"]
        return replace(before, stroke=self.color(key, value) or before.stroke)

    def fonts(self, value: Yaml, before: Fonts) -> Fonts:
        """Face and sizes."""
        if not isinstance(value, Mapping):
            message = f"font is a mapping, not {_described(value)}"
            self.findings.add("wrong-type", message, _first(value), help="font: {family: Inter, block: 7.2}")
            return before
        given = self.known(value, ("family", *_SIZES), "font")
        named = {key: self.size(key, given[key]) for key in _SIZES if key in given}
        sizes: dict[str, Any] = {key: size for key, size in named.items() if size}
        family = given.get("family")
        if family is None:
            return replace(before, **sizes)
        if not isinstance(family, Scalar) or not isinstance(family.value, str) or not _FAMILY.fullmatch(family.text):
            message = f"family is the name of a font, not {_described(family)}"
            self.findings.add(
                "wrong-type", message, _first(family), help="several names stand with commas: Inter, Lato"
            )
            return before
        return replace(before, family=family.text, **sizes)

    def size(self, key: str, value: Yaml) -> float:
        """A type size, 0 where it is none."""
        number = value.value if isinstance(value, Scalar) else None
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            self.findings.add("wrong-type", f"{key} is a number of points, not {_described(value)}", _first(value))
            return 0.0
        if not SMALLEST <= number <= LARGEST:
            limit = f"less than {SMALLEST:g} is not printed" if number < SMALLEST else f"{LARGEST:g} is the largest"
            cure = f"{key}: {SMALLEST if number < SMALLEST else LARGEST:g}"
            self.findings.add("type-size", f"{key} is {number:g} points, and {limit}", value.span, help=cure)
            return 0.0
        return float(number)

    def check(self, theme: Theme, given: MappingOf[str, Yaml], document: Mapping) -> None:
        """Records text that cannot be read; what the base says is readable on itself."""
        frame = theme.background if theme.frame.fill == "none" else theme.frame.fill
        for text, color, behind, under, keys in (
            ("ink", theme.ink, "the background", theme.background, ("ink", "background", "base")),
            ("faint", theme.faint, "the background", theme.background, ("faint", "background", "base")),
            ("ink", theme.ink, "the fill of frame", frame, ("frame", "ink", "base")),
            ("pill's stroke", theme.pill.stroke, "its fill", theme.pill.fill, ("pill", "base")),
        ):
            ratio = contrast(color, under)
            place = next((given[key] for key in keys if key in given), document)
            if ratio < READABLE:
                message = f"{text} {color} on {behind} {under} has a contrast of {ratio:.1f}, and text needs {READABLE}"
                nearer = towards(color, _far_from(under), under, READABLE)
                self.findings.add("low-contrast", message, _first(place), help=f'write {text} as "{nearer}"')


def _from_one(color: str, before: Paint, theme: Theme, part: str = "") -> Paint:
    """A fill and an outline from one colour, which is `part`, or what it is fit for."""
    if (part or ("stroke" if contrast(color, theme.background) >= VISIBLE else "fill")) == "stroke":
        return replace(before, fill=mixed(color, theme.background, _TINT), stroke=color)
    end = _far_from(theme.background)
    return replace(before, fill=color, stroke=towards(mixed(color, end, 0.3), end, theme.background, VISIBLE))


def _paint(theme: Theme, key: str) -> Paint:
    if key in _ROLES:
        return theme.paint(_ROLES[key])
    paints = {"other": theme.other, "terminal": theme.terminal, "frame": theme.frame, "pill": theme.pill}
    return (paints | {"flow": theme.flow, "skip": theme.skip})[key]


def _far_from(color: str) -> str:
    return "#ffffff" if luminance(color) < 0.18 else "#000000"


def _described(value: Yaml) -> str:
    if isinstance(value, Scalar):
        return repr(value.text) if value.text else "nothing"
    return "a list" if isinstance(value, Sequence) else "a mapping"


def _first(value: Yaml) -> Span:
    """The place of a scalar; of a list or a mapping, of what stands first in it."""
    if isinstance(value, Scalar):
        return value.span
    first = value.items[0] if isinstance(value, Sequence) and value.items else None
    if isinstance(value, Mapping) and value.entries:
        first = value.entries[0][0]
    return _first(first) if first is not None else value.span
