"""`archspec time`: how long a network takes on a device, by a roofline."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archspec.cli.options import Request, spec_options
from archspec.cli.timing import Timing, timing_options

if TYPE_CHECKING:
    from archspec.graph.network import Network


@click.command()
@spec_options
@timing_options(device="One of the table, or a YAML file; all of the table without it.")
@click.option("--depth", type=click.IntRange(min=1), help="Rows down to this level.")
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write; standard output without it.")
def time(
    request: Request,
    /,
    timing: Timing,
    depth: int | None,
    form: str,
    output: Path | None,
) -> None:
    """Estimate how long a network takes on a device, block by block.

    Each op takes what it computes at the device's peak, or what it moves at its bandwidth, whichever is longer: a
    bound, and not what a kernel reaches. `bench` measures this machine and shows both.
    """
    from archspec.cli.application import Usage
    from archspec.cli.console import write_or_print
    from archspec.speed.estimate import estimate
    from archspec.speed.words import as_csv, as_json

    network = request.network()
    if timing.device is None:
        if form != "text":
            raise Usage(f"--format {form} is of one device: name it with --device")
        write_or_print(output, _on_all(network, timing), network.files)
        return
    made = estimate(network, timing.run_on(timing.device), depth, whole_page=form == "text")
    content = {"json": as_json, "csv": as_csv}[form](made) if form != "text" else _text(made, output)
    write_or_print(output, content, network.files)


def _text(made: object, output: Path | None) -> str:
    import os
    import shutil
    import sys
    from typing import cast

    from archspec.speed.estimate import Estimate
    from archspec.speed.words import text

    terminal = output is None and sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else None
    return text(cast(Estimate, made), width=width, color=terminal and not os.environ.get("NO_COLOR"))


def _on_all(network: "Network", timing: Timing) -> str:
    """A line for each device of the table that computes in the type asked for."""
    from archspec.speed.device import devices
    from archspec.speed.estimate import estimate
    from archspec.speed.roofline import Run
    from archspec.speed.words import on_all

    fitting = [one for one in devices().values() if timing.dtype is None or timing.dtype in one.flops]
    runs = [Run(one, timing.batch, timing.dtype or one.widest, timing.training) for one in fitting]
    return on_all(estimate(network, run, 1) for run in runs)
