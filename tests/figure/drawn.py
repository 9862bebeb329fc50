"""Networks and diagrams that the picture tests share."""

from functools import cache

from archspec.figure.diagram import Box, Diagram
from archspec.figure.what.depict import diagram
from archspec.graph.network import Network
from archspec.pictures import render
from archspec.pipeline import load_network, load_text

GALLERY = (
    "alexnet",
    "fcn:fcn32s",
    "fcn:fcn8s",
    "fcn_resnet50",
    "googlenet",
    "googlenet_torchvision",
    "resnet:resnet18",
    "resnet:resnet152",
    "resnet_original",
    "unet",
    "unet:upsample",
    "unet:unpool",
    "vgg:vgg16",
    "vgg:vgg19_bn",
)


@cache
def network(spec: str) -> Network:
    return load_network(spec)


@cache
def picture(spec: str, depth: int | None = None, expand: tuple[str, ...] = ()) -> Diagram:
    return diagram(network(spec), depth=depth, expand=expand)


@cache
def drawn(spec: str, suffix: str) -> bytes:
    return render(picture(spec), suffix)


def written(text: str) -> Diagram:
    return diagram(load_text("archspec: 1\nname: Net\ninputs: {image: [3, 32, 32]}\n" + text))


def boxes(made: Diagram) -> dict[str, Box]:
    return {box.id: box for box in made.panels[0].boxes}
