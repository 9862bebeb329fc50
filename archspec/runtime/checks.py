"""The checks of `verify`, each a function from a Setup to a Check.

Counts are taken on the meta device where the counter allows it; shapes and values on the device that was asked for.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from archspec.graph.network import Network
from archspec.runtime.attributes import attribute_paths, prefixes
from archspec.runtime.compare import output_differences
from archspec.runtime.counters import (
    MissingPackage,
    count_buffers,
    count_fvcore,
    count_macs,
    count_params,
    named_outputs,
    random_inputs,
    run_shapes,
)
from archspec.runtime.expected import expected_calls, expected_costs, expected_outputs
from archspec.runtime.outcome import Check, Figure
from archspec.values.cost import Cost

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Setup:
    """What every check works on: the network, and how its module is made and fed."""

    network: Network
    make: Callable[[str], nn.Module]
    device: str
    dtype: torch.dtype

    def module(self) -> nn.Module:
        """A fresh module on the device, in eval mode."""
        return self.make(self.device).to(self.dtype).eval()

    def inputs(self, batch: int = 1) -> tuple[Tensor, ...]:
        """Random inputs on the device, at the declared size."""
        return random_inputs(self.network, batch=batch, device=self.device, dtype=self.dtype)


def check_params(setup: Setup) -> Check:
    """Params of every block equal those of its module, train-only parts included."""
    module = setup.make("meta")
    counted = _elements(module.named_parameters(remove_duplicate=False)) | count_params(module)
    return _counts("params", setup, counted, lambda cost: cost.params, training=True)


def check_buffers(setup: Setup) -> Check:
    """Buffer elements of every block equal those of its module."""
    module = setup.make("meta")
    counted = _elements(module.named_buffers(remove_duplicate=False)) | count_buffers(module)
    return _counts("buffers", setup, counted, lambda cost: cost.buffers, training=True)


def check_macs(setup: Setup) -> Check:
    """MACs of every block equal half of what torch's FlopCounterMode counts."""
    counted = count_macs(setup.make("meta"), random_inputs(setup.network, device="meta"))
    return _counts("MACs", setup, counted, lambda cost: cost.macs)


def check_fvcore(setup: Setup) -> Check:
    """FLOPs of every block in fvcore's convention equal what fvcore counts."""
    try:
        counted = count_fvcore(setup.make("cpu"), random_inputs(setup.network))
    except MissingPackage as missing:
        return Check("fvcore", passed=True, detail=(str(missing),), skipped=True)
    return _counts("fvcore", setup, counted, lambda cost: cost.fvcore)


def check_shapes(setup: Setup) -> Check:
    """Sizes of every module's outputs and of the final outputs equal those inferred, at batch 2."""
    calls, outputs = run_shapes(setup.module(), setup.inputs(batch=2))
    expected = expected_calls(setup.network, batch=2)
    compared = [path for path in expected if path in calls]
    wrong = [
        f"{path}: ran {_sizes(calls[path])}, inferred {_sizes(expected[path])}"
        for path in compared
        if calls[path] != expected[path]
    ]
    ran, inferred = list(outputs.values()), expected_outputs(setup.network, batch=2)
    if ran != inferred:
        wrong.append(f"outputs: ran {_sizes([tuple(ran)])}, inferred {_sizes([tuple(inferred)])}")
    return Check("shapes", not wrong, {"modules": len(compared), "outputs": len(ran)}, _first(wrong))


def check_autocast(setup: Setup) -> Check:
    """Runs under autocast to bfloat16 with finite outputs."""
    module, inputs = setup.module(), setup.inputs()
    with torch.no_grad(), torch.autocast(torch.device(setup.device).type, dtype=torch.bfloat16):
        outputs = named_outputs(module(*inputs))
    wrong = [f"output {name or '0'} is not finite" for name, value in outputs.items() if not value.isfinite().all()]
    return Check("autocast", not wrong, {"outputs": len(outputs)}, _first(wrong))


def check_channels_last(setup: Setup) -> Check:
    """Runs in the channels_last memory format and gives what the usual format gives, but for rounding."""
    module, inputs = setup.module(), setup.inputs()
    with torch.no_grad():
        expected = module(*inputs)
        module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        inputs = tuple(x.to(memory_format=torch.channels_last) if x.dim() == 4 else x for x in inputs)
        differences = output_differences(module(*inputs), expected)
    if isinstance(differences, str):
        return Check("channels_last", passed=False, detail=(differences,))
    figures: dict[str, Figure] = {"largest difference": max(d.largest for d in differences)}
    return Check("channels_last", all(d.close for d in differences), figures)


def check_backward(setup: Setup) -> Check:
    """In training mode, batch 2, every parameter gets a finite gradient."""
    module = setup.module().train()
    outputs = named_outputs(module(*setup.inputs(batch=2)))
    torch.autograd.backward([value.float().square().mean() for value in outputs.values() if value.requires_grad])
    wrong = []
    for name, parameter in module.named_parameters():
        if parameter.grad is None:
            wrong.append(f"{name}: no gradient")
        elif not parameter.grad.isfinite().all():
            wrong.append(f"{name}: a gradient that is not finite")
    figures: dict[str, Figure] = {"gradients": sum(1 for _ in module.parameters()), "outputs": len(outputs)}
    return Check("backward", not wrong, figures, _first(wrong))


CHECKS: Mapping[str, Callable[[Setup], Check]] = {
    "params": check_params,
    "buffers": check_buffers,
    "MACs": check_macs,
    "fvcore": check_fvcore,
    "shapes": check_shapes,
    "autocast": check_autocast,
    "channels_last": check_channels_last,
    "backward": check_backward,
}


def _counts(
    name: str, setup: Setup, counted: Mapping[str, int], column: Callable[[Cost], int], *, training: bool = False
) -> Check:
    """Holds the network's figures against a counter's, at every path that has a module or should have one.

    What stands inside the module of one op is a part of that op.
    """
    paths = attribute_paths(setup.network.graph)
    ops = {paths[id] for id in setup.network.graph.nodes}
    expected = {path: column(cost) for path, cost in expected_costs(setup.network, training=training).items()}
    wrong = [
        f"{path or 'total'}: counted {expected[path]:,}, the module has {counted.get(path, 0):,}"
        for path in expected
        if (path in counted and counted[path] != expected[path])
        or (path not in counted and expected[path] and name in ("params", "buffers"))
    ]
    wrong += [
        f"{path}: a module the spec does not know"
        for path in counted
        if path not in expected and counted[path] and ops.isdisjoint(prefixes(path))
    ]
    figures: dict[str, Figure] = {
        "counted": expected[""],
        "module": counted.get("", 0),
        "paths": len(expected.keys() & counted.keys()),
    }
    return Check(name, not wrong, figures, _first(wrong))


def _elements(tensors: Iterable[tuple[str, Tensor]]) -> dict[str, int]:
    """Elements of named tensors."""
    return {name: tensor.numel() for name, tensor in tensors}


def _sizes(calls: Sequence[tuple[tuple[int, ...], ...]]) -> str:
    """`2 x 64 x 56 x 56`, outputs apart by commas and calls by semicolons."""
    return "; ".join(", ".join(" x ".join(map(str, size)) for size in call) for call in calls)


def _first(lines: list[str]) -> tuple[str, ...]:
    rest = len(lines) - SHOWN
    return (*lines[:SHOWN], f"and {rest} more") if rest > 0 else tuple(lines)
