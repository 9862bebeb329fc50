"""The checks of `verify`, each a function from a Setup to a Check.

Counts are taken on the meta device where the counter allows it; shapes and values on the device that was asked for.
"""

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice

import torch
from torch import Tensor, nn

from archspec.code.naming import packages
from archspec.graph.graph import Ref
from archspec.graph.network import Network
from archspec.pipeline import Reading
from archspec.runtime import frozen
from archspec.runtime.arguments import JUDGED, WRONG, Emitted, Trial, arguments, length, others, trial
from archspec.runtime.attributes import attribute_paths, prefixes, tied_keys
from archspec.runtime.beside import (
    WANTED,
    Side,
    at_other_values,
    compare,
    other_sizes,
    refuses,
    said_by_params,
    with_random_state,
)
from archspec.runtime.compare import output_differences, parts
from archspec.runtime.counters import (
    MissingPackage,
    count_buffers,
    count_fvcore,
    count_macs,
    count_params,
    kept_buffers,
    named_outputs,
    random_inputs,
    run_shapes,
)
from archspec.runtime.expected import expected_calls, expected_costs, expected_outputs
from archspec.runtime.interpret import equal_draws
from archspec.runtime.outcome import Check, Figure, first_line
from archspec.runtime.starts import differences, said_of
from archspec.values.cost import Cost
from archspec.values.dataclass import dataclass

SHOWN = 5
MOST_WORK = 5e9  # multiply-adds, or parameters, up to which outputs are compared at another value of an argument
TRIED = 12  # arguments of a class, one value each: every one expands and emits the spec again


@dataclass(frozen=True, slots=True)
class Setup:
    """What every check works on: the network, and how its module is made and fed.

    Attributes:
        network: at its declared size.
        kind: its class.
        device: where it runs.
        dtype: of parameters and inputs.
        at: gives the network at other sizes of its inputs and other values of params; None where there is no spec to
            read again.
    """

    network: Network
    kind: type[nn.Module]
    device: str
    dtype: torch.dtype
    at: Reading | None = None

    def make(self, device: str) -> nn.Module:
        """A fresh module on `device`; "meta" makes no values."""
        with torch.device(device):
            return self.kind()

    def module(self) -> nn.Module:
        """A fresh module on the device, in eval mode."""
        return self.make(self.device).to(self.dtype).eval()

    def inputs(self, batch: int = 1) -> tuple[Tensor, ...]:
        """Random inputs on the device, at the declared size."""
        return random_inputs(self.network, batch=batch, device=self.device, dtype=self.dtype)


def check_params(setup: Setup) -> Check:
    """Params of every block equal those of its module, train-only parts included."""
    module = setup.make("meta")
    tied = tied_keys(setup.network)
    held = ((key, p) for key, p in module.named_parameters(remove_duplicate=False) if key not in tied)
    counted = _elements(held) | count_params(module, tied)
    return _counts("params", setup, counted, lambda cost: cost.params, training=True)


def check_buffers(setup: Setup) -> Check:
    """Buffer elements of every block equal those of its module."""
    module = setup.make("meta")
    counted = _elements(kept_buffers(module).items()) | count_buffers(module)
    return _counts("buffers", setup, counted, lambda cost: cost.buffers, training=True)


def check_macs(setup: Setup) -> Check:
    """MACs of every block equal half of what torch's FlopCounterMode counts."""
    counted = count_macs(setup.make("meta"), random_inputs(setup.network, device="meta"))
    return _counts("MACs", setup, counted, lambda cost: cost.macs)


def check_fvcore(setup: Setup) -> Check:
    """FLOPs of every block in fvcore's convention equal what fvcore counts."""
    if named := packages(setup.network):
        note = f"nobody says what fvcore counts in modules of {', '.join(named)}"
        return Check("fvcore", passed=True, detail=(note,), skipped=True)
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
    try:
        outputs = _autocast(setup)
    except RuntimeError as error:
        with _autocasting(setup):
            refused = refuses(Side(setup.network, setup.module(), 1, training=False), setup.device, setup.dtype)
        line = f"{type(error).__name__}: {first_line(error)}"
        return Check("autocast", passed=False, detail=(line,), ours=not refused)
    wrong = [f"output {name or '0'} is not finite" for name, value in outputs.items() if not value.isfinite().all()]
    return Check("autocast", not wrong, {"outputs": len(outputs)}, _first(wrong), ours=False)


def _autocast(setup: Setup) -> dict[str, Tensor]:
    try:
        with _autocasting(setup):
            return named_outputs(setup.module()(*setup.inputs()))
    except RuntimeError:  # oneDNN has an LSTM in bfloat16 for some processors only, and torch has its own for all
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with _autocasting(setup), torch.backends.mkldnn.flags(enabled=False):
                return named_outputs(setup.module()(*setup.inputs()))


@contextmanager
def _autocasting(setup: Setup) -> Iterator[None]:
    with torch.no_grad(), torch.autocast(torch.device(setup.device).type, dtype=torch.bfloat16):
        yield


def check_channels_last(setup: Setup) -> Check:
    """Runs in the channels_last memory formats and gives what the usual format gives, but for rounding."""
    module, inputs = setup.module(), setup.inputs()
    with torch.no_grad(), equal_draws():
        expected = module(*inputs)
        for tensor in (*module.parameters(), *module.buffers()):
            tensor.data = _channels_last(tensor.data)
        differences = output_differences(module(*map(_channels_last, inputs)), expected)
    if isinstance(differences, str):
        return Check("channels_last", passed=False, detail=(differences,))
    figures: dict[str, Figure] = {"largest difference": max(d.largest for d in differences)}
    return Check("channels_last", all(d.close for d in differences), figures)


def _channels_last(tensor: Tensor) -> Tensor:
    """The tensor with its channels last in memory: there is a format for images and one for volumes."""
    formats = {4: torch.channels_last, 5: torch.channels_last_3d}
    return tensor.to(memory_format=formats[tensor.dim()]) if tensor.dim() in formats else tensor


def check_backward(setup: Setup) -> Check:
    """In training mode, batch 2, every parameter that learns and that an output depends on gets a finite gradient."""
    module = setup.module().train()
    outputs = named_outputs(module(*setup.inputs(batch=2)))
    losses = [parts(value).float().square().mean() for value in outputs.values() if value.requires_grad]
    if losses:  # none where all is frozen
        torch.autograd.backward(losses)
    learned = _learned(setup.network)
    missing: list[str] = []
    infinite: list[str] = []
    unread: list[str] = []
    learning = [(name, parameter) for name, parameter in module.named_parameters() if parameter.requires_grad]
    for name, parameter in learning:
        if parameter.grad is None:
            reached = any(path in learned for path in prefixes(name))
            (missing if reached else unread).append(f"{name}: no gradient")
        elif not parameter.grad.isfinite().all():
            infinite.append(f"{name}: a gradient that is not finite")
    figures: dict[str, Figure] = {"gradients": len(learning), "outputs": len(outputs)}
    notes = [f"{line}, as no output depends on its values" for line in unread]
    return Check("backward", not missing + infinite, figures, _first(missing + infinite + notes), ours=bool(missing))


def _learned(network: Network) -> set[str]:
    """Paths of the nodes that have a say in the values of an output; a size that is read, or an index, is none.

    Nor is what stands before an op through which no gradient passes.
    """
    graph, paths = network.graph, attribute_paths(network.graph)
    reached = {out.ref for out in graph.outputs if network.shape(out.ref).differentiable}
    found: set[str] = set()
    for node in reversed(tuple(graph.nodes.values())):
        if any(Ref(node.id, port) in reached for port in node.op.ports):
            found.add(paths[node.id])
            for place, ref in enumerate(node.inputs):
                if not node.op.reads_size(place) and not node.op.stops_gradient and network.shape(ref).differentiable:
                    reached.add(ref)
    return found


def check_eval(setup: Setup) -> Check:
    """In eval, batches of 1 and 2: every output equals that of the graph run node by node."""
    return _beside("eval values", setup, training=False)


def check_training(setup: Setup) -> Check:
    """The same in training mode, and the running statistics afterwards."""
    return _beside("train values", setup, training=True)


def _beside(name: str, setup: Setup, *, training: bool) -> Check:
    module = with_random_state(setup.module())
    faults, notes = [], []
    for batch in (1, 2):
        found = compare(Side(setup.network, module, batch, training), setup.device, setup.dtype)
        faults += [f"batch {batch}: {line}" for line in found.faults]
        notes += [f"batch {batch}: torch takes it in no form: {found.refused}"] if found.refused else []
    outputs = [out for out in setup.network.graph.outputs if training or not out.train_only]
    refused = len(notes) == 2  # at both batches: nothing was compared
    figures: dict[str, Figure] = {"outputs": len(outputs), "equal": not faults and not refused}
    return Check(name, not faults and not refused, figures, _first(faults + notes), ours=bool(faults))


def check_sizes(setup: Setup) -> Check:
    """At two other sizes of the inputs, in eval, batch 2: every output equals that of the graph at that size."""
    if setup.at is None:
        return Check("other sizes", passed=True, detail=("there is no spec to read at another size",), skipped=True)
    module = with_random_state(setup.module())
    faults, sizes = [], []
    for other in islice(other_sizes(setup.network, setup.at), WANTED):
        dims = [" x ".join(map(str, other.shapes[id][0].dims)) or "N" for id in other.graph.inputs]
        sizes.append(", ".join(dims))
        found = compare(Side(other, module, 2, training=False), setup.device, setup.dtype)
        faults += [f"{sizes[-1]}: {line}" for line in found.faults]
    if not sizes:
        kept = said_by_params(setup.network)
        note = "sizes that params say were kept" if kept else "the network takes its declared size only"
        return Check("other sizes", passed=True, figures={"sizes": 0}, detail=(note,))
    return Check("other sizes", not faults, {"sizes": len(sizes), "at": " and ".join(sizes)}, _first(faults))


def check_parameters(setup: Setup) -> Check:
    """The class with another value of an argument is the class of the spec with that value, for each argument."""
    if setup.at is None:
        note = "there is no spec to read with other values"
        return Check("parameters", passed=True, detail=(note,), skipped=True)
    made = Emitted(setup.network, setup.kind, arguments(setup.network))
    tried = [one for name in list(made.arguments)[:TRIED] for one in _tried(made, setup.at, name)]
    said = [f"{one.name}={one.value}" for one in tried if one.outcome in JUDGED]
    faults = [f"{one.name}={one.value}: {one.told}" for one in tried if one.outcome in WRONG]
    notes = [f"{one.name}: no other value was tried: none is taken" for one in tried if one.outcome not in JUDGED]
    if rest := ", ".join(list(made.arguments)[TRIED:]):
        notes.append(f"not tried, as only {TRIED} are: {rest}")
    figures: dict[str, Figure] = {"tried": len(said)}
    if said:
        figures["as"] = " and ".join(said)
    return Check("parameters", not faults, figures, _first(faults + notes))


def _tried(made: Emitted, at: Reading, name: str) -> Iterator[Trial]:
    """The first value of an argument that the spec and torch take; of a list, the first of another length too."""
    held = made.network.params[made.arguments[name]]
    again = partial(at_other_values, made.network, at)
    found = (trial(made, again, name, value, most_work=MOST_WORK) for value in others(held))
    judged = [one for one in found if one.outcome in JUDGED] if isinstance(held, tuple) else []
    alike = [one for one in judged if length(one.value) == length(held)]
    if judged:
        yield from (*alike[:1], *[one for one in judged if one not in alike][:1])
    else:
        yield next((one for one in found if one.outcome in JUDGED), Trial(name, held, "untried"))


def check_starts(setup: Setup) -> Check:
    """Every tensor starts as `init:` says or, where that says nothing, as PyTorch has it."""
    wrong = list(differences(setup.network, setup.kind))
    return Check("starts", not wrong, {"said": said_of(setup.network)}, _first(wrong))


def check_frozen(setup: Setup) -> Check:
    """A parameter learns unless the spec freezes it."""
    module = setup.make("meta")
    wrong = list(frozen.differences(setup.network, module))
    parameters = [parameter.requires_grad for parameter in module.parameters()]
    return Check("frozen", not wrong, {"frozen": parameters.count(False), "of": len(parameters)}, _first(wrong))


CHECKS: Mapping[str, Callable[[Setup], Check]] = {
    "params": check_params,
    "buffers": check_buffers,
    "MACs": check_macs,
    "fvcore": check_fvcore,
    "shapes": check_shapes,
    "eval values": check_eval,
    "train values": check_training,
    "other sizes": check_sizes,
    "parameters": check_parameters,
    "starts": check_starts,
    "frozen": check_frozen,
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
    costs = expected_costs(setup.network, training=training, dead=name != "fvcore")  # which counts what it traces
    expected = {path: column(cost) for path, cost in costs.items()}
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
