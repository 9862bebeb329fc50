"""`archspec bench`: times blocks with torch on this machine, beside what `time` estimates."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archspec.cli.options import Request, specs_options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archspec.graph.network import Network
    from archspec.runtime.timing import Measured
    from archspec.speed.beside import Pair
    from archspec.speed.device import Device
    from archspec.speed.roofline import Run


@click.command()
@specs_options
@click.option("--on", "place", default="cpu", show_default=True, metavar="PLACE", help="Where torch runs: cpu, cuda.")
@click.option("--device", metavar="NAME|FILE", help="Estimate by this one; by what this machine reaches without it.")
@click.option("--batch", type=click.IntRange(min=1), default=1, show_default=True, help="Samples at a time.")
@click.option(
    "--dtype", type=click.Choice(["float32", "float64", "bfloat16", "float16"]), default="float32", show_default=True
)
@click.option("--training", is_flag=True, help="A step of training, of whole networks.")
@click.option("--format", "form", type=click.Choice(["text", "json", "device"]), default="text", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write; standard output without it.")
def bench(
    requests: tuple[Request, ...],
    /,
    place: str,
    device: str | None,
    batch: int,
    dtype: str,
    training: bool,
    form: str,
    output: Path | None,
) -> None:
    """Measure a network block by block, or several as a whole, and show estimate beside measurement.

    First it measures what this machine reaches in a product of matrices, in a copy and in starting an op; with
    `--format device` that is all, a file for `time --device`.
    """
    from archspec.cli.console import write_or_print
    from archspec.speed.beside import as_json, as_table, text
    from archspec.speed.device import find_device
    from archspec.speed.roofline import Run

    reach = _reach(place)
    found = find_device(device) if device else reach(place, [dtype])
    if form == "device":
        write_or_print(output, as_table(found))
        return
    run = Run(found, batch, _known_type(found, dtype), training)
    results = [_measured(request, place, run, dtype) for request in requests]
    alone = len(results) == 1 and not training
    network, measured = results[0]
    pairs = _of_blocks(network, measured, run) if alone else [_of_network(*one, run) for one in results]
    whole = _of_network(network, measured, run) if alone else None
    how = "training" if training else "inference"
    title = f"{network.name if alone else f'{len(results)} networks'}: {how} of {batch} in {dtype} on {place}"
    made = text(title, pairs, whole, found, "block" if alone else "network")
    write_or_print(output, as_json(pairs, whole, found) if form == "json" else made)


def _reach(place: str) -> "Callable[[str, Sequence[str]], Device]":
    """What measures what this machine reaches. Raises Usage where torch is not there, or has no such place."""
    from archspec.cli.application import Usage

    try:
        from archspec.runtime.timing import NoPlace, require_place, this_machine
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise Usage("bench runs the source and needs torch: pip install 'archspec[torch]'") from None
    try:
        require_place(place)
    except NoPlace as error:
        raise Usage(str(error)) from None
    return this_machine


def _known_type(device: "Device", dtype: str) -> str:
    from archspec.cli.application import Usage

    if dtype not in device.flops:
        raise Usage(f"{device.name} does not compute in {dtype}; it does in {', '.join(device.flops)}")
    return dtype


def _measured(request: Request, place: str, run: "Run", dtype: str) -> "tuple[Network, Measured]":
    """Builds a network and times it, and its outermost blocks."""
    from archspec.cli.application import Usage
    from archspec.runtime.timing import measure

    if request.block:
        raise Usage(f"bench measures whole networks; leave out /{request.block}")
    design = request.design()
    try:
        module = design.build()
    except PermissionError as error:
        raise Usage(str(error)) from None
    wanted = _outermost(design.network)
    timed = measure(design.network, module, wanted, place=place, dtype=dtype, batch=run.batch, training=run.training)
    return design.network, timed


def _outermost(network: "Network") -> list[str]:
    """Ids of the members of the network itself, and of those in it where it is one block."""
    from archspec.graph.walk import inside

    graph = network.graph
    for depth in (1, 2, 3):
        found = [one.id for one in inside(graph, graph.scopes[""], depth) if one.id not in graph.inputs]
        if len(found) > 3:
            break
    return found


def _of_blocks(network: "Network", measured: "Measured", run: "Run") -> "list[Pair]":
    """A pair for each block that is a module of its own and was called; what others are inside of is left out."""
    from archspec.graph.walk import within
    from archspec.speed.beside import Pair
    from archspec.speed.estimate import estimate

    rows = {row.path: row for row in estimate(network, run).rows}
    timed = [id for id in measured.blocks if id in rows]
    leaves = [id for id in timed if not any(within(other, id) for other in timed)]
    return [Pair(id, rows[id].label, rows[id].work.seconds, measured.blocks[id]) for id in leaves]


def _of_network(network: "Network", measured: "Measured", run: "Run") -> "Pair":
    from archspec.speed.beside import Pair
    from archspec.speed.estimate import estimate

    name = f"{network.name}:{network.variant}" if network.variant else network.name
    return Pair(name, "whole pass", estimate(network, run, 1).whole.seconds, measured.whole)
