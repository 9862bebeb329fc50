"""Buffers of so many numbers that nobody would read them one by one, packed in a text.

    {op: packed_buffer, shape: [197, 197], dtype: int, packed: "eJztwQEBAAAAgJD+r+4ICgAA..."}

The text is base64 of zlib of the numbers in order, four bytes each, the lowest first: a fraction in single precision,
or a whole number as its difference from the one before, which makes a table of places short. Of all numbers the first
bytes stand together, then the second ones, and so on.
"""

import binascii
import zlib
from base64 import b64decode, b64encode
from collections.abc import Hashable, Mapping
from functools import lru_cache
from math import prod
from typing import ClassVar

from pydantic import Field

from archspec.ops.label import Label, Part, crossed
from archspec.ops.op import Helper, ShapeFault, op
from archspec.ops.parameter import AnyBuffer, Dims
from archspec.values.expression import Global
from archspec.values.shape import KINDS, Shape, Stated
from archspec.values.source import Source, Tuple, invoke, method, spread

WIDTH = 4  # bytes of a number

UNPACKED = Helper(
    "unpacked",
    '''\
def unpacked(text: str, dtype: torch.dtype) -> Tensor:
    """The numbers that a text holds, whole ones as differences: (count,)."""
    planes = bytearray(zlib.decompress(base64.b64decode(text)))
    numbers = torch.frombuffer(planes, dtype=torch.uint8).reshape(4, -1).T.flatten()
    if dtype.is_floating_point:
        return numbers.view(dtype)
    return numbers.view(torch.int32).cumsum(0).to(dtype)
''',
    uses=("base64", "zlib", "torch"),
)


@op
class PackedBuffer(AnyBuffer):
    """A tensor that is not learned, of many numbers: () -> shape. `archspec import` writes it."""

    name: ClassVar[str] = "packed_buffer"
    sized_by: ClassVar[str] = "shape"

    shape: Dims = Field(description="all sizes; there is no batch")
    packed: str = Field(description="the numbers: base64 of zlib of their bytes")
    dtype: Stated = Field(default="float", description="as of `buffer`")

    def shape_of(self) -> Shape:
        held = held_in(self.packed)
        if held is None:
            raise ShapeFault("bad-option", "packed is no base64 of what zlib made", field="packed")
        if held != WIDTH * prod(self.shape):
            sizes = crossed(self.shape) or "one"
            message = f"packed has {held / WIDTH:g} numbers for a shape of {sizes}"
            raise ShapeFault("shape-mismatch", message, field="packed")
        return Shape(self.shape, batch=0, dtype=self.dtype)

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        return self.dtype

    def declaration(self, slots: Mapping[str, Source]) -> Source:
        made = invoke("unpacked", slots["packed"], Global(KINDS[self.dtype]))
        return method(made, "reshape", *(spread(slots["shape"]) or (Tuple(()),)))

    def helpers(self) -> tuple[Helper, ...]:
        return (UNPACKED,)

    def label(self) -> Label:
        return Label("packed_buffer", (Part("shape", crossed(self.shape), "shape"),))


def packed(numbers: bytes) -> str:
    """The text for numbers of four bytes each, the lowest byte first; whole ones as differences."""
    planes = b"".join(numbers[at::WIDTH] for at in range(WIDTH))
    return b64encode(zlib.compress(planes, 9)).decode("ascii")


@lru_cache(maxsize=64)
def held_in(text: str) -> int | None:
    """How many bytes a text holds; None where it is none of these."""
    try:
        return len(zlib.decompress(b64decode(text, validate=True)))
    except (binascii.Error, ValueError, zlib.error):
        return None
