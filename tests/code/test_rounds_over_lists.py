"""Rounds over lists: a repeat whose members are lists of the graph around it, and the source of it."""

from pathlib import Path

import pytest

from archspec import load, loads
from archspec.graph.invariants import verify
from archspec.graph.memory import liveness_bound
from archspec.graph.rounds import in_lists
from archspec.memory.need import Plan, need
from archspec.runtime.build import load_class

SPECS = sorted((Path(__file__).parent / "rounds").glob("*.yaml"))


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_source_is_what_the_spec_says(path: Path) -> None:
    design = load(path)
    verify(in_lists(design.network).graph)
    assert design.verify().passed


TOGETHER = """
archspec: 1
inputs: {image: [8, 16, 16]}
graph:
  rounds:
    repeat: 3
    lists: true
    graph:
      convs: {op: conv2d, out_channels: 8, kernel_size: 3, padding: $(i + 1), dilation: $(i + 1)}
      norms: {op: batch_norm2d, when: $(i < 2)}
      act: relu
      sum: {op: add, from: [act, x]}
"""
APART = """
archspec: 1
inputs: {image: [8, 16, 16]}
graph:
  convs.0: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  norms.0: batch_norm2d
  act_0: relu
  sum_0: {op: add, from: [act_0, image]}
  convs.1: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 2, dilation: 2}
  norms.1: batch_norm2d
  act_1: relu
  sum_1: {op: add, from: [act_1, sum_0]}
  convs.2: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 3, dilation: 3}
  act_2: relu
  sum_2: {op: add, from: [act_2, sum_1]}
"""


def test_rounds_are_their_members_one_by_one() -> None:
    together, apart = loads(TOGETHER), loads(APART)
    assert list(together.build().state_dict()) == list(apart.build().state_dict())
    assert list(in_lists(together.network).graph.nodes) == list(apart.network.graph.nodes)
    assert (together.params, together.macs) == (apart.params, apart.macs)


def test_rounds_hold_no_arguments_as_calls_of_modules_do() -> None:
    network = loads(TOGETHER.replace("      sum: {op: add, from: [act, x]}\n", "")).network
    assert liveness_bound(network, calls_hold=True) == liveness_bound(network)


def test_a_name_of_the_last_round_holds_its_value_to_the_end_of_the_loop() -> None:
    text = """
archspec: 1
inputs: {image: [8, 16, 16]}
graph:
  stem: {op: conv2d, out_channels: 8, kernel_size: 1}
  rounds:
    repeat: 2
    lists: true
    graph:
      convs: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
      norms: batch_norm2d
      sum: {op: add, from: [norms, x]}
  both: {op: add, from: [rounds, stem]}
"""
    live = need(loads(text).network, Plan(batch=1)).at_inference
    parameters, value = 4 * (72 + 2 * (584 + 16) + 2 * 17), 4 * 8 * 16 * 16
    assert live - parameters == pytest.approx(6 * value, abs=100)  # image, stem, x, h, norm(h) and the sum


def test_a_graph_without_rounds_stays_what_it_is() -> None:
    network = loads(APART).network
    assert in_lists(network) is network


def test_a_list_is_called_as_it_is_written_whatever_else_has_its_name() -> None:
    text = TOGETHER.replace("  rounds:", "  act_1: relu\n  rounds:", 1)
    assert "act_1_" in in_lists(loads(text).network).graph.nodes


LISTS = """
archspec: 1
inputs: {tokens: [4, 8]}
graph:
  stem: {op: linear, out_features: 8, bias: false}
  rounds:
    repeat: 3
    lists: true
    graph:
      norms: {op: layer_norm, freeze: true}
      fcs: {op: linear, out_features: 8, init: {weight: zeros}}
  heads.0: {op: linear, out_features: 8, freeze: true}
  heads.1: {op: linear, out_features: 8, bias: false, share: {weight: stem.weight}}
"""


def test_a_list_is_frozen_and_filled_as_a_whole() -> None:
    design = loads(LISTS)
    source = design.source()
    assert "self.norms.requires_grad_(False)" in source
    assert "for layer in self.fcs:\n            nn.init.zeros_(" in source
    assert "self.heads[0].requires_grad_(False)" in source  # the other is tied to what learns
    assert design.verify().passed


ANY_NUMBER = """\
    def __init__(self, depth: int = 4, width: int = 16, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, padding=1)
        self.convs = nn.ModuleList(
            nn.Conv2d(width, width, 3, padding=i + 1, dilation=i + 1)
            for i in range(depth)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for _ in range(depth))
        self.head = nn.Linear(width, classes)

    def forward(self, image: Tensor) -> Tensor:
        x: Tensor = self.stem(image)  # (N, width, 16, 16)
        for conv, norm in zip(self.convs, self.norms):
            h = conv(x)
            x = F.relu(norm(h), inplace=True) + x
"""


def test_how_many_rounds_there_are_is_an_argument() -> None:
    text = (Path(__file__).parent / "rounds/any_number.yaml").read_text("utf-8")
    design = loads(text)
    assert ANY_NUMBER in design.source()
    kind = load_class(design.source(), design.class_name)
    for depth in (0, 1, 2, 7):
        wanted = loads(text, depth=depth).build().state_dict()
        assert list(kind(depth=depth).state_dict()) == list(wanted)


ONE_NUMBER = {
    "a round that others read": ("flatten: flatten", "both: {op: add, from: [pool, rounds.1]}\n  flatten: flatten"),
    "a module less": ("norms: batch_norm2d", "norms: {op: batch_norm2d, when: $(i > 0)}"),
    "a frozen member": ("norms: batch_norm2d", "norms: {op: batch_norm2d, freeze: true}"),
    "other sizes each time": ("padding: $(i + 1)", "padding: $(i + 2)"),
    "shared parameters": ("norms: batch_norm2d", "norms: batch_norm2d\n      again: {share: convs}"),
    "a condition": ("norms: batch_norm2d", "norms: {op: batch_norm2d, when: $(depth > 2)}"),
}


@pytest.mark.parametrize("why", ONE_NUMBER)
def test_rounds_of_one_number_only_take_no_argument(why: str) -> None:
    text = (Path(__file__).parent / "rounds/any_number.yaml").read_text("utf-8")
    old, new = ONE_NUMBER[why]
    assert old in text
    design = loads(text.replace(old, new).replace("add: {op: add, from: [relu, x]}", "last: {op: add, other: 1.0}"))
    assert "depth: int" not in design.source()
    assert design.verify().passed


def test_what_tensors_of_all_rounds_start_with_is_said_in_a_loop() -> None:
    source = load(Path(__file__).parent / "rounds" / "starts_of_any_number.yaml").source()
    assert source.count("nn.init.normal_") == 1
    assert "depth: int = 3" in source


def test_a_frozen_module_of_a_list_goes_by_its_number() -> None:
    source = load(Path(__file__).parent / "rounds" / "starts_and_freezing.yaml").source()
    assert "self.convs[0].requires_grad_(False)" in source
    assert "range(3)" in source
