"""`archspec memory`: what a network needs of memory."""

from pathlib import Path
from typing import Any

import click

from archspec.cli.byte_size import ByteSize
from archspec.cli.options import Request, spec_options


@click.command()
@spec_options
@click.option("--batch", type=click.IntRange(min=1), default=1, show_default=True, help="Samples of a batch.")
@click.option(
    "--optimizer",
    type=click.Choice(["sgd", "momentum", "adam", "adamw", "adam8bit"]),
    default="adam",
    show_default=True,
    help="What keeps state of the parameters.",
)
@click.option(
    "--dtype",
    type=click.Choice(["float32", "bfloat16", "float16", "float64"]),
    default="float32",
    show_default=True,
    help="Type of parameters and values.",
)
@click.option("--autocast", is_flag=True, help="Convolutions and products in bfloat16, parameters as they are.")
@click.option("--fits", "room", type=ByteSize(), help="How much memory there is: the largest batch is told.")
@click.option(
    "--checkpoint",
    metavar="BLOCK,BLOCK|auto",
    help="Compute these blocks again on the way back; auto finds those that let the batch fit with the least work.",
)
@click.option("--depth", type=click.IntRange(min=1), help="Blocks down to this level.")
@click.option("--curve", is_flag=True, help="Every node, forward and backward.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json is a stable interface.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write; standard output without it.")
def memory(request: Request, form: str, output: Path | None, **given: Any) -> None:
    """Say how much memory inference and training need.

    Counted are the tensors that torch holds: parameters, buffers and values at inference; gradients, the optimiser's
    state and what autograd keeps in training. With --fits 8GB the largest batch is told that fits; with --checkpoint
    auto, which blocks to compute again on the way back so that --batch fits. `compile --checkpoint` writes that.
    """
    from archspec.cli.application import Usage
    from archspec.cli.checkpoints import checkpoints
    from archspec.cli.console import write_or_print
    from archspec.memory.need import Plan, need
    from archspec.memory.planner import planned
    from archspec.tables import memory as tables

    batch, optimizer, dtype, autocast = (given[name] for name in ("batch", "optimizer", "dtype", "autocast"))
    room, checkpoint, depth, curve = (given[name] for name in ("room", "checkpoint", "depth", "curve"))
    if autocast and dtype != "float32":
        raise Usage(f"--autocast is for parameters in float32, not in {dtype}")
    if checkpoint == "auto" and room is None:
        raise Usage("--checkpoint auto needs to know how much memory there is: --fits 8GB")
    network = request.network()
    plan = Plan(batch, optimizer, dtype, autocast)
    if checkpoint == "auto":
        found = planned(network, plan, room or 0)
        asked = tables.Asked(found.after, room or 0, found, depth, curve)
    else:
        scopes = checkpoints(network, checkpoint)
        plan = Plan(batch, optimizer, dtype, autocast, frozenset(scopes))
        asked = tables.Asked(need(network, plan), room or 0, None, depth, curve)
    write = tables.json if form == "json" else tables.text
    write_or_print(output, write(network, asked), network.files)
