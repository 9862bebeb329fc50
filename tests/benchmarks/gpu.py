"""Emitted modules on a GPU, beside torchvision's: values, precision, training, eager and compiled speed, peak memory.

    python -m tests.benchmarks.gpu emit FOLDER            anywhere archspec runs; writes sources and a manifest
    python tests/benchmarks/gpu.py run FOLDER [NAME ...]  needs torch and torchvision alone

Columns of the first table: `diff` is the largest difference to torchvision's output from the same weights in float32
without TF32 (for networks without a twin: to the same module on the CPU), relative to the largest value; 0 means equal.
`bf16` and `bf16 cl` are differences to float32 under autocast, in the usual format and in channels_last. `trains` has
the loss before and after three steps under autocast. The second table has milliseconds of a forward pass under autocast
in channels_last, medians of alternating rounds, and peak memory above the weights.
"""

import argparse
import importlib
import json
import math
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

DEVICE = "cuda"
MIB = 2**20
COMPILED = ("resnet_resnet50", "googlenet_torchvision", "vgg_vgg16", "unet_same", "fcn_resnet50_fcn_resnet50")


@dataclass(frozen=True)
class Entry:
    """One network of the manifest. `twin` is `MODULE:NAME(name=value, ...)` of torchvision, "" without one."""

    name: str
    class_name: str
    size: tuple[int, ...]
    params: int
    macs: int
    twin: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("emit", "run"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--no-compile", action="store_true")
    args = parser.parse_args()
    if args.action == "emit":
        write(args.folder)
        return
    entries = [entry for entry in read(args.folder) if not args.names or entry.name in args.names]
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    print(f"torch {torch.__version__} on {torch.cuda.get_device_name()}")
    failed = print_values(args.folder, entries)
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = True
    print_speed(args.folder, entries, args)
    sys.exit(bool(failed))


# -- with archspec ---------------------------------------------------------------------------------------------------


def write(folder: Path) -> None:
    """Writes the source of every gallery network, and the manifest."""
    import archspec
    from tests.gallery.networks import specs
    from tests.gallery.test_twins import SAME_CALL as TWINS

    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for spec in specs():
        design = archspec.load(spec)
        (image,) = design.network.graph.inputs
        name = spec.replace(":", "_")
        (folder / f"{name}.py").write_text(design.source())
        size = design.network.shapes[image][0].dims
        entries.append(
            Entry(name, design.name, size, design.params, design.macs, TWINS[spec].peer if spec in TWINS else "")
        )
    (folder / "manifest.json").write_text(json.dumps([asdict(entry) for entry in entries], indent=1))
    print(f"{len(entries)} networks in {folder}")


# -- with torch and torchvision alone --------------------------------------------------------------------------------


def read(folder: Path) -> list[Entry]:
    entries = json.loads((folder / "manifest.json").read_text())
    return [Entry(**{**entry, "size": tuple(entry["size"])}) for entry in entries]


def ours(folder: Path, entry: Entry) -> nn.Module:
    spec = spec_from_file_location(f"emitted_{entry.name}", folder / f"{entry.name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    torch.manual_seed(0)
    made: nn.Module = getattr(module, entry.class_name)()
    return made


def theirs(entry: Entry) -> nn.Module:
    """torchvision's module without weights; arguments in the manifest are literal keywords."""
    module, _, call = entry.twin.partition(":")
    name, _, rest = call.partition("(")
    arguments: dict[str, object] = {"weights": None}
    for argument in filter(None, rest.removesuffix(")").split(",")):
        key, _, value = argument.partition("=")
        arguments[key.strip()] = {"True": True, "False": False}[value.strip()]
    if "segmentation" in module:
        arguments["weights_backbone"] = None
    if name == "googlenet":
        arguments["init_weights"] = True
    torch.manual_seed(0)
    made: nn.Module = getattr(importlib.import_module(module), name)(**arguments)
    return made


def tensors(value: object) -> list[Tensor]:
    """The tensors that a forward pass returned, in order."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, Mapping):
        return [tensor for item in value.values() for tensor in tensors(item)]
    return [tensor for item in value for tensor in tensors(item)] if isinstance(value, tuple | list) else []


def difference(value: object, expected: object) -> float:
    """Largest difference of the first outputs, relative to the largest value."""
    a, b = tensors(value)[0].detach().double().cpu(), tensors(expected)[0].detach().double().cpu()
    return ((a - b).abs().max() / b.abs().max()).item()


def print_values(folder: Path, entries: list[Entry]) -> list[str]:
    """The first table; returns the names of networks that failed."""
    print(f"\n{'network':<34}{'diff':>10}{'bf16':>10}{'bf16 cl':>10}  {'trains':<18}")
    failed = []
    for entry in entries:
        try:
            diff, bf16, channels_last, before, after = values(folder, entry)
        except Exception as error:  # noqa: BLE001  the table goes on with the next network
            failed.append(entry.name)
            print(f"{entry.name:<34}{type(error).__name__}: {str(error).splitlines()[0]}")
            continue
        fine = diff < 1e-4 and bf16 < 0.1 and channels_last < 0.1 and after < before and math.isfinite(after)
        if not fine:
            failed.append(entry.name)
        trains = f"{before:.3f} -> {after:.3f}"
        print(f"{entry.name:<34}{diff:>10.1e}{bf16:>10.1e}{channels_last:>10.1e}  {trains:<18}{'' if fine else '<-'}")
    print(f"{len(entries) - len(failed)} of {len(entries)} networks are fine")
    return failed


def values(folder: Path, entry: Entry) -> tuple[float, float, float, float, float]:
    module = ours(folder, entry).eval()
    x = torch.randn(2, *entry.size)
    with torch.no_grad():
        if entry.twin:
            twin = theirs(entry).eval()
            module.load_state_dict(twin.state_dict())
            expected = twin.to(DEVICE)(x.to(DEVICE))
        else:
            expected = module(x)
        module, x = module.to(DEVICE), x.to(DEVICE)
        plain = module(x)
        with torch.autocast(DEVICE, torch.bfloat16):
            bf16 = module(x)
            channels_last = module.to(memory_format=torch.channels_last)(x.to(memory_format=torch.channels_last))  # type: ignore[call-overload]
    before, after = train(module, x)
    return (
        difference(plain, expected),
        difference(bf16, plain),
        difference(channels_last, plain),
        before,
        after,
    )


def train(module: nn.Module, x: Tensor) -> tuple[float, float]:
    """Loss before and after three steps on one batch under autocast."""
    module.train()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.005, momentum=0.9)
    losses = []
    for _ in range(4):
        torch.manual_seed(0)
        with torch.autocast(DEVICE, torch.bfloat16):
            outputs = tensors(module(x))
        loss = torch.stack([cross_entropy(y.float(), labels(y)) for y in outputs]).sum()
        losses.append(loss.item())
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
    return losses[0], losses[-1]


def labels(output: Tensor) -> Tensor:
    """Random classes, the same for every output of one size."""
    generator = torch.Generator().manual_seed(0)
    size = (output.shape[0], *output.shape[2:])
    return torch.randint(0, output.shape[1], size, generator=generator).to(output.device)


def print_speed(folder: Path, entries: list[Entry], args: argparse.Namespace) -> None:
    """The second table: eager, then compiled where it is worth the minutes."""
    print(f"\nbatch {args.batch}, bf16 autocast, channels_last; compile seconds are of the first call")
    columns = ("emitted ms", "torchvision", "ratio", "MiB", "torchvision", "compiled ms", "torchvision", "seconds")
    print(f"{'network':<34}" + "".join(f"{column:>13}" for column in columns))
    for entry in entries:
        modules = [ours(folder, entry)] + ([theirs(entry)] if entry.twin else [])
        modules = [module.to(DEVICE, memory_format=torch.channels_last).eval() for module in modules]  # type: ignore[call-overload]
        x = torch.randn(args.batch, *entry.size, device=DEVICE).to(memory_format=torch.channels_last)
        with torch.inference_mode(), torch.autocast(DEVICE, torch.bfloat16):
            cells = list(eager(modules, x, args.rounds))
            if entry.name in COMPILED and not args.no_compile:
                cells += compiled(modules, x, args.rounds)
        print(f"{entry.name:<34}" + "".join(f"{cell:>13}" for cell in cells), flush=True)
        del modules, x
        torch.cuda.empty_cache()


def eager(modules: list[nn.Module], x: Tensor, rounds: int) -> Iterator[str]:
    times = alternate(modules, x, rounds)
    peaks = [peak(module, x) for module in modules]
    yield f"{times[0]:.2f}"
    yield f"{times[1]:.2f}" if len(times) > 1 else "-"
    yield f"{times[0] / times[1]:.3f}" if len(times) > 1 else "-"
    yield f"{peaks[0]:.1f}"
    yield f"{peaks[1]:.1f}" if len(peaks) > 1 else "-"


def compiled(modules: list[nn.Module], x: Tensor, rounds: int) -> Iterator[str]:
    torch.compiler.reset()
    made: list[Callable[..., Any]] = [torch.compile(module, fullgraph=True) for module in modules]
    start = perf_counter()
    made[0](x)
    torch.cuda.synchronize()
    seconds = perf_counter() - start
    times = alternate(made, x, rounds)
    yield f"{times[0]:.2f}"
    yield f"{times[1]:.2f}" if len(times) > 1 else "-"
    yield f"{seconds:.1f}"


def alternate(modules: list[Any], x: Tensor, rounds: int) -> list[float]:
    """Median milliseconds of each, three rounds to warm up."""
    times: list[list[float]] = [[] for _ in modules]
    for number in range(rounds + 3):
        for module, taken in zip(modules, times, strict=True):
            start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
            start.record()
            module(x)
            end.record()
            torch.cuda.synchronize()
            if number >= 3:
                taken.append(start.elapsed_time(end))
    return [statistics.median(taken) for taken in times]


def peak(module: nn.Module, x: Tensor) -> float:
    """MiB allocated during a forward pass, above what was there before."""
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    module(x)
    torch.cuda.synchronize()
    return (torch.cuda.max_memory_allocated() - before) / MIB


if __name__ == "__main__":
    main()
