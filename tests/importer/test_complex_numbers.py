"""What torch computes with complex numbers stands in a spec as calls of torch's functions, and ops between them."""

import pytest
from torch import nn

import archspec
from archspec.importer.named import Size
from archspec.importer.refused import Refused
from tests.importer import complex_numbers
from tests.importer.test_import import imported

PROVEN: dict[str, tuple[type[nn.Module], dict[str, Size]]] = {
    "Mixing": (complex_numbers.Mixing, {"x": Size((5, 6))}),
    "GlobalFilter": (complex_numbers.GlobalFilter, {"x": Size((3, 4, 4))}),
    "Around": (complex_numbers.Around, {"x": Size((3, 4))}),
    "Rotary": (complex_numbers.Rotary, {"x": Size((5, 8))}),
    "StateSpace": (complex_numbers.StateSpace, {"u": Size((3, 6))}),
    "Spectrogram": (complex_numbers.Spectrogram, {"sound": Size((32,))}),
    "Spectrum": (complex_numbers.Spectrum, {"x": Size((6,))}),
}


@pytest.mark.parametrize("name", PROVEN)
def test_it_is_proven_with_calls_of_torch_for_what_no_op_says(name: str) -> None:
    kind, sizes = PROVEN[name]
    found = imported(kind, None, **sizes)
    assert found.proof.holds, found.report()
    assert "op: function" in found.text or "op: module" in found.text
    design = archspec.loads(found.text)
    assert design._repr_svg_()
    assert design.summary()


def test_a_product_of_complex_numbers_is_an_op() -> None:
    text = imported(complex_numbers.Mixing, None, x=Size((5, 6))).text
    assert (
        'fft1: {op: function, target: "torch.fft:fft", shapes: [[5, 6]], dtypes: [complex], options: [[dim, -1]]}'
        in text
    )
    text = imported(complex_numbers.Rotary, None, x=Size((5, 8))).text
    assert "mul: {op: mul, from: [" in text


def test_parameters_of_complex_numbers_are_refused_with_what_would_do() -> None:
    with pytest.raises(Refused) as raised:
        imported(complex_numbers.Spectral, None, x=Size((3, 4)))
    assert str(raised.value) == "holds complex numbers in weight: a spec holds them as pairs of fractions, (..., 2)"


def test_other_ops_refuse_complex_numbers() -> None:
    spec = """
archspec: 1
inputs: {x: [6]}
graph:
  rfft: {op: function, target: "torch.fft:rfft", shapes: [[4]], dtypes: [complex]}
  relu: relu
"""
    with pytest.raises(archspec.SpecError) as raised:
        archspec.loads(spec)
    (found,) = raised.value.diagnostics
    assert (found.code, found.message) == ("wrong-type", "relu takes no complex numbers")
