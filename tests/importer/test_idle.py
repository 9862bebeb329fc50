"""What a module computes and its spec does not say is told to the last multiply-add; else a fault is told."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from archspec.importer.named import Size
from archspec.importer.prove import Known, Proof, prove
from archspec.importer.state import Kept
from tests.importer.test_import import imported

# The net below without its second layer; it multiplies the first once more, for nothing.
WASTEFUL = """
archspec: 1
name: Net
inputs: {x: [6]}
graph:
  one: {op: linear, out_features: 6}
  two:
    graph:
      weight: {op: parameter, shape: [7, 6], kept: true}
      bias: {op: parameter, shape: [7], kept: true}
  again: {share: one, from: x}
  nothing: {op: mul, from: [again, 0.0]}
  sum: {op: add, from: [one, nothing]}
outputs: {y: sum}
"""


class Net(nn.Module):
    """A layer that is read, and one that is not."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(6, 6), nn.Linear(6, 7)

    def forward(self, x: Tensor) -> Tensor:
        self.two(x)
        made: Tensor = self.one(x)
        return made


class Guided(nn.Module):
    """One layer that nobody reads; of another the size only."""

    def __init__(self) -> None:
        super().__init__()
        self.small = nn.Conv2d(3, 8, 3, stride=2)
        self.size = nn.Conv2d(3, 16, 3, stride=2, padding=1)
        self.unread = nn.Conv2d(3, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        guide = self.size(x)
        self.unread(x)
        return F.interpolate(self.small(x), size=guide.shape[2:])


class Mixed(nn.Module):
    """Samples are multiplied by each other, and attend to each other, for nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.attention = nn.Linear(6, 6), nn.MultiheadAttention(6, 2)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.one(x)
        y.T @ y
        self.attention(x, x, x, need_weights=False)
        return y


class Auxiliary(nn.Module):
    """A head whose result only training gives, and which runs in both modes."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.head = nn.Linear(6, 6), nn.Linear(6, 5)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        y = self.one(x)
        seen = self.head(y)
        return (y, seen) if self.training else (y,)


def _macs(proof: Proof) -> str:
    return next(claim.line() for claim in proof.claims if claim.name == "macs")


def test_a_spec_that_multiplies_for_nothing_is_not_taken_for_one_that_leaves_out() -> None:
    found = prove(WASTEFUL, Kept(Net().eval()), {"x": torch.randn(1, 6)}, Known(idle=42))
    assert [claim.name for claim in found.claims if not claim.holds] == ["macs"]
    assert _macs(found) == "macs: FAILED, torch counts 78 of the module, 72 of the source"


def test_a_layer_that_is_read_for_its_size_is_not_left_out() -> None:
    assert _macs(imported(Guided, None, x=Size((3, 16, 16))).proof) == (
        "macs: ok, 38,232, and the module does 3,072 more that nothing reads"
    )


def test_what_mixes_samples_is_counted_of_one_sample() -> None:
    found = imported(Mixed, None, x=Size((6,))).proof
    assert _macs(found) == "macs: ok, 36, and the module does 192 more that nothing reads"


def test_what_only_training_gives_is_left_out_of_inference() -> None:
    found = imported(Auxiliary, None, x=Size((6,))).proof
    assert _macs(found) == "macs: ok, 36, and the module does 30 more that nothing reads"
