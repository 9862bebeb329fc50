"""Every rule finds what its bad example has and nothing in its good one, and tells the truth about it."""

import importlib
import re

import networkx as nx
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import archspec
from archspec.lint.flow import WEIGHTED, Flow
from archspec.lint.rule import rules
from archspec.lint.rules.deep_without_shortcut import plain_ways
from archspec.lint.rules.uneven_overlap import writes
from archspec.ops.op import Role
from tests.lint.specs import codes, linted, network, spec

RULES = dict(rules().items())


@pytest.mark.parametrize("name", RULES)
def test_bad_example_has_this_fault_and_no_other(name: str) -> None:
    assert codes(RULES[name].bad) == [name]


@pytest.mark.parametrize("name", RULES)
def test_good_example_has_none(name: str) -> None:
    assert codes(RULES[name].good) == []


@pytest.mark.parametrize("name", RULES)
def test_rule_is_declared_in_house_style(name: str) -> None:
    rule = RULES[name]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", name)
    assert importlib.import_module(f"archspec.lint.rules.{name.replace('-', '_')}").RULE is rule
    assert not rule.summary.endswith(".")
    assert rule.source
    assert not re.search(r"\b(invalid|please|failed to)\b", rule.explanation, re.IGNORECASE)
    (found,) = linted(rule.bad)
    assert found.severity == "warning"
    assert found.help


# -- what is no fault -------------------------------------------------------------------------------------------------

FINE = {
    "a bias that something else reads too": spec("""
        conv: {op: conv2d, out_channels: 16, kernel_size: 1}
        norm: batch_norm2d
        sum: {op: add, from: [norm, conv]}
    """),
    "a bias that the network gives": spec(
        """
        conv: {op: conv2d, out_channels: 16, kernel_size: 1}
        norm: batch_norm2d
    """,
        outputs="[conv, norm]",
    ),
    "a bias of features, and a norm over tokens": spec(
        """
        map: {op: linear, out_features: 16}
        norm: batch_norm1d
    """,
        inputs="{tokens: [8, 32]}",
    ),
    "a bias before a layer norm, which takes one mean away": spec(
        """
        map: {op: linear, out_features: 16}
        norm: layer_norm
    """,
        inputs="{tokens: [8, 32]}",
    ),
    "a bias that another member uses again": spec("""
        conv: {op: conv2d, out_channels: 16, kernel_size: 1}
        norm: batch_norm2d
        again: {op: conv2d, out_channels: 16, kernel_size: 1, share: conv}
    """),
    "a transposed convolution whose windows do not overlap": spec(
        "up: {op: conv_transpose2d, out_channels: 8, kernel_size: 2, stride: 2}"
    ),
    "bins of a pyramid, upsampled to an even size that they do not divide": spec("""
        pool: {op: adaptive_avg_pool2d, output_size: 3}
        bins: {op: conv2d, out_channels: 8, kernel_size: 1}
        up: {op: upsample, from: {x: bins, like: image}, mode: bilinear}
        all: {op: concat, from: [up, image]}
    """),
    "depthwise convolutions in a row": spec("""
        one: {op: conv2d, out_channels: 16, kernel_size: 3, groups: 16}
        act: relu
        two: {op: conv2d, out_channels: 16, kernel_size: 3, groups: 16}
    """),
    "a state that nothing reads, which is no part of what came in": spec(
        "cells: {op: lstm, hidden_size: 16}", inputs="{tokens: [8, 32]}"
    ),
    "patches, each read once": spec(
        "patches: {op: conv2d, out_channels: 64, kernel_size: 8, stride: 8}", inputs="{image: [64, 32, 32]}"
    ),
    "one window over a whole map, which is a linear layer": spec(
        "head: {op: conv2d, out_channels: 64, kernel_size: 8}", inputs="{image: [64, 8, 8]}"
    ),
    "a dropout that drops nothing": spec("""
        drop: {op: dropout, p: 0.0}
        norm: batch_norm2d
    """),
    "a dropout before a norm without statistics": spec("""
        drop: {op: dropout, p: 0.5}
        norm: {op: group_norm, num_groups: 4}
    """),
    "a matrix of low rank": spec(
        """
        down: {op: linear, out_features: 4}
        up: {op: linear, out_features: 32}
    """,
        inputs="{features: [32]}",
    ),
    "a depthwise and a pointwise convolution": spec("""
        deep: {op: conv2d, out_channels: 16, kernel_size: 3, groups: 16}
        point: {op: conv2d, out_channels: 32, kernel_size: 1}
    """),
    "a residual block that normalises first": spec("""
        norm: batch_norm2d
        act: relu
        conv: {op: conv2d, out_channels: 32, kernel_size: 3, padding: 1}
        shortcut: {op: conv2d, from: act, out_channels: 32, kernel_size: 1}
        sum: {op: add, from: [conv, shortcut]}
    """),
    "a softmax that no loss takes for logits": spec(
        """
        head: {op: linear, out_features: 10}
        scores: {op: softmax, dim: 1}
    """,
        inputs="{features: [32]}",
    ),
    "a causal convolution beside its shortcut, along one dimension": spec(
        """
        pad: {op: zero_pad1d, padding: [8, 0]}
        conv: {op: conv1d, out_channels: 16, kernel_size: 3, dilation: 4}
        act: relu
        sum: {op: add, from: [act, x]}
    """,
        inputs="{x: [16, 64]}",
    ),
    "a map that pooling by 2 halved and repeating brought back": spec("""
        conv: {op: conv2d, out_channels: 16, kernel_size: 3, padding: 1}
        act: relu
        pool: {op: max_pool2d, kernel_size: 2}
        up: {op: upsample, scale_factor: 2}
        sum: {op: add, from: [up, act]}
    """),
    "a wide head of few classes": spec("head: {op: conv2d, out_channels: 21, kernel_size: 1}"),
    "a small linear layer over a map": spec("""
        flat: flatten
        head: {op: linear, out_features: 4}
    """),
}


@pytest.mark.parametrize("said", FINE)
def test_no_alarm_for(said: str) -> None:
    assert codes(FINE[said]) == []


def test_a_dilated_transposed_convolution_may_leave_rows_out() -> None:
    up = "up: {op: conv_transpose2d, out_channels: 8, kernel_size: 2, stride: 2, dilation: 2}"
    (found,) = linted(spec(up))
    assert found.code == "uneven-overlap"
    assert "some rows get 2 products, others none" in found.message


def test_features_are_normalised_too() -> None:
    text = spec(
        """
        map: {op: linear, out_features: 16}
        norm: batch_norm1d
    """,
        inputs="{features: [32]}",
    )
    assert codes(text) == ["bias-before-norm"]


# -- what is said is so -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kernel", range(1, 7))
@pytest.mark.parametrize("stride", range(1, 5))
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_writes_are_those_of_torch(kernel: int, stride: int, dilation: int) -> None:
    ones, weight = torch.ones(1, 1, 40), torch.ones(1, 1, kernel)
    written = F.conv_transpose1d(ones, weight, stride=stride, dilation=dilation)[0, 0, 20 * stride : 30 * stride]
    assert writes(kernel, stride, dilation) == (int(written.min()), int(written.max()))


def built(text: str) -> nn.Module:
    return archspec.Design(network(text)).build()


def test_a_bias_before_a_norm_has_no_effect() -> None:
    torch.manual_seed(0)
    module, x = built(RULES["bias-before-norm"].bad), torch.randn(4, 16, 32, 32)
    before: Tensor = module(x)
    with torch.no_grad():
        module.get_parameter("conv.bias").add_(3.0)
    torch.testing.assert_close(module(x), before, rtol=1e-4, atol=1e-4)


def params(text: str) -> int:
    return archspec.Design(network(text)).params


def test_the_saving_of_a_bottleneck_is_that_of_the_good_example() -> None:
    rule = RULES["large-kernel"]
    (found,) = linted(rule.bad)
    biases = 16 + 128
    assert f"leaves {params(rule.good) - biases:,}, 74% less" in found.help


def test_the_saving_of_a_pooling_is_that_of_the_good_example() -> None:
    rule = RULES["heavy-layer"]
    (found,) = linted(rule.bad)
    convolution = 64 * 64 * 9 + 64
    assert f"{params(rule.good) - convolution:,} parameters" in found.help


def test_a_starved_start_lets_no_signal_through_and_the_good_one_does() -> None:
    """The spread of a channel over the pixels, which the bias, one number for all of them, does not touch."""
    rule, left = RULES["starved-start"], []
    for text in (rule.bad, rule.good):
        torch.manual_seed(0)
        y: Tensor = built(text)(torch.randn(4, 16, 32, 32))
        left.append(y.detach().std((0, 2, 3)).mean().item())
    assert left[0] < 0.01
    assert left[1] > 0.1


@pytest.mark.parametrize("name", ["resnet:resnet18", "googlenet", "densenet:densenet121", "unet:unet"])
def test_plain_ways_are_those_of_networkx(name: str) -> None:
    flow = Flow(archspec.load(name).network)
    layers = WEIGHTED | {Role.RECURRENT, Role.ATTENTION}
    ways: nx.DiGraph[str] = nx.DiGraph()
    for id, node in flow.nodes.items():
        ways.add_weighted_edges_from((id, ref.node, float(node.op.role in layers)) for ref in node.inputs)
    joined = {ref.node for node in flow.nodes.values() if node.op.joins and len(node.inputs) > 1 for ref in node.inputs}
    ways.add_weighted_edges_from(("", id, 0.0) for id in {*flow.outputs, *joined})
    found = nx.single_source_dijkstra_path_length(ways, "")
    assert plain_ways(flow) == {id: int(length) for id, length in found.items() if id}


def test_a_starved_start_names_the_layers_that_it_is_about() -> None:
    text = spec("fc: {op: linear, out_features: 16, repeat: 12}", "{x: [16]}")
    (found,) = (one for one in linted(text) if one.code == "starved-start")
    assert found.help.startswith("init: {linear: {weight: {kaiming_normal: {nonlinearity: relu}}}}, or")
    both = (
        "conv: {op: conv2d, out_channels: 16, kernel_size: 1, repeat: 6}\nfc: {op: linear, out_features: 32, repeat: 6}"
    )
    (found,) = (one for one in linted(spec(both)) if one.code == "starved-start")
    assert "conv2d: " in found.help
    assert "linear: " in found.help
