"""`archspec list`: the gallery."""

import click

from archspec.cli.streams import give


@click.command("list")
@click.option("--variants", is_flag=True, help="One line for each SPEC:VARIANT, nothing else: for scripts.")
def list_(variants: bool) -> None:
    """List the gallery with its variants."""
    from archspec.gallery import gallery

    entries = gallery()
    if variants:
        for entry in entries:
            for spec in (f"{entry.name}:{variant}" for variant in entry.variants) if entry.variants else (entry.name,):
                give(spec)
        return
    for entry in entries:
        give(f"{entry.name}: {entry.doc}" if entry.doc else entry.name)
        if entry.variants:
            give(click.wrap_text(" ".join(entry.variants), 100, "    ", "    "))
