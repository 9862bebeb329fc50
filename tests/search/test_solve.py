import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archspec.cli import main
from archspec.pipeline import read_text
from archspec.search.condition import formula
from archspec.search.counting import Counting
from archspec.search.given import Given
from archspec.search.solve import Solved
from archspec.search.solve import solve as solution
from tests.search.conftest import NET, macs, params


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["solve", *arguments])


def solved(param: str, budget: str, spec: str = NET) -> Solved:
    reading = read_text(spec)
    return solution(
        reading.spec, Counting(reading), Given("--for", param), formula(Given("solve", budget), reading.spec)
    )


@pytest.mark.parametrize("budget", [1_000, 12_345, 100_000, 5_000_000])
def test_the_largest_value_is_the_one_that_looking_at_all_finds(budget: int) -> None:
    best = max(width for width in range(1, 1000) if params(width, 2) <= budget)
    found = solved("width", f"params <= {budget}")
    assert (found.best.value, found.best.figures.always.params) == (best, params(best, 2))
    assert found.next is not None
    assert found.next.value == best + 1
    assert found.looked_at < 60


@pytest.mark.parametrize("budget", [1_000_000, 40_000_000])
def test_a_depth_is_a_structure_and_is_found_too(budget: int) -> None:
    best = max(depth for depth in range(1, 200) if macs(8, depth) < budget)
    assert solved("depth", f"macs < {budget}").best.value == best


def test_a_budget_that_asks_for_much_has_a_least_value() -> None:
    best = min(width for width in range(1, 1000) if params(width, 2) > 50_000)
    found = solved("width", "params > 50k")
    assert found.best.value == best
    assert found.next is not None
    assert found.next.value == best - 1


def test_a_budget_with_two_sides_may_be_met_between_two_doublings() -> None:
    fitting = [width for width in range(1, 200) if 60_000 <= params(width, 2) <= 65_000]
    assert solved("width", "params >= 60k and params <= 65k").best.value in fitting


def test_listed_values_are_all_looked_at() -> None:
    found = solved("width=8..64:8", "macs <= 5M")
    best = max(width for width in range(8, 65, 8) if macs(width, 2) <= 5_000_000)
    assert (found.best.value, found.looked_at) == (best, 8)
    assert found.next is not None
    assert found.next.value == best + 8


def test_values_that_are_no_network_are_passed_over() -> None:
    grouped = NET.replace(
        "bias: false}\n      - {op: $act}", "bias: false, groups: $(1 if x.channels == 3 else 8)}\n      - {op: $act}"
    )
    assert grouped != NET
    found = solved("width", "params <= 20k", grouped)
    assert found.best.figures.always.params <= 20_000
    assert isinstance(found.best.value, int)
    assert found.best.value % 8 == 0
    assert found.next is not None
    assert found.next.value == found.best.value + 8


def test_where_the_budget_holds_again_that_is_said() -> None:
    spec = NET.replace("channels: $width", "channels: $(8 if width % 50 == 0 else width)")
    found = solved("width=1..60", "params <= 2k", spec)
    assert found.again is not None
    assert (found.best.value < 50, found.again.value) == (True, 50)


def test_scaling_by_one_number_is_a_param_that_others_follow(net: Path) -> None:
    scaled = NET.replace(
        "params: {width: 8, depth: 2,",
        "params: {phi: 0.0, width: $(int(8 * 1.1 ** phi)), depth: $(round(2 * 1.2 ** phi)),",
    ).replace("variants: {thin: {width: 4}, thick: {width: 16}}\n", "")
    net.write_text(scaled, encoding="utf-8")
    done = run("net.yaml", "macs <= 4M", "--for", "phi=0..5:0.25", "--format", "json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    steps = [step / 4 for step in range(21)]
    fitting = [phi for phi in steps if macs(int(8 * 1.1**phi), round(2 * 1.2**phi)) <= 4_000_000]
    assert found["best"]["value"] == max(fitting)
    assert found["best"]["macs"] <= 4_000_000 < found["next"]["macs"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["params < 10", "--for", "width"], "error[budget-unmet]: no width from 1 on keeps to this"),
        (["params < 10", "--for", "width"], f"help: width=1 comes nearest, with params {params(1, 2):,}"),
        (["params < 10", "--for", "width=8,16"], "error[budget-unmet]: no width of 2 values keeps to this"),
        (["params < 10", "--for", "widht"], "help: did you mean width?"),
        (["params < 10", "--for", "act"], "error[wrong-type]: act is a str, and solve looks for a number"),
        (["params < 10", "--for", "width=a"], "error[wrong-type]: width is an int, and solve looks for a number"),
        (["params < 10", "--for", "width=1..9999"], "error[bad-range]: 9,999 values are more than the 4,096"),
        (["parms < 10", "--for", "width"], "help: did you mean params?"),
        (["params", "--for", "width"], "error[expression-type]: a condition is true or false, not an int"),
    ],
)
def test_what_is_wrong_is_said(net: Path, arguments: list[str], message: str) -> None:
    done = run("net.yaml", *arguments)
    assert done.exit_code == 1
    assert message in done.output


def test_printed_lines(net: Path) -> None:
    done = run("net.yaml", "params <= 2k", "--for", "width")
    assert done.output == (
        f"width=12: params 1,740 (1.74 k), MACs {macs(12, 2):,} (1.66 M)\n"
        f"next, width=13 breaks it: params 2,002 (2.00 k), MACs {macs(13, 2):,} (1.92 M)\n"
    )


def test_other_params_and_sizes_are_held(net: Path) -> None:
    done = run("net.yaml", "macs <= 1M", "--for", "width", "--set", "depth=1", "--input", "3x16x16", "--format", "json")
    best = max(width for width in range(1, 500) if macs(width, 1, 16) <= 1_000_000)
    assert json.loads(done.output)["best"]["value"] == best


def test_time_and_memory_are_said_in_their_units(net: Path) -> None:
    done = run(str(net), "time < 1ms and peak_memory < 1MiB", "--for", "width", "--device", "t4")
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[0].endswith(" MiB)") or done.output.splitlines()[0].endswith(" KiB)")
    none = run(str(net), "peak_memory < 1kB", "--for", "width")
    assert "help: width=1 comes nearest, with peak_memory " in none.output
    assert "KiB" in none.output
    assert "name it with --device" in run(str(net), "time < 1ms", "--for", "width").output
