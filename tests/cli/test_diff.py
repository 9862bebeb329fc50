import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from archspec.cli.diff import diff
from archspec.measures.known import shown_in
from archspec.pictures import suffixes
from archspec.tables.forms.csv import headings
from archspec.tables.tables import forms
from tests.cli.conftest import ROOT, Process, Run

SIGNATURES = {
    ".svg": b"<svg",
    ".png": b"\x89PNG",
    ".pdf": b"%PDF",
    ".dot": b"digraph",
    ".mmd": b"flowchart",
    ".tex": b"tikz",
    ".tikz": b"tikz",
    ".html": b"<!DOCTYPE html>",
}


KINDS = f"there are tables .txt, .md, .json, .csv and figures {', '.join(suffixes(of_differences=True))}"


def test_text_is_a_table_of_what_changed(run: Run, small: Path) -> None:
    result = run("diff", f"{small}:narrow", f"{small}:wide")
    assert result.exit_code == 0, result.output
    resized = "output 8 x 16 x 16 -> 16 x 16 x 16"
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert [line for line in lines if set(line) != {"-"}] == [
        "Small: narrow -> wide",
        "param width 8 -> 16",
        "block what params MACs",
        f"~ body/0-1 ×2 unit: channels 8 -> 16, {resized} 824 -> 2.80 k +1.98 k 202.75 k -> 700.42 k +497.66 k",
        "~ conv ×2 3×3 conv: out_channels 8 -> 16 792 -> 2.74 k +1.94 k 202.75 k -> 700.42 k +497.66 k",
        "= 4 unchanged ops on other sizes 32 -> 64 +32",
        "= 4 unchanged ops on other sizes 90 -> 170 +80 80 -> 160 +80",
        "params 914 -> 2,970, +2,056 (+224.9 %)",
        "MACs 202,832 -> 700,576, +497,744 (+245.4 %)",
        "training adds params 18 -> 34, +16 (+88.9 %) and MACs 16 -> 32, +16 (+100.0 %)",
        "ops 2 changed, 8 on other sizes, 0 the same",
    ]


def test_params_are_the_same_and_macs_are_not(run: Run, small: Path) -> None:
    larger = small.with_name("larger.yaml")
    larger.write_text(small.read_text(encoding="utf-8").replace("16, 16]", "32, 32]"), encoding="utf-8")
    lines = run("diff", small, larger).stdout.splitlines()
    assert lines[:2] == ["Small: small.yaml -> larger.yaml", "input image 3 x 16 x 16 -> 3 x 32 x 32"]
    assert lines[4].split(maxsplit=1)[1].startswith("7 unchanged ops on other sizes")
    assert lines[-3:] == [
        "params  914, the same",
        "MACs    202,832 -> 811,088, +608,256 (+299.9 %)",
        "ops     7 on other sizes, 3 the same",
    ]


def test_equal_networks_have_no_differences(run: Run, small: Path) -> None:
    result = run("diff", small, f"{small}:narrow", "--exit-code")
    assert (result.exit_code, result.stdout) == (0, "Small: defaults -> narrow\nno differences\n")


def test_exit_code_tells_whether_networks_differ(run: Run, small: Path) -> None:
    assert run("diff", f"{small}:narrow", f"{small}:wide").exit_code == 0
    assert run("diff", f"{small}:narrow", f"{small}:wide", "--exit-code").exit_code == 1
    assert run("diff", small, small, "--exit-code").exit_code == 0


def test_settings_and_inputs_go_for_both(run: Run, small: Path) -> None:
    options = ("--set", "classes=3", "--input", "3x32x32", "--format", "json")
    found = json.loads(run("diff", f"{small}:narrow", f"{small}:wide", *options).stdout)
    assert [found[side]["outputs"]["logits"] for side in ("before", "after")] == [[None, 3], [None, 3]]
    assert [found[side]["inputs"]["image"] for side in ("before", "after")] == [[None, 3, 32, 32]] * 2
    assert run("diff", f"{small}:narrow", f"{small}:wide", "--set", "width=4", "--exit-code").exit_code == 0


def test_one_network_comes_from_standard_input(run: Run, small: Path) -> None:
    text = small.read_text(encoding="utf-8").replace("relu: relu", "act: relu")
    result = run("diff", small, "-", stdin=text)
    assert result.exit_code == 0, result.output
    said = [line.split() for line in result.stdout.splitlines()]
    assert said[0] == ["Small:", "small.yaml", "->", "<stdin>"]
    assert [">", "body/0-1/act", "×2", "ReLU:", "was", "relu"] in said


def test_json_says_everything(run: Run, small: Path) -> None:
    found = json.loads(run("diff", f"{small}:narrow", f"{small}:wide", "--format", "json").stdout)
    assert found["equal"] is False
    assert found["facts"] == [{"kind": "param", "name": "width", "before": 8, "after": 16}]
    assert found["ops"] == {"added": 0, "removed": 0, "changed": 2, "renamed": 0, "affected": 8, "moved": 0, "same": 0}
    assert found["difference"]["params"] == found["after"]["totals"]["params"] - found["before"]["totals"]["params"]
    top = [row for row in found["rows"] if row["depth"] == 1]
    for column in ("params", "macs", "norm", "activations"):
        assert sum(row["difference"][column] for row in top) == found["difference"][column]
        training = found["difference"]["train_only"][column]
        assert sum(row["difference"]["train_only"][column] for row in top) == training
    conv = found["rows"][1]
    assert (conv["status"], conv["before"]["path"], conv["times"]) == ("changed", "body/0-1/conv", 2)
    assert conv["changes"] == [{"kind": "setting", "name": "out_channels", "before": 8, "after": 16}]


def test_csv_has_a_line_for_each_row(run: Run, small: Path) -> None:
    result = run("diff", f"{small}:narrow", f"{small}:wide", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert tuple(rows[0]) == headings(shown_in("columns"))
    assert sum(int(row["params_difference"]) for row in rows if row["depth"] == "1") == 2970 - 914


def test_markdown_is_a_table_with_totals(run: Run) -> None:
    result = run("diff", "resnet:resnet50", "resnet:resnet101", "--format", "markdown")
    assert result.stdout == (
        "**ResNet: resnet50 -> resnet101**\n"
        "\n"
        "- param depths [3, 4, 6, 3] -> [3, 4, 23, 3]\n"
        "\n"
        "|  | block | what | params | | MACs | |\n"
        "| :--- | :--- | :--- | ---: | ---: | ---: | ---: |\n"
        "| ~ | `layer3` | bottleneck: 6 -> 23 blocks | 7.10 M -> 26.09 M | +18.99 M | 1.46 G -> 5.18 G | +3.71 G |\n"
        "| + | `layer3/6-22` ×17 | bottleneck | 0 -> 18.99 M | +18.99 M | 0 -> 3.71 G | +3.71 G |\n"
        "|  | **total** |  | 25,557,032 -> 44,549,160 | **+18,992,128 (+74.3 %)** | "
        "4,089,184,256 -> 7,801,405,440 | **+3,712,221,184 (+90.8 %)** |\n"
    )


def test_depth_cuts_rows(run: Run) -> None:
    result = run("diff", "resnet:resnet50", "resnet:resnet101", "--depth", 1)
    assert [line.split()[1] for line in result.stdout.splitlines()[4:-3]] == ["layer3"]


def test_a_narrow_terminal_gets_the_differences_alone() -> None:
    from archspec.compare.difference import difference
    from archspec.pipeline import load_network
    from archspec.tables.terminal.difference import difference_text

    found = difference(load_network("resnet:resnet50"), load_network("resnet:resnet101"))
    lines = difference_text(found, width=80).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[2].split() == ["block", "what", "params", "MACs"]
    assert lines[4].split() == ["~", "layer3", "bottleneck:", "6", "->", "23", "blocks", "+18.99", "M", "+3.71", "G"]
    coloured = difference_text(found, width=80, color=True)
    assert "\x1b[33m~\x1b[0m" in coloured
    assert "\x1b[32m+\x1b[0m" in coloured


@pytest.mark.parametrize("suffix", suffixes(of_differences=True))
def test_the_suffix_chooses_a_figure(run: Run, small: Path, suffix: str) -> None:
    target = Path(f"changes{suffix}")
    result = run("diff", f"{small}:narrow", f"{small}:wide", "-o", target)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"wrote changes{suffix}\n"), result.output
    assert SIGNATURES[suffix] in target.read_bytes()[:4000]


@pytest.mark.parametrize(("suffix", "start"), [("txt", "Small"), ("md", "**Small"), ("json", "{"), ("csv", "status,")])
def test_the_suffix_chooses_a_table(run: Run, small: Path, suffix: str, start: str) -> None:
    result = run("diff", f"{small}:narrow", f"{small}:wide", "-o", f"changes.{suffix}")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"wrote changes.{suffix}\n")
    assert Path(f"changes.{suffix}").read_text(encoding="utf-8").startswith(start)


def test_a_table_and_a_figure_are_made_at_once(run: Run, small: Path) -> None:
    result = run("diff", f"{small}:narrow", f"{small}:wide", "-o", "a.md", "-o", "a.svg", "-o", "-", "--format", "csv")
    assert result.stderr == "wrote a.md\nwrote a.svg\n"
    assert result.stdout.startswith("status,depth,")
    assert Path("a.svg").exists()


def test_the_theme_is_of_the_figure(run: Run, small: Path) -> None:
    assert run("diff", small, f"{small}:wide", "-o", "dark.svg", "--theme", "dark").exit_code == 0
    assert "#16191d" in Path("dark.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-", "-"), "standard input is one spec: give BEFORE or AFTER as a file or a gallery name"),
        (("--", "-:narrow", "-"), "standard input is one spec: give BEFORE or AFTER as a file or a gallery name"),
        (
            ("unet", "unet", "-o", "a.bmp"),
            f"a.bmp has no suffix that says what to write; {KINDS}",
        ),
        (
            ("unet", "unet", "-o", "a.md", "--format", "json"),
            "--format is of the table on standard output; a file's suffix chooses its own",
        ),
        (("unet", "unet", "--theme", "dark"), "--theme is of a figure; name one with -o, such as -o diff.svg"),
    ],
    ids=["both-stdin", "both-stdin-variant", "suffix", "format", "theme"],
)
def test_wrong_usage(run: Run, arguments: tuple[str, ...], message: str) -> None:
    result = run("diff", *arguments, stdin="")
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"error: {message}\n")
    assert list(Path().glob("a.*")) == []


def test_a_file_that_is_not_there_offers_the_one_beside_it(run: Run, small: Path) -> None:
    result = run("summary", small.with_suffix(".yml"))
    assert result.exit_code == 2
    assert result.stderr.endswith(f"help: did you mean {small}?\n")


def test_a_spec_that_is_not_there_is_named_with_its_place(run: Run, small: Path) -> None:
    result = run("diff", small, "missing.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error[spec-not-found]: there is no file missing.yaml\n --> missing.yaml\n  = in AFTER, missing.yaml\n"
    )


def test_mistakes_of_both_are_shown(run: Run, small: Path, wrong: Path) -> None:
    result = run("diff", f"{small}:nine", wrong)
    assert result.exit_code == 1
    assert f"Small has no variant nine\n --> {small}:4:1" in result.stderr
    assert f"= in BEFORE, {small}:nine\n" in result.stderr
    assert result.stderr.count(f"= in AFTER, {wrong}\n") == 2


def test_one_mistake_in_both_is_shown_once(run: Run, small: Path) -> None:
    result = run("diff", f"{small}:narrow", f"{small}:wide", "--set", "height=3")
    assert result.exit_code == 1
    assert result.stderr.count("Small has no param height") == 1
    assert f"= in BEFORE, {small}:narrow\n  = in AFTER, {small}:wide\n" in result.stderr


def test_offers_every_table_format() -> None:
    choices = {option.name: getattr(option.type, "choices", None) for option in diff.params}
    assert tuple(choices["form"] or ()) == ("text", "json", "csv", "markdown") == tuple(forms())


def test_output_does_not_depend_on_the_hash_seed(process: Process) -> None:
    made = [
        process("diff", "googlenet", "googlenet_torchvision", "-o", "-", "-o", "a.svg", PYTHONHASHSEED=seed).stdout
        for seed in ("1", "2")
    ]
    assert made[0] == made[1]


def test_never_loads_torch(tmp_path: Path) -> None:
    program = """
import sys
from archspec.cli import main
try:
    main(["diff", "unet", "unet:upsample", "-o", "a.svg", "-o", "-"])
except SystemExit as end:
    assert not end.code, end.code
assert not {"torch", "numpy"} & {name.split(".")[0] for name in sys.modules}
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_measures_that_are_asked_for_show_in_every_form(run: Run, small: Path) -> None:
    asked = ("diff", f"{small}:narrow", f"{small}:wide", "--columns", "saved_memory,receptive_field")
    text = run(*asked).stdout
    found = json.loads(run(*asked, "--format", "json").stdout)
    before, after = (found[side]["totals"]["saved_memory"] for side in ("before", "after"))
    assert 0 < before < after
    assert found["difference"]["saved_memory"] == after - before
    kib = [f"{size / 1024:.2f} KiB" for size in (before, after, after - before)]
    assert f"saved memory  {kib[0]} -> {kib[1]}, +{kib[2]} (" in text
    assert "the same" in text.partition("\nfield ")[2].splitlines()[0]
    assert f"{kib[0]} -> {kib[1]} | **+{kib[2]}**" in run(*asked, "--format", "markdown").stdout
    rows = list(csv.DictReader(io.StringIO(run(*asked, "--format", "csv").stdout)))
    assert sum(int(row["saved_memory_difference"]) for row in rows if row["depth"] == "1") == after - before
