"""Ops of installed packages: a package declares them in modules that its entry points `archspec.ops` name.

[project.entry-points."archspec.ops"]
my_ops = "my_package.ops"        # a module that declares ops with @op when it is imported
"""

from functools import cache

from archspec.ops.guard import OwnFault, described, placed, trace

GROUP = "archspec.ops"


@cache
def declare_installed() -> None:
    """Imports what installed packages name, once; it looks at every package, so it waits for an unknown op.

    Raises:
        OwnFault: the module that a package names is not there, or raises.
    """
    from importlib.metadata import entry_points  # noqa: PLC0415  it brings all that mail needs, for a tenth of start-up

    for found in entry_points(group=GROUP):
        try:
            found.load()
        except Exception as raised:
            package = f" of {found.dist.name}" if found.dist is not None else ""
            reason = f"the entry point {found.name} = {found.value}{package} raised {described(raised)}"
            help = "mend the module that it names, or uninstall the package: its ops are offered to every spec"
            raise OwnFault(reason, placed(*trace(raised)[-1]), help) from raised
