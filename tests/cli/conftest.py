"""The command line, in this process and in one of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archspec.cli import main

ROOT = Path(__file__).parents[2]
Run = Callable[..., Result]
Process = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments, stdin=None: CliRunner().invoke(main, [str(a) for a in arguments], input=stdin)


@pytest.fixture
def process(tmp_path: Path) -> Process:
    """Runs a command as a process of its own, in an empty folder."""

    def start(*arguments: str, stdin: str | None = None, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "archspec", *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    return start


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A small spec with a variant, a param and an aside that runs only in training."""
    path = tmp_path / "small.yaml"
    path.write_text(
        """\
archspec: 1
name: Small
params: {classes: 10, width: 8}
variants:
  narrow: {}
  wide: {width: 16}
inputs: {image: [3, 16, 16]}
blocks:
  unit:
    params: {channels: int}
    graph:
      conv: {op: conv2d, out_channels: $channels, kernel_size: 3, padding: 1, bias: false}
      bn: batch_norm2d
      relu: relu
graph:
  body: {block: unit, channels: $width, repeat: 2}
  pool: {op: adaptive_avg_pool2d, output_size: 1}
  flatten: flatten
  aux: {op: linear, out_features: 2, from: flatten, when: training}
  fc: {op: linear, out_features: $classes, from: flatten}
outputs: {logits: fc, aux: aux}
""",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A spec with two mistakes of one stage."""
    path = tmp_path / "wrong.yaml"
    path.write_text(
        """\
archspec: 1
name: Wrong
inputs: {image: [3, 16, 16]}
graph:
  conv: {op: conv2d, out_channels: 8, kernel_size: 3, stryde: 2}
  pool: {op: max_pool, kernel_size: 2}
""",
        encoding="utf-8",
    )
    return path
