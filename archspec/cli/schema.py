"""`archspec schema`: the spec language for editors."""

from pathlib import Path

import click

from archspec.cli.own_ops import ops_option


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write; standard output without it.")
@ops_option
def schema(output: Path | None) -> None:
    """Write the JSON Schema of the language.

    An editor that knows it completes and checks a spec as it is written.
    """
    import json

    from archspec.cli.console import write_or_print
    from archspec.language.schema import json_schema

    write_or_print(output, json.dumps(json_schema(), indent=2) + "\n")
