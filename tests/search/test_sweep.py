import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archspec.cli import main
from archspec.graph.measured import value
from archspec.measures.known import measures
from archspec.pipeline import read_network
from archspec.search import journal
from archspec.search.axes import grid
from archspec.search.engine import NoEngine, engine
from archspec.search.front import front
from archspec.search.sweep import stretches, sweep, together
from archspec.search.task import Stretch, Task, counted
from archspec.speed.device import devices
from archspec.speed.estimate import estimate
from archspec.speed.roofline import Run
from tests.search.conftest import macs, params


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["sweep", *arguments])


def task(net: Path, *settings: str, where: str = "", inputs: Sequence[str] = ()) -> Task:
    reading = read_network(net)
    return Task(reading.spec.source, "", 8000, (), grid(reading.spec, None, settings, inputs), where)


def rows(path: str) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_table_has_every_combination(net: Path) -> None:
    done = run("net.yaml", "--set", "width=4,8", "--set", "depth=1..3", "-o", "out.csv")
    assert done.exit_code == 0, done.output
    found = rows("out.csv")
    assert [(row["width"], row["depth"]) for row in found] == [(w, d) for w in "48" for d in "123"]
    assert [int(row["params"]) for row in found] == [params(w, d) for w in (4, 8) for d in (1, 2, 3)]
    assert [int(row["macs"]) for row in found] == [macs(w, d) for w in (4, 8) for d in (1, 2, 3)]
    assert [int(row["flops"]) for row in found] == [2 * macs(w, d) for w in (4, 8) for d in (1, 2, 3)]


def test_a_size_stands_for_all_sizes_after_the_first(net: Path) -> None:
    run("net.yaml", "--input", "16,3x32x64,64..128:64", "-o", "out.csv")
    assert [row["image"] for row in rows("out.csv")] == [
        "3 x 16 x 16",
        "3 x 32 x 64",
        "3 x 64 x 64",
        "3 x 128 x 128",
    ]
    assert [int(row["macs"]) for row in rows("out.csv")][2] == macs(8, 2, 64)


def test_variants_are_an_axis(net: Path) -> None:
    run("net.yaml", "--variant", "*", "--set", "depth=1", "-o", "out.csv")
    assert [(row["variant"], int(row["params"])) for row in rows("out.csv")] == [
        ("thin", params(4, 1)),
        ("thick", params(16, 1)),
    ]


def test_condition_keeps_and_order_sorts(net: Path) -> None:
    done = run(
        *("net.yaml", "--set", "width=4,8,16", "--set", "depth=1,2", "-o", "out.jsonl"),
        *("--where", "params < 0.9k and macs > 0.2M or width == 16 and image.height == 32", "--sort", "-macs"),
    )
    assert done.exit_code == 0, done.output
    found = [json.loads(line) for line in Path("out.jsonl").read_text(encoding="utf-8").splitlines()]
    kept = {(w, d) for w in (4, 8, 16) for d in (1, 2) if (params(w, d) < 900 and macs(w, d) > 200_000) or w == 16}
    assert {(row["width"], row["depth"]) for row in found} == kept
    assert [row["macs"] for row in found] == sorted((row["macs"] for row in found), reverse=True)


def test_what_only_a_whole_network_tells_is_counted_where_it_is_asked_for(net: Path) -> None:
    asked = ("net.yaml", "--set", "width=4,8", "-o", "out.csv")
    run(*asked)
    assert "peak_memory" not in rows("out.csv")[0]
    network = read_network(net)(None, {"width": 4})
    least = value(network, measures()["peak_memory"], network.graph.nodes)
    done = run(*asked, "--where", f"peak_memory <= {least} and params > 0", "--sort", "-receptive_field")
    assert done.exit_code == 0, done.output
    assert [(row["width"], int(row["peak_memory"])) for row in rows("out.csv")] == [("4", least)]
    assert int(rows("out.csv")[0]["receptive_field"]) > 1
    other = run(*asked, "--resume", "--sort", "saved_memory")
    assert "saved_memory" in rows("out.csv")[0], other.output


def test_printed_table_says_what_became_of_all(net: Path) -> None:
    done = run("net.yaml", "--set", "width=0,4,8", "--where", "params < 500", "--limit", "5")
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-3:] == [
        "1 of 3 variants; 1 does not meet --where; 1 is no network",
        "no network: width=0: out_channels is a number greater than or equal to 1, not 0 [bad-option]",
        "* the front of fewer MACs and more params: no other variant beats one of these 1",
    ]


@pytest.mark.parametrize(
    ("arguments", "message", "place", "help"),
    [
        (["--set", "widht=4"], "unknown-param", "1:7", "did you mean width?"),
        (["--set", "width=4..1"], "bad-range", "1:13", "from the lowest to the highest, and then the step"),
        (["--set", "width"], "bad-range", "1:7", "a param and its values"),
        (["--set", "width=1", "--set", "width=2"], "bad-range", "1:7", "name all of its values once"),
        (["--set", "width=1..99999", "--set", "depth=1..99999"], "bad-range", "1:7", "take larger steps"),
        (["--input", "img=32"], "unknown-input", "1:9", "image"),
        (["--input", "32x"], "bad-range", "1:9", "sizes are written"),
        (["--variant", "thin,thikc"], "unknown-variant", "1:16", "did you mean thick?"),
        (["--set", "width=4", "--where", "parms < 3"], "unknown-name", "1:9", "did you mean params?"),
        (["--set", "width=4", "--where", "params < 3X"], "expression-syntax", "1:19", "no number ends in X"),
        (["--set", "width=4", "--where", "params <"], "expression-syntax", "1:17", "a value is missing at the end"),
        (["--set", "width=4", "--where", "params"], "expression-type", "1:9", "compare it: params < 5M"),
        (["--set", "width=4", "--sort", "act == 'relu'"], "expression-type", "1:8", "rows are ordered by a number"),
        (["--set", "width=4", "--front", "macs"], "bad-range", "1:9", "a front has two figures"),
        (["--set", "width=4", "--front", "macs,mac"], "unknown-name", "1:14", "did you mean macs?"),
    ],
)
def test_what_is_wrong_is_pointed_at(net: Path, arguments: list[str], message: str, place: str, help: str) -> None:
    done = run("net.yaml", *arguments)
    assert done.exit_code == 1
    assert f"error[{message}]" in done.output
    assert f"command line:{place}" in done.output
    assert help in done.output


def test_where_nothing_is_a_network_the_first_says_why(net: Path) -> None:
    done = run("net.yaml", "--set", "width=0,-1")
    assert done.exit_code == 1
    assert "error[bad-option]: out_channels is a number greater than or equal to 1, not 0" in done.output


def test_usage(net: Path) -> None:
    assert "nothing differs: give --set, --input or --variant" in run("net.yaml").output
    assert "out.txt has no suffix" in run("net.yaml", "--set", "width=1", "-o", "out.txt").output
    assert "--resume goes on with a file" in run("net.yaml", "--set", "width=1", "--resume").output
    assert "there is no engine spark://a" in run("net.yaml", "--set", "width=1", "--engine", "spark://a").output


def test_a_stopped_sweep_goes_on_with_whole_lines_only(net: Path) -> None:
    asked = task(net, "width=1..200")
    path = journal.beside(Path("out.csv"))
    with journal.appending(path, asked, ()) as file:
        file.add(counted(asked, 64, 128))
    whole = path.read_bytes()
    with journal.appending(path, asked, ()) as file:
        file.add(counted(asked, 64, 128))
        file.add(counted(asked, 128, 192))
    path.write_bytes(path.read_bytes()[:-40])
    assert [(one.start, one.stop) for one in journal.read(path, asked)] == [(64, 128)]
    assert path.read_bytes().startswith(whole)
    done = run("net.yaml", "--set", "width=1..200", "-o", "out.csv", "--resume")
    assert done.exit_code == 0, done.output
    assert not path.exists()
    assert [int(row["params"]) for row in rows("out.csv")] == [params(width, 2) for width in range(1, 201)]


def test_another_sweep_is_not_gone_on_with(net: Path) -> None:
    with journal.appending(journal.beside(Path("out.csv")), task(net, "width=1..4"), ()):
        pass
    done = run("net.yaml", "--set", "width=1..5", "-o", "out.csv", "--resume")
    assert (done.exit_code, done.output) == (
        2,
        "error: out.csv.part is of another sweep: another spec, or other values or conditions\n",
    )


def test_stretches_leave_out_what_is_done(net: Path) -> None:
    asked = task(net, "width=1..10")
    assert list(stretches(asked, [Stretch(4, 6)], 3)) == [(0, 3), (3, 4), (6, 9), (9, 10)]


def test_processes_count_as_one_does(net: Path) -> None:
    asked = task(net, "width=1..150", "depth=1,2", where="params < 40k")
    alone = together(sweep(asked))
    with engine("processes", 2) as (executor, workers):
        assert together(sweep(asked, executor, workers=workers)) == alone
    assert (alone.counted, len(alone.rows) + alone.unmet) == (300, 300)


def test_a_condition_without_a_value_ends_the_sweep_wherever_it_is_counted(net: Path) -> None:
    done = run("net.yaml", "--set", "width=1..300", "--where", "macs / (width - 200) > 0", "--jobs", "2")
    assert done.exit_code == 1
    assert "error[expression-value]: " in done.output
    assert "divides by zero" in done.output
    assert "command line:1:9" in done.output


def test_an_interrupted_sweep_says_how_to_go_on(net: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_given: object, **_settings: object) -> Iterator[Stretch]:
        yield counted(task(net, "width=1..10"), 0, 4)
        raise KeyboardInterrupt

    monkeypatch.setattr("archspec.search.sweep.sweep", interrupted)
    done = run("net.yaml", "--set", "width=1..10", "-o", "out.csv")
    assert done.exit_code == 130
    assert "stopped after 4 of 10 variants; the same command with --resume goes on with out.csv.part" in done.output
    assert [one.stop for one in journal.read(Path("out.csv.part"), task(net, "width=1..10"))] == [4]


def test_parquet_has_a_column_of_each_kind(net: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    done = run("net.yaml", "--set", "width=4,8", "--set", "act=relu,gelu", "-o", "out.parquet")
    assert done.exit_code == 0, done.output
    table = parquet.read_table("out.parquet").to_pydict()
    assert (table["width"], table["act"]) == ([4, 4, 8, 8], ["relu", "gelu"] * 2)
    assert table["params"] == [params(4, 2)] * 2 + [params(8, 2)] * 2
    assert set(table["front"]) == {True}


def test_parquet_without_its_library_says_what_to_install(net: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done = run("net.yaml", "--set", "width=4", "-o", "out.parquet")
    assert (done.exit_code, "Parquet needs pyarrow: pip install 'archspec[parquet]'" in done.output) == (2, True)


def test_modules_of_packages_run_where_that_is_allowed(net: Path) -> None:
    net.write_text(
        """\
archspec: 1
params: {width: 8}
inputs: {x: [16]}
graph:
  - {op: linear, out_features: $width}
  - {op: module, target: "torch.nn:Tanh"}
""",
        encoding="utf-8",
    )
    allowed = run("net.yaml", "--set", "width=4,8", "--allow-modules", "-o", "out.csv")
    assert allowed.exit_code == 0, allowed.output
    assert [int(row["params"]) for row in rows("out.csv")] == [17 * 4, 17 * 8]
    assert run("net.yaml", "--set", "width=4,8").exit_code == 1


OWN = """\
from typing import ClassVar

from archspec.ops.op import Op, op


@op
class Twice(Op):
    name: ClassVar[str] = "twice_swept"
    function: ClassVar[str] = "F.relu"
"""


def in_a_process(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """A sweep in a process of its own: ops that it declares are gone with it."""
    command = [sys.executable, "-m", "archspec", "sweep", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_own_ops_are_counted_in_this_process(net: Path) -> None:
    Path("own.py").write_text(OWN, encoding="utf-8")
    net.write_text(net.read_text(encoding="utf-8").replace("flatten: flatten", "flatten: flatten\n  two: twice_swept"))
    done = in_a_process("net.yaml", "--ops", "own.py", "--set", "width=1..300", "-j", "2", "--limit", "1")
    assert "300 variants; the first 1 are shown" in done.stdout, done.stderr
    refused = in_a_process("net.yaml", "--ops", "own.py", "--set", "width=4", "--engine", "dask://")
    assert "--ops runs files in this process, and no engine has what they declare" in refused.stderr


def test_an_engine_is_named_by_its_address() -> None:
    message = "there is no engine dask; there are processes, dask://HOST:PORT and ray://HOST:PORT"
    with pytest.raises(NoEngine, match=message), engine("dask", 1):
        pass


@pytest.mark.parametrize("name", ["dask", "ray"])
def test_an_engine_counts_as_one_process_does(net: Path, name: str) -> None:
    pytest.importorskip({"dask": "distributed", "ray": "ray"}[name])
    asked = task(net, "width=1..150", "depth=1,2")
    with engine(f"{name}://", 2) as (executor, workers):
        assert together(sweep(asked, executor, workers=workers)) == together(sweep(asked))


@pytest.mark.parametrize(
    ("points", "best"),
    [
        ([(1, 1), (2, 2), (1, 2)], (0,)),
        ([(1, 3), (2, 2), (3, 1), (3, 3)], (0, 1, 2)),
        ([(2, 2), (2, 2), (1, 3)], (2, 0, 1)),
        ([], ()),
    ],
)
def test_front_is_what_no_other_beats(points: list[tuple[float, float]], best: tuple[int, ...]) -> None:
    assert front(points) == best


def test_plot_is_a_picture_of_every_format(net: Path) -> None:
    outputs = [part for suffix in ("svg", "png", "pdf", "tex") for part in ("-o", f"out.{suffix}")]
    done = run("net.yaml", "--set", "width=4,8,16", "--set", "depth=1..3", *outputs)
    assert done.exit_code == 0, done.output
    svg = Path("out.svg").read_text(encoding="utf-8")
    assert svg.count("<circle") == 9
    assert "MACs" in svg
    assert Path("out.png").read_bytes().startswith(b"\x89PNG")


def test_time_is_that_of_the_device_that_is_named(net: Path) -> None:
    asked = ("net.yaml", "--set", "width=4,64", "-o", "out.csv", "--device", "t4", "--batch", "8", "--training")
    run(*asked)
    how = Run(devices()["t4"], batch=8, training=True)
    took = {width: estimate(read_network(net)(None, {"width": width}), how).whole.seconds * 1e9 for width in (4, 64)}
    assert {int(row["width"]): int(row["time"]) for row in rows("out.csv")} == pytest.approx(took, abs=20)
    limit = (took[4] + took[64]) / 2e3
    done = run(*asked, "--where", f"time < {limit}us", "--sort", "time", "-j", "2")
    assert [row["width"] for row in rows("out.csv")] == ["4"], done.output
    assert ("1 does not meet --where" in done.output, "µs" in done.output) == (True, True)
    assert "time: training of 8 in float32 on t4, by a roofline" in done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--where", "time < 5ms"], "time is that of a device: name it with --device"),
        (["--batch", "2"], "--batch, --dtype and --training are of the time on a device"),
        (["--device", "t4", "--dtype", "tf32"], "t4 does not compute in tf32; it does in float32, float16"),
        (["--device", "t5"], "there is no device t5"),
        (["--where", "time < 5sec", "--device", "t4"], "no number ends in sec"),
    ],
)
def test_what_says_no_time_is_refused(net: Path, arguments: list[str], message: str) -> None:
    done = run("net.yaml", "--set", "width=4,8", *arguments)
    assert (done.exit_code != 0, message in done.output) == (True, True), done.output
