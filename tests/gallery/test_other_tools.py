"""Totals of torchvision's networks by the rules of other tools, held against what the tools count.

`python -m tests.gallery.tool_figures` records their figures. A tool's figure follows the way in which code is written:
where torchvision calls a function in place of a module, some count less. Those networks differ by exactly that.
"""

import json

import pytest

from archspec.conventions.convention import Convention, Counted
from archspec.conventions.known import conventions
from archspec.graph.network import Network
from archspec.graph.report import report
from archspec.graph.restated import by_tool
from archspec.ops import OPS
from archspec.values.cost import Cost
from archspec.values.shape import Shape
from tests.gallery.networks import network, reference

FACTS = reference("other_tools.csv")
MODULES = reference("other_tools_modules.csv")

# (tool, network) -> how much more its rules give, and what torchvision writes so that the tool counts that otherwise.
BY_FUNCTION = {
    ("thop", "densenet:densenet121"): (51_200, "F.adaptive_avg_pool2d"),
    ("thop", "mobilenet_v2"): (64_000, "F.adaptive_avg_pool2d"),
    ("thop", "inception_v3"): (2_002_400, "F.avg_pool2d"),
    ("thop", "swin:swin_t"): (1_393_790_496, "F.linear and F.softmax"),
    ("torchinfo", "swin:swin_t"): (8_643_840, "F.linear"),
    ("ptflops", "densenet:densenet121"): (100_352, "F.adaptive_avg_pool2d and the last F.relu"),
    ("ptflops", "mobilenet_v2"): (62_720, "F.adaptive_avg_pool2d"),
    ("ptflops", "googlenet_torchvision"): (3_226_160, "F.relu"),
    ("ptflops", "inception_v3"): (11_544_640, "F.relu and F.avg_pool2d"),
    ("ptflops", "swin:swin_t"): (1_392_986_112, "F.linear and F.softmax"),
}
APART = {(tool, "vit:vit_b_16") for tool in ("ptflops", "deepspeed", "calflops")}  # attention as one module


def total(network: Network, convention: Convention) -> int:
    counts = by_tool(network, convention)
    return sum(count for id, count in counts.items() if not network.graph.nodes[id].train_only)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: f"{fact['tool']}-{fact['spec']}")
def test_total_is_what_the_tool_counts(fact: dict[str, str]) -> None:
    convention, spec = conventions()[fact["tool"]], fact["spec"]
    assert fact["version"] == convention.version
    if (fact["tool"], spec) in APART:
        with pytest.raises(ValueError, match=f"how {fact['tool']} counts nn.MultiheadAttention .* is not restated"):
            total(network(spec), convention)
        return
    more, _ = BY_FUNCTION.get((fact["tool"], spec), (0, ""))
    assert total(network(spec), convention) == int(fact["counted"]) + more


@pytest.mark.parametrize("fact", MODULES, ids=lambda fact: f"{fact['tool']}-{fact['op']}-{fact['shape']}")
def test_a_module_counts_what_the_tool_counts_of_it(fact: dict[str, str]) -> None:
    convention, op = conventions()[fact["tool"]], OPS[fact["op"]](**json.loads(fact["fields"]))
    x = Shape(tuple(map(int, fact["shape"].split("x"))))
    ys = op.outputs((x,))
    if op.module in convention.apart:
        assert fact["tool"] == "calflops"
        return
    assert convention.count(Counted(op, (x,), ys, op.cost((x,), ys))) == int(fact["counted"])


@pytest.mark.parametrize("tool", conventions())
def test_most_networks_are_equal_to_the_unit(tool: str) -> None:
    facts = [fact for fact in FACTS if fact["tool"] == tool]
    apart = [fact for fact in facts if (tool, fact["spec"]) in {**BY_FUNCTION, **dict.fromkeys(APART)}]
    assert len(facts) == 19
    assert len(apart) <= 6


@pytest.mark.parametrize("tool", conventions())
def test_rows_add_up(tool: str) -> None:
    made = report(network("googlenet_torchvision"), convention=tool)
    top = sum(made.count(row.values) for row in made.rows if row.depth == 1)
    assert top == made.count(made.whole) + made.count(made.training)
    assert made.count(made.training) > 0


@pytest.mark.parametrize("tool", conventions())
def test_faults_are_named(tool: str) -> None:
    assert len(conventions()[tool].faults) > 2
    assert conventions()[tool].doc.startswith(("thop's", "ptflops'", "torchinfo's", "DeepSpeed's", "calflops'"))


def test_a_class_without_a_rule_counts_nothing() -> None:
    shape = Shape((4, 8, 8))
    tanh = Counted(OPS["tanh"](), (shape,), (shape,), Cost(activation=256))
    assert {convention.count(tanh) for _, convention in conventions().items()} == {0}
