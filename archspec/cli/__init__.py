"""The command line: one file per command.

What a command needs is imported inside its body, so that `archspec --help` loads nothing but click. Exit codes: 0 fine,
1 the spec is wrong, 2 wrong usage, 70 a fault of archspec's own, 130 interrupted.
"""

import click

from archspec.cli.application import Application
from archspec.cli.bench import bench
from archspec.cli.check import check
from archspec.cli.compile import compile_
from archspec.cli.diff import diff
from archspec.cli.draw import draw
from archspec.cli.explain import explain
from archspec.cli.import_ import import_
from archspec.cli.init import init
from archspec.cli.lint import lint
from archspec.cli.list import list_
from archspec.cli.ops import ops
from archspec.cli.schema import schema
from archspec.cli.solve import solve
from archspec.cli.summary import summary
from archspec.cli.sweep import sweep
from archspec.cli.time import time
from archspec.cli.verify import verify
from archspec.cli.version import show_version


@click.group(cls=Application, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--debug", is_flag=True, envvar="ARCHSPEC_DEBUG", help="Show the traceback of a fault of archspec's own.")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=show_version, help="Show the version."
)
@click.pass_context
def main(context: click.Context, debug: bool) -> None:
    """Turn a one-page YAML spec of a network into PyTorch source, exact counts and a figure.

    SPEC is a path, `-` for standard input, or a gallery name, optionally with its variant: `resnet:resnet50`. It may
    be a torch module too, which is imported and run: `torchvision.models:resnet50`, `my_model.py:Net`.
    """
    context.obj = debug


for command in (
    compile_,
    draw,
    summary,
    diff,
    sweep,
    solve,
    time,
    bench,
    check,
    lint,
    verify,
    import_,
    list_,
    ops,
    explain,
    schema,
    init,
):
    main.add_command(command)
