"""Further kinds that other people's modules have: computed gains, tasks weighed by learned numbers, idle products."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Gained(nn.Module):
    """Norms of which the gain is computed, as Nemotron's and Gemma's."""

    def __init__(self) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.zeros(6)), nn.Parameter(torch.randn(6))

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(F.layer_norm(x, (6,), self.weight + 1, self.bias, 1e-5), (6,), 1 + self.weight)


class Tasks(nn.Module):
    """Heads weighed by one learned number each."""

    def __init__(self) -> None:
        super().__init__()
        self.log_vars = nn.Parameter(torch.randn(2))
        self.one, self.two = nn.Linear(4, 2), nn.Linear(4, 3)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.one(x) * torch.exp(-self.log_vars[0]), self.two(x) / self.log_vars[-1].exp() + self.log_vars[1]


class Lengths(nn.Module):
    """Vectors by their lengths, in both of torch's spellings, and truth values of numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc(x)
        above = (x > 0).float().bool()
        return torch.where(
            above, x / torch.linalg.norm(x, ord=2, dim=-1, keepdim=True), x / torch.norm(x, dim=-1)[:, None]
        )


class Attending(nn.Module):
    """Attention by torch's function over layers of the module, as WavLM's."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.v, self.out = (nn.Linear(8, 8) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        x = x.transpose(0, 1)
        biases = torch.cat((self.q.bias, self.k.bias, self.v.bias))
        given: dict[str, Any] = {
            "q_proj_weight": self.q.weight,
            "k_proj_weight": self.k.weight,
            "v_proj_weight": self.v.weight,
        }
        y, _ = F.multi_head_attention_forward(
            x, x, x, 8, 2, torch.empty([0]), biases, None, None, False, 0.0, self.out.weight, self.out.bias,
            training=self.training, need_weights=False, use_separate_proj_weight=True, **given,
        )  # fmt: skip
        return y.transpose(0, 1)


class Idle(nn.Module):
    """Products that no output follows from, of a layer and of a function."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(6, 6), nn.Linear(6, 6)
        self.weight = nn.Parameter(torch.randn(6, 6))

    def forward(self, x: Tensor) -> Tensor:
        x = self.one(x)
        self.two(x) @ self.weight
        torch.bmm(x[:, None], F.linear(x, self.weight)[:, :, None])
        return x.relu()


class OneChannel(nn.Module):
    """Sounds of one channel, each with a filter of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.filters = nn.Linear(4, 6)

    def forward(self, sound: Tensor, style: Tensor) -> Tensor:
        kernels = self.filters(style).reshape(-1, 1, 3)
        y = F.conv1d(sound.reshape(1, -1, sound.shape[-1]), kernels, padding=1, groups=len(sound))
        return y.reshape(len(sound), 2, -1)


class Logits(nn.Module):
    """Each image with each text of the batch, and nothing besides."""

    def __init__(self) -> None:
        super().__init__()
        self.image, self.text = nn.Linear(6, 4), nn.Linear(5, 4)

    def forward(self, image: Tensor, text: Tensor) -> Tensor:
        return F.normalize(self.image(image)) @ F.normalize(self.text(text)).T


class Clamped(nn.Module):
    """Numbers with a bound of their own each, given by name."""

    def __init__(self) -> None:
        super().__init__()
        self.low = nn.Parameter(torch.randn(4))

    def forward(self, x: Tensor) -> Tensor:
        return torch.clamp(x, min=self.low)
