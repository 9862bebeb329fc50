"""Repeats whose length is an argument, of which none is one: nothing writes over what they then give."""

import torch

import archspec
from tests.code.families import loaded

SUMS = """
archspec: 1
name: Net
params: {depth: 3, width: 8}
inputs: {x: [3, 8, 8]}
blocks:
  layer:
    graph:
      conv: {op: conv2d, out_channels: $width, kernel_size: 3, padding: 1}
      act: relu
  lin:
    graph: {conv: {op: conv2d, out_channels: $width, kernel_size: 3, padding: 1}}
graph:
  stem: {op: conv2d, out_channels: $width, kernel_size: 1}
  body: {block: layer, repeat: $depth}
  sum: {op: add, from: [body, stem]}
  body2: {block: lin, repeat: $depth}
  sum2: {op: add, from: [body2, stem]}
  out: {op: conv2d, out_channels: 2, kernel_size: 1}
"""


def test_a_sum_after_a_repeat_writes_over_nothing_that_is_still_read() -> None:
    source = archspec.loads(SUMS).source()
    assert "depth: int = 3" in source
    assert "x = self.body(stem)\n        x = x + stem\n" in source
    assert "x = self.body2(x)\n        x += stem\n" in source
    for depth in (0, 1, 2):
        made, wanted = loaded(source)["Net"](depth=depth), archspec.loads(SUMS, depth=depth).build()
        made.load_state_dict(wanted.state_dict())
        image = torch.rand(2, 3, 8, 8)
        assert torch.equal(made(image), wanted(image))
        made(image).sum().backward()


ACTIVATION = """
archspec: 1
name: Net
params: {depth: 2}
inputs: {x: [4]}
blocks: {layer: {graph: {fc: {op: linear, out_features: 4}}}}
graph:
  stem: {op: sigmoid}
  body: {block: layer, repeat: $depth}
  act: relu
"""


def test_an_activation_after_a_repeat_leaves_what_autograd_needs() -> None:
    source = archspec.loads(ACTIVATION).source()
    assert "depth: int = 2" in source
    x = torch.rand(2, 4, requires_grad=True)
    loaded(source)["Net"](depth=0)(x).sum().backward()
    assert x.grad is not None
