"""What `forward` reads of the constructor's arguments: the argument where that is said in a few words."""

import pytest
import torch

import archspec

SPEC = """
archspec: 1
name: Kept
params: {back: 2, width: 4, most: 3}
inputs: {x: [8, 6]}
graph:
"""
PADDED = """\
  pad: {op: pad, pad: [$back, 0]}
  cut: {op: slice, dim: 2, stop: $(-back)}
  again: {op: pad, from: cut, pad: [$back, 0], value: 1.0}
  add: {op: slice, dim: 2, stop: $(-back)}
"""
KEPT = {
    "one argument for all that is made of it": (
        PADDED,
        ["self.back = back"],
        ["F.pad(x, (self.back, 0))", "[:, :, : -self.back]"],
    ),
    "a setting of more than that": (
        "  cut: {op: slice, dim: 1, stop: $(back * width)}\n  y: {op: slice, dim: 2, start: 0}\n",
        ["self.stop = back * width"],
        ["[:, : self.stop]"],
    ),
    "an argument of a member's name": (
        "  most: {op: linear, out_features: 9}\n  y: {op: slice, dim: 2, start: $most}\n",
        ["self.start = most"],
        ["[:, :, self.start :]"],
    ),
}


@pytest.mark.parametrize("kind", KEPT)
def test_what_is_kept(kind: str) -> None:
    graph, kept, read = KEPT[kind]
    design = archspec.loads(SPEC + graph)
    source = design.source()
    assert [line.strip() for line in source.splitlines() if line.strip() in kept] == kept
    assert all(one in source for one in read)
    assert design.build()(torch.rand(2, 8, 6)).shape == (2, 8, 6)
