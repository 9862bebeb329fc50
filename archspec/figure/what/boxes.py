"""Boxes: the nodes of a graph gathered into what a picture draws.

    closed      all nodes of a closed scope become one box
    fused       a norm or an activation joins the convolution or linear layer that it follows, an activation an addition
                too; dropout and reshapes join whatever they follow
    merged      equal boxes in a row become one, with their number

Node order is writing order, which is topological, and a box stands where its first node does.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field, replace

from archspec.figure.what.asked_frames import AskedFrames, asked_frames
from archspec.figure.what.captions import BlockCaptions, box_label, titles
from archspec.figure.what.drafts import Draft, draft_of, is_parameter, joins, strided
from archspec.figure.what.fold import FOLLOWERS, Fold
from archspec.figure.what.idioms import NO_IDIOMS, Idiom, Idioms, held_beside
from archspec.figure.what.links import Link, links_between
from archspec.figure.what.ports import main_outputs, outputs_read, ports_of
from archspec.figure.what.runs import NO_RUNS, Runs
from archspec.figure.what.wanted import PLAIN, looks
from archspec.graph.graph import Graph, Node, Ref, Scope
from archspec.graph.network import Network
from archspec.graph.walk import ancestors, moved, said_to_share, within
from archspec.ops.op import Role
from archspec.values.dataclass import dataclass

_HOSTS = frozenset({Role.CONV, Role.LINEAR, Role.UPSAMPLE, Role.MERGE})  # what a norm or an activation joins


@dataclass(frozen=True, slots=True)
class Gathered:
    """Drafts in topological order, by id; links between them; node id -> id of its draft; output -> its name.

    In `runs` is what is drawn as something else. `passed` has the nodes that have no box, with what they read: lines
    run past them.
    """

    drafts: Mapping[str, Draft]
    links: tuple[Link, ...]
    owners: Mapping[str, str]
    ports: Mapping[Ref, str]
    runs: Runs = NO_RUNS
    passed: Mapping[str, tuple[Ref, ...]] = field(default_factory=dict)

    def seen(self, ref: Ref) -> tuple[Ref, ...]:
        """The values that stand for `ref`: itself, or what was read by a node that has no box."""
        found: dict[Ref, None] = {}
        pending = [ref]
        while pending:
            each = pending.pop()
            if each.node in self.passed:
                pending += reversed(self.passed[each.node])
            else:
                found[each] = None
        return tuple(found)

    def port(self, ref: Ref) -> str:
        """What a value is called; "" where its box gives no other."""
        return self.ports.get(self.runs.first_ref(ref), "")


def gather(
    network: Network,
    fold: Fold,
    captions: BlockCaptions,
    root: str = "",
    *,
    uses: Sequence[Scope] = (),
    each_op: bool = False,
) -> Gathered:
    """What is to be drawn of the scope `root`, with `each_op` nothing fused or merged. Linear in nodes.

    Where one drawing is for several `uses` of a block, boxes are merged that are equal in all of them.
    """
    graph = network.graph
    owners, frames = _owners(graph, fold, root), _Frames(graph, _frames(graph, fold, root), asked_frames(graph, root))
    idioms = NO_IDIOMS if each_op else _whole(graph, fold.idioms, owners)
    if not each_op:
        owners = _fuse(graph, owners, idioms, frames)
    own: dict[str, list[Node]] = {}
    for name in _entered(owners, idioms):
        own.setdefault(owners[name], []).append(graph.nodes[name])
    copies: dict[str, list[Node]] = {}
    for name, first in fold.runs.same.items():
        if first in owners and name in graph.nodes:
            copies.setdefault(owners[first], []).append(graph.nodes[name])
    drafts = {
        owner: draft_of(network, captions, owner, nodes, copies.get(owner, []), fold) for owner, nodes in own.items()
    }
    again = _second_uses(graph, root)
    for draft in drafts.values():
        draft.second_use = again[draft.group]
    owners |= {name: owners[first] for name, first in fold.runs.same.items() if first in owners}
    read = outputs_read(graph, owners, fold.runs)
    ports = ports_of(network, read, fold.runs)
    for name, ref in main_outputs(graph, read).items():
        if name not in fold.runs.members:  # the default output is what a run hands on
            drafts[name].main = network.shape(ref)
    links = tuple(links_between(graph, owners, ports, fold.runs, idioms, _held(network, captions, root)))
    gathered = _without(Gathered(drafts, links, owners, ports, fold.runs), fold.hidden)
    tapped = {output.ref.node for output in graph.outputs}
    return gathered if each_op else _merge(gathered, tapped, frames, _Uses(network, captions, root, uses))


def _without(gathered: Gathered, hidden: Collection[str]) -> Gathered:
    """`gathered` without the boxes of which all nodes are hidden; lines run past them. Linear in links."""
    drafts = gathered.drafts
    gone = {name for name, one in drafts.items() if hidden and all(node.id in hidden for node in one.nodes)}
    if not gone:
        return gathered
    into: dict[str, list[Link]] = {}
    links: list[Link] = []
    heads: dict[str, list[Link]] = {}
    for link in gathered.links:
        heads.setdefault(link.head, []).append(link)
    for name in drafts:
        for link in heads.get(name, ()):
            past = [replace(link, tail=one.tail, port=one.port) for one in into.get(link.tail, ())]
            (into.setdefault(name, []) if name in gone else links).extend(past if link.tail in gone else [link])
    passed = {
        node.id: tuple(ref for at, ref in enumerate(node.inputs) if not node.op.reads_size(at))
        for name in gone
        for node in drafts[name].nodes
    }
    owners = {
        id: into[owner][0].tail if owner in gone else owner
        for id, owner in gathered.owners.items()
        if owner not in gone or into.get(owner)
    }
    kept = {name: draft for name, draft in drafts.items() if name not in gone}
    return replace(gathered, drafts=kept, links=tuple(dict.fromkeys(links)), owners=owners, passed=passed)


def _held(network: Network, captions: BlockCaptions, root: str) -> frozenset[str]:
    """Ids of the nodes that depend on no data; what a block reads is data, unless it is neither given nor learned."""
    inputs = network.graph.scopes[root].inputs
    data = {ref for ref in inputs if ref.node not in captions.held or ref.node in captions.learned}
    return held_beside(network, data) if data else captions.held


def _owners(graph: Graph, fold: Fold, root: str) -> dict[str, str]:
    """Node id -> id of the outermost closed scope around it, or its own; without what a run draws once."""
    closed: dict[str, str] = {}
    for scope in graph.scopes.values():
        if scope.id == root:
            closed[scope.id] = ""
        elif within(scope.id, root):
            closed[scope.id] = closed[scope.parent] or ("" if scope.id in fold.opened else scope.id)
    drawn = (node for node in graph.nodes.values() if node.scope in closed and node.id not in fold.runs.same)
    return {node.id: closed[node.scope] or node.id for node in drawn}


def _whole(graph: Graph, idioms: Idioms, owners: Mapping[str, str]) -> Idioms:
    """Those of `idioms` of which every op would have a box of its own, and whose box no open block is round.

    A box outside of a block that reads what is in it and gives something back would stand before it and behind it.
    """
    drawn = [idiom for idiom in idioms if all(owners.get(id) == id for id in idiom.nodes)]
    return Idioms({id: idiom for idiom in drawn if not _is_round(graph, idiom) for id in idiom.nodes})


def _is_round(graph: Graph, idiom: Idiom) -> bool:
    """Whether a block inside the home of an idiom, but not around it, both gives it something and reads it."""
    before = {graph.nodes[graph.nodes[id].inputs[index].node].scope for id, index in idiom.slots}
    behind = {graph.nodes[reader].scope for reader in graph.readers[idiom.end]}
    gives, reads = ({each for scope in scopes for each in ancestors(graph, scope)} for scopes in (before, behind))
    return bool((gives & reads).difference(ancestors(graph, idiom.home)))


def _entered(owners: Mapping[str, str], idioms: Idioms) -> Iterator[str]:
    """The nodes in order, but for those of an idiom, which begin with the one that reads what its box reads."""
    for name in owners:
        if name not in idioms.of:
            yield name
        elif name == idioms.of[name].end:
            idiom = idioms.of[name]
            yield idiom.entry
            yield from (id for id in idiom.nodes if id != idiom.entry)


def _second_uses(graph: Graph, root: str) -> dict[str, Scope | None]:
    """Scope -> the outermost inside `root` around it, or itself, that uses the parameters of another again."""
    found: dict[str, Scope | None] = {}
    for scope in graph.scopes.values():
        if scope.id == root:
            found[scope.id] = None
        elif scope.parent in found:
            found[scope.id] = found[scope.parent] or (scope if said_to_share(graph, scope) else None)
    return found


def _frames(graph: Graph, fold: Fold, root: str) -> dict[str, str]:
    """Scope -> the nearest around it, or itself, that would have a frame: several boxes stand in it when it is open.

    The drawing of what is in a block has none.
    """
    found: dict[str, str] = {}
    for scope in graph.scopes.values():
        framed = not scope.id or (not root and fold.weights.get(scope.id, 0) > 1)
        found[scope.id] = scope.id if framed else found[scope.parent]
    return found


@dataclass(frozen=True, slots=True)
class _Frames:
    """Which frame something stands in: scope -> the nearest with one, and the frames that the spec asks for."""

    graph: Graph
    scopes: Mapping[str, str]
    asked: AskedFrames

    def of(self, id: str, scope: str) -> tuple[str, str]:
        """That of a node or a scope that stands in `scope`."""
        return self.scopes[scope], self.asked.innermost(self.graph, id, scope)


def _fuse(graph: Graph, owners: Mapping[str, str], idioms: Idioms, frames: _Frames) -> dict[str, str]:
    """`owners` with norms, activations, dropouts and reshapes handed to the boxes that they follow.

    What a box tells of stands in the same of `frames`.
    """
    tapped = {output.ref.node for output in graph.outputs}
    fused_owners: dict[str, str] = {}
    activated: set[str] = set()
    normed: set[str] = set()
    for name, owner in owners.items():
        node = graph.nodes[name]
        fused_owners[name] = idioms.of[name].end if name in idioms.of else owner
        if name in idioms.of or owner != name or node.op.role not in FOLLOWERS or len(node.inputs) != 1:
            continue
        source = node.inputs[0].node
        if source not in fused_owners or source in tapped or len(graph.readers[source]) > 1:
            continue
        host = fused_owners[source]
        first = graph.nodes.get(host)
        role = first.op.role if first is not None else None
        if role is Role.INPUT or graph.nodes[source].train_only != node.train_only:
            continue
        if graph.nodes[source].op.numbered or looks(node) != PLAIN:
            continue  # the line says which of its outputs this is, or its author how it is drawn
        if node.op.unseen:
            fused_owners[name] = host
        elif first is not None and frames.of(node.id, node.scope) != frames.of(first.id, _home(first, idioms)):
            continue
        elif first is None or is_parameter(first) or (host in idioms.of and node.op.role is not Role.RESHAPE):
            continue  # what goes by a name of its own has no words for others
        elif node.op.role is Role.RESHAPE:
            fused_owners[name] = host
        elif node.op.role is Role.NORM and role in _HOSTS and not joins(first) and host not in activated | normed:
            normed.add(host)
            fused_owners[name] = host
        elif node.op.role is Role.ACTIVATION and role in _HOSTS | {Role.NORM} and host not in activated:
            activated.add(host)
            fused_owners[name] = host
    return fused_owners


def _home(node: Node, idioms: Idioms) -> str:
    """The scope in which the box of a node stands."""
    return idioms.of[node.id].home if node.id in idioms.of else node.scope


@dataclass(frozen=True, slots=True)
class _Uses:
    """The uses of a block that one drawing is for: that of `root`, and others whose numbers may differ from its own."""

    network: Network
    captions: BlockCaptions
    root: str
    uses: Sequence[Scope]

    def alike(self, first: Draft, second: Draft) -> bool:
        """Whether two boxes, which say the same in the drawing of `root`, do so in each of the uses."""
        graph = self.network.graph
        for use in self.uses:
            if first.scope is not None and second.scope is not None:
                one, other = (graph.scopes[moved(each.id, self.root, use.id)] for each in (first.scope, second.scope))
                if self.captions.details(one) != self.captions.details(other):
                    return False
            else:
                node, after = (graph.nodes[moved(each.op.id, self.root, use.id)] for each in (first, second))
                if strided(after) or box_label(self.network, node) != box_label(self.network, after):
                    return False
        return True


def _merge(gathered: Gathered, tapped: set[str], frames: _Frames, uses: _Uses) -> Gathered:
    """Equal boxes in a row made one, where they stand in the same of `frames` and are equal in all `uses`."""
    drafts = dict(gathered.drafts)
    into: dict[str, list[str]] = {}
    out: dict[str, list[str]] = {}
    for link in gathered.links:
        into.setdefault(link.head, []).append(link.tail)
        out.setdefault(link.tail, []).append(link.head)
    given = {name for name, draft in drafts.items() if any(node.id in tapped for node in draft.nodes)}
    kept: dict[str, str] = {}  # box -> the box that it became part of
    for name, draft in gathered.drafts.items():
        kept[name] = name
        sources = into.get(name, [])
        if len(sources) != 1 or len(out[sources[0]]) != 1:
            continue
        host = drafts[kept[sources[0]]]
        framed = frames.of(host.id, host.group) == frames.of(draft.id, draft.group)
        if host.id in given or not framed or not _alike(host, draft) or not uses.alike(host, draft):
            continue
        kept[name] = host.id
        given |= {host.id} if name in given else set()
        host.nodes += draft.nodes
        host.copies += draft.copies
        host.params += draft.params
        host.macs += draft.macs
        host.learns += draft.learns
        host.repeat += draft.repeat
        host.shape = draft.shape
        if host.scope is not None and draft.scope is not None:
            host.title = titles(host.scope, draft.scope)
        del drafts[name]
    links = {
        replace(link, tail=kept[link.tail], head=kept[link.head]): None
        for link in gathered.links
        if kept[link.tail] != kept[link.head]
    }
    owners = {node: kept[owner] for node, owner in gathered.owners.items()}
    return replace(gathered, drafts=drafts, links=tuple(links), owners=owners)


def _owner(draft: Draft) -> str:
    """What the parameters of all around a box belong to, where they are used again; "" where they are their own."""
    again = draft.second_use
    return (again.share or again.id) if again is not None else ""


def _alike(first: Draft, second: Draft) -> bool:
    """Whether two boxes in a row say the same, so that one with a count can stand for both."""
    if (
        first.shape.dims[:1] != second.shape.dims[:1]
        or (first.details, first.shares, _owner(first)) != (second.details, second.shares, _owner(second))
        or (first.train_only, first.frozen) != (second.train_only, second.frozen)
        or looks(first.scope or first.op) != looks(second.scope or second.op)
    ):
        return False
    if first.scope is None or second.scope is None:
        same = first.scope is second.scope and first.label == second.label and first.suffix == second.suffix
        return same and first.role in (Role.CONV, Role.LINEAR, Role.ATTENTION) and not strided(second.op)
    return (
        first.shape == second.shape
        and first.scope.parent == second.scope.parent
        and first.scope.definition is second.scope.definition
        and first.scope.site is second.scope.site
    )
