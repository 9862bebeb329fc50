"""`archspec diff`: what is different between two networks."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archspec.cli.options import Request, setting_options

if TYPE_CHECKING:
    from archspec.ir.network import Network

_TABLES = {".txt": "text", ".json": "json", ".csv": "csv", ".md": "markdown"}
_STDOUT = "-"


@click.command()
@click.argument("before", metavar="BEFORE")
@click.argument("after", metavar="AFTER")
@setting_options
@click.option("--depth", type=click.IntRange(min=1), help="Rows down to this level.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv", "markdown"]),
    help="Of the table on standard output, text without it; json is a stable interface.",
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A file to write instead; may be given several times. The suffix chooses: .txt, .md, .json or .csv for the "
    "table; .svg, .png, .pdf, .tex, .tikz, .dot or .mmd for the figure.",
)
@click.option("--theme", default="light", metavar="NAME|FILE", help="Of the figure: light, dark, print, or your own.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 where the networks differ.")
@click.pass_context
def diff(
    context: click.Context,
    before: str,
    after: str,
    settings: dict[str, str],
    inputs: dict[str, tuple[int, ...]],
    depth: int | None,
    form: str | None,
    outputs: tuple[Path, ...],
    theme: str,
    exit_code: bool,
) -> None:
    """Compare two networks: what was added, removed, changed and renamed.

    BEFORE and AFTER are named like SPEC elsewhere: `resnet:resnet50 resnet:resnet101`, `old.yaml new.yaml`; one of them
    may be `-`. --set and --input go for both.

    Without --depth, text and markdown open as many levels as fit on a page; json and csv open all.
    """
    import sys

    from archspec.cli.console import write, write_or_print
    from archspec.formats.difference import difference_table
    from archspec.views.difference import comparison, tabulate

    forms = {path: _form(path, form) for path in outputs or (Path(_STDOUT),)}
    first, second = _networks(Request(before, None, settings, inputs), Request(after, None, settings, inputs))
    compared = comparison(first, second)
    difference = tabulate(compared)
    for path, kind in forms.items():
        if kind not in _TABLES.values():
            write(path, _figure(compared, kind, theme))
            click.echo(f"wrote {path}", err=True)
            continue
        on_terminal = str(path) == _STDOUT and sys.stdout.isatty()
        fitting = difference.fitting() if kind in ("text", "markdown") else difference
        cut = difference.down_to(depth) if depth is not None else fitting
        write_or_print(path, difference_table(cut, kind, terminal=on_terminal))
    if exit_code and not difference.empty:
        context.exit(1)
