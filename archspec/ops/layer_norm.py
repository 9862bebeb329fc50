"""Normalisation of layers: over the last dimensions, or over the channels at each place of an image.

Counts are elements normalised. In fvcore's convention an element of a layer norm costs 5, 4 without a scale; what torch
has no single operation for costs nothing there, nor does RMS norm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Annotated, Any, ClassVar

from pydantic import Field

from archspec.ops.fields import Sizes, channel_axis, laid_out
from archspec.ops.label import Label
from archspec.ops.names import BIASES, EPSILONS
from archspec.ops.norm import EPS, Epsilon, scale_and_shift
from archspec.ops.op import Helper, Op, Role, ShapeFault, op
from archspec.ops.reach import WHOLE, Reading, but, pointwise
from archspec.ops.saved import Saved, statistics
from archspec.ops.sizes import by, require_rank
from archspec.values.cost import Cost
from archspec.values.expression import Value
from archspec.values.shape import Shape, Shapes

LAYER_NORM2D = Helper(
    "LayerNorm2d",
    '''\
class LayerNorm2d(nn.LayerNorm):
    """Layer normalisation over the channels at each place of an image."""

    def forward(self, x: Tensor) -> Tensor:
        x = x.permute(0, 2, 3, 1)
        x = F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)
''',
    uses=("F",),
)

GLOBAL_RESPONSE_NORM = Helper(
    "GlobalResponseNorm",
    '''\
class GlobalResponseNorm(nn.Module):
    """Scales channels by the share that each has in the response of the image."""

    def __init__(
        self, channels: int, eps: float = 1e-6, channels_last: bool = True
    ) -> None:
        super().__init__()
        self.eps = eps
        self.channel_dim = -1 if channels_last else 1
        self.spatial_dims = (1, 2) if channels_last else (2, 3)
        self.weight = nn.Parameter(torch.zeros(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        response = torch.linalg.vector_norm(x, dim=self.spatial_dims, keepdim=True)
        mean = response.mean(dim=self.channel_dim, keepdim=True)
        share = response / (mean + self.eps)
        weight, bias = self.weight.view_as(share[:1]), self.bias.view_as(share[:1])
        return x + torch.addcmul(bias, weight, x * share)
''',
    uses=("torch",),
)

AFFINE = Field(default=True, description="scales and shifts each element by learned numbers")
LAST = Field(default=None, description="sizes of the last dimensions, normalised together; none takes the last one")


class _OverLastDimensions(Op):
    """What norms over the last dimensions have in common."""

    role: ClassVar[Role] = Role.NORM
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    stateful: ClassVar[bool] = True

    normalized_shape: Sizes | None = LAST

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        sizes = self.sizes(xs[0])
        if not xs[0].dims:
            raise ShapeFault("rank-mismatch", f"{self.name} needs N x K or more dimensions, not {xs[0]}")
        if not sizes or xs[0].dims[-len(sizes) :] != sizes:
            raise ShapeFault(
                "shape-mismatch",
                f"{self.name} over {by(sizes)} needs an input that ends so, not {xs[0]}",
                field="normalized_shape",
            )
        # One last dimension that is normalised is that of the channels: `(N, H, W, C)` for an image.
        axis = len(xs[0].dims) - 1 if len(sizes) == 1 else channel_axis(xs[0])
        return (laid_out(xs[0].dims, xs[0], axis, "float"),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        count = len(self.sizes(xs[0]))
        return but(pointwise(xs[0], ys[0]), *range(len(xs[0].dims) - count, len(xs[0].dims)))

    def sizes(self, x: Shape) -> tuple[int, ...]:
        """What is normalised together."""
        if self.normalized_shape is None:
            return x.dims[-1:]
        return self.normalized_shape if isinstance(self.normalized_shape, tuple) else (self.normalized_shape,)

    def derived(self, xs: tuple[Shape, ...]) -> dict[str, int]:
        return {"normalized_shape": xs[0].dims[-1]} if self.normalized_shape is None else {}

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        return {**super().slots(xs), **self.derived(xs)}

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        return {name: default for name, default in super().defaults().items() if name != "normalized_shape"}


@op
class LayerNorm(_OverLastDimensions):
    """Normalisation over the last dimensions: (N, ..., K) -> (N, ..., K).

    Source: Ba et al., Layer normalization (2016), equation 4.
    """

    name: ClassVar[str] = "layer_norm"
    also_called: ClassVar[Mapping[str, str]] = {"layer_normalization": "", "ln": ""}
    module: ClassVar[str] = "nn.LayerNorm"
    tensors: ClassVar[tuple[str, ...]] = ("weight", "bias")

    eps: Annotated[Epsilon, EPSILONS] = EPS
    elementwise_affine: bool = AFFINE
    bias: Annotated[bool, BIASES] = Field(default=True, description="shifts, too")

    def parameters(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        both = scale_and_shift(self.elementwise_affine, *self.sizes(xs[0]))
        return both if self.bias else {name: shape for name, shape in both.items() if name == "weight"}

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        # fvcore looks for the weight in the place where `aten::layer_norm` has it, so a missing bias changes nothing.
        return Cost(norm=xs[0].numel, fvcore=(4 + self.elementwise_affine) * xs[0].numel)

    def label(self) -> Label:
        return Label("layer norm", short="LN")

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return self.saves(xs, ys, (True,)).made

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return statistics(xs[0], prod(xs[0].dims) // prod(self.sizes(xs[0])))


@op
class RMSNorm(_OverLastDimensions):
    """Scaling of the last dimensions to a root mean square of 1: (N, ..., K) -> (N, ..., K).

    Source: Zhang & Sennrich, Root mean square layer normalization (2019), equation 4.
    """

    name: ClassVar[str] = "rms_norm"
    also_called: ClassVar[Mapping[str, str]] = {"rms_normalization": ""}
    module: ClassVar[str] = "nn.RMSNorm"
    tensors: ClassVar[tuple[str, ...]] = ("weight",)
    workspace_backward: ClassVar[int] = 2

    eps: Annotated[Epsilon | None, EPSILONS] = Field(
        default=None, description="added to the mean square, against division by zero; none takes the type's epsilon"
    )
    elementwise_affine: bool = Field(default=True, description="scales each element by a learned number")

    def parameters(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return {"weight": self.sizes(xs[0])} if self.elementwise_affine else {}

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(norm=xs[0].numel)

    def label(self) -> str:
        return "RMS norm"

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        rows = Shape((prod(xs[0].dims) // prod(self.sizes(xs[0])),), xs[0].batch)
        return (ys[0], rows) if self.elementwise_affine else (rows, rows)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        made = statistics(xs[0], prod(xs[0].dims) // prod(self.sizes(xs[0])), kinds=1)
        return replace(made, made=(*made.made, xs[0])) if self.elementwise_affine else made


@op
class LayerNorm2d(Op):
    """Normalisation over the channels at each place of an image: (N, C, H, W) -> (N, C, H, W).

    PyTorch has no module for it. The emitted class has the fields and the state_dict of `nn.LayerNorm`.

    Source: Liu et al., A ConvNet for the 2020s (2022), section 2.6; the form is torchvision's `LayerNorm2d`.
    """

    name: ClassVar[str] = "layer_norm2d"
    role: ClassVar[Role] = Role.NORM
    module: ClassVar[str] = "LayerNorm2d"
    tensors: ClassVar[tuple[str, ...]] = ("weight", "bias")
    known_as: ClassVar[Mapping[str, tuple[str, str]]] = {
        "weight": ("layer_norm", "weight"),
        "bias": ("layer_norm", "bias"),
    }
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    stateful: ClassVar[bool] = True

    eps: Annotated[Epsilon, EPSILONS] = EPS
    elementwise_affine: bool = Field(default=True, description="scales and shifts each channel by learned numbers")
    bias: Annotated[bool, BIASES] = Field(default=True, description="shifts, too")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        require_rank(self.name, xs[0], 2)
        return (Shape(xs[0].dims, xs[0].batch),)

    def parameters(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        both = scale_and_shift(self.elementwise_affine, xs[0].channels)
        return both if self.bias else {name: shape for name, shape in both.items() if name == "weight"}

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return but(pointwise(xs[0], ys[0]), 0)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(norm=xs[0].numel, fvcore=(4 + self.elementwise_affine) * xs[0].numel)

    def derived(self, xs: tuple[Shape, ...]) -> dict[str, int]:
        return {"normalized_shape": xs[0].channels}

    def helpers(self) -> tuple[Helper, ...]:
        return (LAYER_NORM2D,)

    def label(self) -> Label:
        return Label("layer norm", short="LN")

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return self.saves(xs, ys, (True,)).made

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return statistics(xs[0], prod(xs[0].spatial), view=True)


@op
class GlobalResponseNorm(Op):
    """Channels scaled by their share in the response of the whole image: (N, H, W, C) -> (N, H, W, C).

    y = x + weight * x * g / (mean of g over the channels + eps) + bias, where g is a channel's norm over the image.
    Both parameters start at 0. PyTorch has no module for it; the emitted class has the state_dict of timm's.

    Source: Woo et al., ConvNeXt V2 (2023), section 4, algorithm 1.
    """

    name: ClassVar[str] = "global_response_norm"
    role: ClassVar[Role] = Role.NORM
    module: ClassVar[str] = "GlobalResponseNorm"
    tensors: ClassVar[tuple[str, ...]] = ("weight", "bias")
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    stateful: ClassVar[bool] = True

    eps: Annotated[Epsilon, EPSILONS] = Field(
        default=1e-6, description="added to the mean response, against division by zero"
    )
    channels_last: bool = Field(default=True, description="the input is (N, H, W, C), else (N, C, H, W)")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if not xs[0].batch or len(xs[0].dims) != 3:
            layout = "N x H x W x C" if self.channels_last else "N x C x H x W"
            raise ShapeFault("rank-mismatch", f"{self.name} needs {layout}, not {xs[0]}")
        return (laid_out(xs[0].dims, xs[0], self._axis(), "float"),)

    def _axis(self) -> int:
        return 2 if self.channels_last else 0

    def parameters(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return scale_and_shift(True, xs[0].dims[self._axis()])

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return (WHOLE,) * len(xs[0].dims)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(norm=xs[0].numel)

    def derived(self, xs: tuple[Shape, ...]) -> dict[str, int]:
        return {"channels": xs[0].dims[self._axis()]}

    def helpers(self) -> tuple[Helper, ...]:
        return (GLOBAL_RESPONSE_NORM,)

    def label(self) -> str:
        return "global response norm"

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return self.saves(xs, ys, (True,)).made

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        numbers = Shape((2 * xs[0].dims[self._axis()] + 1,), xs[0].batch)
        return Saved(inputs=(0,), made=(xs[0], numbers))
