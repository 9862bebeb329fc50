"""Fit for a difference: the figure of two networks that fits a double column."""

from archspec.compare.changes import Comparison
from archspec.compare.table import Difference
from archspec.figure.diagram import Diagram
from archspec.figure.look.theme import LIGHT, Theme
from archspec.figure.place.drawing import COLUMN, page_width, place
from archspec.figure.what.difference_figure import BUDGET, difference_figure, worth_opening

_BUDGETS = (BUDGET, 16, 12, 8, 4, 1)
_WIDE = 1.5 * COLUMN  # of an encoder-decoder, whose form says more than the size of its type
_TALL = 0.8  # height of one network's panel over the width of the page, up to which blocks stay open


def fitted_difference(
    compared: Comparison, difference: Difference, *, theme: str | Theme = LIGHT.name, depth: int | None = None
) -> Diagram:
    """The figure of both networks: what does not fit is closed, then read as rows instead of by resolution.

    Args:
        compared: the networks and what changed.
        difference: the table of the same.
        theme: the colours, or their name.
        depth: levels of blocks to open; None for as many as fit.

    Raises:
        DrawError: the theme is unknown.
    """
    budgets = _BUDGETS if depth is None else _BUDGETS[:1]
    choices = list(dict.fromkeys(worth_opening(compared, depth=depth, budget=budget) for budget in budgets))
    tried: list[tuple[float, Diagram]] = []
    for by_level in (True, False):
        for opened in choices:
            made = difference_figure(compared, difference, opened, theme=theme, by_level=by_level)
            panels = place(made)
            width = page_width(panels)
            tried.append((width, made))
            rows = all(panel.arrangement == "rows" for panel in made.panels)
            tall = rows and depth is None and max(panel.height for panel in panels) > _TALL * COLUMN
            if width <= (COLUMN if rows else _WIDE) + 0.5 and not tall:
                return made
        if rows:
            break
    narrow = [made for width, made in tried if width <= COLUMN + 0.5]
    return narrow[-1] if narrow else min(tried, key=lambda one: one[0])[1]
