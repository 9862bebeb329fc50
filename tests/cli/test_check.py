import json
from pathlib import Path

from tests.cli.conftest import Run


def test_says_that_all_is_fine(run: Run, small: Path) -> None:
    result = run("check", small, "resnet")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "2 specs checked, all fine\n")


def test_reports_every_mistake_of_every_spec(run: Run, small: Path, wrong: Path) -> None:
    result = run("check", wrong, small, "--error-format", "concise")
    assert (result.exit_code, result.stdout) == (1, "")
    places = [line.split(" ")[0] for line in result.stderr.splitlines()]
    assert places == [f"{wrong}:5:55:", f"{wrong}:6:14:"]


def test_json_goes_to_stdout(run: Run, wrong: Path) -> None:
    result = run("check", wrong, "--error-format", "json")
    assert (result.exit_code, result.stderr) == (1, "")
    assert [d["code"] for d in json.loads(result.stdout)] == ["unknown-option", "unknown-op"]


def test_json_of_a_fine_spec_is_an_empty_list(run: Run, small: Path) -> None:
    result = run("check", small, "--error-format", "json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


def test_full_shows_the_line(run: Run, wrong: Path) -> None:
    result = run("check", wrong)
    assert result.exit_code == 1
    assert "6 |   pool: {op: max_pool, kernel_size: 2}" in result.stderr
    assert result.stderr.endswith(f"2 errors in {wrong}\n")


def test_reads_standard_input(run: Run, wrong: Path) -> None:
    result = run("check", "-", "--error-format", "concise", stdin=wrong.read_text(encoding="utf-8"))
    assert result.exit_code == 1
    assert result.stderr.startswith("<stdin>:5:55: error[unknown-option]")


def test_a_spec_that_is_not_there_is_wrong_usage(run: Run) -> None:
    result = run("check", "missing.yaml")
    assert result.exit_code == 2
    assert "missing.yaml" in result.stderr


def test_a_gallery_name_that_is_not_there_offers_the_nearest(run: Run) -> None:
    result = run("check", "resnett")
    assert result.exit_code == 2
    assert "resnet" in result.stderr.replace("resnett", "")


def test_whatever_the_bytes_there_is_no_traceback(run: Run, tmp_path: Path) -> None:
    for number, data in enumerate(
        [b"", b"\xff\xfe\x00", b"\x00", b"[" * 5000, b"a: &a [*a]", b"\t- :", b"--- 1\n--- 2"]
    ):
        path = tmp_path / f"{number}.yaml"
        path.write_bytes(data)
        result = run("check", path)
        assert result.exit_code == 1, (data, result.output)
        assert "error[" in result.stderr
        assert "archspec itself" not in result.stderr
