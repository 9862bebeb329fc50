"""Where a part of a network stands in the emitted module, and what is promised of it there."""

import archspec
from archspec.runtime.attributes import attribute_paths
from archspec.runtime.expected import expected_calls, expected_costs
from archspec.runtime.verify import verify

SHARED = """
archspec: 1
name: Shared
inputs: {image: [3, 8, 8]}
blocks:
  head:
    graph:
      conv: {op: conv2d, out_channels: 3, kernel_size: 3}
      relu: relu
graph:
  body:
    flat: true
    graph:
      stage1:
        graph:
          conv: {op: conv2d, out_channels: 4, kernel_size: 3, padding: 1}
          relu: relu
      stage2:
        graph:
          conv: {op: conv2d, out_channels: 3, kernel_size: 3, padding: 1}
  first: {block: head}
  second: {block: head, share: first}
"""


def test_flat_scopes_are_numbered_and_shared_parts_stand_once() -> None:
    network = archspec.loads(SHARED).network
    paths = attribute_paths(network.graph)
    assert paths["body/stage1/relu"] == "body.1"
    assert paths["body/stage2/conv"] == "body.2"
    assert "body/stage2" not in paths
    assert paths["second/conv"] == paths["first/conv"] == "first.conv"


def test_shared_parts_count_their_params_once_and_their_macs_twice() -> None:
    network = archspec.loads(SHARED).network
    cost = expected_costs(network)["first"]
    assert cost.params == 3 * 3 * 9 + 3
    assert cost.macs == 3 * 3 * 9 * (6 * 6 + 4 * 4)
    assert expected_calls(network, batch=2)["first"] == [((2, 3, 6, 6),), ((2, 3, 4, 4),)]


def test_the_emitted_module_agrees() -> None:
    design = archspec.loads(SHARED)
    report = verify(design.network, design.source())
    assert report.passed, report.lines()
