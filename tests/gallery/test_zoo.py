"""What reference/zoo.md says of twins is proved, and lines of code are counted as it says."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

from docs.lines import lines_of_python, lines_of_spec
from tests.gallery.networks import network, reference, specs, structure
from tests.gallery.twins import LINES, Twin, counted_lines, twins

FOLDER = Path(__file__).parent
LIBRARY = """\
\"\"\"A module.\"\"\"

import torch
from torch import nn, \\
    Tensor

__all__ = ["Net", "Net_Weights", "net"]


class Net(nn.Module):
    \"\"\"A net,

    documented.
    \"\"\"

    def __init__(self) -> None:  # a comment
        super().__init__()

        # another
        self.fc = nn.Linear(
            WIDTH,
            10,
        )


WIDTH = 8
_COMMON_META = {
    "width": WIDTH,
}


class Net_Weights(WeightsEnum):
    V1 = Weights(meta=_COMMON_META)
    DEFAULT = V1


@register_model()
@handle_legacy_interface(
    weights=("pretrained", Net_Weights.V1),
)
def net(*, weights: Net_Weights | None = None) -> Net:
    \"\"\"Builds it.\"\"\"
    weights = Net_Weights.verify(weights)
    if weights is not None:
        kwargs["classes"] = len(weights.meta)
    elif WIDTH:
        pass
    model = Net()

    if weights is not None:
        model.load_state_dict(weights.get())
    return model
"""
CODE = """\
class Net(nn.Module):
    def __init__(self) -> None:  # a comment
        super().__init__()
        self.fc = nn.Linear(
            WIDTH,
            10,
        )
WIDTH = 8
def net(*, weights: Net_Weights | None = None) -> Net:
    elif WIDTH:
        pass
    model = Net()
    return model
"""
SPEC = """\
archspec: 1
doc: A net
# inputs come first

inputs: {image: [3, 8, 8]}  # an image
graph:
  relu:
    op: relu
    doc: The only one
expect: {params: 0}
"""


def test_lines_of_python_are_code_without_imports_docstrings_and_what_serves_weights() -> None:
    assert lines_of_python(LIBRARY) == len(CODE.splitlines())


def test_lines_of_a_spec_are_all_but_comments_and_docs() -> None:
    assert lines_of_spec(SPEC) == 6


def test_twins_are_sorted_and_of_the_gallery() -> None:
    named = [twin.spec for twin in twins()]
    assert named == sorted(set(named))
    assert set(named) <= set(specs())


def test_every_twin_is_proved_by_one_file_of_tests() -> None:
    files = (import_module(f"tests.gallery.{path.stem}") for path in FOLDER.glob("test_*.py"))
    proved = [twin for file in files for twin in getattr(file, "TWINS", {}).values()]
    assert sorted(proved, key=lambda twin: twin.spec) == twins()


def test_a_twin_that_does_not_run_has_the_structure_of_one_that_does() -> None:
    run = {(family(twin), structure(network(twin.spec))) for twin in twins() if twin.runs}
    unlike = [twin.spec for twin in twins() if (family(twin), structure(network(twin.spec))) not in run]
    assert unlike == []


def family(twin: Twin) -> str:
    """The spec that it is a variant of."""
    return twin.spec.partition(":")[0]


@pytest.mark.parametrize("twin", twins(), ids=lambda twin: twin.spec)
def test_twins_stand_under_the_module_that_defines_them(torchvision: ModuleType, twin: Twin) -> None:
    pytest.importorskip(twin.module.partition(".")[0])
    assert getattr(import_module(twin.module), twin.callable).__module__.endswith(twin.module)


@pytest.mark.skipif(find_spec("torchvision") is None, reason="torchvision is the oracle")
def test_lines_of_torchvision_are_those_of_its_modules(torchvision: ModuleType) -> None:
    """`python -m tests.gallery.twins` writes the table."""
    assert reference(LINES) == counted_lines()
