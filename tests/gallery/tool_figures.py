"""Records what other tools count of torchvision's networks, as tests/reference/other_tools.csv.

python -m tests.gallery.tool_figures thop ptflops torchinfo deepspeed calflops

It needs the tools; tests read the file. Each network is torchvision's own, for one image of the size that archspec's
spec declares, in eval mode. A tool's rows are written anew, with its version.
"""

import csv
import sys
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import import_module
from importlib.metadata import version
from io import StringIO

import torch
from torch import nn

from archspec.runtime.peer import declare_torchvision_operators
from tests.gallery.networks import REFERENCE

PATH = REFERENCE / "other_tools.csv"
HEADINGS = ("spec", "tool", "version", "counted")
# archspec's name -> torchvision's, and the size of its image.
NETWORKS = {
    "alexnet": ("alexnet", 224),
    "vgg:vgg11": ("vgg11", 224),
    "vgg:vgg11_bn": ("vgg11_bn", 224),
    "resnet:resnet18": ("resnet18", 224),
    "resnet:resnet50": ("resnet50", 224),
    "resnet:resnext50_32x4d": ("resnext50_32x4d", 224),
    "squeezenet:squeezenet1_1": ("squeezenet1_1", 224),
    "densenet:densenet121": ("densenet121", 224),
    "googlenet_torchvision": ("googlenet", 224),
    "inception_v3": ("inception_v3", 299),
    "mobilenet_v2": ("mobilenet_v2", 224),
    "mobilenet_v3:mobilenet_v3_large": ("mobilenet_v3_large", 224),
    "mnasnet:mnasnet1_0": ("mnasnet1_0", 224),
    "shufflenet_v2:shufflenet_v2_x1_0": ("shufflenet_v2_x1_0", 224),
    "efficientnet:b0": ("efficientnet_b0", 224),
    "regnet:regnet_y_400mf": ("regnet_y_400mf", 224),
    "convnext:convnext_tiny": ("convnext_tiny", 224),
    "vit:vit_b_16": ("vit_b_16", 224),
    "swin:swin_t": ("swin_t", 224),
}


def _thop(module: nn.Module, size: int) -> int:
    ops, _ = import_module("thop").profile(module, inputs=(torch.zeros(1, 3, size, size),), verbose=False)
    return int(ops)


def _ptflops(module: nn.Module, size: int) -> int:
    counted = import_module("ptflops").get_model_complexity_info
    macs, _ = counted(module, (3, size, size), as_strings=False, print_per_layer_stat=False, backend="pytorch")
    return int(macs)


def _torchinfo(module: nn.Module, size: int) -> int:
    found = import_module("torchinfo").summary(module, (1, 3, size, size), verbose=0, device="cpu")
    return int(found.total_mult_adds)


def _deepspeed(module: nn.Module, size: int) -> int:
    profiled = import_module("deepspeed.profiling.flops_profiler").get_model_profile
    flops, _, _ = profiled(module, (1, 3, size, size), print_profile=False, as_string=False, warm_up=0)
    return int(flops)


def _calflops(module: nn.Module, size: int) -> int:
    counted = import_module("calflops").calculate_flops
    flops, _, _ = counted(module, (1, 3, size, size), print_results=False, output_as_string=False)
    return int(flops)


TOOLS: dict[str, Callable[[nn.Module, int], int]] = {
    "thop": _thop,
    "ptflops": _ptflops,
    "torchinfo": _torchinfo,
    "deepspeed": _deepspeed,
    "calflops": _calflops,
}


def main(tools: list[str]) -> None:
    """Writes the rows of some tools anew."""
    declare_torchvision_operators()
    models = import_module("torchvision.models")
    kept = []
    if PATH.exists():
        with PATH.open(encoding="utf-8") as file:
            kept = [row for row in csv.DictReader(file) if row["tool"] not in tools]
    for tool in tools:
        for spec, (name, size) in NETWORKS.items():
            with warnings.catch_warnings(), redirect_stdout(StringIO()):
                warnings.simplefilter("ignore")
                extra = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
                counted = TOOLS[tool](getattr(models, name)(weights=None, **extra).eval(), size)
            kept.append({"spec": spec, "tool": tool, "version": version(tool), "counted": str(counted)})
            sys.stderr.write(f"{tool} {spec} {counted:,}\n")
        with PATH.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, HEADINGS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(sorted(kept, key=lambda row: (row["tool"], list(NETWORKS).index(row["spec"]))))


if __name__ == "__main__":
    main(sys.argv[1:] or list(TOOLS))
