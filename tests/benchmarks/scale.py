"""How check, compile and summary grow with the network: 1,000 to 100,000 nodes, the whole process from text to output.

python tests/benchmarks/scale.py [--sizes 1000 10000 100000]

Three shapes of network: `flat` writes every node in one graph, `repeated` uses one residual block many times, `nested`
puts blocks inside blocks. Time per node is without start-up (that of a network of 7 nodes); a growth near 1.0, time per
node against that of the size before, is linear.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEADER = "archspec: 1\nname: Large\ninputs: {image: [8, 16, 16]}\n"
RESIDUAL = """\
blocks:
  residual:
    graph:
      conv1: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1, bias: false}
      bn1: batch_norm2d
      relu1: relu
      conv2: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1, bias: false}
      bn2: batch_norm2d
      add: {op: add, from: [bn2, x]}
      relu2: relu
"""


def flat(nodes: int) -> str:
    """Every node written out, with a skip at each third one."""
    lines = ["  c0: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}\n"]
    for i in range(1, nodes):
        if i % 3 == 2:
            lines.append(f"  c{i}: {{op: add, from: [c{i - 1}, c{i - 2}]}}\n")
        elif i % 3:
            lines.append(f"  c{i}: relu\n")
        else:
            lines.append(f"  c{i}: {{op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}}\n")
    return HEADER + "graph:\n" + "".join(lines)


def repeated(nodes: int) -> str:
    """One block, used again and again."""
    return HEADER + RESIDUAL + f"graph:\n  body: {{block: residual, repeat: {nodes // 7}}}\n"


def nested(nodes: int) -> str:
    """Stages of stages of the block."""
    stages = "  stage:\n    graph:\n      part: {block: residual, repeat: 10}\n"
    return HEADER + RESIDUAL + stages + f"graph:\n  body: {{block: stage, repeat: {max(nodes // 70, 1)}}}\n"


SMALLEST = 7
NOISE_IS_SMALL = 3.0  # seconds
SHAPES = {"flat": flat, "repeated": repeated, "nested": nested}
COMMANDS = {
    "check": ["check", "--allow-copies", "250000"],
    "compile": ["compile", "--allow-copies", "250000"],
    "summary": ["summary", "--allow-copies", "250000", "--format", "csv"],
}


def main() -> None:
    """Times every command on every shape and size, and prints a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    sizes = parser.parse_args().sizes
    print(f"{'network':10} {'command':8} {'nodes':>8} {'seconds':>8} {'us a node':>10} {'growth':>7}")
    with tempfile.TemporaryDirectory() as folder:
        for shape, text in SHAPES.items():
            for size in sizes:
                (Path(folder) / f"{shape}{size}.yaml").write_text(text(size), encoding="utf-8")
            for command, arguments in COMMANDS.items():
                _row_per_size(Path(folder), shape, command, arguments, sizes)


def _row_per_size(folder: Path, shape: str, command: str, arguments: list[str], sizes: list[int]) -> None:
    before = 0.0
    smallest = folder / "smallest.yaml"
    smallest.write_text(SHAPES[shape](SMALLEST), encoding="utf-8")
    start_up = _best([*arguments, str(smallest)])
    for size in sizes:
        seconds = _best([*arguments, str(folder / f"{shape}{size}.yaml")])
        each = max(seconds - start_up, 0.0) / size
        growth = f"{each / before:7.2f}" if before > 0 else ""
        print(f"{shape:10} {command:8} {size:8,} {seconds:8.2f} {1e6 * each:10.1f} {growth:>7}", flush=True)
        before = each


def _best(arguments: list[str]) -> float:
    """The best of five runs; one run where it takes so long that noise is small."""
    first = _seconds(arguments)
    return first if first > NOISE_IS_SMALL else min(first, *(_seconds(arguments) for _ in range(4)))


def _seconds(arguments: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "archspec", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True
    )
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
