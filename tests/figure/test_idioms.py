"""Idioms: attention and perceptrons are one box however they are written, and what only looks like them is not."""

import pytest

from archspec.figure.diagram import Box, Diagram
from archspec.figure.place.grid import arrange
from archspec.figure.place.nest import nest
from archspec.figure.what.depict import diagram
from archspec.graph.network import Network
from archspec.pipeline import load_network, load_text

HEADS = """
  q: {op: linear, out_features: 32, from: x}
  q1: {op: unflatten, dim: -1, unflattened_size: [4, 8]}
  q2: {op: transpose, dim0: 1, dim1: 2}
  k: {op: linear, out_features: 32, from: KEYS}
  k1: {op: unflatten, dim: -1, unflattened_size: [4, 8]}
  k2: {op: transpose, dim0: 1, dim1: 2}
  v: {op: linear, out_features: 32, from: KEYS}
  v1: {op: unflatten, dim: -1, unflattened_size: [4, 8]}
  v2: {op: transpose, dim0: 1, dim1: 2}
"""
OUTPUT = """
  o1: {op: transpose, dim0: 1, dim1: 2}
  o2: {op: flatten, start_dim: 2}
  o: {op: linear, out_features: 32}
"""
SPELLED = """
  k3: {op: transpose, dim0: -2, dim1: -1, from: k2}
  scores: {op: matmul, from: [q2, k3]}
  scaled: {op: div, other: 2.83}
ADDED
  weights: {op: softmax, dim: DIM}
  dropped: {op: dropout, p: 0.1}
  mixed: {op: matmul, from: [dropped, v2]}
"""
FUSED = "  mixed: {op: scaled_dot_product_attention, from: [q2, k2, v2]}"
EINSUM = """
  scores: {op: einsum, equation: "bhld,bhsd->bhls", from: [q2, k2]}
  weights: {op: softmax, dim: -1}
  mixed: {op: einsum, equation: "bhls,bhsd->bhld", from: [weights, v2]}
"""
JOINT = """
  qkv: {op: linear, out_features: 96, from: x}
  split: {op: unflatten, dim: -1, unflattened_size: [3, 4, 8]}
  order: {op: permute, dims: [0, 3, 2, 1, 4]}
  each: {op: unbind, parts: 3, dim: 2, outputs: [a, b, c]}
  q2: {op: mul, other: 0.35, from: each.a}
  k3: {op: transpose, dim0: -2, dim1: -1, from: each.b}
  scores: {op: matmul, from: [q2, k3]}
  weights: {op: softmax, dim: -1}
  mixed: {op: matmul, from: [weights, each.c]}
"""
OTHER = """  v3: {op: transpose, dim0: -2, dim1: -1, from: v2}
  mixed: {op: matmul, from: [v3, dropped]}"""
MASK = """
  mask: {op: causal_mask, size: 16}
  masked: {op: masked_fill, from: [scaled, mask]}
"""
BIAS = """
  bias: {op: parameter, shape: [4, 16, 16]}
  biased: {op: add, from: [scaled, bias]}
"""


def network(graph: str, inputs: str = "x: [16, 32]", outputs: str = "") -> Network:
    return load_text(f"archspec: 1\nname: Net\ninputs: {{{inputs}}}\ngraph:\n{graph}\n{outputs}")


def boxes(made: Diagram) -> dict[str, Box]:
    return {box.id: box for box in made.panels[0].boxes if box.nodes}


def spelled(added: str = "", dim: int = -1, keys: str = "x") -> str:
    return (HEADS + SPELLED + OUTPUT).replace("KEYS", keys).replace("ADDED", added).replace("DIM", str(dim))


def only_box(made: Diagram) -> Box:
    [box] = [box for box in boxes(made).values() if box.kind == "op"]
    return box


@pytest.mark.parametrize(
    ("graph", "details"),
    [
        (spelled(), ("4 heads",)),
        ((HEADS + FUSED + OUTPUT).replace("KEYS", "x"), ("4 heads",)),
        ((HEADS + EINSUM + OUTPUT).replace("KEYS", "x"), ("4 heads",)),
        (JOINT + OUTPUT, ("4 heads",)),
        (spelled(MASK), ("4 heads", "+ mask")),
        (spelled(BIAS), ("4 heads", "+ bias")),
        ("  mixed: {op: multi_head_attention, num_heads: 4}", ("4 heads",)),
    ],
    ids=["single ops", "fused", "einsum", "one projection", "mask", "bias", "with its own projections"],
)
def test_attention_is_one_box_however_it_is_written(graph: str, details: tuple[str, ...]) -> None:
    built = network(graph)
    made = diagram(built)
    box = only_box(made)
    assert (box.title, box.details, box.role.words) == ("attention", details, "attention")
    assert set(box.says) == set(built.graph.nodes) - {"x"}
    assert "Attention includes the projections of its queries, keys, values and output." in made.footnotes
    assert [(edge.tail, edge.label) for edge in made.panels[0].edges if edge.head == box.id] == [("x", "")]


@pytest.mark.parametrize(
    "graph",
    [
        spelled(dim=-2),
        spelled().replace("  mixed: {op: matmul, from: [dropped, v2]}", OTHER),
        spelled().replace("op: softmax", "op: log_softmax"),
        spelled().replace("{op: matmul, from: [q2, k3]}", "{op: linear, out_features: 16, from: q2}"),
        spelled() + "  more: {op: concat, dim: 1, from: [weights, scores]}\n",
        spelled("  raised: {op: add, other: 1}"),
    ],
    ids=["over the queries", "other product", "logarithms", "a router", "weights are read", "shifted by a number"],
)
def test_what_only_looks_like_attention_keeps_its_ops(graph: str) -> None:
    made = diagram(network(graph))
    assert "softmax" in " ".join(f"{box.title} {' '.join(box.details)}" for box in boxes(made).values())
    assert not any(box.title == "attention" for box in boxes(made).values())


def test_attention_of_another_value_tells_queries_from_keys_and_values() -> None:
    made = diagram(network(spelled(keys="memory"), "x: [16, 32], memory: [20, 32]"))
    lines = {edge.tail: edge.label for edge in made.panels[0].edges if edge.head == only_box(made).id}
    assert lines == {"x": "q", "memory": "k, v"}


def test_a_mask_that_is_given_is_a_line() -> None:
    graph = spelled("  masked: {op: masked_fill, from: [scaled, given]}")
    made = diagram(network(graph, "x: [16, 32], given: {shape: [4, 16, 16], dtype: bool}"))
    box = only_box(made)
    assert box.details == ("4 heads",)
    assert {edge.tail: edge.label for edge in made.panels[0].edges if edge.head == box.id} == {"x": "", "given": "mask"}


def test_projections_that_something_else_reads_keep_their_boxes() -> None:
    made = diagram(network(spelled() + "  more: {op: concat, dim: 1, from: [o, v]}\n"))
    drawn = {id: (box.title, box.details) for id, box in boxes(made).items()}
    assert drawn["v"] == ("linear", ("32",))
    assert ("attention", ("4 heads",)) in drawn.values()
    assert not any("projections" in note for note in made.footnotes)


def test_a_block_that_somebody_expands_shows_its_ops() -> None:
    inside = "\n".join(f"    {line}" for line in spelled().splitlines())
    built = network(f"  attn:\n    graph:\n{inside}\n  after: {{op: linear, out_features: 8}}")
    assert "attention" in {box.title for box in boxes(diagram(built)).values()}
    assert "matmul" in {box.title for box in boxes(diagram(built, expand=["attn"])).values()}


LEARNED = """
  latents: {op: parameter, shape: [16, 32]}
  normed: layer_norm
"""


def test_queries_that_are_learned_keep_the_layers_that_make_them() -> None:
    graph = LEARNED + spelled().replace("from: x}", "from: normed}", 1)
    drawn = boxes(diagram(network(graph)))
    assert [box.title for box in drawn.values()] == ["x", "LN", "attention"]
    lines = {edge.tail: edge.label for edge in diagram(network(graph)).panels[0].edges}
    assert (lines["normed"], lines["x"]) == ("q", "k, v")


ROUND = """
archspec: 1
name: Net
inputs: {x: [16, 32]}
blocks:
  mixer:
    inputs: [q, x]
    graph:
      kv: {op: linear, from: x, out_features: 64}
      each: {op: chunk, chunks: 2, dim: -1, outputs: [k, v]}
      mixed: {op: scaled_dot_product_attention, from: [q, each.k, each.v]}
      act: relu
      out: {op: linear, out_features: 32}
graph:
  latents: {op: parameter, shape: [16, 32]}
  queries: {op: mul, other: 0.3}
  mixer: {block: mixer, from: [queries, x]}
  classifier: {op: linear, out_features: 8}
"""


def test_no_box_outside_of_an_open_block_reads_it_and_is_read_by_it() -> None:
    made = diagram(load_text(ROUND), depth=2)
    homes = {box.id: box.groups for box in made.panels[0].boxes}
    assert {homes["mixer/kv"], homes["mixer/mixed"], homes["mixer/out"]} == {("mixer",)}
    assert arrange(nest(made.panels[0])[""]).count == 5


@pytest.mark.parametrize(("spec", "heads"), [("llama:small", 6), ("gpt_neox:pythia_70m", 8)])
def test_what_turns_queries_and_keys_by_their_places_is_a_word(spec: str, heads: int) -> None:
    layer = diagram(load_network(spec)).panels[1]
    attention = next(box for box in layer.boxes if box.title == "causal attention")
    assert attention.details == (f"{heads} heads", "+ RoPE")
    assert {edge.label for edge in layer.edges if edge.head == attention.id} <= {"", "RoPE"}


@pytest.mark.parametrize("spec", ["capsnet", "gru_seq2seq", "sk_resnet", "mixtral:small"])
def test_a_softmax_of_another_kind_is_no_attention(spec: str) -> None:
    built = load_network(spec)
    softmaxes = {id for id, node in built.graph.nodes.items() if node.op.weighs(built.input_shapes(node)) is not None}
    drawn = {id for box in diagram(built, depth=99).panels[0].boxes if "attention" in box.title for id in box.nodes}
    assert softmaxes
    assert softmaxes.isdisjoint(drawn)


def body(layers: str, last: str) -> Diagram:
    return diagram(network(f"  norm: layer_norm\n{layers}  sum: {{op: add, from: [{last}, x]}}\n"))


MLP = """
  a: {op: linear, out_features: 128, from: norm}
  b: gelu
  c: {op: dropout, p: 0.1}
  d: {op: linear, out_features: 32}
"""
QUICK = """
  a: {op: linear, out_features: 128, from: norm}
  s: {op: mul, other: 1.702}
  b: sigmoid
  m: {op: mul, from: [a, b]}
  d: {op: linear, out_features: 32}
"""
GATED = """
  a: {op: linear, out_features: 128, from: norm}
  b: silu
  c: {op: linear, out_features: 128, from: norm}
  m: {op: mul, from: [b, c]}
  d: {op: linear, out_features: 32}
"""


@pytest.mark.parametrize(
    ("layers", "last", "title", "details"),
    [
        (MLP, "d", "MLP", ("128 hidden", "+ GELU")),
        (GATED, "d", "gated MLP", ("128 hidden", "+ SiLU")),
        (QUICK, "d", "MLP", ("128 hidden", "+ x·sigmoid(1.702x)")),
        (QUICK.replace("  s: {op: mul, other: 1.702}\n", ""), "d", "MLP", ("128 hidden", "+ x·sigmoid(x)")),
        (MLP + "  e: {op: mul, other: 0.5}\n", "e", "MLP", ("128 hidden", "+ GELU")),
        (MLP + "  e: layer_norm\n", "e", "MLP", ("128 hidden", "+ GELU")),
    ],
    ids=["plain", "gated", "quick", "gated by itself", "scaled", "normed"],
)
def test_the_perceptron_of_a_residual_edge_is_one_box(
    layers: str, last: str, title: str, details: tuple[str, ...]
) -> None:
    made = body(layers, last)
    drawn = [box for box in boxes(made).values() if "MLP" in box.title]
    assert [(box.title, box.details) for box in drawn] == [(title, details)]
    assert [edge.kind for edge in made.panels[0].edges if (edge.tail, edge.head) == ("x", "sum")] == ["residual"]


@pytest.mark.parametrize(
    ("layers", "last"),
    [
        (MLP.replace("  b: gelu\n", ""), "d"),
        (MLP + "  e: {op: add, from: [a, a]}\n  f: {op: linear, out_features: 32}\n", "f, d"),
        (GATED.replace("128, from: norm}\n  m", "128, from: x}\n  m"), "d"),
        (QUICK.replace("from: [a, b]", "from: [norm, b]").replace("128", "32"), "d"),
        (QUICK.replace("op: mul, other: 1.702", "op: div, other: 1.702"), "d"),
        (QUICK + "  e: {op: linear, out_features: 32, from: s}\n", "d, e"),
    ],
    ids=[
        "no activation",
        "hidden values are read",
        "a gate of another value",
        "what is multiplied is not what gates it",
        "divided before",
        "the gate is read",
    ],
)
def test_what_only_looks_like_a_perceptron_keeps_its_layers(layers: str, last: str) -> None:
    assert not any("MLP" in box.title for box in boxes(body(layers, last)).values())


def test_a_classifier_keeps_its_layers() -> None:
    made = diagram(network(MLP.replace("from: norm", "from: x")))
    assert [box.title for box in boxes(made).values() if box.kind == "op"] == ["linear", "linear"]


def test_a_sum_with_a_norm_of_a_learned_tensor_is_no_perceptron() -> None:
    table = "  table: {op: parameter, shape: [16, 32]}\n  norm: {op: layer_norm, from: table}"
    made = diagram(network(f"{table}\n  sum: {{op: add, from: [x, norm]}}"))
    assert not any("MLP" in box.title for box in boxes(made).values())
