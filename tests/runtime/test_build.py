"""Emitted source becomes a live module whose classes, lines and pickles behave as those of a file."""

import copy
import inspect
import io
import pickle
import sys
import traceback

import pytest
import torch

from archspec.runtime.build import build, load_source

SOURCE = '''\
import torch
from torch import Tensor, nn


class Halves(nn.Module):
    """Splits the channels in two."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        a, b = torch.chunk(x, 2, 1)
        return a + b
'''


def test_builds_the_named_class() -> None:
    module = build(SOURCE, "Halves")
    assert type(module).__name__ == "Halves"
    assert module(torch.zeros(1, 3, 5, 5)).shape == (1, 2, 5, 5)


def test_a_missing_class_is_named() -> None:
    with pytest.raises(LookupError, match="<archspec halves> defines no class Thirds"):
        build(SOURCE, "Thirds", filename="<archspec halves>")


def test_source_can_be_inspected() -> None:
    made = type(build(SOURCE, "Halves", filename="<archspec halves>"))
    assert inspect.getsource(made) == SOURCE[SOURCE.index("class") :]


def test_tracebacks_show_the_emitted_line() -> None:
    module = build(SOURCE, "Halves", filename="<archspec halves>")
    with pytest.raises(RuntimeError) as raised:
        module(torch.zeros(1, 2, 5, 5))
    shown = "".join(traceback.format_exception(raised.value))
    assert 'File "<archspec halves>", line 13, in forward\n    x = self.conv(x)\n' in shown


def test_two_sources_under_one_filename_keep_their_own_lines() -> None:
    first = type(build(SOURCE, "Halves", filename="<archspec two>"))
    changed = SOURCE.replace("a + b", "a * b")
    second = type(build(changed, "Halves", filename="<archspec two>"))
    assert "a + b" in inspect.getsource(first)
    assert "a * b" in inspect.getsource(second)


def test_the_same_source_gives_the_same_class() -> None:
    assert type(build(SOURCE, "Halves")) is type(build(SOURCE, "Halves"))


def test_copies_and_pickles() -> None:
    module = build(SOURCE, "Halves")
    x = torch.randn(1, 3, 5, 5)
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert torch.equal(other(x), module(x))


def test_saves_and_loads_whole() -> None:
    module = build(SOURCE, "Halves")
    file = io.BytesIO()
    torch.save(module, file)
    file.seek(0)
    loaded = torch.load(file, weights_only=False)
    x = torch.randn(1, 3, 5, 5)
    assert torch.equal(loaded(x), module(x))


@pytest.mark.parametrize("by_context", [True, False])
def test_builds_on_the_meta_device(by_context: bool) -> None:
    if by_context:
        with torch.device("meta"):
            module = build(SOURCE, "Halves")
    else:
        module = build(SOURCE, "Halves", device="meta")
    assert all(p.is_meta for p in module.parameters())


def test_source_that_does_not_run_leaves_no_module_behind() -> None:
    before = set(sys.modules)
    with pytest.raises(ZeroDivisionError):
        load_source("1 / 0\n")
    assert set(sys.modules) == before
