"""Trials: one spec, put through everything that must hold of what `check` accepts.

trial(data)  ->  Refused, or the faults found, each of a kind: the stage, and what went wrong there
"""

import ast
import contextlib
import io
import re
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

import torch
import yaml
from torch import Tensor, nn

from archspec.code.naming import root_class
from archspec.code.pytorch import emit
from archspec.diagnostics.diagnostic import SpecError
from archspec.graph.network import Network
from archspec.graph.report import totals
from archspec.pipeline import Reading, read_text
from archspec.runtime import frozen
from archspec.runtime.attributes import state_shapes
from archspec.runtime.beside import same
from archspec.runtime.build import load_class, load_source
from archspec.runtime.compare import randomise
from archspec.runtime.counters import count_macs, named_outputs, random_inputs
from archspec.runtime.interpret import equal_draws, interpret
from archspec.runtime.outcome import first_line
from archspec.runtime.starts import differences, said_of
from tests.code.trials_of_arguments import wrong_arguments
from tests.code.trials_of_families import wrong_members
from tests.code.trials_of_tools import wrong_checkpoints, wrong_facts, wrong_module, wrong_uses

Data = Mapping[str, Any]
DUMPER: type[yaml.SafeDumper | yaml.CSafeDumper] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # ten times as fast


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not hold.

    Attributes:
        stage: `check`, `compile`, `build`, `state`, `counts`, `eval`, `train`, `size`, `constructor`, `family`, a tool.
        what: the type of the exception, or what differs.
        detail: its message, or the values.
    """

    stage: str
    what: str
    detail: str = ""

    @property
    def kind(self) -> str:
        """What it is counted as."""
        return f"{self.stage}: {self.what}"


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one spec: refused with a code, or its sources and faults."""

    refused: str = ""
    sources: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


def text_of(data: Data) -> str:
    """The spec as YAML; the specs that it uses as data stand in files, see `beside`."""
    uses = {name: f"{name}.yaml" for name in data.get("use", {})}
    return yaml.dump({**data, **({"use": uses} if uses else {})}, Dumper=DUMPER, sort_keys=False)


@contextlib.contextmanager
def beside(data: Data) -> Iterator[None]:
    """Works in a folder that has the specs which a spec uses."""
    with contextlib.ExitStack() as stack:
        if data.get("use"):
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            stack.enter_context(contextlib.chdir(folder))
            for name, other in data["use"].items():
                Path(f"{name}.yaml").write_text(text_of(other), encoding="utf-8")
        yield


def trial(data: Data) -> Trial:
    """Puts a spec through everything: its defaults and each of its variants."""
    with beside(data):
        return _trial(data)


def _trial(data: Data) -> Trial:
    text, networks = text_of(data), dict[str, Network]()
    sources: list[str] = []
    faults: list[Fault] = []
    refused = False
    try:
        plain = read_text(text)
    except SpecError as error:
        return Trial(refused=error.diagnostics[0].code)
    except Exception as error:  # noqa: BLE001  a finding
        return Trial(faults=(fault("check", error),))
    for variant in ("", *data.get("variants", ())):
        read = replace(plain, variant=variant)
        try:
            networks[variant] = read()
        except SpecError as error:
            if not variant:
                return Trial(refused=error.diagnostics[0].code)
            refused = True
        except Exception as error:  # noqa: BLE001  a finding
            faults.append(fault("check", error))
        else:
            faults += _of_network(data, read, networks[variant], sources)
    if data.get("variants") and not (faults or refused):
        faults += _of_family(text, networks)
    if not (faults or refused):
        faults += _of_tools(data, text, networks[""])
    return Trial("", tuple(sources), tuple({found.kind: found for found in faults}.values()))


def _of_family(text: str, networks: Mapping[str, Network]) -> Iterator[Fault]:
    """What does not hold of all variants in one file, which are `networks` by themselves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield from (Fault("family", what, variant) for what, variant in wrong_members(text, networks))
        except Exception as error:  # noqa: BLE001
            yield fault("family", error)


def _of_tools(data: Data, text: str, network: Network) -> Iterator[Fault]:
    """What goes wrong in the commands beside `compile` and `verify`."""
    rng = Random(crc32(text.encode()))
    made = load_class(emit(network), root_class(network))()
    randomise(made)
    tools: dict[str, Callable[[], Iterator[tuple[str, str]]]] = {
        "lint and draw": lambda: wrong_uses(network, rng),
        "expect": lambda: wrong_facts(text, "." if data.get("use") else None, network, rng),
        "checkpoint": lambda: wrong_checkpoints(network, made, rng),
        "module": lambda: wrong_module(data, network, made, rng),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for stage, wrong in tools.items():
            try:
                yield from (Fault(stage, what, told) for what, told in wrong())
            except Exception as error:  # noqa: BLE001
                if not _no_chance(error):
                    yield fault(stage, error)


def fault(stage: str, error: BaseException) -> Fault:
    """What an exception says; one of archspec's own by the function that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    inner = [frame for frame in frames if "/archspec/" in frame.filename and "/runtime/" not in frame.filename]
    place = f" in {inner[-1].name}" if inner and stage in ("check", "compile") else ""
    first = first_line(error)
    words = re.sub(r"'[^']*'|[\[(].*|\d+|\S*archspec\S*|\S+\.\S+", "", first).split()[:5]
    said = "" if place else f" {' '.join(words)}"
    return Fault(stage, f"{type(error).__name__}{place}{said}".rstrip(), first[:200])


def _of_network(data: Data, read: Reading, network: Network, sources: list[str]) -> Iterator[Fault]:
    try:
        source = emit(network)
        ast.parse(source)
    except Exception as error:  # noqa: BLE001
        yield fault("compile", error)
        return
    sources.append(source)
    try:
        made = getattr(load_source(source), root_class(network))()
    except Exception as error:  # noqa: BLE001
        yield fault("build", error)
        return
    if not isinstance(made, nn.Module):
        yield Fault("build", "no module", f"{root_class(network)} is a {type(made).__name__}")
        return
    yield from _of_module(data, read, network, source, made)
    if said_of(network):
        yield from (Fault("start", "of a tensor", told) for told in differences(network, type(made)))


def _of_module(data: Data, read: Reading, network: Network, source: str, made: nn.Module) -> Iterator[Fault]:
    """What does not hold of a live module."""
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        state = list(_of_state(network, made))
        yield from state
        if state:
            return
        randomise(made)
        yield from _of_runs(data, read, network, made)
        yield from _of_arguments(read, network, source)


def _of_state(network: Network, made: nn.Module) -> Iterator[Fault]:
    wanted = state_shapes(network)
    found = {name: tuple(tensor.shape) for name, tensor in made.state_dict().items()}
    if wanted.keys() != found.keys():
        yield Fault("state", "keys", f"missing {sorted(wanted.keys() - found)}, more {sorted(found.keys() - wanted)}")
    elif wanted != found:
        yield Fault("state", "shapes", str([name for name in wanted if wanted[name] != found[name]]))
    else:
        whole, training = totals(network)
        params = sum(parameter.numel() for parameter in made.parameters())
        if params != whole.params + training.params:
            yield Fault("counts", "params", f"{params} in torch, {whole.params} + {training.params} counted")
        learned = sum(parameter.numel() for parameter in made.parameters() if parameter.requires_grad)
        counted = sum(cost.trainable for cost in network.costs.values())
        if learned != counted:
            yield Fault("counts", "trainable", f"{learned} learn in torch, {counted} counted")
        yield from (Fault("state", "frozen", told) for told in frozen.differences(network, made))


def _of_runs(data: Data, read: Reading, network: Network, made: nn.Module) -> Iterator[Fault]:
    for training in (False, True):
        for batch in (1, 2):
            found = list(_same(network, made, batch=batch, training=training, stage="train" if training else "eval"))
            yield from found
            if found:  # the rest would say it again
                return
    try:
        with torch.backends.mkldnn.flags(enabled=False):  # it takes a recurrent layer as one op, which nothing counts
            macs = count_macs(made, random_inputs(network))[""]
        if macs != totals(network)[0].macs:
            yield Fault("counts", "macs", f"{macs} in torch, {totals(network)[0].macs} counted")
    except Exception as error:  # noqa: BLE001
        if not _no_chance(error):
            yield fault("counts", error)
    for factor in (2, 3):
        other = resized(data, read, network, factor)
        if other is not None:
            yield from _same(other, made, batch=2, training=False, stage="size")


def resized(data: Data, read: Reading, network: Network, factor: int) -> Network | None:
    """The network at larger inputs: space grows, channels stay; None where these change what it holds or does."""
    sizes = {}
    for id in network.graph.inputs:
        shape = network.shapes[id][0]
        tokens = len(shape.dims) == 2 and str(data["graph"]).count("linear") + str(data).count("linear") > 0
        grown = [size * factor - (factor == 3) for size in shape.dims]
        keep = 0 if not tokens else len(shape.dims) - 1
        if shape.dtype != "int" and grown:
            grown[keep] = shape.dims[keep]
        sizes[id] = tuple(grown)
    if sizes == {id: network.shapes[id][0].dims for id in network.graph.inputs}:
        return None
    try:
        other = read(sizes)
    except Exception:  # noqa: BLE001  refused, or told of under its own stage
        return None
    same = list(other.graph.nodes) == list(network.graph.nodes) and state_shapes(other) == state_shapes(network)
    return other if same and _made_with(other) == _made_with(network) else None


def _made_with(network: Network) -> dict[str, object]:
    """What the modules that hold something are made with: a layer norm without parameters has its sizes, too."""
    return {
        id: node.op.slots(network.input_shapes(node)) for id, node in network.graph.nodes.items() if node.op.stateful
    }


def _same(network: Network, made: nn.Module, *, batch: int, training: bool, stage: str) -> Iterator[Fault]:
    """Whether the module gives what the interpreter gives, bit for bit."""
    made.train(training)
    inputs = dict(zip(network.graph.inputs, random_inputs(network, batch=batch), strict=True))
    before = {key: value.clone() for key, value in made.state_dict().items()}
    with torch.no_grad(), equal_draws():
        try:
            wanted = interpret(
                network, before, {name: value.clone() for name, value in inputs.items()}, training=training
            )
        except ValueError as error:
            if "more than 1" in str(error) or _no_chance(error):  # batch norm or instance norm of one value
                return
            yield fault(stage, error)
            return
        except RuntimeError as error:
            if _no_chance(error):
                return
            found = fault(stage, error)
            yield Fault(stage, f"interpreter {found.what}", found.detail)
            return
        except Exception as error:  # noqa: BLE001
            found = fault(stage, error)
            yield Fault(stage, f"interpreter {found.what}", found.detail)
            return
        try:
            found_outputs = made(*(value.clone() for value in inputs.values()))
        except Exception as error:  # noqa: BLE001
            yield fault(stage, error)
            return
    got = named_outputs(found_outputs)
    if difference := differing(wanted.outputs, got):
        yield Fault(stage, *difference)
    moved = [key for key, value in made.state_dict().items() if not same(value, wanted.state[key])]
    if moved:
        yield Fault(stage, "state afterwards", str(moved))


def _no_chance(error: Exception) -> bool:
    """Whether torch says that a value is no chance, which lies between 0 and 1, or no class of so many."""
    return "p_in" in str(error) or "Class values must be smaller" in str(error)


def differing(wanted: Mapping[str, Tensor], got: Mapping[str, Tensor]) -> tuple[str, str] | None:
    """How outputs differ; None where they are equal bit for bit."""
    if len(wanted) != len(got):
        return "number of outputs", f"{len(got)}, wanted {len(wanted)}"
    if len(wanted) > 1 and list(wanted) != list(got):
        return "names of outputs", f"{list(got)}, wanted {list(wanted)}"
    for (name, one), other in zip(wanted.items(), got.values(), strict=True):
        if one.shape != other.shape:
            return "shape of output", f"{name}: {tuple(other.shape)}, wanted {tuple(one.shape)}"
        if not same(one, other):
            return "values", f"{name}: off by {(one.double() - other.double()).abs().max().item():.3g}"
    return None


def _of_arguments(read: Reading, network: Network, source: str) -> Iterator[Fault]:
    for what, detail in wrong_arguments(read, network, source):
        yield Fault("constructor", what, detail)
