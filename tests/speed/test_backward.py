"""The multiply-adds of a step of training are torch's own."""

import json

import pytest
import torch
from click.testing import CliRunner
from torch.utils.flop_counter import FlopCounterMode

import archspec
from archspec.cli import main
from archspec.graph.backward import training_macs
from archspec.runtime.counters import attention_in_parts, named_outputs, random_inputs

SPECS = [
    "resnet:resnet18",
    "googlenet",
    "unet",
    "albert",
    "swin:swin_t",
    "dcgan_generator",
    "perceiver:small",
    "siamese",
]


def by_torch(design: archspec.Design) -> tuple[int, int]:
    """Forwards and backwards, per sample, on the meta device."""
    module = design.build(device="meta").train()
    inputs = random_inputs(design.network, batch=2, device="meta")
    with attention_in_parts():
        with FlopCounterMode(display=False) as forward:
            outputs = named_outputs(module(*inputs)).values()
        loss = torch.stack([one.float().sum() for one in outputs if one.requires_grad]).sum()
        with FlopCounterMode(display=False) as backward:
            loss.backward()  # type: ignore[no-untyped-call]
    return forward.get_total_flops() // 4, backward.get_total_flops() // 4


@pytest.mark.parametrize("spec", SPECS)
def test_both_passes_are_what_torch_counts(spec: str) -> None:
    design = archspec.load(spec)
    assert training_macs(design.network) == by_torch(design)


def test_a_grouped_convolution_has_the_gradient_of_its_groups() -> None:
    text = """\
archspec: 1
inputs: {image: [4, 8, 8]}
graph:
  point: {op: conv2d, out_channels: 8, kernel_size: 1}
  deep: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1, groups: 8}
"""
    design = archspec.loads(text)
    point, deep = 64 * 4 * 8, 64 * 8 * 9
    assert training_macs(design.network) == (point + deep, point + 2 * deep)
    assert by_torch(design)[1] == point + deep + 8 * deep  # the weight's gradient counts as if of one group


def test_what_stops_gradients_stops_their_count() -> None:
    text = """\
archspec: 1
inputs: {image: [4, 8, 8]}
graph:
  one: {op: conv2d, out_channels: 8, kernel_size: 1}
  stop: detach
  two: {op: conv2d, out_channels: 8, kernel_size: 1, from: stop}
"""
    design = archspec.loads(text)
    assert training_macs(design.network)[1] == 64 * 4 * 8 + 64 * 8 * 8


def test_summary_says_it_on_request() -> None:
    run = CliRunner().invoke
    step = json.loads(run(main, ["summary", "resnet:resnet18", "--training", "--format", "json"]).output)["totals"][
        "step"
    ]
    assert step == {"forward_macs": 1814073344, "backward_macs": 3510132736, "macs": 5324206080}
    text = run(main, ["summary", "resnet:resnet18", "--training"]).output
    assert "backward  3,510,132,736 (3.51 G) MACs per sample, of the gradients" in text
    assert "training  5,324,206,080 (5.32 G) MACs per sample and step: 1.81 G forwards, and backward" in text
    assert "| **training step** |" in run(main, ["summary", "alexnet", "--training", "--format", "markdown"]).output
    assert "backward" not in run(main, ["summary", "alexnet"]).output
