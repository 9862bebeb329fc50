"""What small specs that ask for much cost: CPU seconds and peak memory of whole processes, command by command.

PYTHONPATH=. python tests/benchmarks/bounds.py [--only NAME ...] [--command NAME ...] [--limit SECONDS]

Prints a line for each spec and command, and at the end those beyond 5 s or 500 MB. A process ends after the limit.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.bounds.large import LARGE

SECONDS, MEGABYTES = 5.0, 500.0
COMMANDS = {
    "check": ("check", "{spec}"),
    "compile": ("compile", "{spec}", "-o", "{folder}/made.py"),
    "summary": ("summary", "{spec}", "--format", "json", "-o", "{folder}/made.json"),
    "draw": ("draw", "{spec}", "-o", "{folder}/made.svg"),
    "page": ("draw", "{spec}", "-o", "{folder}/made.html"),
}


class Cost(NamedTuple):
    """What a process took, how it ended, how large its file is, and the last line that it printed."""

    seconds: float
    megabytes: float
    code: int
    size: int
    said: str


def measured(arguments: list[str], folder: Path, limit: int) -> Cost:
    """Runs archspec with these arguments in a process of its own."""
    log = folder / "said.txt"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "archspec", *arguments],
            stdout=said,
            stderr=said,
            preexec_fn=lambda: _limit(limit),  # noqa: PLW1509  there is one thread
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )
        _, status, used = os.wait4(process.pid, 0)
    code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    sizes = [path.stat().st_size for path in folder.glob("made.*")]
    lines = log.read_text("utf-8", "replace").splitlines()
    said_ = next((line for line in lines if "error" in line), lines[-1] if lines else "")
    seconds = used.ru_utime + used.ru_stime
    return Cost(seconds, used.ru_maxrss / 1024, code, sum(sizes), said_[:100])


def _limit(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, 4 * 2**30))


def main() -> None:
    """Measures, and prints what is beyond the bounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=list(LARGE))
    parser.add_argument("--command", nargs="*", default=list(COMMANDS), choices=list(COMMANDS))
    parser.add_argument("--limit", type=int, default=20)
    given = parser.parse_args()
    beyond: list[str] = []
    for name in given.only:
        text = LARGE[name]
        assert len(text.encode()) < 10_000, (name, len(text))
        for command in given.command:
            with tempfile.TemporaryDirectory() as place:
                folder = Path(place)
                spec = folder / "net.yaml"
                spec.write_text(text, "utf-8")
                arguments = [part.format(spec=spec, folder=folder) for part in COMMANDS[command]]
                cost = measured(arguments, folder, given.limit)
            took = f"{cost.seconds:6.2f} s {cost.megabytes:6.0f} MB"
            line = f"{name:32} {command:8} {took}  exit {cost.code:3} {cost.size:10,} {cost.said}"
            print(line, flush=True)
            if cost.seconds > SECONDS or cost.megabytes > MEGABYTES or cost.code not in (0, 1, 2):
                beyond.append(line)
    print(f"\n{len(beyond)} beyond {SECONDS:g} s or {MEGABYTES:g} MB", *beyond, sep="\n")


if __name__ == "__main__":
    main()
