"""Weights: operators that hold weights, as modules of torch with these weights in them."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import cast

import torch
from torch import nn

from archspec.importer.onnx.read import Constant, Node
from archspec.importer.refused import ImportFault

CONVS: Mapping[int, Callable[..., nn.Module]] = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
TRANSPOSED: Mapping[int, Callable[..., nn.Module]] = {
    1: nn.ConvTranspose1d,
    2: nn.ConvTranspose2d,
    3: nn.ConvTranspose3d,
}
NORMS: Mapping[int, Callable[..., nn.Module]] = {
    2: nn.BatchNorm1d,
    3: nn.BatchNorm1d,
    4: nn.BatchNorm2d,
    5: nn.BatchNorm3d,
}
INSTANCE: Mapping[int, Callable[..., nn.Module]] = {
    3: nn.InstanceNorm1d,
    4: nn.InstanceNorm2d,
    5: nn.InstanceNorm3d,
}

Weights = Mapping[str, Constant]


def held(node: Node, constants: Weights) -> bool:
    """Whether a node is a module with weights."""
    wanted = HOLDS.get(node.op)
    if wanted is None:
        return False
    inputs = node.inputs[wanted[0] : wanted[1]]
    if not all(name in constants for name in inputs):
        return False
    match node.op:
        case "MatMul":
            return constants[node.inputs[1]].ndim == 2
        case "Gather":
            table = constants[node.inputs[0]]
            return table.ndim == 2 and table.dtype.kind == "f" and not node.settings.get("axis")
        case "LayerNormalization":
            return node.settings.get("axis", -1) in (-1, None) or constants[node.inputs[1]].ndim > 1
    return True


def module(node: Node, constants: Weights, rank: int) -> nn.Module:
    """The module of a node that holds weights; `rank` is that of what it reads. Raises ImportFault."""
    if node.op in LAYERS:
        return LAYERS[node.op](node, constants).eval()
    given = [constants.get(name) for name in node.inputs]
    made = MODULES[node.op](node, [one for one in given if one is not None], rank)
    return made.eval()


def linear(weight: Constant, bias: Constant | None) -> nn.Module:
    """A linear layer of a weight (outputs, inputs)."""
    made = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    return _filled(made, {"weight": weight, "bias": bias})


def _filled(made: nn.Module, weights: Mapping[str, Constant | None]) -> nn.Module:
    with torch.no_grad():
        for name, value in weights.items():
            if value is not None:
                getattr(made, name).copy_(torch.from_numpy(value.copy()).reshape(getattr(made, name).shape))
    return made


def _conv(node: Node, given: list[Constant], _: int) -> nn.Module:
    weight, bias = given[0], given[1] if len(given) > 1 else None
    rank = weight.ndim - 2
    groups = cast("int", node.settings.get("group", 1))
    made = CONVS[rank](
        weight.shape[1] * groups,
        weight.shape[0],
        tuple(weight.shape[2:]),
        stride=_numbers(node, "strides", 1, rank),
        padding=padding_of(node, rank),
        dilation=_numbers(node, "dilations", 1, rank),
        groups=groups,
        bias=bias is not None,
    )
    return _filled(made, {"weight": weight, "bias": bias})


def _transposed(node: Node, given: list[Constant], _: int) -> nn.Module:
    weight, bias = given[0], given[1] if len(given) > 1 else None
    rank = weight.ndim - 2
    groups = cast("int", node.settings.get("group", 1))
    if "output_shape" in node.settings:
        raise ImportFault(f"{node.name or node.op} states the size of its output, which no spec does")
    made = TRANSPOSED[rank](
        weight.shape[0],
        weight.shape[1] * groups,
        tuple(weight.shape[2:]),
        stride=_numbers(node, "strides", 1, rank),
        padding=padding_of(node, rank),
        output_padding=_numbers(node, "output_padding", 0, rank),
        groups=groups,
        bias=bias is not None,
        dilation=_numbers(node, "dilations", 1, rank),
    )
    return _filled(made, {"weight": weight, "bias": bias})


def padding_of(node: Node, rank: int) -> "tuple[int, ...] | str":
    """The padding of a window, the same on both sides. Raises ImportFault for another."""
    auto = node.settings.get("auto_pad", b"NOTSET")
    if auto in (b"SAME_UPPER", b"SAME_LOWER"):
        if any(one != 1 for one in _numbers(node, "strides", 1, rank)):
            raise ImportFault(f"{node.name or node.op} pads as its input's size asks for, which no spec does")
        return "same"
    pads = cast("list[int]", node.settings.get("pads", [0] * (2 * rank)))
    if pads[:rank] != pads[rank:]:
        raise ImportFault(f"{node.name or node.op} pads {pads}, and not the same on both sides")
    return tuple(pads[:rank])


def _numbers(node: Node, name: str, default: int, rank: int) -> tuple[int, ...]:
    return tuple(cast("list[int]", node.settings.get(name, [default] * rank)))


def _gemm(node: Node, given: list[Constant], _: int) -> nn.Module:
    if node.settings.get("alpha", 1.0) != 1.0 or node.settings.get("beta", 1.0) != 1.0 or node.settings.get("transA"):
        raise ImportFault(f"{node.name or node.op} is no linear layer: it scales or turns what it reads")
    weight = given[0] if node.settings.get("transB") else given[0].T
    return linear(weight, given[1] if len(given) > 1 else None)


def _batch_norm(node: Node, given: list[Constant], rank: int) -> nn.Module:
    names = ("weight", "bias", "running_mean", "running_var")
    momentum = 1.0 - cast("float", node.settings.get("momentum", 0.9))
    made = NORMS[rank or 4](len(given[0]), eps=_epsilon(node), momentum=round(momentum, 6))
    return _filled(made, dict(zip(names, given, strict=True)))


def _instance_norm(node: Node, given: list[Constant], rank: int) -> nn.Module:
    made = INSTANCE[rank or 4](len(given[0]), eps=_epsilon(node), affine=True)
    return _filled(made, dict(zip(("weight", "bias"), given, strict=True)))


def _layer_norm(node: Node, given: list[Constant], _: int) -> nn.Module:
    made = nn.LayerNorm(tuple(given[0].shape), eps=_epsilon(node), bias=len(given) > 1)
    return _filled(made, dict(zip(("weight", "bias"), given, strict=False)))


def _prelu(_node: Node, given: list[Constant], _: int) -> nn.Module:
    return _filled(nn.PReLU(given[0].size), {"weight": given[0].reshape(-1)})


def _embedding(_node: Node, given: list[Constant], _: int) -> nn.Module:
    return _filled(nn.Embedding(*given[0].shape), {"weight": given[0]})


def _matmul(_node: Node, given: list[Constant], _: int) -> nn.Module:
    return linear(given[0].T, None)


def _epsilon(node: Node) -> float:
    return float(f"{cast('float', node.settings.get('epsilon', 1e-5)):.6g}")  # as written, and not as 32 bits hold it


MODULES: Mapping[str, Callable[[Node, list[Constant], int], nn.Module]] = {
    "Conv": _conv,
    "ConvTranspose": _transposed,
    "Gemm": _gemm,
    "MatMul": _matmul,
    "BatchNormalization": _batch_norm,
    "InstanceNormalization": _instance_norm,
    "LayerNormalization": _layer_norm,
    "PRelu": _prelu,
    "Gather": _embedding,
}

# Operator -> which of its inputs are weights: the first, and that behind the last.
HOLDS: Mapping[str, tuple[int, int | None]] = {
    "Conv": (1, None),
    "ConvTranspose": (1, None),
    "Gemm": (1, None),
    "MatMul": (1, 2),
    "BatchNormalization": (1, None),
    "InstanceNormalization": (1, None),
    "LayerNormalization": (1, None),
    "PRelu": (1, None),
    "Gather": (0, 1),
}


# -- layers that hold none, which stand in a list of modules ----------------------------------------------------------


def _clipped(node: Node, constants: Weights) -> nn.Module:
    low, high = (float(constants[name].reshape(-1)[0]) for name in node.inputs[1:3])
    return nn.ReLU6() if (low, high) == (0.0, 6.0) else nn.Hardtanh(low, high)


def _pool(node: Node, _: Weights) -> nn.Module:
    kernel = tuple(cast("list[int]", node.settings["kernel_shape"]))
    rank = len(kernel)
    padding = padding_of(node, rank)
    if isinstance(padding, str):
        raise ImportFault(f"{node.name or node.op} pads as its input's size asks for, which no spec does")
    stride, ceil = _numbers(node, "strides", 1, rank), bool(node.settings.get("ceil_mode", 0))
    if node.op == "MaxPool":
        return MAX_POOLS[rank](kernel, stride, padding, _numbers(node, "dilations", 1, rank), ceil_mode=ceil)
    counts = bool(node.settings.get("count_include_pad", 0))
    return AVERAGE_POOLS[rank](kernel, stride, padding, ceil, counts)


def _plain(kind: Callable[[], nn.Module]) -> Callable[[Node, Weights], nn.Module]:
    return lambda *_: kind()


MAX_POOLS: Mapping[int, Callable[..., nn.Module]] = {1: nn.MaxPool1d, 2: nn.MaxPool2d, 3: nn.MaxPool3d}
AVERAGE_POOLS: Mapping[int, Callable[..., nn.Module]] = {1: nn.AvgPool1d, 2: nn.AvgPool2d, 3: nn.AvgPool3d}

LAYERS: Mapping[str, Callable[[Node, Weights], nn.Module]] = {
    "Relu": _plain(nn.ReLU),
    "Sigmoid": _plain(nn.Sigmoid),
    "Tanh": _plain(nn.Tanh),
    "HardSwish": _plain(nn.Hardswish),
    "Softplus": _plain(nn.Softplus),
    "Mish": _plain(nn.Mish),
    "Identity": _plain(nn.Identity),
    "Dropout": _plain(nn.Dropout),
    "LeakyRelu": lambda node, _: nn.LeakyReLU(_rounded(node, "alpha", 0.01)),
    "Elu": lambda node, _: nn.ELU(_rounded(node, "alpha", 1.0)),
    "Gelu": lambda node, _: nn.GELU(cast("bytes", node.settings.get("approximate", b"none")).decode()),
    "Softmax": lambda node, _: nn.Softmax(cast("int", node.settings.get("axis", -1))),
    "Flatten": lambda node, _: nn.Flatten(cast("int", node.settings.get("axis", 1))),
    "GlobalAveragePool": _plain(partial(nn.AdaptiveAvgPool2d, 1)),
    "Clip": _clipped,
    "MaxPool": _pool,
    "AveragePool": _pool,
}


def _rounded(node: Node, name: str, default: float) -> float:
    return float(f"{cast('float', node.settings.get(name, default)):.6g}")
