"""`archspec init`: a spec to start from."""

from pathlib import Path

import click

from archspec.cli.streams import say

STARTER = """\
archspec: 1
name: SmallNet
doc: Three stages of residual blocks for 32 x 32 images
params: {classes: 10, width: 32}
variants:
  small: {}
  wide: {width: 64}
inputs: {image: [3, 32, 32]}

blocks:
  residual:
    params: {channels: int, stride: 1}        # a type makes a param required, a value is its default
    graph:
      conv1: {op: conv2d, out_channels: $channels, kernel_size: 3, stride: $stride, padding: 1, bias: false}
      bn1: batch_norm2d
      relu1: relu
      conv2: {op: conv2d, out_channels: $channels, kernel_size: 3, padding: 1, bias: false}
      bn2: batch_norm2d
      shortcut:
        when: $(stride != 1 or x.channels != channels)
        from: x
        graph:
          - {op: conv2d, out_channels: $channels, kernel_size: 1, stride: $stride, bias: false}
          - batch_norm2d
      add: {op: add, from: [bn2, shortcut]}
      relu2: relu

graph:
  stem: {op: conv2d, out_channels: $width, kernel_size: 3, padding: 1, bias: false}
  stage1: {block: residual, channels: $width, repeat: 2}
  stage2: {block: residual, channels: $(2 * width), repeat: 2, first: {stride: 2}}
  stage3: {block: residual, channels: $(4 * width), repeat: 2, first: {stride: 2}}
  pool: {op: adaptive_avg_pool2d, output_size: 1}
  flatten: flatten
  head: {op: linear, out_features: $classes}
outputs: {logits: head}
"""


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=Path("network.yaml"))
def init(path: Path) -> None:
    """Write a spec to start from.

    It is written to PATH, network.yaml by default. A file that is there already stays as it is.
    """
    from archspec.cli.application import Usage

    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(STARTER)
    except FileExistsError:
        raise Usage(f"{path} is there already; name another file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Usage(f"{path} cannot be written: {reason}") from None
    say(f"wrote {path}; next: archspec check {path}")
