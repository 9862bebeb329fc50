"""Nothing vanishes: every op is a mark of the figure, or words on a box that it is part of, or in a footnote."""

from collections import Counter

import pytest

from archspec.figure.diagram import LACKS, Box, Diagram, Panel, Style
from archspec.figure.place.glyphs import shapes
from archspec.figure.place.placed import PlacedBox
from archspec.figure.place.sizes import box_size
from archspec.figure.scene import Text
from archspec.figure.what.captions import joining
from archspec.figure.what.depict import diagram
from archspec.graph.graph import Node
from archspec.graph.network import Network
from archspec.graph.walk import inside, within
from archspec.ops.op import Role
from tests.agreement.networks import LEFT_OUT, load, names
from tests.gallery.networks import SAMPLE

DEPTHS = (None, 1, 3)
SMALL = [name for name in names() if name.endswith(".yaml") or name in LEFT_OUT]


def shown(net: Network, style: Style, depth: int | None) -> Diagram:
    return diagram(net, depth=depth, style=style)


def assert_all_is_told(net: Network, made: Diagram) -> None:
    nodes = net.graph.nodes
    first = made.panels[0]
    stand_for = Counter(id for box in first.boxes for id in box.nodes)
    stand_for.update(id for edge in first.edges for id in set(edge.nodes))
    assert {id for id, number in stand_for.items() if number > 1} == set()
    assert set(nodes) == set(stand_for)
    for panel in made.panels:
        for box in panel.boxes:
            assert_words_are_written(net, made, box)
            for id in set(box.nodes) - set(box.says):
                assert_a_footnote_tells(made, box, nodes[id])
    for panel in made.panels[1:]:
        assert_a_block_is_whole(net, panel)


def assert_words_are_written(net: Network, made: Diagram, box: Box) -> None:
    """What `says` says is in the drawn text, in the legend, or is what a symbol means."""
    texts = " ".join(text.text for text in drawn_texts(box, made))
    keys = " ".join(key.label for key in made.legend)
    words = texts + (" " + keys if box.form in ("slab", "copy", "volume") else "")
    for each in box.beside:
        if each.sign != LACKS:
            for one in each.joined:
                assert one.short in words or one.name in words, (box.id, one.name, words)
    if box.form in ("text", "turned", "bands", "plain", "concat", "bar", "terminal"):
        assert box.title in words, (box.id, box.title, words)
    if box.counts:
        assert all(part in texts for part in box.counts.split(" · ")), (box.id, box.counts, texts)


def drawn_texts(box: Box, made: Diagram) -> list[Text]:
    size = box_size(box, made.theme.fonts)
    return [shape for shape in shapes(PlacedBox(box, size, 0.0, 0.0), made.theme) if isinstance(shape, Text)]


def assert_a_footnote_tells(made: Diagram, box: Box, node: Node) -> None:
    said = " ".join(made.footnotes)
    if node.op.unseen:
        assert node.op.caption.title.lower() in said.lower(), (node.id, said)
        assert "not shown" in said
    else:
        assert node.op.role in (Role.NORM, Role.ACTIVATION), node.id
        assert box.role is Role.CONV, box.id
        told = said + " ".join(key.label for key in made.legend)
        assert joining(node).name in told, (node.id, told)


def assert_a_block_is_whole(net: Network, panel: Panel) -> None:
    """A panel of a block tells of every op that is in it, and of no other. A bus says how blocks are joined."""
    if any(box.form == "bus" for box in panel.boxes):
        return
    held = {id for box in panel.boxes for id in box.nodes} | {id for edge in panel.edges for id in edge.nodes}
    around = [scope for scope in net.graph.scopes.values() if scope.id and all(within(id, scope.id) for id in held)]
    root = max(around, key=lambda scope: scope.id.count("/"))
    assert held == {member.id for member in inside(net.graph, root) if isinstance(member, Node)}


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("name", [*sorted(SAMPLE), *SMALL])
def test_every_op_is_told_in_the_figure(name: str, depth: int | None) -> None:
    net = load(name)
    assert_all_is_told(net, shown(net, "figure", depth))


@pytest.mark.parametrize("style", ["figure", "volumes"])
@pytest.mark.parametrize("name", ["googlenet", "resnet:resnet18", "unet:unet", "unet:unpool", "fcn:fcn8s"])
def test_every_op_is_told_where_colour_says_what_it_costs(name: str, style: Style) -> None:
    net = load(name)
    assert_all_is_told(net, diagram(net, style=style, heat="params"))


@pytest.mark.parametrize("style", ["graph", "volumes", "plain"])
@pytest.mark.parametrize("name", ["googlenet", "resnet:resnet18", "unet:unet", "gpt:gpt2", *SMALL])
def test_every_op_is_told_in_the_other_styles(name: str, style: Style) -> None:
    net = load(name)
    assert_all_is_told(net, shown(net, style, None))
