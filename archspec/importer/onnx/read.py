"""Read: an ONNX file -> its nodes, with the paths of the modules that they come from.

torch has two exporters. The older names a node by its scopes, `/layer1/layer1.0/conv1/Conv`; the newer says them beside
it, with the classes. Other tools say nothing: then all stands in one module.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from archspec.importer.refused import ImportFault
from archspec.values.dataclass import dataclass
from archspec.values.shape import DType

Constant = npt.NDArray[np.generic]
KINDS: Mapping[int, DType] = {
    onnx.TensorProto.FLOAT: "float",
    onnx.TensorProto.INT64: "int",
    onnx.TensorProto.INT32: "int",
    onnx.TensorProto.BOOL: "bool",
}
SCOPES = "pkg.torch.onnx.name_scopes"
CLASSES = "pkg.torch.onnx.class_hierarchy"


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One operator.

    Attributes:
        op: its type, `Conv`.
        name: its own, as the file has it.
        inputs: names of values; "" where one is left out.
        outputs: names of values.
        settings: its attributes.
        path: of the module that it comes from, "." between names.
        proto: as onnx has it.
        weighted: it is a module that holds weights.
        label: what that module is called in the one around it; "" where nobody says.
    """

    op: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    settings: Mapping[str, object]
    path: tuple[str, ...]
    proto: onnx.NodeProto
    weighted: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A file.

    Attributes:
        name: of the network.
        nodes: in an order in which they run.
        constants: value -> numbers.
        inputs: value -> its dimensions, None where any size goes, and what it holds.
        outputs: values.
        ranks: value -> number of its dimensions, as far as that is known.
        opset: version of the operators.
        classes: path of a module -> the name of its class, where the file says it.
    """

    name: str
    nodes: tuple[Node, ...]
    constants: Mapping[str, Constant]
    inputs: Mapping[str, tuple[tuple[int | None, ...], DType]]
    outputs: tuple[str, ...]
    ranks: Mapping[str, int] = field(default_factory=dict)
    opset: int = 0
    classes: Mapping[tuple[str, ...], str] = field(default_factory=dict)


def read(path: Path) -> Model:
    """The model in a file. Raises ImportFault where it is none."""
    try:
        model = onnx.load(str(path))
        model = onnx.shape_inference.infer_shapes(model)
    except Exception as fault:
        raise ImportFault(f"{path} is no ONNX model: {fault}") from fault
    graph = model.graph
    constants = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    nodes: list[Node] = []
    for proto in graph.node:
        node = _node(proto)
        if node.op == "Constant":
            constants[node.outputs[0]] = _constant(node)
        elif node.op == "Identity" and node.inputs[0] in constants:
            constants[node.outputs[0]] = constants[node.inputs[0]].copy()
        else:
            nodes.append(node)
    known = [*graph.input, *graph.value_info, *graph.output]
    ranks = {one.name: len(one.type.tensor_type.shape.dim) for one in known if one.type.tensor_type.HasField("shape")}
    made = Model(
        path.stem,
        tuple(nodes),
        constants,
        {one.name: _input(one) for one in graph.input if one.name not in constants},
        tuple(one.name for one in graph.output),
        ranks,
        next((one.version for one in model.opset_import if not one.domain), 0),
        dict(pair for proto in graph.node for pair in _classes(proto)),
    )
    return replace(made, nodes=tuple(_in_modules(made)))


def _node(proto: onnx.NodeProto) -> Node:
    settings = {one.name: onnx.helper.get_attribute_value(one) for one in proto.attribute}
    told = next((one.value for one in proto.metadata_props if one.key == SCOPES), "")
    path = _told(told) if told else _named(proto.name)
    return Node(proto.op_type, proto.name, tuple(proto.input), tuple(proto.output), settings, path, proto)


def _classes(proto: onnx.NodeProto) -> Iterator[tuple[tuple[str, ...], str]]:
    """The modules around a node with the names of their classes, as the newer exporter says them."""
    said = {one.key: one.value for one in proto.metadata_props}
    if SCOPES in said and CLASSES in said:
        names, classes = ast.literal_eval(said[SCOPES]), ast.literal_eval(said[CLASSES])
        for name, kind in zip(names[:-1], classes[:-1], strict=False):
            yield tuple(part for part in name.split(".") if part), kind.rpartition(".")[2]


def _told(scopes: str) -> tuple[str, ...]:
    """`['', 'layer1', 'layer1.0', 'add']` -> (layer1, 0): the last is the operator."""
    names = [str(name) for name in ast.literal_eval(scopes)]
    return tuple(part for part in (names[-2] if len(names) > 1 else "").split(".") if part)


def _named(name: str) -> tuple[str, ...]:
    """`/layer1/layer1.0/conv1/Conv` -> (layer1, 0, conv1): of a list, scopes have its name before their own."""
    parts: list[str] = []
    before = ""
    for scope in name.split("/")[1:-1]:
        parts += scope.removeprefix(f"{before}.").split(".") if before else scope.split(".")
        before = scope
    return tuple(parts)


def _constant(node: Node) -> Constant:
    for name, value in node.settings.items():
        if name == "value":
            return numpy_helper.to_array(cast("onnx.TensorProto", value))
        if name in ("value_float", "value_int", "value_floats", "value_ints"):
            return np.array(value, dtype=np.float32 if "float" in name else np.int64)
    raise ImportFault(f"constant {node.name} holds no numbers")


def _input(value: onnx.ValueInfoProto) -> tuple[tuple[int | None, ...], DType]:
    held = value.type.tensor_type
    dims = tuple(dim.dim_value if dim.HasField("dim_value") else None for dim in held.shape.dim)
    kind = KINDS.get(held.elem_type)
    if kind is None:
        raise ImportFault(
            f"input {value.name} holds {onnx.TensorProto.DataType.Name(held.elem_type)}, which no spec has"
        )
    return dims, kind


def _in_modules(model: Model) -> Iterator[Node]:
    """The nodes, each with the path of the module that holds it: what holds weights has the name of these."""
    for node in model.nodes:
        weights = (name for name in node.inputs[1:] if name in model.constants)
        owner = next((name.split(".")[:-1] for name in weights if is_weight(name)), None)
        yield replace(node, path=tuple(owner)) if owner is not None else node


def is_weight(name: str) -> bool:
    """Whether a constant is called as in a state_dict: `layer1.0.conv1.weight`."""
    parts: Sequence[str] = name.split(".")
    named = all(part.replace("_", "a").isalnum() for part in parts)
    return len(parts) > 1 and parts[-1] in ("weight", "bias") and named
