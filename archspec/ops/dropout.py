"""Dropout: random zeros in training, nothing in inference, so it counts nothing. A mode makes it an attribute."""

from typing import ClassVar

from pydantic import Field

from archspec.ops.fields import Probability
from archspec.ops.op import Op, Role, op
from archspec.ops.sizes import require_rank
from archspec.values.shape import Shape


class AnyDropout(Op):
    """What dropouts have in common."""

    role: ClassVar[Role] = Role.DROPOUT
    stateful: ClassVar[bool] = True
    aliases_input: ClassVar[bool] = True

    p: Probability = Field(default=0.5, description="probability of a zero")

    def label(self) -> str:
        return f"dropout, {self.p:g}"


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


class ChannelDropout(AnyDropout):
    """Whole channels zeroed in training."""

    rank: ClassVar[int] = 2

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        require_rank(self.name, xs[0], self.rank)
        return (xs[0],)


@op
class Dropout1d(ChannelDropout):
    """Channels of sequences zeroed in training: (N, C, W) -> (N, C, W).

    Source: Tompson et al., Efficient object localization using convolutional networks (2015), section 3.2.
    """

    name: ClassVar[str] = "dropout1d"
    module: ClassVar[str] = "nn.Dropout1d"
    rank: ClassVar[int] = 1


@op
class Dropout2d(ChannelDropout):
    """Channels of images zeroed in training: (N, C, H, W) -> (N, C, H, W).

    Source: Tompson et al., Efficient object localization using convolutional networks (2015), section 3.2.
    """

    name: ClassVar[str] = "dropout2d"
    module: ClassVar[str] = "nn.Dropout2d"


@op
class Dropout3d(ChannelDropout):
    """Channels of volumes zeroed in training: (N, C, D, H, W) -> (N, C, D, H, W).

    Source: Tompson et al., Efficient object localization using convolutional networks (2015), section 3.2.
    """

    name: ClassVar[str] = "dropout3d"
    module: ClassVar[str] = "nn.Dropout3d"
    rank: ClassVar[int] = 3
