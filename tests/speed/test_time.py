import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import archspec
from archspec.cli import main
from archspec.diagnostics.diagnostic import Source, SpecError
from archspec.speed.device import Device, devices, find_device, read_table
from archspec.speed.estimate import estimate
from archspec.speed.rank import rank_correlation
from archspec.speed.roofline import Run, work

NET = """\
archspec: 1
name: Net
inputs: {image: [3, 32, 32]}
graph:
  conv: {op: conv2d, out_channels: 16, kernel_size: 3, padding: 1}
  relu: relu
  flatten: flatten
  fc: {op: linear, out_features: 10, bias: false}
"""
ROUND = Device("round", "a device with round figures", "", 1e9, {"float32": 1e12, "float16": 4e12})
CONV_MACS = 32 * 32 * 16 * 3 * 9


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments])


def test_an_op_takes_what_is_longer_of_computing_and_moving() -> None:
    works = work(archspec.loads(NET).network, Run(ROUND, batch=2))
    moved = 4 * (2 * 3 * 32 * 32 + 2 * 16 * 32 * 32 + 16 * 3 * 9 + 16)
    conv = works["conv"]
    assert (conv.flops, conv.bytes) == (2 * 2 * CONV_MACS, moved)
    assert conv.seconds == pytest.approx(max(conv.flops / 1e12, moved / 1e9))
    assert conv.intensity == pytest.approx(conv.flops / moved)
    assert (conv.bound, works["flatten"].seconds, works["image"].seconds) == ("memory", 0.0, 0.0)


def test_a_type_of_half_the_size_moves_half_and_computes_faster() -> None:
    network = archspec.loads(NET).network
    full, half = (work(network, Run(ROUND, dtype=dtype))["fc"] for dtype in ("float32", "float16"))
    assert (half.bytes * 2, half.flops) == (full.bytes, full.flops)


def test_slow_arithmetic_is_what_bounds() -> None:
    slow = Device("slow", "", "", 1e12, {"float32": 1e9}, overhead=1.0)
    works = work(archspec.loads(NET).network, Run(slow))
    assert works["conv"].bound == "compute"
    assert works["conv"].seconds == pytest.approx(2 * CONV_MACS / 1e9 + 1.0)


def test_training_adds_gradients() -> None:
    network = archspec.loads(NET).network
    once, step = (work(network, Run(ROUND, training=training)) for training in (False, True))
    assert step["conv"].flops == 2 * once["conv"].flops  # no gradient of the image
    assert step["fc"].flops == 3 * once["fc"].flops


def test_rows_add_up_to_the_whole() -> None:
    made = estimate(archspec.load("resnet:resnet18").network, Run(ROUND))
    top = [row.work for row in made.rows if row.depth == 1]
    assert sum(one.seconds for one in top) == pytest.approx(made.whole.seconds)
    assert sum(one.flops for one in top) == made.whole.flops
    assert made.whole.flops >= 2 * archspec.load("resnet:resnet18").macs


def test_every_device_says_where_its_figures_come_from() -> None:
    assert len(devices()) > 12
    for device in devices().values():
        assert device.source
        assert device.bandwidth > 1e11
        assert all(1e12 < flops < 1e16 for flops in device.flops.values())


def test_formats_say_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(NET, encoding="utf-8")
    Path("mine.yaml").write_text("mine: {bandwidth: 1e9, flops: {float32: 1e12}}\n", encoding="utf-8")
    asked = ("time", "net.yaml", "--device", "mine.yaml", "--batch", "4")
    found = json.loads(run(*asked, "--format", "json").output)
    rows = list(csv.DictReader(io.StringIO(run(*asked, "--format", "csv").output)))
    assert (
        [row["path"] for row in rows]
        == [block["path"] for block in found["blocks"]]
        == ["conv", "relu", "flatten", "fc"]
    )
    assert sum(float(row["seconds"]) for row in rows) == pytest.approx(found["seconds"])
    text = run(*asked).output
    assert "Net: inference of 4 in float32 on mine" in text
    assert "memory  " in text
    assert "h100-sxm" in run("time", "net.yaml").output


@pytest.mark.parametrize(
    ("table", "message", "line"),
    [
        ("a: {flops: {float32: 1e12}}", "a has no bandwidth", 1),
        (
            "a:\n  bandwidth: fast\n  flops: {float32: 1e12}",
            "bandwidth is a number of bytes a second, such as 2.0e12",
            2,
        ),
        ("a: {bandwidth: 1e9, flops: {float33: 1e12}}", "there is no type float33", 1),
        ("a: {bandwidth: 1e9, flops: {}}", "flops has a number for each type: {float32: 19.5e12}", 1),
        ("a: {bandwidth: 1e9, flop: {float32: 1}}", "there is no key flop here", 1),
        ("[a]", "a table of devices has a name for each", 1),
    ],
)
def test_a_mistake_in_a_table_is_pointed_at(table: str, message: str, line: int) -> None:
    with pytest.raises(SpecError) as caught:
        read_table(Source("mine.yaml", table))
    assert message in [one.message for one in caught.value.diagnostics]
    assert caught.value.diagnostics[0].span.line == line


def test_a_device_that_is_not_there_offers_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        find_device("h100-smx")
    (found,) = caught.value.diagnostics
    assert (found.code, found.message, found.help) == (
        "unknown-device",
        "there is no device h100-smx",
        "did you mean h100-sxm?",
    )
    path = tmp_path / "two.yaml"
    path.write_text(
        "a: {bandwidth: 1, flops: {float32: 1}}\nb: {bandwidth: 2, flops: {float32: 2}}\n", encoding="utf-8"
    )
    assert find_device(f"{path}:b").bandwidth == 2
    with pytest.raises(SpecError, match="has several devices: name the one meant"):
        find_device(str(path))


def test_usage() -> None:
    done = run("time", "alexnet", "--device", "v100", "--dtype", "tf32")
    assert (done.exit_code, done.output) == (
        2,
        "error: v100 does not compute in tf32; it does in float64, float32, float16\n",
    )
    assert "--format json is of one device" in run("time", "alexnet", "--format", "json").output


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ([1, 2, 3, 4], [10, 20, 30, 40], 1.0),
        ([1, 2, 3], [3, 2, 1], -1.0),
        ([1, 1, 2, 3], [1, 2, 3, 4], 0.948683298051),
        ([1, 2], [1, 2], None),
        ([1, 1, 1], [1, 2, 3], None),
    ],
)
def test_rank_correlation(ours: list[float], theirs: list[float], found: float | None) -> None:
    assert rank_correlation(ours, theirs) == (None if found is None else pytest.approx(found))
