"""Constructor parameters never lie: `Net(p=v)` is the network of `--set p=v`, or `p` is no parameter.

`python tests/code/parameters.py` tells it of every network there is.
"""

from pathlib import Path
from typing import Any

import pytest

from archspec.design import Design
from archspec.pipeline import load_text
from tests.code.parameters import Tried, lies, load, names, tried
from tests.examples import one_in
from tests.gallery.networks import FEW, sampled

CASES_OF_FUZZ = Path(__file__).parent / "cases" / "fuzz"

# Not yet Python at all: tests/code/cases/README.md has them.
NO_CLASS = {
    "fuzz/param_called_nn",
    "fuzz/shared_block_with_list",
    "fuzz/shared_list_of_two_inputs",
    "fuzz/shared_tower",
    "source/shared_list",
    "source/siamese_nested",
}
# Imports packages that nobody has.
NOT_HERE = {"language/own_module"}
CASES = [name for name in names() if "/" in name and name not in NO_CLASS | NOT_HERE]
GALLERY = {
    "autoencoder": {"channels", "width", "code"},
    "dcgan_generator:pytorch": {"channels", "noise"},
    "hourglass:hourglass2": {"joints", "width"},
    "unet:same": {"channels", "classes"},
    "vgg:vgg11": {"classes", "dropout", "padding", "ceil_mode"},
    "swin:swin_t": {"classes", "window", "dropout"},
    "maxvit:maxvit_t": {"classes", "dropout", "widths", "depths"},
}

# What becomes of `p`, of a network whose graph is written here: a parameter of the class, or none.
FOLLOWED = {
    "a width above a permute": """
      conv: {op: conv2d, out_channels: $p, kernel_size: 1}
      turn: {op: permute, dims: [0, 2, 3, 1]}
      fc: {op: linear, out_features: 5}""",
    "heads that are split and joined": """
      tokens: {op: flatten, start_dim: 2}
      turn: {op: transpose, dim0: 1, dim1: 2}
      qkv: {op: linear, out_features: 12}
      split: {op: unflatten, dim: 2, unflattened_size: [$p, -1]}
      flat: {op: flatten, start_dim: 2}
      out: {op: linear, out_features: 3}""",
    "a chunk of a width": """
      conv: {op: conv2d, out_channels: $(2 * p), kernel_size: 1}
      parts: {op: chunk, chunks: 2, outputs: [a, b]}
      last: {op: conv2d, out_channels: 3, kernel_size: 1, from: parts.b}""",
    "a part of a width": """
      conv: {op: conv2d, out_channels: 9, kernel_size: 1}
      parts: {op: split, split_size: [$p, $(9 - p)], outputs: [a, b]}
      last: {op: conv2d, out_channels: 3, kernel_size: 1, from: parts.b}""",
    "a slice from the end": """
      conv: {op: conv2d, out_channels: 9, kernel_size: 1}
      cut: {op: slice, dim: 1, start: $(-p)}
      last: {op: conv2d, out_channels: 3, kernel_size: 1}""",
    "pixels made of a width": """
      conv: {op: conv2d, out_channels: $(4 * p), kernel_size: 1}
      up: {op: pixel_shuffle, upscale_factor: 2}
      last: {op: conv2d, out_channels: 3, kernel_size: 1}""",
    "attention of a width": """
      tokens: {op: flatten, start_dim: 2}
      turn: {op: transpose, dim0: 1, dim1: 2}
      fc: {op: linear, out_features: $(2 * p)}
      mix: {op: multi_head_attention, num_heads: 2}
      out: {op: linear, out_features: 3}""",
    "a kernel before a linear layer": """
      conv: {op: conv2d, out_channels: 2, kernel_size: $p}
      flat: flatten
      fc: {op: linear, out_features: 3}""",
    "a factor of an upsampling": """
      up: {op: upsample, scale_factor: $p}
      flat: flatten
      fc: {op: linear, out_features: 3}""",
    "a branch that p decides": """
      conv: {op: conv2d, out_channels: "$(8 if p > 4 else p)", kernel_size: 1}
      last: {op: conv2d, out_channels: 3, kernel_size: 1}""",
    "the length of a repeat of one op": """
      body: {op: conv2d, out_channels: 3, kernel_size: 1, repeat: $p}""",
    "a shortcut that is there where channels differ": """
      a: {block: residual, channels: $p}
      b: {block: residual, channels: $(2 * p)}
      c: {block: residual, channels: $(2 * p)}
      last: {op: conv2d, out_channels: 3, kernel_size: 1}""",
    "numbers counted up to a width": """
      tokens: {op: flatten, start_dim: 2}
      turn: {op: transpose, dim0: 1, dim1: 2}
      fc: {op: linear, out_features: $(2 * p)}
      steps: {op: arange, end: $(2 * p), persistent: false}
      add: {op: add, from: [fc, steps]}
      out: {op: linear, out_features: 3}""",
    "two halves of a width": """
      tokens: {op: flatten, start_dim: 2}
      turn: {op: transpose, dim0: 1, dim1: 2}
      left: {op: linear, from: turn, out_features: $((p + 1) // 2)}
      right: {op: linear, from: turn, out_features: $((p + 1) // 2)}
      both: {op: concat, from: [left, right], dim: -1}
      whole: {op: linear, from: turn, out_features: $(p + 1)}
      add: {op: add, from: [both, whole]}
      mix: {op: multi_head_attention, from: [add, whole], num_heads: 2}""",
    "the length of a repeat that halves a map": """
      down: {block: half, repeat: $(p - 1)}
      pool: {op: adaptive_avg_pool2d, output_size: 1}
      flat: flatten
      fc: {op: linear, out_features: 3}""",
    "the same in a block": """
      down: {block: halves, n: $(p - 1)}
      last: {op: conv2d, out_channels: 3, kernel_size: 1}""",
    "the length of a repeat whose parts read their height when they run": """
      down: {block: resized, repeat: $(p - 1)}
      last: {op: conv2d, out_channels: 3, kernel_size: 1}""",
    "the length of a repeat that makes channels of places": """
      down: {block: folded, repeat: $(p - 1)}
      last: {op: conv2d, out_channels: 3, kernel_size: 1}""",
    "the length of a repeat whose parts follow from their number": """
      down: {block: gap, repeat: $p, gap: $(2 ** i), kernel: $p}
      last: {op: conv2d, out_channels: 3, kernel_size: 1}""",
    "the same where a sum has to be worked out": """
      body: {op: conv2d, out_channels: 3, kernel_size: 3, padding: $(i + 1), dilation: $(i + 1), repeat: $(p - 1)}
      last: {op: conv2d, out_channels: 3, kernel_size: 1}""",
    "the same where the kernel is another argument's": """
      down: {block: gap, repeat: 3, gap: $(2 ** i), kernel: $(2 * p - 1)}
      last: {op: conv2d, out_channels: 3, kernel_size: 1}""",
    "the length of a repeat of a graph": """
      body: {repeat: $p, graph: [{op: conv2d, out_channels: 3, kernel_size: 1}]}""",
    "the same of layers, a block and a repeat": """
      body:
        repeat: $(p - 1)
        graph:
          conv: {op: conv2d, out_channels: 3, kernel_size: 1, bias: false}
          norm: batch_norm2d
          act: relu
          inner: {repeat: $p, graph: [{op: conv2d, out_channels: 3, kernel_size: 1}, tanh]}
          block: {block: residual, channels: 3}
      add: {op: add, from: [body, x]}
      act: relu""",
    "the length of a repeat of a graph that is no chain": """
      body: {repeat: $p, graph: {c: {op: conv2d, out_channels: 3, kernel_size: 1}, add: {op: add, from: [c, x]}}}""",
    "the length of a repeat that hands on two values": """
      down: {block: pair, from: [x, x], repeat: $p}
      last: {op: conv2d, out_channels: 3, kernel_size: 1, from: down.y}""",
    "a block that another block of one name has around it": """
      body: {flat: true, graph: {conv: {op: conv2d, out_channels: $p, kernel_size: 1}, inner: {block: inner}}}""",
    "the length of a repeat of a graph whose first part differs": """
      body: {repeat: $p, graph: [{op: conv2d, out_channels: 4, kernel_size: 1}, relu]}""",
}
LOST = {
    "a condition that no use answers": """
      conv: {op: conv2d, out_channels: 4, kernel_size: 1}
      extra: {op: batch_norm2d, when: $(p > 6)}""",
    "a condition in a list": """
      body: {graph: [{op: conv2d, out_channels: 4, kernel_size: 1}, {op: batch_norm2d, when: $(p > 6)}]}""",
    "the length of a repeat of a graph that reads its number": """
      body: {repeat: $p, graph: [{op: conv2d, out_channels: 3, kernel_size: 1}, {op: dropout, p: $(i / 10)}]}""",
    "the length of a repeat of a graph of which a later part has a layer more": """
      body: {repeat: $p, graph: [{op: conv2d, out_channels: 3, kernel_size: 1}, {op: batch_norm2d, when: $(i > 3)}]}""",
    "the length of a repeat of a graph of which a later part has a layer less": """
      body: {repeat: $p, graph: [{op: conv2d, out_channels: 3, kernel_size: 1}, {op: batch_norm2d, when: $(i < 4)}]}""",
    "the length of a repeat of a graph that is no chain and reads its number": """
      body: {repeat: $p, graph: {drop: {op: dropout, p: $(i / 10)}, add: {op: add, from: [drop, x]}}}""",
    "the length of a repeat of a graph that halves a map": """
      body: {repeat: $(p - 1), graph: [{op: conv2d, out_channels: 3, kernel_size: 3, stride: 2, padding: 1}, relu]}""",
    "the length of a repeat that halves a map, before a linear layer": """
      down: {block: half, repeat: $(p - 1)}
      flat: flatten
      fc: {op: linear, out_features: 3}""",
    "the same in a block": """
      down: {block: halves, n: $(p - 1)}
      flat: flatten
      fc: {op: linear, out_features: 3}""",
    "the same in a block, before an op": """
      down: {block: halves, n: $(p - 1)}
      act: tanh
      flat: flatten
      fc: {op: linear, out_features: 3}""",
    "the length of a repeat whose parts hold something of each place": """
      down: {block: placed, repeat: $(p - 1)}
      last: {op: conv2d, out_channels: 3, kernel_size: 1}""",
    "the length of a repeat whose parts ask for their height": """
      down: {block: asking, repeat: $(p - 1)}
      last: {op: conv2d, out_channels: 3, kernel_size: 1}""",
    "the length of a repeat of which a later part gives other channels": """
      body: {op: conv2d, out_channels: $(3 if i < 4 else 5), kernel_size: 1, repeat: $p}""",
    "the length of a repeat of which a later part has a layer more": """
      body: {block: later, at: $i, repeat: $p}""",
    "the number of chunks": """
      parts: {op: chunk, chunks: $p, dim: 2}
      flat: flatten
      fc: {op: linear, out_features: 3}""",
    "a stop that may lie beyond the end": """
      cut: {op: slice, dim: 2, stop: $p}
      flat: flatten
      fc: {op: linear, out_features: 3}""",
    "a flag that changes a size": """
      mean: {op: mean, dim: 2, keepdim: $(p > 6)}
      flat: {op: flatten, start_dim: 2, end_dim: -1}
      fc: {op: linear, out_features: 3}""",
}

BLOCKS = """
blocks:
  inner: {params: {p: 5}, graph: {conv: {op: conv2d, out_channels: $p, kernel_size: 1}}}
  half: {graph: {conv: {op: conv2d, out_channels: 3, kernel_size: 3, stride: 2, padding: 1}, act: relu}}
  gap:
    params: {gap: 1, kernel: int}
    graph:
      pad: {op: pad, pad: ["$((kernel - 1) * gap)", 0]}
      conv: {op: conv2d, out_channels: 3, kernel_size: [1, $kernel], dilation: [1, $gap]}
  pair:
    inputs: [x, y]
    graph:
      x_conv: {op: conv2d, out_channels: 3, kernel_size: 1, from: x}
      y_conv: {op: add, from: [x_conv, y]}
    outputs: {x: x_conv, y: y_conv}
  later:
    params: {at: int}
    graph: {conv: {op: conv2d, out_channels: 3, kernel_size: 1}, norm: {op: batch_norm2d, when: $(at > 3)}}
  halves: {params: {n: int}, graph: {all: {block: half, repeat: $n}}}
  resized:
    graph:
      up: {op: upsample, size: ["$(x.height + 1)", "$x.width"]}
      conv: {op: conv2d, out_channels: 3, kernel_size: 1}
  placed: {graph: {down: {block: half}, inner: {graph: {norm: {op: layer_norm, normalized_shape: $x.shape}}}}}
  asking: {graph: {down: {block: half}, norm: {op: batch_norm2d, when: $(x.height > 2)}}}
  folded:
    graph:
      down: {op: pixel_unshuffle, downscale_factor: 2}
      conv: {op: conv2d, out_channels: 3, kernel_size: 1}
      flat: {op: flatten, start_dim: 2}
      turn: {op: transpose, dim0: 1, dim1: 2}
      mix: {op: linear, out_features: 3}
      back: {op: transpose, dim0: 1, dim1: 2}
      map: {op: unflatten, dim: 2, unflattened_size: ["$(x.height // 2)", -1]}
  residual:
    params: {channels: int}
    graph:
      conv: {op: conv2d, out_channels: $channels, kernel_size: 1}
      shortcut: {op: conv2d, from: x, out_channels: $channels, kernel_size: 1, when: $(x.channels != channels)}
      add: {op: add, from: [shortcut, conv]}
"""


def tried_graph(graph: str, folder: Path) -> Tried:
    path = folder / "spec.yaml"
    blocks = BLOCKS if "block: " in graph else ""
    path.write_text(f"archspec: 1\nname: Net\nparams: {{p: 3}}\ninputs: {{x: [3, 12, 12]}}{blocks}\ngraph:{graph}\n")
    return tried(str(path), numbers=True)


def told(found: Tried) -> list[str]:
    return [f"{trial.name}={trial.value}: {trial.outcome} {trial.told}" for trial in found.trials if lies(trial)]


@pytest.mark.parametrize("name", one_in(3, CASES))
def test_no_parameter_of_a_case_lies(name: str) -> None:
    assert told(tried(name, numbers=True)) == []


@pytest.mark.parametrize("name", sampled(GALLERY, "autoencoder", "unet:same", "vgg:vgg11", sample=FEW))
def test_parameters_of_the_gallery_do_what_they_say(name: str) -> None:
    found = tried(name)
    assert told(found) == []
    assert {trial.name for trial in found.trials} == GALLERY[name]


@pytest.mark.parametrize("what", FOLLOWED)
def test_what_follows_is_a_parameter(what: str, tmp_path: Path) -> None:
    found = tried_graph(FOLLOWED[what], tmp_path)
    assert told(found) == []
    assert {trial.outcome for trial in found.trials} == {"equal"}


@pytest.mark.parametrize("what", LOST)
def test_what_does_not_follow_is_none(what: str, tmp_path: Path) -> None:
    assert tried_graph(LOST[what], tmp_path).trials == ()


def test_a_param_that_is_none_has_a_reason(tmp_path: Path) -> None:
    repeat, chunks = (
        tried_graph(LOST[what], tmp_path).lost
        for what in ("the length of a repeat of a graph that reads its number", "the number of chunks")
    )
    assert repeat == (("p", "decides body in Net (decides)"),)
    assert chunks == (("p", "decides parts in Net (_op)"),)
    assert tried("gpt_neox").lost[1] == ("context", "the source does not read it")


def test_a_param_that_a_block_of_another_spec_reads_from_around_it_is_an_argument(tmp_path: Path) -> None:
    (tmp_path / "tail.yaml").write_text("""\
archspec: 1
name: Tail
params: {width: 4}
inputs: {x: [3, 8, 8]}
blocks: {b: {graph: {conv: {op: conv2d, out_channels: $width, kernel_size: 1}}}}
graph: {b: {block: b}}
""")
    path = tmp_path / "net.yaml"
    path.write_text("""\
archspec: 1
name: Net
params: {p: 6}
inputs: {x: [3, 8, 8]}
use: {tail: tail.yaml}
graph: {tail: {block: tail, width: $p}, last: {op: conv2d, out_channels: 2, kernel_size: 1}}
""")
    found = tried(str(path))
    assert told(found) == []
    assert {trial.outcome for trial in found.trials} == {"equal"}


def test_what_a_variant_sets_follows_from_nothing(tmp_path: Path) -> None:
    """Although it has the value that would follow."""
    case = (CASES_OF_FUZZ / "following_param_set_by_a_variant.yaml").read_text(encoding="utf-8")
    path = tmp_path / "net.yaml"
    path.write_text(case, encoding="utf-8")
    for variant, wanted in (("", "Linear(width, width // 2)"), (":plain", "Linear(width, 3)")):
        found = tried(f"{path}{variant}", numbers=True)
        assert told(found) == []
        assert wanted in Design(load(f"{path}{variant}")).source()


def test_a_repeat_that_is_a_class_is_given_what_stands_in_it() -> None:
    source = Design(load("fuzz/param_in_a_repeat_in_a_list")).source()
    assert "super().__init__([Block(in_channels, wide), Block(wide, wide)])" in source
    assert "super().__init__([Block(wide, wide), Block(wide, 2 * wide)])" in source


def test_an_item_of_a_list_is_what_a_block_is_given() -> None:
    source = Design(load("source/list_literals")).source()
    assert "self, in_channels: int, out_channels: int, stride: int | tuple[int, int]" in source
    assert "self.s2 = Stage(features[1], features[2], stride=(1, 2))" in source


def test_an_op_is_an_argument_that_the_class_is_given(tmp_path: Path) -> None:
    """Wherever it goes; nothing works in place then, and what is compared with its name, or is a text too, is none."""
    path = tmp_path / "net.yaml"
    path.write_text("""\
archspec: 1
name: Net
params: {act: relu, gate: sigmoid, last: identity, kind: tanh, text: relu}
inputs: {x: [3, 8, 8]}
blocks:
  b:
    params: {act: gelu, n: 2}
    graph:
      conv: {op: conv2d, out_channels: 4, kernel_size: 3, padding: 1}
      act: {op: $act}
      add: {op: add, from: [act, conv]}
      more: {repeat: $n, graph: [{op: conv2d, out_channels: 4, kernel_size: 1}, {op: $act}]}
graph:
  stem: {op: conv2d, out_channels: 4, kernel_size: 1, init: {weight: {kaiming_normal: {nonlinearity: $text}}}}
  text: {op: $text}
  a: {block: b, act: $act}
  b: {block: b}
  gate: {op: "$(gate if act == 'relu' else act)", from: stem}
  mul: {op: mul, from: [b, gate]}
  flat: {flat: true, graph: {one: {op: $act}, two: {op: conv2d, out_channels: 4, kernel_size: 1}, three: {op: $last}}}
  relu: relu
  kind: {op: $kind}
  norm: {op: batch_norm2d, when: $(kind == 'tanh')}
""")
    found = tried(str(path), numbers=True)
    assert told(found) == []
    assert {trial.name for trial in found.trials} == {"act", "gate", "last"}
    assert "act: type[nn.Module] = nn.ReLU" in Design(load(str(path))).source()


def test_a_part_that_is_made_apart_is_always_there() -> None:
    graph = "{body: {op: linear, out_features: 4, repeat: $depth}}"
    text = f"archspec: 1\nname: Net\nparams: {{depth: 2}}\ninputs: {{x: [3]}}\ngraph: {graph}\n"
    made: dict[str, Any] = {}
    exec(Design(load_text(text)).source(), made)
    assert len(made["Net"](depth=1).body) == 1
    with pytest.raises(ValueError, match="depth must be at least 1"):
        made["Net"](depth=0)


def test_a_list_has_a_last_item_where_its_size_is_read_behind_the_parts() -> None:
    graph = "{body: {op: linear, out_features: $widths.i, repeat: $(len(widths))}, last: {op: linear, out_features: 2}}"
    text = f"archspec: 1\nname: Net\nparams: {{widths: [4, 5]}}\ninputs: {{x: [3]}}\ngraph: {graph}\n"
    made: dict[str, Any] = {}
    exec(Design(load_text(text)).source(), made)
    assert made["Net"](widths=(7,)).last.in_features == 7
    with pytest.raises(ValueError, match="widths must have at least 1 item"):
        made["Net"](widths=())
