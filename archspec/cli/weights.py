"""--weights: what was trained elsewhere goes along with the source, under the keys of the source."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archspec.graph.network import Network
    from archspec.runtime.weights.fit import Weights


def target(output: Path | None, weights: str) -> Path:
    """Where the weights are written: beside the source, in the format they came in; `net.py -> net.safetensors`.

    Raises:
        Usage: the source goes to no file.
    """
    from archspec.cli.application import Usage

    if output is None or str(output) == "-":
        raise Usage("--weights writes a file beside the source: name that with -o")
    return output.with_suffix(".safetensors" if ".safetensors" in Path(weights).name else ".pt")


def weights_for(network: "Network", source: str, weights: str, rename: str | None, path: Path) -> bytes:
    """The file of weights that fit the source.

    Args:
        network: what the source is of.
        source: its text.
        weights: a file, or a module as MODULE:CALLABLE.
        rename: a YAML file, or `order`.
        path: what the file will be called.

    Raises:
        Usage: torch is not installed, the weights cannot be read, or they do not fit.
        SpecError: the file of renames has a mistake.
    """
    from archspec.cli.application import Usage
    from archspec.cli.streams import say

    try:
        from archspec.code.naming import root_class
        from archspec.runtime.build import build
        from archspec.runtime.weights.fit import fitted, tensors
        from archspec.runtime.weights.read import WeightsError, written
        from archspec.runtime.weights.rename import Renames, read_renames
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise Usage("--weights needs torch: pip install 'archspec[torch]'") from None
    renames = read_renames(rename) if rename else Renames()
    try:
        given = tensors(_given(weights), renames)
    except WeightsError as error:
        raise Usage(str(error)) from None
    try:
        fits = fitted(build(source, root_class(network), device="meta"), given, renames)
        made = written(path, fits.state)
    except WeightsError as error:
        raise Usage(f"{weights}: {error}") from None
    for note in fits.notes:
        say(f"{weights}: {note}")
    return made


def _given(weights: str) -> "Weights":
    from archspec.cli.application import Usage
    from archspec.cli.modules import names_module
    from archspec.importer.endings import SAVED

    if weights.endswith(SAVED) or not names_module(weights):
        return weights
    from archspec.importer.named import make
    from archspec.importer.refused import ImportFault

    try:
        return make(weights, {}).module
    except ImportFault as fault:
        raise Usage(str(fault)) from None
