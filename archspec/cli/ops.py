"""`archspec ops`: what a spec's `op:` can name."""

import click

from archspec.cli.own_ops import ops_option
from archspec.cli.streams import give


@click.command()
@click.argument("name", required=False)
@ops_option
def ops(name: str | None) -> None:
    """List the ops, or describe one.

    The description of the op NAME has its fields with their defaults, its inputs and its outputs.
    """
    from archspec.cli.application import Usage
    from archspec.ops.called import help_of
    from archspec.ops.installed import declare_installed
    from archspec.ops.op import OPS
    from archspec.tables.reference import describe, one_line

    declare_installed()
    if name is None:
        width = max(map(len, OPS))
        for known, op in sorted(OPS.items()):
            give(f"{known:{width}}  {one_line(op)}")
        return
    found = OPS.get(name)
    if found is None:
        raise Usage(f"there is no op {name!r}; {help_of(name)}")
    give(describe(found), line_break=False)
