"""Dense blocks as a bus: a repeat of which each part puts as many channels beside all that it reads.

64  ──┬─────────┬───────── … ──┐
│    ┌────┼───────── … ──┤  64 + 6·32 = 256
v    │    v    ┌──── … ──┤
[ 1 ]──┘  [ 2 ]──┘
"""

from collections.abc import Iterator, Sequence

from archspec.figure.bus import Bus
from archspec.figure.diagram import Box, Panel
from archspec.figure.what.captions import Growth, row_title
from archspec.figure.what.drafts import main_role
from archspec.figure.what.finish import Setting
from archspec.figure.what.fold import Fold
from archspec.figure.what.shared_label import shared_label
from archspec.figure.what.wanted import block_label
from archspec.graph.graph import Definition, Node, Scope
from archspec.graph.walk import children, inside
from archspec.ops.op import Role

_DRAWN, _DRAWN_NARROW = 4, 3  # layers
_MOST_WORDS = 3  # lines in a layer's box
_NARROW = 300.0  # points


def buses(setting: Setting, folded: Fold, width: float) -> Iterator[Panel]:
    """A panel for each kind of dense block that the picture draws closed, on a page `width` points wide."""
    graph = setting.network.graph
    kinds: dict[Definition, list[tuple[Scope, Growth]]] = {}
    for scope in graph.scopes.values():
        growth = setting.captions.growth(scope) if scope.id not in folded.opened and not scope.train_only else None
        if growth is not None:
            kinds.setdefault(_part(setting, scope).definition, []).append((scope, growth))
    for found in kinds.values():
        yield _panel(setting, found, _DRAWN_NARROW if 0 < width < _NARROW else _DRAWN)


def _panel(setting: Setting, found: Sequence[tuple[Scope, Growth]], drawn: int) -> Panel:
    graph = setting.network.graph
    scopes, growths = [scope for scope, _ in found], [growth for _, growth in found]
    parts = [part for scope in scopes for part in children(graph, scope) if isinstance(part, Scope)]
    alike = len(set(growths)) == 1
    [growth, *_] = growths
    start = str(growth.start) if alike else "k\N{SUBSCRIPT ZERO}"
    added = str(growth.added) if len({one.added for one in growths}) == 1 else "k"
    count = str(growth.parts) if alike else "n"
    total = f"{start} + {count}\N{MIDDLE DOT}{added}" + (f" = {growth.total}" if alike else "")
    bus = Bus(start, tuple(_words(setting, parts)), _numbers([one.parts for one in growths], count, drawn), total)
    title = row_title(scopes[0].name, scopes[-1].name)
    role = main_role(setting.network, [node for node in inside(graph, parts[0]) if isinstance(node, Node)])
    box = Box(
        id=f"bus@{scopes[0].id}",
        kind="op",
        title=title,
        details=(f"each of its layers reads all before it: {total}", *bus.words),
        counts="",
        shape="",
        repeat=1,
        params=0,
        macs=0,
        note=f"{title}\n{total}",
        source="",
        nodes=(),
        groups=(),
        inputs=0,
        level=0,
        level_in=0,
        train_only=False,
        paint=setting.theme.paint(role),
        role=role,
        form="bus",
        flat=True,
        bus=bus,
    )
    said = ", ".join(f"{one.start} + {one.parts}\N{MIDDLE DOT}{one.added} = {one.total}" for one in growths)
    return Panel(title, block_label(parts[0].definition) if alike else said, (box,), (), (), "rows")


def _part(setting: Setting, scope: Scope) -> Scope:
    """The first part of a repeat of blocks."""
    return next(part for part in children(setting.network.graph, scope) if isinstance(part, Scope))


def _words(setting: Setting, parts: Sequence[Scope]) -> Iterator[str]:
    """What the convolutions and linear layers of a layer are; what the layer is where they are too many."""
    graph = setting.network.graph
    layers = [
        node
        for node in inside(graph, parts[0])
        if isinstance(node, Node) and node.op.role in (Role.CONV, Role.LINEAR) and not node.train_only
    ]
    if len(layers) > _MOST_WORDS:
        yield block_label(parts[0].definition)
        return
    for node in layers:
        label = shared_label(setting.network, node, parts).label
        channels = next((str(part) for part in label.parts if part.is_channels), "")
        yield " ".join(filter(None, (str(label.before or label.title), channels)))


def _numbers(counts: Sequence[int], last: str, drawn: int) -> tuple[str, ...]:
    """The numbers of the layers that are drawn: all, or the first of them and the last."""
    if len(set(counts)) == 1 and counts[0] <= drawn:
        return tuple(map(str, range(1, counts[0] + 1)))
    shown = min(drawn - 1, min(counts) - 1)
    return (*map(str, range(1, shown + 1)), "\N{HORIZONTAL ELLIPSIS}", last)
