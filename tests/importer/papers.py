"""Modules as papers' repositories have them, each as small as it still has what import once could not say."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Modulated(nn.Module):
    """StyleGAN2's convolution: a weight for each sample, and the samples as groups of one convolution."""

    def __init__(self, channels: int, out: int, style: int, *, up: bool = False) -> None:
        super().__init__()
        self.out, self.up = out, up
        self.scale = 1 / math.sqrt(channels * 9)
        self.weight = nn.Parameter(torch.randn(1, out, channels, 3, 3))
        self.modulation = nn.Linear(style, channels)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        batch, c, h, w = x.shape
        weight = self.scale * self.weight * self.modulation(style).view(batch, 1, c, 1, 1)
        demod = torch.rsqrt(weight.pow(2).sum([2, 3, 4]) + 1e-8)
        weight = weight * demod.view(batch, self.out, 1, 1, 1)
        x = x.view(1, batch * c, h, w)
        if self.up:
            weight = weight.transpose(1, 2).reshape(batch * c, self.out, 3, 3)
            y = F.conv_transpose2d(x, weight, padding=0, stride=2, groups=batch)
        else:
            y = F.conv2d(x, weight.view(batch * self.out, c, 3, 3), padding=1, groups=batch)
        return y.view(batch, self.out, y.shape[2], y.shape[3])


class Generator(nn.Module):
    """A modulated convolution, and one that enlarges."""

    def __init__(self) -> None:
        super().__init__()
        self.input = nn.Parameter(torch.randn(1, 4, 4, 4))
        self.conv = Modulated(4, 6, 8)
        self.up = Modulated(6, 5, 8, up=True)

    def forward(self, z: Tensor) -> Tensor:
        x = self.conv(self.input.repeat(z.shape[0], 1, 1, 1), z)
        made: Tensor = self.up(x, z)
        return made


class Tracker(nn.Module):
    """Siamese trackers: an exemplar is the kernel, over all channels or channel by channel."""

    def __init__(self, *, depthwise: bool = False) -> None:
        super().__init__()
        self.depthwise = depthwise
        self.backbone = nn.Conv2d(3, 4, 3)

    def forward(self, template: Tensor, search: Tensor) -> Tensor:
        z, x = self.backbone(template), self.backbone(search)
        batch, c = z.shape[:2]
        merged = x.view(1, batch * c, x.size(2), x.size(3))
        if self.depthwise:
            y = F.conv2d(merged, z.view(batch * c, 1, z.size(2), z.size(3)), groups=batch * c)
        else:
            y = F.conv2d(merged, z, groups=batch)
        return y.view(batch, -1, y.size(2), y.size(3))


class Depthwise(Tracker):
    """The tracker that correlates channel by channel."""

    def __init__(self) -> None:
        super().__init__(depthwise=True)


class Vocoder(nn.Module):
    """Transposed convolutions of which torch's older weight norm makes the weight."""

    def __init__(self) -> None:
        super().__init__()
        self.up = nn.utils.weight_norm(nn.ConvTranspose1d(4, 3, 4, 2, 1))
        self.post = nn.utils.weight_norm(nn.Conv1d(3, 1, 7, padding=3))

    def forward(self, mel: Tensor) -> Tensor:
        return torch.tanh(self.post(F.leaky_relu(self.up(mel))))


class LoRALinear(nn.Linear):
    """A layer that holds more than its own weight."""

    def __init__(self) -> None:
        super().__init__(6, 5)
        self.lora_A = nn.Parameter(torch.randn(2, 6))
        self.lora_B = nn.Parameter(torch.zeros(5, 2))

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight, self.bias) + (x @ self.lora_A.T @ self.lora_B.T) * 0.5


class Adapted(nn.Module):
    """A network with such a layer."""

    def __init__(self) -> None:
        super().__init__()
        self.head = LoRALinear()

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.head(x))


class Fused(nn.Module):
    """HRNet's fusing layers, with None where nothing is done."""

    def __init__(self) -> None:
        super().__init__()
        self.fuse = nn.ModuleList(nn.ModuleList() for _ in range(2))
        for at, row in enumerate(self.fuse):
            for other in range(2):
                row.add_module(str(other), None if at == other else nn.Conv2d(3, 3, 1))

    def forward(self, x: Tensor) -> Tensor:
        made = []
        for row in self.fuse:
            layers = row._modules.values()
            ways = [layer(way) if layer else way for layer, way in zip(layers, (x, F.relu(x)), strict=True)]
            made.append(ways[0] + ways[1])
        return torch.cat(made, 1)


class Quantizer(nn.Module):
    """VQ-VAE's codebook: the nearest code, by a matrix with a one in each row that is written in place."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(8, 4)

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        z = z.permute(0, 2, 3, 1).contiguous()
        flat, codes = z.view(-1, 4), self.embedding.weight
        distance = (flat**2).sum(1, keepdim=True) + (codes**2).sum(1) - 2 * flat @ codes.t()
        chosen = distance.argmin(1).unsqueeze(1)
        onehot = torch.zeros(chosen.shape[0], 8).to(z.device)
        onehot.scatter_(1, chosen, 1)
        quantized = (onehot @ codes).view(z.shape)
        return (z + (quantized - z).detach()).permute(0, 3, 1, 2), chosen.view(z.shape[:-1])


class Step(nn.Module):
    """Two mappings of a list, with arithmetic between them."""

    def __init__(self) -> None:
        super().__init__()
        self.ways = nn.ModuleList(nn.ModuleDict({"at": nn.Linear(4, 4)}) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        first, second = (way["at"] for way in self.ways if isinstance(way, nn.ModuleDict))
        made: Tensor = second(torch.tanh(first(x)))
        return made


class Steps(nn.Module):
    """Such a step in a list that nobody calls."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = nn.ModuleList([Step()])

    def forward(self, x: Tensor) -> Tensor:
        for step in self.steps:
            x = step(x)
        return x * 2


class Rotary(nn.Module):
    """A table that is made in the first run and kept for those of the same length."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("inv_freq", 1.0 / 100 ** (torch.arange(0, 4, 2).float() / 4))
        self.cached: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        if self.cached is None or len(self.cached) != x.shape[1]:
            t = torch.arange(x.shape[1], device=x.device).type_as(self.get_buffer("inv_freq"))
            freqs = torch.einsum("i,j->ij", t, self.get_buffer("inv_freq"))
            self.cached = torch.cat((freqs, freqs), dim=-1).cos()
        return x * self.cached[None]


class Llama(nn.Module):
    """The table of the tokens is the last layer too, without being one; the positions are turned."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(10, 4)
        self.rotary = Rotary()

    def forward(self, tokens: Tensor) -> Tensor:
        made: Tensor = self.rotary(self.embed(tokens)) @ self.embed.weight.t()
        return made


class RelativePositions(nn.Module):
    """Transformer-XL's attention: the batch is second, and one more row shifts the positions."""

    def __init__(self) -> None:
        super().__init__()
        self.qk = nn.Linear(4, 8)
        self.bias = nn.Parameter(torch.randn(2, 2))
        self.table = nn.Parameter(torch.randn(5, 2, 2))

    def forward(self, tokens: Tensor) -> Tensor:
        h = tokens.transpose(0, 1)
        q, k = (one.view(*one.shape[:2], 2, 2) for one in self.qk(h).chunk(2, dim=-1))
        content = torch.einsum("ibnd,jbnd->ijbn", (q + self.bias, k))
        x = torch.einsum("ibnd,jnd->ijbn", (q, self.table))
        x = torch.cat([x.new_zeros(x.size(0), 1, *x.shape[2:]), x], dim=1)
        x = x.view(x.size(1), x.size(0), *x.shape[2:])[1:].reshape_as(content)
        return F.softmax(content + x, dim=1).permute(2, 3, 0, 1)


class Picked(nn.Module):
    """CLIP's text tower: of each sample the features at its own last token."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(10, 4)
        self.scale = nn.Parameter(torch.ones([]) * 2.0)

    def forward(self, text: Tensor) -> Tensor:
        x = self.embed(text)
        return F.normalize(x[torch.arange(x.shape[0]), text.argmax(dim=-1)], dim=-1) * self.scale.exp()


class Flow(nn.Module):
    """An affine step with its log-determinant, which is one number for all samples."""

    def __init__(self) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.randn(1, 4) * 0.1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        logdet = torch.zeros(x.shape[0]) + self.log_scale.sum().expand(x.shape[0])
        return x * torch.exp(self.log_scale), logdet + x.sum(1)


class Fusion(nn.Module):
    """EfficientDet's fusion: weights of which the sum is 1."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2))

    def forward(self, x: Tensor) -> Tensor:
        w = F.relu(self.weight)
        w = w / (w.sum() + 1e-4) / w.max()
        return w[0] * x + w[1] * x.relu()


class Hyper(nn.Module):
    """A weight of a convolution that follows from a vector of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.z = nn.Parameter(torch.randn(4))
        self.weight = nn.Parameter(torch.randn(4, 27))

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, torch.matmul(self.z, self.weight).view(3, 1, 3, 3).expand(-1, 3, -1, -1), padding="same")


class Queries(nn.Module):
    """DETR's queries: for each sample, with the batch second."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.rand(5, 4))

    def forward(self, x: Tensor) -> Tensor:
        h = x.permute(1, 0, 2)
        return (self.query.unsqueeze(1).repeat(1, h.shape[1], 1) + h).transpose(0, 1)


class Rotation(nn.Module):
    """Six numbers as a matrix that turns."""

    def forward(self, x: Tensor) -> Tensor:
        one, two = x[..., :3], x[..., 3:]
        one = F.normalize(one, dim=-1)
        two = F.normalize(two - (one * two).sum(-1, keepdim=True) * one, dim=-1)
        return torch.stack((one, two, torch.cross(one, two, dim=-1)), dim=-2)


class AllMasked(nn.Module):
    """Rows of a softmax of which everything may be masked."""

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        mask = torch.arange(x.shape[1])[None, :] >= lengths[:, None]
        return torch.nan_to_num(x.masked_fill(mask[:, None, :], float("-inf")).softmax(-1))


class Uncalled(nn.Module):
    """Sequences that nobody calls, with activations between their layers."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Linear(4, 4)
        self.proj = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.body(x)
        return made


class Attended(nn.Module):
    """Attention of which a layer runs once, before the others run in each step."""

    def __init__(self) -> None:
        super().__init__()
        self.memory, self.query = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        made: Tensor = memory * F.softmax(self.query(x), dim=-1)
        return made


class Decoder(nn.Module):
    """Tacotron's loop over such an attention."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = Attended()

    def forward(self, x: Tensor) -> Tensor:
        memory = self.attention.memory(x)
        for _ in range(2):
            x = self.attention(x, memory)
        return x


class Heads(nn.Module):
    """Heads that are made one with the batch for a product, and letters that stand for all other dimensions."""

    def __init__(self) -> None:
        super().__init__()
        self.qk = nn.Linear(4, 8)
        self.mix = nn.Parameter(torch.randn(3, 2))

    def forward(self, x: Tensor) -> Tensor:
        b, n = x.shape[:2]
        q, k = (one.view(b, n, 2, 2).transpose(1, 2).reshape(b * 2, n, 2) for one in self.qk(x).chunk(2, dim=-1))
        sim = torch.einsum("b i d, b j d -> b i j", q, k).view(b, 2, n, n)
        return torch.einsum("...d,ed->...e", sim[..., :2], self.mix)
