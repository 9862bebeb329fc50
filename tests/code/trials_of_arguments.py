"""Whether a constructor's parameter means what the spec's param means: Net(width=8) is the network of --set width=8."""

import inspect
from collections.abc import Iterator

import torch
import yaml
from torch import nn

from archspec.code.naming import root_class
from archspec.code.pytorch import emit
from archspec.graph.network import Network
from archspec.pipeline import load_text
from archspec.runtime.build import load_source
from archspec.runtime.compare import randomise
from archspec.runtime.counters import named_outputs, random_inputs
from archspec.runtime.interpret import equal_draws


def wrong_arguments(text: str, network: Network, source: str) -> Iterator[tuple[str, str]]:
    """What goes wrong, in a word or two, and the details; for every param that the emitted class takes."""
    made = getattr(load_source(source), root_class(network))
    for name in inspect.signature(made).parameters:
        if name not in network.params:
            continue
        value = other_value(network.params[name])
        try:
            other = load_text(text, variant=network.variant, settings={name: yaml.safe_dump(value)})
            wanted = getattr(load_source(emit(other)), root_class(other))()
        except Exception:  # noqa: BLE001  the spec does not take it, or it is told of under its own stage
            continue
        yield from (
            (what, f"{name}={value!r}: {detail}") for what, detail in _differing(made, name, value, wanted, other)
        )


def other_value(value: object) -> object:
    """Another value of the same type."""
    match value:
        case bool():
            return not value
        case int():
            return value + 2
        case float():
            return value / 2 + 0.125
        case str():
            return "tanh" if value != "tanh" else "silu"
        case tuple() | list():
            return [*value[:-1], value[-1] + 1] if value else [2]
    return value


def _differing(
    made: type[nn.Module], name: str, value: object, wanted: nn.Module, network: Network
) -> Iterator[tuple[str, str]]:
    given = tuple(value) if isinstance(value, list) else value
    try:
        module = made(**{name: _class_of(given, made, name)})
    except Exception as error:  # noqa: BLE001  a finding
        yield f"{type(error).__name__}", str(error)[:150]
        return
    ours, theirs = module.state_dict(), wanted.state_dict()
    shapes = ({key: tuple(tensor.shape) for key, tensor in state.items()} for state in (ours, theirs))
    if next(shapes) != next(shapes):
        yield (
            "state_dict",
            str(sorted(ours.keys() ^ theirs.keys()) or [k for k in ours if ours[k].shape != theirs[k].shape]),
        )
        return
    randomise(module)
    wanted.load_state_dict(module.state_dict())
    inputs = random_inputs(network, batch=2)
    try:
        with torch.no_grad(), equal_draws():
            expected = named_outputs(wanted.eval()(*(one.clone() for one in inputs)))
    except Exception:  # noqa: BLE001  told of under its own stage
        return
    try:
        with torch.no_grad(), equal_draws():
            got = named_outputs(module.eval()(*inputs))
    except Exception as error:  # noqa: BLE001
        yield f"{type(error).__name__}", str(error)[:150]
        return
    if list(got) != list(expected) or not all(
        one.shape == other.shape and torch.equal(one.nan_to_num(), other.nan_to_num())
        for one, other in zip(got.values(), expected.values(), strict=True)
    ):
        yield "values", ""


def _class_of(value: object, made: type[nn.Module], name: str) -> object:
    """A text as it is, or the class that the constructor takes in its place."""
    default = inspect.signature(made).parameters[name].default
    if isinstance(value, str) and isinstance(default, type):
        return {"tanh": nn.Tanh, "silu": nn.SiLU}[value]
    return value
