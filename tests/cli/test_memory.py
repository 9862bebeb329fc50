"""`archspec memory`, `archspec receptive-field`, and the options that go with them."""

import json

import pytest

from tests.cli.conftest import Run


def test_memory_says_totals_blocks_and_what_fits(run: Run) -> None:
    done = run("memory", "resnet:resnet18", "--batch", "32", "--fits", "4GB", "--depth", "1")
    assert done.exit_code == 0
    assert "ResNet (resnet18): batch 32, adam, float32" in done.output
    assert "3.73 GiB hold training with a batch of" in done.output
    assert "layer1   2 × basic" in done.output


def test_memory_as_json_agrees_with_itself(run: Run) -> None:
    said = json.loads(run("memory", "resnet:resnet18", "--format", "json", "--batch", "2").output)
    assert said["training"]["kept"] == next(block["kept"] for block in said["blocks"] if not block["path"])
    assert max(m["kept"] + m["flowing"] + m["gradients"] for m in said["curve"]) == said["training"]["peak"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("--fits", "much"), "'much' is not a size such as 8GB or 512MiB"),
        (("--checkpoint", "auto"), "--checkpoint auto needs to know how much memory there is: --fits 8GB"),
        (("--autocast", "--dtype", "bfloat16"), "--autocast is for parameters in float32, not in bfloat16"),
        (("--checkpoint", "basik"), "there is no block basik; did you mean basic?"),
        (("--checkpoint", "fc"), "fc cannot be computed again by itself: it is no block with a module of its own"),
        (
            ("--checkpoint", "layer2.0,layer2.0.downsample"),
            "layer2.0.downsample lies inside of layer2.0, which is computed again",
        ),
    ],
)
def test_memory_says_what_it_cannot_do(run: Run, given: tuple[str, ...], message: str) -> None:
    done = run("memory", "resnet:resnet18", *given)
    assert done.exit_code == 2
    assert message in done.output


def test_a_plan_is_compiled_as_it_is_said(run: Run) -> None:
    said = run("memory", "resnet:resnet18", "--batch", "64", "--fits", "1.2GB", "--checkpoint", "auto").output
    (line,) = [line for line in said.splitlines() if line.startswith("compile with --checkpoint")]
    blocks = line.split()[-1]
    source = run("compile", "resnet:resnet18", "--checkpoint", blocks).output
    assert all(f'"{path}"' in source for path in blocks.split(","))
    assert "module.forward = MethodType(recomputed, module)" in source


def test_a_repeat_stands_for_its_parts(run: Run) -> None:
    source = run("compile", "resnet:resnet18", "--checkpoint", "layer1").output
    assert 'for path in ("layer1.0", "layer1.1"):' in source


def test_receptive_fields_as_a_table_and_as_json(run: Run) -> None:
    lines = run("receptive-field", "vgg:vgg16").output.splitlines()
    assert lines[-4].split()[-4:] == ["212", "212", "32", "31/2"]
    said = json.loads(run("receptive-field", "fpn", "--format", "json").output)
    assert {found["path"] for found in said["misaligned"]} == {"fpn/m2", "fpn/m3", "fpn/m4"}
    assert "fpn/m4: what it joins lies 8 elements of image beside each other" in run("receptive-field", "fpn").output


def test_summary_shows_the_measures_that_it_is_asked_for(run: Run) -> None:
    asked = ("--columns", "receptive_field,stride,buffers", "--depth", "1")
    lines = run("summary", "vgg:vgg16", *asked).output.splitlines()
    assert lines[2].split()[-3:] == ["field", "stride", "buffers"]
    assert lines[4].split()[-3:] == ["212", "32", "0"]
    wrong = run("summary", "vgg:vgg16", "--columns", "params,feild")
    assert wrong.exit_code == 2
    assert "'feild' is not one of" in wrong.output
    for none in (",", "params,", "params,,macs"):
        wrong = run("summary", "vgg:vgg16", "--columns", none)
        assert wrong.exit_code == 2
        assert f"a name is missing beside a comma of {none!r}" in wrong.output
    rows = json.loads(run("summary", "vgg:vgg16", "--columns", "stride", "--format", "json").output)["blocks"]
    assert rows[0]["stride"] == 32
