"""Mixtral against a module written by hand, in which a token meets only the experts that it has chosen."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.gallery.networks import counted
from tests.gallery.small import assert_same, twin_of, words
from tests.gallery.test_llama import ByHand as Llama

SIZES = {"vocabulary": 50, "layers": 2, "heads": 4, "groups": 2, "width": 24, "hidden": 40, "theta": 100.0}


class Mixture(nn.Module):
    """Jiang et al. (2024), section 2.1: softmax of the largest logits, over perceptrons with a SwiGLU."""

    def __init__(self, experts: int, chosen: int, width: int, hidden: int) -> None:
        super().__init__()
        self.chosen = chosen
        self.gate = nn.Linear(width, experts, bias=False)
        self.experts = nn.ParameterDict(
            {
                "gate_up_proj": torch.empty(experts, 2 * hidden, width),
                "down_proj": torch.empty(experts, width, hidden),
            }
        )

    def forward(self, x: Tensor) -> Tensor:
        tokens = x.flatten(0, 1)
        best = self.gate(tokens).topk(self.chosen)
        mixed = [
            sum(share * self.expert(number, token) for share, number in zip(shares.softmax(-1), numbers, strict=True))
            for token, shares, numbers in zip(tokens, best.values, best.indices.tolist(), strict=True)
        ]
        return torch.stack([torch.as_tensor(token) for token in mixed]).view_as(x)

    def expert(self, number: int, token: Tensor) -> Tensor:
        gate, up = (self.experts["gate_up_proj"][number] @ token).chunk(2)
        return torch.as_tensor(self.experts["down_proj"][number] @ (F.silu(gate) * up))


class ByHand(Llama):
    """Llama with a mixture in place of each perceptron."""

    def __init__(self, experts: int, chosen: int, **sizes: float) -> None:
        super().__init__(**sizes)  # type: ignore[arg-type]
        for layer in self.model["layers"].children():
            layer.mlp = Mixture(experts, chosen, int(sizes["width"]), int(sizes["hidden"]))


@pytest.mark.parametrize(("experts", "chosen"), [(4, 2), (5, 1), (3, 3)])
def test_is_the_module_by_hand(experts: int, chosen: int) -> None:
    theirs = ByHand(experts, chosen, **SIZES)
    ours = twin_of(theirs, "mixtral", context=16, experts=experts, chosen=chosen, **SIZES)
    assert sorted(ours.state_dict()) == sorted(theirs.state_dict())
    assert_same(ours, theirs, words(50, 2, 16))


# Jiang et al. (2024), section 1, prints 47B parameters, of which a token uses 13B.
def test_counts_are_those_of_llama_with_eight_perceptrons_in_place_of_one() -> None:
    ours, length, layers, width, hidden, inner = counted("mixtral:mixtral_8x7b").totals, 4096, 32, 4096, 14336, 1024
    attention = 2 * width * width + 2 * width * inner
    experts = 8 * 3 * width * hidden
    assert ours.params == 46_702_792_704
    assert ours.params == layers * (attention + experts + 8 * width + 2 * width) + 2 * 32000 * width + width
    scores, sums = 2 * length * width, 8 * width
    assert ours.macs == length * (layers * (attention + scores + experts + 8 * width + sums) + 32000 * width)
