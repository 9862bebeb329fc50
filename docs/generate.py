"""Writes the generated pages of docs/reference/.

python docs/generate.py            writes them
python docs/generate.py --check    exits with 1 where one is not what would be written
"""

import sys
from pathlib import Path

import click

from archspec.cli import main as application
from archspec.formats.reference import GENERATED, errors_page, ops_page

REFERENCE = Path(__file__).parent / "reference"
COMMANDS = """
# Commands

`SPEC` is a path, `-` for standard input, or a gallery name, optionally with its variant: `resnet:resnet50`. Values
given by `--set` are YAML: `--set depths=[3,4,6,3]`.

What a command makes goes to standard output or to the file that `-o` names; messages go to standard error. A file is
written whole or not at all.

| exit code | meaning |
| :--- | :--- |
| 0 | fine; there may be warnings |
| 1 | the spec is wrong or lacks the variant, param or input that was asked for, or a check of `verify` does not hold |
| 2 | wrong usage: an unknown option, a spec that cannot be read, a file that cannot be written |
| 70 | a fault of archspec's own; `ARCHSPEC_DEBUG=1` adds the traceback |
| 130 | interrupted |
| 141 | the reader of standard output went away |
"""


def commands_page() -> str:
    """docs/reference/cli.md."""
    lines = [GENERATED, COMMANDS.rstrip()]
    whole = click.Context(
        application,
        info_name="archspec",
        terminal_width=100,
        max_content_width=100,
        help_option_names=application.context_settings["help_option_names"],
    )
    for name, command in application.commands.items():
        context = click.Context(command, whole, info_name=name)
        lines += ["", f"## archspec {name}", "", "```text", command.get_help(context), "```"]
    return "\n".join(lines) + "\n"


PAGES = {"cli.md": commands_page, "errors.md": errors_page, "ops.md": ops_page}


def main(arguments: list[str]) -> int:
    """Writes, or checks, every page; returns the exit code."""
    stale = []
    for name, page in PAGES.items():
        path, text = REFERENCE / name, page()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in arguments:
            stale.append(path)
        else:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path}")
    for path in stale:
        print(f"{path} is not fresh: run python docs/generate.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
