"""Parts: what the page draws. Every op has a box of its own, and every block the box that it is while closed.

    block    a scope that can be opened: it holds two boxes or more, and not all that the block around it holds
    item     a box or a block: what can be seen, selected and found

Pictures on paper draw equal convolutions in a row as one box; here each is to be found, so they are taken apart.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from archspec.figure.diagram import Box, Edge, Group, Panel
from archspec.figure.look.theme import Theme
from archspec.figure.what import captions
from archspec.figure.what.block_panels import with_bands
from archspec.figure.what.boxes import Gathered
from archspec.figure.what.drafts import Draft, role_of
from archspec.figure.what.edges import line_of
from archspec.figure.what.finish import Finish, Setting, paint_of
from archspec.figure.what.fold import FOLLOWERS, Fold
from archspec.figure.what.forms import in_rows
from archspec.figure.what.panels import panel
from archspec.figure.what.wanted import hidden
from archspec.graph.graph import Graph, Node, Scope
from archspec.graph.walk import ancestors, default_output, sums
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture in one theme.

    Attributes:
        panel: everything open: all boxes, their edges, and the blocks as groups.
        closed: block -> the box that it is while closed.
        words: item -> what it is in a few words, as a table says it: `3×3 conv 64, /2`.
    """

    panel: Panel
    closed: Mapping[str, Box]
    words: Mapping[str, str]


def pictures(setting: Setting, gathered: Gathered, themes: Sequence[Theme]) -> Iterator[Picture]:
    """`setting`'s network, `gathered` with all open, in each of these themes. Linear, times the nesting."""
    graph = setting.network.graph
    flat = panel(setting, all_open(graph), each_branch=True)
    boxes, edges = _apart(setting, gathered, flat)
    blocks = _blocks(graph, boxes)
    finish = Finish(setting, gathered, {}, Counter(), {})
    closed = tuple(map(finish.box, _closed(setting, blocks).values()))
    homes = {name: tuple(around(graph, name, blocks)) for name in graph.scopes}
    placed = tuple(replace(box, groups=homes[graph.nodes[box.nodes[0]].scope]) if box.nodes else box for box in boxes)
    groups = tuple(
        Group(
            name,
            captions.frame_title(setting.network, scope),
            next(iter(homes[scope.parent]), ""),
            scope.train_only,
            setting.theme.frame,
        )
        for name, scope in blocks.items()
    )
    shown = replace(flat, boxes=placed, edges=edges, groups=groups)
    words = {box.id: _words(box) for box in (*placed, *closed)}
    for theme in themes:
        drawn, apart = (_painted(each, theme) for each in (shown, replace(flat, boxes=closed)))
        apart = in_rows(with_bands(replace(setting, theme=theme), apart), theme)
        yield Picture(in_rows(drawn, theme), {box.id: box for box in apart.boxes}, words)


def _painted(shown: Panel, theme: Theme) -> Panel:
    """A panel that has no colours but those of `theme`."""
    return replace(
        shown,
        boxes=tuple(replace(box, paint=paint_of(box.kind, box.role, theme)) for box in shown.boxes),
        edges=tuple(replace(edge, paint=line_of(edge.kind, theme)) for edge in shown.edges),
        groups=tuple(replace(group, paint=theme.frame) for group in shown.groups),
    )


def all_open(graph: Graph) -> Fold:
    """The fold of a picture in which every block is open; what the spec hides has no box."""
    return Fold(frozenset(graph.scopes), {}, True, hidden=hidden(graph))


def _words(box: Box) -> str:
    """A box in a few words; a block goes by its name already."""
    if box.kind != "block":
        return " ".join((box.title, *box.details)) if box.kind not in ("input", "output") else box.kind
    return " ".join((*((f"×{box.repeat}",) if box.repeat > 1 else ()), *box.details))


def around(graph: Graph, scope: str, blocks: Mapping[str, Scope]) -> Iterator[str]:
    """The blocks around what stands in `scope`, the innermost first."""
    return (id for id in ancestors(graph, scope) if id in blocks)


def boxes_held(graph: Graph, boxes: Iterable[Box]) -> dict[str, int]:
    """Scope -> number of boxes in it."""
    held = dict.fromkeys(graph.scopes, 0)
    for box in boxes:
        if box.nodes:
            held[graph.nodes[box.nodes[0]].scope] += 1
    return sums(graph, held)


def _blocks(graph: Graph, boxes: Sequence[Box]) -> dict[str, Scope]:
    """The scopes that can be opened, those outside first."""
    held = boxes_held(graph, boxes)
    return {
        name: scope
        for name, scope in graph.scopes.items()
        if name and held[name] > 1 and (not scope.parent or held[name] < held[scope.parent])
    }


# -- boxes apart ------------------------------------------------------------------------------------------------------


def _apart(setting: Setting, gathered: Gathered, flat: Panel) -> tuple[tuple[Box, ...], tuple[Edge, ...]]:
    """The boxes of a panel, each that stands for several ops in a row as one for each of them, and the edges."""
    incoming = Counter(edge.head for edge in flat.edges)
    finish = Finish(setting, gathered, {}, incoming, {})
    boxes: list[Box] = []
    inner: dict[str, list[Edge]] = {}
    last: dict[str, str] = {}
    for box in flat.boxes:
        if box.repeat == 1:
            boxes.append(box)
            continue
        parts = [finish.box(_op(setting, nodes)) for nodes in _ops(setting.network.graph, box)]
        boxes += parts
        last[box.id] = parts[-1].id
        inner[box.id] = [
            Edge(first.id, second.id, "flow", "", box.train_only, False, setting.theme.flow)
            for first, second in pairwise(parts)
        ]
    edges: list[Edge] = []
    for edge in flat.edges:
        edges += inner.pop(edge.tail, ())
        edges.append(replace(edge, tail=last.get(edge.tail, edge.tail)))
    edges += [edge for rest in inner.values() for edge in rest]
    return tuple(boxes), tuple(edges)


def _ops(graph: Graph, box: Box) -> list[list[Node]]:
    """The nodes of a box, each op with what is fused into it."""
    parts: list[list[Node]] = []
    for name in box.nodes:
        node = graph.nodes[name]
        if parts and node.op.role in FOLLOWERS:
            parts[-1].append(node)
        else:
            parts.append([node])
    return parts


def _op(setting: Setting, nodes: list[Node]) -> Draft:
    """The draft of one op and what is fused into it."""
    network = setting.network
    label = captions.box_label(network, nodes[0])
    return Draft(
        id=nodes[0].id,
        nodes=nodes,
        scope=None,
        title=label.heading,
        details=label.lines,
        role=role_of(nodes[0]),
        suffix=captions.fused(nodes[1:]),
        shape=network.shapes[nodes[-1].id][0],
        sequence=nodes[-1].id in setting.captions.sequences,
        group=nodes[0].scope,
        params=sum(network.costs[node.id].params for node in nodes),
        macs=sum(network.costs[node.id].macs for node in nodes),
        learns=sum(network.costs[node.id].trainable for node in nodes),
        label=label,
        shares=captions.shares(network, nodes[0]),
    )


# -- closed blocks ----------------------------------------------------------------------------------------------------


def _closed(setting: Setting, blocks: Mapping[str, Scope]) -> dict[str, Draft]:
    """The draft of every block as one box."""
    network = setting.network
    members: dict[str, list[Node]] = {name: [] for name in blocks}
    homes = {name: tuple(around(network.graph, name, blocks)) for name in network.graph.scopes}
    for node in network.graph.nodes.values():
        for name in homes[node.scope]:
            members[name].append(node)
    return {name: _block(setting, scope, members[name]) for name, scope in blocks.items()}


def _block(setting: Setting, scope: Scope, nodes: list[Node]) -> Draft:
    network, title = setting.network, captions.block_title(scope)
    end = default_output(network.graph, scope)
    return Draft(
        id=scope.id,
        nodes=nodes,
        scope=scope,
        title=title,
        details=setting.captions.details(scope),
        role=setting.captions.role(scope),
        suffix=(),
        shape=network.shape(end),
        sequence=end.node in setting.captions.sequences,
        group=scope.parent,
        params=sum(network.costs[node.id].params for node in nodes),
        macs=sum(network.costs[node.id].macs for node in nodes),
        learns=sum(network.costs[node.id].trainable for node in nodes),
        repeat=len(scope.members) if scope.definition.kind == "repeat" else 1,
        shares=captions.shares(network, scope),
    )
