"""`archspec lint`: advice on networks that are right and might be better."""

from typing import TYPE_CHECKING

import click

from archspec.cli.options import Request, specs_options

if TYPE_CHECKING:
    from archspec.lint.lint import Wish


@click.command()
@specs_options
@click.option("--select", multiple=True, metavar="RULE", help="Run this rule and no other, whether it is off or not.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Leave out this rule.")
@click.option("--all", "every", is_flag=True, help="Run the rules too that are off by default.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["full", "concise", "json", "github"]),
    default="full",
    show_default=True,
    help="json is a stable interface; github marks the lines of a pull request.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 where there is a finding.")
@click.pass_context
def lint(
    context: click.Context,
    requests: tuple[Request, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    form: str,
    *,
    every: bool,
    strict: bool,
) -> None:
    """Give advice on networks: what trains badly, wastes parameters, or draws a checkerboard.

    A spec with variants is looked at with each of them. Behind a network stands the block that the advice is about, by
    its path or by its name: resnet:resnet50/layer1. `archspec explain RULE` has the reason of a rule, where it comes
    from and an example; `lint: {ignore: [RULE]}` silences it at a member, in a block or in a whole spec.

    Exits with 0, findings or not, but with --strict.
    """
    import sys
    from dataclasses import replace

    from archspec.cli.application import SPEC_IS_WRONG, Usage
    from archspec.cli.modules import names_module
    from archspec.cli.streams import give, say
    from archspec.diagnostics.diagnostic import Diagnostic
    from archspec.diagnostics.render import render
    from archspec.diagnostics.summary import summarise
    from archspec.lint.lint import NoBlock, lint

    wish = _wish(select, ignore, every=every)
    found: list[Diagnostic] = []
    for request in requests:
        try:
            mine = replace(wish, block=request.block, imported=names_module(request.spec))
            found += lint(request.networks(), mine)
        except NoBlock as fault:
            raise Usage(str(fault)) from None
    if found or form == "json":
        give(render(found, form, color=form == "full" and sys.stdout.isatty()))
    if form == "full":
        say(summarise(found) or "nothing to say")
    if found and strict:
        context.exit(SPEC_IS_WRONG)


def _wish(select: tuple[str, ...], ignore: tuple[str, ...], *, every: bool) -> "Wish":
    """Which rules run. Raises Usage where there is no rule of a name."""
    from archspec.cli.application import Usage
    from archspec.lint.lint import Wish
    from archspec.lint.rule import rules

    names = {option: _names(given) for option, given in (("select", select), ("ignore", ignore))}
    for name in (*names["select"], *names["ignore"]):
        if name not in rules():
            near = rules().nearest(name)
            raise Usage(f"there is no rule {name!r}; " + (f"{near} is one" if near else "archspec explain lists them"))
    return Wish(names["select"], names["ignore"], all=every)


def _names(given: tuple[str, ...]) -> tuple[str, ...]:
    """Rules that are named one by one, or several between commas."""
    return tuple(name.strip() for text in given for name in text.split(",") if name.strip())
