"""Whether a variant in a family is what its own source makes: its keys, what of it learns, and what it gives."""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from archspec.code.family import emit_family
from archspec.code.naming import root_class
from archspec.code.pytorch import emit
from archspec.graph.network import Network
from archspec.pipeline import load_text, read_text
from archspec.runtime.build import load_class
from archspec.runtime.compare import randomise
from archspec.runtime.counters import named_outputs, random_inputs
from archspec.runtime.interpret import equal_draws
from tests.code.families import loaded


def wrong_members(text: str, networks: Mapping[str, Network] | None = None) -> Iterator[tuple[str, str]]:
    """What differs, in a word or two, and in which variant. All variants of the spec have to be right.

    `networks` has those that are at hand.
    """
    known = networks or {}
    made = read_text(text).family()
    source = loaded(emit_family(made.network, made.variants))
    functions = source["__all__"][-len(made.variants) :]
    for variant, name in zip(made.variants, functions, strict=True):
        network = known[variant] if variant in known else load_text(text, variant=variant)
        alone = load_class(emit(network), root_class(network))()
        yield from ((what, variant) for what in _differences(network, source[name](), alone))


def _differences(network: Network, member: nn.Module, alone: nn.Module) -> Iterator[str]:
    keys = [{name: tuple(tensor.shape) for name, tensor in one.state_dict().items()} for one in (member, alone)]
    if list(keys[0].items()) != list(keys[1].items()):
        yield "state"
        return
    learns = [{name: one.requires_grad for name, one in each.named_parameters()} for each in (member, alone)]
    if learns[0] != learns[1]:
        yield "frozen"
    randomise(alone)
    member.load_state_dict(alone.state_dict())
    for training in (False, True):
        inputs = random_inputs(network, batch=2)
        try:
            wanted = _given(alone.train(training), inputs)
        except (ValueError, RuntimeError):  # no chance, or statistics of one value: the variant's own trial tells
            continue
        got = _given(member.train(training), inputs)
        if wanted.keys() != got.keys() or not all(_same(one, got[name]) for name, one in wanted.items()):
            yield "outputs in training" if training else "outputs"


def _given(module: nn.Module, inputs: tuple[Tensor, ...]) -> Mapping[str, Tensor]:
    with torch.no_grad(), equal_draws():
        return named_outputs(module(*(value.clone() for value in inputs)))


def _same(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and bool(torch.allclose(one, other, equal_nan=True))
