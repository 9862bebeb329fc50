"""What an op's call says in a file of its own, with settings of every kind that it takes, satisfies mypy.

dynamic_conv1d, stride: [3]  ->  conv1d_of_each(x, weight, stride=(3,)), where the helper took `stride: int` only
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from archspec.code.pytorch import emit
from archspec.diagnostics.diagnostic import SpecError
from archspec.ops import Op
from archspec.pipeline import load_text
from archspec.values.shape import Shape
from tests.checkers import MYPY
from tests.code.structured_ops import listed
from tests.ops.drawing import fitting, use_of
from tests.ops.draws_tensors import NAMES
from tests.ops.strategies import Fields

TRIES = 12  # draws of an op, of which those of one kind of settings count once
EACH = (2, pytest.param(6, marks=pytest.mark.whole))  # kinds of settings of an op that are read by the checker


def kind_of(value: Any) -> Any:
    """The same for numbers of one type: `(3, None) -> (int, NoneType)`; a text or a truth value is itself."""
    if isinstance(value, tuple):
        return tuple(map(kind_of, value))
    return value if isinstance(value, str | bool) else type(value).__name__


def spec_of(op: Op, fields: Fields, xs: tuple[Shape, ...], rng: Random) -> dict[str, Any] | None:
    """A spec of this op, some of whose outputs are read; None where an input is no batch and holds nothing either."""
    inputs: dict[str, Any] = {}
    graph: dict[str, Any] = {}
    for place, x in enumerate(xs):
        said = {"shape": list(x.dims), "dtype": x.dtype}
        if x.batch == 1:
            inputs[f"input{place}"] = said
        elif not x.batch:
            graph[f"input{place}"] = {"op": "buffer", "init": "zeros", **said}
        else:
            return None
    written = {key: listed(value) for key, value in fields.items()}
    read = [*(f"input{place}" for place in range(len(xs)))]
    graph["made"] = {"op": op.name, **written, **({"from": read} if read else {})}
    ports = rng.sample(list(op.ports), rng.randint(1, len(op.ports)))
    outputs = {f"y{place}": f"made.{port}" if port else "made" for place, port in enumerate(ports)}
    return {"archspec": 1, "inputs": inputs or {"image": [3]}, "graph": graph, "outputs": outputs}


def sources(name: str, most: int) -> Iterator[str]:
    """Files of an op, one for each kind of settings and inputs that is drawn."""
    seen: set[Any] = set()
    for number in range(TRIES):
        rng = Random(f"{name} {number}")
        fields, xs = use_of(name, rng) or ({}, ())
        found = fitting(name, fields, xs)
        spec = spec_of(found[0], fields, xs, rng) if found is not None else None
        kind = (tuple((key, kind_of(value)) for key, value in sorted(fields.items())), tuple(len(x.dims) for x in xs))
        if spec is None or kind in seen or len(seen) == most:
            continue
        seen.add(kind)
        try:
            yield emit(load_text(yaml.safe_dump(spec, sort_keys=False)))
        except SpecError:  # more settings than a file has room for, or an input of no size
            continue


@pytest.mark.parametrize("most", EACH)
def test_calls_have_the_types_that_torch_says(most: int, tmp_path: Path) -> None:
    for name in NAMES:
        for number, source in enumerate(sources(name, most)):
            (tmp_path / f"{name}_{number}.py").write_text(source, encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", *MYPY, "."], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
