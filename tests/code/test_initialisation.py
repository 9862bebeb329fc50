"""What constructors do to tensors is what `init:` says, seen call by call on the meta device.

The calls of `torch.nn.init` itself, and of each op's own module, are the oracle: see `runtime/starts.py`.
"""

import pytest
import torch
from torch import nn

import archspec
from archspec.code.build import program
from archspec.code.pytorch import source
from archspec.graph.network import Network
from archspec.pipeline import load_network, load_text
from archspec.runtime.arguments import emitted, trial
from archspec.runtime.build import build, load_source
from archspec.runtime.starts import differences, said_of
from archspec.values.expression import Value
from tests.code.test_goldens import CASES, cases

CASES_WITH_INIT = [case for case in cases() if "init" in case]

SWITCHED = """
archspec: 1
params: {std: 0.02, zero: false, start: 0.5}
inputs: {x: [8]}
init: {linear: {weight: {normal: {std: $std}}, bias: 1.0}}
blocks:
  unit: {graph: {fc: {op: linear, out_features: 8, init: {bias: zeros, when: $zero}}}}
graph:
  unit: {block: unit}
  scale: {op: parameter, shape: [8], init: $start}
  out: {op: mul, from: [unit, scale]}
"""


def kind_of(network: Network) -> type[nn.Module]:
    made = program(network)
    kind: type[nn.Module] = getattr(load_source(source(made)), made.name)
    return kind


@pytest.mark.parametrize("case", [case for case in cases() if not case.endswith("own_module")])
def test_tensors_of_a_case_start_as_it_says(case: str) -> None:
    network = load_network(CASES / f"{case}.yaml")
    assert list(differences(network, kind_of(network))) == []


def test_cases_say_much() -> None:
    assert sum(said_of(load_network(CASES / f"{case}.yaml")) for case in CASES_WITH_INIT) > 80


@pytest.mark.parametrize(("name", "value"), [("std", 0.5), ("zero", True), ("start", 2.0)])
def test_an_argument_inside_a_rule_does_what_the_param_does(name: str, value: Value) -> None:
    design = archspec.loads(SWITCHED)
    made = emitted(design.network)
    assert name in made.arguments
    done = trial(made, lambda settings: load_text(SWITCHED, settings=settings), name, value)
    assert done.outcome == "equal", done.told


def test_verify_finds_a_constructor_that_fills_otherwise() -> None:
    design = archspec.loads(SWITCHED)
    wrong = design.source().replace("nn.init.normal_(module.weight, std=self.std)", "nn.init.normal_(module.weight)")
    assert wrong != design.source()
    kind = load_source(wrong).Network
    bounds = "uniform_(-0.3535533905932737, 0.3535533905932737)"
    assert list(differences(design.network, kind)) == [
        f"unit.fc.weight: {bounds} normal_(), and not normal_(0.0, 0.02)"
    ]


def test_weights_are_those_that_the_rules_give() -> None:
    design = archspec.load(CASES / "language/init_rules.yaml")
    torch.manual_seed(0)
    module = build(design.source(), "InitRules")
    state = module.state_dict()
    assert state["stem.bias"].eq(0).all()
    assert state["fc.bias"].eq(0.1).all()
    assert state["layers.0.bn.weight"].eq(1).all()
    assert torch.allclose(state["head.weight"] @ state["head.weight"].T, 4 * torch.eye(5), atol=1e-5)
    assert abs(state["fc.weight"].std().item() - 0.02 / 6**0.5) < 0.002
