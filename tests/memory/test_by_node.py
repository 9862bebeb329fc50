"""Memory as a measure: of every node, block and network, the same that `archspec memory` says."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import archspec
from archspec.cli import main
from archspec.graph.measured import ops_in, value
from archspec.measures.known import measures
from archspec.memory.need import Plan, need

SPEC = """\
archspec: 1
name: Net
inputs: {x: [3, 8, 8]}
graph:
  stem: {block: part}
  last: {op: conv2d, out_channels: 2, kernel_size: 1}
blocks:
  part:
    graph:
      conv: {op: conv2d, out_channels: 4, kernel_size: 1}
      bn: {op: batch_norm2d}
      relu: {op: relu}
"""
MAP = 4 * 4 * 64  # bytes of four channels
SAVED = 2 * MAP + 4 * 2 * 4  # what bn reads, what relu gives, and two numbers a channel


@pytest.mark.parametrize("spec", ["resnet:resnet18", "googlenet", "segnet"])
def test_the_whole_is_what_a_plan_of_one_sample_needs(spec: str) -> None:
    network = archspec.load(spec).network
    found = need(network, Plan())
    assert value(network, measures()["peak_memory"], network.graph.nodes) == found.activations
    assert value(network, measures()["saved_memory"], network.graph.nodes) == found.kept


def test_a_block_has_its_peak_and_the_sum_of_what_is_saved() -> None:
    network = archspec.loads(SPEC).network
    (inside,) = ops_in(network, ["stem"]).values()
    assert value(network, measures()["peak_memory"], inside) == 2 * MAP
    assert value(network, measures()["saved_memory"], inside) == SAVED
    assert value(network, measures()["saved_memory"], ["last"]) == 0


@pytest.mark.parametrize(("saved", "code"), [(SAVED, 0), (SAVED + 1, 1)])
def test_a_spec_states_it_of_the_network_and_of_blocks(tmp_path: Path, saved: int, code: int) -> None:
    facts = f"expect: {{peak_memory: {2 * MAP}, blocks: {{stem: {{saved_memory: {saved}}}}}}}\n"
    (tmp_path / "net.yaml").write_text(SPEC + facts)
    done = CliRunner().invoke(main, ["check", str(tmp_path / "net.yaml")])
    assert done.exit_code == code
    assert ("saved_memory of stem is 2080, not 2081" in done.output) == (code == 1)


def test_tables_have_it_where_it_is_asked_for() -> None:
    words = ["summary", "resnet:resnet18", "--depth", "1", "--columns", "peak_memory,saved_memory"]
    shown = CliRunner().invoke(main, words).output
    unit = "bytes that autograd saves for the backward pass; one sample in float32"
    assert f"saved memory  20.61 MiB (21,616,128 {unit})" in shown
    rows = json.loads(CliRunner().invoke(main, [*words, "--format", "json"]).output)["blocks"]
    assert {row["path"]: row["peak_memory"] for row in rows}["bn1"] == 6422528
