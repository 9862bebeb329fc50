"""An input's height or width, where an expression names it, is read when the network runs: it runs at other sizes."""

from itertools import islice
from pathlib import Path

import pytest
import torch

from archspec.design import Design
from archspec.pipeline import load_text, read_network
from archspec.runtime.beside import Side, compare, other_sizes, with_random_state

CASES = Path(__file__).parent / "cases"

READ = {
    "a list": ("{op: upsample, size: [$x.height, $x.width]}", "size=(x.shape[2], x.shape[3])"),
    "a product": ("{op: reshape, shape: [3, $(x.height * x.width)]}", "3, x.shape[2] * x.shape[3]"),
    "items of the shape": ("{op: reshape, shape: [$x.shape.0, $x.shape.2, -1]}", "x.shape[1], x.shape[3], -1"),
    "a part of the shape": ("{op: upsample, size: '$x.shape[1:]'}", "size=(x.shape[2], x.shape[3])"),
}


def spec(op: str, block: bool) -> str:
    graph = f"{{act: relu, out: {op}}}"
    if block:
        blocks = f"blocks: {{b: {{graph: {graph}}}}}"
        return f"archspec: 1\ninputs: {{image: [3, 8, 8]}}\n{blocks}\ngraph: {{b: {{block: b}}}}\n"
    return f"archspec: 1\ninputs: {{x: [3, 8, 8]}}\ngraph: {graph}\n"


@pytest.mark.parametrize("block", [False, True], ids=["network", "block"])
@pytest.mark.parametrize("what", READ)
def test_a_size_is_read_from_the_input(what: str, block: bool) -> None:
    op, said = READ[what]
    text = spec(op, block)
    design = Design(load_text(text))
    assert said in design.source()
    larger = Design(load_text(text, inputs={"": (3, 10, 12)})).build()
    image = torch.rand(2, 3, 10, 12)
    assert torch.equal(design.build()(image), larger(image))


@pytest.mark.parametrize(
    "case",
    [
        "size_of_input",
        "size_in_repeat",
        "size_in_flat",
        "size_given_to_block",
        "size_given_in_repeat",
        "size_of_outer_value",
        "sizes_given_as_list",
        "../language/as_many_steps_as_words",
    ],
)
def test_a_case_gives_at_other_sizes_what_the_ops_give(case: str) -> None:
    read = read_network(CASES / "source" / f"{case}.yaml")
    module = with_random_state(Design(read()).build())
    others = list(islice(other_sizes(read(), read), 2))
    assert len(others) == 2
    for other in others:
        found = compare(Side(other, module, 2, training=False), "cpu", torch.float32)
        assert (found.faults, found.refused) == ((), "")


def test_a_size_that_follows_from_a_parameter_is_said_by_it() -> None:
    text = """
archspec: 1
params: {width: 6}
inputs: {x: [4, 5]}
blocks: {b: {graph: {act: relu, out: {op: reshape, shape: [-1, $x.features]}}}}
graph: {fc: {op: linear, out_features: $width}, b: {block: b}, last: {op: linear, out_features: 2}}
"""
    design = Design(load_text(text))
    assert "self.last = nn.Linear(width, 2)" in design.source()
    assert design.build()(torch.rand(1, 4, 5)).shape == (1, 4, 2)
