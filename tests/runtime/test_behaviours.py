"""What docs/reference/behaviours.md says that torch does with modules, in a sample; all of it with `-m whole`."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from torch import nn

from archspec.design import Design
from archspec.pipeline import load_network
from tests.benchmarks.behaviours import CHECKS, FAILED, HELD, PAGE, SIZES, Subject, holds, subjects
from tests.runtime.gallery import module

SAMPLE = ("autoencoder", "shufflenet_v2:shufflenet_v2_x0_5")
SLOW = ("export", "vmap", "onnx", "ddp", "fsdp")  # the last three need onnxruntime, or a group of processes
WHOLE = pytest.mark.whole


def table() -> Mapping[str, Mapping[str, str]]:
    """Network -> check -> what the page says of ours."""
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+) \|$", text.partition("<!-- behaviours -->")[2], re.MULTILINE)
    (_, *checks), _, *cells = (row.split(" | ") for row in rows)
    return {
        spec: {check: cell.partition(" / ")[0] for check, cell in zip(checks, answers, strict=True)}
        for spec, *answers in cells
    }


SAID = table()


def test_the_page_has_every_check_and_only_networks_that_are_tried() -> None:
    assert set(SAID) <= set(SIZES)
    assert all(list(answers) == list(CHECKS) for answers in SAID.values())
    assert {answer for answers in SAID.values() for answer in answers.values()} <= {HELD, FAILED}


@pytest.mark.parametrize(
    ("spec", "check"),
    [
        pytest.param(spec, check, marks=[] if spec in SAMPLE and check not in SLOW else [WHOLE], id=f"{spec}-{check}")
        for spec, answers in SAID.items()
        for check in answers
    ],
)
def test_a_network_does_what_the_page_says(spec: str, check: str) -> None:
    ours, _ = subjects(spec)
    answer, why = holds(check, ours)
    assert answer == SAID[spec][check], why


def of_case(name: str) -> nn.Module:
    """The module of a case of tests/code, on the CPU."""
    path = Path(__file__).parents[1] / "code/cases" / f"{name}.yaml"
    return Design(load_network(path)).build().eval()


# What once did not: windows, which a tracer asks about sizes; crops and pads; values read inside of a sequence; factors
# of sizes that are whole numbers, which TorchScript does not take.
SMALL: Mapping[str, Subject] = {
    "windows": Subject(lambda: module("swin:swin_t", device="cpu", depths="[2, 1, 1, 1]"), (3, 64, 64), fixed=False),
    "crops": Subject(lambda: of_case("source/crop_and_pad"), (3, 33, 30), fixed=True),
    "factors": Subject(lambda: module("unet:upsample", device="cpu"), (1, 32, 32), fixed=False),
    "taps": Subject(lambda: of_case("source/taps_in_loops"), (3, 16, 16), fixed=True),
}


CALLED = ("fx", "batch 0", "hooks", "pickle")
TRIED = [(kind, check) for kind in SMALL for check in (*CALLED, *(["script"] if kind != "taps" else []))]


@pytest.mark.parametrize(("kind", "check"), TRIED)
def test_what_reads_sizes_or_parts_of_a_sequence_scripts_and_traces(kind: str, check: str) -> None:
    answer, why = holds(check, SMALL[kind])
    assert answer == HELD, why
