"""The compiler, over specs written for what is hard to draw at random.

Repeats of differing length, blocks of several inputs or outputs, blocks chosen by a param, parts left out inside them.
"""

import re
from pathlib import Path

import pytest
import torch

from archspec import load, loads
from archspec.code.parts import SequencePart
from archspec.design import Design
from archspec.pipeline import load_network, load_text
from archspec.runtime.interpret import interpret

SPECS = sorted((Path(__file__).parent / "specs").glob("*.yaml"))


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_emitted_module_computes_what_the_graph_says(path: Path) -> None:
    design = Design(load_network(path))
    module = design.build().eval()
    network = design.network
    inputs = {name: torch.rand(2, *network.shapes[name][0].dims) for name in network.graph.inputs}
    with torch.no_grad():
        found = module(*inputs.values())
        wanted = interpret(
            network, module.state_dict(), {name: value.clone() for name, value in inputs.items()}
        ).outputs
    named = [found] if isinstance(found, torch.Tensor) else list(found)
    assert all(torch.equal(a, b) for a, b in zip(named, wanted.values(), strict=True))


def test_repeats_of_differing_length_share_a_class() -> None:
    source = Design(load_network(Path(__file__).parent / "specs" / "many_forms.yaml")).source()
    assert source.count("class Stage(") == source.count("class Stage") == 1
    assert "self.blocks = nn.Sequential(*(Res(channels) for _ in range(depth)))" in source


def test_uses_that_differ_in_a_field_of_a_helper_share_a_class() -> None:
    source = Design(load_network(Path(__file__).parent / "specs" / "helpers.yaml")).source()
    assert source.count("class Cn(") == source.count("class StochasticDepth(") == 1
    assert "self.drop = StochasticDepth(p)" in source


def test_an_op_that_is_chosen_or_absent_is_an_optional_argument() -> None:
    source = Design(load_network(Path(__file__).parent / "specs" / "chosen_or_no_op.yaml")).source()
    assert "activation: type[nn.Module] | None = None" in source
    assert "if activation is not None:" in source


def test_a_block_of_another_spec_has_a_class_of_its_own() -> None:
    source = Design(load_network(Path(__file__).parent / "specs" / "block_of_another_spec.yaml")).source()
    assert source.count("class Bottleneck(") == 1
    assert "self.b = Bottleneck(16, 32, groups=4)" in source


def test_what_a_condition_guards_is_written_with_parameters() -> None:
    """Where `stride` is a parameter, what is there `if stride != 1` has `stride`, not the 2 of every use."""
    source = Design(load_network("resnet", variant="resnet18")).source()
    assert "nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False)" in source


CELL = """
blocks:
  cell:
    inputs: [x, m]
    graph: {c: {op: conv2d, from: x, out_channels: 3, kernel_size: 1}, s: {op: add, from: [c, m]}}
"""


@pytest.mark.parametrize("read", ["y: r", "middle: r.3, y: r"], ids=["a loop", "part by part"])
def test_how_parts_of_a_repeat_are_called_is_asked_once(read: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part is held against the one before once: for every statement anew took 82 s for 800 parts."""
    asked: list[int] = []
    hands_on = SequencePart._hands_on

    def counted(part: SequencePart, i: int) -> bool:
        asked.append(i)
        return hands_on(part, i)

    monkeypatch.setattr(SequencePart, "_hands_on", counted)
    graph = f"graph: {{k: relu, r: {{block: cell, from: [image, k], repeat: 30}}}}\noutputs: {{{read}}}"
    source = Design(load_text(f"archspec: 1\ninputs: {{image: [3, 8, 8]}}\n{CELL}\n{graph}")).source()
    assert "for block in self.r" in source
    assert sorted(set(asked)) == sorted(asked)
    assert len(asked) in (28, 29)  # what something else reads ends a stretch without being asked


def test_lists_in_lists_are_written_once_each() -> None:
    """Each level writes the one inside once: twice would be a thousand million times at this depth."""
    inner = "[relu]"
    for _ in range(30):
        inner = f"[{{graph: {inner}}}, tanh]"
    source = Design(
        load_text(f"archspec: 1\ninputs: {{image: [3, 8, 8]}}\ngraph: {{a: {{graph: {inner}}}}}\n")
    ).source()
    assert source.count("nn.Tanh()") == 30


LETS = """
archspec: 1
name: Tiny
params: {width: 8, half: 2, heads: 2}
let: {head: $(width // heads), layer: $(width + heads), once: $(3 * width)}
inputs: {x: [8]}
init: {linear: {bias: zeros}}
blocks:
  b:
    params: {width: int}
    let: {inner: $(width + 1), wide: $(inner * 2)}
    graph:
      - {op: linear, out_features: $wide}
      - {op: linear, out_features: $(wide + inner)}
      - {op: linear, out_features: $wide}
graph:
  a: {op: linear, out_features: $head}
  b: {op: linear, out_features: $head}
  c: {op: linear, out_features: $layer, init: {weight: {normal: {std: $(1 / layer)}}}}
  d: {block: b, width: $width}
  e: {block: b, width: $half}
  f: {op: linear, out_features: $once}
"""


def test_a_let_is_a_variable_where_a_constructor_needs_its_value_again() -> None:
    design = Design(load_text(LETS))
    source = design.source()
    assert (
        "        head = width // heads\n        layer = width + heads\n        self.a = nn.Linear(8, head)\n" in source
    )
    assert "once" not in source
    assert "        inner = width + 1\n        wide = inner * 2\n        super().__init__(\n" in source
    assert design.verify().passed


def test_blocks_that_an_argument_chooses_are_what_the_graph_says() -> None:
    design = Design(load_network(Path(__file__).parent / "cases" / "source" / "chosen_blocks.yaml"))
    assert "kind: type[Plain | Deep] = Plain" in design.source()
    assert design.verify().passed


def test_a_block_with_several_outputs_may_run_in_training_only() -> None:
    """`a, b = self.aux(x) if self.training else None` is no program."""
    design = Design(
        load_text(
            """\
archspec: 1
name: Net
inputs: {x: [3, 8, 8]}
blocks:
  heads:
    graph:
      a: {op: conv2d, out_channels: 4, kernel_size: 1}
      b: {op: conv2d, from: x, out_channels: 5, kernel_size: 1}
    outputs: {a: a, b: b}
graph:
  conv: {op: conv2d, out_channels: 4, kernel_size: 3}
  aux: {block: heads, when: training}
  relu: {op: relu, from: conv}
outputs: {y: relu, first: aux.a, second: aux.b}
"""
        )
    )
    module, x = design.build(), torch.rand(2, 3, 8, 8)
    assert module.eval()(x).shape == (2, 4, 6, 6)
    assert [value.shape[1] for value in module.train()(x)] == [4, 4, 5]


def test_a_block_of_any_number_of_inputs_is_one_class() -> None:
    source = Design(load_network(Path(__file__).parent / "specs" / "any_number_of_values.yaml")).source()
    for name, made in (("Exchange", "(8, 16, 32)"), ("Weigh", "num_maps=3"), ("Merge", "(16, 8, 32)")):
        assert source.count(f"class {name}(") == source.count(f"{name}(nn.") == 1
        assert f"= {name}({made})" in source
    assert "units = [unit(x) for unit, x in zip(self.units, maps, strict=True)]" in source
    assert "parts = self.weights.chunk(len(maps), dim=0)" in source
    assert "self.conv = nn.Conv2d(sum(channels), 8, 1)" in source


def test_a_block_whose_numbers_follow_no_rule_has_a_class_for_each() -> None:
    """From the sizes 12 of two and 24 of three nobody knows that of four."""
    source = Design(load_network(Path(__file__).parent / "specs" / "any_number_of_values.yaml")).source()
    assert "class Numbered(" in source
    assert "class TripleNumbered(" in source


def test_one_head_over_several_maps_is_one_module_and_a_comprehension() -> None:
    design = Design(load_network(Path(__file__).parent / "specs" / "one_head_for_each.yaml"))
    source = design.source()
    assert "class_head = [self.class_head(x) for x in maps]" in source
    assert "self.laterals = nn.ModuleList(nn.Conv2d(16, 16, 1) for _ in range(3))" in source
    keys = [
        key
        for key in design.build().state_dict()
        if key.startswith(("heads.", "direct")) and key.endswith("predict.bias")
    ]
    assert keys == ["heads.class_head.predict.bias", "heads.box_head.predict.bias", "direct.predict.bias"]


def test_order_names_a_list_for_all_of_its_members() -> None:
    text = """
    archspec: 1
    inputs: {image: [3, 8, 8]}
    graph:
      stem: {op: conv2d, out_channels: 3, kernel_size: 1}
      convs: {op: conv2d, each: [image, stem], out_channels: 3, kernel_size: 1}
      sum: {op: add, from: convs.*}
    order: [convs, stem]
    """
    assert list(loads(text).build().state_dict())[::2] == ["convs.0.weight", "convs.1.weight", "stem.weight"]


def test_a_class_for_any_number_of_values_is_traced() -> None:
    """Tracing knows no length of what a call gives, so that a comprehension goes over the values that were given."""
    module = Design(load_network(Path(__file__).parent / "specs" / "any_number_of_values.yaml")).build().eval()
    image = torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        wanted = module(image)
        for traced in (torch.fx.symbolic_trace(module), torch.export.export(module, (image,)).module()):
            assert all(torch.equal(a, b) for a, b in zip(traced(image), wanted, strict=True))


def test_a_sum_of_very_many_values_compiles() -> None:
    text = """
archspec: 1
inputs: {image: [3, 4, 4]}
blocks:
  fuse:
    inputs: [maps.*]
    graph: {convs: {op: conv2d, each: maps, out_channels: 1, kernel_size: 1}, sum: {op: add, from: convs.*}}
graph:
  parts: {op: relu, repeat: 400}
  few: {block: fuse, from: [image, parts]}
  all: {block: fuse, from: parts.*}
outputs: [few, all]
"""
    assert loads(text).source().count("class Fuse") == 1


PARTS = """\
archspec: 1
name: Parts
params: {width: 6}
inputs: {image: [3, 8, 8]}
blocks:
  conv: {params: {channels: int}, graph: [{op: conv2d, out_channels: $channels, kernel_size: 1}, {block: act}]}
  act: {graph: {act: relu, spare: {op: tanh, from: x}}, outputs: {y: act}}
graph: {stem: {block: conv, channels: $width}}
"""
USER = """\
archspec: 1
name: Net
inputs: {image: [3, 8, 8]}
use: {parts: parts.yaml, conv: parts.yaml#conv}
blocks: {conv2: {graph: {a: {block: conv, channels: 5}, b: {block: conv, channels: 5}}}}
graph: {whole: {block: parts}, again: {block: conv2}}
"""


def test_a_block_of_a_spec_is_one_class_whether_it_is_used_alone_or_in_its_spec(tmp_path: Path) -> None:
    (tmp_path / "parts.yaml").write_text(PARTS, "utf-8")
    (tmp_path / "net.yaml").write_text(USER, "utf-8")
    design = load(tmp_path / "net.yaml")
    assert design.network.warnings == ()  # `spare` is for whoever uses the other file
    source = design.source()
    assert re.findall(r"class (\w+)", source) == ["Act", "Conv", "Parts", "Conv2", "Net"]
    assert design.build()(torch.zeros(1, 3, 8, 8)).shape == (1, 5, 8, 8)
