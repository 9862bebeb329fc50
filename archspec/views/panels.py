"""Panels: from gathered drafts to the boxes, edges and frames of one drawing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from archspec.ir.graph import Graph, Node, Scope
from archspec.ir.network import Network
from archspec.ops.op import Role
from archspec.values.shape import Shape
from archspec.views import captions, links
from archspec.views.boxes import Draft, Gathered, gather
from archspec.views.captions import BlockCaptions
from archspec.views.figure import Arrangement, Box, BoxKind, Edge, Group, Panel
from archspec.views.fold import Fold
from archspec.views.links import Link
from archspec.views.theme import Theme


@dataclass(frozen=True, slots=True)
class Setting:
    """What all panels of a picture share.

    Attributes:
        network: what is drawn.
        captions: describes closed blocks.
        levels: node id -> level of its resolution.
        theme: colours.
        habit: norms and activations that most convolutions are followed by; a box says only what differs from it.
    """

    network: Network
    captions: BlockCaptions
    levels: Mapping[str, int]
    theme: Theme
    habit: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where something enters or leaves a panel: `node` is the op that gives it, "" beyond the panel."""

    id: str
    title: str
    kind: BoxKind
    node: str
    shape: Shape
    train_only: bool = False


def panel(setting: Setting, fold: Fold, root: str = "", title: str = "", subtitle: str = "") -> Panel:
    """The drawing of the scope `root`."""
    gathered = gather(setting.network, fold, setting.captions, root)
    entries, exits = _terminals(setting.network, gathered, root)
    edges = _edges(setting, gathered, root, entries, exits)
    order = _ordered(gathered, edges, entries, exits)
    groups, homes = _groups(setting, gathered, root)
    made = _Boxes(setting, gathered, homes, edges)
    terminals = {terminal.id: terminal for terminal in (*entries, *exits)}
    boxes = tuple(
        made.terminal(terminals[name]) if name in terminals else made.box(gathered.drafts[name]) for name in order
    )
    place = {name: index for index, name in enumerate(order)}
    edges = tuple(sorted(edges, key=lambda edge: (place[edge.head], place[edge.tail])))
    return Panel(title, subtitle, boxes, edges, groups, _arrangement(boxes, edges))


def habit(gathered: Gathered) -> tuple[str, ...]:
    """What most of the convolutions are followed by; () where fewer than two agree."""
    seen: dict[tuple[str, ...], int] = {}
    for draft in gathered.drafts.values():
        if draft.scope is None and draft.role is Role.CONV and draft.suffix:
            seen[draft.suffix] = seen.get(draft.suffix, 0) + draft.repeat
    best = max(seen, key=lambda suffix: seen[suffix], default=())
    return best if seen.get(best, 0) > 1 else ()


def _terminals(network: Network, gathered: Gathered, root: str) -> tuple[list[Terminal], list[Terminal]]:
    """Inputs and outputs of a panel that are not ops themselves."""
    graph = network.graph
    if not root:
        exits = [
            Terminal(f"output@{o.name}", o.name, "output", o.ref.node, network.shape(o.ref), o.train_only)
            for o in graph.outputs
        ]
        return [], exits
    scope = graph.scopes[root]
    entries = [
        Terminal(f"input@{name}", name, "input", "", network.shape(ref))
        for name, ref in zip(scope.definition.inputs, scope.inputs, strict=True)
    ]
    exits = []
    for port, local in scope.outputs.items():
        last = _last(graph, scope, local.member)
        if last in gathered.owners:
            shape = network.shapes[last][0]
            exits.append(Terminal(f"output@{port}", port or "output", "output", last, shape))
    return entries, exits


def _last(graph: Graph, scope: Scope, member: str) -> str:
    """The node that gives the value of `member`."""
    name = f"{scope.id}/{member}"
    while name in graph.scopes and graph.scopes[name].outputs:
        name = f"{name}/{next(iter(graph.scopes[name].outputs.values())).member}"
    return name


def _edges(
    setting: Setting, gathered: Gathered, root: str, entries: Sequence[Terminal], exits: Sequence[Terminal]
) -> tuple[Edge, ...]:
    """Edges between boxes, those from and to the terminals included."""
    graph, drafts = setting.network.graph, gathered.drafts
    pairs = list(gathered.links)
    scopes = {terminal.id: terminal for terminal in entries}
    if scopes:
        feeds = dict(zip(graph.scopes[root].inputs, scopes, strict=True))
        entering = {
            Link(feeds[ref], owner): None
            for name, owner in gathered.owners.items()
            for ref in graph.nodes[name].inputs
            if ref in feeds
        }
        pairs = [*entering, *pairs]
    pairs += [Link(gathered.owners[terminal.node], terminal.id) for terminal in exits]
    additions = frozenset(name for name, draft in drafts.items() if draft.scope is None and _adds(draft.op))
    order = [*scopes, *drafts, *(terminal.id for terminal in exits)]
    found = links.kinds(order, pairs, additions)
    dashed = {name for name, draft in drafts.items() if draft.train_only}
    dashed |= {terminal.id for terminal in exits if terminal.train_only}
    theme = setting.theme
    return tuple(
        Edge(
            link.tail,
            link.head,
            kind,
            link.label if kind == "skip" else "",
            link.tail in dashed or link.head in dashed,
            theme.flow if kind == "flow" else theme.skip,
        )
        for link, kind in found.items()
    )


def _adds(node: Node) -> bool:
    return node.op.role is Role.MERGE and node.op.name == "add"


def _ordered(
    gathered: Gathered, edges: Iterable[Edge], entries: Sequence[Terminal], exits: Sequence[Terminal]
) -> list[str]:
    """Box ids in drawing order: side branches and outputs stand right behind what they hang on."""
    names = [terminal.id for terminal in entries] + list(gathered.drafts) + [terminal.id for terminal in exits]
    before: dict[str, list[str]] = {}
    for edge in edges:
        before.setdefault(edge.head, []).append(edge.tail)
    goal = next((terminal.id for terminal in exits if not terminal.train_only), names[-1])
    main, stack = {goal}, [goal]
    while stack:
        for source in before.get(stack.pop(), ()):
            if source not in main:
                main.add(source)
                stack.append(source)
    key: dict[str, tuple[int, int]] = {}
    for index, name in enumerate(names):
        behind = max((key[source][0] for source in before.get(name, ())), default=index)
        key[name] = (index, 0) if name in main else (behind, index + 1)
    return sorted(names, key=lambda name: key[name])


def _groups(setting: Setting, gathered: Gathered, root: str) -> tuple[tuple[Group, ...], dict[str, str]]:
    """Frames of the open scopes that hold two boxes or more but not all, and box id -> id of its frame."""
    scopes = setting.network.graph.scopes
    held: dict[str, set[str]] = {}
    for name, draft in gathered.drafts.items():
        scope = draft.group
        while scope and scope != root:
            held.setdefault(scope, set()).add(name)
            scope = scopes[scope].parent
    inner = {name: draft for name, draft in gathered.drafts.items() if draft.role is not Role.INPUT}
    framed = [
        name
        for name in scopes
        if 1 < len(held.get(name, ())) < len(inner)
        and not (scopes[name].parent in held and held[scopes[name].parent] == held[name])
    ]
    known = set(framed)

    def home(scope: str) -> str:
        while scope and scope not in known:
            scope = scopes[scope].parent
        return scope

    groups = tuple(
        Group(
            name,
            captions.block_title(scopes[name]),
            home(scopes[name].parent),
            scopes[name].train_only,
            setting.theme.frame,
        )
        for name in framed
    )
    return groups, {name: home(draft.group) for name, draft in gathered.drafts.items()}


@dataclass(frozen=True, slots=True)
class _Boxes:
    """Finishes drafts."""

    setting: Setting
    gathered: Gathered
    homes: Mapping[str, str]
    edges: tuple[Edge, ...]

    def box(self, draft: Draft) -> Box:
        """The finished box."""
        level_in, level = self._level_in(draft), self._level(draft)
        node = draft.op
        kind = self._kind(draft, level - level_in)
        title, details = _title(draft), self._details(draft)
        shape = captions.size(draft.shape) if self._says_shape(draft, kind) else ""
        count = captions.counts(draft.params, draft.macs)
        site = node.site if draft.scope is None else draft.scope.site
        theme = self.setting.theme
        paint = theme.terminal if kind in ("input", "output") else theme.paint(draft.role)
        what = " ".join((title, *details, *(f"+ {name}" for name in draft.suffix)))
        note = [draft.id, what, f"output {captions.size(draft.shape)}"]
        note.append(f"{draft.params:,} params, {draft.macs:,} MACs")
        if draft.repeat > 1:
            note.insert(2, f"×{draft.repeat}")
        if draft.train_only:
            note.append("in training only")
        return Box(
            id=draft.id,
            kind=kind,
            title=title,
            details=details,
            counts=count,
            shape=shape,
            repeat=draft.repeat,
            params=draft.params,
            macs=draft.macs,
            note="\n".join(note),
            source=f"{site.span.source.name}:{site.span.line}",
            nodes=tuple(node.id for node in draft.nodes),
            group=self.homes.get(draft.id, ""),
            level=level,
            level_in=level_in,
            train_only=draft.train_only,
            paint=paint,
        )

    def terminal(self, terminal: Terminal) -> Box:
        """The box of an input or output that is no op."""
        feeder = self.gathered.owners.get(terminal.node, "")
        reader = next((edge.head for edge in self.edges if edge.tail == terminal.id), "")
        if feeder:
            level, group = self._level(self.gathered.drafts[feeder]), ""
        else:
            level, group = self._level_in(self.gathered.drafts[reader]) if reader else 0, ""
        shape = captions.size(terminal.shape)
        return Box(
            id=terminal.id,
            kind=terminal.kind,
            title=terminal.title,
            details=(),
            counts="",
            shape=shape,
            repeat=1,
            params=0,
            macs=0,
            note=f"{terminal.kind} {terminal.title}\n{shape}",
            source="",
            nodes=(),
            group=group,
            level=level,
            level_in=level,
            train_only=terminal.train_only,
            paint=self.setting.theme.terminal,
        )

    def _level(self, draft: Draft) -> int:
        levels = self.setting.levels
        return levels[draft.nodes[-1].id]

    def _level_in(self, draft: Draft) -> int:
        levels, refs = self.setting.levels, draft.op.inputs
        return min((levels[ref.node] for ref in refs), default=levels[draft.op.id])

    def _kind(self, draft: Draft, change: int) -> BoxKind:
        if draft.role is Role.INPUT:
            return "input"
        if draft.scope is not None:
            return "block"
        if draft.op.op.role is Role.MERGE and draft.op.op.name in ("add", "concat"):
            return "add" if draft.op.op.name == "add" else "concat"
        if draft.role is Role.UPSAMPLE and change < 0:
            return "up"
        return "down" if change > 0 else "op"

    def _details(self, draft: Draft) -> tuple[str, ...]:
        """A draft's details, and where its norm and activation differ from the habit."""
        habit = self.setting.habit
        if draft.scope is not None or draft.suffix == (habit if draft.role is Role.CONV else ()):
            return draft.details
        extra = captions.in_short(name for name in draft.suffix if draft.role is not Role.CONV or name not in habit)
        lacks = [name for name in habit if draft.role is Role.CONV and name not in draft.suffix]
        words = f"no {captions.in_short(lacks)}" if lacks else ""
        return tuple(filter(None, (*draft.details, f"+ {extra}" if extra else "", words)))

    def _says_shape(self, draft: Draft, kind: BoxKind) -> bool:
        if not draft.op.inputs:
            return True
        x = self.setting.network.shape(draft.op.inputs[0])
        if kind in ("block", "concat"):
            return draft.shape.dims != x.dims
        return draft.shape.spatial != x.spatial


def _title(draft: Draft) -> str:
    """The title; equal parts of a repeat say from which to which they are."""
    first, last = draft.names[0], draft.names[-1]
    stem, _, number = last.rpartition(".")
    if first == last or not number.isdigit():
        return first
    return f"{first}{captions.DASH}{number}" if first.startswith(f"{stem}.") else f"{first} {captions.DASH} {last}"


def _arrangement(boxes: Sequence[Box], edges: Sequence[Edge]) -> Arrangement:
    """Levels for what goes down and comes up again beside a skip; rows for everything else."""
    place = {box.id: index for index, box in enumerate(boxes)}
    for edge in edges:
        if edge.kind == "flow" or edge.train_only:
            continue
        between = boxes[place[edge.tail] + 1 : place[edge.head]]
        if max((box.level for box in between), default=0) > boxes[place[edge.head]].level:
            return "levels"
    return "rows"
