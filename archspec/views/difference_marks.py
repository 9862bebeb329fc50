"""Marks: what a figure says of each box of two networks, and how it paints them.

Each status is told three times: by its colour, by its outline, and by a mark in text.

    + added      heavy outline
    - removed    dashed outline
    ~ changed    heavy outline, and what changed
    > renamed    and its other name
    = affected   nothing changed but its sizes
      same       pale
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from archspec.ir.graph import Graph, Node
from archspec.ops.op import Role
from archspec.views.captions import in_short
from archspec.views.color import VISIBLE, channels, mixed, towards
from archspec.views.difference_changes import Comparison
from archspec.views.difference_table import MARKS
from archspec.views.difference_words import change_words
from archspec.views.figure import Box
from archspec.views.theme import Paint, Theme

Look: TypeAlias = Literal["added", "removed", "changed", "renamed", "affected", "same"]

_HUES: Mapping[Look, str] = {"added": "#1a7f37", "removed": "#c0271d", "changed": "#a86a00", "renamed": "#0a58b0"}
_WIDTHS: Mapping[Look, float] = {
    "added": 1.6,
    "changed": 1.3,
    "removed": 1.1,
    "renamed": 1.1,
    "affected": 0.8,
    "same": 0.5,
}
_NAMES: Mapping[Look, str] = {"affected": "= the same on other sizes", "same": "the same"}
_TOLD = 2  # different changes that a closed block says one by one
_LINES = 3  # that a box says of its changes
_LENGTH = 36  # letters of such a line


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said of one box: its status, and lines that begin with the sign of a status."""

    look: Look
    lines: tuple[str, ...] = ()


class Marks:
    """The marks of one of the two networks; of the second where `second`."""

    def __init__(self, compared: Comparison, *, second: bool) -> None:
        self.compared, self.second = compared, second
        self.graph: Graph = (compared.second if second else compared.first).graph
        self.there = compared.match.back if second else compared.match.pairs
        self.alone = (
            _alone(compared.first.graph, compared.match.pairs),
            _alone(compared.second.graph, compared.match.back),
        )

    def of(self, box: Box) -> Mark:
        """The mark of a box."""
        looks = Counter(map(self.look, box.nodes))
        for alone in ("added", "removed"):
            if box.nodes and looks[alone] == len(box.nodes):
                return Mark(alone, (f"{MARKS[alone]} {alone}",))
        if self._touched(box.id) or looks["changed"] or looks["added"] or looks["removed"]:
            lines = list(dict.fromkeys(self._lines(box)))
            if len(lines) > _LINES:
                lines = [*lines[: _LINES - 1], f"~ {len(lines) - _LINES + 1} more"]
            return Mark("changed", tuple(map(_cut, lines)))
        other = self.there.get(box.id, "").rpartition("/")[2]
        if other and other != box.id.rpartition("/")[2]:
            return Mark("renamed", (f"> {'was' if self.second else 'now'} {other}",))
        if looks["affected"]:
            return Mark("affected", ("= other sizes",))
        return Mark("same")

    def look(self, node: str) -> Look:
        """What happened to one op."""
        if node not in self.there:
            return "added" if self.second else "removed"
        first = self._first(node)
        if first in self.compared.changes:
            return "changed"
        return "affected" if first in self.compared.affected else "same"

    def _first(self, id: str) -> str:
        return self.there.get(id, "") if self.second else id

    def _touched(self, id: str) -> bool:
        """Whether a closed block has changes of its own or inside."""
        first = self._first(id)
        return id in self.graph.scopes and (first in self.compared.stirred or first in self.compared.changes)

    def _lines(self, box: Box) -> Iterator[str]:
        changes = self.compared.changes
        scope = box.id in self.graph.scopes
        if scope:
            yield from (f"~ {change_words(change)}" for change in changes.get(self._first(box.id), ()))
        inside: dict[str, None] = {}
        for id in box.nodes:
            node = self.graph.nodes[id]
            about = f"{node.name} " if scope else "" if id == box.nodes[0] else f"{_called(node)} "
            if id in self.there:
                inside |= {f"~ {about}{change_words(change)}": None for change in changes.get(self._first(id), ())}
            elif not scope:
                yield f"{'+' if self.second else '-'} {_called(node)}"
        if scope and len(inside) > _TOLD:
            number = sum(self.look(id) == "changed" for id in box.nodes)
            yield f"~ {number} ops"
        else:
            yield from inside
        if scope:
            first = self._first(box.id)
            for sign, count in (
                ("+", self.alone[1].get(self.compared.match.pairs.get(first, ""), 0)),
                ("-", self.alone[0].get(first, 0)),
            ):
                if count:
                    yield f"{sign} {count} op{'s' if count > 1 else ''}"


def painted(look: Look, theme: Theme) -> Paint:
    """The fill and the outline of a status, made to fit the colours of `theme`."""
    if look in ("same", "affected"):
        pale = look == "same"
        fill = mixed(theme.background, theme.ink, 0.03 if pale else 0.08)
        return Paint(fill, mixed(theme.background, theme.ink, 0.4 if pale else 0.65), _WIDTHS[look])
    dashed = look == "removed"
    if _colourless(theme):
        share = {"added": 0.0, "removed": 0.0, "changed": 0.16, "renamed": 0.08}[look]
        return Paint(mixed(theme.background, theme.ink, share), theme.ink, _WIDTHS[look], dashed)
    hue = towards(_HUES[look], theme.ink, theme.background, VISIBLE)
    return Paint(mixed(theme.background, hue, 0.2), hue, _WIDTHS[look], dashed)


def named(look: Look) -> str:
    """What the legend calls a status: `+ added`."""
    return _NAMES.get(look) or f"{MARKS[look]} {look}"  # type: ignore[index]


def _colourless(theme: Theme) -> bool:
    """Whether a theme is for a printer without colours."""
    paints = [theme.skip, *theme.roles.values()]
    return all(len(set(channels(paint.stroke))) == 1 for paint in paints if paint.stroke != "none")


def _called(node: Node) -> str:
    """A fused op in short: `BN`, `ReLU`."""
    name = node.op.label().partition(", ")[0]
    return in_short([name]) if node.op.role is Role.NORM else name


def _cut(line: str) -> str:
    return line if len(line) <= _LENGTH else f"{line[: _LENGTH - 3].rstrip(' ,')}..."


def _alone(graph: Graph, there: Mapping[str, str]) -> dict[str, int]:
    """Id of every scope -> ops in it that the other network has not."""
    found = dict.fromkeys(graph.scopes, 0)
    for node in graph.nodes.values():
        found[node.scope] += node.id not in there
    for scope in reversed(tuple(graph.scopes.values())):
        if scope.id:
            found[scope.parent] += found[scope.id]
    return found
