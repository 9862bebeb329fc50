"""How long a whole `archspec draw` takes beside torchview, in fresh processes; and how layout grows with blocks.

python tests/benchmarks/draw.py [--runs N] [--limit SECONDS]

Runs alternate. Prints seconds (best of the runs), peak memory, the size of the picture, and what its smallest type
becomes on a page of 7 by 9 inches. torchview needs `pip install --no-deps torchview`; Graphviz comes from pygraphviz's
wheel.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from archspec.figure.place.drawing import place
from archspec.figure.what.depict import diagram
from archspec.gallery import names
from archspec.pipeline import load_text

PAGE = 504.0, 648.0  # points: 7 by 9 inches

NETWORKS = {  # name: (spec, how to build the model for torchview, input size)
    "ResNet-50": ("resnet:resnet50", "torchvision.models.resnet50()", (3, 224, 224)),
    "ResNet-152": ("resnet:resnet152", "torchvision.models.resnet152()", (3, 224, 224)),
    "GoogLeNet": ("googlenet_torchvision", "torchvision.models.googlenet(init_weights=False)", (3, 224, 224)),
    "DenseNet-201": ("densenet:densenet201", "torchvision.models.densenet201()", (3, 224, 224)),
    "U-Net": ("unet", "emitted()", (1, 572, 572)),
}
TORCHVIEW = """
import sys
import torch
try:
    import torchvision
except RuntimeError:
    from archspec.runtime.peer import declare_torchvision_operators
    declare_torchvision_operators()
    import torchvision
import torchview
from pygraphviz import AGraph

def emitted():
    import archspec
    return archspec.load("unet").build(device="meta")

with torch.device("meta"):
    model = ({model}).eval()
drawn = torchview.draw_graph(model, input_size=(1, *{size}), device="meta", expand_nested=True)
AGraph(drawn.visual_graph.source).draw(sys.argv[1], format="svg", prog="dot")
"""
ARCHSPEC = "import sys; from archspec.cli import main; main(['draw', {spec!r}, '-o', sys.argv[1]])"


class Run(NamedTuple):
    """One process: seconds, MiB at its peak, and what it wrote; no text where it reached the limit or failed."""

    seconds: float
    memory: float
    text: str
    failure: str


def run(code: str, suffix: str, limit: float) -> Run:
    """Runs `code` in a fresh interpreter with the path of the picture that it is to write."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"picture{suffix}"
        start = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(target)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        while (done := os.wait4(child.pid, os.WNOHANG))[0] == 0 and time.perf_counter() - start < limit:
            time.sleep(0.01)
        seconds = time.perf_counter() - start
        if done[0] == 0:
            child.kill()
            os.wait4(child.pid, 0)
            return Run(seconds, 0.0, "", f"stopped at {limit:g} s")
        memory = done[2].ru_maxrss / 1024
        if done[1]:
            last = child.stderr.read().decode().strip().splitlines() if child.stderr else []
            return Run(seconds, memory, "", last[-1] if last else "failed")
        return Run(seconds, memory, target.read_text(errors="replace") if suffix == ".svg" else "", "")


def smallest_type(text: str) -> tuple[float, float, float]:
    """The width and height of an SVG in points, and its smallest type when it is made to fit PAGE."""
    size = re.search(r'<svg[^>]*?\bwidth="([\d.]+)[a-z]*"\s+height="([\d.]+)', text)
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)', text)]
    if size is None or not sizes:
        return 0.0, 0.0, 0.0
    width, height = float(size[1]), float(size[2])
    return width, height, min(sizes) * min(PAGE[0] / width, PAGE[1] / height, 1.0)


def beside(runs: int, limit: float) -> None:
    """Prints the table of whole processes."""
    print(f"{'':13}{'':11}{'seconds':>9}{'MiB':>7}{'picture, pt':>13}{'type on 7 x 9 in':>18}")
    known = names()
    for name, (spec, model, size) in NETWORKS.items():
        programs = {"torchview": TORCHVIEW.format(model=model, size=size)}
        if spec.partition(":")[0] in known:
            programs = {"archspec": ARCHSPEC.format(spec=spec), **programs}
        else:
            print(f"{name:13}{'archspec':11} no spec yet")
        best: dict[str, Run] = {}
        for _ in range(runs):
            for tool, code in programs.items():
                if tool in best and best[tool].failure:
                    continue
                made = run(code, ".svg", limit)
                if tool not in best or made.seconds < best[tool].seconds:
                    best[tool] = made
        for tool, made in best.items():
            if made.failure:
                print(f"{name:13}{tool:11}{made.seconds:9.2f}{made.memory:7.0f}  {made.failure}")
                continue
            width, height, small = smallest_type(made.text)
            page = f"{width:.0f} x {height:.0f}"
            print(f"{name:13}{tool:11}{made.seconds:9.2f}{made.memory:7.0f}{page:>13}{small:15.2f} pt")
    for suffix in (".pdf", ".png", ".html", ".tex"):
        made = min(
            (run(ARCHSPEC.format(spec="googlenet"), suffix, limit) for _ in range(runs)), key=lambda r: r.seconds
        )
        print(f"{'GoogLeNet':13}{suffix:11}{made.seconds:9.2f}{made.memory:7.0f}")


def chain(count: int) -> str:
    """Residual blocks one behind the other, written flat."""
    lines = [
        f"  c{i}: {{op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}}\n"
        f"  a{i}: {{op: add, from: [c{i}, {f'a{i - 1}' if i else 'image'}]}}\n"
        for i in range(count // 2)
    ]
    return "graph:\n" + "".join(lines)


def nested(count: int) -> str:
    """A block of six ops, repeated and opened."""
    convs = "".join(
        f"      c{i}: {{op: conv2d, out_channels: {8 + 8 * (i % 2)}, kernel_size: 3, padding: 1}}\n" for i in range(4)
    )
    body = f"{convs}      c4: {{op: conv2d, out_channels: 8, kernel_size: 1}}\n      add: {{op: add, from: [c4, x]}}\n"
    return f"blocks:\n  unit:\n    graph:\n{body}graph:\n  stage: {{block: unit, repeat: {count // 6}}}\n"


def parallel(count: int) -> str:
    """Branches side by side."""
    lines = [f"  p{i}: {{op: conv2d, from: image, out_channels: 8, kernel_size: 1}}\n" for i in range(count)]
    return f"graph:\n{''.join(lines)}  cat: {{op: concat, from: [{', '.join(f'p{i}' for i in range(count))}]}}\n"


def growth() -> None:
    """Prints how long each step takes for networks of three forms."""
    print(f"\n{'':11}{'blocks':>8}{'load':>8}{'view':>8}{'layout':>8}   us a block")
    forms: dict[str, Callable[[int], str]] = {"chain": chain, "nested": nested, "parallel": parallel}
    for form, write in forms.items():
        for count in (50, 200, 700):  # a picture has at most 2,000 boxes and 800 open blocks
            text = f"archspec: 1\nname: Net\ninputs: {{image: [8, 8, 8]}}\n{write(count)}"
            marks = [time.perf_counter()]
            network = load_text(text)
            marks.append(time.perf_counter())
            made = diagram(network, depth=9)
            marks.append(time.perf_counter())
            placed = place(made)[0]
            marks.append(time.perf_counter())
            load, view, layout = (after - before for before, after in pairwise(marks))
            each = layout / len(placed.boxes) * 1e6
            print(f"{form:11}{len(placed.boxes):8}{load:8.2f}{view:8.2f}{layout:8.2f}{each:10.0f}", flush=True)


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--limit", type=float, default=120.0)
    options = parser.parse_args()
    beside(options.runs, options.limit)
    growth()


if __name__ == "__main__":
    main()
