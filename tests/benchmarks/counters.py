"""Milliseconds until the counts of a network are known, everything imported before: archspec beside its peers.

    python -m tests.benchmarks.counters [SPEC ...]

archspec reads and checks the spec and counts; FlopCounterMode and torchinfo are given the module on the meta device;
fvcore traces a real run. Importing and building the module count for nobody. Medians of five, warmed up once.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import torch
from torch import Tensor, nn

import archspec
from archspec.graph.report import report
from archspec.runtime.counters import count_fvcore, count_macs, random_inputs

DEFAULT = (
    "alexnet",
    "vgg:vgg16",
    "googlenet_torchvision",
    "resnet:resnet50",
    "resnet:resnet152",
    "fcn_resnet50:fcn_resnet50",
)
ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("specs", nargs="*", default=DEFAULT, metavar="SPEC")
    args = parser.parse_args()
    print(f"{'ms':<28}{'archspec':>12}{'FlopCounterMode':>18}{'torchinfo':>12}{'fvcore':>12}")
    for spec in args.specs:
        times = [f"{median(run) * 1e3:.1f}" if run else "-" for run in counters(spec)]
        print(f"{spec:<28}{times[0]:>12}{times[1]:>18}{times[2]:>12}{times[3]:>12}")


def counters(spec: str) -> tuple[Callable[[], object] | None, ...]:
    """What to time, or None where the package is not installed."""
    design = archspec.load(spec)
    module, inputs = design.build(device="meta").eval(), random_inputs(design.network, device="meta")
    real, real_inputs = design.build(device="meta").to_empty(device="cpu").eval(), random_inputs(design.network)
    return (
        lambda: report(archspec.load(spec).network),
        lambda: count_macs(module, inputs),
        (lambda: torchinfo(module, inputs)) if find_spec("torchinfo") else None,
        (lambda: count_fvcore(real, real_inputs)) if find_spec("fvcore") else None,
    )


def torchinfo(module: nn.Module, inputs: tuple[Tensor, ...]) -> object:
    with torch.no_grad():
        return import_module("torchinfo").summary(module, input_data=inputs, device="meta", verbose=0)


def median(run: Callable[[], object]) -> float:
    """Seconds, the middle of several rounds."""
    run()
    return statistics.median(timed(run) for _ in range(ROUNDS))


def timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
