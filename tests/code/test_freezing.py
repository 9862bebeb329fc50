"""What is frozen does not learn in the module of the source, whatever its arguments, and counts apart."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import torch

import archspec
from archspec.compare.difference import difference
from archspec.compare.words import row_words
from archspec.graph.freezing import frozen
from archspec.graph.graph import Graph, Node
from archspec.graph.walk import inside
from archspec.pipeline import check, load_text, read_text
from archspec.runtime.build import build
from archspec.runtime.frozen import differences, learning
from tests.code.test_goldens import CASES, cases
from tests.gallery.networks import FEW, network, representatives, sampled

FREEZING = [case for case in cases() if "freeze" in case]


@pytest.mark.parametrize("case", FREEZING)
def test_module_learns_what_the_spec_does_not_freeze(case: str) -> None:
    design = archspec.load(CASES / f"{case}.yaml")
    module = design.build(device="meta")
    assert list(differences(design.network, module)) == []
    learned = {id(one): one.numel() for one in module.parameters() if one.requires_grad}
    assert sum(cost.trainable for cost in design.network.costs.values()) == sum(learned.values())
    assert 0 < len(learned) < len(list(module.parameters()))


@pytest.mark.parametrize("case", FREEZING)
def test_verify_proves_it(case: str) -> None:
    report = archspec.load(CASES / f"{case}.yaml").verify()
    assert report.passed, report.lines()


TWO = """
archspec: 1
params: {depth: 3, still: 1}
variants: {probe: {still: 3}}
inputs: {features: [8]}
graph:
  body: {op: linear, out_features: 8, repeat: $depth, freeze: $(i < still)}
  head: {op: linear, out_features: 4}
"""


def test_variants_freeze_different_parts() -> None:
    assert len(frozen(load_text(TWO).graph)) == 1
    assert len(frozen(load_text(TWO, variant="probe").graph)) == 3
    assert "self.body.requires_grad_(False)" in archspec.loads(TWO, "probe").source()
    assert "self.body[0].requires_grad_(False)" in archspec.loads(TWO).source()


def test_what_decides_what_is_frozen_is_no_argument() -> None:
    assert "def __init__(self) -> None" in archspec.loads(TWO).source()
    plain = TWO.replace("$(i < still)", "true").replace("still: 1", "width: 8").replace("{still: 3}", "{width: 8}")
    source = archspec.loads(plain.replace("features: 8", "features: $width")).source()
    assert "depth: int = 3" in source


def test_verify_finds_what_the_source_does_not_freeze() -> None:
    design = archspec.loads(TWO)
    source = design.source().replace("        self.body[0].requires_grad_(False)\n", "")
    module = build(source, design.class_name, device="meta")
    assert list(differences(design.network, module)) == [
        "body.0.weight: learns, and the spec freezes it",
        "body.0.bias: learns, and the spec freezes it",
    ]
    assert learning(module) == {name for name, _ in module.named_parameters()}
    other = build(archspec.loads(TWO, "probe").source(), design.class_name, device="meta")
    told = list(differences(design.network, other))
    assert told[0] == "body.1.weight: is frozen, and the spec does not say so"


def test_a_frozen_part_keeps_its_values_and_its_statistics_move() -> None:
    text = """
    archspec: 1
    inputs: {image: [3, 8, 8]}
    graph:
      conv: {op: conv2d, out_channels: 4, kernel_size: 3, bias: false, freeze: true}
      norm: {op: batch_norm2d, freeze: true}
      pool: {op: adaptive_avg_pool2d, output_size: 1}
      flat: flatten
      head: {op: linear, out_features: 2}
    """
    module = archspec.loads(text).build()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    trained = torch.optim.SGD(module.parameters(), lr=0.1)
    module(torch.randn(4, 3, 8, 8)).square().mean().backward()
    trained.step()
    moved = {name for name, value in module.state_dict().items() if not torch.equal(value, before[name])}
    assert moved == {"head.weight", "head.bias", "norm.running_mean", "norm.running_var", "norm.num_batches_tracked"}


def test_counts_tell_what_learns(tmp_path: Path) -> None:
    text = TWO + "expect: {params: 252, trainable: 180, blocks: {body: {params: 216, trainable: 144}}}\n"
    (tmp_path / "net.yaml").write_text(text, encoding="utf-8")
    assert check(tmp_path / "net.yaml") == ()
    summary = archspec.loads(TWO).summary()
    assert "linear, 8, frozen" in summary
    assert "learns  180 of these; their gradients take 720B in float32" in summary
    assert "learns" not in archspec.loads(TWO.replace("$(i < still)", "$(i < still - 1)")).summary()


def test_a_spec_is_frozen_in_one_place() -> None:
    text = "archspec: 1\nuse: {body: resnet}\ninputs: {image: [3, 64, 64]}\ngraph:\n"
    text += "  body: {block: body, variant: resnet18, freeze: true}\n  head: {op: linear, out_features: 2}\n"
    design = archspec.loads(text)
    assert "self.body.requires_grad_(False)" in design.source()
    assert learning(design.build(device="meta")) == {"head.weight", "head.bias"}
    assert read_text(text)().costs["head"].trainable == 2002


def test_a_network_may_be_frozen_whole() -> None:
    text = "archspec: 1\ninputs: {x: [4]}\nfreeze: true\ngraph: {fc: {op: linear, out_features: 2}}\n"
    design = archspec.loads(text)
    assert "self.requires_grad_(False)" in design.source()
    assert design.verify().passed


def test_a_difference_says_what_is_frozen() -> None:
    before, after = (archspec.loads(TWO.replace("$(i < still)", said)).network for said in ("false", "true"))
    found = difference(before, after)
    said = [row_words(row) for _, row in found.walk()]
    assert any("learns -> frozen" in words for words in said), said
    assert not any("other sizes" in words for words in said), said


@pytest.mark.parametrize("name", sampled(representatives(), "shufflenet_v2", "segnet", "t5:t5_small", sample=FEW))
def test_any_members_of_a_network_can_be_frozen(name: str) -> None:
    """Ten members drawn, blocks and ops, wherever they stand: in repeats, in lists, in blocks of several uses."""
    whole, draw = network(name), Random(name)
    graph = whole.graph
    owners = {tensor.node for node in graph.nodes.values() for _, tensor in node.ties}
    free = [id for id, node in graph.nodes.items() if not (node.ties or node.share or id in owners)]
    scopes = [id for id, scope in graph.scopes.items() if id and not scope.share and not scope_ties(graph, id)]
    drawn = {*draw.sample(free, min(5, len(free))), *draw.sample(scopes, min(5, len(scopes)))}
    nodes = {id: replace(node, frozen=id in drawn) for id, node in graph.nodes.items()}
    frozen_scopes = {id: replace(scope, frozen=id in drawn) for id, scope in graph.scopes.items()}
    part = replace(whole, graph=replace(graph, nodes=nodes, scopes=frozen_scopes))
    module = archspec.Design(part).build(device="meta")
    assert list(differences(part, module)) == []


def scope_ties(graph: Graph, id: str) -> bool:
    """Whether tensors inside of a scope are tied, or used again, perhaps by what stands elsewhere."""
    members = inside(graph, graph.scopes[id])
    return any(found.share or (isinstance(found, Node) and found.ties) for found in members)
