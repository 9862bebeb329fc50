from pathlib import Path

import pytest

NET = """\
archspec: 1
name: Net
params: {width: 8, depth: 2, act: {default: relu, choices: [relu, gelu]}}
variants: {thin: {width: 4}, thick: {width: 16}}
inputs: {image: [3, 32, 32]}
blocks:
  unit:
    params: {channels: int}
    graph:
      - {op: conv2d, out_channels: $channels, kernel_size: 3, padding: 1, bias: false}
      - {op: $act}
graph:
  body: {block: unit, channels: $width, repeat: $depth}
  pool: {op: adaptive_avg_pool2d, output_size: 1}
  flatten: flatten
  fc: {op: linear, out_features: 10, bias: false}
"""


def params(width: int, depth: int) -> int:
    """Of NET, by hand."""
    return 9 * (3 * width + (depth - 1) * width * width) + 10 * width


def macs(width: int, depth: int, size: int = 32) -> int:
    """Of NET, by hand."""
    return size * size * 9 * (3 * width + (depth - 1) * width * width) + 10 * width


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small spec with a width and a depth, in the folder that the command runs in."""
    path = tmp_path / "net.yaml"
    path.write_text(NET, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return path
