"""Shapes inferred are shapes run, module by module: at the declared size, and at others with the same source."""

import pytest
from torch import nn
from torch.nn.utils.parametrize import ParametrizationList

from archspec.graph.network import Network
from archspec.runtime.counters import random_inputs, run_shapes
from archspec.runtime.expected import expected_calls, expected_costs, expected_outputs
from tests.gallery.networks import FEW, RUN, sampled
from tests.runtime.gallery import module, network, network_at, representatives

OTHER_SIZES: list[tuple[int, ...]] = [(288, 288), (256, 352), (317, 261)]
SIZES_OF: dict[str, list[tuple[int, ...]]] = {
    "inception_v3": [(320, 320), (299, 352), (331, 307)],  # its auxiliary head takes no less than 299
    "hrnet:hrnet_w18": [(288, 288), (256, 352), (320, 256)],  # its maps come up again by whole factors
    **{f"gpt:{variant}": [(16,), (1023,)] for variant in ("gpt2", "gpt2_medium", "gpt2_large", "gpt2_xl")},
    **{spec: [(16,), (63,)] for spec in ("llama:small", "mixtral:small", "gpt_neox:pythia_70m", "retnet:small")},
    **{spec: [(16,), (63,)] for spec in ("mamba:small", "lstm_tagger", "text_cnn")},
    "tcn": [(1, 100), (1, 785)],
    "wavenet": [(256, 1600), (256, 999)],
    "conformer:small": [(1, 100, 80), (1, 317, 80)],
    "unet_plusplus": [(160, 160), (128, 208), (144, 112)],  # four halvings without a rest
    "attention_unet": [(160, 160), (128, 208), (144, 112)],  # the same
    "vnet": [(160, 160), (128, 208), (144, 112)],  # the same
    "yolo_v3": [(160, 160), (128, 224), (96, 160)],  # five halvings
    "bifpn": [(384, 384), (256, 640), (128, 256)],  # seven halvings
    "mobilevit:mobilevit_xxs": [(320, 320), (256, 384), (128, 192)],  # five, and patches of two by two
    "esrgan:x2plus": [(288, 288), (256, 352), (318, 260)],  # two by two pixels become one
}
# A row for each patch in its embedding, or several inputs.
OF_ONE_SIZE = (
    *("vit", "mlp_mixer", "perceiver", "albert", "bert", "clip"),
    *("gru_seq2seq", "sentence_bert", "t5", "transformer", "ddpm_unet", "siamese"),
)
ONE_SIZE = {spec for spec in representatives() if spec.partition(":")[0] in OF_ONE_SIZE}
BATCH = 2


def assert_runs_as_inferred(spec: str, loaded: Network) -> None:
    built = module(spec)
    calls, outputs = run_shapes(built, random_inputs(loaded, batch=BATCH, device="meta"))
    expected = expected_calls(loaded, batch=BATCH)
    ran = {
        path: sizes
        for path, sizes in calls.items()
        if path and path not in made_weights(built) and not isinstance(built.get_submodule(path), nn.Identity)
    }
    assert ran == {path: expected[path] for path in ran}
    assert list(outputs.values()) == expected_outputs(loaded, batch=BATCH)


def made_weights(built: nn.Module) -> set[str]:
    """Modules inside of others that make their weights, as `parametrizations.weight.0` does; no op is one."""
    lists = {path: inner for path, inner in built.named_modules() if isinstance(inner, ParametrizationList)}
    return {f"{path}.{name}" for path, inner in lists.items() for name, _ in inner.named_children()} | lists.keys()


@pytest.mark.parametrize("spec", sampled(representatives(), sample=RUN))
def test_at_the_declared_size(spec: str) -> None:
    assert_runs_as_inferred(spec, network(spec))


@pytest.mark.parametrize(
    ("spec", "size"),
    [
        pytest.param(*name.values, size, id=f"{name.id}-{'x'.join(map(str, size))}", marks=name.marks)
        for name in sampled([spec for spec in representatives() if spec not in ONE_SIZE], "swin:swin_t", sample=FEW)
        for size in SIZES_OF.get(str(name.id), OTHER_SIZES)
    ],
)
def test_at_other_sizes(spec: str, size: tuple[int, ...]) -> None:
    loaded = network_at(spec, size)
    if expected_costs(loaded)[""].params != expected_costs(network(spec))[""].params:
        pytest.skip("a linear layer on a map fixes the size")
    assert_runs_as_inferred(spec, loaded)
