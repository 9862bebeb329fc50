"""Heat: a scale of one hue in even steps, from almost the page's background to the theme's heat colour.

Steps are even in Oklab, so that each looks as far from the next as any other. There are STEPS of them and nothing
between, so that a box can be matched with the legend by eye.
"""

from archspec.figure.look.color import READABLE, VISIBLE, contrast, luminance, mixed, towards
from archspec.figure.look.theme import Paint, Theme

STEPS = 7
_FIRST = 0.05  # of the way from the background to the heat colour


def ramp(theme: Theme) -> tuple[Paint, ...]:
    """The scale of `theme`, coolest first."""
    start = mixed(theme.background, theme.heat, _FIRST)
    fills = [mixed(start, theme.heat, step / (STEPS - 1)) for step in range(STEPS)]
    stroke = _stroke(theme)
    return tuple(Paint(fill, stroke) for fill in fills)


def heat_paint(theme: Theme, share: float) -> Paint:
    """The paint for `share` of the hottest there is, 0 to 1; what lies outside counts as the nearer end."""
    return ramp(theme)[min(max(int(share * STEPS), 0), STEPS - 1)]


def ink_on(theme: Theme, fill: str) -> str:
    """The colour for text on `fill`: the theme's ink where that can be read, else its background, else black or white.

    Its contrast is at least 4.5, since black or white has that on any colour.
    """
    under = theme.background if fill == "none" else fill
    for ink in (theme.ink, theme.background):
        if contrast(ink, under) >= READABLE:
            return ink
    return max("#000000", "#ffffff", key=lambda ink: contrast(ink, under))


def _stroke(theme: Theme) -> str:
    """One outline for the whole scale: the heat colour, made to stand out from the page."""
    end = "#ffffff" if luminance(theme.background) < 0.18 else "#000000"
    return towards(mixed(theme.heat, end, 0.15), end, theme.background, VISIBLE)
