"""The command line: one file per command.

What a command needs is imported inside its body, so that `archspec --help` loads nothing but click. Exit codes: 0 fine,
1 the spec is wrong, 2 wrong usage, 70 a fault of archspec's own, 130 interrupted.
"""

import click

from archspec.cli.application import Application, Commands
from archspec.cli.version import show_version

# In the order of the README. A command is found in a file of its name, which is imported when somebody asks for it.
COMMANDS = Commands(
    *("compile", "draw", "summary", "sizes", "memory", "receptive-field", "diff", "sweep", "solve", "time", "bench"),
    *("check", "lint", "verify", "import", "list", "ops", "explain", "schema", "init"),
)


@click.group(
    cls=Application,
    commands=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
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
