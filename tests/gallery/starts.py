"""What networks of the gallery start with, beside torchvision's own constructors from the same seed.

python -m tests.gallery.starts    writes tests/reference/starts.csv anew, where torchvision is installed

Bit for bit where both draw the same numbers in the same order. Else each tensor is held against its twin's: constants
are equal, and random numbers are of one distribution by the test of Kolmogorov and Smirnov at a level of 1e-7.
"""

import csv
import inspect
import warnings
from dataclasses import dataclass
from importlib import import_module
from math import log, sqrt

import torch
from torch import Tensor, nn

from archspec.code.naming import root_class
from archspec.design import Design
from archspec.runtime.build import load_class
from archspec.runtime.peer import WITHOUT_WEIGHTS, declare_torchvision_operators, parse_peer
from tests.gallery.networks import REFERENCE, network
from tests.gallery.twins import Twin, twins

STARTS = "starts.csv"
SEED = 0
MOST = 20_000  # numbers of a tensor that are held against others
LEVEL = 1e-7
PACKAGE = "torchvision.models"


@dataclass(frozen=True, slots=True)
class Held:
    """How the parameters of two modules compare: how many are equal bit for bit, and which are of no one kind."""

    spec: str
    tensors: int
    equal: int
    wrong: tuple[str, ...]


def ours(spec: str) -> nn.Module:
    """A network of the gallery, fresh from the seed."""
    made = network(spec)
    kind = load_class(Design(made).source(), root_class(made))
    torch.manual_seed(SEED)
    return kind()


def theirs(twin: Twin) -> nn.Module:
    """Its twin, fresh from the seed, with the initialisation that its constructor has."""
    declare_torchvision_operators()
    peer = parse_peer(twin.peer)
    factory = getattr(import_module(peer.module), peer.callable)
    without = {name: None for name in WITHOUT_WEIGHTS if name in inspect.signature(factory).parameters}
    torch.manual_seed(SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that some initialisations are slow
        module = factory(**{**without, **peer.arguments})
    assert isinstance(module, nn.Module)
    return module


def held(twin: Twin) -> Held:
    """A network of the gallery held against its twin."""
    right = dict(theirs(twin).named_parameters())  # where batch norms are frozen, they have no parameters there
    mine = {key: tensor for key, tensor in ours(twin.spec).named_parameters() if key in right}
    assert mine.keys() == right.keys()
    equal = [key for key in mine if torch.equal(mine[key], right[key])]
    wrong = (key for key in mine.keys() - set(equal) if not alike(mine[key].detach(), right[key].detach()))
    return Held(twin.spec, len(mine), len(equal), tuple(sorted(wrong)))


def alike(mine: Tensor, right: Tensor) -> bool:
    """Whether the numbers of two tensors are of one distribution."""
    a, b = (tensor.flatten()[:: max(tensor.numel() // MOST, 1)].sort().values for tensor in (mine, right))
    if a[0] == a[-1] or b[0] == b[-1]:
        return bool(a[0] == b[0] and a[-1] == b[-1])
    both = torch.cat([a, b])
    ranks = (torch.searchsorted(one, both, right=True) / len(one) for one in (a, b))
    first, second = ranks
    limit = sqrt(-log(LEVEL / 2) * (len(a) + len(b)) / (2 * len(a) * len(b)))
    return (first - second).abs().max().item() <= limit


def compared() -> dict[str, Twin]:
    """The twins in torchvision with which outputs are compared, by their specs."""
    return {twin.spec: twin for twin in twins() if twin.module.startswith(PACKAGE) and twin.runs and twin.same_keys}


if __name__ == "__main__":
    with (REFERENCE / STARTS).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("spec", "tensors", "equal"))
        for twin in compared().values():
            found = held(twin)
            if found.wrong:
                raise SystemExit(f"{found.spec} starts otherwise: {', '.join(found.wrong)}")
            writer.writerow((found.spec, found.tensors, found.equal))
