"""Specs that the page is tried on."""

HEADER = "archspec: 1\nname: Large\ninputs: {image: [8, 16, 16]}\n"
RESIDUAL = """\
  residual:
    graph:
      conv1: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1, bias: false}
      bn1: batch_norm2d
      relu1: relu
      conv2: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1, bias: false}
      bn2: batch_norm2d
      add: {op: add, from: [bn2, x]}
      relu2: relu
"""
STAGE = "  stage:\n    graph:\n      part: {block: residual, repeat: 10}\n"

# An encoder and a decoder, each a block: the skips leave the one and enter the other.
CODER = """\
archspec: 1
name: Coder
inputs: {image: [3, 64, 64]}
blocks:
  encoder:
    graph:
      fine: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
      down1: {op: max_pool2d, kernel_size: 2}
      middle: {op: conv2d, out_channels: 16, kernel_size: 3, padding: 1}
      down2: {op: max_pool2d, kernel_size: 2}
      coarse: {op: conv2d, out_channels: 32, kernel_size: 3, padding: 1}
    outputs: {coarse: coarse, middle: middle, fine: fine}
  decoder:
    inputs: [coarse, middle, fine]
    graph:
      up2: {op: conv_transpose2d, from: coarse, out_channels: 16, kernel_size: 2, stride: 2}
      join2: {op: concat, from: [middle, up2]}
      conv2: {op: conv2d, out_channels: 16, kernel_size: 3, padding: 1}
      up1: {op: conv_transpose2d, out_channels: 8, kernel_size: 2, stride: 2}
      join1: {op: concat, from: [fine, up1]}
      conv1: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
graph:
  encoder: {block: encoder}
  decoder: {block: decoder, from: {coarse: encoder.coarse, middle: encoder.middle, fine: encoder.fine}}
  head: {op: conv2d, out_channels: 2, kernel_size: 1}
"""

# A norm behind a convolution is drawn with it, whatever block it stands in; one behind a concatenation is not.
DENSE = """\
archspec: 1
name: Dense
inputs: {image: [8, 16, 16]}
blocks:
  unit:
    graph:
      bn: batch_norm2d
      conv: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
graph:
  u0: {block: unit}
  c1: {op: concat, from: [u0, image]}
  t1: {op: conv2d, out_channels: 8, kernel_size: 1}
  u1: {block: unit}
  c2: {op: concat, from: [u0, u1, image]}
  u2: {block: unit}
  c3: {op: concat, from: [u0, u1, u2, image]}
  u3: {block: unit}
"""

# Text that would act if it were taken for markup.
HOSTILE = """\
archspec: 1
name: Hostile
doc: "</script><script>window.struck = 1</script><img src=x onerror='window.struck = 1'>"
inputs: {image: [3, 16, 16]}
blocks:
  unit:
    doc: "<!-- <script> </title></style> ${1} $title &lt; \\u2028"
    params: {mode: {default: zeros, choices: [zeros, reflect]}}
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
      again: {op: conv2d, out_channels: 8, kernel_size: 3}
graph:
  first: {block: unit, doc: "<b onmouseover='window.struck = 1'>bold</b>"}  # </script><svg onload=window.struck=1>
  second: {block: unit}
"""


def repeated(blocks: int) -> str:
    """One block, used again and again."""
    return f"{HEADER}blocks:\n{RESIDUAL}graph:\n  body: {{block: residual, repeat: {blocks}}}\n"


def nested(stages: int) -> str:
    """Stages of ten blocks; 70 nodes each."""
    return f"{HEADER}blocks:\n{RESIDUAL}{STAGE}graph:\n  body: {{block: stage, repeat: {stages}}}\n"


def flat(nodes: int) -> str:
    """Every node written out, with a skip at each third one."""
    lines = ["  c0: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}\n"]
    for i in range(1, nodes):
        forms = (
            "{op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}",
            "relu",
            f"{{op: add, from: [c{i - 1}, c{i - 2}]}}",
        )
        lines.append(f"  c{i}: {forms[i % 3]}\n")
    return f"{HEADER}graph:\n{''.join(lines)}"
