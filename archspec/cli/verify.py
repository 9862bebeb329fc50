"""`archspec verify`: proves with torch what the other commands say."""

import click

from archspec.cli.options import Request, spec_options
from archspec.cli.streams import give


@click.command()
@spec_options
@click.option(
    "--against",
    metavar="MODULE:CALLABLE",
    help="Another implementation to equal in names, parameters and outputs: torchvision.models:resnet50, net.py:Net.",
)
@click.option("--device", default="cpu", show_default=True, help="cpu, cuda, cuda:1.")
@click.option(
    "--dtype",
    type=click.Choice(["float32", "float64", "bfloat16", "float16"]),
    default="float32",
    show_default=True,
    help="Type of the parameters and inputs.",
)
@click.pass_context
def verify(context: click.Context, request: Request, against: str | None, device: str, dtype: str) -> None:
    """Prove source, counts, shapes and values with torch.

    Runs the emitted source and holds what torch finds against what archspec says, block by block. Every output must
    equal, but for the last bits, what the ops give one by one: in inference and in training, and at other input sizes.
    With another value of an argument, the class must be the one that the spec gives with --set.

    Exits with 1 where a check does not hold. The last lines say whose fault that is, archspec's or the spec's.
    """
    import gc

    from archspec.cli.application import SPEC_IS_WRONG, Usage

    design = request.design()
    gc.enable()  # torch's garbage holds tensors
    try:
        from archspec.runtime.peer import PeerError
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise Usage("verify runs the source and needs torch: pip install 'archspec[torch]'") from None
    try:
        report = design.verify(against=against, device=device, dtype=dtype)
    except PeerError as error:
        raise Usage(str(error)) from None
    for line in report.lines():
        give(line)
    if not report.passed:
        context.exit(SPEC_IS_WRONG)
