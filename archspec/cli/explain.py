"""`archspec explain`: what a diagnostic code means."""

import click

from archspec.cli.streams import give


@click.command()
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Explain a diagnostic or a rule of lint, or list them.

    CODE stands in brackets in a message: error[shape-mismatch].
    """
    from archspec.cli.application import Usage
    from archspec.diagnostics.codes import CODES, Code
    from archspec.lint.rule import Rule, rules
    from archspec.registry import nearest

    entries: dict[str, Code | Rule] = {**dict(CODES.items()), **dict(rules().items())}
    if code is None:
        width = max(map(len, entries))
        for name, entry in entries.items():
            give(f"{name:{width}}  {entry.summary}")
        return
    known = entries.get(code)
    if known is None:
        offered = nearest(code, entries)
        hint = f"{offered} is one" if offered else "`archspec explain` lists them"
        raise Usage(f"there is no code {code!r}; {hint}")
    give(f"{code}: {known.summary}\n\n{known.explanation.strip()}")
