"""Operators: those that hold no weights, as calls of torch.

    OPERATORS["Relu"](call)  ->  F.relu(x)

What is known before anything runs, such as the shape that a Reshape asks for, comes as an array of numpy.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from archspec.importer.onnx.read import Constant, Node
from archspec.importer.onnx.weights import padding_of
from archspec.importer.refused import ImportFault
from archspec.importer.stated_sizes import for_samples
from archspec.values.dataclass import dataclass

Value: TypeAlias = "Tensor | Constant | None"


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One operator with what it reads.

    Attributes:
        node: it.
        values: of its inputs; None where one is left out.
        batch: how many samples run; the file may say another number.
        traced: how many samples the file was made with; 0 where any number goes.
    """

    node: Node
    values: Sequence[Value]
    batch: int
    traced: int

    @property
    def x(self) -> Tensor:
        """The first input."""
        return self.tensor(0)

    def tensor(self, at: int) -> Tensor:
        """An input that only a run knows."""
        value = self.values[at]
        if not isinstance(value, Tensor):
            raise ImportFault(
                f"{self.node.op} {self.node.name} reads a constant where a value is wanted".replace("  ", " ")
            )
        return value

    def known(self, at: int, name: str = "") -> list[int] | None:
        """Whole numbers: of an input, or in old files of an attribute; None where they are left out."""
        value = self.values[at] if at < len(self.values) else None
        if value is None:
            said = self.node.settings.get(name)
            return None if said is None else [int(one) for one in np.ravel(cast("list[int]", said))]
        if isinstance(value, Tensor):
            raise ImportFault(
                f"{self.node.op} {self.node.name}: which sizes it makes only a run knows".replace("  ", " ")
            )
        return [int(one) for one in np.ravel(value)]

    def number(self, at: int, name: str, default: float | None) -> float | None:
        """A number: of an input, or of an attribute."""
        value = self.values[at] if at < len(self.values) else None
        if isinstance(value, np.ndarray):
            return _number(value)
        return cast("float | None", self.node.settings.get(name, default))

    def setting(self, name: str, default: object) -> object:
        """An attribute."""
        return self.node.settings.get(name, default)

    def whole(self, name: str, default: int) -> int:
        """An attribute that is a whole number."""
        return int(cast("int", self.node.settings.get(name, default)))

    def operand(self, at: int) -> "Tensor | float":
        """An input of arithmetic: a constant of one number is that number."""
        value = self.values[at]
        return value if isinstance(value, Tensor) else _number(cast("Constant", value))


Operator: TypeAlias = Callable[[Call], "Tensor | Sequence[Tensor]"]


def _number(value: Constant) -> float:
    """A constant of one number as a number that people write: 0.1, and not what 32 bits make of it."""
    one = value.reshape(-1)[0]
    return float(str(one)) if value.dtype.kind == "f" else one.item()


def _unary(of: Callable[[Tensor], Tensor]) -> Operator:
    return lambda call: of(call.x)


def _binary(of: Callable[..., Tensor]) -> Operator:
    return lambda call: of(call.operand(0), call.operand(1))


def _clip(call: Call) -> Tensor:
    low, high = call.number(1, "min", None), call.number(2, "max", None)
    if (low, high) == (0.0, 6.0):
        return F.relu6(call.x)
    return torch.clamp(call.x, min=low, max=high)


def _hard_sigmoid(call: Call) -> Tensor:
    alpha = cast("float", call.setting("alpha", 0.2))
    if abs(alpha - 1 / 6) < 1e-6:
        return F.hardsigmoid(call.x)
    return torch.clamp(call.x * round(alpha, 6) + cast("float", call.setting("beta", 0.5)), min=0.0, max=1.0)


def _gelu(call: Call) -> Tensor:
    return F.gelu(call.x, approximate=cast("bytes", call.setting("approximate", b"none")).decode())


def _softmax(call: Call) -> Tensor:
    return F.softmax(call.x, dim=call.whole("axis", -1))


def _pooled(call: Call) -> Tensor:
    kernel = tuple(cast("list[int]", call.setting("kernel_shape", [])))
    rank = len(kernel)
    padding = padding_of(call.node, rank)
    if padding == "same":
        raise ImportFault(f"{call.node.name} pads as its input's size asks for, which no spec does")
    stride = tuple(cast("list[int]", call.setting("strides", [1] * rank)))
    ceil = bool(call.setting("ceil_mode", 0))
    if call.node.op == "MaxPool":
        dilation = tuple(cast("list[int]", call.setting("dilations", [1] * rank)))
        return POOLS["max", rank](call.x, kernel, stride, padding, dilation, ceil_mode=ceil)
    counts = bool(call.setting("count_include_pad", 0))
    return POOLS["avg", rank](call.x, kernel, stride, padding, ceil_mode=ceil, count_include_pad=counts)


POOLS: Mapping[tuple[str, int], Callable[..., Tensor]] = {
    ("max", 1): F.max_pool1d,
    ("max", 2): F.max_pool2d,
    ("max", 3): F.max_pool3d,
    ("avg", 1): F.avg_pool1d,
    ("avg", 2): F.avg_pool2d,
    ("avg", 3): F.avg_pool3d,
}
GLOBAL: Mapping[tuple[str, int], Callable[..., Tensor]] = {
    ("GlobalAveragePool", 1): F.adaptive_avg_pool1d,
    ("GlobalAveragePool", 2): F.adaptive_avg_pool2d,
    ("GlobalAveragePool", 3): F.adaptive_avg_pool3d,
    ("GlobalMaxPool", 1): F.adaptive_max_pool1d,
    ("GlobalMaxPool", 2): F.adaptive_max_pool2d,
    ("GlobalMaxPool", 3): F.adaptive_max_pool3d,
}


def _global(call: Call) -> Tensor:
    return GLOBAL[call.node.op, call.x.dim() - 2](call.x, 1)


def _reshape(call: Call) -> Tensor:
    wanted = call.known(1, "shape") or []
    x = call.x
    sizes = [x.shape[at] if size == 0 else size for at, size in enumerate(wanted)]
    if call.traced and call.traced != call.batch:
        sizes = for_samples(sizes, x.shape, call.batch, call.traced)
    if len(sizes) == 2 and sizes[0] == x.shape[0] and x.dim() > 2:
        return torch.flatten(x, 1)
    return x.reshape(sizes)


def _flatten(call: Call) -> Tensor:
    return torch.flatten(call.x, call.whole("axis", 1))


def _transpose(call: Call) -> Tensor:
    order = cast("list[int]", call.setting("perm", list(range(call.x.dim()))[::-1]))
    moved = [at for at, dim in enumerate(order) if at != dim]
    return call.x.transpose(*moved) if len(moved) == 2 else call.x.permute(*order)


def _squeezed(call: Call) -> Tensor:
    x = call.x
    for axis in sorted((axis % x.dim() for axis in call.known(1, "axes") or []), reverse=True):
        x = x.squeeze(axis)
    return x


def _unsqueezed(call: Call) -> Tensor:
    x = call.x
    axes = call.known(1, "axes") or []
    for axis in sorted(axis % (x.dim() + len(axes)) for axis in axes):
        x = x.unsqueeze(axis)
    return x


def _concat(call: Call) -> Tensor:
    axis = call.whole("axis", 0)
    return torch.cat([_of_all(call, call.tensor(at), axis) for at in range(len(call.values))], dim=axis)


def _of_all(call: Call, value: Tensor, axis: int) -> Tensor:
    """A constant that stands beside samples, for each of them: the token of a class."""
    held = isinstance(value, nn.Parameter) and axis % value.dim() != 0 and len(value) == 1
    return value.expand(call.batch, *[-1] * (value.dim() - 1)) if held else value


def _split(call: Call) -> Sequence[Tensor]:
    axis = call.whole("axis", 0)
    sizes = call.known(1, "split")
    if sizes is None or len(set(sizes)) == 1:
        return torch.chunk(call.x, len(call.node.outputs), dim=axis)
    return torch.split(call.x, sizes, dim=axis)


def _slice(call: Call) -> Tensor:
    x = call.x
    starts, ends = call.known(1, "starts") or [], call.known(2, "ends") or []
    axes = call.known(3, "axes") or list(range(len(starts)))
    steps = call.known(4) or [1] * len(starts)
    at = [slice(None)] * x.dim()
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        if step < 1:
            return x.flip(axis)
        size = x.shape[axis]
        at[axis % x.dim()] = slice(start or None, None if end >= size else end, step if step != 1 else None)
    return x[tuple(at)]


def _gather(call: Call) -> Tensor:
    index = call.values[1]
    axis = call.whole("axis", 0)
    if isinstance(index, np.ndarray) and index.ndim == 0:
        return call.x.select(axis, int(index))
    if not isinstance(index, np.ndarray):
        raise ImportFault("Gather by an index that only a run knows")
    size, places = call.x.shape[axis], index.reshape(-1).astype(np.int64)
    in_order = np.array_equal(places, np.arange(size))  # torch's exporter says strides of a whole value so
    picked = call.x if in_order else torch.index_select(call.x, axis, torch.from_numpy(places))
    if index.ndim == 1:
        return picked
    before, behind = call.x.shape[:axis], call.x.shape[axis % call.x.dim() + 1 :]
    return picked.reshape(*before, *index.shape, *behind)


def _padded(call: Call) -> Tensor:
    mode = cast("bytes", call.setting("mode", b"constant")).decode()
    pads = call.known(1, "pads") or []
    rank = len(pads) // 2
    both = [pair for axis in reversed(range(rank)) for pair in (pads[axis], pads[axis + rank])]
    while len(both) > 2 and not any(both[-2:]):
        both = both[:-2]
    if mode == "constant":
        return F.pad(call.x, both, value=call.number(2, "value", 0.0))
    return F.pad(call.x, both, mode={"reflect": "reflect", "edge": "replicate", "wrap": "circular"}[mode])


def _resized(call: Call) -> Tensor:
    mode = cast("bytes", call.setting("mode", b"nearest")).decode()
    spatial = call.x.dim() - 2
    corners = call.setting("coordinate_transformation_mode", b"half_pixel") == b"align_corners"
    torch_mode = {"nearest": "nearest", "cubic": "bicubic", "linear": ("linear", "bilinear", "trilinear")[spatial - 1]}[
        mode
    ]
    more = {} if mode == "nearest" else {"align_corners": corners}
    scales = call.values[1 if call.node.op == "Upsample" else 2]
    if isinstance(scales, np.ndarray) and scales.size:
        factors = [float(one) for one in scales[2:]]
        return F.interpolate(
            call.x, scale_factor=factors[0] if len(set(factors)) == 1 else factors, mode=torch_mode, **more
        )
    sizes = call.known(3) or []
    return F.interpolate(call.x, size=tuple(sizes[2:]), **more)  # type: ignore[arg-type]


def _reduced(of: Callable[..., Tensor]) -> Operator:
    def run(call: Call) -> Tensor:
        axes = call.known(1, "axes") or list(range(call.x.dim()))
        keeps = bool(call.setting("keepdims", 1))
        return of(call.x, dim=axes if len(axes) > 1 else axes[0], keepdim=keeps)

    return run


def _expanded(call: Call) -> Tensor:
    wanted = call.known(1) or []
    if wanted and wanted[0] == call.traced != call.batch:
        wanted[0] = call.batch
    return call.x.expand(*(size if size != 1 else -1 for size in wanted))


def _where(call: Call) -> Tensor:
    return torch.where(call.tensor(0), call.operand(1), call.operand(2))


def _shuffled(call: Call) -> Tensor:
    return F.pixel_shuffle(call.x, call.whole("blocksize", 1))


def _local_norm(call: Call) -> Tensor:
    size, alpha = call.whole("size", 1), cast("float", call.setting("alpha", 1e-4))
    beta, bias = cast("float", call.setting("beta", 0.75)), cast("float", call.setting("bias", 1.0))
    return F.local_response_norm(call.x, size, float(f"{alpha:.6g}"), float(f"{beta:.6g}"), bias)


def _power(call: Call) -> Tensor:
    exponent = call.operand(1)
    return torch.square(call.x) if exponent == 2 else torch.pow(call.x, exponent)


def _several(of: Callable[[Tensor, Tensor], Tensor]) -> Operator:
    def run(call: Call) -> Tensor:
        made = call.x
        for at in range(1, len(call.values)):
            made = of(made, call.tensor(at))
        return made

    return run


OPERATORS: Mapping[str, Operator] = {
    "Relu": _unary(F.relu),
    "Sigmoid": _unary(torch.sigmoid),
    "Tanh": _unary(torch.tanh),
    "Exp": _unary(torch.exp),
    "Log": _unary(torch.log),
    "Sqrt": _unary(torch.sqrt),
    "Abs": _unary(torch.abs),
    "Neg": _unary(torch.neg),
    "Erf": _unary(torch.erf),
    "Sin": _unary(torch.sin),
    "Cos": _unary(torch.cos),
    "Floor": _unary(torch.floor),
    "Reciprocal": _unary(torch.reciprocal),
    "Softplus": _unary(F.softplus),
    "Softsign": _unary(F.softsign),
    "Selu": _unary(F.selu),
    "Mish": _unary(F.mish),
    "HardSwish": _unary(F.hardswish),
    "Not": _unary(torch.logical_not),
    "Identity": _unary(lambda x: x),
    "Dropout": _unary(lambda x: x),
    "Cast": _unary(lambda x: x),
    "Elu": lambda call: F.elu(call.x, float(f"{cast('float', call.setting('alpha', 1.0)):.6g}")),
    "LeakyRelu": lambda call: F.leaky_relu(call.x, float(f"{cast('float', call.setting('alpha', 0.01)):.6g}")),
    "HardSigmoid": _hard_sigmoid,
    "Gelu": _gelu,
    "Clip": _clip,
    "Softmax": _softmax,
    "LogSoftmax": lambda call: F.log_softmax(call.x, dim=call.whole("axis", -1)),
    "Add": _binary(lambda a, b: a + b),
    "Sub": _binary(lambda a, b: a - b),
    "Mul": _binary(lambda a, b: a * b),
    "Div": _binary(lambda a, b: a / b),
    "Pow": _power,
    "MatMul": _binary(torch.matmul),
    "Max": _several(torch.maximum),
    "Min": _several(torch.minimum),
    "Sum": _several(lambda a, b: a + b),
    "MaxPool": _pooled,
    "AveragePool": _pooled,
    "GlobalAveragePool": _global,
    "GlobalMaxPool": _global,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Transpose": _transpose,
    "Squeeze": _squeezed,
    "Unsqueeze": _unsqueezed,
    "Concat": _concat,
    "Split": _split,
    "Slice": _slice,
    "Gather": _gather,
    "Pad": _padded,
    "Resize": _resized,
    "Upsample": _resized,
    "ReduceMean": _reduced(torch.mean),
    "ReduceSum": _reduced(torch.sum),
    "ReduceMax": _reduced(torch.amax),
    "ReduceMin": _reduced(torch.amin),
    "Expand": _expanded,
    "Where": _where,
    "DepthToSpace": _shuffled,
    "LRN": _local_norm,
}
