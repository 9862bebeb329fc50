"""The table of keys: what a row says is what the stages do."""

import pytest

from archspec.language.keys import OpEntry, SpecModel
from archspec.language.read_init import INIT
from archspec.language.row import carried, keys_of, rows_at
from archspec.ops import OPS
from archspec.pipeline import load_text

NOTED = """\
archspec: 1
doc: Of the network
inputs: {image: [3, 8, 8]}
blocks: {unit: {doc: Of the block, graph: [relu]}}
graph:
  stem: {op: conv2d, out_channels: 4, kernel_size: 3, doc: $not_an_expression}
  body: {block: unit, repeat: 2, doc: Of the use}
  tail: {doc: Of the graph, graph: [relu]}
"""


@pytest.mark.parametrize(
    ("place", "some"),
    [
        ((), {"archspec", "graph", "expect"}),
        (("params", "width", "<mapping>"), {"type", "default", "choices", "length", "doc"}),
        (("inputs", "image", "<mapping>"), {"shape", "dtype"}),
        (("outputs", "<mapping>", "aux", "<mapping>"), {"from", "when"}),
        (("blocks", "params"), {"graph", "flat"}),
        (("blocks", "unit", "params", "blocks", "<mapping>"), {"choices"}),
        (("graph", "<mapping>", "stem", "<graph>", "graph", "<list>", 0, "<graph>"), {"graph", "from", "share"}),
        (("expect", "<facts>"), {"macs", "with"}),
        (("expect", "<mapping>", "small", "blocks", "stem"), {"shape"}),
        (("expect", "<list>", 1), {"macs", "variant"}),
    ],
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value),
)
def test_keys_are_found_by_their_place(place: tuple[str | int, ...], some: set[str]) -> None:
    assert some <= {row.name for row in rows_at(SpecModel, place)}


def test_what_is_carried_reaches_the_graph_as_written() -> None:
    graph = load_text(NOTED).graph
    assert graph.nodes["stem"].site.carried == {"doc": "$not_an_expression"}
    assert graph.scopes["body"].site.carried == {"doc": "Of the use"}
    assert graph.scopes["body/0"].site.carried == {}, "what is said of a repeat is said of none of its parts"
    assert graph.scopes["body/0"].definition.carried == {"doc": "Of the block"}
    assert graph.scopes["tail"].site.carried == {"doc": "Of the graph"}
    assert graph.scopes[""].definition.carried == {"doc": "Of the network"}


def test_carried_keys_are_known_by_the_table() -> None:
    assert carried(OpEntry) == {"doc", "figure"}


@pytest.mark.parametrize("name", list(OPS))
def test_no_field_of_an_op_is_hidden_by_a_key(name: str) -> None:
    hidden = OPS[name].model_fields.keys() & set(keys_of(OpEntry))
    assert hidden <= {INIT}, "an op that says what it starts with has a field for it, which is read in place of the key"
    assert not (hidden and OPS[name].tensors)
