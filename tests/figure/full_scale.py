"""U-Net 3+: each level of the decoder reads all of the encoder's above it, brought to its size, and all behind it."""

CONV = "{op: conv2d, out_channels: %d, kernel_size: 3, padding: 1, bias: false}"


def full_scale(levels: int) -> str:
    """The spec of one with so many levels, and with heads that run only in training."""
    lines = ["archspec: 1", "inputs: {image: [3, 128, 128]}", "graph:"]
    for level in range(levels):
        lines += [f"  p{level}: {{op: max_pool2d, kernel_size: 2}}"] if level else []
        lines += [f"  e{level}: {{graph: [{CONV % (8 << level)}, relu, {CONV % (8 << level)}, relu]}}"]
    for level in reversed(range(levels - 1)):
        for other in range(levels):
            lines += [f"  d{level}_{other}: {_brought(level, other, levels)}"]
        lines += [f"  c{level}: {{op: concat, from: [{', '.join(f'd{level}_{other}' for other in range(levels))}]}}"]
        lines += [f"  d{level}: {CONV % (8 * levels)}"]
    lines += ["  head: {op: conv2d, out_channels: 1, kernel_size: 3, padding: 1}"]
    lines += [f"  deep: {{graph: [{CONV % 1}, {{op: upsample, scale_factor: 2}}], from: d1, when: training}}"]
    return "\n".join((*lines, "outputs: {mask: head, deep: deep}", ""))


def _brought(level: int, other: int, levels: int) -> str:
    """What brings the maps of one level to another: a pool or an up-sampling, and a convolution."""
    tail = f"d{other}" if level < other < levels - 1 else f"e{other}"
    size = 2 ** abs(level - other)
    pool, up = f"{{op: max_pool2d, kernel_size: {size}}}, ", f"{{op: upsample, scale_factor: {size}, mode: bilinear}}, "
    return f"{{graph: [{pool if other < level else up if other > level else ''}{CONV % 8}, relu], from: {tail}}}"
