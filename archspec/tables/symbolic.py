"""Symbolic: the summary with shapes and multiply-adds as formulas in the sizes of the inputs."""

from collections.abc import Iterator

from archspec.graph.graph import Ref
from archspec.graph.measured import ops_in
from archspec.graph.network import Network
from archspec.graph.report import Row, fitting_depth, report
from archspec.graph.walk import default_output
from archspec.sizes.form import Form
from archspec.sizes.formulas import Formulas, formulas
from archspec.sizes.letters import dims_of, letters, shown
from archspec.sizes.rule import size_rule
from archspec.sizes.words import Names, words_of_form, words_of_set

UNKNOWN = "?"


def symbolic_table(network: Network, *, depth: int | None = None) -> str:
    """The formulas block by block, ending in a newline.

    Args:
        network: what to count.
        depth: rows down to this level; None for as many as fit on a page.
    """
    found = formulas(size_rule(network))
    if found is None:
        return f"{network.name}: no formula follows its sizes\n"
    names = letters(network, found.where)
    lines = [_title(network, found, names), *_where(found, names), ""]
    rows = report(network, depth=depth or fitting_depth(network.graph)).rows
    inside = ops_in(network, [row.path for row in rows])
    table = [("block", "is", "output", "MACs"), *(_row(network, found, names, row, inside[row.path]) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines += ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    needed = [id for id, node in network.graph.nodes.items() if not node.train_only and id not in network.graph.inputs]
    lines.append(f"MACs  {_macs(found.total(needed), found, names)} per sample")
    return "\n".join(lines) + "\n"


def _title(network: Network, found: Formulas, names: Names) -> str:
    variant = f" ({network.variant})" if network.variant else ""
    inputs = ", ".join(
        f"{id} {' x '.join(dims_of(id, network, found.where, names)) or 'one number'}" for id in network.graph.inputs
    )
    return f"{network.name}{variant}: {inputs}"


def _where(found: Formulas, names: Names) -> Iterator[str]:
    """The class of sizes for which the formulas hold."""
    free = [words_of_set(held, names[size]) for size, held in found.where.sets.items() if held.only is None]
    if free:
        yield f"for {'; '.join(free)}"


def _row(network: Network, found: Formulas, names: Names, row: Row, ops: list[str]) -> tuple[str, str, str, str]:
    label, name = ", ".join(filter(None, (str(row.label), *row.notes))), "  " * (row.depth - 1) + row.name
    if row.train_only:
        return name, label, "-", "-"  # another way may be proven with them
    graph = network.graph
    scope = graph.scopes.get(row.path)
    ref = Ref(row.path) if scope is None else default_output(graph, scope)
    extent = found.extents[ref.node][graph.nodes[ref.node].op.ports.index(ref.port)]
    macs = found.total(id for id in ops if not graph.nodes[id].train_only)
    return name, label, shown(extent.dims, 0, found.where, names), _macs(macs, found, names)


def _macs(form: Form | None, found: Formulas, names: Names) -> str:
    return UNKNOWN if form is None else words_of_form(form, found.where, names)
