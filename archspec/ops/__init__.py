"""Ops: what a network is made of, one class an op, a file for each family.

A family is imported when somebody asks `OPS` for one of its ops.
"""

from archspec.ops.label import Label, Part
from archspec.ops.op import OPS, Helper, Op, Role, ShapeFault, op

__all__ = ["OPS", "Helper", "Label", "Op", "Part", "Role", "ShapeFault", "op"]
