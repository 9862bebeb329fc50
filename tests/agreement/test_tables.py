"""The table in each of its forms says of every member what the graph says, and leaves none out."""

import csv as stdlib_csv
import json as stdlib_json
from io import StringIO

import pytest
import yaml
from hypothesis import given, settings

from archspec.graph.network import Network
from archspec.graph.report import report, totals
from archspec.pipeline import load_text
from archspec.tables.forms.csv import csv
from archspec.tables.forms.json import json
from archspec.tables.quantity import dims
from tests.agreement.networks import load, names
from tests.agreement.told import told
from tests.code.drawn_specs import specs
from tests.examples import examples


def assert_tables_agree(net: Network) -> None:
    found, inputs = told(net), set(net.graph.inputs)
    members = {id: member for id, member in found.items() if id not in inputs}
    counted = report(net)
    rows = {row.path: (row.shape, row.cost.params, row.cost.macs, row.train_only) for row in counted.rows}
    assert rows == {id: (each.shape, each.params, each.macs, each.train_only) for id, each in members.items()}
    document = stdlib_json.loads(json(counted))
    keys = "output_shape", "params", "macs", "train_only"
    assert {block["path"]: tuple(block[key] for key in keys) for block in document["blocks"]} == {
        id: (dims(each.shape), each.params, each.macs, each.train_only) for id, each in members.items()
    }
    lines = list(stdlib_csv.DictReader(StringIO(csv(counted))))
    assert {line["path"]: tuple(line[key] for key in keys) for line in lines} == {
        id: (
            "x".join(map(str, each.shape.dims)),
            str(each.params),
            str(each.macs),
            "true" if each.train_only else "false",
        )
        for id, each in members.items()
    }
    for when, training in (("always", False), ("training", True)):
        cost = totals(net)[training]
        nodes = [net.costs[id] for id, node in net.graph.nodes.items() if node.train_only is training]
        assert (cost.params, cost.macs) == (sum(c.params for c in nodes), sum(c.macs for c in nodes)), when
        written = document["totals"]["train_only"] if training else document["totals"]
        assert (written["params"], written["macs"]) == (cost.params, cost.macs), when


@pytest.mark.parametrize("name", names())
def test_tables_of_every_network_say_what_the_graph_says(name: str) -> None:
    assert_tables_agree(load(name))


@settings(max_examples=examples(100))
@given(specs())
def test_tables_of_drawn_specs_say_what_the_graph_says(spec: dict[str, object]) -> None:
    assert_tables_agree(load_text(yaml.safe_dump(spec, sort_keys=False)))
