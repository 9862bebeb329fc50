"""How check, compile and summary grow with the network: 1,000 to 100,000 nodes, the whole process from text to output.

python tests/benchmarks/scale.py [--sizes 1000 10000 100000]

Three shapes of network: `flat` writes every node in one graph, `repeated` uses one residual block many times, `nested`
puts blocks inside blocks. A growth near 1.0 is linear: seconds per node against those of the size before.
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


SHAPES = {"flat": flat, "repeated": repeated, "nested": nested}
COMMANDS = {
    "check": ["check"],
    "compile": ["compile"],
    "summary": ["summary", "--format", "csv"],
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
    for size in sizes:
        seconds = _seconds([*arguments, str(folder / f"{shape}{size}.yaml")])
        each = seconds / size
        growth = f"{each / before:7.2f}" if before else ""
        print(f"{shape:10} {command:8} {size:8,} {seconds:8.2f} {1e6 * each:10.1f} {growth:>7}", flush=True)
        before = each


def _seconds(arguments: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "archspec", *arguments], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
