"""Tables: from one network, or from the difference of two, to text in any table format."""

from collections.abc import Mapping, Sequence
from functools import cache
from os import environ
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from archspec.registry import Registry, declared
from archspec.tables.form import Form

if TYPE_CHECKING:
    from archspec.compare.table import Difference
    from archspec.graph.network import Network
    from archspec.measures.measure import Measure


@cache
def forms() -> Registry[Form]:
    """Name -> format: the files of `archspec/tables/forms/`."""
    known: Registry[Form] = Registry("table format")
    found = declared("archspec.tables.forms", "FORM", Form)
    for form in sorted(found, key=lambda each: (each.rank, each.name)):
        known.add(form.name, form)
    return known


def suffixes() -> Mapping[str, str]:
    """Suffix -> name of its format, those that a person reads first."""
    return {form.suffix: name for name, form in sorted(forms().items(), key=lambda named: not named[1].fits_page)}


def summary_table(
    network: "Network",
    form: str,
    *,
    depth: int | None = None,
    convention: str = "macs",
    columns: Sequence[str] = (),
    terminal: bool = False,
    training: bool = False,
) -> str:
    """The counts of `network` as text in `form`, ending in a newline.

    Args:
        network: what to count.
        form: one of `forms()`.
        depth: rows down to this level; None for as many as the format shows by itself.
        convention: how to count, a key of CONVENTIONS.
        columns: names of measures to show besides.
        terminal: fit it to the terminal's width, in colour unless NO_COLOR is set.
        training: say what a step of training takes too.

    Raises:
        ValueError: there is no such form, convention or measure.
    """
    from archspec.graph.report import fitting_depth, report  # noqa: PLC0415  so that help can list the forms quickly

    chosen = _chosen(form)
    if depth is None and chosen.fits_page:
        depth = fitting_depth(network.graph)
    made = report(network, depth=depth, convention=convention, columns=measures_of(columns), step=training)
    if terminal and chosen.on_terminal is not None:
        return chosen.on_terminal.report(made, *_terminal())
    return chosen.report(made)


def difference_table(difference: "Difference", form: str, *, depth: int | None = None, terminal: bool = False) -> str:
    """`difference` as text in `form`, ending in a newline.

    Args:
        difference: what to write.
        form: one of `forms()`.
        depth: as of `summary_table`.
        terminal: as of `summary_table`.

    Raises:
        ValueError: there is no such form.
    """
    chosen = _chosen(form)
    fitting = difference.fitting() if chosen.fits_page else difference
    cut = fitting if depth is None else difference.down_to(depth)
    if terminal and chosen.on_terminal is not None:
        return chosen.on_terminal.difference(cut, *_terminal())
    return chosen.difference(cut)


def measures_of(names: Sequence[str]) -> "list[Measure]":
    """The measures of these names. Raises ValueError where there is none."""
    from archspec.measures.known import measures  # noqa: PLC0415

    unknown = next((name for name in names if name not in measures()), None)
    if unknown is not None:
        raise ValueError(f"no measure is called {unknown!r}; there are {', '.join(measures())}")
    return [measures()[name] for name in names]


def _chosen(form: str) -> Form:
    known = forms()
    if form not in known:
        raise ValueError(f"no table format is called {form!r}; there are {', '.join(known)}")
    return known[form]


def _terminal() -> tuple[int, bool]:
    return get_terminal_size().columns, not environ.get("NO_COLOR")
