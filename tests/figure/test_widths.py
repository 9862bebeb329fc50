"""What a block is made of shows in it: layers as high as their channels, channels that grow by as many each time."""

import pytest

from archspec.figure.diagram import Diagram
from archspec.figure.place.drawing import place
from archspec.figure.what.depict import diagram
from archspec.figure.what.levels import levels
from archspec.pipeline import load_network, load_text

INVERTED = """
blocks:
  unit:
    params: {wide: int}
    graph:
      a: {op: conv2d, out_channels: $wide, kernel_size: 1}
      b: {op: conv2d, out_channels: $wide, kernel_size: 3, padding: 1, groups: $wide}
      c: {op: conv2d, out_channels: 8, kernel_size: 1}
      d: {op: add, from: [x, c]}
graph: {one: {block: unit, wide: WIDE, repeat: 2}}
"""


def drawn(text: str) -> Diagram:
    return diagram(load_text(f"archspec: 1\nname: Net\ninputs: {{x: [8, 16, 16]}}\n{text}"))


def heights(made: Diagram) -> dict[str, float]:
    return {
        box.box.id.rpartition("/")[2]: box.size.height
        for box in place(made)[1].boxes
        if box.box.role.words == "convolution"
    }


def test_layers_of_an_inverted_bottleneck_are_as_high_as_their_channels() -> None:
    made = drawn(INVERTED.replace("WIDE", "32"))
    found = heights(made)
    assert found["a"] == found["b"] > 2 * found["c"]
    assert any("as high as their channels" in note for note in made.footnotes)


def test_layers_of_a_block_that_is_not_wide_inside_are_alike() -> None:
    made = drawn(INVERTED.replace("WIDE", "12"))
    assert len(set(heights(made).values())) == 1
    assert not any("as high as their channels" in note for note in made.footnotes)


def test_a_dense_block_says_how_its_channels_grow() -> None:
    boxes = {box.title: box.details for box in diagram(load_network("densenet:densenet121")).panels[0].boxes}
    assert boxes["denseblock1"] == ("dense_layer", "64 + 6\N{MIDDLE DOT}32")
    assert boxes["denseblock4"] == ("dense_layer", "512 + 16\N{MIDDLE DOT}32")


def test_a_repeat_that_puts_nothing_beside_what_it_reads_does_not_grow() -> None:
    made = drawn(
        "blocks: {unit: {graph: {a: {op: conv2d, out_channels: 4, kernel_size: 3, padding: 1}, s: softmax2d,"
        " b: {op: conv2d, out_channels: 4, kernel_size: 1}, c: {op: concat, from: [a, b]}}}}\n"
        "graph: {one: {block: unit, repeat: 4}}\n"
    )
    assert not any("\N{MIDDLE DOT}" in line for box in made.panels[0].boxes for line in box.details)


@pytest.mark.parametrize("spec", ["capsnet", "sk_resnet", "poolformer", "resnet_v2"])
def test_only_what_has_a_resolution_changes_it(spec: str) -> None:
    """A sum over a stack, over the numbers of a capsule, or over a weight is drawn with level sides."""
    network = load_network(spec)
    found = levels(network)
    for node in network.graph.nodes.values():
        if node.op.role.words == "pooling" and len(network.shapes[node.id][0].dims) < len(
            network.input_shapes(node)[0].dims
        ):
            assert found[node.id] == found[node.inputs[0].node]
    assert all(
        box.kind != "down" for panel in diagram(network).panels for box in panel.boxes if box.title in ("sum", "var")
    )


@pytest.mark.parametrize("spec", ["conformer:small", "capsnet"])
def test_what_has_one_way_has_no_rows_for_resolutions(spec: str) -> None:
    assert diagram(load_network(spec)).panels[0].arrangement == "rows"


def test_norms_that_nobody_sees_are_not_said_of_convolutions() -> None:
    made = diagram(load_network("resnet_v2"))
    assert not any("Convolutions include" in note for note in made.footnotes)
    assert not any(line.startswith("no ") for panel in made.panels for box in panel.boxes for line in box.details)


def test_lines_of_several_values_meet_a_small_head_beside_each_other() -> None:
    made = diagram(load_network("albert"))
    ends: dict[str, list[tuple[float, float]]] = {}
    for route in place(made)[0].routes:
        ends.setdefault(route.edge.head, []).append(route.points[-1])
    assert len(set(ends["embeddings/add"])) == len(ends["embeddings/add"]) == 3
