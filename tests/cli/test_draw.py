from pathlib import Path

import pytest

from tests.cli.conftest import Run

SIGNATURES = {
    ".svg": b"<svg",
    ".png": b"\x89PNG",
    ".pdf": b"%PDF",
    ".html": b"<!DOCTYPE html>",
    ".tex": b"tikzpicture",
    ".tikz": b"tikzpicture",
    ".dot": b"digraph",
    ".mmd": b"flowchart",
}


@pytest.mark.parametrize("suffix", SIGNATURES)
def test_suffix_chooses_the_format(run: Run, small: Path, suffix: str) -> None:
    target = Path(f"picture{suffix}")
    result = run("draw", small, "-o", target)
    assert (result.exit_code, result.stderr) == (0, f"wrote picture{suffix}\n"), result.output
    assert SIGNATURES[suffix] in target.read_bytes()[:2000]


def test_is_called_after_the_spec_without_output(run: Run, small: Path) -> None:
    assert run("draw", small).stderr == "wrote small.svg\n"
    assert run("draw", f"{small}:wide").stderr == "wrote small-wide.svg\n"
    assert run("draw", "-", stdin=small.read_text(encoding="utf-8")).stderr == "wrote Small.svg\n"


def test_opens_blocks_by_level_and_by_path(run: Run) -> None:
    sizes = []
    for name, options in (("closed", ()), ("open", ("--expand", "inception3a")), ("all", ("--depth", "2"))):
        result = run("draw", "googlenet", "-o", f"{name}.dot", *options)
        assert result.exit_code == 0, result.output
        sizes.append(Path(f"{name}.dot").stat().st_size)
    assert sizes[0] < sizes[1] < sizes[2]


def test_says_which_formats_there_are(run: Run, small: Path) -> None:
    result = run("draw", small, "-o", "small.bmp")
    assert result.exit_code == 2
    assert ".svg" in result.stderr
    assert not Path("small.bmp").exists()


def test_says_that_no_block_has_this_path(run: Run, small: Path) -> None:
    result = run("draw", small, "--expand", "bodi")
    assert result.exit_code == 2
    assert "bodi" in result.stderr


@pytest.mark.parametrize(
    ("length", "points"),
    [("245", 245), ("245pt", 245), ("3.5in", 252), ("8.89cm", 252), ("88.9mm", 252), ("336px", 252)],
)
def test_a_width_may_have_any_unit(run: Run, length: str, points: int) -> None:
    result = run("draw", "googlenet", "--width", length, "-o", "net.svg")
    assert result.exit_code == 0, result.output
    assert f'width="{points}"' in Path("net.svg").read_text(encoding="utf-8")[:200]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--width", "wide"), "'wide' is not a width; write 504pt (a double column), 245pt, 8.5cm, 88mm or 3.4in"),
        (("--width", "5km"), "'5km' is not a width; write 504pt (a double column), 245pt, 8.5cm, 88mm or 3.4in"),
        (("--width", "10"), "'10' is 10 pt; a page is 60 to 14400 pt wide"),
        (("--style", "volume"), "no style 'volume'; there are auto, figure, graph and volumes"),
        (
            ("--heat", "flops"),
            (
                "no heat 'flops'; "
                "there are params, macs, activations, peak_memory, receptive_field, saved_memory, stride and time"
            ),
        ),
        (
            ("--theme", "sepia"),
            "no theme 'sepia'; there are light, dark and print, and files of your own: theme.yaml",
        ),
        (("--expand", "layr2"), "no block 'layr2' to expand; the nearest is 'layer2'"),
    ],
)
def test_what_cannot_be_drawn_says_what_can(run: Run, options: tuple[str, str], message: str) -> None:
    result = run("draw", "resnet:resnet18", *options, "-o", "net.svg")
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert not Path("net.svg").exists()


def test_a_page_too_narrow_leaves_no_file(run: Run) -> None:
    result = run("draw", "googlenet", "--width", "61", "-o", "net.pdf")
    assert result.exit_code == 2
    assert "error: 61 pt is too narrow: what is shown needs " in result.stderr
    assert list(Path().iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(run: Run) -> None:
    result = run("draw", "alexnet", "-o", "missing/net.svg")
    assert result.exit_code == 2
    assert result.stderr == "error: missing/net.svg cannot be written: No such file or directory\n"


def test_a_theme_file_is_read(run: Run) -> None:
    Path("own.yaml").write_text('base: dark\nbackground: "#102030"\n', encoding="utf-8")
    assert run("draw", "alexnet", "--theme", "own.yaml", "-o", "net.svg").exit_code == 0
    assert "#102030" in Path("net.svg").read_text(encoding="utf-8")


def test_a_mistake_in_a_theme_file_is_shown_in_its_place(run: Run) -> None:
    Path("own.yaml").write_text("base: light\nskipp: red\n", encoding="utf-8")
    result = run("draw", "alexnet", "--theme", "own.yaml", "-o", "net.svg")
    assert result.exit_code in (1, 2)
    assert "own.yaml:2:1" in result.stderr
    assert "skip" in result.stderr
    assert not Path("net.svg").exists()


def test_html_is_one_file_that_asks_for_nothing(run: Run) -> None:
    assert run("draw", "googlenet", "-o", "net.html").exit_code == 0
    page = Path("net.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert [path.name for path in Path().iterdir()] == ["net.html"]


def test_several_are_drawn_side_by_side(run: Run) -> None:
    assert run("draw", "resnet:resnet50/bottleneck", "alexnet", "-o", "two.svg").exit_code == 0
    text = Path("two.svg").read_text(encoding="utf-8")
    assert "resnet50" in text
    assert "AlexNet" in text
    assert run("draw", "resnet:resnet50/layer1/0").stderr == "wrote resnet50-layer1.0.svg\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["resnet:resnet50/bottlneck"],
            "error: no block 'bottlneck' in ResNet; the nearest is 'bottleneck'\n",
        ),
        (
            ["alexnet", "vgg", "--heat", "macs"],
            "error: --heat has no meaning for several networks in one picture, or for a block of one\n",
        ),
    ],
)
def test_what_cannot_be_drawn_of_several_says_what_can(run: Run, arguments: list[str], message: str) -> None:
    result = run("draw", *arguments, "-o", "x.svg")
    assert (result.exit_code, result.stderr) == (2, message)
