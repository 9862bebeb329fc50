"""How many variants a second `sweep` counts on one core, beside building and counting each with torch on the meta device.

python tests/benchmarks/sweep.py [--specs resnet:resnet50 ...] [--variants 400]

Times are of this process only (`process_time`), so that what else the machine does counts little. torch makes each
network from the source of its own variant, on the meta device, and counts it with FlopCounterMode; `build` leaves the
counting out, and then knows params only.
"""

import argparse
from collections.abc import Callable, Mapping
from time import process_time

import torch
from torch.utils.flop_counter import FlopCounterMode

from archspec.code.naming import root_class
from archspec.code.pytorch import emit
from archspec.pipeline import read_network
from archspec.runtime.build import load_class
from archspec.search.counting import Counting

AXES: Mapping[str, Mapping[str, list[object]]] = {
    "resnet:resnet50": {"base_width": [*range(16, 112, 16)], "depths": [[3, 4, 6, 3], [2, 3, 5, 2], [2, 2, 2, 2]]},
    "vgg:vgg16": {"depths": [[2, 2, 3, 3, 3], [1, 1, 2, 2, 2], [2, 2, 2, 2, 2]], "batch_norm": [False, True]},
    "mobilenet_v2": {"classes": [10, 100, 1000]},
}
SIZES = tuple(range(128, 512, 16))


def variants(spec: str, count: int) -> list[tuple[dict[str, object], dict[str, tuple[int, ...]]]]:
    """Settings and sizes of some variants."""
    grid: list[dict[str, object]] = [{}]
    for name, values in AXES.get(spec, {}).items():
        grid = [{**one, name: value} for one in grid for value in values]
    sized = [(one, {"": (3, size, size)}) for one in grid for size in SIZES]
    return sized[:: max(len(sized) // count, 1)]


def per_second(count: Callable[[dict[str, object], dict[str, tuple[int, ...]]], object], of: list[object]) -> float:
    """How many variants a second are counted."""
    start = process_time()
    for settings, inputs in of:  # type: ignore[misc]
        count(settings, inputs)
    return len(of) / (process_time() - start)


def main() -> None:
    """Prints a line for each spec."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--specs", nargs="+", default=["resnet:resnet50", "vgg:vgg16", "mobilenet_v2"])
    parser.add_argument("--variants", type=int, default=400)
    options = parser.parse_args()
    print(f"{'spec':20} {'sweep/s':>9} {'torch/s':>9} {'times':>6} {'build/s':>9} {'times':>6}")
    for spec in options.specs:
        reading = read_network(spec)
        kinds: dict[str, type[torch.nn.Module]] = {}

        def build(settings: dict[str, object], inputs: dict[str, tuple[int, ...]]) -> torch.nn.Module:
            with torch.device("meta"):
                return kinds[repr(settings)]()

        def count(settings: dict[str, object], inputs: dict[str, tuple[int, ...]]) -> None:
            module = build(settings, inputs).eval()
            with FlopCounterMode(display=False), torch.no_grad():
                module(torch.empty(1, *inputs[""], device="meta"))
            sum(parameter.numel() for parameter in module.parameters())

        tried = variants(spec, options.variants)
        for settings, _ in tried:  # what emits their sources is not timed
            if repr(settings) not in kinds:
                network = reading(None, settings)
                kinds[repr(settings)] = load_class(emit(network), root_class(network))
        counting = Counting(reading)
        ours = per_second(counting.of, tried)  # the first of each structure is noted on the way
        few = tried[:: max(len(tried) // 12, 1)]
        theirs, built = per_second(count, few), per_second(build, few)
        print(f"{spec:20} {ours:9.1f} {theirs:9.1f} {ours / theirs:6.1f} {built:9.1f} {ours / built:6.1f}")


if __name__ == "__main__":
    main()
