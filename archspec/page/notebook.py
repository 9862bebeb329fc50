"""Notebook: what a cell shows of a network: its figure, and folded below it the page to explore."""

from base64 import b64encode
from xml.sax.saxutils import escape, quoteattr

from archspec.figure.what.fold import DrawError
from archspec.figure.wishes import Wishes
from archspec.graph.network import Network
from archspec.page.html import render

_HEIGHT = 640  # pixels of the page in a cell


def in_cell(network: Network, figure: bytes) -> str:
    """HTML for a cell: `figure`, an SVG, and the page, which loads where a reader unfolds it.

    The page is in a frame that may run its own script and nothing else. A network that is too large for a page shows
    its figure only.
    """
    name = f"{network.name} {network.variant}".rstrip()
    source = f"data:image/svg+xml;base64,{b64encode(figure).decode()}"
    shown = f'<img alt={quoteattr(name)} style="max-width:100%" src="{source}">'
    try:
        page = render(network, Wishes()).decode()
    except DrawError:
        return shown
    frame = (
        f'<iframe title={quoteattr(name)} loading="lazy" sandbox="allow-scripts allow-downloads allow-modals" '
        f'style="width:100%;height:{_HEIGHT}px;border:1px solid #d0d4da;border-radius:6px" '
        f"srcdoc={quoteattr(page)}></iframe>"
    )
    return f"{shown}<details><summary>Explore {escape(name)}</summary>{frame}</details>"
