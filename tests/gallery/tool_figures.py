"""Records what other tools count: of torchvision's networks, as tests/reference/other_tools.csv, and of single modules,
as other_tools_modules.csv.

python -m tests.gallery.tool_figures [modules] thop ptflops torchinfo deepspeed calflops

It needs the tools; tests read the file. Each network is torchvision's own, for one image of the size that archspec's
spec declares, in eval mode. A tool's rows are written anew, with its version.
"""

import csv
import json
import sys
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import import_module
from importlib.metadata import version
from io import StringIO

import torch
from torch import nn

from archspec.ops import OPS
from archspec.runtime.peer import declare_torchvision_operators
from archspec.values.shape import Shape
from tests.gallery.networks import REFERENCE

PATH = REFERENCE / "other_tools.csv"
HEADINGS = ("spec", "tool", "version", "counted")
MODULES = REFERENCE / "other_tools_modules.csv"
MODULE_HEADINGS = ("op", "fields", "shape", "tool", "counted")
# An op of archspec, its fields, and the size of its input; the module has its class of torch, and what it derives.
ONES: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("conv1d", '{"out_channels": 8, "kernel_size": 3}', (4, 16)),
    ("conv2d", '{"out_channels": 8, "kernel_size": 3, "groups": 2, "bias": false}', (4, 9, 9)),
    ("conv3d", '{"out_channels": 8, "kernel_size": 2}', (4, 5, 5, 5)),
    ("conv_transpose2d", '{"out_channels": 8, "kernel_size": 3, "stride": 2, "groups": 2}', (4, 8, 8)),
    ("conv_transpose2d", '{"out_channels": 6, "kernel_size": 2, "stride": 2, "bias": false}', (4, 8, 8)),
    ("linear", '{"out_features": 8}', (16,)),
    ("linear", '{"out_features": 8}', (7, 16)),
    ("batch_norm2d", '{"affine": false}', (4, 8, 8)),
    ("batch_norm1d", "{}", (16,)),
    ("instance_norm2d", "{}", (4, 8, 8)),
    ("instance_norm2d", '{"affine": true}', (4, 8, 8)),
    ("group_norm", '{"num_groups": 2}', (4, 8, 8)),
    ("layer_norm", "{}", (7, 16)),
    ("layer_norm", '{"elementwise_affine": false}', (7, 16)),
    ("max_pool2d", '{"kernel_size": 2}', (4, 8, 8)),
    ("avg_pool2d", '{"kernel_size": 2}', (4, 8, 8)),
    ("adaptive_avg_pool2d", '{"output_size": 3}', (4, 8, 8)),
    ("adaptive_max_pool2d", '{"output_size": 2}', (4, 8, 8)),
    ("upsample", '{"scale_factor": 2}', (4, 8, 8)),
    ("upsample", '{"scale_factor": 2, "mode": "bilinear"}', (4, 8, 8)),
    ("softmax", '{"dim": 1}', (7, 16)),
    ("prelu", "{}", (4, 8, 8)),
    *((name, "{}", (4, 8, 8)) for name in ("relu", "relu6", "leaky_relu", "elu", "gelu", "silu")),
    *((name, "{}", (4, 8, 8)) for name in ("sigmoid", "tanh", "hardswish", "hardsigmoid")),
)
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


def _thop(module: nn.Module, size: tuple[int, ...]) -> int:
    ops, _ = import_module("thop").profile(module, inputs=(torch.zeros(1, *size),), verbose=False)
    return int(ops)


def _ptflops(module: nn.Module, size: tuple[int, ...]) -> int:
    counted = import_module("ptflops").get_model_complexity_info
    macs, _ = counted(module, size, as_strings=False, print_per_layer_stat=False, backend="pytorch")
    return int(macs)


def _torchinfo(module: nn.Module, size: tuple[int, ...]) -> int:
    found = import_module("torchinfo").summary(module, (1, *size), verbose=0, device="cpu")
    return int(found.total_mult_adds)


def _deepspeed(module: nn.Module, size: tuple[int, ...]) -> int:
    profiled = import_module("deepspeed.profiling.flops_profiler").get_model_profile
    flops, _, _ = profiled(module, (1, *size), print_profile=False, as_string=False, warm_up=0)
    return int(flops)


def _calflops(module: nn.Module, size: tuple[int, ...]) -> int:
    counted = import_module("calflops").calculate_flops
    flops, _, _ = counted(module, (1, *size), print_results=False, output_as_string=False)
    return int(flops)


TOOLS: dict[str, Callable[[nn.Module, tuple[int, ...]], int]] = {
    "thop": _thop,
    "ptflops": _ptflops,
    "torchinfo": _torchinfo,
    "deepspeed": _deepspeed,
    "calflops": _calflops,
}


def module_of(name: str, fields: str, shape: tuple[int, ...]) -> nn.Module:
    """The module of torch that an op is, inside another one, as every module of a network is."""
    op, x = OPS[name](**json.loads(fields)), Shape(shape)
    known = op.defaults()
    given = {slot: value for slot, value in op.slots((x,)).items() if slot not in known or value != known[slot]}
    holder = nn.Sequential(getattr(nn, op.module.removeprefix("nn."))(**given))
    holder.register_parameter("unused", nn.Parameter(torch.zeros(1)))  # some tools ask a parameter where it is
    return holder


def record_modules(tools: list[str]) -> None:
    """Writes what some tools count of single modules anew."""
    kept = []
    if MODULES.exists():
        with MODULES.open(encoding="utf-8") as file:
            kept = [row for row in csv.DictReader(file) if row["tool"] not in tools]
    for tool in tools:
        for name, fields, shape in ONES:
            with warnings.catch_warnings(), redirect_stdout(StringIO()):
                warnings.simplefilter("ignore")
                counted = TOOLS[tool](module_of(name, fields, shape).eval(), shape)
            size = "x".join(map(str, shape))
            kept.append({"op": name, "fields": fields, "shape": size, "tool": tool, "counted": str(counted)})
    with MODULES.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, MODULE_HEADINGS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(kept, key=lambda row: row["tool"]))


def main(tools: list[str]) -> None:
    """Writes the rows of some tools anew."""
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
                counted = TOOLS[tool](getattr(models, name)(weights=None, **extra).eval(), (3, size, size))
            kept.append({"spec": spec, "tool": tool, "version": version(tool), "counted": str(counted)})
            sys.stderr.write(f"{tool} {spec} {counted:,}\n")
        with PATH.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, HEADINGS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(sorted(kept, key=lambda row: (row["tool"], list(NETWORKS).index(row["spec"]))))


if __name__ == "__main__":
    chosen = [name for name in sys.argv[1:] if name in TOOLS] or list(TOOLS)
    declare_torchvision_operators()
    record_modules(chosen)
    if "modules" not in sys.argv:
        main(chosen)
