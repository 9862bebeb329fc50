"""Attention: found in a graph whether it is one op or many, with what belongs to it.

    x -- windows -- projections -- heads -- norm -- RoPE -- [ core ] -- heads -- projection -- windows

The core is from the product of queries and keys to that with the values (`attention_core.py`). What lies before and
behind it is taken in as far as nothing else reads it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping

from archspec.figure.what.attention_core import ADDED, BIAS, FUSED, KEY, MASK, QUERY, SCALE, Core, fused, spelled
from archspec.figure.what.idioms import (
    SELF,
    Idiom,
    Slot,
    given,
    held_values,
    home_of,
    learned_values,
    only_reader,
    owns,
    without_unseen_end,
)
from archspec.graph.graph import Node, Ref
from archspec.graph.network import Network
from archspec.ops.label import Label, Part
from archspec.ops.op import Role
from archspec.values.dataclass import dataclass

_TURN = "RoPE"  # what turns queries and keys by their places
_TURNS = 24  # ops of that, at most
_PROJECTIONS = "Attention includes the projections of its queries, keys, values and output."


@dataclass(frozen=True, slots=True)
class _Known:
    """What holds for all of a graph.

    Attributes:
        held: ids of the nodes that depend on no data.
        learned: ids of those that depend on something learned.
        ends: ids of the outputs.
        order: id -> its place in the order of the graph.
    """

    held: frozenset[str]
    learned: frozenset[str]
    ends: frozenset[str]
    order: Mapping[str, int]


def attentions(network: Network) -> Iterator[Idiom]:
    """All attention of a network. Linear in nodes, times the ops between two products."""
    order = {id: place for place, id in enumerate(network.graph.nodes)}
    known = _Known(held_values(network), learned_values(network), given(network.graph), order)
    for node in network.graph.nodes.values():
        if node.op.role is Role.ATTENTION and node.op.stateful:
            yield _with_its_own(node)
            continue
        core = fused(network, node) or spelled(network, node, known.ends)
        if core is not None:
            yield _Growth(network, core, known).idiom()


def _with_its_own(node: Node) -> Idiom:
    """The op that has projections of its own."""
    names = [FUSED.get(name, MASK) for name in node.op.input_names]
    slots: dict[Slot, tuple[str, ...]] = {(node.id, index): (names[index],) for index in range(len(node.inputs))}
    if len(node.inputs) < len(SELF):  # the last stands for those that are not there
        last = len(node.inputs) - 1
        slots[node.id, last] = SELF[last:]
    return Idiom((node.id,), node.id, node.scope, node.id, node.op.caption, (), Role.ATTENTION, slots, _PROJECTIONS)


class _Growth:
    """Takes in what belongs to a core: rearrangements, fixed masks and biases, projections."""

    def __init__(self, network: Network, core: Core, known: _Known) -> None:
        self.network, self.graph, self.core, self.known, self.ends = network, network.graph, core, known, known.ends
        self.members = dict.fromkeys(core.nodes)
        self.slots = dict(core.slots)
        self.told: list[Label] = []  # of what is no rearrangement alone: windows
        self.beside: list[str] = []
        self.biases: set[str] = set()  # fixed nodes that are added to queries, keys or values, and what makes them

    def idiom(self) -> Idiom:
        """The core with all that belongs to it."""
        self._sides()
        self._take_in(_rearranges)
        self._norms()
        if self._turns():
            self._norms()
        projects = self._projections()
        self._behind(projects=projects)
        heads = self._heads()
        nodes = without_unseen_end(self.graph, self._ordered())
        self.members = dict.fromkeys(nodes)
        reading = [id for (id, _), slot in self.slots.items() if QUERY in slot and id in self.members]
        first = next((id for id in nodes if id in reading), nodes[0])
        parts = (*((_heads_part(heads),) if heads > 1 else ()), *self._windows())
        outside = {
            slot: name
            for slot, name in self.slots.items()
            if self.graph.nodes[slot[0]].inputs[slot[1]].node not in self.members
        }
        return Idiom(
            nodes=tuple(nodes),
            entry=first,
            home=home_of(self.graph, nodes),
            named=self.core.weights,
            label=Label(self.core.title, parts),
            beside=tuple(sorted(dict.fromkeys(self.beside), key=(*ADDED, *self.beside).index)),
            role=Role.ATTENTION,
            slots=outside,
            note=_PROJECTIONS if projects else "",
        )

    def _ordered(self) -> list[str]:
        """The members in the order of the graph."""
        return sorted(self.members, key=self.known.order.__getitem__)

    def _sides(self) -> None:
        """Names what is added to scores or selects of them, and takes in what depends on nothing."""
        for (id, index), slot in list(self.slots.items()):
            if slot != ("",):
                continue
            node = self.graph.nodes[id]
            learned = node.inputs[index].node in self.known.learned
            scaled = node.op.joins == "product"
            self.slots[id, index] = (SCALE if scaled else BIAS if learned else MASK,)
        self._take_in(lambda node: node.id in self.known.held, of=ADDED)

    def _take_in(self, wanted: Callable[[Node], bool], of: tuple[str, ...] = SELF) -> list[Node]:
        """Takes in what is `wanted` of what leads to some inputs and is read nowhere else."""
        taken: list[Node] = []
        pending = [slot for slot, names in self.slots.items() if set(names) <= set(of)]
        while pending:
            id, index = pending.pop()
            node = self.graph.nodes[self.graph.nodes[id].inputs[index].node]
            bias = self._is_bias(id, node, of)
            if not self._free(node) or not (bias or wanted(node)):
                continue
            self.biases |= {node.id} if bias and node.id in self.known.held else set()
            names = self._names(node.id)
            self.members[node.id] = None
            self.slots |= dict.fromkeys(((node.id, at) for at in range(len(node.inputs))), names)
            pending += [(node.id, at) for at in range(len(node.inputs)) if not node.op.reads_size(at)]
            self.beside += [name for name in names if of != SELF]
            taken.append(node)
        return taken

    def _is_bias(self, reader: str, node: Node, of: tuple[str, ...]) -> bool:
        """Whether a node is added to queries, keys or values that are data, or adds to them, and depends on no data.

        Learned queries are none, nor are the layers that they come from.
        """
        fixed = reader in self.known.held
        summed = reader in self.biases if fixed else self.graph.nodes[reader].op.joins == "sum"
        sums = node.op.joins == "sum" and sum(ref.node not in self.known.held for ref in node.inputs) == 1
        return of == SELF and (sums or (summed and node.id in self.known.held))

    def _free(self, node: Node, others: Collection[str] = ()) -> bool:
        """Whether nothing but members, and `others`, reads a node, which is no member itself."""
        member = node.id in self.members or node.op.role is Role.INPUT or node.id in self.ends
        readers = self.graph.readers[node.id]
        same = node.train_only == self.graph.nodes[self.core.weights].train_only
        return not member and same and all(reader in self.members or reader in others for reader in readers)

    def _names(self, id: str) -> tuple[str, ...]:
        """What a node is to the members that read it."""
        found = (
            name
            for reader in self.graph.readers[id]
            for index, ref in enumerate(self.graph.nodes[reader].inputs)
            if ref.node == id
            for name in self.slots.get((reader, index), ())
        )
        return tuple(sorted(dict.fromkeys(found), key="qkv".find))

    def _frontier(self) -> dict[str, tuple[str, ...]]:
        """Ids of the nodes outside that give queries, keys and values -> which of them they give."""
        found: dict[str, tuple[str, ...]] = {}
        for (id, index), names in self.slots.items():
            source = self.graph.nodes[id].inputs[index].node
            if id in self.members and source not in self.members and set(names) <= set(SELF):
                found[source] = tuple(sorted({*found.get(source, ()), *names}, key="qkv".find))
        return found

    def _norms(self) -> None:
        """Takes in norms of queries and of keys, where both have one of the same kind."""
        norms = {
            names: self.graph.nodes[id]
            for id, names in self._frontier().items()
            if self.graph.nodes[id].op.role is Role.NORM and self._free(self.graph.nodes[id])
        }
        query, key = norms.get((QUERY,)), norms.get((KEY,))
        if query is None or key is None or query.op != key.op:
            return
        self._take_in(lambda node: node.id in (query.id, key.id))
        short = query.op.caption.short
        self.beside.append(f"{short} of q, k" if short else "normed q, k")
        self._take_in(_rearranges)

    def _turns(self) -> bool:
        """Takes in what turns queries and keys by their places, alike; whether something does."""
        names = {names: id for id, names in self._frontier().items()}
        ways = [self._turn(names[(name,)]) for name in (QUERY, KEY) if (name,) in names]
        if len(ways) < 2 or not all(ways):
            return False
        self._take_in(lambda node: any(node.id in way for way in ways))
        self.slots |= {
            (id, index): (_TURN,)
            for way in ways
            for id in way
            for index, ref in enumerate(self.graph.nodes[id].inputs)
            if ref.node in self.known.held
        }
        self.beside.append(_TURN)
        self._take_in(_rearranges)
        return True

    def _turn(self, id: str) -> frozenset[str]:
        """The ops that make a value of another by products with fixed numbers; none where it is not made so."""
        found: set[str] = set()
        sources: set[Ref] = set()
        pending, multiplies = [id], False
        while pending and len(found) < _TURNS:
            node = self.graph.nodes[pending.pop()]
            fixed = [ref for ref in node.inputs if ref.node in self.known.held - self.known.learned]
            shapes = node.op.role in (Role.RESHAPE, Role.MERGE, Role.OTHER) or _rearranges(node)
            if node.id in found or not shapes or not self._free(node, found):
                continue
            found.add(node.id)
            multiplies = multiplies or (node.op.joins == "product" and len(fixed) == 1)
            pending += [ref.node for ref in node.inputs if ref not in fixed]
        for each in found:
            node = self.graph.nodes[each]
            sources |= {ref for ref in node.inputs if ref.node not in found and ref.node not in self.known.held}
        return frozenset(found) if multiplies and len({ref.node for ref in sources}) == 1 else frozenset()

    def _projections(self) -> bool:
        """Takes in the projections, where queries, keys and values all have one; whether they have."""
        frontier = self._frontier()
        nodes = [self.graph.nodes[id] for id in frontier]
        alike = {name for names in frontier.values() for name in names} == set(SELF)
        if not alike or not all(self._projects(node) and self._free(node) for node in nodes):
            return False
        self._take_in(lambda node: node.id in frontier)
        self._take_weights(frontier)
        before = self._take_in(_rearranges)
        self.told = [node.op.caption for node in reversed(before) if not node.op.unseen and not node.op.view]
        return True

    def _behind(self, *, projects: bool) -> None:
        """Takes in what is only done to the output: rearrangements and, where there are some, a projection."""
        last = self.graph.nodes[self.core.nodes[-1]]
        while (node := only_reader(self.graph, last.id, self.ends)) is not None:
            rearranges = _rearranges(node) and (node.op.view or node.op.unseen or bool(self.told))
            wanted = rearranges or (projects and self._is_output(node))
            alone = all(self._aside(node, at) or ref.node == last.id for at, ref in enumerate(node.inputs))
            if not wanted or not alone or node.op.numbered or node.train_only != last.train_only:
                return
            projects = projects and rearranges
            self.members[node.id] = None
            self._take_weights([node.id])
            self.slots |= {(node.id, at): ("",) for at, ref in enumerate(node.inputs) if ref.node != last.id}
            last = node

    def _aside(self, node: Node, at: int) -> bool:
        """Whether an input of a node is a size or a weight."""
        return node.op.reads_size(at) or (node.op.role is Role.LINEAR and node.inputs[at].node in self.known.held)

    def _projects(self, node: Node) -> bool:
        """Whether an op maps the features at each place by themselves, with weights that nothing else uses."""
        if node.op.role is Role.CONV:
            kernel = getattr(node.op, "kernel_size", 0)
            pointwise = set(kernel if isinstance(kernel, tuple) else (kernel,)) == {1}
            return pointwise and getattr(node.op, "groups", 1) == 1 and owns(self.network, node)
        if len(node.inputs) == 1:
            return node.op.role is Role.LINEAR and owns(self.network, node)
        return node.op.role is Role.LINEAR and sum(ref.node not in self.known.held for ref in node.inputs) == 1

    def _take_weights(self, ids: Collection[str]) -> None:
        """Takes in the weights that some projections read; one that reads a single value has its own."""
        read = (self.graph.nodes[id].inputs for id in ids)
        pending = [ref.node for refs in read if len(refs) > 1 for ref in refs if ref.node in self.known.held]
        while pending:
            node = self.graph.nodes[pending.pop()]
            if self._free(node):
                self.members[node.id] = None
                pending += [ref.node for ref in node.inputs]

    def _is_output(self, node: Node) -> bool:
        """Whether a node is the projection of the output: to the features that the queries were made of."""
        frontier = [ref for id, ref in self._read() if QUERY in self.slots[id]]
        reader = only_reader(self.graph, node.id, self.ends)
        activated = reader is not None and reader.op.role is Role.ACTIVATION
        sizes = {size for ref in frontier for size in self.network.shape(ref).dims}
        features = next((size for size in self.network.shapes[node.id][0].dims[::-1] if size in sizes), 0)
        return self._projects(node) and not activated and features > 0

    def _read(self) -> Iterator[tuple[Slot, Ref]]:
        """What members read of others, sizes apart."""
        for id, index in self.slots:
            node = self.graph.nodes[id]
            if id in self.members and node.inputs[index].node not in self.members and not node.op.reads_size(index):
                yield (id, index), node.inputs[index]

    def _heads(self) -> int:
        """How many heads there are: the dimension whose size times the features of one are all features.

        Those of a value may be others than those of a query. 1 where there is no such dimension.
        """
        widths = {self.core.width, *self.network.shapes[self.core.nodes[-1]][0].dims[-1:]}
        shapes = [self.network.shape(ref) for slot, ref in self._read() if QUERY in self.slots[slot]]
        shapes += [shape for id in self.members for shape in self.network.shapes[id][:1]]
        for heads in reversed(self.core.heads):
            whole = {heads * parts * width for parts in (1, 3) for width in widths}
            if heads > 1 and any(whole.intersection(shape.dims) for shape in shapes):
                return heads
        return 1

    def _windows(self) -> Iterator[Part]:
        """What the box says of rearrangements that are more than an order."""
        for caption in dict.fromkeys(self.told):
            yield Part("", str(caption), caption.title, instead=str(caption))


def _heads_part(heads: int) -> Part:
    return Part("", str(heads), "heads", unit="heads", unsaid="1")


def _rearranges(node: Node) -> bool:
    """Whether an op gives what it is given in another order, in parts, or times a number."""
    parts = node.op.numbered and not node.op.stateful
    return node.op.role is Role.RESHAPE or node.op.unseen or parts or node.op.scales()
