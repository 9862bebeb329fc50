"""`verify` holds every output against the graph run node by node, and says whose fault a difference is."""

from pathlib import Path

import pytest

import archspec
from archspec.pipeline import load_network, read_text
from archspec.runtime.outcome import VerifyReport
from archspec.runtime.verify import verify
from tests.examples import one_in

CASES = Path(__file__).parents[1] / "code" / "cases" / "verify"
SAID = CASES.parent / "language"

TWO = """
archspec: 1
name: Two
inputs: {image: [3, 8, 8]}
graph:
  conv: {op: conv2d, out_channels: 4, kernel_size: 3, padding: 1}
  bn: batch_norm2d
  drop: {op: dropout, p: 0.5}
  pool: {op: adaptive_max_pool2d, output_size: 1}
  flatten: flatten
  fc: {op: linear, out_features: 2}
  aux: {op: sigmoid, from: fc, when: training}
outputs: {logits: fc, deep: conv, aux: aux}
"""


def told(text: str, *changes: tuple[str, str]) -> VerifyReport:
    """What `verify` says where these lines of the source are others."""
    read = read_text(text)
    source = archspec.loads(text).source()
    for line, instead in changes:
        assert line in source
        source = source.replace(line, instead)
    return verify(read({}), source, at=read)


def failed(report: VerifyReport) -> dict[str, tuple[str, ...]]:
    return {check.name: check.detail for check in report.checks if not check.passed}


RIGHT = {f"{path.parent.name}/{path.stem}": path for path in sorted([*CASES.glob("*.yaml"), *SAID.glob("*.yaml")])}


@pytest.mark.parametrize("name", one_in(4, RIGHT))
def test_a_right_network_holds(name: str) -> None:
    path = RIGHT[name]
    report = archspec.load(path).verify()
    assert failed(report) == {}


def test_every_network_at_two_other_sizes() -> None:
    check = next(check for check in told(TWO).checks if check.name == "other sizes")
    assert check.figures == {"sizes": 2, "at": "3 x 9 x 11 and 3 x 40 x 72"}


def test_one_output_that_differs_is_named_with_how_much() -> None:
    found = failed(told(TWO, ("padding=1)", "padding=1, padding_mode='circular')")))
    assert list(found) == ["eval values", "train values", "other sizes"]
    logits, deep = found["eval values"][:2]
    assert logits.startswith("batch 1: logits: off by ")
    assert deep.startswith("batch 1: deep: off by ")
    assert " where values reach " in deep


def test_a_difference_in_training_only_is_found_in_training() -> None:
    found = failed(told(TWO, ("nn.Dropout()", "nn.Dropout(0.4)")))
    assert list(found) == ["train values"]
    assert [line.partition(": off")[0] for line in found["train values"]] == [
        "batch 1: logits",
        "batch 1: aux",
        "batch 2: logits",
        "batch 2: aux",
    ]


def test_statistics_left_at_other_values_are_named() -> None:
    found = failed(told(TWO, ("nn.BatchNorm2d(4)", "nn.BatchNorm2d(4, momentum=0.2)")))
    assert found == {
        "train values": tuple(
            f"batch {batch}: bn.running_{name}: left at other values than the graph leaves it"
            for batch in (1, 2)
            for name in ("mean", "var")
        )
    }


def test_what_holds_at_the_declared_size_only_is_found_at_another() -> None:
    found = failed(told(TWO, ("F.adaptive_max_pool2d(x, 1)", "F.max_pool2d(x, 8)")))
    assert list(found) == ["other sizes"]
    assert found["other sizes"][0].startswith("3 x 9 x 11: logits: off by ")


def test_an_output_that_is_left_out_is_missed() -> None:
    found = failed(told(TWO, ("torch.sigmoid(logits) if self.training else None", "None")))
    assert found["train values"][0] == "batch 1: 2 outputs where the graph has 3"


@pytest.mark.parametrize(
    ("shape", "note"),
    [
        ("[3, 8, 8]", "the network takes its declared size only"),
        ("[3, $size, $size]", "sizes that params say were kept"),
    ],
)
def test_a_network_of_fixed_size_holds_with_a_note(shape: str, note: str) -> None:
    text = f"archspec: 1\nparams: {{size: 8}}\ninputs: {{x: {shape}}}\n"
    check = next(
        check
        for check in told(f"{text}graph: {{f: flatten, fc: {{op: linear, out_features: $(size // 4)}}}}\n").checks
        if check.name == "other sizes"
    )
    assert (check.passed, check.detail) == (True, (note,))


def test_without_a_spec_no_other_size_is_tried() -> None:
    network = load_network(CASES / "conv3d.yaml")
    check = next(check for check in archspec.Design(network).verify().checks if check.name == "other sizes")
    assert (check.status, check.detail) == ("skipped", ("there is no spec to read at another size",))


def test_a_fault_of_archspec_is_called_one() -> None:
    last = told(TWO, ("nn.Dropout()", "nn.Dropout(0.4)")).lines()[-1]
    assert last == "train values: a fault of archspec, not of your spec. Report it with the spec and this output."


def test_a_fault_of_the_spec_is_called_one() -> None:
    text = (
        "archspec: 1\ninputs: {x: [3, 8, 8]}\ngraph: {root: log, conv: {op: conv2d, out_channels: 2, kernel_size: 3}}\n"
    )
    report = told(text)
    assert list(failed(report)) == ["autocast", "backward"]
    assert report.lines()[-1] == (
        "autocast, backward: what the spec describes does not hold it. Change the spec, or what it is held against."
    )


def test_what_torch_refuses_under_autocast_is_no_fault_of_archspec() -> None:
    text = (
        "archspec: 1\ninputs: {x: [4], y: [4]}\n"
        "graph: {fc: {op: linear, out_features: 4}, out: {op: bilinear, out_features: 2, from: [fc, y]}}\n"
    )
    report = told(text)
    assert list(failed(report)) == ["autocast"]
    assert report.lines()[-1].startswith("autocast: what the spec describes does not hold it.")


def test_what_torch_refuses_node_by_node_is_no_fault_of_archspec() -> None:
    text = "archspec: 1\ninputs: {x: [4]}\ngraph: {bn: batch_norm1d}\n"
    report = told(text)
    assert failed(report) == {}
    check = next(check for check in report.checks if check.name == "train values")
    why = "Expected more than 1 value per channel when training, got input size torch.Size([1, 4])"
    assert check.detail == (f"batch 1: torch takes it in no form: {why}",)


def test_parameters_of_which_the_size_is_read_need_no_gradient() -> None:
    check = archspec.load(CASES / "parameter_expanded.yaml").verify().checks[-1]
    assert check.detail == (
        "fc.weight: no gradient, as no output depends on its values",
        "fc.bias: no gradient, as no output depends on its values",
    )
