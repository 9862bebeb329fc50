"""Follow: one op of a network with sizes that stand for many. What it gives there, or why the module stops.

A module is made once, at the declared sizes: its weights, and whatever else its source says as a number, are those of
the declared sizes. At others the shape rules of its ops have to hold, and ask for the same weights and numbers.
"""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TypeAlias

from archspec.code.build import running
from archspec.graph.graph import Node, Ref
from archspec.graph.network import Network
from archspec.graph.passes.rows import counted_rows, put_back
from archspec.ops.op import Op, ShapeFault
from archspec.ops.unsaid import beyond
from archspec.sizes.form import Form, constant
from archspec.sizes.measured import Measured, Shapes
from archspec.sizes.number import Asked, Unfollowed, form_of, numbers
from archspec.values.dataclass import dataclass
from archspec.values.shape import Shape


@dataclass(frozen=True, slots=True)
class Extent:
    """A shape whose dimensions are forms.

    Attributes:
        dims: after the batch.
        like: the rest of the shape; its own dimensions say nothing.
    """

    dims: tuple[Form, ...]
    like: Shape


Extents: TypeAlias = Mapping[str, tuple[Extent, ...]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a module stops at some sizes.

    Attributes:
        node: where.
        message: one line; a size in it that is not one number is a question mark.
        help: the cure, where known.
        pointed: the shapes that meet there.
    """

    node: str
    message: str
    help: str = ""
    pointed: str = ""


class Stopped(Exception):
    """The module stops.

    Attributes:
        refusal: why.
    """

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class _Made:
    """What a node's module or line of code says as numbers, at the declared sizes."""

    parameters: Mapping[str, tuple[int, ...]]
    buffers: Mapping[str, tuple[int, ...]]
    slots: Mapping[str, object]
    form: object


class Follower:
    """The nodes of a network at other sizes.

    Args:
        network: at the declared sizes.
        training: train-only nodes run as well.
    """

    def __init__(self, network: Network, *, training: bool = False) -> None:
        self.network = network
        self.measured = Measured(network)
        graph = network.graph
        self.nodes = tuple(
            node for node in graph.nodes.values() if node.id not in graph.inputs and (training or not node.train_only)
        )
        self._made: dict[str, _Made] = {}
        self._one: dict[Extent, Extent] = {}

    @cached_property
    def sums(self) -> frozenset[str]:
        """Ids of the sums that the source writes over their first term, `x += out`: that has to have their size."""
        return running(self.network).sums if any(node.op.accumulates for node in self.nodes) else frozenset()

    def outputs(self, node: Node, known: Extents, asked: Asked) -> tuple[Extent, ...]:
        """The outputs of a node.

        Raises:
            Stopped: the module stops there.
            Unfollowed: no form says what comes out.
        """

        def shape(ref: Ref) -> Shape:
            port = self.network.graph.nodes[ref.node].op.ports.index(ref.port)
            extent = known[ref.node][port]
            return replace(extent.like, dims=numbers(extent.dims, asked))

        xs = tuple(shape(ref) for ref in node.inputs)
        fields = self.measured.of(node, shape)
        op = node.op.model_copy(update=fields) if fields else node.op
        ys = self._given(op, node, xs)
        op = self._as_written(op, node, xs, frozenset(fields))
        self._require_rows(op, node, xs, shape)
        if node.op.accumulates and xs[0].dims != ys[0].dims and node.id in self.sums:
            message = f"the source writes {node.name} over its first term, which has another size here"
            raise Stopped(Refusal(node.id, message, pointed=" and ".join(map(str, xs))))
        made = (_extent(y) for y in ys)
        return tuple(self._one.setdefault(y, y) for y in made)

    def macs(self, node: Node, known: Extents, asked: Asked) -> Form:
        """The multiply-adds of a node per sample. Raises Unfollowed where no form says them."""

        def shape(extent: Extent) -> Shape:
            return replace(extent.like, dims=numbers(extent.dims, asked))

        ports = [self.network.graph.nodes[ref.node].op.ports.index(ref.port) for ref in node.inputs]
        xs = tuple(shape(known[ref.node][port]) for ref, port in zip(node.inputs, ports, strict=True))
        return form_of(node.op.cost(xs, tuple(map(shape, known[node.id]))).macs)

    def key(self, node: Node, known: Extents) -> Hashable:
        """What its outputs follow from, beside the sizes: equal for layers that do the same; None where more does."""
        if node.id in self.measured.fields or type(node.op).rows is not Op.rows:
            return None
        ports = [self.network.graph.nodes[ref.node].op.ports.index(ref.port) for ref in node.inputs]
        given = tuple(id(known[ref.node][port]) for ref, port in zip(node.inputs, ports, strict=True))
        written_over = node.op.accumulates and node.id in self.sums
        return id(node.op), given, written_over, tuple(self.network.input_shapes(node))

    def _given(self, op: Op, node: Node, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        try:
            return self._inferred(op, node, xs)
        except ShapeFault as fault:
            pointed = fault.pointed or " and ".join(map(str, xs))
            raise Stopped(Refusal(node.id, fault.message, fault.help, pointed)) from None

    def _inferred(self, op: Op, node: Node, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if type(op).completed is not Op.completed:  # what it gives is known at the declared sizes only
            declared = self.network.input_shapes(node)
            if any(x.dims != given.dims for x, given in zip(xs, declared, strict=True)):
                raise Unfollowed
        ys = op.outputs(xs)
        if any(size < 1 for y in ys for size in y.dims):
            read = " and ".join(map(str, xs))
            raise ShapeFault("size-below-one", f"{op.name} of {read} leaves {' and '.join(map(str, ys))}")
        return ys

    def _as_written(self, op: Op, node: Node, xs: tuple[Shape, ...], measured: frozenset[str]) -> Op:
        """The op as the source has it: with what followed from the declared sizes, where that is a field of it.

        Raises:
            Stopped: it would need other weights, or other numbers in the source.
        """
        made = self._of(node)
        for here, there in ((op.parameters(xs), made.parameters), (op.buffers(xs), made.buffers)):
            for name, sizes in here.items():
                if name not in there:
                    raise Stopped(Refusal(node.id, f"it has no {name} at the declared sizes, and needs one here"))
                if sizes != there[name]:
                    message = f"{name or node.name} has the sizes {list(there[name])}, and would need {list(sizes)}"
                    raise Stopped(Refusal(node.id, message, pointed=" and ".join(map(str, xs))))
        for name, value in op.slots(xs).items():
            said = made.slots[name]
            if name in measured or value is said or value == said:
                continue
            if name in type(op).model_fields and isinstance(said, bool):
                op = op.model_copy(update={name: said})
                self._given(op, node, xs)
            else:
                message = f"{name} is {said} in the source, and is to be {value} here"
                raise Stopped(Refusal(node.id, message, pointed=" and ".join(map(str, xs))))
        if op.form(xs) != made.form and (why := op.strays(xs, self.network.input_shapes(node))):
            raise Stopped(Refusal(node.id, why, pointed=" and ".join(map(str, xs))))
        return op

    def _require_rows(self, op: Op, node: Node, xs: tuple[Shape, ...], shape: Shapes) -> None:
        """Raises Stopped where places are counted that a table does not have."""
        found = counted_rows(self.network.graph, op, node, xs, shape)
        if found is None:
            return
        rows, giver, counted = found
        if beyond(counted, rows):
            message = put_back(giver, rows, counted)
            if message:
                raise Stopped(Refusal(node.id, f"it {message}"))
            message = f"{node.name} has {rows} rows, and {giver.name} counts {counted}"
            raise Stopped(Refusal(node.id, message, pointed=" and ".join(map(str, xs))))

    def _of(self, node: Node) -> _Made:
        found = self._made.get(node.id)
        if found is None:
            xs = self.network.input_shapes(node)
            op = node.op
            found = self._made[node.id] = _Made(op.parameters(xs), op.buffers(xs), op.slots(xs), op.form(xs))
        return found


def _extent(y: Shape) -> Extent:
    if type(y.batch) is not int:
        raise Unfollowed
    return Extent(tuple(map(form_of, y.dims)), replace(y, dims=()))


def declared(network: Network, id: str) -> Extent:
    """An input at its declared sizes."""
    (shape,) = network.shapes[id]
    return Extent(tuple(map(constant, shape.dims)), replace(shape, dims=()))
