"""Every diagnostic code, by name, with its explanation: one family per file."""

from archspec.diagnostics.codes import text, structure, expressions, graph, initialisation  # noqa: F401, I001  declared in this order
from archspec.diagnostics.codes import freezing, shapes, theme, lint, search  # noqa: F401
from archspec.diagnostics.codes.code import CODES as CODES
from archspec.diagnostics.codes.code import Code as Code
