"""`verify` holds a network against torch and a peer; what does not hold is named, with both figures."""

from dataclasses import replace

import pytest

import archspec
from archspec.graph.network import Network
from archspec.runtime.outcome import Check
from archspec.runtime.peer import PeerError
from archspec.runtime.verify import verify
from archspec.values.shape import Shape

SMALL = """
archspec: 1
name: Small
inputs: {image: [3, 8, 8]}
graph:
  conv: {op: conv2d, out_channels: 4, kernel_size: 3, padding: 1}
  bn: batch_norm2d
  relu: relu
  pool: {op: adaptive_avg_pool2d, output_size: 1}
  flatten: flatten
  fc: {op: linear, out_features: 2}
"""


@pytest.fixture(scope="module")
def network() -> Network:
    return archspec.loads(SMALL).network


@pytest.fixture(scope="module")
def source() -> str:
    return archspec.loads(SMALL).source()


def failed(network: Network, source: str) -> dict[str, Check]:
    return {check.name: check for check in verify(network, source).checks if not check.passed}


def test_a_network_and_its_source_agree() -> None:
    report = archspec.loads(SMALL).verify()
    assert report.passed
    lines = list(report.lines())
    lines.remove(next(line for line in lines if line.startswith("channels_last")))  # its rounding is the machine's
    assert lines == [
        "params         ok       counted 130, module 130, paths 4",
        "buffers        ok       counted 9, module 9, paths 4",
        "MACs           ok       counted 6,920, module 6,920, paths 4",
        "fvcore         ok       counted 7,688, module 7,688, paths 4",
        "shapes         ok       modules 3, outputs 1",
        "eval values    ok       outputs 1, equal yes",
        "train values   ok       outputs 1, equal yes",
        "other sizes    ok       sizes 2, at 3 x 9 x 11 and 3 x 40 x 72",
        "parameters     ok       tried 0",
        "starts         ok       said 0",
        "frozen         ok       frozen 0, of 6",
        "autocast       ok       outputs 1",
        "backward       ok       gradients 6, outputs 1",
    ]


@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
def test_other_types(network: Network, source: str, dtype: str) -> None:
    assert verify(network, source, dtype=dtype).passed


def test_a_count_that_differs_is_named_with_both_figures(network: Network, source: str) -> None:
    found = failed(
        network, source.replace("nn.Conv2d(3, 4, 3, padding=1)", "nn.Conv2d(3, 4, 3, padding=1, bias=False)")
    )
    assert list(found) == ["params", "eval values", "train values"]
    assert found["params"].detail == (
        "total: counted 130, the module has 126",
        "conv: counted 112, the module has 108",
    )


def test_a_shape_that_differs_is_named_with_both(network: Network, source: str) -> None:
    shapes = {**network.shapes, "conv": (Shape((4, 8, 9)),)}
    assert failed(replace(network, shapes=shapes), source)["shapes"].detail == (
        "conv: ran 2 x 4 x 8 x 8, inferred 2 x 4 x 8 x 9",
    )


def test_a_parameter_without_a_gradient_is_named(network: Network, source: str) -> None:
    skipping = source.replace("x = self.bn(x)\n", "x = x\n")
    assert "bn.weight: no gradient" in failed(network, skipping)["backward"].detail


def test_a_module_nobody_asked_for_is_named(network: Network, source: str) -> None:
    more = source.replace("self.fc = ", "self.extra = nn.Linear(2, 2)\n        self.fc = ")
    assert failed(network, more)["params"].detail[-1] == "extra: a module the spec does not know"


def test_source_that_does_not_run_fails_each_check_that_runs_it(network: Network, source: str) -> None:
    found = failed(network, source.replace("x = self.bn(x)\n", 'raise RuntimeError("no")\n'))
    values = found.pop("eval values"), found.pop("train values")
    assert list(found) == ["MACs", "fvcore", "shapes", "autocast", "channels_last", "backward"]
    assert {check.detail for check in found.values()} == {("RuntimeError: no",)}
    stopped = "the source stops with RuntimeError: no"
    assert {check.detail for check in values} == {(f"batch 1: {stopped}", f"batch 2: {stopped}")}


def test_without_fvcore_its_check_is_skipped(network: Network, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archspec.runtime.counters.find_spec", lambda name: None)
    report = verify(network, source)
    check = next(check for check in report.checks if check.skipped)
    assert report.passed
    assert (check.name, check.detail) == ("fvcore", ("fvcore is not installed: pip install 'archspec[torch]'",))


def test_a_twin_is_equal_bit_for_bit() -> None:
    small = archspec.load("squeezenet:squeezenet1_1", inputs={"image": (3, 33, 33)})
    report = small.verify(against="torchvision.models:squeezenet1_1")
    assert report.passed
    assert list(report.lines())[-3:] == [
        "state_dict     ok       entries 52, peer's 52",
        "eval outputs   ok       bit-equal yes, largest difference 0",
        "train outputs  ok       bit-equal yes, largest difference 0",
    ]


def test_another_network_is_not() -> None:
    small = archspec.load("squeezenet:squeezenet1_1", inputs={"image": (3, 33, 33)})
    report = small.verify(against="torchvision.models:squeezenet1_0")
    last = report.checks[-1]
    assert not report.passed
    assert last.name == "state_dict"
    assert last.detail[0] == "features.5.squeeze.weight: not ours; the nearest is features.6.squeeze.weight"
    assert last.detail[-1] == "and 19 more"


def test_a_peer_that_cannot_be_made_is_an_error(network: Network, source: str) -> None:
    with pytest.raises(PeerError, match="has no resnet15; the nearest name is resnet152"):
        verify(network, source, against="torchvision.models:resnet15")
