"""Networks of the gallery that others have too: the one list of them, which reference/zoo.md shows.

A file of tests takes the rows whose twins stand in one package into its `TWINS`, and proves of each what its row says.

python -m tests.gallery.twins    writes tests/reference/torchvision_lines.csv anew, where torchvision is installed
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from docs.lines import lines_of_python
from tests.gallery.networks import REFERENCE, reference

LINES = "torchvision_lines.csv"


@dataclass(frozen=True, slots=True)
class Twin:
    """Another implementation of a network.

    Attributes:
        spec: the network of the gallery.
        peer: the other one, as `verify --against` takes it, in the module that defines it.
        same_keys: the keys of its state_dict are ours; without, shapes and order alone are.
        runs: outputs are compared. A twin that does not run differs in depth and width from one that does.
        exact: outputs are equal to the last bit; else the twin sums in another order, and they are close.
    """

    spec: str
    peer: str
    same_keys: bool
    runs: bool
    exact: bool

    @property
    def module(self) -> str:
        """Where it is defined: `torchvision.models.resnet`."""
        return self.peer.partition(":")[0]

    @property
    def callable(self) -> str:
        """What makes it, without arguments: `resnet50`."""
        return self.peer.partition(":")[2].partition("(")[0]


def twins() -> list[Twin]:
    """Every row of the list."""
    return [
        Twin(row["spec"], row["twin"], row["state_dict"] == "keys", row["outputs"] != "", row["outputs"] != "close")
        for row in reference("twins.csv")
    ]


def twins_in(package: str) -> dict[str, Twin]:
    """Spec -> twin, of those that a module of `package` defines."""
    return {twin.spec: twin for twin in twins() if twin.module.rpartition(".")[0] == package}


def running(chosen: Iterable[Twin]) -> list[str]:
    """The specs of those whose outputs are compared."""
    return [twin.spec for twin in chosen if twin.runs]


def counted_lines() -> list[dict[str, str]]:
    """The modules of torchvision in which twins are defined, with their lines of code."""
    modules = sorted({twin.module for twin in twins() if twin.module.startswith("torchvision.")})
    return [{"module": module, "lines": str(lines_of_python(_text(module)))} for module in modules]


def _text(module: str) -> str:
    found = find_spec(module)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).read_text(encoding="utf-8")


if __name__ == "__main__":
    from archspec.runtime.peer import declare_torchvision_operators

    declare_torchvision_operators()  # finding a module of torchvision imports torchvision
    with (REFERENCE / LINES).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ("module", "lines"), lineterminator="\n")
        writer.writeheader()
        writer.writerows(counted_lines())
