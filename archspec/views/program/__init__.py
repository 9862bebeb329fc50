"""Program: the view of a network that code formats print."""

from archspec.views.program.build import program
from archspec.views.program.values import Program

__all__ = ["Program", "program"]
