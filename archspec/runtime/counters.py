"""Measuring a live module with torch's and fvcore's own counters, by attribute path; the root is "".

Figures are for one sample, in eval mode. These counters are the oracles that the project's own counts are held against.
"""

import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from archspec.graph.network import Network
from archspec.ops.input import Input
from archspec.ops.op import Op
from archspec.values.shape import DType


class MissingPackage(ImportError):
    """An optional package is asked for and not installed; the message says how to get it."""


def random_inputs(
    network: Network,
    *,
    batch: int = 1,
    device: str | torch.device = "cpu",
    dtype: torch.dtype = torch.float32,
    seed: int = 0,
) -> tuple[Tensor, ...]:
    """A batch for every input of the network at its declared size.

    Normal values; 0 and 1 where it takes integers, and as often false as true where it takes truth values. An input
    that says which `values` it has gets those.
    """
    kinds = {"float": dtype, "int": torch.int64, "bool": torch.bool}
    generator = torch.Generator().manual_seed(seed)
    made = []
    for id in network.graph.inputs:
        shape = network.shapes[id][0]
        size = (batch * shape.batch, *shape.dims)
        if torch.device(device).type == "meta":
            made.append(torch.empty(size, device="meta", dtype=kinds[shape.dtype]))
        else:
            drawn = _drawn(network.graph.nodes[id].op, shape.dtype, size, generator)
            made.append(drawn.to(device, kinds[shape.dtype]))
    return tuple(made)


def _drawn(op: Op, dtype: DType, size: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Values that an input may have."""
    values = op.values if isinstance(op, Input) else "any"
    if isinstance(values, tuple):
        low, high = values
        if dtype == "int":
            return torch.randint(int(low), int(high) + 1, size, generator=generator)
        return torch.rand(size, generator=generator) * (high - low) + low
    if dtype != "float" or values == "binary":
        return torch.randint(0, 2, size, generator=generator) + (values == "positive")
    drawn = torch.randn(size, generator=generator)
    return drawn.abs() + 0.1 if values == "positive" else drawn


def count_params(module: nn.Module, tied: Collection[str] = ()) -> dict[str, int]:
    """Parameters of every submodule, those inside included; shared ones once.

    Those whose keys are `tied` are another module's, and count in the whole alone.
    """
    found = {"": sum(p.numel() for p in module.parameters())}
    for path, inner in module.named_modules():
        if path:
            own = (p for name, p in inner.named_parameters() if f"{path}.{name}" not in tied)
            found[path] = sum(p.numel() for p in own)
    return found


def count_buffers(module: nn.Module) -> dict[str, int]:
    """Elements of the buffers of every submodule, those inside included, as far as the state_dict has them."""
    kept = set(map(id, kept_buffers(module).values()))
    inside = {path: [b for b in inner.buffers() if id(b) in kept] for path, inner in module.named_modules()}
    return {path: sum(b.numel() for b in buffers) for path, buffers in inside.items()}


def kept_buffers(module: nn.Module) -> dict[str, Tensor]:
    """The buffers that are part of the state_dict, by key; a shared one under each of its keys."""
    keys = module.state_dict().keys()
    return {name: buffer for name, buffer in module.named_buffers(remove_duplicate=False) if name in keys}


def count_macs(module: nn.Module, inputs: tuple[Tensor, ...]) -> dict[str, int]:
    """Half of what torch's FlopCounterMode counts, for every submodule. Runs on the meta device too.

    It counts nothing of products with a matrix of each group of rows, as experts have: these are counted besides.

    Read at the entry and exit of each module: its own names go astray where a pass calls a slice of a Sequential.
    """
    counter = FlopCounterMode(display=False, custom_mapping={torch.ops.aten._grouped_mm: _grouped_flops})
    before: list[int] = []
    counted: dict[str, int] = {}
    hooks = []
    for path, inner in module.named_modules():

        def enter(_module: nn.Module, _args: object) -> None:
            before.append(counter.get_total_flops())

        def leave(_module: nn.Module, _args: object, _output: object, path: str = path) -> None:
            counted[path] = counted.get(path, 0) + (counter.get_total_flops() - before.pop()) // 2

        hooks += [inner.register_forward_pre_hook(enter), inner.register_forward_hook(leave)]
    try:
        with _without_gradients(module), counter, torch.no_grad(), attention_in_parts():
            module.eval()(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return _complete(module, counted)


def _grouped_flops(rows: torch.Size, matrices: torch.Size, *_others: object, **_options: object) -> int:
    """Those of rows times the matrix of their group, in the form that torch's counter asks for: (S, K), (E, K, N)."""
    return 2 * rows[-2] * rows[-1] * matrices[-1]


def count_fvcore(module: nn.Module, inputs: tuple[Tensor, ...]) -> dict[str, int]:
    """What fvcore's FlopCountAnalysis counts for every submodule. It traces a real run: the meta device does not do.

    Raises:
        MissingPackage: fvcore is not installed.
    """
    if find_spec("fvcore") is None:
        raise MissingPackage("fvcore is not installed: pip install 'archspec[torch]'")
    analysis = import_module("fvcore.nn").FlopCountAnalysis(module.eval(), inputs)
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")
    with torch.no_grad(), warnings.catch_warnings(), _traced_checks(), attention_in_parts():
        warnings.simplefilter("ignore")
        return {path: int(count) for path, count in analysis.by_module().items()}


def run_shapes(
    module: nn.Module, inputs: tuple[Tensor, ...]
) -> tuple[dict[str, list[tuple[torch.Size, ...]]], dict[str, torch.Size]]:
    """Sizes in an eval pass: what every submodule gave, one entry a call; and the final outputs by name."""
    calls: dict[str, list[tuple[torch.Size, ...]]] = {}
    hooks = []
    for path, inner in module.named_modules():

        def record(_module: nn.Module, _args: object, output: object, path: str = path) -> None:
            calls.setdefault(path, []).append(tuple(t.shape for t in named_outputs(output).values()))

        hooks.append(inner.register_forward_hook(record))
    try:
        with torch.no_grad():
            outputs = named_outputs(module.eval()(*inputs))
    finally:
        for hook in hooks:
            hook.remove()
    return calls, {name: tensor.shape for name, tensor in outputs.items()}


def named_outputs(value: object, name: str = "") -> dict[str, Tensor]:
    """The tensors in what a forward pass returned, by key, field or position; "" for a bare tensor."""
    if isinstance(value, Tensor):
        return {name: value}
    if isinstance(value, Mapping):
        items = {str(key): item for key, item in value.items()}
    elif isinstance(value, tuple | list):
        fields: tuple[str, ...] = getattr(value, "_fields", tuple(map(str, range(len(value)))))
        items = dict(zip(fields, value, strict=True))
    else:
        return {}
    found: dict[str, Tensor] = {}
    for key, item in items.items():
        found |= named_outputs(item, f"{name}.{key}" if name else key)
    return found


@contextmanager
def _without_gradients(module: nn.Module) -> Iterator[None]:
    """No parameter asks for a gradient: torch's counter fails where a module is given one of them."""
    learned = [parameter for parameter in module.parameters() if parameter.requires_grad]
    for parameter in learned:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in learned:
            parameter.requires_grad_(True)


@contextmanager
def attention_in_parts() -> Iterator[None]:
    """Has attention computed as the products that it is made of.

    In inference torch fuses it to one op, which the counters do not know: they would count nothing.
    """
    fused = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fused)


@contextmanager
def _traced_checks() -> Iterator[None]:
    """Lets torch's own checks accept what sizes are during a trace: tensors of one element.

    Without it torch 2.13 refuses to trace `F.max_unpool2d` with an `output_size`.
    """
    original = torch._check_with

    def check(error_type: type[Exception], cond: bool | Tensor, message: Callable[[], str]) -> None:
        original(error_type, bool(cond) if isinstance(cond, Tensor) else cond, message)

    torch._check_with = check  # type: ignore[assignment]
    try:
        yield
    finally:
        torch._check_with = original


def _complete(module: nn.Module, counted: dict[str, int]) -> dict[str, int]:
    """`counted` with every submodule in it: one that was not called itself holds what its children hold."""
    complete: dict[str, int] = {}
    for path, inner in reversed(list(module.named_modules())):
        inside = sum(complete.get(f"{path}.{name}".lstrip("."), 0) for name, _ in inner.named_children())
        complete[path] = counted.get(path, inside)
    return complete
