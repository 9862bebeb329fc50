"""Dropout: random zeros in training, nothing in inference, so it counts nothing. A mode makes it an attribute."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from archspec.ops.fields import Probability
from archspec.ops.label import Label, Part
from archspec.ops.names import RATES
from archspec.ops.op import Helper, Op, Role, op
from archspec.ops.saved import NOTHING, Saved
from archspec.ops.sizes import require_rank
from archspec.values.shape import Shape, Shapes

STOCHASTIC_DEPTH = Helper(
    "StochasticDepth",
    '''\
class StochasticDepth(nn.Module):
    """Drops whole samples, or the whole batch, in training; scales up what stays."""

    def __init__(self, p: float, mode: str = "row") -> None:
        super().__init__()
        self.p = p
        self.mode = mode

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0.0:
            return x
        survival = 1.0 - self.p
        size = [x.shape[0] if self.mode == "row" else 1] + [1] * (x.dim() - 1)
        kept = x.new_empty(size).bernoulli_(survival)
        return x * (kept.div_(survival) if survival > 0.0 else kept)
''',
)


class AnyDropout(Op):
    """What dropouts have in common."""

    pointwise: ClassVar[bool] = True
    options_elsewhere: ClassVar[Mapping[str, str]] = {
        "keep_prob": "p is the probability of a zero here: 1 - keep_prob",
        "noise_shape": "dropout1d, dropout2d and dropout3d drop whole channels, stochastic_depth whole samples",
    }
    role: ClassVar[Role] = Role.DROPOUT
    unseen: ClassVar[bool] = True
    real: ClassVar[frozenset[str]] = frozenset({"x"})
    stateful: ClassVar[bool] = True
    aliases_input: ClassVar[bool] = True

    p: Annotated[Probability, RATES] = Field(default=0.5, description="probability of a zero")

    def label(self) -> Label:
        return Label("dropout", (Part("p", f"{self.p:g}", "rate"),))

    def noise(self, x: Shape) -> Shape:
        """What the input is multiplied by in training; on a GPU it is a mask of truth values."""
        return x

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        return Saved(made=(self.noise(xs[0]),)) if self.p else NOTHING

    def hands_on(self, xs: Shapes, index: int) -> bool:
        return not self.p


@op
class Dropout(AnyDropout):
    """Elements zeroed in training: (N, ...) -> (N, ...).

    Source: Srivastava et al., Dropout (2014), section 4.
    """

    name: ClassVar[str] = "dropout"
    module: ClassVar[str] = "nn.Dropout"


@op
class AlphaDropout(AnyDropout):
    """Elements set to SELU's lowest value in training, mean and variance kept: (N, ...) -> (N, ...).

    Source: Klambauer et al., Self-normalizing neural networks (2017), section 3.
    """

    name: ClassVar[str] = "alpha_dropout"
    module: ClassVar[str] = "nn.AlphaDropout"


@op
class FeatureAlphaDropout(AnyDropout):
    """Whole channels set to SELU's lowest value in training, mean and variance kept: (N, C, ...) -> (N, C, ...).

    Source: Klambauer et al., Self-normalizing neural networks (2017), section 3.
    """

    name: ClassVar[str] = "feature_alpha_dropout"
    module: ClassVar[str] = "nn.FeatureAlphaDropout"

    def noise(self, x: Shape) -> Shape:
        return Shape(x.dims[:1], x.batch)


class ChannelDropout(AnyDropout):
    """Whole channels zeroed in training."""

    rank: ClassVar[int] = 2

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        require_rank(self.name, xs[0], self.rank)
        return (xs[0],)

    def noise(self, x: Shape) -> Shape:
        return Shape(x.dims[:1], x.batch)


@op
class Dropout1d(ChannelDropout):
    """Channels of sequences zeroed in training: (N, C, W) -> (N, C, W).

    Source: Tompson et al., Efficient object localization using convolutional networks (2015), section 3.2.
    """

    name: ClassVar[str] = "dropout1d"
    also_called: ClassVar[Mapping[str, str]] = {"spatial_dropout1d": ""}
    module: ClassVar[str] = "nn.Dropout1d"
    rank: ClassVar[int] = 1


@op
class Dropout2d(ChannelDropout):
    """Channels of images zeroed in training: (N, C, H, W) -> (N, C, H, W).

    Source: Tompson et al., Efficient object localization using convolutional networks (2015), section 3.2.
    """

    name: ClassVar[str] = "dropout2d"
    also_called: ClassVar[Mapping[str, str]] = {"spatial_dropout2d": ""}
    module: ClassVar[str] = "nn.Dropout2d"


@op
class Dropout3d(ChannelDropout):
    """Channels of volumes zeroed in training: (N, C, D, H, W) -> (N, C, D, H, W).

    Source: Tompson et al., Efficient object localization using convolutional networks (2015), section 3.2.
    """

    name: ClassVar[str] = "dropout3d"
    also_called: ClassVar[Mapping[str, str]] = {"spatial_dropout3d": ""}
    module: ClassVar[str] = "nn.Dropout3d"
    rank: ClassVar[int] = 3


@op
class StochasticDepth(AnyDropout):
    """Whole samples zeroed in training, the rest scaled up, before a residual addition: (N, ...) -> (N, ...).

    PyTorch has no module for it. The emitted class draws the random numbers that torchvision's draws.

    Source: Huang et al., Deep networks with stochastic depth (2016), section 3.
    """

    name: ClassVar[str] = "stochastic_depth"
    also_called: ClassVar[Mapping[str, str]] = {"drop_path": "", "drop_connect": ""}
    module: ClassVar[str] = "StochasticDepth"
    positional: ClassVar[int] = 2

    p: Annotated[Probability, RATES] = Field(description="probability of a zero")
    mode: Literal["row", "batch"] = Field(
        default="row", description="row drops each sample by itself, batch all of them together"
    )

    def helpers(self) -> tuple[Helper, ...]:
        return (STOCHASTIC_DEPTH,)

    def label(self) -> Label:
        return Label("stochastic depth", (Part("p", f"{self.p:g}", "rate"),))

    def noise(self, x: Shape) -> Shape:
        return Shape((1,), x.batch if self.mode == "row" else 0)
