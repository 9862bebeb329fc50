"""Parts: the modules of an ONNX model, each of which runs its operators and the modules inside of it."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import reduce
from keyword import iskeyword
from string import digits
from typing import cast

import numpy as np
import onnx
import torch
from onnx.reference import ReferenceEvaluator
from torch import Tensor, nn

from archspec.importer.onnx.operators import OPERATORS, Call, Value
from archspec.importer.onnx.read import Constant, Model, Node, is_weight
from archspec.importer.onnx.scopes import Scope, scope
from archspec.importer.onnx.weights import held, module
from archspec.importer.refused import ImportFault
from archspec.values.dataclass import dataclass

NETWORK = "Network"


@dataclass(slots=True, eq=False)
class Plan:
    """What all parts of a model share.

    Attributes:
        model: it, without what is constant.
        makers: value that is known once sizes are -> the node that makes it.
        needs: node, by its first output -> the values that it needs.
        traced: how many samples the file was made with, 0 where any number goes.
        batch: how many samples run.
        modules: what holds weights, by their names.
        kinds: classes by their names.
    """

    model: Model
    makers: Mapping[str, Node]
    needs: Mapping[str, frozenset[str]]
    traced: int
    batch: int = 1
    modules: dict[tuple[str, ...], nn.Module] = field(default_factory=dict)
    kinds: "dict[str, type[Part]]" = field(default_factory=dict)

    def kind(self, name: str) -> "type[Part]":
        """The class of parts that a spec's block is called by, the same for all of one name."""
        return self.kinds.setdefault(name, type(name, (Part,), {"__doc__": ""}))

    def value(self, name: str, seen: Mapping[str, Tensor]) -> Value:
        """A value: made in a run, held by the file, or following from these."""
        if not name:
            return None
        if name in seen:
            return seen[name]
        if name in self.model.constants:
            return self.model.constants[name]
        node = self.makers[name]
        if node.op == "Shape":
            read = self.value(node.inputs[0], seen)
            sizes = tuple(cast("Tensor | Constant", read).shape)
            first, last = cast("int", node.settings.get("start", 0)), cast("int | None", node.settings.get("end"))
            return np.array(sizes[first:last], dtype=np.int64)
        read_all = [self.value(one, seen) for one in node.inputs]
        return evaluated(self.model, node, cast("list[Constant | None]", read_all))[node.outputs.index(name)]


def evaluated(model: Model, node: Node, values: Sequence[Constant | None]) -> list[Constant]:
    """What a node makes of constants."""
    graph = onnx.helper.make_graph(
        [node.proto],
        "one",
        [
            onnx.helper.make_tensor_value_info(name, onnx.helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
            for name, value in zip(node.inputs, values, strict=True)
            if value is not None
        ],
        [onnx.helper.make_empty_tensor_value_info(name) for name in node.outputs],
    )
    one = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", model.opset)])
    given = {name: value for name, value in zip(node.inputs, values, strict=True) if value is not None}
    return [np.asarray(value) for value in ReferenceEvaluator(one).run(None, given)]


def network(model: Model, *, in_modules: bool = True) -> nn.Module:
    """The model as a module, in which each operator stands in the module that it comes from, or all in one.

    Raises:
        ImportFault: it has an operator that no spec can say.
    """
    model = _joined(_folded(model))
    if not in_modules:
        model = replace(model, nodes=tuple(replace(node, path=()) for node in model.nodes))
    makers = _sized(model)
    nodes = [node for node in model.nodes if not any(output in makers for output in node.outputs)]
    missing = sorted({node.op for node in nodes if node.op not in OPERATORS and not node.weighted})
    if missing:
        raise ImportFault(f"{model.name} has operators that cannot be said: {', '.join(missing)}")
    needs = {node.outputs[0]: frozenset(_tensors(node, model, makers)) for node in nodes}
    first = next(iter(model.inputs.values()), ((), ""))[0]
    plan = Plan(model, makers, needs, (first[0] or 0) if first else 0)
    made = plan.kind(_camel(model.name) or NETWORK)(scope(nodes, needs), plan, tuple(model.inputs), model.outputs)
    made.forward = _signed(made, tuple(model.inputs))  # type: ignore[method-assign]
    return made


def _camel(name: str) -> str:
    """`resnet18_small` -> `Resnet18Small`; "" where that is no name."""
    words = "".join(one if one.isalnum() else " " for one in name).split()
    made = "".join(word[0].upper() + word[1:] for word in words)
    return made if made.isidentifier() else ""


def arguments(names: Sequence[str]) -> tuple[str, ...]:
    """What inputs are called in Python: `input.1` is `input_1`."""
    made = ["".join(one if one.isalnum() else "_" for one in name).strip("_") for name in names]
    return tuple(
        name if name.isidentifier() and not iskeyword(name) else f"x{at or ''}" for at, name in enumerate(made)
    )


def _signed(made: "Part", names: Sequence[str]) -> Callable[..., object]:
    """The network's forward under the names of its inputs, which says how many samples run."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    signature = inspect.Signature([inspect.Parameter(name, kind) for name in arguments(names)])

    def forward(*given: Tensor, **named: Tensor) -> object:
        values = list(signature.bind(*given, **named).arguments.values())
        made.plan.batch = values[0].shape[0]
        return Part.forward(made, *values)

    forward.__signature__ = signature  # type: ignore[attr-defined]
    return forward


class Part(nn.Module):
    """A module of the model.

    Args:
        held: what it runs.
        plan: what all parts share.
        takes: the values that it reads.
        gives: the values that it gives.
        path: of it.
    """

    def __init__(
        self, held: Scope, plan: Plan, takes: tuple[str, ...], gives: tuple[str, ...], path: tuple[str, ...] = ()
    ) -> None:
        super().__init__()
        self.plan, self.takes, self.gives = plan, takes, gives
        self.steps: list[tuple[str, Node | Part]] = []
        self.attributes: dict[str, str] = {}  # constant -> the parameter that holds it
        read_later = _readers(held, gives, plan)
        for at, step in enumerate(held.steps):
            if isinstance(step, Scope):
                inner = _part(step, plan, read_later[at + 1], (*path, step.name))
                self.add_module(self._free(step.name), inner)
                self.steps.append((step.name, inner))
            elif step.weighted:
                self.steps.append((self._weighted(step), step))
            else:
                self._constants(step)
                self.steps.append(("", step))

    def _free(self, name: str) -> str:
        """The name, or one like it that is no attribute yet."""
        found, number = name, 2
        while hasattr(self, found):
            found, number = f"{name}_{number}", number + 1
        return found

    def _weighted(self, node: Node) -> str:
        """Adds the module of a node with weights, where another node does not have it already."""
        constants = self.plan.model.constants
        key = tuple(name for name in node.inputs if name in constants) or node.outputs
        known = next((name for name, one in self.named_children() if self.plan.modules.get(key) is one), "")
        if known:
            return known
        name = self._free(node.label or node.op.lower())
        data = next((one for one in node.inputs if one not in constants), "")
        made = self.plan.modules.get(key) or module(node, constants, self.plan.model.ranks.get(data, 0))
        self.plan.modules[key] = made
        self.add_module(name, made)
        return name

    def _constants(self, node: Node) -> None:
        """Keeps the constants of several numbers that arithmetic reads."""
        for name in node.inputs:
            value = self.plan.model.constants.get(name)
            if value is None or value.size <= 1 or value.dtype.kind != "f" or name in self.attributes:
                continue
            self.attributes[name] = self._free(_attribute(name))  # two modules may each have a `scale`
            self.register_parameter(self.attributes[name], nn.Parameter(torch.from_numpy(value.copy())))

    def forward(self, *values: Tensor) -> object:
        """Runs the steps in their order."""
        seen = dict(zip(self.takes, values, strict=True))
        given: Sequence[Tensor]
        for name, step in self.steps:
            if isinstance(step, Part):
                made = step(*(seen[one] for one in step.takes))
                outputs, given = step.gives, made if isinstance(made, tuple) else (made,)
            elif name:
                data = next(one for one in step.inputs if one not in self.plan.model.constants)
                outputs, given = step.outputs, (getattr(self, name)(seen[data]),)
            else:
                outputs, given = step.outputs, self._run(step, seen)
            seen |= dict(zip(outputs, given, strict=False))
        found = tuple(seen[name] for name in self.gives)
        return found if len(found) > 1 else found[0]

    def _run(self, node: Node, seen: Mapping[str, Tensor]) -> Sequence[Tensor]:
        values = [self._value(name, seen) for name in node.inputs]
        made = OPERATORS[node.op](Call(node, values, self.plan.batch, self.plan.traced))
        return (made,) if isinstance(made, Tensor) else made

    def _value(self, name: str, seen: Mapping[str, Tensor]) -> Value:
        """A value, or the constant that this part holds."""
        held = self.attributes.get(name)
        return self.plan.value(name, seen) if held is None else self.get_parameter(held)


def _part(held: Scope, plan: Plan, later: frozenset[str], path: tuple[str, ...]) -> "Part":
    """The part of a scope inside of another; `later` are the values that are read behind it."""
    made = {output for node in held.nodes for output in node.outputs}
    takes = dict.fromkeys(
        name for node in held.nodes for name in sorted(plan.needs[node.outputs[0]]) if name not in made
    )
    gives = tuple(output for node in held.nodes for output in node.outputs if output in later)
    return plan.kind(_class_name(held, path, plan))(held, plan, tuple(takes), gives, path)


def _class_name(held: Scope, path: tuple[str, ...], plan: Plan) -> str:
    """The class that the file names; else the module's own name without its number, or that of the list around it."""
    if path in plan.model.classes:
        return plan.model.classes[path]
    stem = held.name.rstrip(digits).rstrip("_")
    if stem:
        return stem
    around = next((name for name in reversed(path) if name.rstrip(digits)), "")
    return f"{around.rstrip(digits)}_part" if around else "part"


def _readers(held: Scope, gives: Sequence[str], plan: Plan) -> list[frozenset[str]]:
    """For each step, and behind the last, the values that are read from there on."""
    later = [frozenset(gives)]
    for step in reversed(held.steps):
        nodes = step.nodes if isinstance(step, Scope) else (step,)
        later.append(reduce(frozenset.union, (plan.needs[node.outputs[0]] for node in nodes), later[-1]))
    return later[::-1]


def _attribute(name: str) -> str:
    """What a constant is called as an attribute: `encoder.pos_embedding` is `pos_embedding`."""
    last = name.replace("/", ".").replace(":", ".").rstrip(".").split(".")[-1]
    return last if last.isidentifier() else f"constant_{''.join(c if c.isalnum() else '_' for c in last)}"


# -- before anything is made ------------------------------------------------------------------------------------------


def _folded(model: Model) -> Model:
    """The model without what follows from constants alone, and with what holds weights marked."""
    constants = dict(model.constants)
    nodes: list[Node] = []
    for node in model.nodes:
        if node.inputs and all(name in constants for name in node.inputs if name):
            values = [constants[name] if name else None for name in node.inputs]
            constants |= dict(zip(node.outputs, evaluated(model, node, values), strict=True))
        else:
            nodes.append(replace(node, weighted=held(node, constants)))
    return replace(model, nodes=tuple(nodes), constants=constants)


def _joined(model: Model) -> Model:
    """The model in which a product with a matrix and the sum behind it are one linear layer."""
    readers: dict[str, list[Node]] = {}
    for node in model.nodes:
        for name in node.inputs:
            readers.setdefault(name, []).append(node)
    joined: dict[str, Node] = {}
    gone: set[str] = set()
    for node in model.nodes:
        if node.op != "MatMul" or not node.weighted or node.outputs[0] in model.outputs:
            continue
        after = readers.get(node.outputs[0], [])
        bias = _bias(after[0], node.outputs[0], model) if len(after) == 1 else ""
        if bias and model.constants[bias].shape == model.constants[node.inputs[1]].shape[1:]:
            joined[after[0].outputs[0]] = replace(
                node, op="Gemm", inputs=(*node.inputs, bias), outputs=after[0].outputs, path=_module_of(bias, node.path)
            )
            gone.add(node.outputs[0])
    kept = (joined.get(node.outputs[0], node) for node in model.nodes if node.outputs[0] not in gone)
    return replace(model, nodes=tuple(kept))


def _bias(node: Node, value: str, model: Model) -> str:
    """The constant that a sum adds to a value; "" where it is none."""
    if node.op != "Add":
        return ""
    other = next((name for name in node.inputs if name != value), "")
    return other if other in model.constants else ""


def _module_of(bias: str, path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(bias.split(".")[:-1]) if is_weight(bias) else path


def _sized(model: Model) -> dict[str, Node]:
    """What is known once sizes are: shapes, and what follows from them."""
    found: dict[str, Node] = {}
    for node in model.nodes:
        named = [name for name in node.inputs if name]
        held = {name for name in named if name in model.constants and _is_size(model.constants[name])}
        follows = any(name in found for name in named) and all(name in found or name in held for name in named)
        if node.op == "Shape" or follows:
            found |= dict.fromkeys(node.outputs, node)
    return found


def _is_size(value: Constant) -> bool:
    """Whether a constant may be one of sizes: whole numbers, or one number."""
    return value.dtype.kind in "iub" or value.size == 1


def _tensors(node: Node, model: Model, makers: Mapping[str, Node]) -> Iterator[str]:
    """The values that have to be there before a node runs."""
    for name in node.inputs:
        if name in makers:
            yield from _tensors(makers[name], model, makers)
        elif name and name not in model.constants:
            yield name
