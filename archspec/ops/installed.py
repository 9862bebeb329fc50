"""Ops of installed packages: a package declares them in modules that its entry points `archspec.ops` name.

[project.entry-points."archspec.ops"]
my_ops = "my_package.ops"        # a module that declares ops with @op when it is imported
"""

from functools import cache
from importlib.metadata import entry_points

GROUP = "archspec.ops"


@cache
def declare_installed() -> None:
    """Imports what installed packages name, once; it looks at every package, so it waits for an unknown op."""
    for found in entry_points(group=GROUP):
        found.load()
