"""The page as a picture format: it shows one network, and its reader opens, closes and zooms."""

from archspec.compare.changes import Comparison
from archspec.compare.table import Difference
from archspec.figure.wishes import OF_PAGES, STYLE, Wishes
from archspec.figure.write.format import Format, OfNetwork
from archspec.graph.network import Network


def _render(network: Network, wishes: Wishes) -> bytes:
    from archspec.page.html import render

    return render(network, wishes)


def _render_difference(compared: Comparison, difference: Difference, wishes: Wishes) -> bytes:
    from archspec.page.difference import difference_page
    from archspec.page.html import render_page

    return render_page(difference_page(compared, difference, theme=wishes.theme, depth=wishes.depth))


FORMAT = Format(
    suffixes=(".html",),
    made=OfNetwork(_render, _render_difference),
    without=(STYLE, *OF_PAGES),
    because="a page on which the reader opens, closes and zooms",
    rank=4,
)
