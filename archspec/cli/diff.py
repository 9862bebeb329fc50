"""`archspec diff`: what is different between two networks."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archspec.cli.late import (
    LateChoice,
    LateHelp,
    figure_suffixes,
    listed,
    table_names,
    table_suffixes,
)
from archspec.cli.options import Request, columns_option, pair_options

if TYPE_CHECKING:
    from archspec.compare.changes import Comparison
    from archspec.compare.table import Difference
    from archspec.graph.network import Network

_STDOUT = Path("-")


@click.command()
@pair_options
@click.option("--depth", type=click.IntRange(min=1), help="Rows, and blocks of the figure, down to this level.")
@click.option(
    "--format",
    "form",
    type=LateChoice(table_names),
    help="Of the table on standard output; text without it. json is a stable interface.",
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path),
    cls=LateHelp,
    named={"tables": lambda: listed(table_suffixes()), "figures": lambda: listed(figure_suffixes())},
    help="The file to write, standard output without it; may be given again. Its suffix chooses: {tables} a table; "
    "{figures} a figure.",
)
@columns_option(help="Measures for tables to show besides params and MACs: {measures}.")
@click.option("--theme", metavar="NAME|FILE", help="Of the figure: light, dark, print, or a theme file of your own.")
@click.option("--exit-code", "tell", is_flag=True, help="Exit with 1 where the networks differ.")
@click.pass_context
def diff(
    context: click.Context,
    /,
    requests: tuple[Request, Request],
    depth: int | None,
    form: str | None,
    outputs: tuple[Path, ...],
    columns: tuple[str, ...],
    theme: str | None,
    tell: bool,
) -> None:
    """Compare two networks: what was added, removed, changed, renamed and moved.

    BEFORE and AFTER are given as SPEC is elsewhere: `resnet:resnet50 resnet:resnet101`, `old.yaml new.yaml`; one of
    them may be `-`. What --set and --input say goes for both.

    Without --depth, text and markdown open what fits on a page; json and csv open all. With .html, a page to explore
    has both networks.
    """
    import sys

    from archspec.cli.console import write, write_or_print
    from archspec.compare.difference import comparison, tabulate
    from archspec.tables.tables import difference_table, measures_of, suffixes

    outputs = outputs or (_STDOUT,)
    _require_meaning(requests, outputs, form, theme)
    networks = _networks(requests)
    compared = comparison(*networks)
    read = [path for network in networks for path in network.files]
    difference = tabulate(compared, measures_of(columns))
    for path in outputs:
        kind = (form or "text") if path == _STDOUT else suffixes().get(path.suffix.lower())
        if kind is not None:
            terminal = path == _STDOUT and sys.stdout.isatty()
            write_or_print(path, difference_table(difference, kind, depth=depth, terminal=terminal), read)
        else:
            write(path, _drawn(path, compared, difference, theme or "light", depth), (*read, *filter(None, (theme,))))
    if tell and not difference.empty:
        context.exit(1)


def _drawn(path: Path, compared: "Comparison", difference: "Difference", theme: str, depth: int | None) -> bytes:
    from archspec.cli.application import Usage
    from archspec.figure.look.theme_file import find_theme
    from archspec.figure.what.fold import DrawError
    from archspec.figure.wishes import Wishes
    from archspec.pictures import difference_picture

    try:
        wishes = Wishes(depth=depth, theme=find_theme(theme))
        return difference_picture(compared, difference, path.suffix, wishes)
    except DrawError as error:
        raise Usage(str(error)) from None


def _require_meaning(requests: Sequence[Request], outputs: Sequence[Path], form: str | None, theme: str | None) -> None:
    """Raises Usage where what is asked for cannot be made, or an option would be ignored."""
    from archspec.cli.application import Usage

    if all(request.spec == "-" or request.spec.startswith("-:") for request in requests):
        raise Usage("standard input is one spec: give BEFORE or AFTER as a file or a gallery name")
    tables = table_suffixes()
    figures = [path for path in outputs if path != _STDOUT and path.suffix.lower() not in tables]
    for path in figures:
        if path.suffix.lower() not in figure_suffixes():
            kinds = f"tables {', '.join(tables)} and figures {', '.join(figure_suffixes())}"
            raise Usage(f"{path} has no suffix that says what to write; there are {kinds}")
    if form is not None and _STDOUT not in outputs:
        raise Usage("--format is of the table on standard output; a file's suffix chooses its own")
    if theme is not None and not figures:
        raise Usage("--theme is of a figure; name one with -o, such as -o diff.svg")


def _networks(requests: Sequence[Request]) -> "list[Network]":
    """Both networks. Raises SpecError with the mistakes of both, which say in which of the two they are."""
    from dataclasses import replace

    from archspec.cli.console import show_diagnostics
    from archspec.diagnostics.diagnostic import Diagnostic, SpecError

    networks: list[Network] = []
    found: dict[Diagnostic, list[str]] = {}
    for name, request in zip(("BEFORE", "AFTER"), requests, strict=True):
        try:
            networks.append(request.load())
        except SpecError as error:
            for diagnostic in error.diagnostics:
                found.setdefault(diagnostic, []).append(f"in {name}, {request.spec}")
    if found:
        raise SpecError(tuple(replace(one, notes=(*one.notes, *where)) for one, where in found.items()))
    show_diagnostics(dict.fromkeys(warning for network in networks for warning in network.warnings))
    return networks
