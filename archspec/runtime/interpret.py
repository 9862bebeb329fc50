"""Interpret: what a network gives, node by node, from each op's own PyTorch form.

Nothing of the emitter takes part: no class, no forward and no printed line. So what the emitted source gives can be
held against it. A weight is found under the path that the spec gives it; shared parts have one module, their owner's.
"""

import base64
import math
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from operator import attrgetter
from types import SimpleNamespace

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from archspec.graph.graph import Graph, Node, Ref
from archspec.graph.network import Network
from archspec.ops.op import Op
from archspec.runtime.attributes import attribute_paths
from archspec.runtime.evaluate import Names, evaluate
from archspec.values.dataclass import dataclass
from archspec.values.expression import Literal, Name, Value
from archspec.values.shape import Shape
from archspec.values.source import Operand, Source


@dataclass(frozen=True, slots=True)
class Pass:
    """One forward pass.

    Attributes:
        outputs: by name, in order; train-only ones in training only.
        state: the state afterwards, by key: training moves running statistics.
    """

    outputs: Mapping[str, Tensor]
    state: Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class _Mode:
    """What stands for `self` in the form of an op: some ask whether it is training."""

    training: bool


def interpret(
    network: Network,
    state: Mapping[str, Tensor],
    inputs: Mapping[str, Tensor],
    *,
    training: bool = False,
    dtype: torch.dtype = torch.float32,
) -> Pass:
    """One pass over the flat graph.

    Args:
        network: what is computed.
        state: the state_dict of its module; it is left as it is.
        inputs: by name, with the batch.
        training: in training mode, train-only nodes included.
        dtype: of the buffers that the state does not hold, where they are no integers.

    Raises:
        KeyError: the state lacks a parameter of the network.
        RuntimeError: torch refuses an op, or the state does not fit it.
    """
    graph, paths = network.graph, attribute_paths(network.graph)
    kept = {key: value.detach().clone() for key, value in state.items()}
    modules = _modules(network, paths, kept, training=training)
    tensors = {**_declared(network, paths, inputs, dtype), **kept}
    values: dict[Ref, object] = {Ref(name): value for name, value in inputs.items()}
    given = {out.ref for out in graph.outputs}
    running = [n for n in graph.nodes.values() if n.id not in graph.inputs and (training or not n.train_only)]
    done_with = _last_reads(running)
    for node in running:
        local = {"self": _Mode(training), "module": modules.get(paths[node.id])}
        names = Names(_file(node.op), local, [values[ref] for ref in node.inputs])
        result = tensors[paths[node.id]] if node.op.holds else _run(network, node, names)
        for port, one in zip(node.op.ports, _flat(result), strict=False):  # indices are there where they are read
            read = Names(names.file, local, [one])
            values[Ref(node.id, port)] = evaluate(node.op.read(port, Operand(0)), read)
        for ref in done_with.get(node.id, set()) - given:
            del values[ref]
    outputs = {out.name: values[out.ref] for out in graph.outputs if training or not out.train_only}
    after = {f"{path}.{key}": value for path, module in modules.items() for key, value in module.state_dict().items()}
    return Pass({name: value for name, value in outputs.items() if isinstance(value, Tensor)}, {**kept, **after})


def _flat(result: object) -> Iterator[object]:
    """The values that a call gave, those of a tuple in a tuple by themselves."""
    if not isinstance(result, tuple):
        yield result
        return
    for one in result:
        yield from _flat(one)


def _last_reads(nodes: Sequence[Node]) -> dict[str, set[Ref]]:
    """Node -> the values that no node after it reads, so that a large network fits into memory."""
    last = {ref: node.id for node in nodes for ref in node.inputs}
    found: dict[str, set[Ref]] = {}
    for ref, id in last.items():
        found.setdefault(id, set()).add(ref)
    return found


@contextmanager
def equal_draws() -> Iterator[None]:
    """Every random op inside starts from the same seed, so that it draws the same whatever runs before it.

    It draws in the order of the indices, whatever the order in memory is: of a value that is one channel wide, two ways
    to compute it may leave two.
    """
    with _EqualDraws():  # type: ignore[no-untyped-call]
        yield


# What fills a tensor with what it draws, whatever was in it.
_FILLING = frozenset(f"aten::{name}_" for name in ("bernoulli", "uniform", "normal", "exponential", "random"))


class _EqualDraws(TorchDispatchMode):  # type: ignore[no-untyped-call]
    def __torch_dispatch__(
        self,
        func: torch._ops.OpOverload,
        types: object,
        args: tuple[object, ...] = (),
        kwargs: dict[str, object] | None = None,
    ) -> object:
        meta = bool(args) and isinstance(args[0], Tensor) and args[0].is_meta
        if torch.Tag.nondeterministic_seeded in func.tags and not meta:  # there nothing is drawn, and a seed is slow
            torch.manual_seed(0)
            if func._overloadpacket._qualified_op_name in _FILLING and isinstance(args[0], Tensor):
                drawn = torch.empty_like(args[0], memory_format=torch.contiguous_format)
                return args[0].copy_(func(drawn, *args[1:], **(kwargs or {})))
        return func(*args, **(kwargs or {}))


def _modules(
    network: Network, paths: Mapping[str, str], state: Mapping[str, Tensor], *, training: bool
) -> dict[str, nn.Module]:
    """The module of every path that has one, with its part of the state."""
    made: dict[str, nn.Module] = {}
    for node in network.graph.nodes.values():
        path = paths[node.id]
        if not node.op.stateful or node.op.holds or path in made or (node.train_only and not training):
            continue
        with torch.device("meta"):  # what it starts with is of no interest
            module = module_of(node.op, network.input_shapes(node))
        own = {key: state[f"{path}.{key}" if path else key] for key in module.state_dict()}
        module.load_state_dict(own, assign=True)
        made[path] = module.train(training)
    return made


def _declared(
    network: Network, paths: Mapping[str, str], inputs: Mapping[str, Tensor], dtype: torch.dtype
) -> dict[str, Tensor]:
    """Buffers, as their settings say: a state_dict does not hold them all."""
    (device,) = {value.device for value in inputs.values()}
    found: dict[str, Tensor] = {}
    for node in network.graph.nodes.values():
        if node.op.holds == "buffer":
            made = held(node.op)
            found[paths[node.id]] = made.to(device, dtype if made.is_floating_point() else made.dtype)
    return found


def held(op: Op) -> Tensor:
    """The tensor that a buffer starts with, as its settings say. Raises TypeError for an op that holds none."""
    made = evaluate(op.declaration(_given(op, (), {})), Names(_file(op), {}))
    if not isinstance(made, Tensor):
        raise TypeError(f"{op.name} holds no tensor")
    return made


def computed(op: Op, xs: Sequence[Tensor], shapes: tuple[Shape, ...]) -> object:
    """What an op without parameters makes of these values: a tensor, or several."""
    source = op.expression(tuple(map(Operand, range(len(xs)))), _given(op, shapes, {}), shapes)
    return evaluate(source, Names(_file(op), {}, xs))


def module_of(op: Op, xs: tuple[Shape, ...]) -> nn.Module:
    """The module of an op by itself."""
    file = _file(op)
    package, name = op.imported()
    kind: type[nn.Module] = attrgetter(name)(import_module(package)) if name else attrgetter(op.module)(file)
    around: Callable[[nn.Module], nn.Module] = attrgetter(op.around())(file) if op.around() else _itself
    made = kind(**op.slots(xs))
    return around(made.get_submodule(op.within()) if op.within() else made)


def _itself(module: nn.Module) -> nn.Module:
    return module


def _run(network: Network, node: Node, names: Names) -> object:
    """What one node gives: a tensor, or several."""
    op, xs = node.op, network.input_shapes(node)
    args = tuple(map(Operand, range(len(node.inputs))))
    if op.stateful:
        return evaluate(op.call(Name("module"), args, xs), names)
    if not op.function and type(op).expression is Op.expression:
        return module_of(op, xs).train(names.local["self"] == _Mode(training=True))(*names.operands)
    asked = {slot: True for port, slot in op.ports_on_demand.items() if _read(network.graph, Ref(node.id, port))}
    return evaluate(op.expression(args, _given(op, xs, asked), xs), names)


def _read(graph: Graph, ref: Ref) -> bool:
    """Whether something reads this output."""
    readers = (graph.nodes[reader] for reader in graph.readers[ref.node])
    return any(ref in reader.inputs for reader in readers) or any(output.ref == ref for output in graph.outputs)


def _given(op: Op, xs: tuple[Shape, ...], asked: Mapping[str, Value]) -> dict[str, Source]:
    """The arguments of a form that are not PyTorch's defaults. 1, 1.0 and True are three values."""
    defaults = op.defaults()
    slots = {**op.slots(xs), **asked}
    return {
        name: Literal(value)
        for name, value in slots.items()
        if name not in defaults or (type(value), value) != (type(defaults[name]), defaults[name])
    }


def _file(op: Op) -> SimpleNamespace:
    """What a file with this op would import and define."""
    scope: dict[str, object] = {"torch": torch, "nn": nn, "F": functional, "Tensor": Tensor}
    scope |= {"base64": base64, "math": math, "zlib": zlib}
    for helper in op.helpers():
        exec(helper.source, scope)  # noqa: S102  an op's own text, which is the point
    return SimpleNamespace(**scope)
