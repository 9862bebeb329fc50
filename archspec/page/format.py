"""The page as a picture format: it shows one network, and its reader opens, closes and zooms."""

from archspec.figure.wishes import HEAT, OF_PAGES, STYLE, Wishes
from archspec.figure.write.format import Format, OfNetwork
from archspec.graph.network import Network


def _render(network: Network, wishes: Wishes) -> bytes:
    from archspec.page.html import render

    return render(network, wishes)


FORMAT = Format(
    suffixes=(".html",),
    made=OfNetwork(_render),
    without=(STYLE, HEAT, *OF_PAGES),
    because="a page on which the reader opens, closes and zooms",
    rank=4,
)
