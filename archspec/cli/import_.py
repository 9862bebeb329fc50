"""`archspec import`: a torch module becomes a spec."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archspec.cli.options import Given, given_options
from archspec.cli.streams import say

if TYPE_CHECKING:
    from archspec.importer.importing import Imported


@click.command("import")
@click.argument("module", metavar="MODULE:CALLABLE")
@given_options
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The .yaml file to write; standard output without it."
)
@click.option("--name", default="", help="The network's name; that of the class without it.")
@click.option("--in-place", is_flag=True, help="Write every module where it stands; no class becomes a block.")
@click.option(
    "--params/--no-params",
    default=True,
    help="Make params of the module's own arguments, where what is made follows from them; it is made again for each.",
)
@click.option("--strict", is_flag=True, help="Refuse a module of which a part cannot be said in ops.")
@click.option("--force", is_flag=True, help="Write what is not proven too; a comment at its top says what fails.")
def import_(
    module: str,
    given: Given,
    output: Path | None,
    name: str,
    *,
    in_place: bool,
    params: bool,
    strict: bool,
    force: bool,
) -> None:
    """Write a torch module, or the model in a file, as a spec.

    MODULE:CALLABLE is imported and run: torchvision.models:resnet18, my_model.py:Net. --set gives its arguments.
    Of files, model.onnx is run operator by operator, module.pt2 of torch.export module by module, and net.pt holds a
    whole module.
    Without --input it is run at the size that it says it takes, where it says one.

    Each class becomes a block, whose params are the constructor's arguments; the module's own become params of the
    spec, so that `compile --set depth=12` works. Nothing unproven is written: the source of the spec loads the module's
    state_dict, and gives equal outputs in inference and in training.
    """
    from archspec.cli.application import SPEC_IS_WRONG
    from archspec.cli.console import write_or_print
    from archspec.cli.modules import file_of

    imported = _imported(module, given, name=name, in_place=in_place, params=params, strict=strict)
    for line in imported.report():
        say(line)
    if imported.proof.holds or force:
        write_or_print(output, imported.text, (file_of(module),))
    if not imported.proof.holds:
        say("nothing is written, since it is not proven; --force writes it all the same" if not force else "not proven")
        click.get_current_context().exit(SPEC_IS_WRONG)


def _imported(module: str, given: Given, *, name: str, in_place: bool, params: bool, strict: bool) -> "Imported":
    from archspec.cli.application import Usage

    try:
        from archspec.importer.command import imported
        from archspec.importer.importing import Wish
        from archspec.importer.refused import ImportFault
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise Usage("import runs the module and needs torch: pip install 'archspec[torch]'") from None
    wish = Wish(name=name, origin=module, folded=not in_place, strict=strict, params=params)
    try:
        return imported(module, given.settings, given.sizes, wish, trusted=given.trusted)
    except ImportFault as fault:
        raise Usage(str(fault)) from None
