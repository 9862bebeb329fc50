"""Modules that are called with a mask here and without one there, with None, and that pick rows for each sample."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Cross(nn.Module):
    """Attention of one value over another, with a mask or without."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.q = nn.Linear(dim, dim)
        self.k = nn.Linear(dim, dim)

    def forward(self, x: Tensor, y: Tensor, mask: Tensor | None = None) -> Tensor:
        scores = self.q(x) @ self.k(y).transpose(1, 2)
        if mask is not None:
            scores = scores + mask
        made: Tensor = scores.softmax(-1) @ y
        return made


class BothWays(nn.Module):
    """One layer for both directions, as LXMERT's: only one of them has a mask."""

    def __init__(self, dim: int = 8) -> None:
        super().__init__()
        self.cross = Cross(dim)

    def forward(self, a: Tensor, b: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        return self.cross(a, b, mask), self.cross(b, a)


class Grouped(nn.Module):
    """The nearest neighbours of the first points, as PointNet++ groups them; features may be None."""

    def __init__(self, dims: int, width: int) -> None:
        super().__init__()
        self.mlp = nn.Linear(dims, width)

    def forward(self, points: Tensor, features: Tensor | None) -> Tensor:
        first = points[:, :4]
        near = ((first[:, :, None] - points[:, None]) ** 2).sum(-1).topk(3, dim=-1, largest=False)[1]
        samples = torch.arange(len(points)).view(-1, 1, 1).repeat(1, 4, 3)
        found = points[samples, near, :] - first[:, :, None]
        if features is not None:
            found = torch.cat([found, features[samples, near]], -1)
        made: Tensor = self.mlp(found).max(2)[0]
        return made


class Grouping(nn.Module):
    """Groups without features, then with them."""

    def __init__(self) -> None:
        super().__init__()
        self.first = Grouped(3, 6)
        self.second = Grouped(9, 6)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.second(x[:, :4], self.first(x, None))
        return made


class Decided(nn.Module):
    """What no graph says, with an argument that has no default."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        made: Tensor = self.fc(x)
        if made.sum() > 0:
            made = made * 2
        return made if mask is None else made * mask


class GivenNone(nn.Module):
    """Gives None where an argument has no default: a source that leaves it out does not run."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = Decided()

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.inner(x, None)
        return made


class Noisy(nn.Module):
    """Adds noise that is written into memory of its own, as StyleGAN2 does."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.weight = nn.Parameter(torch.full((1,), 0.5))

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv(x)
        n, _, h, w = y.shape
        return F.relu(y + self.weight * y.new_empty(n, 1, h, w).normal_())


class Spectral(nn.Module):
    """A convolution of few frequencies, with complex weights: the layer of a Fourier neural operator."""

    def __init__(self, width: int = 4, modes: int = 3) -> None:
        super().__init__()
        self.modes = modes
        self.weight = nn.Parameter(torch.rand(width, width, modes, dtype=torch.cfloat) / width)

    def forward(self, x: Tensor) -> Tensor:
        found = torch.fft.rfft(x)[:, :, : self.modes]
        made: Tensor = torch.fft.irfft(torch.einsum("bix,iox->box", found, self.weight), n=x.shape[-1])
        return made


class Operator(nn.Module):
    """Two such layers beside convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.spectral = nn.ModuleList(Spectral() for _ in range(2))
        self.convs = nn.ModuleList(nn.Conv1d(4, 4, 1) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        for spectral, conv in zip(self.spectral, self.convs, strict=True):
            x = F.gelu(spectral(x) + conv(x))
        return x


class Halved(nn.Module):
    """Halves its width four times; a sixteenth of it is not the width by the length of the input, which is 16 too."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv1d(width >> at, width >> (at + 1), 1) for at in range(4))
        self.pre = nn.Conv1d(3, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pre(x)
        for conv in self.convs:
            x = conv(F.leaky_relu(x, 0.1))
        return x


class Step(nn.Module):
    """A layer whose result is scaled, and turned around where forward is told so."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc = nn.Linear(width, width)

    def forward(self, x: Tensor, scale: float = 1.0, power: int = 2, *, flip: bool = False) -> Tensor:
        y: Tensor = self.fc(x) * scale
        return F.relu(-y if flip else y) ** power


class Scaled(nn.Module):
    """Calls one module with other numbers each time; one call has the defaults that the first has not."""

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.step, self.other = Step(width), Step(width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.step(self.step(x, 2.0))
        x = self.step(x, 2.0, power=3)
        return torch.as_tensor(self.other(x) + self.step(x, 4.0))


class Flipped(nn.Module):
    """Calls one module to do more than before."""

    def __init__(self) -> None:
        super().__init__()
        self.step = Step(8)

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(self.step(self.step(x), flip=True))


class Twins(nn.Module):
    """Two images through one Sequential, which is no block."""

    def __init__(self) -> None:
        super().__init__()
        self.tower = nn.Sequential(nn.Linear(8, 4), nn.ReLU())

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return F.pairwise_distance(self.tower(a), self.tower(b))


class Head(nn.Module):
    """Boxes of all places of a map, as a detector has them."""

    def __init__(self, channels: int, classes: int, anchors: int) -> None:
        super().__init__()
        self.classes = classes
        self.conv = nn.Conv2d(channels, anchors * classes, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(self.conv(x).permute(0, 2, 3, 1).reshape(x.shape[0], -1, self.classes))


class Detector(nn.Module):
    """One head over maps of several sizes."""

    def __init__(self, width: int = 8, classes: int = 5, anchors: int = 3) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, width, 3, 2, 1), nn.Conv2d(width, width, 3, 2, 1)
        self.head = Head(width, classes, anchors)

    def forward(self, image: Tensor) -> Tensor:
        large = self.first(image)
        return torch.cat([self.head(large), self.head(self.second(large))], 1)


class Drawing(nn.Module):
    """A variational autoencoder, which draws in training only."""

    def __init__(self, width: int = 16, latent: int = 4) -> None:
        super().__init__()
        self.mean, self.log_variance = nn.Linear(width, latent), nn.Linear(width, latent)
        self.decoder = nn.Linear(latent, width)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mean, log_variance = self.mean(x), self.log_variance(x)
        std = torch.exp(0.5 * log_variance)
        z = mean + std * torch.randn_like(std) if self.training else mean
        return self.decoder(z), mean, log_variance


def compiled(width: int = 8) -> nn.Module:
    """A module that torch wraps."""
    return torch.compile(Scaled(width))  # type: ignore[return-value]  # which is a module


def parallel(width: int = 8) -> nn.Module:
    """The same of another wrapper."""
    return nn.DataParallel(Scaled(width))


class Variadic(nn.Module):
    """Takes any number of values."""

    def forward(self, *xs: Tensor) -> Tensor:
        return torch.cat(xs, 1)


class Saying(nn.Module):
    """Gives a text."""

    def forward(self, x: Tensor) -> str:
        return str(x.shape)


class Outside(nn.Module):
    """Computes with numpy."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.from_numpy(x.numpy() * 2)


class Ending(nn.Module):
    """Ends the program."""

    def forward(self, x: Tensor) -> Tensor:
        raise SystemExit(3)


class Stage(nn.Module):
    """A layer whose share in the sum follows from the number of the step."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc = nn.Linear(width, width)

    def forward(self, x: Tensor, step: int, slope: float = 0.1) -> Tensor:
        return x + F.leaky_relu(self.fc(x) * (0.5 + step / 4), slope)


class Stepping(nn.Module):
    """One layer again and again, with another number in each step."""

    def __init__(self, width: int = 8, steps: int = 3) -> None:
        super().__init__()
        self.stage = Stage(width)
        self.steps = steps

    def forward(self, x: Tensor) -> Tensor:
        for step in range(self.steps):
            x = self.stage(x, step)
        made: Tensor = self.stage(x, 0, 0.3)
        return made


class Responding(nn.Module):
    """Weights in as many dimensions as one image has, of which nothing else is read."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.weight = nn.Parameter(torch.randn(8, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        sized = x.mean((2, 3), keepdim=True)
        made: Tensor = x * self.weight.view_as(sized[:1]).reshape_as(sized[:1])
        return made
