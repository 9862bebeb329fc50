"""A side of the proof: its gradients at once and one by one are the same."""

import torch
from torch import Tensor, nn

from archspec.importer.side import Side
from archspec.importer.state import Kept, undrawn


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


def test_what_is_not_drawn_is_not_drawn_again_until_it_is_within_bounds() -> None:
    weight = nn.Parameter(torch.full((200, 200), 9.0))
    before = torch.get_rng_state()
    with undrawn():
        nn.init.trunc_normal_(weight)
    assert torch.equal(torch.get_rng_state(), before)


def test_gradients_of_some_rows_only_have_all_rows() -> None:
    module = nn.Embedding(5, 3, sparse=True)
    side = Side(module, by_name=False, kept=Kept(module))
    inputs, found = {"x": torch.tensor([[1, 3]])}, dict[str, Tensor]()
    side.each_gradient(inputs, found.__setitem__)
    wanted = side.gradients(inputs)
    assert torch.equal(found["weight"], wanted["weight"])
    assert wanted["weight"].any(1).tolist() == [False, True, False, True, False]
