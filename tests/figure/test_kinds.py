"""Red is for an addition of a value with what was computed from it, and for a concatenation of an earlier map."""

import pytest

from archspec.figure.diagram import Panel
from archspec.figure.look.theme import LIGHT
from archspec.figure.what import panels
from archspec.figure.what.depict import diagram, setting_of
from archspec.page.parts import all_open
from archspec.pipeline import load_network, load_text

CONV = "{op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}"
PARTS = """
  c: {{op: chunk, chunks: 2}}
  a: {{op: conv2d, out_channels: 4, kernel_size: 3, padding: 1, from: c.0}}
  b: {{op: add, from: [a, {}]}}
"""


def panel(graph: str, blocks: str = "", inputs: str = "x: [8, 16, 16]") -> Panel:
    return diagram(load_text(f"archspec: 1\nname: Net\ninputs: {{{inputs}}}\n{blocks}graph:\n{graph}")).panels[0]


def red(shown: Panel) -> dict[tuple[str, str], str]:
    return {(edge.tail, edge.head): edge.kind for edge in shown.edges if edge.kind != "flow"}


@pytest.mark.parametrize(
    ("graph", "found"),
    [
        (f"  a: {CONV}\n  b: relu\n  c: {{op: add, from: [b, x]}}", {("x", "c"): "residual"}),
        (
            (
                f"  a: {CONV}\n  b: {CONV}\n  p: {{op: conv2d, out_channels: 8, kernel_size: 1, from: x}}\n"
                "  c: {op: add, from: [b, p]}"
            ),
            {("x", "p"): "residual", ("p", "c"): "residual"},
        ),
        (
            (
                f"  a: {CONV[:-1]}, stride: 2}}\n  b: {CONV}\n  d: tanh\n  e: {CONV}\n"
                "  q: {op: avg_pool2d, kernel_size: 2, from: x}\n"
                "  p: {op: conv2d, out_channels: 8, kernel_size: 1}\n  c: {op: add, from: [e, p]}"
            ),
            {("x", "q"): "residual", ("q", "p"): "residual", ("p", "c"): "residual"},
        ),
        (
            (
                f"  a: {CONV}\n  b: {CONV}\n  d: {CONV}\n"
                "  q: {op: conv2d, out_channels: 8, kernel_size: 1, from: x}\n"
                "  p: {op: conv2d, out_channels: 8, kernel_size: 1}\n  c: {op: add, from: [d, p]}"
            ),
            {},
        ),
        (f"  a: {CONV}\n  b: {{op: concat, from: [a, x]}}", {("x", "b"): "skip"}),
        (f"  a: {CONV}\n  b: {{op: add, from: [a, x]}}\n  c: flatten", {("x", "b"): "residual"}),
    ],
    ids=[
        "as it is",
        "with a projection",
        "pooled and projected",
        "behind two layers",
        "concatenated",
        "before it is flattened",
    ],
)
def test_what_the_flow_was_computed_from_is_red(graph: str, found: dict[tuple[str, str], str]) -> None:
    assert red(panel(graph)) == found


@pytest.mark.parametrize(
    ("graph", "inputs"),
    [
        (f"  a: {CONV}\n  b: {CONV}\n  c: {{op: add, from: [b, y]}}", "x: [8, 16, 16], y: [8, 16, 16]"),
        (
            (
                f"  a: {CONV}\n  b: {CONV}\n  d: {CONV}\n  e: {CONV}\n  f: {{op: sigmoid, from: y}}\n"
                "  c: {op: concat, from: [e, f]}"
            ),
            "x: [8, 16, 16], y: [8, 16, 16]",
        ),
        (
            (
                f"  a: {CONV}\n  m: {{op: mean, dim: [2, 3], keepdim: true, from: x}}\n"
                "  n: {op: flatten}\n  g: {op: mul, from: [a, m]}\n"
            ),
            "x: [8, 16, 16]",
        ),
        (
            (
                "  ids: {op: positions, from: x}\n  s: {op: embedding, num_embeddings: 16, embedding_dim: 8}\n"
                "  t: {op: linear, out_features: 8}\n  u: {op: linear, out_features: 8, from: t}\n"
                "  c: {op: add, from: [x, u]}"
            ),
            "x: [16, 8]",
        ),
    ],
    ids=["another input", "another input, far", "a gate", "places"],
)
def test_what_the_flow_was_not_computed_from_is_not(graph: str, inputs: str) -> None:
    assert red(panel(graph, inputs=inputs)) == {}


def test_as_many_ops_that_only_pool_and_pad_are_a_shortcut() -> None:
    """Option A of ResNet takes every other pixel and appends zeros: two boxes beside two convolutions."""
    shown = panel(
        f"  a: {CONV[:-1]}, stride: 2}}\n  b: {CONV}\n  q: {{op: max_pool2d, kernel_size: 1, stride: 2, from: x}}\n"
        "  p: {op: pad, pad: [0, 0, 0, 0, 0, 4]}\n  c: {op: add, from: [b, p]}",
        inputs="x: [4, 16, 16]",
    )
    assert red(shown) == {("x", "q"): "residual", ("q", "p"): "residual", ("p", "c"): "residual"}


def test_a_projection_beside_a_closed_block_of_more_layers_is_a_shortcut() -> None:
    """The entry flow of Xception: a box stands beside a box, and in one of them are three convolutions."""
    blocks = f"blocks: {{convs: {{graph: {{a: {CONV}, r: relu, b: {CONV}, d: tanh, e: {CONV}}}}}}}\n"
    graph = (
        "  p: {op: conv2d, out_channels: 8, kernel_size: 1}\n  m: {block: convs, from: x}\n  c: {op: add, from: [p, m]}"
    )
    text = f"archspec: 1\nname: Net\ninputs: {{x: [8, 16, 16]}}\n{blocks}graph:\n{graph}"
    shown = diagram(load_text(text), depth=1).panels[0]
    assert red(shown) == {("x", "p"): "residual", ("p", "c"): "residual"}


BLOCKS = """blocks:
  adds: {inputs: [x, y], graph: {a: CONV, b: relu, c: {op: add, from: [b, y]}, d: CONV, e: CONV}}
  joins: {inputs: [x, y], graph: {a: CONV, c: {op: concat, from: [a, y]}, d: CONV, e: CONV}}
  gates: {inputs: [x, y], graph: {a: CONV, c: {op: mul, from: [a, y]}, d: CONV, e: CONV}}
  twice: {inputs: [x, y], graph: {p: {op: conv2d, out_channels: 8, kernel_size: 1, from: y},
    q: {op: conv2d, out_channels: 8, kernel_size: 1}, a: {op: conv2d, out_channels: 8, kernel_size: 1, from: x},
    c: {op: add, from: [a, q]}, d: CONV, e: CONV}}
""".replace("CONV", CONV)


@pytest.mark.parametrize(
    ("block", "found"),
    [("adds", {("x", "use"): "residual"}), ("joins", {("x", "use"): "skip"}), ("gates", {}), ("twice", {})],
)
def test_a_closed_block_makes_of_what_it_reads_what_the_join_in_it_does(
    block: str, found: dict[tuple[str, str], str]
) -> None:
    graph = f"  a: {CONV}\n  b: {CONV}\n  c: tanh\n  use: {{block: {block}, from: [c, x]}}"
    made = load_text(f"archspec: 1\nname: Net\ninputs: {{x: [8, 16, 16]}}\n{BLOCKS}graph:\n{graph}")
    assert red(diagram(made, depth=1).panels[0]) == found


@pytest.mark.parametrize("spec", ["clip", "t5", "perceiver:small", "conformer:small", "transformer"])
def test_towers_memories_places_and_masks_are_not_red(spec: str) -> None:
    assert red(diagram(load_network(spec)).panels[0]) == {}


def test_the_time_of_a_diffusion_network_is_no_skip_and_every_skip_is() -> None:
    [up] = [shown for shown in diagram(load_network("ddpm_unet")).panels if shown.title == "up"]
    assert {tail for tail, _ in red(up)} == {"input@skip1", "input@skip2", "input@skip3"}


def test_the_other_part_of_a_chunk_is_no_residual() -> None:
    """The sum is of what was computed from one part and of the other, as in a FiLM layer or a reversible block."""
    assert red(panel(PARTS.format("c.1"))) == {}


def test_the_same_part_of_a_chunk_is_one() -> None:
    assert red(panel(PARTS.format("c.0"))) == {("c", "b"): "residual"}


def test_what_is_looked_up_for_an_input_is_no_skip() -> None:
    """A label that is embedded beside an image in a closed block, as it is in an open one."""
    block = (
        "blocks:\n  d:\n    inputs: [image, label]\n    graph:\n"
        "      emb: {op: embedding, num_embeddings: 10, embedding_dim: 256, from: label}\n"
        "      map: {op: unflatten, dim: 1, unflattened_size: [1, 16, 16]}\n"
        "      cat: {op: concat, from: [image, map]}\n"
        "      conv: {op: conv2d, out_channels: 8, kernel_size: 1}\n"
    )
    graph = (
        "  look: {op: embedding, num_embeddings: 10, embedding_dim: 2048, from: y}\n"
        "  z: {op: unflatten, dim: 1, unflattened_size: [8, 16, 16]}\n"
        f"  a: {CONV}\n  b: {CONV}\n  c: {CONV}\n  d: {{block: d, from: [c, y]}}\n"
    )
    network = load_text(f"archspec: 1\nname: Net\ninputs: {{y: {{shape: [], dtype: int}}}}\n{block}graph:\n{graph}")
    assert red(diagram(network, depth=1).panels[0]) == {}
    assert red(diagram(network, depth=2).panels[0]) == {}


def test_an_upsampled_map_is_no_skip_though_a_gate_was_computed_from_it() -> None:
    """As in a U-Net with attention gates: the gated map is deeper, and the up-sampling is still what comes up."""
    conv = "{op: conv2d, out_channels: 8, kernel_size: 1}"
    shown = panel(
        f"  e: {CONV}\n  p: {{op: max_pool2d, kernel_size: 2}}\n  b: {CONV}\n  u: {{op: upsample, scale_factor: 2}}\n"
        f"  w: {conv}\n  s: sigmoid\n  g: {{op: mul, from: [e, s]}}\n  c: {{op: concat, from: [g, u]}}\n"
    )
    assert ("u", "c") not in red(shown)


LATENTS = """
  latents: {op: parameter, shape: [1, 8, 32]}
  start: {op: expand, from: {x: latents, like: x}}
  attn: {op: multi_head_attention, num_heads: 4, from: [start, x]}
  sum: {op: add, from: [start, attn]}
"""
PLACES = """
  table: {op: parameter, shape: [16, 32]}
  placed: {op: add, from: [x, table]}
  fc: {op: linear, out_features: 32}
  again: {op: add, from: [fc, table]}
"""


@pytest.mark.parametrize(
    ("graph", "found"),
    [(LATENTS, {("start", "sum"): "residual"}), (PLACES, {})],
    ids=["latents that an attention reads", "places that are added twice"],
)
def test_what_is_learned_is_residual_where_the_flow_was_computed_from_it(
    graph: str, found: dict[tuple[str, str], str]
) -> None:
    assert red(panel(graph, inputs="x: [16, 32]")) == found


def test_a_pathway_that_met_another_on_the_way_is_no_skip_at_their_end() -> None:
    """As of SlowFast: the slow pathway is longer by its laterals, and the fast one goes as far."""
    steps = "  f0: {op: conv2d, out_channels: 8, kernel_size: 1, from: x}\n  s0: {op: tanh, from: x}\n"
    for i in range(1, 6):
        fast = f"{CONV[:-1]}, from: f{i - 1}}}"
        steps += f"  l{i}: {{op: concat, from: [s{i - 1}, f{i - 1}]}}\n  s{i}: {CONV}\n  f{i}: {fast}\n"
    assert red(panel(steps + "  join: {op: concat, from: [s5, f5]}\n")) == {}


def test_all_maps_of_a_row_are_skips_where_they_meet_what_comes_up() -> None:
    """As in the lattice of U-Net++, in which only some of them lead to the map that comes up last."""
    shown = diagram(load_network("unet_plusplus")).panels[0]
    rows: dict[str, list[str]] = {edge.head: [] for edge in shown.edges}
    for edge in shown.edges:
        rows[edge.head].append(edge.kind)
    assert sorted(rows["x04"]) == ["flow", "skip", "skip", "skip", "skip"]
    assert sorted(rows["x13"]) == ["flow", "skip", "skip", "skip"]


STEP = """
blocks:
  step:
    inputs: [flow, cost, context]
    graph:
      a: {op: conv2d, from: flow, out_channels: 8, kernel_size: 3, padding: 1}
      b: {op: concat, from: [a, context, cost]}
      c: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
"""


def test_what_a_closed_block_joins_on_at_one_resolution_is_a_skip_only_where_it_is_earlier() -> None:
    graph = f"  a: {CONV}\n  b: {CONV}\n  c: {{op: tanh, from: y}}\n  d: {{block: step, from: [b, a, c]}}"
    text = f"archspec: 1\nname: Net\ninputs: {{x: [8, 16, 16], y: [8, 16, 16]}}\n{STEP}graph:\n{graph}"
    shown = diagram(load_text(text), depth=1).panels[0]
    assert {edge.tail: edge.kind for edge in shown.edges if edge.head == "d"} == {"b": "flow", "a": "skip", "c": "flow"}


def test_what_each_use_of_a_block_adds_is_no_residual_of_the_next_when_all_is_open() -> None:
    """The keys of a decoder are added in every step; the page, which has all steps open, drew them as residual."""
    network = load_network("gru_seq2seq:small")
    flat = panels.panel(setting_of(network, LIGHT), all_open(network.graph), each_branch=True)
    assert {edge.kind for edge in flat.edges if edge.tail == "keys"} == {"flow"}


def test_an_input_that_is_repeated_to_as_many_channels_is_a_residual_beside_one_convolution() -> None:
    """As V-Net begins: to repeat a map is no layer, so the way through the convolution is the flow."""
    shown = diagram(load_network("vnet")).panels[0]
    (tiled,) = (box.id for box in shown.boxes if box.title == "tile")
    assert {edge.kind for edge in shown.edges if tiled in (edge.tail, edge.head)} == {"residual"}
