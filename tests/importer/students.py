"""The smallest module of each kind that students' networks have and import once could not say."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm, weight_norm

from tests.importer.networks import Attention


class Draws(nn.Module):
    """Noise of a value's own size, in inference too."""

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.randn_like(x) + torch.rand(x.shape) * torch.bernoulli(torch.sigmoid(x))


class Sampled(nn.Module):
    """What training draws from a distribution inference takes the mean of, as autoencoders do."""

    def __init__(self) -> None:
        super().__init__()
        self.mean, self.spread = nn.Linear(4, 2), nn.Linear(4, 2)
        self.decoder = nn.Sequential(nn.Linear(2, 4), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        mean, spread = self.mean(x), self.spread(x)
        z = mean + torch.randn_like(mean) * spread.exp() if self.training else mean
        made: Tensor = self.decoder(z)
        return made


class Uniform(nn.Module):
    """Constants that are one number: of a value's size, for each sample, and where a sum begins."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        low = -9e15 * torch.ones_like(x)
        total = x.new_zeros(x.shape[0])
        for row in x.unbind(1):
            total = total + row.sum(-1)
        return torch.where(x > 0, x, low).softmax(-1), torch.tensor(0.5) * total


class Rows(nn.Module):
    """Products of rows with a matrix, of a value with features only."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4, 3))

    def forward(self, x: Tensor) -> Tensor:
        return torch.mm(x, self.weight).data.detach()


class Repeated(nn.Module):
    """A learned value for each sample: of fewer dimensions, and joined as often as there are samples."""

    def __init__(self) -> None:
        super().__init__()
        self.spread, self.weight = nn.Parameter(torch.randn(4)), nn.Parameter(torch.randn(1, 4))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        joined = torch.cat([self.weight] * x.shape[0], 0)
        return torch.cat([x + joined] * 2, 1), self.spread.exp().expand_as(x)


class Gates(nn.Module):
    """A number for each channel, repeated over the map before it is multiplied."""

    def forward(self, x: Tensor) -> Tensor:
        y = x.mean((2, 3)).view(*x.shape[:2], 1, 1)
        return x * y.expand_as(x)


class Near(nn.Module):
    """How near values are to each other, and the largest of them."""

    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        best, places = torch.topk(x, 2, dim=1)
        last = x.argsort(descending=True)
        return F.cosine_similarity(x, y), F.pairwise_distance(x, y), best, places, last, x.norm(dim=-1)


class Codes(nn.Module):
    """Values that are replaced by codes, each drawn by its distance."""

    def __init__(self) -> None:
        super().__init__()
        self.codes = nn.Parameter(torch.rand(16, 8))

    def forward(self, x: Tensor) -> Tensor:
        weights = F.gumbel_softmax(-torch.cdist(x, self.codes), 0.5, True)
        return weights @ self.codes + torch.sinc(x) + torch.logit(torch.sigmoid(x), 1e-5)


class Turned(nn.Module):
    """A map that is turned by what the network computes, as spatial transformers do."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 6)

    def forward(self, x: Tensor) -> Tensor:
        theta = self.fc(x.mean((2, 3))).view(-1, 2, 3)
        return F.grid_sample(x, F.affine_grid(theta, list(x.shape), align_corners=False), align_corners=False)


class Normed(nn.Module):
    """Weights that follow from others, by torch's parametrizations."""

    def __init__(self) -> None:
        super().__init__()
        self.one = spectral_norm(nn.Conv2d(3, 4, 3))
        self.two = weight_norm(nn.Conv2d(4, 2, 3))

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.two(self.one(x).relu())
        return made


class Hooked(nn.Module):
    """A weight that a hook makes of a length and a direction, of a layer that has two names."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.utils.weight_norm(nn.Conv1d(3, 4, 3))
        self.net = nn.Sequential(self.conv1, nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.net(x)
        return made


class Way(nn.Module):
    """A way on, and a skip."""

    def __init__(self) -> None:
        super().__init__()
        self.on, self.skip = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.on(x) + x, self.skip(x)


class Ways(nn.Module):
    """The last block's way on is for nothing, as a WaveNet's."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Way(), Way()])

    def forward(self, x: Tensor) -> Tensor:
        total = torch.zeros(())
        for block in self.blocks:
            x, skip = block(x)
            total = total + skip
        return total


class Positions(nn.Module):
    """Positions that are cut to the length, and said to learn nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("pe", torch.randn(1, 9, 8))
        self.attention = Attention(8)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.attention(x + self.get_buffer("pe")[:, : x.size(1)].requires_grad_(False))
        return made


class Reader(nn.Module):
    """It is given a mask."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x: Tensor, mask: Tensor, hidden: Tensor) -> Tensor:
        scores = self.fc(x) @ x.transpose(1, 2) + mask
        seen: Tensor = scores.softmax(-1).masked_fill(hidden, 0.0)
        return x + seen @ x


class Masked(nn.Module):
    """Masks of what comes later, which are made once and given to each layer."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Reader(), Reader()])

    def forward(self, x: Tensor) -> Tensor:
        size = x.shape[1]
        mask = torch.triu(torch.full((size, size), float("-inf")), diagonal=1)
        hidden = torch.tril(torch.ones(size, size)) == 0
        for layer in self.layers:
            x = layer(x, mask, hidden)
        return x


class Waves(nn.Module):
    """The same table, made again each time."""

    def forward(self, x: Tensor) -> Tensor:
        waves = torch.tensor([0.5, 0.25, 0.125, 0.75])
        return (x * waves[None]).sin() + (x * waves[None]).cos()


class Pairs(nn.Module):
    """Both inputs behind each other as one batch, through a list of modules, and apart again."""

    def __init__(self) -> None:
        super().__init__()
        self.tower = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1))

    def forward(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        n = left.shape[0]
        both = self.tower(torch.cat([left, right])).flatten(1)
        one, two = both.chunk(2)
        return one - two, both[:n], both[n:]


class WrittenThrough(nn.Module):
    """A part of a bias is made zero, by a method of the part."""

    def __init__(self) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.ones(6))

    def forward(self, x: Tensor) -> Tensor:
        bias = self.bias.clone()
        bias[2:4].zero_()
        bias[4:].fill_(0.5)
        return x + bias


class Sliced(nn.Module):
    """A part of a Sequential, whose first module is number 1."""

    def __init__(self) -> None:
        super().__init__()
        self.rest = nn.Sequential(nn.ReLU(), nn.Linear(4, 4), nn.Tanh())[1:]

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.rest(x)
        return made


class Body(nn.Module):
    """A mapping of modules between which others run that hold nothing, and positions as long as the text."""

    def __init__(self) -> None:
        super().__init__()
        tables = {"wte": nn.Embedding(2, 4), "wpe": nn.Embedding(9, 4), "drop": nn.Dropout(0.5)}
        self.body = nn.ModuleDict({**tables, "layers": nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4)])})

    def forward(self, tokens: Tensor) -> Tensor:
        places = torch.arange(tokens.size(1)).unsqueeze(0)
        x: Tensor = self.body["drop"](self.body["wte"](tokens) + self.body["wpe"](places))
        layers = self.body["layers"]
        assert isinstance(layers, nn.ModuleList)
        for layer in layers:
            x = layer(x)
        return x


class Backwards(nn.Module):
    """Lists whose last module runs first, with others between, as decoders of U-Nets do."""

    def __init__(self) -> None:
        super().__init__()
        self.ups = nn.ModuleList([nn.ConvTranspose2d(4, 3, 2, 2), nn.ConvTranspose2d(3, 4, 2, 2)])
        self.convs = nn.ModuleList([nn.Conv2d(3, 2, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)])

    def forward(self, x: Tensor) -> Tensor:
        for i in (1, 0):
            x = self.convs[i](self.ups[i](x).relu())
        return x


class Weighing(nn.Module):
    """Rows weighed by a learned vector, the larger of two values, and a pool over all that there is."""

    def __init__(self) -> None:
        super().__init__()
        self.context = nn.Parameter(torch.randn(4))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        weights = torch.softmax(x.tanh().matmul(self.context), 1)
        largest = F.max_pool1d(x, x.size(2)).squeeze(2)
        return (x * weights.unsqueeze(2)).sum(1), torch.max(x, x * 2), torch.min(largest, torch.full_like(largest, 0.5))


class Cut(nn.Conv2d):
    """A convolution that writes over its weight, as masked ones do."""

    def __init__(self) -> None:
        super().__init__(3, 2, 3)
        self.register_buffer("mask", torch.ones(3, 3).tril())

    def forward(self, x: Tensor) -> Tensor:
        self.weight.data *= self.get_buffer("mask")
        return super().forward(x)


class Autoregressive(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(Cut(), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.net(x)
        return made


class Straight(nn.Module):
    """Rounded numbers through which gradients pass as if they were not, and a head that teaches nothing below it."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.head = nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y = self.fc(x)
        y = y + (y.round() - y).detach()
        return y, self.head(y.detach())


class Resized(nn.Sequential):
    """A list that resizes what its last module gives, as the pooling of an ASPP does."""

    def __init__(self) -> None:
        super().__init__(nn.AdaptiveAvgPool2d(1), nn.Conv2d(3, 2, 1))

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for module in self:
            y = module(y)
        return F.interpolate(y, size=x.shape[-2:], mode="nearest")


class Branches(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(3, 2, 1), Resized()])

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.convs], 1)


class Padded(nn.Module):
    """Channels put around, where the batch is said to get none."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(F.pad(x, (0, 0, 0, 0, 1, 1, 0, 0)))


class Squeezing(nn.Module):
    """A number for each sample; of one sample the batch goes too."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.fc(x).squeeze())


class Standardized(nn.Conv2d):
    """A convolution whose kernels have mean 0 and variance 1."""

    def forward(self, x: Tensor) -> Tensor:
        var, mean = torch.var_mean(self.weight, dim=[1, 2, 3], keepdim=True, unbiased=False)
        return F.conv2d(x, (self.weight - mean) / torch.sqrt(var + 1e-10), self.bias, self.stride, self.padding)


class Standardizing(nn.Module):
    """One of them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = Standardized(3, 8, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        std, mean = torch.std_mean(x, dim=(2, 3), keepdim=True)
        made: Tensor = self.conv((x - mean) / std)
        return made
