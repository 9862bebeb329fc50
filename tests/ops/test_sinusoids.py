"""The table of sines and cosines is that of the paper in both orders."""

import torch

from archspec.runtime.interpret import held
from tests.ops.oracle import make


def test_each_wave_is_a_sine_and_a_cosine_of_the_place() -> None:
    beside = held(make("sinusoidal_table", num_embeddings=7, embedding_dim=6, base=100.0))
    apart = held(
        make("sinusoidal_table", num_embeddings=7, embedding_dim=6, base=100.0, interleaved=False, unsqueeze=0)
    )
    angles = torch.arange(7.0)[:, None] / 100 ** (torch.arange(0, 6, 2) / 6)
    torch.testing.assert_close(beside[:, 0::2], angles.sin())
    torch.testing.assert_close(beside[:, 1::2], angles.cos())
    assert apart.shape == (1, 7, 6)
    torch.testing.assert_close(apart[0], torch.cat([angles.sin(), angles.cos()], 1))
