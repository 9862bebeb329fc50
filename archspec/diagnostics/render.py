"""Render: diagnostics as text in the form that is asked for."""

from collections.abc import Sequence

from archspec.diagnostics.concise import render_concise
from archspec.diagnostics.diagnostic import Diagnostic
from archspec.diagnostics.full import render_full
from archspec.diagnostics.github import render_github
from archspec.diagnostics.json import render_json

FORMS = ("full", "concise", "json", "github")


def render(diagnostics: Sequence[Diagnostic], form: str = "full", *, color: bool = False) -> str:
    """`diagnostics` in one of FORMS, without a line break at the end; `color` is for "full".

    Linear in the diagnostics and their texts.
    """
    if form == "full":
        return render_full(diagnostics, color=color)
    if form == "github":
        return render_github(diagnostics)
    return render_concise(diagnostics) if form == "concise" else render_json(diagnostics)
