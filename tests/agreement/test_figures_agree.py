"""Figures and panels say of every scope what the graph says: its shape, its counts and what it gives.

They once asked functions of their own, of which some did not know of left-out members: a block that ended in one had
no channels in the figure, and its panel no output.
"""

import pytest
import yaml
from hypothesis import given, settings

from archspec.figure.look.theme import THEMES
from archspec.figure.what.boxes import gather
from archspec.figure.what.depict import described
from archspec.figure.what.finish import Setting
from archspec.figure.what.fold import Fold, fold
from archspec.figure.what.levels import levels
from archspec.figure.what.panels import panel
from archspec.graph.graph import Ref, Scope
from archspec.graph.network import Network
from archspec.graph.walk import default_output, resolve
from archspec.pipeline import load_text
from tests.agreement.networks import load, sampled_names
from tests.agreement.told import nodes_inside, read_by_bare_name, told
from tests.code.drawn_specs import specs
from tests.examples import examples


def _settings(net: Network) -> Setting:
    return Setting(net, described(net), levels(net), THEMES["light"], (), each_op=True)


def _given_inside(net: Network, scope: Scope) -> set[Ref]:
    """The values that a scope makes and gives; not those that it hands on."""
    given = {resolve(net.graph, scope.id, local) for local in scope.outputs.values()}
    return {ref for ref in given if ref.node.startswith(f"{scope.id}/")}


def assert_agreement(net: Network) -> None:
    graph = net.graph
    found, inside = told(net), nodes_inside(net)
    for id, ref in read_by_bare_name(net):
        assert default_output(graph, graph.scopes[id]) == ref, id
    settings = _settings(net)
    for depth in range(1, 1 + max((id.count("/") + 1 for id in graph.scopes), default=1)):
        opened = frozenset(id for id in graph.scopes if not id or id.count("/") + 1 < depth)
        drafts = gather(net, Fold(opened, {}, True), settings.captions, each_op=True).drafts
        closed = {id: draft for id, draft in drafts.items() if draft.scope is not None}
        assert set(closed) == {
            id for id, scope in graph.scopes.items() if id not in opened and scope.parent in opened and inside[id]
        }
        for id, draft in closed.items():
            assert [node.id for node in draft.nodes] == inside[id], id
            assert (draft.shape, draft.params, draft.macs) == (found[id].shape, found[id].params, found[id].macs), id
    seen = set()
    for id, scope in graph.scopes.items():
        if not id or (scope.definition, tuple(scope.absent)) in seen:
            continue
        seen.add((scope.definition, tuple(scope.absent)))
        drawn = panel(settings, fold(graph, root=id), id)
        ends = [box for box in drawn.boxes if box.kind == "output"]
        assert bool(ends) == bool(_given_inside(net, scope)), id


@pytest.mark.parametrize("name", sampled_names())
def test_every_network_says_one_thing_of_every_scope(name: str) -> None:
    assert_agreement(load(name))


@settings(max_examples=examples(100))
@given(specs())
def test_drawn_specs_say_one_thing_of_every_scope(spec: dict[str, object]) -> None:
    assert_agreement(load_text(yaml.safe_dump(spec, sort_keys=False)))


def test_block_that_ends_in_what_is_left_out_gives_what_stands_before() -> None:
    net = load("at the end")
    first = net.graph.scopes["first"]
    assert default_output(net.graph, first) == Ref("first/conv")
    drafts = gather(net, Fold(frozenset({""}), {}, True), _settings(net).captions).drafts
    assert drafts["first"].shape.dims == (64, 8, 8)
    assert_agreement(net)
