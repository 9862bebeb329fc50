"""What import costs, by the models of torchvision: CPU seconds beyond importing torch and torchvision, and peak memory.

    python tests/importer/times.py                        torchvision's twenty classifiers
    python tests/importer/times.py resnet50 swin_t --best 3
    python tests/importer/times.py --without-params       as `archspec import --no-params`

Each import is a process of its own, `python -m archspec import torchvision.models:NAME`, of which the kernel tells
what it used. The first line is a process that imports torch and torchvision only; the others' seconds are what goes
beyond.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

# One of each family, as torchvision's page of classifiers lists them.
NAMES = """
alexnet convnext_tiny densenet121 efficientnet_b0 efficientnet_v2_s googlenet inception_v3 maxvit_t mnasnet1_0
mobilenet_v2 mobilenet_v3_large regnet_y_400mf resnet50 resnext50_32x4d shufflenet_v2_x1_0 squeezenet1_0 swin_t vgg16
vit_b_16 wide_resnet50_2
""".split()  # noqa: SIM905  words read better
SIDES = {"inception_v3": 299}
BEFORE = "from archspec.runtime.peer import declare_torchvision_operators as f; f(); import torch, torchvision.models"
ROOT = Path(__file__).resolve().parents[2]


def used(arguments: Sequence[str]) -> tuple[float, float, int]:
    """CPU seconds and MiB at most of a process of Python with these arguments, and how it ended."""
    child = os.fork()
    if not child:
        os.chdir(ROOT)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        os.environ |= {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        os.execv(sys.executable, [sys.executable, *arguments])
    _, status, usage = os.wait4(child, 0)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def least(arguments: Sequence[str], times: int) -> tuple[float, float, int]:
    """The least of several runs."""
    return min(used(arguments) for _ in range(times))


def main() -> None:
    """Prints a line for each model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="models of torchvision; none for all twenty")
    parser.add_argument("--best", type=int, default=1, help="runs of each, of which the best counts")
    parser.add_argument("--without-params", action="store_true", help="arguments stay numbers")
    given = parser.parse_args()
    more = ["--no-params"] if given.without_params else []
    before, _, _ = least(["-c", BEFORE], max(3, given.best))
    sys.stdout.write(f"{'torch and torchvision':22}{before:8.2f} s\n")
    for name in given.names or NAMES:
        side = SIDES.get(name, 224)
        words = ["-m", "archspec", "import", f"torchvision.models:{name}", "--input", f"3x{side}x{side}", *more]
        seconds, size, ended = least(words, given.best)
        fault = f"  ended with {ended}" if ended else ""
        sys.stdout.write(f"{name:22}{seconds - before:8.2f} s{size:8.0f} MiB{fault}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
