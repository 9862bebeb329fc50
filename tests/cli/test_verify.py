from pathlib import Path

from tests.cli.conftest import Run

SMALL = ("squeezenet:squeezenet1_1", "--input", "3x33x33")


def test_proves_the_counts(run: Run, small: Path) -> None:
    result = run("verify", small)
    assert result.exit_code == 0, result.output
    assert "params" in result.stdout


def test_proves_a_network_equal_to_torchvisions(run: Run) -> None:
    result = run(
        "verify", "squeezenet:squeezenet1_1", "--input", "3x33x33", "--against", "torchvision.models:squeezenet1_1"
    )
    assert result.exit_code == 0, result.output


def test_another_network_does_not_hold(run: Run) -> None:
    result = run(
        "verify", "squeezenet:squeezenet1_1", "--input", "3x33x33", "--against", "torchvision.models:squeezenet1_0"
    )
    assert result.exit_code == 1, result.output


def test_a_peer_that_is_not_there_is_wrong_usage(run: Run, small: Path) -> None:
    for peer in ("torchvision.models", "torchvision.models:resnet17", "no_such_module:net"):
        result = run("verify", small, "--against", peer)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("error: ")
