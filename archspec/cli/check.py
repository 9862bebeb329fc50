"""`archspec check`: says everything that is wrong with specs."""

from typing import TYPE_CHECKING

import click

from archspec.cli.own_ops import ops_option
from archspec.cli.permits import permit_options
from archspec.cli.streams import say

if TYPE_CHECKING:
    from archspec.language.permit import Permit


@click.command()
@click.argument("specs", metavar="SPEC...", nargs=-1, required=True)
@click.option(
    "--error-format",
    "form",
    type=click.Choice(["full", "concise", "json", "github"]),
    default="full",
    show_default=True,
    help="full and concise go to standard error, json and github to standard output.",
)
@ops_option
@permit_options
@click.pass_context
def check(context: click.Context, /, specs: tuple[str, ...], form: str, permit: "Permit") -> None:
    """Find every mistake in specs, and prove the facts they expect.

    Each SPEC is checked with its default params, with each of its variants and with each setting that its `expect:`
    names. Exits with 1 where a spec is wrong; warnings alone exit with 0.
    """
    from archspec import pipeline
    from archspec.cli.application import exit_code
    from archspec.cli.console import show_diagnostics
    from archspec.diagnostics.diagnostic import Diagnostic
    from archspec.diagnostics.summary import summarise

    found: list[Diagnostic] = []
    for spec in specs:
        found += pipeline.check(spec, permit)
    show_diagnostics(found, form)
    if form == "full":
        fine = f"{len(specs)} spec{'s' * (len(specs) > 1)} checked, all fine"
        say(summarise(found) or fine)
    context.exit(exit_code(found))
