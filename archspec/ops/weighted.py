"""Weights that follow from other parameters: what torch calls a parametrization of a module.

    weight_norm     weight = original0 * original1 / |original1|, a length and a direction for each output
    spectral_norm   weight = original / its largest singular value, found by one step of power iteration in training

Source: Salimans & Kingma, Weight normalization (2016), equation 2; Miyato et al., Spectral normalization for generative
adversarial networks (2018), algorithm 1.
"""

from collections.abc import Hashable, Mapping
from math import prod
from typing import Any, ClassVar, Literal

from pydantic import Field

from archspec.ops.op import Op
from archspec.values.expression import Value
from archspec.values.shape import Shape

Sizes = tuple[int, ...]


class Weighted(Op):
    """An op whose module has a weight, which may follow from other parameters.

    Attributes:
        columns: the dimension of the weight that is the output's, for which spectral norm takes the rows of a matrix.
    """

    columns: ClassVar[int] = 0
    drifts: ClassVar[Mapping[str, Value]] = {"parametrization": "spectral_norm"}  # a step of its power iteration

    parametrization: Literal["weight_norm", "spectral_norm"] | None = Field(
        default=None, description="what the weight follows from, by torch.nn.utils.parametrizations"
    )

    def plain(self, xs: tuple[Shape, ...]) -> dict[str, Sizes]:
        """The parameters of the module by itself: name -> shape."""
        raise NotImplementedError

    def parameters(self, xs: tuple[Shape, ...]) -> dict[str, Sizes]:
        plain = self.plain(xs)
        if self.parametrization is None:
            return plain
        weight = plain.pop("weight")
        if self.parametrization == "spectral_norm":
            return {**plain, "parametrizations.weight.original": weight}
        lengths = (weight[0], *(1 for _ in weight[1:]))
        return {
            **plain,
            "parametrizations.weight.original0": lengths,
            "parametrizations.weight.original1": weight,
        }

    def made(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """The weight, where it follows from other parameters: it is no parameter itself, and autograd keeps it."""
        if self.parametrization is None:
            return ()
        weight = self.plain(xs)["weight"]
        beside = [weight[0]] if self.parametrization == "weight_norm" else [*map(prod, self.buffers(xs).values()), 1]
        return Shape(weight, 0), *(Shape((count,), 0) for count in beside)

    def buffers(self, xs: tuple[Shape, ...]) -> dict[str, Sizes]:
        if self.parametrization != "spectral_norm":
            return {}
        weight = self.plain(xs)["weight"]
        rows = weight[self.columns]
        return {"parametrizations.weight.0._u": (rows,), "parametrizations.weight.0._v": (prod(weight) // rows,)}

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        return {name: value for name, value in super().slots(xs).items() if name != "parametrization"}

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        return {name: value for name, value in super().defaults().items() if name != "parametrization"}

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return self.parametrization

    def around(self) -> str:
        return f"nn.utils.parametrizations.{self.parametrization}" if self.parametrization else ""
