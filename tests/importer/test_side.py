"""A side of the proof: its gradients at once and one by one are the same."""

import torch
from torch import Tensor, nn

from archspec.importer.side import Side
from archspec.importer.state import Kept


class Tied(nn.Module):
    """Two keys of one weight, a layer that nothing follows from, and one that does not learn."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(4, 4), nn.Linear(4, 4)
        self.two.weight = self.one.weight
        self.idle = nn.Linear(4, 4)
        self.frozen = nn.Linear(4, 4).requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        return self.frozen(self.two(self.one(x).relu()))  # type: ignore[no-any-return]


def test_gradients_one_by_one_are_those_at_once_and_none_is_held() -> None:
    module = Tied()
    side = Side(module, by_name=False, kept=Kept(module))
    inputs = {"x": torch.randn(2, 4, generator=torch.Generator().manual_seed(0))}
    found: dict[str, Tensor] = {}
    held: list[int] = []

    def take(key: str, gradient: Tensor) -> None:
        held.append(sum(one.grad is not None for one in module.parameters()))
        found[key] = gradient.clone()

    side.each_gradient(inputs, take)
    wanted = side.gradients(inputs)
    assert found.keys() == wanted.keys() == {key for key in module.state_dict() if not key.startswith("frozen")}
    assert all(torch.equal(found[key], wanted[key]) for key in wanted)
    assert not any(held)
    assert not wanted["idle.weight"].any()
