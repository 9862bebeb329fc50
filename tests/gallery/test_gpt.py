"""GPT-2 against a module written by hand from the paper, head and table tied: the same weights, the same numbers."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import archspec
from archspec.runtime.compare import randomise
from tests.gallery.networks import counted

SMALL = {"vocabulary": 50, "context": 16, "layers": 2, "heads": 3, "width": 24}


class Block(nn.Module):
    """Attention to what stands before, then a perceptron, each on normed values and beside a shortcut."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.ln_1 = nn.LayerNorm(width)
        self.attn = nn.ModuleDict({"c_attn": nn.Linear(width, 3 * width), "c_proj": nn.Linear(width, width)})
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = nn.ModuleDict({"c_fc": nn.Linear(width, 4 * width), "c_proj": nn.Linear(4 * width, width)})

    def forward(self, x: Tensor) -> Tensor:
        n, length, width = x.shape
        qkv = self.attn["c_attn"](self.ln_1(x)).view(n, length, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / (width // self.heads) ** 0.5
        later = torch.ones(length, length, dtype=torch.bool).triu(1)
        y = scores.masked_fill(later, float("-inf")).softmax(-1) @ v
        x = x + self.attn["c_proj"](y.transpose(1, 2).reshape(n, length, width))
        y = F.gelu(self.mlp["c_fc"](self.ln_2(x)), approximate="tanh")
        y = self.mlp["c_proj"](y)
        return torch.add(x, y)


class ByHand(nn.Module):
    def __init__(self, vocabulary: int, context: int, layers: int, heads: int, width: int) -> None:
        super().__init__()
        self.transformer = nn.ModuleDict(
            {
                "wte": nn.Embedding(vocabulary, width),
                "wpe": nn.Embedding(context, width),
                "h": nn.ModuleList(Block(width, heads) for _ in range(layers)),
                "ln_f": nn.LayerNorm(width),
            }
        )
        self.lm_head = nn.Linear(width, vocabulary, bias=False)
        self.transformer["wte"].weight = self.lm_head.weight

    def forward(self, tokens: Tensor) -> Tensor:
        parts = self.transformer
        x = parts["wte"](tokens) + parts["wpe"](torch.arange(tokens.shape[1]))
        for block in parts["h"].children():
            x = block(x)
        logits: Tensor = self.lm_head(parts["ln_f"](x))
        return logits


@pytest.fixture(scope="module")
def twins() -> tuple[nn.Module, nn.Module]:
    ours, theirs = (
        archspec.load("gpt", None, inputs=None, permit=archspec.Permit(), **SMALL).build().eval(),
        ByHand(**SMALL).eval(),
    )
    randomise(theirs)
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


@pytest.mark.parametrize("length", [16, 5, 1])
def test_logits_are_those_of_the_module_by_hand(twins: tuple[nn.Module, nn.Module], length: int) -> None:
    tokens = torch.randint(0, 50, (2, length), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        ours, theirs = (module(tokens) for module in twins)
    torch.testing.assert_close(ours, theirs)


def test_a_token_knows_nothing_of_those_after_it(twins: tuple[nn.Module, nn.Module]) -> None:
    tokens = torch.randint(0, 50, (2, 16), generator=torch.Generator().manual_seed(1))
    changed = tokens.clone()
    changed[:, 9] = (changed[:, 9] + 1) % 50
    with torch.no_grad():
        before, after = twins[0](tokens), twins[0](changed)
    assert torch.equal(before[:, :9], after[:, :9])
    assert not torch.equal(before[:, 9:], after[:, 9:])


def test_table_gets_gradients_from_both_of_its_uses(twins: tuple[nn.Module, nn.Module]) -> None:
    tokens = torch.randint(0, 50, (2, 16), generator=torch.Generator().manual_seed(1))
    for module in twins:
        module.zero_grad()
        torch.autograd.backward(F.cross_entropy(module(tokens).flatten(0, 1), tokens.flatten()))
    for ours, theirs in zip(*(module.parameters() for module in twins), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad)


# Radford et al. (2019), table 2, prints 117M, 345M, 762M and 1542M; the released weights have these.
@pytest.mark.parametrize(
    ("variant", "params", "layers", "heads", "width"),
    [
        ("gpt2", 124_439_808, 12, 12, 768),
        ("gpt2_medium", 354_823_168, 24, 16, 1024),
        ("gpt2_large", 774_030_080, 36, 20, 1280),
        ("gpt2_xl", 1_557_611_200, 48, 25, 1600),
    ],
)
def test_params_count_the_tied_table_once(variant: str, params: int, layers: int, heads: int, width: int) -> None:
    with torch.device("meta"):
        theirs = ByHand(50257, 1024, layers, heads, width)
    assert counted(f"gpt:{variant}").totals.params == sum(p.numel() for p in theirs.parameters()) == params
