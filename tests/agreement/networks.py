"""The networks of which every view says the same: the gallery, small hard specs, and members that are left out."""

from functools import cache
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from archspec.graph.network import Network
from archspec.pipeline import load_network, load_text
from tests.examples import one_in
from tests.gallery.networks import FEW, network, representatives, sampled

_CODE = Path(__file__).parents[1] / "code"
_FILES = {path.relative_to(_CODE).as_posix(): path for path in sorted(_CODE.rglob("*.yaml"))}

_HEAD = "archspec: 1\nname: Net\ninputs: {image: [4, 8, 8]}\n"
LEFT_OUT = {
    "at the end": """
blocks:
  unit:
    params: {channels: int, act: true}
    graph:
      conv: {op: conv2d, out_channels: $channels, kernel_size: 3, padding: 1}
      pool: {op: max_pool2d, kernel_size: 2, when: $act}
      relu: {op: relu, when: $act}
graph:
  first: {block: unit, channels: 64, act: false}
  second: {block: unit, channels: 5}
outputs: {map: second}
""",
    "all of a block": """
blocks:
  gate:
    params: {act: true, times: 1}
    graph:
      relu: {op: relu, when: $act}
      convs: {op: conv2d, out_channels: 4, kernel_size: 1, repeat: $times}
  two:
    params: {act: true, times: 1}
    graph:
      gate: {block: gate, act: $act, times: $times}
      again: {block: gate, act: $act, times: $times}
graph:
  stem: {op: conv2d, out_channels: 4, kernel_size: 1}
  none: {block: gate, act: false, times: 0}
  neither: {block: two, act: false, times: 0}
  relu: {block: gate, times: 0}
  all: {block: two, times: 2}
  sum: {op: add, from: [all, neither, none]}
""",
    "in a repeat": """
blocks:
  part:
    params: {channels: int, wider: false}
    graph:
      match: {op: conv2d, out_channels: $channels, kernel_size: 1, when: $wider}
      conv: {op: conv2d, out_channels: $channels, kernel_size: 3, padding: 1, from: x}
      add: {op: add, from: [conv, match]}
      act: {op: relu, when: $(not wider)}
graph:
  stage1: {block: part, channels: 4, repeat: 2}
  stage2: {block: part, channels: 6, repeat: 3, first: {wider: true}}
  stage3: {block: part, channels: 8, wider: true}
""",
    "all but a gate": """
blocks:
  gated:
    inputs: [x, gate]
    params: {act: true}
    graph:
      conv: {op: conv2d, out_channels: 4, kernel_size: 1, from: x, when: $act}
      end: {op: mul, from: [gate, conv], when: $act}
graph:
  stem: {op: conv2d, out_channels: 4, kernel_size: 1}
  other: {op: conv2d, out_channels: 4, kernel_size: 3, padding: 1}
  none: {block: gated, from: [stem, other], act: false}
  all: {block: gated, from: [stem, none]}
  sum: {op: add, from: [all, all]}
""",
    "an output that is handed on": """
blocks:
  cell:
    inputs: [x, state]
    params: {keep: true}
    graph:
      conv: {op: conv2d, out_channels: 4, kernel_size: 1, from: x}
      next: {op: relu, from: state, when: $(not keep)}
    outputs: {y: conv, state: next}
graph:
  stem: {op: conv2d, out_channels: 4, kernel_size: 1}
  one: {block: cell, from: [stem, image]}
  two: {block: cell, from: [one, one.state], keep: false}
  sum: {op: add, from: [two, two.state]}
""",
}


def names() -> list[str]:
    """The gallery's structures, the files of small specs, and the specs above."""
    return [*representatives(), *_FILES, *LEFT_OUT]


def sampled_names() -> list[ParameterSet]:
    """The same as parameters of a test that costs much: of the gallery, the sample runs each time."""
    return sampled(names(), *_FILES, *LEFT_OUT)


def few_names() -> list[ParameterSet]:
    """The same where each costs a second: of the gallery a few run each time, and of the files one in two."""
    gallery = sampled(representatives(), sample=FEW)
    return [*gallery, *one_in(2, _FILES), *(pytest.param(name, id=name) for name in LEFT_OUT)]


@cache
def load(name: str) -> Network:
    """The network of one of `names`."""
    if name in LEFT_OUT:
        return load_text(_HEAD + LEFT_OUT[name])
    return load_network(_FILES[name]) if name in _FILES else network(name)
