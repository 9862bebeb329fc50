"""Peak activation memory of emitted forwards, of the graph's bounds, and of torchvision's own code, batch 1, inference.

    python -m tests.benchmarks.memory [--details] [SPEC ...]

Measured on the meta device, live tensors counted by a dispatch mode. `graph` is the liveness bound of the graph in its
order; `calls` adds the arguments that module calls hold (archspec/graph/memory.py defines both). `--details` prints
what was alive at the measured peak and at the bounds.
"""

import argparse

import torch

import archspec
from archspec.graph.memory import Peak, liveness_bound
from archspec.runtime.counters import random_inputs
from archspec.runtime.memory import measured_peak
from archspec.runtime.peer import make_peer, parse_peer
from tests.gallery.networks import specs
from tests.gallery.test_twins import SAME_CALL as TWINS

MIB = 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("specs", nargs="*", default=specs(), metavar="SPEC")
    parser.add_argument("--details", action="store_true")
    args = parser.parse_args()
    print(f"{'MiB':<34}{'emitted':>9}{'graph':>9}{'over':>8}{'calls':>9}{'over':>8}{'torchvision':>13}")
    for spec in args.specs:
        show(spec, details=args.details)


def show(spec: str, *, details: bool) -> None:
    design = archspec.load(spec)
    inputs = random_inputs(design.network, device="meta")
    measured = measured_peak(design.build(device="meta"), inputs)
    bounds = [liveness_bound(design.network, calls_hold=held) for held in (False, True)]
    line = f"{spec:<34}{measured.bytes / MIB:>9.2f}"
    for bound in bounds:
        line += f"{bound.bytes / MIB:>9.2f}{measured.bytes / bound.bytes - 1:>+8.1%}"
    if spec in TWINS:
        with torch.device("meta"):
            twin = make_peer(parse_peer(TWINS[spec].peer))
        line += f"{measured_peak(twin, inputs).bytes / MIB:>13.2f}"
    print(line)
    if details:
        for name, peak in (("measured", measured), ("graph", bounds[0]), ("calls", bounds[1])):
            detail(name, peak)


def detail(name: str, peak: Peak) -> None:
    print(f"    {name} at {peak.at}")
    for maker, size in peak.live:
        print(f"        {size / MIB:>9.3f}  {maker}")


if __name__ == "__main__":
    main()
