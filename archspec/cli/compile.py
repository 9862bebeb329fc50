"""`archspec compile`: PyTorch source."""

from dataclasses import replace
from pathlib import Path

import click

from archspec.cli.options import Request, spec_options


@click.command("compile")
@spec_options
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The .py file to write; standard output without it."
)
@click.option("--family", is_flag=True, help="One file for all variants, with a function for each.")
@click.option(
    "--checkpoint",
    metavar="BLOCK,BLOCK",
    help="Compute these blocks again on the way back, in place of keeping their values; see archspec memory.",
)
@click.option(
    "--weights",
    metavar="FILE|MODULE",
    help="Trained weights to take along, beside the source: a file of them, or MODULE:CALLABLE.",
)
@click.option(
    "--rename", metavar="FILE|order", help="What is called otherwise in the weights; see docs/how-to/use-weights.md."
)
def compile_(
    request: Request,
    output: Path | None,
    family: bool,
    checkpoint: str | None,
    weights: str | None,
    rename: str | None,
) -> None:
    """Write the network as PyTorch source.

    The source imports torch alone and reads as if a person had written it: one class per block, the spec's names as
    attributes. With --family, what the variants set are arguments of the class; of a module these are its own. A BLOCK
    of --checkpoint is a path, layer1.0, or the name of a block, for all of its uses. With --weights, net.py has the
    trained weights beside it under its own keys, net.safetensors or net.pt.
    """
    from archspec.cli.application import Usage
    from archspec.cli.checkpoints import checkpoints
    from archspec.cli.console import write, write_or_print
    from archspec.code.pytorch import emit

    if family and checkpoint:
        raise Usage("--checkpoint is for one network, not for a family")
    if family and weights:
        raise Usage("--weights are those of one network, not of a family")
    if rename and not weights:
        raise Usage("--rename is of --weights")
    if family:
        from archspec.code.family import emit_family

        made = request.family()
        write_or_print(output, emit_family(made.network, made.variants), made.network.files)
        return
    network = replace(request, params=True).network()
    source = emit(network, checkpoints=checkpoints(network, checkpoint))
    if weights:
        from archspec.cli.weights import target, weights_for

        beside = target(output, weights)
        write(beside, weights_for(network, source, weights, rename, beside), (*network.files, weights))
    write_or_print(output, source, network.files)
