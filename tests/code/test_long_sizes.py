"""Sizes too long to say where they are needed, for which a constructor has variables."""

import re
from typing import Any

import torch

import archspec
from tests.code.families import loaded, written


def test_sizes_that_grow_from_block_to_block_are_followed_to_the_last() -> None:
    """However many there are: the constructor has variables, of which each is said with the one before."""
    source = written("densenet")
    assert re.findall(r"^class (\w+)", source, re.MULTILINE) == ["DenseLayer", "Transition", "DenseNet"]
    assert "        transition3_channels = (transition2_channels + growth_rate * depths[2]) // 2\n" in source
    assert "_in_channels=" not in source
    assert "_in_features" not in source
    settings: dict[str, Any] = {"depths": (2, 3, 1, 2), "growth_rate": 6, "width": 10, "classes": 3}
    with torch.device("meta"):
        made, alone = loaded(source)["DenseNet"](**settings), archspec.load("densenet", **settings).build(device="meta")
    assert {k: v.shape for k, v in made.state_dict().items()} == {k: v.shape for k, v in alone.state_dict().items()}
