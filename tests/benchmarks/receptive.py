"""Receptive fields against torch, network by network: the support of a gradient with positive weights.

    python -m tests.benchmarks.receptive [SPEC MODULE ...]

The input is as wide as the field needs, and low, so that the widest networks take seconds.
"""

import argparse
import time

import archspec
from archspec.receptive.fields import Axis, fields
from tests.receptive.oracle import support

NETWORKS = (
    *("vgg:vgg16", "features/stage5/pool"),
    *("fcn:fcn32s", "fc6"),
    *("googlenet", "inception5b/conv5x5/1/conv"),
    *("resnet:resnet18", "layer4/1/bn2"),
    *("resnet:resnet50", "layer4/2/bn3"),
    *("resnet:resnet101", "layer4/2/bn3"),
    *("resnet:resnet152", "layer4/2/bn3"),
    *("resnet_original:resnet50", "conv5_x/2/bn3"),
    *("resnet_original:resnet101", "conv5_x/2/bn3"),
    *("resnet_original:resnet152", "conv5_x/2/bn3"),
)
HEIGHT = 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", default=NETWORKS, metavar="SPEC MODULE")
    given = parser.parse_args().networks
    print(f"{'network':<28}{'module':<28}{'archspec':>9}{'torch':>7}{'s':>7}")
    for spec, path in zip(given[::2], given[1::2], strict=True):
        start = time.perf_counter()
        ours, theirs = compared(spec, path)
        print(f"{spec:<28}{path:<28}{ours:>9}{theirs:>7}{time.perf_counter() - start:>7.1f}", flush=True)


def compared(spec: str, path: str, height: int = HEIGHT) -> tuple[int, int]:
    """The width of the field by archspec and by torch."""
    design = archspec.load(spec)
    network = design.network
    (image,) = network.graph.inputs
    channels = network.shapes[image][0].channels
    field = fields(tuple(network.counted.values()))[path, 0][Axis(image, 2)]
    assert field is not None
    assert field.stride is not None
    width = -(-(field.largest + 4 * int(field.stride)) // 32) * 32
    _, first, last = support(design, path, (channels, height, width), dim=3)
    return field.largest, last - first + 1


if __name__ == "__main__":
    main()
