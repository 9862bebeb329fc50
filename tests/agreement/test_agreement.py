"""Figure, panel and table say the same of every scope: its shape, its counts and what it gives.

They once asked functions of their own, of which some did not know of left-out members: a block that ended in one had
no channels in the figure, and its panel no output.
"""

from collections.abc import Iterator

import pytest
import yaml
from hypothesis import given

from archspec.figure.look.theme import THEMES
from archspec.figure.what.boxes import gather
from archspec.figure.what.captions import BlockCaptions
from archspec.figure.what.finish import Setting
from archspec.figure.what.fold import Fold, fold
from archspec.figure.what.levels import levels
from archspec.figure.what.links import depths
from archspec.figure.what.panels import panel
from archspec.graph.graph import Node, Ref, Scope
from archspec.graph.network import Network
from archspec.graph.report import report
from archspec.graph.walk import default_output, resolve
from archspec.pipeline import load_text
from tests.code.drawn_specs import specs
from tests.gallery.networks import network, representatives

LEFT_OUT_AT_THE_END = """
archspec: 1
name: Ends
inputs: {image: [3, 8, 8]}
blocks:
  unit:
    params: {channels: int, act: true}
    graph:
      conv: {op: conv2d, out_channels: $channels, kernel_size: 3, padding: 1}
      pool: {op: max_pool2d, kernel_size: 2, when: $act}
      relu: {op: relu, when: $act}
graph:
  first: {block: unit, channels: 64, act: false}
  second: {block: unit, channels: 5}
outputs: {map: second}
"""


def _settings(net: Network) -> Setting:
    order = list(net.graph.nodes)
    steps = depths(order, {id: [ref.node for ref in net.graph.nodes[id].inputs] for id in order})
    return Setting(net, BlockCaptions(net, steps), levels(net), THEMES["light"], (), each_op=True)


def _given_inside(net: Network, scope: Scope) -> set[Ref]:
    """The values that a scope makes and gives; not those that it hands on."""
    given = {resolve(net.graph, scope.id, local) for local in scope.outputs.values()}
    return {ref for ref in given if ref.node.startswith(f"{scope.id}/")}


def _read_by_bare_name(net: Network) -> Iterator[tuple[str, Ref]]:
    """Every scope that is read by its bare name, and what its reader reads in the flat graph."""
    members: tuple[Node | Scope, ...] = (*net.graph.nodes.values(), *net.graph.scopes.values())
    for member in members:
        around = member.scope if isinstance(member, Node) else member.parent
        for local, ref in zip(member.reads, member.inputs, strict=True):
            id = f"{around}/{local.member}" if around else local.member
            if id in net.graph.scopes and not local.port and id != member.id:
                yield id, ref


def assert_agreement(net: Network) -> None:
    graph = net.graph
    rows = {row.path: row for row in report(net).rows}
    for id, ref in _read_by_bare_name(net):
        assert default_output(graph, graph.scopes[id]) == ref, id
    settings = _settings(net)
    for depth in range(1, 1 + max((id.count("/") + 1 for id in graph.scopes), default=1)):
        opened = frozenset(id for id in graph.scopes if not id or id.count("/") + 1 < depth)
        drafts = gather(net, Fold(opened, {}, True), settings.captions, each_op=True).drafts
        for id, draft in drafts.items():
            if draft.scope is None or id not in graph.scopes:
                continue
            told = draft.shape, draft.params, draft.macs
            assert told == (rows[id].shape, rows[id].cost.params, rows[id].cost.macs), id
            assert draft.shape == net.shape(default_output(graph, graph.scopes[id])), id
    seen = set()
    for id, scope in graph.scopes.items():
        if not id or (scope.definition, tuple(scope.absent)) in seen:
            continue
        seen.add((scope.definition, tuple(scope.absent)))
        drawn = panel(settings, fold(graph, root=id), id)
        ends = [box for box in drawn.boxes if box.kind == "output"]
        assert bool(ends) == bool(_given_inside(net, scope)), id


@pytest.mark.parametrize("spec", representatives())
def test_gallery_says_one_thing_of_every_scope(spec: str) -> None:
    assert_agreement(network(spec))


@given(specs())
def test_drawn_specs_say_one_thing_of_every_scope(spec: dict[str, object]) -> None:
    assert_agreement(load_text(yaml.safe_dump(spec, sort_keys=False)))


def test_block_that_ends_in_what_is_left_out_gives_what_stands_before() -> None:
    net = load_text(LEFT_OUT_AT_THE_END)
    first = net.graph.scopes["first"]
    assert default_output(net.graph, first) == Ref("first/conv")
    drafts = gather(net, Fold(frozenset({""}), {}, True), _settings(net).captions).drafts
    assert drafts["first"].shape.dims == (64, 8, 8)
    assert_agreement(net)
