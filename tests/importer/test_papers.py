"""What papers' repositories have: each is a spec as a whole, and proven."""

import pytest
from torch import Tensor, nn

from archspec.importer.named import Size
from tests.importer import papers, positions
from tests.importer.test_import import imported

IMAGE = Size((3, 8, 8))

WHOLE: dict[str, tuple[type[nn.Module], dict[str, Size]]] = {
    "Generator": (papers.Generator, {"z": Size((8,))}),
    "Tracker": (papers.Tracker, {"template": Size((3, 5, 5)), "search": Size((3, 9, 9))}),
    "Depthwise": (papers.Depthwise, {"template": Size((3, 5, 5)), "search": Size((3, 9, 9))}),
    "Vocoder": (papers.Vocoder, {"mel": Size((4, 10))}),
    "Adapted": (papers.Adapted, {"x": Size((6,))}),
    "Fused": (papers.Fused, {"x": IMAGE}),
    "Quantizer": (papers.Quantizer, {"z": Size((4, 4, 4))}),
    "Steps": (papers.Steps, {"x": Size((4,))}),
    "Llama": (papers.Llama, {"tokens": Size((5,), "int")}),
    "RelativePositions": (papers.RelativePositions, {"tokens": Size((5, 4))}),
    "Picked": (papers.Picked, {"text": Size((5,), "int")}),
    "Flow": (papers.Flow, {"x": Size((4,))}),
    "Fusion": (papers.Fusion, {"x": IMAGE}),
    "Hyper": (papers.Hyper, {"x": IMAGE}),
    "Queries": (papers.Queries, {"x": Size((5, 4))}),
    "Rotation": (papers.Rotation, {"x": Size((6,))}),
    "Uncalled": (papers.Uncalled, {"x": Size((4,))}),
    "Decoder": (papers.Decoder, {"x": Size((4,))}),
    "Heads": (papers.Heads, {"x": Size((5, 4))}),
    "Fourier": (positions.Fourier, {"x": Size((3, 4, 4))}),
    "Halo": (positions.Halo, {"x": IMAGE}),
    "Permuted": (positions.Permuted, {"x": Size((3, 4))}),
    "Tiled": (positions.Tiled, {"x": Size((5, 4))}),
    "AllMasked": (papers.AllMasked, {"x": Size((3, 3)), "lengths": Size((), "int")}),
}


@pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning")
@pytest.mark.parametrize("name", WHOLE)
def test_it_is_whole_and_proven(name: str) -> None:
    kind, sizes = WHOLE[name]
    found = imported(kind, None, **sizes)
    assert found.proof.holds, found.report()
    assert not found.opaque, found.report()


def test_samples_with_weights_of_their_own_are_one_dynamic_convolution() -> None:
    text = imported(papers.Depthwise, template=Size((3, 5, 5)), search=Size((3, 9, 9))).text
    assert "conv: {op: dynamic_conv2d, from: [backbone1, unflatten], groups: 4}" in text


def test_a_table_that_a_module_keeps_is_made_for_any_length() -> None:
    found = imported(papers.Llama, tokens=Size((5,), "int"))
    assert "positions" in found.text
    assert all(claim.holds for claim in found.proof.claims), found.report()


def test_heads_in_the_batch_have_a_letter_of_their_own() -> None:
    text = imported(papers.Heads, x=Size((5, 4))).text
    assert 'equation: "baid,bajd->baij"' in text
    assert "merge_batch" not in text


def test_what_follows_from_the_length_of_a_text_is_code_and_no_table() -> None:
    found = imported(positions.Lengths, tokens=Size((5,), "int"))
    assert not found.opaque
    assert all(claim.holds for claim in found.proof.claims), found.report()
    assert found.proof.elsewhere == "equal"
    assert found.text.count("op: buffer") == 1  # the frequencies
    assert "repeat: 2" in found.text


def test_as_much_of_a_table_as_a_text_is_long_is_cut_for_any_length() -> None:
    found = imported(positions.Stretches, tokens=Size((5,), "int"))
    assert all(claim.holds for claim in found.proof.claims), found.report()
    assert found.proof.elsewhere == "equal"
    assert found.text.count("stop: $x.shape.0") == 3  # as a member is called tokens


class Critic(nn.Module):
    """A layer that torch's older spectral norm hooks: it makes its vectors anew in training."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.utils.spectral_norm(nn.Conv2d(3, 4, 3))

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.conv(x)
        return made


@pytest.mark.filterwarnings("ignore:.*spectral_norm:FutureWarning")
def test_what_a_hook_does_in_training_is_said_and_never_opaque() -> None:
    found = imported(Critic, x=IMAGE)
    assert not found.opaque
    assert found.proof.holds, found.report()
    assert "In training the module does otherwise" in found.text
