"""Helpers go into emitted files as they stand: they are held to what emitted code is held to."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from archspec import ops
from archspec.ops import Helper
from archspec.values.shape import Shape
from tests.checkers import MYPY
from tests.ops.oracle import make, module_of

IMAGE = Shape((6, 5, 7))
FIELDS: dict[str, list[dict[str, object]]] = {
    "stochastic_depth": [{"p": 0.5}],
    "crop": [{}, {"offset": 1}],
    "concat": [{"align": "crop"}, {"align": "crop", "offset": 1}, {"align": "pad"}],
}
HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import Tensor, nn\n"
OWN_MODULES = ["layer_norm2d", "global_response_norm", "stochastic_depth"]
RULES = "A,ANN,ARG,B,C4,E,F,FLY,FURB,I,N,PERF,PIE,RUF,SIM,UP,W"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All helpers in one file."""
    helpers: dict[str, Helper] = {}
    dynamic = [f"dynamic_{kind}{rank}d" for kind in ("conv", "conv_transpose") for rank in (1, 2, 3)]
    for name in [*OWN_MODULES, *dynamic, "crop", "concat"]:
        for fields in FIELDS.get(name, [{}]):
            helpers |= {helper.name: helper for helper in make(name, **fields).helpers()}
    path = tmp_path_factory.mktemp("helpers") / "helpers.py"
    path.write_text("\n\n".join([HEAD, *(helper.source for helper in helpers.values())]))
    return path


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "--isolated", "--select", RULES, "--ignore", "N812"],
        ["ruff", "format", "--check", "--diff", "--isolated"],
        MYPY,
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_tools_find_nothing(written: Path, command: Sequence[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command, written.name], cwd=written.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def every_helper() -> dict[str, Helper]:
    """All helpers that the modules of ops declare."""
    modules = (importlib.import_module(f"archspec.ops.{found.name}") for found in pkgutil.iter_modules(ops.__path__))
    return {value.name: value for module in modules for value in vars(module).values() if isinstance(value, Helper)}


@pytest.mark.parametrize("helper", every_helper().values(), ids=lambda helper: helper.name)
def test_helper_says_which_modules_it_uses(helper: Helper) -> None:
    read = {node.id for node in ast.walk(ast.parse(helper.source)) if isinstance(node, ast.Name)}
    assert set(helper.uses) == read & {"torch", "F", "base64", "math", "zlib"}


@pytest.mark.parametrize("name", OWN_MODULES)
def test_modules_of_our_own_export_with_an_open_batch(name: str) -> None:
    module = module_of(make(name, **FIELDS.get(name, [{}])[0]), (IMAGE,))
    x = torch.randn(2, *IMAGE.dims)
    exported = torch.export.export(module, (x,), dynamic_shapes={"x": {0: torch.export.Dim.AUTO}})
    other = torch.randn(3, *IMAGE.dims)
    assert torch.equal(exported.module()(other), module(other))
