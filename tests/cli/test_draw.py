from pathlib import Path

import pytest

from tests.cli.conftest import Run

SIGNATURES = {".svg": b"<svg", ".png": b"\x89PNG", ".pdf": b"%PDF", ".dot": b"digraph", ".mmd": b"flowchart"}


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
