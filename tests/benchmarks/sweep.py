"""How many variants a second `sweep` counts on one core, beside torch on the meta device.

python tests/benchmarks/sweep.py [--specs resnet:resnet50 ...] [--variants 1000]

Times are of this process only (`process_time`), so that what else the machine does counts little. torch makes each
network from the source of its own variant, on the meta device, and counts it with FlopCounterMode; `build` leaves the
counting out, and then knows params only.
"""

import argparse
from collections.abc import Callable, Mapping
from time import process_time
from typing import TypeAlias

import torch
from torch.utils.flop_counter import FlopCounterMode

from archspec.code.naming import root_class
from archspec.code.pytorch import emit
from archspec.pipeline import Reading, read_network
from archspec.runtime.build import load_class
from archspec.search.counting import Counting

Settings: TypeAlias = dict[str, object]
Sizes: TypeAlias = dict[str, tuple[int, ...]]

AXES: Mapping[str, Mapping[str, list[object]]] = {
    "resnet:resnet50": {"base_width": [*range(16, 112, 16)], "depths": [[3, 4, 6, 3], [2, 3, 5, 2], [2, 2, 2, 2]]},
    "vgg:vgg16": {"depths": [[2, 2, 3, 3, 3], [1, 1, 2, 2, 2], [2, 2, 2, 2, 2]], "batch_norm": [False, True]},
}
SIZES = tuple(range(128, 512, 16))


def variants(spec: str, count: int) -> list[tuple[Settings, Sizes]]:
    """Settings and sizes of some variants."""
    grid: list[dict[str, object]] = [{"classes": classes} for classes in (10, 100, 1000)]
    for name, values in AXES.get(spec, {}).items():
        grid = [{**one, name: value} for one in grid for value in values]
    sized: list[tuple[Settings, Sizes]] = [(one, {"": (3, size, size)}) for one in grid for size in SIZES]
    return sized[:: max(len(sized) // count, 1)]


def per_second(count: Callable[[Settings, Sizes], object], of: list[tuple[Settings, Sizes]]) -> float:
    """How many variants a second are counted."""
    start = process_time()
    for settings, inputs in of:
        count(settings, inputs)
    return len(of) / (process_time() - start)


class _Torch:
    """Builds and counts networks with torch on the meta device. What emits their sources is not timed."""

    def __init__(self, reading: Reading, settings: list[Settings]) -> None:
        self._kinds: dict[str, type[torch.nn.Module]] = {}
        for one in settings:
            if repr(one) not in self._kinds:
                network = reading(None, one)
                self._kinds[repr(one)] = load_class(emit(network), root_class(network))

    def build(self, settings: Settings, _inputs: Sizes) -> torch.nn.Module:
        """The network."""
        with torch.device("meta"):
            return self._kinds[repr(settings)]()

    def count(self, settings: Settings, inputs: Sizes) -> int:
        """Its parameters; its multiply-adds are counted on the way."""
        module = self.build(settings, inputs).eval()
        with FlopCounterMode(display=False), torch.no_grad():
            module(torch.empty(1, *inputs[""], device="meta"))
        return sum(parameter.numel() for parameter in module.parameters())


def main() -> None:
    """Prints a line for each spec."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--specs", nargs="+", default=["resnet:resnet50", "vgg:vgg16", "mobilenet_v2"])
    parser.add_argument("--variants", type=int, default=1000)
    options = parser.parse_args()
    print(f"{'spec':20} {'sweep/s':>9} {'torch/s':>9} {'times':>6} {'build/s':>9} {'times':>6}")
    for spec in options.specs:
        reading = read_network(spec)
        tried = variants(spec, options.variants)
        torches = _Torch(reading, [settings for settings, _ in tried])
        counting = Counting(reading)
        ours = per_second(counting.of, tried)  # the first of each structure is noted on the way
        few = tried[:: max(len(tried) // 12, 1)]
        theirs, built = per_second(torches.count, few), per_second(torches.build, few)
        print(f"{spec:20} {ours:9.1f} {theirs:9.1f} {ours / theirs:6.1f} {built:9.1f} {ours / built:6.1f}")


if __name__ == "__main__":
    main()
