"""What training multiplies by chance by hand is the op that does so, and that does nothing in inference."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from archspec.importer.importing import Imported
from archspec.importer.named import Size
from tests.importer.test_import import imported


def drop_connect(x: Tensor, p: float, *, training: bool) -> Tensor:
    """As EfficientNets in PyTorch had it first."""
    if not training:
        return x
    kept = 1 - p
    drawn = kept + torch.rand([x.shape[0], 1, 1, 1], dtype=x.dtype, device=x.device)
    return x / kept * torch.floor(drawn)


def drop_path(x: Tensor, p: float, *, training: bool) -> Tensor:
    """As timm has it."""
    if p == 0.0 or not training:
        return x
    kept = 1 - p
    drawn = x.new_empty((x.shape[0],) + (1,) * (x.ndim - 1)).bernoulli_(kept)
    return x * drawn.div_(kept)


class Connected(nn.Module):
    """A block whose branch drops."""

    def __init__(self, width: int, p: float) -> None:
        super().__init__()
        self.conv, self.p = nn.Conv2d(width, width, 3, padding=1), p

    def forward(self, x: Tensor) -> Tensor:
        return x + drop_connect(self.conv(x), self.p, training=self.training)


class Blocks(nn.Module):
    """Three of them."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Connected(4, (at + 1) / 10) for at in range(3))

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = block(x)
        return x


class Path(nn.Module):
    """A module of its own, by a name that says nothing."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        return drop_path(x, self.p, training=self.training)


class Residual(nn.Module):
    """Whole samples, and then single numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.path = nn.Linear(4, 4), Path(0.2)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.path(self.fc(x))
        if self.training:
            x = x * ((torch.rand_like(x) < 0.75).float() / 0.75)
        return x


class Always(nn.Module):
    """Drops in inference too, and so is no op that does nothing there."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc(x)
        return x / 0.8 * torch.floor(torch.rand_like(x) + 0.8)


class Unscaled(nn.Module):
    """What stays is not scaled up, which no op does."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.fc(x))
        return x * torch.floor(torch.rand_like(x) + 0.8) if self.training else x


def _trained(found: Imported) -> bool:
    return found.proof.holds and not any(claim.name == "training" for claim in found.proof.claims)


def test_a_function_that_drops_samples_is_stochastic_depth() -> None:
    found = imported(Blocks, None, x=Size((4, 6, 6)))
    assert _trained(found), found.report()
    assert "add: {op: add, from: [x, stochastic_depth]}" in found.text
    assert [f"{{block: connected, p: {p}}}" in found.text for p in (0.1, 0.2, 0.3)] == [True] * 3


def test_a_module_of_its_own_keeps_its_name_and_single_numbers_are_dropout() -> None:
    found = imported(Residual, None, x=Size((4,)))
    assert _trained(found), found.report()
    assert "  path: {op: stochastic_depth, p: 0.2}\n" in found.text
    assert "  dropout: {op: dropout, p: 0.25}\n" in found.text


def test_what_drops_in_inference_too_is_said_as_it_is() -> None:
    found = imported(Always, None, x=Size((4,)))
    assert _trained(found), found.report()
    assert "rand_like: {op: rand_like" in found.text


def test_what_stays_has_to_be_scaled_up() -> None:
    found = imported(Unscaled, None, x=Size((4,)))
    assert found.proof.holds, found.report()
    assert "dropout" not in found.text
    assert not _trained(found)
