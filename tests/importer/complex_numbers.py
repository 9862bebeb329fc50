"""Modules that compute with complex numbers: Fourier mixing, spectral layers, state spaces, rotations."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Mixing(nn.Module):
    """FNet: tokens and features are mixed by a Fourier transform, here in the outermost forward."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.out = nn.LayerNorm(6), nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(x + torch.fft.fft(torch.fft.fft(x, dim=-1), dim=-2).real)
        made: Tensor = self.out(x)
        return made


class GlobalFilter(nn.Module):
    """GFNet: a learned filter of the spectrum, held as pairs of fractions."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 4, 3, 2) * 0.02)

    def forward(self, x: Tensor) -> Tensor:
        spectrum = torch.fft.rfft2(x, dim=(2, 3), norm="ortho") * torch.view_as_complex(self.weight)
        made: Tensor = torch.fft.irfft2(spectrum, s=(4, 4), dim=(2, 3), norm="ortho")
        return made


class Spectral(nn.Module):
    """FNO: a learned filter of complex numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 2, dtype=torch.cfloat))
        self.out = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        spectrum = torch.fft.rfft(x)[..., :2] * self.weight
        made: Tensor = self.out(torch.fft.irfft(spectrum, n=4))
        return made


class Around(nn.Module):
    """The same inside of a network."""

    def __init__(self) -> None:
        super().__init__()
        self.mix, self.skip = Spectral(), nn.Conv1d(3, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        return F.gelu(self.mix(x) + self.skip(x))


class Rotary(nn.Module):
    """Llama's first code: positions are rotations, a table of complex numbers that is no buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.wq, self.wo = nn.Linear(8, 8, bias=False), nn.Linear(8, 8, bias=False)
        angles = torch.outer(torch.arange(16).float(), 1.0 / 10000 ** (torch.arange(0, 4, 2) / 4))
        self.freqs_cis = torch.polar(torch.ones_like(angles), angles)

    def forward(self, x: Tensor) -> Tensor:
        n, length, _ = x.shape
        q = self.wq(x).view(n, length, 2, 4)
        turned = torch.view_as_complex(q.float().reshape(*q.shape[:-1], -1, 2))
        freqs = self.freqs_cis[:length].view(1, length, 1, 2)
        made: Tensor = self.wo(torch.view_as_real(turned * freqs).flatten(3).type_as(x).reshape(n, length, 8))
        return made


class StateSpace(nn.Module):
    """S4D's kernel: numbers of the complex plane, made of fractions by 1j."""

    def __init__(self) -> None:
        super().__init__()
        self.real, self.imag = nn.Parameter(torch.rand(3, 2)), nn.Parameter(torch.rand(3, 2))
        self.gain = nn.Parameter(torch.rand(3, 2, 2))

    def forward(self, u: Tensor) -> Tensor:
        length = u.size(-1)
        decay = -torch.exp(self.real) + 1j * self.imag
        kernel = torch.exp(decay.unsqueeze(-1) * torch.arange(length))
        weights = torch.view_as_complex(self.gain) * (torch.exp(decay) - 1.0) / decay
        found = 2 * torch.einsum("hn,hnl->hl", weights, kernel).real
        spectrum = torch.fft.rfft(u, n=2 * length) * torch.fft.rfft(found, n=2 * length)
        made: Tensor = torch.fft.irfft(spectrum, n=2 * length)[..., :length]
        return made


class Spectrogram(nn.Module):
    """How loud each pitch is at each time."""

    window: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("window", torch.hann_window(8))
        self.conv = nn.Conv1d(5, 4, 3, padding=1)

    def forward(self, sound: Tensor) -> Tensor:
        spectrum = torch.stft(sound, 8, 4, window=self.window, return_complex=True)
        made: Tensor = self.conv(torch.log1p(spectrum.abs()))
        return made


class Spectrum(nn.Module):
    """A network that gives complex numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = torch.fft.rfft(self.fc(x))
        return made
