import json

import pytest
from click.testing import CliRunner, Result

from archspec.cli import main
from archspec.diagnostics.diagnostic import Source
from archspec.language.yaml.text import TEXT
from archspec.speed.device import read_table


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["bench", *arguments])


def test_blocks_are_measured_beside_their_estimate() -> None:
    done = run("resnet:resnet18", "--format", "json", "--device", "epyc-7763")
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert [row["name"] for row in found["rows"]] == ["conv1", "bn1", "layer1", "layer2", "layer3", "layer4", "fc"]
    assert all(row["measured"] > 0 and row["estimated"] > 0 for row in found["rows"])
    assert -1 <= found["rank_correlation"] <= 1


@pytest.mark.whole  # it measures: what else the machine does is in it
def test_large_networks_are_told_from_small_ones() -> None:
    done = run("alexnet", "vgg:vgg11", "squeezenet:squeezenet1_1", "--format", "json")
    found = json.loads(done.output)
    assert max(found["rows"], key=lambda row: row["measured"])["name"] == "VGG:vgg11"
    assert max(found["rows"], key=lambda row: row["estimated"])["name"] == "VGG:vgg11"


def test_what_this_machine_reaches_is_a_device() -> None:
    done = run("alexnet", "--format", "device")
    (device,) = read_table(Source(TEXT, done.output)).values()
    assert device.name == "this"
    assert device.bandwidth > 1e7
    assert device.flops["float32"] > 1e7
    assert device.overhead > 0


def test_usage() -> None:
    assert "torch does not run on gpu9 here" in run("alexnet", "--on", "gpu9").output
    assert "error[unknown-device]" in run("alexnet", "--device", "epyc").output
    assert "tpu-v4 does not compute in float32" in run("alexnet", "--device", "tpu-v4").output
    assert "bench measures whole networks; leave out /features" in run("alexnet/features", "--device", "v100").output
