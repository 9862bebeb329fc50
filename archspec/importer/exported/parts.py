"""Parts: the modules of an exported program, each of which runs its own graph.

The program keeps, of each call, which module made it and of which class that is. Layers of torch.nn are made again, a
Sequential that is a chain too, and every other class is a class of its name.
"""

import inspect
import warnings
from collections.abc import Callable, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any, TypeVar, cast
from zipfile import is_zipfile

import torch
from torch import Tensor, fx, nn
from torch.export.unflatten import InterpreterModule
from torch.utils._pytree import TreeSpec, tree_flatten, tree_unflatten

from archspec.importer.exported.calls import NOTHING, SHAPED, function_of, name_of
from archspec.importer.exported.layers import layer
from archspec.importer.refused import ImportFault
from archspec.importer.stated_sizes import for_samples
from archspec.values.dataclass import dataclass

M = TypeVar("M", bound=nn.Module)

AGAIN = "@"  # conv@1 is a second call of conv
SEQUENTIAL = "torch.nn.modules.container.Sequential"
ATTENTION = "torch.nn.modules.activation.MultiheadAttention"


@dataclass(slots=True)
class Plan:
    """What all parts of a program share.

    Attributes:
        traced: how many samples it was exported with; 0 where any number goes.
        batch: how many samples run.
        kinds: for a class that was exported and what it is made as, the class.
    """

    traced: int
    batch: int = 1
    kinds: dict[tuple[str, type[nn.Module]], type[nn.Module]] = field(default_factory=dict)

    def kind(self, name: str, base: type[M]) -> type[M]:
        """The class for one that was exported, made as a part or as a chain."""
        if name == SEQUENTIAL and base is nn.Sequential:
            return base
        made = type(name.rpartition(".")[2] or "Network", (base,), {"__doc__": ""})
        return cast("type[M]", self.kinds.setdefault((name, base), made))


def network(path: Path) -> tuple[nn.Module, dict[str, Tensor]]:
    """The module in a file, and one sample of each of its inputs.

    Raises:
        ImportFault: it is no exported program, or has what no spec can say.
    """
    if not path.is_file():
        raise ImportFault(f"there is no file {path}")
    if not is_zipfile(path):  # torch logs what it stops with
        raise ImportFault(f"{path} is no exported program: write one by torch.export.save")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what torch warns itself of
            program = torch.export.load(path)
            unflattened = torch.export.unflatten(program)
    except Exception as error:  # noqa: BLE001  whatever its reader stops with, the file cannot be read
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ImportFault(f"{path} is no exported program that this torch reads: {first}") from None
    names = [str(name) for name in program.graph_signature.user_inputs]
    nodes = {node.name: node for node in program.graph.nodes}
    values = {name: nodes[name].meta["val"] for name in names if isinstance(nodes[name].meta.get("val"), Tensor)}
    if not values:
        raise ImportFault(f"{path} has no input that is a tensor")
    if any(map(_trains, program.graph.nodes)):
        raise ImportFault(f"{path} was exported in training: export it after module.eval()")
    first_size = next(iter(values.values())).shape[0]
    plan = Plan(first_size if isinstance(first_size, int) else 0)
    try:
        made = _part(unflattened, _class_of(program.graph), plan)
    except ImportFault as fault:
        raise ImportFault(f"{path} has {fault}") from None
    outputs = program.call_spec.out_spec
    made.forward = _signed(made, plan, tuple(values), outputs)  # type: ignore[method-assign]
    samples = {name: _sample(value) for name, value in values.items()}
    _require_equal(
        path, made.eval(), program.module(), [one.expand(plan.traced or 2, *one.shape[1:]) for one in samples.values()]
    )
    return made, samples


def _require_equal(path: Path, made: nn.Module, program: nn.Module, samples: Sequence[Tensor]) -> None:
    """Raises ImportFault where the modules do not give what the program gives; what holds no fractions is nought."""
    drawn = torch.Generator().manual_seed(0)
    given = [one + torch.rand(one.shape, generator=drawn) if one.is_floating_point() else one for one in samples]
    # With gradients: without them nn.MultiheadAttention sums in another order.
    ours, theirs = (tree_flatten(one(*given))[0] for one in (made, program))
    if len(ours) != len(theirs) or not all(map(torch.equal, ours, theirs)):
        raise ImportFault(f"{path}: the modules that were exported do not give what the program gives")


def _trains(node: fx.Node) -> bool:
    """Whether an operator is told that it runs in training, as dropout and batch norm are."""
    if not isinstance(node.target, torch._ops.OpOverload):
        return False
    names = [argument.name for argument in node.target._schema.arguments]
    return any(name in ("train", "training") and value is True for name, value in zip(names, node.args, strict=False))


def _class_of(graph: fx.Graph) -> str:
    """The class that was exported, as every call says it."""
    stacks = (node.meta.get("nn_module_stack") or {} for node in graph.nodes)
    names = (str(kind) for stack in stacks for path, kind in list(stack.values())[:1] if not path)
    return next((name for name in names if "." in name), "")


def _sample(value: Tensor) -> Tensor:
    """Zeros as one sample of it; an open size is what the exporter saw."""
    sizes: list[Any] = list(value.shape[1:])
    return torch.zeros(
        (1, *(size.node.hint if isinstance(size, torch.SymInt) else size for size in sizes)), dtype=value.dtype
    )


def _signed(made: "Part", plan: Plan, names: Sequence[str], outputs: TreeSpec) -> Callable[..., object]:
    """The network's forward under the names of its inputs and outputs, which says how many samples run."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    signature = inspect.Signature([inspect.Parameter(name, kind) for name in names])

    def forward(*given: Tensor, **named: Tensor) -> object:
        values = list(signature.bind(*given, **named).arguments.values())
        plan.batch = values[0].shape[0]
        given_back = Part.forward(made, *values)
        flat = given_back if isinstance(given_back, tuple) else (given_back,)
        return tree_unflatten(flat, outputs)

    forward.__signature__ = signature  # type: ignore[attr-defined]
    return forward


class Part(nn.Module):
    """A module of the program.

    Args:
        graph: what it runs.
        plan: what all parts share.
    """

    def __init__(self, graph: fx.Graph, plan: Plan) -> None:
        super().__init__()
        self.graph, self.plan = graph, plan
        self.calls = {
            node: function_of(node.target)
            for node in graph.nodes
            if node.op == "call_function" and name_of(node.target) not in NOTHING
        }

    def forward(self, *values: Tensor) -> object:
        """Runs the graph."""
        given = iter(values)
        seen: dict[fx.Node, Any] = {}
        for node in self.graph.nodes:
            if node.op == "placeholder":
                seen[node] = next(given)
            elif node.op == "get_attr":
                seen[node] = _reached(self, str(node.target))
            elif node.op == "call_module":
                module = _reached(self, str(node.target).partition(AGAIN)[0])
                seen[node] = _called(module, fx.map_arg(node.args, seen.__getitem__))
            elif node in self.calls:
                args, kwargs = fx.map_arg((node.args, node.kwargs), seen.__getitem__)
                seen[node] = self.calls[node](*self._of_this_batch(node, args), **kwargs)
            elif node.op == "output":
                return _single(fx.map_arg(node.args[0], seen.__getitem__))
        return None

    def _of_this_batch(self, node: fx.Node, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Sizes with as many samples as run, where they were exported with another number."""
        plan, name = self.plan, name_of(node.target)
        if not plan.traced or plan.traced == plan.batch or len(args) < 2 or not isinstance(args[1], list | tuple):
            return args
        x, sizes, *rest = args
        if name in SHAPED:
            return (x, for_samples(sizes, x.shape, plan.batch, plan.traced), *rest)
        if name == "expand" and sizes and sizes[0] == plan.traced:
            return (x, [plan.batch, *sizes[1:]], *rest)
        return args


def _called(module: nn.Module, args: tuple[Any, ...]) -> Any:
    """What a module gives. Attention to oneself reads one value three times."""
    if isinstance(module, nn.MultiheadAttention):
        x = next(one for one in args if isinstance(one, Tensor))  # sizes stand beside it
        return module(x, x, x, need_weights=False)[0]
    return module(*args)


def _single(made: Any) -> Any:
    """One output by itself; several as a tuple."""
    if isinstance(made, tuple | list):
        return made[0] if len(made) == 1 else tuple(made)
    return made


def _reached(module: nn.Module, path: str) -> Any:
    """What a dotted name leads to."""
    found: Any = module
    for name in path.split("."):
        found = getattr(found, name)
    return found


def _part(module: nn.Module, name: str, plan: Plan) -> "Part":
    """The part for a module that was unflattened, with everything inside."""
    graph: fx.Graph = module.graph  # type: ignore[assignment]
    made = plan.kind(name, Part)(graph, plan)
    _fill(made, module, plan)
    return made


def _fill(made: nn.Module, module: nn.Module, plan: Plan) -> None:
    """Gives a part the parameters, buffers and modules that the module has, in its order."""
    for name, parameter in module.named_parameters(recurse=False):
        made.register_parameter(name, parameter)
    for name, buffer in module.named_buffers(recurse=False):
        made.register_buffer(name, buffer, persistent=name not in module._non_persistent_buffers_set)
    for name, held in vars(module).items():
        if isinstance(held, Tensor):
            setattr(made, name, held)  # a constant
    for name, child in module.named_children():
        if AGAIN not in name and _runs(child, name, module):
            made.add_module(name, _again(child, plan))


def _runs(child: nn.Module, name: str, module: nn.Module) -> bool:
    """Whether the program calls it, what is inside, or reads a tensor of it. An exported program keeps all tensors."""
    if any(isinstance(one, InterpreterModule) for one in child.modules()):
        return True
    graph = getattr(module, "graph", None)
    return graph is None or any(
        node.op == "get_attr" and str(node.target).startswith(f"{name}.") for node in graph.nodes
    )


def _again(module: nn.Module, plan: Plan) -> nn.Module:
    """The module that was exported: a layer of torch.nn, a chain, a list that is not called, or a part."""
    if not isinstance(module, InterpreterModule):
        numbered = [name for name, _ in module.named_children()]
        listed = numbered == [str(number) for number in range(len(numbered))] and bool(numbered)
        made: nn.Module = nn.ModuleList() if listed else nn.Module()
        _fill(made, module, plan)
        return made
    kind = module.type_name() or ""
    own = _layer(module, kind) or _attention(module, kind) or _chain(module, kind, plan)
    return own if own is not None else _part(module, kind, plan)


def _layer(module: InterpreterModule, kind: str) -> nn.Module | None:
    """A layer of torch.nn, where one operator reads its input and its own weights, and nothing else is there."""
    calls = [node for node in module.graph.nodes if node.op == "call_function"]
    calls = [node for node in calls if not (name_of(node.target) == "add_" and not node.users)]  # counts batches
    inputs = [node for node in module.graph.nodes if node.op == "placeholder"]
    if len(calls) != 1 or len(inputs) != 1 or any(node.op == "call_module" for node in module.graph.nodes):
        return None
    (call,) = calls
    args = [_reached(module, str(one.target)) if getattr(one, "op", "") == "get_attr" else one for one in call.args]
    return layer(kind, call.target, args, call.kwargs, module.state_dict())


def _attention(module: InterpreterModule, kind: str) -> nn.Module | None:
    """Attention to oneself: the heads are those of the one operator inside."""
    given = [node for node in module.graph.nodes if node.op == "placeholder"]
    inputs = [node for node in given if isinstance(node.meta.get("val"), Tensor)]
    core = [node for node in module.graph.nodes if name_of(node.target) == "scaled_dot_product_attention"]
    if kind != ATTENTION or len(inputs) != 1 or len(core) != 1 or len(core[0].args) > 3 or core[0].kwargs:
        return None
    state = module.state_dict()
    heads = core[0].args[0].meta["val"].shape[1]
    turned = any(name_of(user.target) == "transpose" for user in inputs[0].users)
    width = state["out_proj.weight"].shape[0]
    made = nn.MultiheadAttention(width, heads, bias="in_proj_bias" in state, batch_first=turned)
    if made.state_dict().keys() != state.keys():
        return None
    made.load_state_dict(state)
    return made.eval()


def _chain(module: InterpreterModule, kind: str, plan: Plan) -> nn.Module | None:
    """A Sequential, or a class of that kind, whose modules are called one after the other."""
    children = [name for name, _ in module.named_children()]
    if kind != SEQUENTIAL and children != [str(number) for number in range(len(children))]:
        return None
    last: fx.Node | None = None
    called: list[str] = []
    for node in module.graph.nodes:
        if node.op == "placeholder" and last is None:
            last = node
        elif node.op == "call_module" and node.args == (last,):
            called.append(str(node.target))
            last = node
        elif not (node.op == "output" and node.args[0] in (last, (last,))):
            return None
    if not children or called != children:
        return None
    made = plan.kind(kind, nn.Sequential)()
    for name, child in module.named_children():
        made.add_module(name, _again(child, plan))
    return made
