"""What boxes say: ops by their own labels, closed blocks by their channels, counts and shapes in short."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace
from itertools import takewhile
from string import digits

from archspec.figure.diagram import Fused
from archspec.figure.what.rows import row_inside
from archspec.figure.what.wanted import block_label, wanted
from archspec.graph.graph import Definition, Member, Node, Ref, Scope
from archspec.graph.network import Network
from archspec.graph.walk import (
    ancestors,
    children,
    default_output,
    home,
    inside,
    member_of,
    moved,
    own_output,
    said_to_share,
    shared,
    within,
)
from archspec.ops.fields import channel_axis
from archspec.ops.label import Label
from archspec.ops.op import Op, Role
from archspec.values.dataclass import dataclass
from archspec.values.shape import Shape

DASH = "\N{EN DASH}"
_POWERS = {2: "\N{SUPERSCRIPT TWO}", 3: "\N{SUPERSCRIPT THREE}"}
_AXES: Mapping[int, tuple[str, ...]] = {
    2: ("tokens", "features"),
    3: ("channels", "height", "width"),
    4: ("channels", "depth", "height", "width"),
}
_LAST: Mapping[int, tuple[str, ...]] = {2: _AXES[2], 3: ("height", "width", "channels")}
_SEQUENCE: Mapping[int, tuple[str, ...]] = {2: ("channels", "length")}
_LAYERS, _BRANCHES = 4, 6  # of which a line has the channels
_GROWING = 2  # parts that add channels in turn, at least
_UNITS = ("", "k", "M", "G", "T", "P", "E")


def short(count: int) -> str:
    """`count` to three digits: `9.41 k`, `118 M`, `4.09 G`; below 1000 as it is."""
    if count < 1000:
        return str(count)
    value, unit = _scaled(count, 999.5)
    decimals = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{decimals}f} {unit}"


def _scaled(count: int, limit: float) -> tuple[float, str]:
    """`count` in the unit in which it stays below `limit`."""
    value, unit = float(count), 0
    while value >= limit and unit < len(_UNITS) - 1:
        value /= 1000
        unit += 1
    return value, _UNITS[unit]


def total(count: int) -> str:
    """`count` to two decimals: `25.56 M`, `4.09 G`."""
    if count < 1000:
        return str(count)
    value, unit = _scaled(count, 999.995)
    return f"{value:.2f} {unit}"


def counts(params: int, macs: int) -> str:
    """What stands below a box: `7.10 M · 1.46 G`; "" where there is nothing to count."""
    return f"{short(params)} · {short(macs)}" if params or macs else ""


def size(shape: Shape) -> str:
    """A shape without the batch: `64×112×112`."""
    return "×".join(map(str, shape.dims))


def channels(shape: Shape, *, sequence: bool = False) -> int:
    """How many channels a shape has, whichever of its dimensions they are; 0 where it has no dimension.

    They are the first of a `sequence`, (N, C, W), which looks like tokens.
    """
    return shape.dims[0 if sequence else channel_axis(shape)] if shape.dims else 0


def puts_beside(network: Network, node: Node | None, sequences: Collection[str]) -> bool:
    """Whether a node puts channels beside channels, as dense blocks and branches end; a row more of tokens is none."""
    if node is None or node.op.joins != "concat":
        return False
    read = sum(channels(network.shape(ref), sequence=ref.node in sequences) for ref in node.inputs)
    return read == channels(network.shapes[node.id][0], sequence=node.id in sequences)


def side(shape: Shape, *, sequence: bool = False) -> int:
    """The largest spatial size: of tokens, how many they are; 0 where there is none."""
    return max(_spatial(shape, sequence), default=0)


def resolution(shape: Shape, *, sequence: bool = False) -> str:
    """The spatial sizes: `224²`, `64×96`, `32×64²`, `1024`; "" where there is none."""
    sizes = _spatial(shape, sequence)
    if len(sizes) > 1 and len(set(sizes)) == 1:
        return f"{sizes[0]}{_POWERS[len(sizes)]}" if len(sizes) in _POWERS else "×".join(map(str, sizes))
    if len(sizes) == 3 and sizes[1] == sizes[2]:
        return f"{sizes[0]}×{sizes[1]}{_POWERS[2]}"
    return "×".join(map(str, sizes))


def _spatial(shape: Shape, sequence: bool) -> tuple[int, ...]:
    axis = 0 if sequence else channel_axis(shape)
    return tuple(size for index, size in enumerate(shape.dims) if index != axis)


def brief(shape: Shape) -> str:
    """A shape in as few letters as can be: `3×224²`, `64×112×96`, `56²×96` where the channels are last."""
    spatial = shape.dims[1:]
    if shape.channels_last and len(shape.dims) == 3 and shape.dims[0] == shape.dims[1]:
        return f"{shape.dims[0]}\N{SUPERSCRIPT TWO}×{shape.dims[2]}"
    if len(spatial) == 2 and spatial[0] == spatial[1]:
        return f"{shape.dims[0]}×{spatial[0]}\N{SUPERSCRIPT TWO}"
    if len(spatial) == 3 and len(set(spatial)) == 1:
        return f"{shape.dims[0]}×{spatial[0]}\N{SUPERSCRIPT THREE}"
    return size(shape)


def axes(shape: Shape, *, sequence: bool = False) -> str:
    """What the numbers of a shape are: `channels × height × width`; "" where there is one or nobody knows."""
    known = _SEQUENCE if sequence else _LAST if shape.channels_last else _AXES
    return " × ".join(known.get(len(shape.dims), ()))


def fused(nodes: Iterable[Node]) -> tuple[Fused, ...]:
    """Those of `nodes`, which are fused into an op, that the op's box tells of."""
    return tuple(joining(node) for node in nodes if not node.op.unseen)


def included(habit: Sequence[Fused]) -> str:
    """What boxes leave out because it is said once; "" where they leave out nothing."""
    said = sentence([one.name for one in habit])
    return f"Convolutions include {said} unless a box says otherwise." if said else ""


def left_out(ops: Iterable[Op], where: str = "") -> str:
    """What no box shows, or none `where`, of the ops that none tells of; "" for nothing."""
    titles = list(dict.fromkeys(op.caption.title for op in ops if op.unseen))
    said = " ".join(filter(None, (sentence(titles), where, "is" if len(titles) == 1 else "are", "not shown.")))
    return f"{said[0].upper()}{said[1:]}" if titles else ""


def joining(node: Node) -> Fused:
    """A node as what is fused into another."""
    label = node.op.caption
    return Fused(label.heading, label.short or label.heading, node.op.role)


def box_label(network: Network, node: Node) -> Label:
    """What an op's box says: its heading on the first line, and below it the detail."""
    label = node.op.caption
    if node.op.role is Role.NORM:
        return Label(label.short or label.heading)
    if node.op.depthwise(network.input_shapes(node)):
        parts = (replace(part, instead="depthwise") if part.noun == "groups" else part for part in label.parts)
        label = replace(label, parts=tuple(parts))
    return label.boxed()


def block_title(scope: Scope) -> str:
    """The name of a block; one that is only a number carries the name around it: `layer1.0`."""
    if label := wanted(scope).label:
        return label
    around = title_around(scope)
    return f"{around}.{scope.name}" if around else scope.name


def shares(network: Network, member: Member) -> tuple[str, ...]:
    """Whose parameters a block, or an op that has any, uses again: `shares tower1`; nothing where they are its own.

    Inside a second use of a block all are used again, and nothing says so but the block. What both stand in goes
    without saying: a reader looks there first.
    """
    owner = said_to_share(network.graph, member)
    if not owner or (isinstance(member, Node) and not member.op.parameters(network.input_shapes(member))):
        return ()
    around = next(
        (scope for scope in ancestors(network.graph, _first_home(network, member)) if within(owner, scope)), ""
    )
    near = moved(owner, around, "")
    return (f"shares {owner if near.isdigit() else near}",)


def _first_home(network: Network, member: Member) -> str:
    """The scope that a member stands in; in a second use of a block, what that is in the first."""
    graph, at = network.graph, home(member)
    again = next((scope for scope in ancestors(graph, at) if shared(graph, graph.scopes[scope])), None)
    return at if again is None else moved(at, again, shared(graph, graph.scopes[again]))


def frame_title(network: Network, scope: Scope) -> str:
    """What the frame round an open block says: its name, and which other block it is."""
    return ", ".join((block_title(scope), *shares(network, scope)))


def title_around(scope: Scope) -> str:
    """What a title says before the name of a block: `layer1` of `layer1/0`, `a.1` of `a/1/0`; "" where that is all."""
    names = scope.parent.split("/") if scope.name.isdigit() else [""]
    return ".".join(names[-1 - len(list(takewhile(str.isdigit, reversed(names)))) :])


def titles(first: Scope, last: Scope) -> str:
    """One title for equal blocks in a row: `layer1.1-3`, `stage3_0-3`, `conv4 - pool`."""
    if first is last:
        return block_title(first)
    if title_around(first) and first.parent == last.parent:
        return f"{block_title(first)}{DASH}{last.name}"
    return row_title(block_title(first), block_title(last))


def row_title(first: str, last: str) -> str:
    """One title for what is in a row, by the names of the first and the last: `heatmap1-7`, `conv4 - pool`."""
    number = last[len(last.rstrip(digits)) :]
    if first == last:
        return first
    if number and first.rstrip(digits) == last.rstrip(digits):
        return f"{first}{DASH}{number}"
    return f"{first} {DASH} {last}"


def names_title(names: Sequence[str]) -> str:
    """One title for what stands side by side: `path1-32` where names run, else `path1 and 31 more`."""
    first, last = names[0], names[-1]
    stems = {name.rstrip(digits) for name in names}
    numbers = [name[len(name.rstrip(digits)) :] for name in names]
    running = len(stems) == 1 and all(numbers) and int(numbers[-1]) - int(numbers[0]) == len(names) - 1
    return row_title(first, last) if running or first == last else f"{first} and {len(names) - 1} more"


@dataclass(frozen=True, slots=True)
class Growth:
    """How a dense block grows: the channels that enter it, its parts, and the channels that each adds."""

    start: int
    parts: int
    added: int

    @property
    def total(self) -> int:
        """The channels that leave it."""
        return self.start + self.parts * self.added


@dataclass(frozen=True, slots=True)
class BlockCaptions:
    """Describes closed blocks.

    Attributes:
        network: where they stand.
        depths: node id -> its longest distance from the inputs.
        sequences: ids of the nodes that give (N, C, W).
        held: ids of the nodes that depend on no data.
        learned: ids of those that depend on something learned.
        roles: block -> what most of the work in all of its uses is.
    """

    network: Network
    depths: Mapping[str, int]
    sequences: frozenset[str]
    held: frozenset[str] = frozenset()
    learned: frozenset[str] = frozenset()
    roles: Mapping[Definition, Role] = field(default_factory=dict)

    def role(self, scope: Scope) -> Role:
        """What most of the work in a closed block is, in all uses of the block: a block has one colour."""
        return self.roles[self._part(scope).definition]

    def details(self, scope: Scope, first: Scope | None = None) -> tuple[str, ...]:
        """What a closed block is, and its channels: `bottleneck`, `64-64-256`; of blocks in a row, the last is given.

        Where the `first` of a row has others inside, only those that come out are said: `24` and not `144-144-24`.
        """
        said = self._growing(scope) or self._in_a_row(scope, first or scope)
        row = "" if DASH in said or shared(self.network.graph, scope) else row_inside(self.network, self._part(scope))
        return tuple(line for line in (self.kind(scope), said, row) if line)

    def kind(self, scope: Scope) -> str:
        """What a closed block is: `bottleneck`; "" where its name says so."""
        part = self._part(scope)
        kind = block_label(part.definition) if part.definition.kind in ("block", "spec") else ""
        return kind if not scope.name.startswith(kind) else ""

    def _growing(self, scope: Scope) -> str:
        """`64 + 6·32` of a dense block; "" of any other."""
        growth = self.growth(scope)
        return f"{growth.start} + {growth.parts}\N{MIDDLE DOT}{growth.added}" if growth is not None else ""

    def growth(self, scope: Scope) -> Growth | None:
        """How a dense block grows: a repeat of which each part puts as many channels beside all that it reads."""
        parts = list(children(self.network.graph, scope)) if scope.definition.kind == "repeat" else []
        added = [self._added(part) for part in parts if isinstance(part, Scope)]
        if len(added) < _GROWING or len(added) < len(parts) or len(set(added)) > 1 or not added[0]:
            return None
        first = channels(self.network.shape(scope.inputs[0]), sequence=scope.inputs[0].node in self.sequences)
        return Growth(first, len(added), added[0])

    def _added(self, part: Scope) -> int:
        """How many channels a block puts beside all of what it reads; 0 where it does another thing."""
        last = own_output(self.network.graph, part)
        if last is None or len(last.inputs) != 2 or part.inputs[0] not in last.inputs:
            return 0
        if not puts_beside(self.network, last, self.sequences):
            return 0
        [other] = [ref for ref in last.inputs if ref != part.inputs[0]] or [part.inputs[0]]
        return channels(self.network.shape(other), sequence=other.node in self.sequences)

    def _part(self, scope: Scope, number: int = -1) -> Scope:
        """The last part of a repeat, which is what most of its parts are, or another."""
        while scope.definition.kind == "repeat":
            part = member_of(self.network.graph, scope, scope.members[number])
            if not isinstance(part, Scope):
                return scope
            scope = part
        return scope

    def _in_a_row(self, scope: Scope, first: Scope) -> str:
        """What all blocks in a row say of their channels: those of the parts of a repeat are one too."""
        said, started = self._channels(self._part(scope)), self._channels(self._part(first, 0))
        return said if said == started else self._given(self._part(scope)) if said else ""

    def _given(self, scope: Scope) -> str:
        """The channels that come out of a block; "" where it gives several values."""
        if len(scope.outputs) > 1:
            return ""
        ref = default_output(self.network.graph, scope)
        return str(channels(self.network.shape(ref), sequence=ref.node in self.sequences))

    def _channels(self, scope: Scope) -> str:
        """`64-64-256` of the layers of a block, `64 + 128 + 32` of its branches; "" of one layer.

        Of more than four, and where they stand in several branches one behind the other, as in a transformer, or do not
        lead to what comes out, a row of numbers would be no way through the block: what comes out is said.
        """
        last = own_output(self.network.graph, scope)
        if last is None:
            return ""
        if len(last.inputs) <= _BRANCHES and puts_beside(self.network, last, self.sequences):
            return _summed(
                [channels(self.network.shape(ref), sequence=ref.node in self.sequences) for ref in last.inputs]
            )
        widths, given = self._widths(scope, last), self._given(scope)
        if len(widths) < 2:
            return ""
        is_way = len(widths) <= _LAYERS and str(widths[-1]) == given and not self._is_of_several(scope)
        return DASH.join(map(str, widths)) if is_way else given

    def _widths(self, scope: Scope, last: Node) -> list[int]:
        """The channels of the layers on the longest way through a block, in order."""
        widths: list[int] = []
        node = last
        while True:
            projects = node.op.role in (Role.CONV, Role.LINEAR) and not node.op.letters(self.network.input_shapes(node))
            if projects:
                widths.append(channels(self.network.shapes[node.id][0], sequence=node.id in self.sequences))
            inside = [ref.node for ref in self._gated(node) if within(ref.node, scope.id)]
            inside = inside or [ref.node for ref in node.inputs if within(ref.node, scope.id)]
            if not inside:
                return widths[::-1]
            node = self.network.graph.nodes[max(inside, key=lambda name: self.depths[name])]

    def _is_of_several(self, scope: Scope) -> bool:
        """Whether a block holds an attention, or adds twice: its layers stand in branches one behind the other."""
        nodes = [each for each in inside(self.network.graph, scope) if isinstance(each, Node)]
        sums = [node for node in nodes if node.op.joins == "sum" and self._is_of_data(node)]
        return len(sums) > 1 or any(node.op.role is Role.ATTENTION for node in nodes)

    def _is_of_data(self, node: Node) -> bool:
        """Whether a node joins two values that depend on data."""
        return sum(ref.node not in self.held for ref in node.inputs) > 1

    def _gated(self, node: Node) -> tuple[Ref, ...]:
        """What a node reads, of a product only what is as large as it: a gate's own widths are not the block's."""
        if node.op.joins != "product":
            return node.inputs
        dims = self.network.shapes[node.id][0].dims
        return tuple(ref for ref in node.inputs if self.network.shape(ref).dims == dims)


def _summed(numbers: Sequence[int]) -> str:
    """`64 + 128 + 32`; of more than two that are equal, `6·32`."""
    if len(numbers) > 2 and len(set(numbers)) == 1:
        return f"{len(numbers)}\N{MIDDLE DOT}{numbers[0]}"
    return " + ".join(map(str, numbers))


def sentence(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
