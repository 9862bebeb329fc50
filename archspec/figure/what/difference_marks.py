"""Marks: what a figure says of each box of two networks, and how it paints them.

Each status is told three times: by its colour, by its outline, and by a mark in text.

    + added      heavy outline
    - removed    dashed outline
    ~ changed    heavy outline, and what changed
    > renamed    and its other name
    > moved      and where it is in the other network
    = affected   nothing changed but its sizes
      same       pale
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from archspec.compare.changes import Comparison
from archspec.compare.table import Ops
from archspec.compare.wiring import Change
from archspec.compare.words import change_words, ops_words
from archspec.figure.diagram import Box, Edge
from archspec.figure.look.color import VISIBLE, channels, mixed, towards
from archspec.figure.look.theme import Paint, Theme
from archspec.figure.what.captions import joining
from archspec.graph.graph import Graph, Node
from archspec.graph.walk import ancestors, children, last_name, part, sums
from archspec.values.dataclass import dataclass

Look: TypeAlias = Literal["added", "removed", "changed", "renamed", "moved", "affected", "same"]

_HUES: Mapping[Look, str] = {
    "added": "#1a7f37",
    "removed": "#c0271d",
    "changed": "#b07d00",
    "renamed": "#0a58b0",
    "moved": "#6f42c1",
}
_WIDTHS: Mapping[Look, float] = {
    "added": 1.6,
    "changed": 1.3,
    "removed": 1.1,
    "renamed": 1.1,
    "moved": 1.3,
    "affected": 0.8,
    "same": 0.5,
}
NAMES: Mapping[Look, str] = {
    "added": "+ added",
    "removed": "- removed",
    "changed": "~ changed",
    "renamed": "> renamed",
    "moved": "> moved",
    "affected": "= the same on other sizes",
    "same": "the same",
}
_LINES = 3  # that a box says of its changes
_LENGTH = 40  # letters of such a line


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said of one box: its status, and lines that begin with the sign of a status."""

    look: Look
    lines: tuple[str, ...] = ()


class Marks:
    """The marks of one of the two networks; of the second where `second`.

    `apart` where the parts that a closed repeat gained or lost are drawn as a box of their own.
    """

    def __init__(self, compared: Comparison, *, second: bool, apart: bool = True) -> None:
        self.compared, self.second, self.apart = compared, second, apart
        self.network = compared.second if second else compared.first
        self.graph = self.network.graph
        moved = compared.match.moved
        back = {there: here for here, there in moved.items()}
        self.there = compared.match.back if second else compared.match.pairs
        self.elsewhere = back if second else moved
        self.alone = (
            _alone(compared.first.graph, compared.match.pairs, moved),
            _alone(compared.second.graph, compared.match.back, back),
        )

    def of(self, box: Box) -> Mark:
        """The mark of a box. A block of both networks is changed, even where they share nothing that is in it."""
        looks = Counter(map(self.look, box.nodes))
        if box.id in self.elsewhere or (box.nodes and looks["moved"] == len(box.nodes) and not self._gathers(box)):
            return Mark("moved", (f"> moved {'from' if self.second else 'to'} {self._elsewhere(box)}",))
        alone: Look = "added" if self.second else "removed"
        if box.id not in self.there and box.nodes and looks[alone] + looks["moved"] == len(box.nodes):
            return Mark(alone, (NAMES[alone], *self._came_along(box, looks["moved"])))
        if self._touched(box.id) or looks["changed"] or looks["added"] or looks["removed"]:
            lines = (
                self._of_block(box.id, box.nodes)
                if box.id in self.graph.scopes
                else self._of_ops(box.nodes, alike=box.repeat > 1)
            )
            return Mark("changed", tuple(map(_cut, lines)))
        other = last_name(self.there.get(box.id, ""))
        if other and other != last_name(box.id):
            return Mark("renamed", (f"> {'was' if self.second else 'now'} {other}",))
        if looks["affected"]:
            return Mark("affected", ("= other sizes",))
        return Mark("same")

    def on(self, edge: Edge) -> Mark:
        """The mark of the ops that stand on an edge."""
        looks = [look for look in map(self.look, edge.nodes) if look != "same"]
        if not looks or set(looks) == {"affected"}:
            return Mark("affected" if looks else "same")
        if len(set(looks)) == 1 and looks[0] != "changed":
            return Mark(looks[0], (NAMES[looks[0]],))
        return Mark("changed", tuple(map(_cut, self._of_ops(edge.nodes, alike=False))))

    def look(self, node: str) -> Look:
        """What happened to one op."""
        if node not in self.there:
            return "moved" if self._moved_with(node) else "added" if self.second else "removed"
        first = self._first(node)
        if first in self.compared.changes:
            return "changed"
        return "affected" if first in self.compared.affected else "same"

    def _moved_with(self, node: str) -> str:
        """What moved that holds an op, or is it; "" where nothing did."""
        held = ancestors(self.graph, self.graph.nodes[node].scope)
        return next((each for each in (node, *held) if each in self.elsewhere), "") if self.elsewhere else ""

    def _gathers(self, box: Box) -> bool:
        """Whether a block only holds what moved, and did not move itself."""
        return box.id in self.graph.scopes and self.elsewhere.keys().isdisjoint(ancestors(self.graph, box.id))

    def _came_along(self, box: Box, moved: int) -> Iterator[str]:
        """How many ops of a block that one network has are elsewhere in the other."""
        if moved and box.id in self.graph.scopes:
            yield f"> {ops_words(Ops(moved=moved))} {'here' if self.second else 'away'}"

    def _elsewhere(self, box: Box) -> str:
        """Where in the other network a box is that moved, or the block is that it moved with."""
        moved = box.id if box.id in self.elsewhere else self._moved_with(box.nodes[0])
        return self.elsewhere[moved].replace("/", ".")

    def _first(self, id: str) -> str:
        return self.there.get(id, "") if self.second else id

    def own_parts(self, id: str) -> list[str]:
        """The parts of a repeat that the other network has not, where it has others of them; nothing for all else."""
        scope = self.graph.scopes.get(id)
        if not self.apart or scope is None or scope.definition.kind != "repeat" or id not in self.there:
            return []
        own = [member.name for member in children(self.graph, scope) if member.id not in self.there]
        return own if len(own) < len(scope.members) else []

    def _own(self, id: str) -> list[Change]:
        """What changed in the use of a block; not the number of parts, where those are drawn apart."""
        changes = [*self.compared.changes.get(self._first(id), ()), *self._of_all_parts(id)]
        return [change for change in changes if change.kind != "parts" or not self.own_parts(id)]

    def _of_all_parts(self, id: str) -> list[Change]:
        """The new block that all parts of a repeat use."""
        scope = self.graph.scopes[id]
        if scope.definition.kind != "repeat":
            return []
        parts = (member.id for member in children(self.graph, scope))
        changes = [self.compared.changes.get(self._first(each), ()) for each in parts if each in self.there]
        blocks = [[change for change in found if change.kind == "block"] for found in changes]
        return blocks[0] if blocks and all(block == blocks[0] for block in blocks) else []

    def _touched(self, id: str) -> bool:
        """Whether a closed block has changes of its own or inside."""
        scope = self.graph.scopes.get(id)
        if scope is None:
            return False
        stirred = self.compared.stirred
        if not self.own_parts(id):
            return bool(self._own(id)) or self._first(id) in stirred
        shared = [self._first(member.id) for member in children(self.graph, scope) if member.id in self.there]
        return bool(self._own(id)) or any(each in stirred or each in self.compared.changes for each in shared)

    def _of_ops(self, nodes: Sequence[str], *, alike: bool) -> list[str]:
        """What changed in an op, or several `alike`, and in what is fused into them."""
        main = type(self.graph.nodes[nodes[0]].op)
        found: dict[str, None] = {}
        alone = 0
        apart = False  # what is fused into an op that this network alone has goes with it
        for id in nodes:
            node = self.graph.nodes[id]
            is_main = isinstance(node.op, main)
            if is_main and alike:
                apart = id not in self.there
                alone += apart
            elif id not in self.there and not apart:
                found[f"{'+' if self.second else '-'} {_called(node)}"] = None
            about = "" if is_main else f"{_called(node)} "
            for change in self.compared.changes.get(self._first(id), ()) if id in self.there else ():
                found[f"~ {about}{change_words(change)}"] = None
        if alone:
            found[self._came(alone)] = None
        lines = list(found)
        return lines if len(lines) <= _LINES else [*lines[: _LINES - 1], f"~ {len(lines) - _LINES + 1} more"]

    def _of_block(self, scope: str, nodes: Sequence[str]) -> list[str]:
        """What changed in a closed block: in its use, and inside, where few lines say it."""
        own = [f"~ {change_words(change)}" for change in self._own(scope)]
        named: dict[str, dict[str, None]] = {}
        changed = 0
        for id in nodes:
            there = self.compared.changes.get(self._first(id), ()) if id in self.there else ()
            changed += bool(there)
            for change in there:
                named.setdefault(change_words(change), {})[self.graph.nodes[id].name] = None
        inside = [
            f"~ {next(iter(names))} {words}" if len(names) == 1 else f"~ {words}" for words, names in named.items()
        ]
        together = self._together(scope, nodes)
        alike = [self._first(each) for each in together if each in self.there]
        if len(alike) < len(together):
            own.append(self._came(len(together) - len(alike)))
        removed = sum(self.alone[0].get(each, 0) for each in alike)
        added = sum(self.alone[1].get(self.compared.match.pairs[each], 0) for each in alike)
        rest = [f"{sign} {ops_words(ops)}" for sign, ops in (("+", Ops(added=added)), ("-", Ops(removed=removed)))]
        rest = rest[not added : 2 if removed else 1]
        if len(own) + len(inside) + len(rest) <= _LINES:
            return [*own, *inside, *rest] or ["~ names inside"]
        return [*own[: _LINES - 1], f"~ {ops_words(Ops(added=added, removed=removed, changed=changed))}"]

    def _together(self, scope: str, nodes: Sequence[str]) -> list[str]:
        """The blocks that a closed one stands for: itself, and those of its own kind drawn as one with it."""
        around = self.graph.scopes[scope].parent
        return list(dict.fromkeys(part(around, id) for id in nodes))

    def _came(self, count: int) -> str:
        return f"+ {count} added" if self.second else f"- {count} removed"


def painted(look: Look, theme: Theme) -> Paint:
    """The fill and the outline of a status, made to fit the colours of `theme`."""
    if look in ("same", "affected"):
        pale = look == "same"
        fill = mixed(theme.background, theme.ink, 0.03 if pale else 0.08)
        return Paint(fill, mixed(theme.background, theme.ink, 0.4 if pale else 0.65), _WIDTHS[look])
    dashed = look == "removed"
    if _colourless(theme):
        share = {"added": 0.0, "removed": 0.0, "changed": 0.16, "renamed": 0.08, "moved": 0.04}[look]
        return Paint(mixed(theme.background, theme.ink, share), theme.ink, _WIDTHS[look], dashed)
    hue = towards(_HUES[look], theme.ink, theme.background, VISIBLE)
    return Paint(mixed(theme.background, hue, 0.22), hue, _WIDTHS[look], dashed)


def _colourless(theme: Theme) -> bool:
    """Whether a theme is for a printer without colours."""
    paints = [theme.skip, *theme.roles.values()]
    return all(len(set(channels(paint.stroke))) == 1 for paint in paints if paint.stroke != "none")


def _called(node: Node) -> str:
    """A fused op in short: `BN`, `ReLU`."""
    return joining(node).short


def _cut(line: str) -> str:
    return line if len(line) <= _LENGTH else f"{line[: _LENGTH - 3].rstrip(' ,')}..."


def _alone(graph: Graph, there: Mapping[str, str], elsewhere: Mapping[str, str]) -> dict[str, int]:
    """Id of every scope -> ops in it that the other network does not have; of a repeat, whole parts left out."""
    moved: set[str] = set()
    for id, scope in graph.scopes.items():
        if id in elsewhere or scope.parent in moved:
            moved.add(id)
    gone = (node for node in graph.nodes.values() if node.id not in there and node.id not in elsewhere)
    own = Counter(node.scope for node in gone if node.scope not in moved)
    found = sums(graph, own)
    for id, scope in graph.scopes.items():
        if scope.definition.kind == "repeat":
            parts = (member.id for member in children(graph, scope) if member.id not in there)
            found[id] -= own[id] + sum(found.get(each, 0) for each in parts)
    return found
