"""Draws structured specs and puts each through everything that must hold: `python tests/code/fuzz.py --specs 1000`.

Prints a table of faults by kind, and how many specs were refused, and why. With `--keep FOLDER` the smallest spec found
of each kind is written there, made smaller still. Run it from the root of the checkout, with that on PYTHONPATH.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import torch
import yaml

from tests.checkers import MYPY
from tests.code.shrink import shrink
from tests.code.structured_specs import structured_spec
from tests.code.trials import Fault, Trial, text_of, trial


@dataclass(slots=True)
class Found:
    """What came of all specs."""

    refused: Counter[str] = field(default_factory=Counter)
    faults: dict[int, list[Fault]] = field(default_factory=dict)  # seed -> what its spec fails in
    sources: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def add(self, seed: int, found: Trial) -> None:
        """Counts one more."""
        if found.refused:
            self.refused[found.refused] += 1
            return
        self.sources[seed] = found.sources
        self.faults[seed] = list(found.faults)

    def add_fault(self, seed: int, fault: Fault) -> None:
        """Adds what a checker says of the sources of a seed."""
        self.faults[seed].append(fault)

    def kinds(self) -> Counter[str]:
        """Kind -> how many specs."""
        return Counter(kind for faults in self.faults.values() for kind in {fault.kind for fault in faults})

    def clearest(self, kind: str) -> tuple[int, Fault]:
        """The seed of the spec that shows a kind best, and the fault: few others beside it, then a short text."""
        failing = [seed for seed, faults in self.faults.items() if any(fault.kind == kind for fault in faults)]
        seed = min(failing, key=lambda seed: (len({one.stage for one in self.faults[seed]}), len(text_of(drawn(seed)))))
        return seed, next(fault for fault in self.faults[seed] if fault.kind == kind)


def drawn(seed: int) -> dict[str, Any]:
    """The spec of a seed."""
    return structured_spec(Random(seed))


def tried(seed: int) -> tuple[int, Trial]:
    """What comes of the spec of a seed."""
    torch.set_num_threads(1)
    return seed, trial(drawn(seed))


def linted(sources: Mapping[int, tuple[str, ...]], stage: str) -> Iterator[tuple[int, Fault]]:
    """What a checker says of the sources, run once over all of them."""
    with tempfile.TemporaryDirectory() as folder:
        for seed, texts in sources.items():
            for number, text in enumerate(dict.fromkeys(texts)):
                (Path(folder) / f"s{seed}_{number}.py").write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", *CHECKERS[stage], "."]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        name, _, rest = line.partition(".py:")
        if rest and ": note:" not in rest:
            told = rest.rpartition("[")[2].rstrip("]") if stage == "mypy" else rest.split()[1]
            yield int(name.removeprefix("s").partition("_")[0]), Fault(stage, told, rest)


CHECKERS = {
    "ruff": ["ruff", "check", "--isolated", "--no-cache", "--select", "F", "--output-format", "concise"],
    "mypy": [*MYPY, "--no-error-summary", "--hide-error-context"],
}


def faults_of(data: Mapping[str, Any], stage: str) -> list[Fault]:
    """What a spec fails in; by a checker only where the stage is one."""
    found = trial(data)
    if stage not in CHECKERS:
        return list(found.faults)
    return [fault for _, fault in linted({0: found.sources}, stage)] if found.sources else []


def fails(kind: str, stage: str, data: Mapping[str, Any]) -> bool:
    """Whether a spec fails in this way."""
    return kind in {fault.kind for fault in faults_of(data, stage)}


def keep(folder: Path, found: Found) -> None:
    """Writes a spec of each kind, made smaller."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in found.kinds():
        seed, fault = found.clearest(kind)
        stage, tries = fault.stage, {"mypy": 40, "ruff": 150}.get(fault.stage, 400)
        data = shrink(drawn(seed), partial(fails, kind, stage), tries=tries)
        fault = next((one for one in faults_of(data, stage) if one.kind == kind), fault)
        name = re.sub(r"\W+", "-", kind).strip("-").lower()
        text = yaml.safe_dump(data, sort_keys=False, default_flow_style=None, width=110)
        (folder / f"{name}.yaml").write_text(f"# {kind}: {fault.detail} (seed {seed})\n{text}", encoding="utf-8")


def search(seeds: range, jobs: int) -> Found:
    """What comes of the specs of these seeds."""
    found = Found()
    if jobs == 1:
        for seed in seeds:
            found.add(*tried(seed))
        return found
    with ProcessPoolExecutor(jobs) as pool:
        for seed, one in pool.map(tried, seeds, chunksize=10):
            found.add(seed, one)
    return found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--specs", type=int, default=300, help="how many")
    parser.add_argument("--seed", type=int, default=0, help="of the first; the others count on")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--keep", type=Path, help="folder for the smallest spec of each kind")
    parser.add_argument("--skip", choices=CHECKERS, action="append", default=[], help="a checker to leave out")
    options = parser.parse_args()
    start = time.perf_counter()
    first = options.seed * 1_000_000
    found = search(range(first, first + options.specs), options.jobs)
    for stage in CHECKERS:
        if stage not in options.skip:
            for seed, fault in linted(found.sources, stage):
                found.add_fault(seed, fault)
    failing, refused = sum(map(bool, found.faults.values())), sum(found.refused.values())
    sys.stdout.write(
        f"{options.specs} specs in {time.perf_counter() - start:.0f} s: {refused} refused, {failing} with faults\n"
    )
    sys.stdout.write(f"refused: {dict(found.refused)}\n")
    for kind, count in found.kinds().most_common():
        seed, fault = found.clearest(kind)
        sys.stdout.write(f"{count:6}  {kind:<48} seed {seed}: {fault.detail}\n")
    if options.keep:
        keep(options.keep, found)


if __name__ == "__main__":
    main()
