"""`archspec sizes`: which sizes a network takes, and why it does not take others."""

from collections.abc import Mapping
from dataclasses import replace

import click

from archspec.cli.options import Request, spec_options
from archspec.cli.streams import give


@click.command()
@spec_options
@click.option("--training", is_flag=True, help="With the parts that run in training only.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json is a stable interface.",
)
@click.pass_context
def sizes(context: click.Context, request: Request, training: bool, form: str) -> None:
    """Tell which heights, widths and lengths a network takes, and what comes out.

    The rule is proven, not sampled: the shape rules of the ops run once for all sizes. It is that of the module made
    at the declared sizes, with its weights. --input asks for one size: whether it fits, why not, and the nearest
    that do. Then it exits with 1 where the size does not fit.
    """
    from archspec.cli.application import SPEC_IS_WRONG
    from archspec.cli.modules import names_module
    from archspec.tables.sizes import answer_json, answer_lines, size_lines, sizes_json

    whole = names_module(request.spec)  # a module has no sizes but those that it is run with
    design = (request if whole else replace(request, inputs={})).design()
    rule = design.sizes(training=training)
    if whole or not request.inputs:
        for line in (sizes_json(rule),) if form == "json" else size_lines(rule):
            give(line)
        return
    asked = _asked(request, rule.declared)
    for line in (answer_json(rule, asked),) if form == "json" else answer_lines(rule, asked):
        give(line)
    if not rule.fits(asked):
        context.exit(SPEC_IS_WRONG)


def _asked(request: Request, declared: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """The sizes of all inputs, those that were not given as declared. Raises Usage for an input that there is not."""
    from archspec.cli.application import Usage

    given = {name: dims for name, (dims, _) in request.inputs.items()}
    if "" in given and len(declared) == 1:
        given[next(iter(declared))] = given.pop("")
    for name, dims in given.items():
        if name not in declared:
            said = f"there is no input {name}" if name else "there are several inputs: name the one meant"
            raise Usage(f"{said}; they are {', '.join(declared)}")
        if len(dims) != len(declared[name]):
            raise Usage(f"{name} has {len(declared[name])} sizes after the batch, not {len(dims)}")
    return {**declared, **given}
