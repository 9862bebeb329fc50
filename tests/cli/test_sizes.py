import json
from pathlib import Path

from tests.cli.conftest import Run


def test_a_rule_is_printed(run: Run) -> None:
    result = run("sizes", "unet_plusplus")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "UNetPlusPlus",
        "  takes",
        "    image  N x 3 x H x W",
        "           where H = 16k; W = 16k",
        "    -> score: N x 1 x H x W",
        "  stops, all else as declared, at",
        (
            "    3 x 95 x 96: x01.concat: concat needs inputs that are equal but for dimension 1: "
            "N x 32 x 94 x 96 and N x 32 x 95 x 96"
        ),
        (
            "    3 x 97 x 96: x01.concat: concat needs inputs that are equal but for dimension 1: "
            "N x 32 x 96 x 96 and N x 32 x 97 x 96"
        ),
        (
            "    3 x 96 x 95: x01.concat: concat needs inputs that are equal but for dimension 1: "
            "N x 32 x 96 x 94 and N x 32 x 96 x 95"
        ),
        (
            "    3 x 96 x 97: x01.concat: concat needs inputs that are equal but for dimension 1: "
            "N x 32 x 96 x 96 and N x 32 x 96 x 97"
        ),
        "  proven for all sizes: 18 ways through the shape rules, none sampled",
    ]


def test_input_asks_for_a_size(run: Run) -> None:
    fits = run("sizes", "unet", "--input", "1x570x600")
    assert (fits.exit_code, fits.stdout) == (0, "1 x 570 x 600 fits\n  score: N x 2 x 372 x 404\n")
    small = run("sizes", "unet", "--input", "1x100x600")
    assert small.exit_code == 1
    assert small.stdout.splitlines()[-1] == "  nearest that fit: 1 x 188 x 600"


def test_json_has_the_sets(run: Run, small: Path) -> None:
    made = json.loads(run("sizes", small, "--format", "json").stdout)
    assert made["declared"] == {"image": [3, 16, 16]}
    assert made["proven"]
    (region,) = made["regions"]
    assert region["inputs"] == {"image": ["3", "H", "W"]}
    assert region["where"]["H"] == {"below": [], "from": 1, "period": 1, "residues": [0]}
    assert region["outputs"] == {"logits": "N x 10"}


def test_json_answers(run: Run) -> None:
    made = json.loads(run("sizes", "unet_plusplus", "--input", "3x90x96", "--format", "json").stdout)
    assert (made["fits"], made["at"]) == (False, "x11/concat")
    assert made["nearest"] == [{"image": [3, 80, 96]}, {"image": [3, 96, 96]}]


def test_an_input_that_there_is_not_is_a_wrong_usage(run: Run) -> None:
    result = run("sizes", "unet", "--input", "picture=1x570x570")
    assert (result.exit_code, result.stderr) == (2, "error: there is no input picture; they are image\n")
    result = run("sizes", "unet", "--input", "570x570")
    assert (result.exit_code, result.stderr) == (2, "error: image has 3 sizes after the batch, not 2\n")


def test_json_says_what_sizes_have_to_do_with_each_other(run: Run, tmp_path: Path) -> None:
    (tmp_path / "two.yaml").write_text(
        "archspec: 1\nname: Two\ninputs: {fast: [3, 32, 8], slow: [3, 8, 8]}\ngraph:\n"
        "  down: {op: conv2d, out_channels: 4, kernel_size: [5, 1], stride: [4, 1], padding: [2, 0], from: fast}\n"
        "  same: {op: conv2d, out_channels: 4, kernel_size: 1, from: slow}\n"
        "  join: {op: concat, from: [down, same]}\n"
    )
    made = json.loads(run("sizes", str(tmp_path / "two.yaml"), "--format", "json").stdout)
    assert made["regions"][0]["conditions"] == ["H_slow = ceil(H_fast/4)"]
