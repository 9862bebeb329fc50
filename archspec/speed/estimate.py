"""Estimate: the work of each block of a network, as a table before any format."""

from archspec.graph.measured import ops_in
from archspec.graph.network import Network
from archspec.graph.report import fitting_depth, report
from archspec.graph.walk import last_name
from archspec.speed.roofline import Run, Work, total, work
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A block or an op.

    Attributes:
        path: from the root.
        depth: 1 for a member of the root.
        type: of the op or the block.
        label: what a reader wants to know of it: `3×3 conv, 64`.
        work: of everything in it.
    """

    path: str
    depth: int
    type: str
    label: str
    work: Work

    @property
    def name(self) -> str:
        """The last part of the path."""
        return last_name(self.path)


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long a network takes.

    Attributes:
        name: of the network.
        variant: of it.
        run: how it runs.
        rows: blocks before what is in them.
        whole: the work of all of it.
    """

    name: str
    variant: str
    run: Run
    rows: tuple[Row, ...]
    whole: Work


def estimate(network: Network, run: Run, depth: int | None = None, *, whole_page: bool = False) -> Estimate:
    """The work of every block down to a level.

    Args:
        network: what runs.
        run: how.
        depth: levels of blocks; all without it.
        whole_page: where there is no depth, only as many levels as fit on a page.
    """
    works = work(network, run)
    if depth is None and whole_page:
        depth = fitting_depth(network.graph)
    counted = report(network, depth=depth).rows
    held = ops_in(network, [row.path for row in counted])
    rows = tuple(
        Row(row.path, row.depth, row.type, str(row.label), total(works[id] for id in held[row.path] if id in works))
        for row in counted
        if any(id in works for id in held[row.path])
    )
    return Estimate(network.name, network.variant, run, rows, total(works.values()))
