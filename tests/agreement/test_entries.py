"""The page: an entry for every path, which says what the graph says, and an item that stands for it in the picture."""

import pytest
import yaml
from hypothesis import given, settings

from archspec.figure.diagram import Box
from archspec.figure.what import captions
from archspec.figure.what.fold import FOLLOWERS
from archspec.graph.network import Network
from archspec.graph.report import totals
from archspec.graph.sequences import sequences
from archspec.graph.walk import default_output
from archspec.page.page import Page, page
from archspec.pipeline import load_text
from tests.agreement.networks import load, sampled_names
from tests.agreement.told import nodes_inside, told
from tests.code.drawn_specs import specs
from tests.examples import examples


def assert_entries_agree(net: Network, shown: Page) -> None:
    graph, outputs = net.graph, [output.name for output in net.graph.outputs]
    found = {entry.path: entry for entry in shown.entries if entry.kind in ("op", "block", "input")}
    assert {path: (entry.shape, entry.params, entry.macs, entry.train_only) for path, entry in found.items()} == {
        id: (captions.size(each.shape), each.params, each.macs, each.train_only) for id, each in told(net).items()
    }
    given = [entry for entry in shown.entries if entry.kind == "output"]
    assert [entry.path for entry in given] == outputs
    for entry, output in zip(given, graph.outputs, strict=True):
        assert (entry.shape, entry.train_only) == (captions.size(net.shape(output.ref)), output.train_only)
    inference, training = totals(net)
    assert (shown.params, shown.macs, shown.training) == (inference.params, inference.macs, training.params)


def assert_items_stand_for_their_paths(net: Network, shown: Page) -> None:
    """An op's box holds it, a closed block holds what its scope holds, and another scope is in the box it points to."""
    inside, found, signals = nodes_inside(net), told(net), sequences(net)
    boxes = {box.id: box for box in shown.light.panel.boxes}
    closed = shown.light.closed
    assert sorted(id for box in boxes.values() for id in box.nodes) == sorted(net.graph.nodes)
    for box in boxes.values():
        assert _counts(box) == (sum(found[id].params for id in box.nodes), sum(found[id].macs for id in box.nodes))
        assert all(net.graph.nodes[id].op.role in FOLLOWERS for id in box.nodes[1:]), box.id
    for id, box in closed.items():
        assert list(box.nodes) == inside[id], id
        assert _counts(box) == (found[id].params, found[id].macs), id
        shape, signal = found[id].shape, default_output(net.graph, net.graph.scopes[id]).node in signals
        said = captions.channels(shape, sequence=signal), captions.side(shape, sequence=signal)
        assert (box.channels, box.side) == said, id
    for entry in shown.entries:
        item = closed.get(entry.item) or boxes[entry.item]
        if entry.kind in ("op", "input"):
            assert entry.item in boxes, entry.path
            assert entry.path in item.nodes, entry.path
        elif entry.kind == "block" and entry.path in closed:
            assert entry.item == entry.path
        elif entry.kind == "block" and inside[entry.path]:
            assert set(item.nodes) & set(inside[entry.path]), entry.path
        elif entry.kind == "block":
            assert default_output(net.graph, net.graph.scopes[entry.path]).node in item.nodes, entry.path


def assert_frames_hold_what_the_blocks_hold(net: Network, shown: Page) -> None:
    """A box stands in the frames of the blocks around its op, and a frame in that of the next block around it."""
    inside = nodes_inside(net)
    frames = {group.id for group in shown.light.panel.groups}
    assert frames == set(shown.light.closed)
    for box in shown.light.panel.boxes:
        if box.nodes:
            assert set(box.groups) == {id for id in frames if box.nodes[0] in inside[id]}, box.id
            assert list(box.groups) == sorted(box.groups, key=len, reverse=True), box.id


def _counts(box: Box) -> tuple[int, int]:
    return box.params, box.macs


def assert_page_agrees(net: Network) -> None:
    shown = page(net)
    assert_entries_agree(net, shown)
    assert_items_stand_for_their_paths(net, shown)
    assert_frames_hold_what_the_blocks_hold(net, shown)


@pytest.mark.parametrize("name", sampled_names())
def test_page_of_every_network_says_what_the_graph_says(name: str) -> None:
    assert_page_agrees(load(name))


@settings(max_examples=examples(100))
@given(specs())
def test_page_of_drawn_specs_says_what_the_graph_says(spec: dict[str, object]) -> None:
    assert_page_agrees(load_text(yaml.safe_dump(spec, sort_keys=False)))
