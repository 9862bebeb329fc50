"""`archspec import`: a torch module becomes a spec."""

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from archspec.cli.options import Given, given_options
from archspec.cli.streams import say
from archspec.values.dataclass import dataclass

if TYPE_CHECKING:
    from archspec.importer.importing import Imported

F = TypeVar("F", bound=Callable[..., None])


@dataclass(frozen=True, slots=True)
class How:
    """How a module is to be written: its name, the part that is meant, and what the flags say."""

    name: str
    part: str
    in_place: bool
    params: bool
    strict: bool


def how_options(command: F) -> Callable[..., None]:
    """Gives the command the options that say how a module is written, as one `how`."""

    @click.option("--name", default="", help="The network's name; that of the class without it.")
    @click.option(
        "--part",
        metavar="PATH",
        default="",
        help="A module inside by its path, backbone or encoder.layers.0, with what a run of the whole gives it.",
    )
    @click.option("--in-place", is_flag=True, help="Write every module where it stands; no class becomes a block.")
    @click.option(
        "--params/--no-params",
        default=True,
        help="Make params of the module's own arguments, where what is made follows; it is made again for each.",
    )
    @click.option("--strict", is_flag=True, help="Refuse a module of which a part cannot be said in ops.")
    @wraps(command)
    def with_how(*, name: str, part: str, in_place: bool, params: bool, strict: bool, **rest: object) -> None:
        command(how=How(name, part, in_place, params, strict), **rest)

    return with_how


@click.command("import")
@click.argument("modules", metavar="MODULE:CALLABLE", nargs=-1, required=True)
@given_options
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The .yaml file to write; standard output without it."
)
@how_options
@click.option("--force", is_flag=True, help="Write what is not proven too; a comment at its top says what fails.")
def import_(modules: Sequence[str], given: Given, output: Path | None, how: How, *, force: bool) -> None:
    """Write a torch module, or the model in a file, as a spec.

    MODULE:CALLABLE is imported and run: torchvision.models:resnet18, my_model.py:Net. --set gives its arguments.
    Of files, model.onnx is run operator by operator, module.pt2 of torch.export module by module, and net.pt holds a
    whole module.
    Without --input it is run at the size that it says it takes, where it says one.

    Each class becomes a block, whose params are the constructor's arguments; the module's own become params of the
    spec, so that `compile --set depth=12` works. Nothing unproven is written: the source of the spec loads the module's
    state_dict, and gives equal outputs in inference and in training.

    Several modules of one class are one spec with a variant for each, called as the callables are or as
    NAME=MODULE:CALLABLE says: 'small=my_model.py:Net(width=8)' 'large=my_model.py:Net(width=32)'.
    """
    from archspec.cli.application import SPEC_IS_WRONG
    from archspec.cli.console import write_or_print
    from archspec.cli.modules import file_of, variants_of

    texts = variants_of(modules)
    imported = _imported(texts, given, how)
    for line in imported.report():
        say(line)
    if imported.proof.holds or force:
        write_or_print(output, imported.text, tuple(map(file_of, texts.values())))
    if not imported.proof.holds:
        say("nothing is written, since it is not proven; --force writes it all the same" if not force else "not proven")
        click.get_current_context().exit(SPEC_IS_WRONG)


def _imported(texts: dict[str, str], given: Given, how: How) -> "Imported":
    from archspec.cli.application import Usage

    try:
        from archspec.importer.command import family, imported
        from archspec.importer.importing import Wish
        from archspec.importer.refused import ImportFault
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise Usage("import runs the module and needs torch: pip install 'archspec[torch]'") from None
    wish = Wish(name=how.name, folded=not how.in_place, strict=how.strict, params=how.params, part=how.part)
    try:
        if len(texts) > 1:
            return family(texts, given.settings, given.sizes, wish, trusted=given.trusted)
        (text,) = texts.values()
        return imported(text, given.settings, given.sizes, wish, trusted=given.trusted)
    except ImportFault as fault:
        raise Usage(str(fault)) from None
