"""Memory of drawn specs against torch: what `archspec memory` says beside what tensors hold, the worst last.

    python -m tests.benchmarks.drawn_memory [--specs 100] [--seed 0] [--batch 16] [--show 20]

Followed are the storages that live on a CPU; nothing is timed. `off` is of values only, without
parameters: at inference of the peak of a forward pass, in training of the peak of a step.
"""

import argparse
import warnings
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import torch

import archspec
from archspec.code.naming import root_class
from archspec.code.pytorch import emit
from archspec.diagnostics.diagnostic import SpecError
from archspec.graph.network import Network
from archspec.memory.need import Plan, need
from archspec.memory.tape import Tape
from archspec.runtime.build import load_class
from archspec.runtime.counters import random_inputs
from archspec.runtime.memory import measured_peak
from archspec.runtime.training import measured_step
from tests.code.fuzz import drawn
from tests.code.trials import beside, text_of


@dataclass(frozen=True)
class Pair:
    """Bytes of one peak.

    Attributes:
        seed: of the spec.
        when: "inference" or "training".
        ours: what archspec says.
        theirs: what torch holds.
    """

    seed: int
    when: str
    ours: int
    theirs: int

    @property
    def off(self) -> float:
        """How far ours is off."""
        return self.ours / self.theirs - 1


def pairs(seeds: Iterable[int], batch: int = 16) -> Iterator[Pair]:
    """The peaks of the specs of these seeds, without those that are refused or that torch does not run."""
    for seed in seeds:
        with warnings.catch_warnings(), suppress(SpecError, RuntimeError):
            warnings.simplefilter("ignore")
            data = drawn(seed)
            with beside(data):
                network = archspec.loads(text_of(data)).network
            yield from _pairs(seed, network, batch)


def _pairs(seed: int, network: Network, batch: int) -> Iterator[Pair]:
    ours, made = need(network, Plan(batch)), load_class(emit(network), root_class(network))()
    inputs = random_inputs(network, batch=batch)
    inference = measured_peak(made, inputs).bytes
    if inference:
        yield Pair(seed, "inference", ours.activations, inference)
    if any(kept.grows for kept in Tape(network).kept.values()):
        with torch.backends.mkldnn.flags(enabled=False):  # its kernels for recurrent layers keep what no other does
            yield Pair(seed, "training", ours.training, measured_step(made, inputs).peak)


def errors(found: Iterable[Pair]) -> str:
    """A line for inference and one for training: the middle of all errors, that of 95 % and the worst."""
    lines, rows = [], list(found)
    for when in ("inference", "training"):
        off = sorted(abs(one.off) for one in rows if one.when == when)
        if off:
            shares = (off[len(off) // 2], off[int(0.95 * (len(off) - 1))], off[-1])
            said = "median {:.1%}, 95 % within {:.1%}, worst {:.1%}".format(*shares)
            lines.append(f"{when:<10} {len(off):>4} specs: {said}")
    return "\n".join(lines)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--specs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--show", type=int, default=20, help="how many of the worst")
    args = parser.parse_args()
    found = sorted(pairs(range(args.seed, args.seed + args.specs), args.batch), key=lambda one: abs(one.off))
    print(f"{'seed':>9}  {'':<10}{'archspec':>12}{'torch':>12}{'off':>9}")
    for one in found[-args.show :]:
        print(f"{one.seed:>9}  {one.when:<10}{one.ours:>12}{one.theirs:>12}{one.off:>+9.1%}")
    print(errors(found))


if __name__ == "__main__":
    main()
