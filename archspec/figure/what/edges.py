"""Edges: what leads to what in a panel, from where something enters to where it leaves, and how each is drawn."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, product
from math import prod

from archspec.figure.diagram import Edge, EdgeKind
from archspec.figure.look.theme import Paint, Theme
from archspec.figure.what.boxes import Gathered
from archspec.figure.what.drafts import Draft, role_of
from archspec.figure.what.finish import Setting, Terminal
from archspec.figure.what.joined import kind_inside
from archspec.figure.what.kinds import Heads, kinds
from archspec.figure.what.links import Link, only_sized
from archspec.graph.graph import Graph, Node, Ref, Scope
from archspec.graph.walk import ancestors, input_of, moved, said_to_share, shared
from archspec.ops.op import Role

_LAYERS = (Role.CONV, Role.LINEAR, Role.ATTENTION, Role.RECURRENT)


def edges_of(
    setting: Setting, gathered: Gathered, root: str, entries: Sequence[Terminal], exits: Sequence[Terminal]
) -> tuple[Edge, ...]:
    """Edges between boxes, those from and to the terminals included."""
    drafts = gathered.drafts
    pairs = list(_pairs(setting, gathered, root, entries, exits))
    order = [*(terminal.id for terminal in entries), *drafts, *(terminal.id for terminal in exits)]
    found = kinds(order, pairs, _heads(setting, gathered, root, entries, pairs))
    dashed = {name for name, draft in drafts.items() if draft.train_only}
    dashed |= {terminal.id for terminal in exits if terminal.train_only}
    titles = {terminal.id: terminal.title for terminal in exits}
    forks, joins = Counter(link.tail for link in found), Counter(link.head for link in found)
    theme = setting.theme
    return tuple(
        Edge(
            link.tail,
            link.head,
            kind,
            link.label or (link.port if link.port != titles.get(link.head) else ""),
            link.tail in dashed or link.head in dashed,
            kind != "flow" and forks[link.tail] > 1 and joins[link.head] > 1,
            line_of(kind, theme),
            port=link.port,
            gate=_gates(link, drafts),
            fixed=link.fixed,
        )
        for link, kind in found.items()
    )


def line_of(kind: EdgeKind, theme: Theme) -> Paint:
    """What an edge is drawn with."""
    return theme.flow if kind == "flow" else theme.skip


def _heads(
    setting: Setting, gathered: Gathered, root: str, entries: Sequence[Terminal], pairs: Sequence[Link]
) -> Heads:
    """The boxes of a panel by what they do with what they read."""
    drafts, graph = gathered.drafts, setting.network.graph
    feeds = _feeds(graph, root, entries)
    ops = {name: draft for name, draft in drafts.items() if draft.scope is None and draft.idiom is None}
    add = frozenset(name for name, draft in ops.items() if draft.op.op.joins == "sum")
    risen = frozenset(name for name, draft in ops.items() if draft.role is Role.UPSAMPLE)
    pools = frozenset(name for name, draft in ops.items() if draft.role is Role.POOL)
    moves = frozenset(name for name, draft in ops.items() if draft.role is Role.RESHAPE)
    joined = (name for name, draft in ops.items() if draft.op.op.joins == "concat")
    shapes = {terminal.id: terminal.shape for terminal in entries} | {name: one.shape for name, one in drafts.items()}
    sums = {name: setting.network.shapes[drafts[name].op.id][0] for name in add}  # before what is fused into them
    return Heads(
        add=add,
        take_in=risen.union(joined),
        risen=risen,
        blocks=dict(_inside(setting, gathered, root, feeds, pairs)),
        raises=frozenset(
            name for name, draft in drafts.items() if any(role_of(node) is Role.UPSAMPLE for node in draft.nodes)
        ),
        plain=frozenset(
            link
            for link in pairs
            if link.head in add
            and (len(shapes[link.tail].dims) != len(sums[link.head].dims) or _is_added_again(graph, gathered, link))
        ),
        held=frozenset(name for name, draft in ops.items() if draft.role is Role.EMBEDDING),
        stays=frozenset(name for name, draft in drafts.items() if draft.idiom is not None or draft.copies),
        pools=pools,
        inputs=frozenset(chain(*feeds.values(), (name for name, draft in drafts.items() if draft.role is Role.INPUT))),
        older=frozenset(_older(graph, feeds)),
        alike={name: draft.repeat for name, draft in drafts.items()},
        layers={name: 0 if name in pools | moves else _layers(draft) for name, draft in drafts.items()},
        defined={name: draft.scope.definition for name, draft in drafts.items() if draft.scope is not None},
    )


def _layers(draft: Draft) -> int:
    """How many layers stand one behind the other in a box, at least one. Linear in its nodes."""
    reached: dict[str, int] = {}
    for node in draft.nodes:
        behind = max((reached.get(ref.node, 0) for ref in node.inputs), default=0)
        reached[node.id] = behind + (node.op.role in _LAYERS)
    return max(draft.repeat, *reached.values())


def _inside(
    setting: Setting, gathered: Gathered, root: str, feeds: Mapping[Ref, Sequence[str]], pairs: Sequence[Link]
) -> Iterator[tuple[Link, EdgeKind]]:
    """Links into closed blocks of several, and what the block makes of them."""
    graph = setting.network.graph
    forks = Counter(link.head for link in pairs)
    values: dict[tuple[str, str, str], Ref] = {}
    for name, draft in gathered.drafts.items():
        for node in draft.nodes if draft.scope is not None and forks[name] > 1 else ():
            for index, ref in enumerate(node.inputs):
                tail = _entry(graph, root, feeds, node, index) or gathered.owners.get(ref.node)
                if tail is not None and tail != name:
                    values.setdefault((tail, name, "" if ref in feeds else gathered.port(ref)), ref)
    for link in pairs:
        value = values.get((link.tail, link.head, link.port))
        if value is not None and not _is_read_again(graph, gathered.drafts[link.head].scope, value):
            yield link, kind_inside(setting.network, gathered.drafts[link.head].nodes, value)


def _is_read_again(graph: Graph, scope: Scope | None, value: Ref) -> bool:
    """Whether a block uses another's parameters again, and that reads the value too: each step reads the memory."""
    owner = said_to_share(graph, scope) if scope is not None else ""
    return owner in graph.scopes and value in graph.scopes[owner].inputs


def _is_added_again(graph: Graph, gathered: Gathered, link: Link) -> bool:
    """The same of a sum in such a block: it adds what the sum of the other block adds."""
    head = gathered.drafts[link.head].op
    around = ((id, shared(graph, graph.scopes[id])) for id in ancestors(graph, head.scope) if id)
    twins = [graph.nodes.get(moved(head.id, id, owner)) for id, owner in around if owner]
    if not twins:
        return False
    given = {ref for ref in head.inputs if gathered.owners.get(ref.node) == link.tail}
    return any(twin is not None and not given.isdisjoint(twin.inputs) for twin in twins)


def _older(graph: Graph, feeds: Mapping[Ref, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Inputs of a block, each with another that was computed from it. Linear in nodes, times the inputs."""
    if len(feeds) < 2:
        return
    for later, names in feeds.items():
        seen, pending = {later.node}, [later.node]
        while pending:
            node = graph.nodes[pending.pop()]
            read = {ref.node for index, ref in enumerate(node.inputs) if not node.op.reads_size(index)} - seen
            seen |= read
            pending += read
        older = (others for ref, others in feeds.items() if ref.node in seen - {later.node})
        yield from product(chain.from_iterable(older), names)


def _gates(link: Link, drafts: Mapping[str, Draft]) -> bool:
    """Whether what a product reads is smaller than what it gives."""
    tail, head = drafts.get(link.tail), drafts.get(link.head)
    return (
        tail is not None
        and head is not None
        and tail.scope is None
        and head.scope is None
        and head.op.op.joins == "product"
        and prod(tail.shape.dims) < prod(head.shape.dims)
    )


def _feeds(graph: Graph, root: str, entries: Sequence[Terminal]) -> dict[Ref, list[str]]:
    """What a block reads -> the terminals where it enters, of one value several."""
    found: dict[Ref, list[str]] = {}
    for ref, entry in zip(graph.scopes[root].inputs if entries else (), entries, strict=True):
        found.setdefault(ref, []).append(entry.id)
    return found


def _entry(graph: Graph, root: str, feeds: Mapping[Ref, Sequence[str]], node: Node, index: int) -> str:
    """The terminal where an input of a node enters; "" where it comes from inside."""
    given = feeds.get(node.inputs[index], [""])
    if len(given) == 1:
        return given[0]
    name = input_of(graph, root, node.scope, node.reads[index])
    names = [each for each, ref in _named_inputs(graph, root) if ref == node.inputs[index]]
    return given[names.index(name)] if name in names else given[0]


def _named_inputs(graph: Graph, root: str) -> Iterator[tuple[str, Ref]]:
    return zip(graph.scopes[root].definition.inputs, graph.scopes[root].inputs, strict=True)


def _pairs(
    setting: Setting, gathered: Gathered, root: str, entries: Sequence[Terminal], exits: Sequence[Terminal]
) -> Iterator[Link]:
    """What leads to what: from where something enters, between boxes, to where it leaves.

    What only sizes are read of has a line where it has no other. What a block reads may be data in one use and learned
    in another, so that only what is neither is fixed.
    """
    graph, unlearned = setting.network.graph, setting.captions.held - setting.captions.learned
    feeds = _feeds(graph, root, entries)
    entering: dict[tuple[str, str], bool] = {}
    fixed: dict[tuple[str, str], bool] = {}
    for name, owner in gathered.owners.items():
        node = graph.nodes[name]
        read = enumerate(node.inputs if feeds and name not in gathered.passed else ())
        for index, ref in ((at, seen) for at, given in read for seen in gathered.seen(given)):
            if ref in feeds:
                own = ref == node.inputs[index]
                key = _entry(graph, root, feeds, node, index) if own else feeds[ref][0], owner
                entering[key] = entering.get(key, False) or not only_sized(node, index, setting.idioms)
                fixed[key] = fixed.get(key, True) and (node.op.reads_size(index) or ref.node in unlearned)
    whole_reads = {tail for (tail, _), whole in entering.items() if whole}
    for (tail, head), whole in entering.items():
        if whole or tail not in whole_reads:
            yield Link(tail, head, fixed=fixed[tail, head])
    yield from gathered.links
    for terminal in exits:
        yield Link(gathered.owners[terminal.node], terminal.id, port=terminal.port)
