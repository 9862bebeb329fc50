import csv
import io
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

SPECS = ["small.yaml", "resnet:resnet18", "googlenet", "googlenet_torchvision", "fcn_resnet50", "unet"]


def load(run: Run, *arguments: object) -> Any:
    result = run("summary", *arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_json_says_what_the_network_is(run: Run, small: Path) -> None:
    report = load(run, small, "--variant", "narrow")
    assert report["name"] == "Small"
    assert report["variant"] == "narrow"
    assert report["inputs"] == {"image": [None, 3, 16, 16]}
    assert report["outputs"] == {"logits": [None, 10]}
    assert report["totals"]["params"] == 3 * 8 * 9 + 16 + 8 * 8 * 9 + 16 + 8 * 10 + 10
    assert report["totals"]["macs"] == 16 * 16 * (3 * 8 * 9 + 8 * 8 * 9) + 8 * 10
    assert report["totals"]["flops"] == 2 * report["totals"]["macs"]
    assert report["totals"]["train_only"]["params"] == 8 * 2 + 2
    assert report["totals"]["train_only"]["outputs"] == {"aux": [None, 2]}


def test_json_has_a_block_for_each_member_in_order(run: Run, small: Path) -> None:
    blocks = load(run, small)["blocks"]
    unit = [("conv", "op"), ("bn", "op"), ("relu", "op")]
    assert [(block["path"], block["kind"]) for block in blocks] == [
        ("body", "repeat"),
        *(
            (path, kind)
            for part in ("body/0", "body/1")
            for path, kind in [(part, "block"), *((f"{part}/{name}", kind) for name, kind in unit)]
        ),
        ("pool", "op"),
        ("flatten", "op"),
        ("aux", "op"),
        ("fc", "op"),
    ]
    assert blocks[0]["output_shape"] == [None, 8, 16, 16]
    assert [block["path"] for block in blocks if block["train_only"]] == ["aux"]


@pytest.mark.parametrize("convention", ["macs", "fvcore", "torch"])
@pytest.mark.parametrize("spec", SPECS)
def test_every_parent_is_the_sum_of_its_children(run: Run, small: Path, spec: str, convention: str) -> None:
    report = load(run, spec, "--convention", convention)
    counts = [key for key, value in report["totals"].items() if isinstance(value, int)]
    sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(counts, 0))
    seen = {""}
    for block in report["blocks"]:
        parent = block["path"].rpartition("/")[0]
        assert parent in seen
        seen.add(block["path"])
        for key in counts:
            sums[parent][key] += block[key]
    for block in report["blocks"]:
        if block["path"] in sums:
            assert sums[block["path"]] == {key: block[key] for key in counts}
    totals = report["totals"]
    assert sums[""] == {key: totals[key] + totals["train_only"][key] for key in counts}


def test_depth_cuts_rows_and_changes_no_count(run: Run) -> None:
    whole = load(run, "resnet:resnet18")
    cut = load(run, "resnet:resnet18", "--depth", 2)
    assert cut["totals"] == whole["totals"]
    assert cut["blocks"] == [block for block in whole["blocks"] if block["depth"] <= 2]


def test_conventions_restate_the_total(run: Run) -> None:
    totals = {
        convention: load(run, "resnet:resnet50", "--convention", convention)["totals"]["count"]
        for convention in ("macs", "fvcore", "torch", "torchvision")
    }
    assert totals == {"macs": 4089184256, "fvcore": 4111512576, "torch": 8178368512, "torchvision": 4.089}


def test_an_input_of_another_size_changes_the_macs(run: Run, small: Path) -> None:
    named = load(run, small, "--input", "image=3x32x32")
    unnamed = load(run, small, "--input", "3x32x32")
    assert named == unnamed
    assert named["inputs"] == {"image": [None, 3, 32, 32]}
    assert named["totals"]["macs"] == 32 * 32 * (3 * 8 * 9 + 8 * 8 * 9) + 8 * 10


def test_settings_are_yaml(run: Run) -> None:
    report = load(run, "resnet", "--set", "depths=[1, 1, 1, 1]", "--set", "classes=7")
    assert report["outputs"] == {"logits": [None, 7]}
    assert report["variant"] is None
    assert sum(block["path"].count("/") == 1 for block in report["blocks"]) == 4


def test_text_is_a_table_with_labelled_totals(run: Run, small: Path) -> None:
    result = run("summary", small, "--depth", 1)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "Small: image 3 x 16 x 16 -> logits 10"
    assert [line.split()[0] for line in lines[3:8]] == ["body", "pool", "flatten", "aux", "fc"]
    assert lines[-4] == "params  914 (914; 3.66 kB in float32), and 34 in buffers"
    assert lines[-3] == "MACs    202,832 (202.83 k) per sample"
    assert lines[-2] == "FLOPs   405,664 (405.66 k) = 2 x MACs"
    assert lines[-1] == "training adds 18 params and 16 MACs"


def test_text_opens_what_fits_on_a_page(run: Run) -> None:
    rows = run("summary", "resnet:resnet152").stdout.splitlines()
    assert len(rows) < 50
    assert any(row.startswith("layer3 ") for row in rows)
    assert not any(row.startswith("  0 ") for row in rows)


def test_text_names_the_convention(run: Run) -> None:
    result = run("summary", "resnet:resnet18", "--convention", "fvcore")
    assert "FLOPs (fvcore)" in result.stdout
    assert "params" in result.stdout


def test_csv_columns_add_up(run: Run, small: Path) -> None:
    result = run("summary", small, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert rows[0]["path"] == "body"
    assert rows[0]["output_shape"] == "8x16x16"
    assert sum(int(row["params"]) for row in rows if row["depth"] == "1") == 914 + 18


def test_markdown_is_one_table(run: Run, small: Path) -> None:
    result = run("summary", small, "--format", "markdown", "--depth", 1)
    lines = result.stdout.splitlines()
    assert all(line.count("|") == lines[0].count("|") for line in lines)
    assert lines[-2].startswith("| **total** |")
    assert lines[-1].startswith("| **training adds** |")


def test_writes_to_a_file(run: Run, small: Path) -> None:
    result = run("summary", small, "--format", "json", "-o", "small.json")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "wrote small.json\n")
    assert json.loads(Path("small.json").read_text(encoding="utf-8"))["name"] == "Small"


def test_formulas_are_text_and_macs(run: Run) -> None:
    result = run("summary", "resnet:resnet18", "--symbolic", "--format", "json")
    told = "error: --symbolic prints MACs as text: leave out --format and --convention\n"
    assert (result.exit_code, result.stderr) == (2, told)
