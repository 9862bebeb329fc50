"""Ops: what a network is made of. Importing this package declares all of them in `OPS`."""

from archspec.ops import (
    activation,
    arithmetic,
    conv,
    dropout,
    input,
    linear,
    merge,
    norm,
    padding,
    parameter,
    pool,
    reduce,
    resample,
    reshape,
)
from archspec.ops.op import OPS, Helper, Op, Role, ShapeFault, op

__all__ = [
    "OPS",
    "Helper",
    "Op",
    "Role",
    "ShapeFault",
    "activation",
    "arithmetic",
    "conv",
    "dropout",
    "input",
    "linear",
    "merge",
    "norm",
    "op",
    "padding",
    "parameter",
    "pool",
    "reduce",
    "resample",
    "reshape",
]
