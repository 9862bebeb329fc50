"""Eager forward time of emitted modules beside torchvision's own, in one run, alternating.

    python -m tests.benchmarks.eager_speed [--device cuda] [--batch 8] [--rounds 15] [SPEC ...]

Both hold the same weights. Rounds alternate between the two, so that what else the machine does falls on both. Printed
are the medians, the median of the per-round ratios, and their quartiles, without which a ratio says little.
"""

import argparse
import statistics
import time

import torch
from torch import Tensor, nn

import archspec
from archspec.runtime.peer import make_peer, parse_peer
from tests.gallery.test_twins import SAME_CALL as TWINS

DEFAULT = (
    "alexnet",
    "vgg:vgg11",
    "resnet:resnet18",
    "resnet:resnet50",
    "googlenet_torchvision",
    "fcn_resnet50:fcn_resnet50",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("specs", nargs="*", default=DEFAULT, metavar="SPEC")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--size", type=int, default=224)
    args = parser.parse_args()
    machine = f"torch {torch.__version__}, {args.device}, {torch.get_num_threads()} threads"
    print(f"{machine}, batch {args.batch}, {args.size} x {args.size}")
    print(f"{'network':<28}{'emitted ms':>12}{'torchvision ms':>16}{'ratio':>8}{'quartiles':>16}")
    for spec in args.specs:
        ours, theirs = pair(spec, args.device)
        x = torch.randn(args.batch, 3, args.size, args.size, device=args.device)
        a, b = alternate(ours, theirs, x, args.rounds)
        low, middle, high = statistics.quantiles([mine / other for mine, other in zip(a, b, strict=True)], n=4)
        times = f"{statistics.median(a) * 1e3:>12.2f}{statistics.median(b) * 1e3:>16.2f}"
        print(f"{spec:<28}{times}{middle:>8.3f}{f'{low:.3f}-{high:.3f}':>16}")


def pair(spec: str, device: str) -> tuple[nn.Module, nn.Module]:
    """Ours and torchvision's in eval mode, with the same weights."""
    ours, theirs = archspec.load(spec).build(), make_peer(parse_peer(TWINS[spec].peer))
    ours.load_state_dict(theirs.state_dict())
    return ours.to(device).eval(), theirs.to(device).eval()


def alternate(first: nn.Module, second: nn.Module, x: Tensor, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of each round of both, after two rounds to warm up; who goes first changes from round to round."""
    times: tuple[list[float], list[float]] = ([], [])
    modules = (first, second)
    with torch.inference_mode():
        for number in range(rounds + 2):
            for which in (0, 1) if number % 2 else (1, 0):
                seconds = timed(modules[which], x)
                if number >= 2:
                    times[which].append(seconds)
    return times


def timed(module: nn.Module, x: Tensor) -> float:
    synchronize(x)
    start = time.perf_counter()
    module(x)
    synchronize(x)
    return time.perf_counter() - start


def synchronize(x: Tensor) -> None:
    if x.is_cuda:
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
