"""Normalisation; that of layers stands in `layer_norm.py`.

Counts are elements normalised. In fvcore's convention an element costs 2 in eval batch norm (1 without affine), and 5
in the others (4 without), which is also what batch norm costs where it keeps no running statistics. Local response norm
costs nothing there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.ops.fields import PositiveInt
from archspec.ops.label import Label, Part
from archspec.ops.names import EPSILONS
from archspec.ops.op import Op, Role, ShapeFault, op
from archspec.ops.reach import WHOLE, Reading, but, pointwise
from archspec.ops.saved import Saved, statistics
from archspec.ops.sizes import LAYOUTS, require_rank
from archspec.values.cost import Cost
from archspec.values.expression import Value
from archspec.values.shape import Shape, Shapes

Epsilon = Annotated[float, Field(ge=0)]

EPS = Field(default=1e-5, description="added to the variance, against division by zero")
AFFINE = Field(default=True, description="scales and shifts each channel by learned numbers")


class _ChannelNorm(Op):
    """What norms with one scale and shift per channel have in common."""

    role: ClassVar[Role] = Role.NORM
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    stateful: ClassVar[bool] = True
    tensors: ClassVar[tuple[str, ...]] = ("weight", "bias")
    ranks: ClassVar[tuple[int, ...]] = (2,)
    options_elsewhere: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("scale", "center", "use_scale"), "affine stands for both, the scale and the shift"),
        "axis": "leave it out: the channels are dimension 1",
        "decay": "momentum is the weight of the newest batch here: 1 - decay",
    }

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        require_rank(self.name, xs[0], *self.ranks)
        return (Shape(xs[0].dims, xs[0].batch),)


def scale_and_shift(affine: bool, *shape: int) -> dict[str, tuple[int, ...]]:
    """The parameters of a norm, in PyTorch's order."""
    return {"weight": shape, "bias": shape} if affine else {}


def _running_statistics(tracked: bool, channels: int) -> dict[str, tuple[int, ...]]:
    if not tracked:
        return {}
    return {"running_mean": (channels,), "running_var": (channels,), "num_batches_tracked": ()}


class BatchNorm(_ChannelNorm):
    """Batch normalisation over `ranks` spatial dimensions."""

    centres: ClassVar[bool] = True
    # torch trains no batch norm without one.
    eps: Annotated[Annotated[float, Field(gt=0)], EPSILONS] = EPS
    momentum: Annotated[float, Field(ge=0, le=1)] | None = Field(
        default=0.1, description="weight of the newest batch in the running statistics; none averages all batches"
    )
    affine: bool = AFFINE
    track_running_stats: bool = Field(default=True, description="keeps running statistics, used in inference")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        ys = super().infer(xs)
        if not self.track_running_stats and prod(xs[0].spatial) == 1:
            raise _too_few_values(self.name, xs[0])
        return ys

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        spatial = () if self.track_running_stats else range(1, len(xs[0].dims))
        return but(pointwise(xs[0], ys[0]), *spatial)

    def parameters(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return scale_and_shift(self.affine, xs[0].channels)

    def buffers(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return _running_statistics(self.track_running_stats, xs[0].channels)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        per_element = (1 if self.track_running_stats else 4) + self.affine
        return Cost(norm=xs[0].numel, fvcore=per_element * xs[0].numel)

    def derived(self, xs: tuple[Shape, ...]) -> dict[str, int]:
        return {"num_features": xs[0].channels}

    def label(self) -> Label:
        return Label("batch norm", short="BN")

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return () if self.track_running_stats else self.saves(xs, ys, (True,)).made

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return statistics(xs[0], xs[0].channels, each_sample=False)


@op
class BatchNorm1d(BatchNorm):
    """Batch normalisation of features or sequences: (N, C) -> (N, C), (N, C, W) -> (N, C, W).

    Source: Ioffe & Szegedy, Batch normalization (2015), algorithm 1.
    """

    name: ClassVar[str] = "batch_norm1d"
    also_called: ClassVar[Mapping[str, str]] = {"batch_normalization1d": "", "bn1d": ""}
    module: ClassVar[str] = "nn.BatchNorm1d"
    ranks: ClassVar[tuple[int, ...]] = (0, 1)


@op
class BatchNorm2d(BatchNorm):
    """Batch normalisation of images: (N, C, H, W) -> (N, C, H, W).

    Source: Ioffe & Szegedy, Batch normalization (2015), algorithm 1.
    """

    name: ClassVar[str] = "batch_norm2d"
    also_called: ClassVar[Mapping[str, str]] = {"batch_normalization2d": "", "bn2d": ""}
    module: ClassVar[str] = "nn.BatchNorm2d"


@op
class BatchNorm3d(BatchNorm):
    """Batch normalisation of volumes: (N, C, D, H, W) -> (N, C, D, H, W).

    Source: Ioffe & Szegedy, Batch normalization (2015), algorithm 1.
    """

    name: ClassVar[str] = "batch_norm3d"
    also_called: ClassVar[Mapping[str, str]] = {"batch_normalization3d": "", "bn3d": ""}
    module: ClassVar[str] = "nn.BatchNorm3d"
    ranks: ClassVar[tuple[int, ...]] = (3,)


@op
class SyncBatchNorm(BatchNorm):
    """Batch normalisation over the batches of all devices that train together: (N, C, ...) -> (N, C, ...).

    On one device it is a batch norm.

    Source: Ioffe & Szegedy, Batch normalization (2015), algorithm 1.
    """

    name: ClassVar[str] = "sync_batch_norm"
    module: ClassVar[str] = "nn.SyncBatchNorm"
    ranks: ClassVar[tuple[int, ...]] = tuple(LAYOUTS)


class InstanceNorm(_ChannelNorm):
    """Instance normalisation over `ranks` spatial dimensions."""

    centres: ClassVar[bool] = True
    also_called: ClassVar[Mapping[str, str]] = {"instance_normalization": ""}
    eps: Annotated[Epsilon, EPSILONS] = EPS
    momentum: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0.1, description="weight of the newest batch in the running statistics"
    )
    affine: bool = Field(default=False, description="scales and shifts each channel by learned numbers")
    track_running_stats: bool = Field(default=False, description="keeps running statistics, used in inference")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        ys = super().infer(xs)
        if prod(xs[0].spatial) == 1:
            raise _too_few_values(self.name, xs[0])
        return ys

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        spatial = () if self.track_running_stats else range(1, len(xs[0].dims))
        return but(pointwise(xs[0], ys[0]), *spatial)

    def parameters(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return scale_and_shift(self.affine, xs[0].channels)

    def buffers(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return _running_statistics(self.track_running_stats, xs[0].channels)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(norm=xs[0].numel, fvcore=(4 + self.affine) * xs[0].numel)

    def derived(self, xs: tuple[Shape, ...]) -> dict[str, int]:
        return {"num_features": xs[0].channels}

    def label(self) -> Label:
        return Label("instance norm", short="IN")

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        # Weight and bias are repeated for each sample, as are the statistics that it does not make anew.
        return (Shape((xs[0].channels,), xs[0].batch),) * (2 + 2 * self.affine)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        kinds = 2 + self.affine + 2 * self.track_running_stats  # weights and statistics are repeated for each sample
        return statistics(xs[0], xs[0].channels, kinds=kinds, view=True)  # of a batch norm over (1, N * C, ...)


@op
class InstanceNorm1d(InstanceNorm):
    """Instance normalisation of sequences: (N, C, W) -> (N, C, W).

    Source: Ulyanov et al., Instance normalization (2016).
    """

    name: ClassVar[str] = "instance_norm1d"
    module: ClassVar[str] = "nn.InstanceNorm1d"
    ranks: ClassVar[tuple[int, ...]] = (1,)


@op
class InstanceNorm2d(InstanceNorm):
    """Instance normalisation of images: (N, C, H, W) -> (N, C, H, W).

    Source: Ulyanov et al., Instance normalization (2016).
    """

    name: ClassVar[str] = "instance_norm2d"
    module: ClassVar[str] = "nn.InstanceNorm2d"


@op
class InstanceNorm3d(InstanceNorm):
    """Instance normalisation of volumes: (N, C, D, H, W) -> (N, C, D, H, W).

    Source: Ulyanov et al., Instance normalization (2016).
    """

    name: ClassVar[str] = "instance_norm3d"
    module: ClassVar[str] = "nn.InstanceNorm3d"
    ranks: ClassVar[tuple[int, ...]] = (3,)


@op
class GroupNorm(_ChannelNorm):
    """Normalisation over groups of channels: (N, C, ...) -> (N, C, ...).

    Source: Wu & He, Group normalization (2018).
    """

    name: ClassVar[str] = "group_norm"
    also_called: ClassVar[Mapping[str, str]] = {"group_normalization": "", "gn": ""}
    module: ClassVar[str] = "nn.GroupNorm"
    positional: ClassVar[int] = 2
    ranks: ClassVar[tuple[int, ...]] = tuple(LAYOUTS)

    num_groups: PositiveInt = Field(description="groups that the channels are split into")
    eps: Annotated[Epsilon, EPSILONS] = EPS
    affine: bool = AFFINE

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        ys = super().infer(xs)
        channels = xs[0].channels
        if channels % self.num_groups:
            raise ShapeFault(
                "channels-not-divisible",
                f"{self.num_groups} groups do not divide the {channels} channels of the input",
                field="num_groups",
            )
        if channels // self.num_groups * prod(xs[0].spatial) == 1:
            raise _too_few_values(self.name, xs[0])
        return ys

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return (WHOLE,) * len(xs[0].dims)

    def parameters(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        return scale_and_shift(self.affine, xs[0].channels)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(norm=xs[0].numel, fvcore=(4 + self.affine) * xs[0].numel)

    def derived(self, xs: tuple[Shape, ...]) -> dict[str, int]:
        return {"num_channels": xs[0].channels}

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        return {"num_groups": self.num_groups, **super().slots(xs)}

    def label(self) -> Label:
        return Label("group norm", (Part("num_groups", str(self.num_groups), "groups"),), short="GN")

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        return self.saves(xs, ys, (True,)).made

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return statistics(xs[0], self.num_groups)


@op
class LocalResponseNorm(Op):
    """Normalisation over neighbouring channels: (N, C, ...) -> (N, C, ...).

    y = x / (k + alpha / size * sum of squares over `size` channels) ** beta

    Source: Krizhevsky et al., ImageNet classification with deep convolutional neural networks (2012), section 3.3,
    whose alpha is not divided by the size.
    """

    name: ClassVar[str] = "local_response_norm"
    also_called: ClassVar[Mapping[str, str]] = {"local_response_normalization": "", "lrn": ""}
    numeric: ClassVar[frozenset[str]] = frozenset({"x"})
    workspace: ClassVar[int] = 2  # `div`, and two values of `div.mul(alpha).add(k).pow(beta)` beside the input
    role: ClassVar[Role] = Role.NORM
    module: ClassVar[str] = "nn.LocalResponseNorm"
    function: ClassVar[str] = "F.local_response_norm"
    workspace_backward: ClassVar[int] = 3

    size: PositiveInt = Field(description="channels that are summed over")
    alpha: float = Field(default=1e-4, description="weight of the mean of squares")
    beta: float = Field(default=0.75, description="exponent")
    k: float = Field(default=1.0, description="added to the sum")

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        if len(xs[0].dims) < 2:
            raise ShapeFault("rank-mismatch", f"{self.name} needs N x C x W or more dimensions, not {xs[0]}")
        return (Shape(xs[0].dims, xs[0].batch),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        return but(pointwise(xs[0], ys[0]), 0)

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        return Cost(norm=xs[0].numel)

    def label(self) -> Label:
        return Label("LRN", (Part("size", str(self.size), "size"),))

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        padded = replace(xs[0], dims=(xs[0].dims[0] + self.size - 1, *xs[0].dims[1:]))
        return Saved(inputs=(0,), made=(padded, xs[0], xs[0]))


@op
class CrossMapLRN2d(LocalResponseNorm):
    """Normalisation over neighbouring channels of an image, as Caffe had it: (N, C, H, W) -> (N, C, H, W).

    It gives what `local_response_norm` does, and is there for networks that were written with it.
    """

    name: ClassVar[str] = "cross_map_lrn2d"
    workspace: ClassVar[int] = 1  # the scale
    module: ClassVar[str] = "nn.CrossMapLRN2d"
    function: ClassVar[str] = ""
    stateful: ClassVar[bool] = True
    real: ClassVar[frozenset[str]] = frozenset({"x"})

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        require_rank(self.name, xs[0], 2)
        return super().infer(xs)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(inputs=(0,), outputs=(0,))


def _too_few_values(name: str, x: Shape) -> ShapeFault:
    return ShapeFault("too-few-values", f"{name} has a single value to normalise in each group of {x}: all become 0")
