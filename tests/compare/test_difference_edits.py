"""One edit of a spec, one row of its difference."""

from typing import Any

import pytest

from archspec.compare.difference import difference
from archspec.compare.wiring import Change
from archspec.compare.words import change_words, fact_words
from archspec.pipeline import load_text
from archspec.values.expression import Value
from tests.compare.differences import FLAT, HERE, NESTED, THERE, edited, rows, said
from tests.graph.specs import network

CHAIN = """
graph:
  a: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  b: batch_norm2d
  c: relu
  d: {op: conv2d, out_channels: 4, kernel_size: 1}
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("  c: relu", "  c: relu\n  new: dropout", [("added", "new", "dropout, 0.5")]),
        ("  b: batch_norm2d\n", "", [("removed", "b", "batch norm")]),
        ("kernel_size: 1", "kernel_size: 1, bias: false", [("changed", "d", "1×1 conv: bias true -> false")]),
        ("c: relu", "c: silu", [("changed", "c", "ReLU -> SiLU")]),
        ("c: relu", "act: relu", [("renamed", "act", "ReLU: was c")]),
        ("c: relu", "c: {op: relu, from: a}", [("removed", "b", "batch norm")]),
        (
            "kernel_size: 3, padding: 1",
            "kernel_size: [3, 5], padding: [1, 2], padding_mode: reflect",
            [
                (
                    "changed",
                    "a",
                    "3×5 conv: kernel_size 3 -> [3, 5], padding 1 -> [1, 2], padding_mode zeros -> reflect",
                )
            ],
        ),
    ],
    ids=["added", "removed", "setting", "op", "renamed", "bypassed", "lists"],
)
def test_an_edit_is_said_as_it_was_made(old: str, new: str, expected: list[tuple[str, str, str]]) -> None:
    found = edited(CHAIN, CHAIN.replace(old, new))
    assert sorted(rows(found)) == sorted(expected)


def test_an_op_that_reads_something_else_says_so() -> None:
    both = CHAIN + "outputs: {y: d, z: b}"
    assert rows(edited(both, both.replace("c: relu", "c: {op: relu, from: a}"))) == [
        ("changed", "c", "ReLU: reads b -> a"),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{op: max_pool2d, kernel_size: 2}", "{op: max_pool2d, kernel_size: 2, stride: 2}"),
        ("{op: avg_pool2d, kernel_size: [2, 2]}", "{op: avg_pool2d, kernel_size: 2, stride: [2, 2]}"),
        (
            "{op: lp_pool2d, norm_type: 2.0, kernel_size: 2}",
            "{op: lp_pool2d, norm_type: 2.0, kernel_size: 2, stride: 2}",
        ),
        (
            "{op: conv2d, out_channels: 4, kernel_size: 3, padding: 1}",
            "{op: conv2d, out_channels: 4, kernel_size: [3, 3], stride: [1, 1], padding: [1, 1]}",
        ),
        ("{op: pad, pad: [1, 1]}", "{op: pad, pad: [1, 1], value: 0.0}"),
        ("{op: slice, dim: 2, stop: 9}", "{op: slice, dim: 2, start: 0, stop: 9}"),
        (
            "{op: upsample, scale_factor: 2, mode: bilinear}",
            "{op: upsample, scale_factor: [2, 2], mode: bilinear, align_corners: false}",
        ),
    ],
)
def test_a_default_is_what_it_means(one: str, other: str) -> None:
    found = edited(f"graph: {{x: {one}}}", f"graph: {{x: {other}}}")
    assert found.empty
    renamed = edited(f"graph: {{x: {one}}}\noutputs: {{y: x}}", f"graph: {{z: {other}}}\noutputs: {{y: z}}")
    assert [row.status for row in renamed.rows] == ["renamed"]


def test_what_a_default_takes_from_another_field_is_said_there() -> None:
    pool = "graph: {p: {op: max_pool2d, kernel_size: 2}}"
    assert rows(edited(pool, pool.replace("2}", "4}"))) == [("changed", "p", "4×4 max pool: kernel_size 2 -> 4")]
    assert rows(edited(pool, pool.replace("2}", "2, stride: 1}"))) == [("changed", "p", "2×2 max pool: stride 2 -> 1")]


def test_what_stands_elsewhere_moved() -> None:
    found = edited(HERE, THERE)
    assert rows(found) == [
        ("moved", "left/pair", "moved to right/pair"),
        ("moved", "right/pair", "moved from left/pair"),
    ]
    assert (found.ops.moved, found.ops.added, found.ops.removed, found.same) == (2, 0, 0, 2)
    assert [row.elsewhere for _, row in found.walk()] == ["right/pair", "left/pair"]
    assert said(found, mirrored=False) == said(edited(THERE, HERE), mirrored=True)


def test_what_stands_in_a_new_block_moved_into_it() -> None:
    found = edited(FLAT, NESTED)
    assert rows(found) == [
        ("moved", "conv1", "3×3 conv, 8: moved to stem/conv1"),
        ("moved", "bn1", "batch norm: moved to stem/bn1"),
        ("moved", "relu1", "ReLU: moved to stem/relu"),
        ("added", "stem", "1 op added, 3 moved"),
        ("moved", "stem/conv1", "3×3 conv, 8: moved from conv1"),
        ("moved", "stem/bn1", "batch norm: moved from bn1"),
        ("moved", "stem/relu", "ReLU: moved from relu1"),
        ("added", "stem/more", "1×1 conv, 8"),
        ("moved", "pool", "2×2 max pool, /2: moved to head/pool"),
        ("moved", "fc", "moved to head/fc"),
        ("added", "head", "3 ops moved"),
        ("moved", "head/pool", "2×2 max pool, /2: moved from pool"),
        ("moved", "head/fc", "moved from fc"),
    ]
    assert (found.ops.moved, found.ops.added, found.ops.removed, found.same) == (6, 1, 0, 1)
    assert [words for status, _, words in rows(found.down_to(1)) if status == "added"] == [
        "1 op added, 3 moved",
        "3 ops moved",
    ]
    back = edited(NESTED, FLAT)
    assert [words for status, _, words in rows(back) if status == "removed"] == [
        "1 op",
        "1×1 conv, 8",
        "nothing but what moved",
    ]
    assert said(found, mirrored=False) == said(back, mirrored=True)


def test_what_both_have_in_blocks_of_their_own_did_not_move() -> None:
    other = NESTED.replace("stem:", "start:").replace("more:", "less:").replace("bn1:", "norm:")
    assert {status for status, path, _ in rows(edited(NESTED, other)) if path != "head"} == {"removed", "added"}


def test_of_many_alike_none_moved() -> None:
    pair = next(line for line in HERE.splitlines(keepends=True) if "pair:" in line)
    twice = THERE.replace("      last:", f"{pair.replace('pair:', 'like:')}      last:")
    assert {row.status for _, row in edited(HERE, twice).walk()} == {"removed", "added", "inside"}


def test_what_follows_is_no_change() -> None:
    found = edited(CHAIN, CHAIN.replace("out_channels: 8", "out_channels: 16"))
    assert rows(found) == [
        ("changed", "a", "3×3 conv: out_channels 8 -> 16"),
        ("affected", "", "3 unchanged ops on other sizes"),
    ]
    assert (found.ops.changed, found.ops.affected, found.same) == (1, 3, 0)


BLOCKS = """
blocks:
  unit:
    params: {width: int}
    graph:
      conv: {op: conv2d, out_channels: $width, kernel_size: 3, padding: 1}
      relu: relu
graph:
  stem: {block: unit, width: 4}
  body: {block: unit, width: 4, repeat: 3}
  left: {block: unit, width: 4, from: stem}
  sum: {op: add, from: [body, left]}
"""


def test_a_renamed_block_is_found_by_what_is_in_it() -> None:
    found = edited(BLOCKS, BLOCKS.replace("left", "side"))
    assert rows(found) == [("renamed", "side", "unit: was left")]
    assert found.ops.renamed == 2


def test_a_block_under_another_name_is_no_row() -> None:
    found = edited(BLOCKS, BLOCKS.replace("unit", "pair"))
    assert found.rows == ()
    assert not found.empty
    assert [fact_words(fact) for fact in found.facts] == ["block unit -> pair"]


def test_a_join_says_what_it_reads_besides() -> None:
    joined = BLOCKS.replace("[body, left]", "[body, left, stem]")
    assert rows(edited(BLOCKS, joined)) == [("changed", "sum", "add: also reads stem")]
    assert rows(edited(joined, BLOCKS)) == [("changed", "sum", "add: no longer reads stem")]


def test_a_block_says_what_it_reads() -> None:
    found = edited(BLOCKS, BLOCKS.replace("from: stem", "from: image"))
    assert ("changed", "left", "unit: reads stem -> image, output 4 x 32 x 32 -> 4 x 32 x 32") not in rows(found)
    assert rows(found) == [("changed", "left", "unit: reads stem -> image")]


def test_sharing_and_training_are_said_once() -> None:
    shared = BLOCKS.replace("from: stem}", "from: stem, share: stem}")
    assert rows(edited(BLOCKS, shared, inputs="{image: [4, 32, 32]}")) == [
        ("changed", "left", "unit: own parameters -> shares stem"),
    ]
    heads = BLOCKS + "  aux: {block: unit, width: 4, from: stem}\noutputs: {sum: sum, aux: aux}\n"
    training = heads.replace("from: stem}\noutputs", "from: stem, when: training}\noutputs")
    found = edited(heads, training)
    assert rows(found) == [("changed", "aux", "unit: always -> in training only")]
    assert [fact_words(fact) for fact in found.facts] == ["output aux always -> in training only"]
    change = found.after.totals - found.before.totals
    assert (change.always.params, change.training.params) == (-148, 148)


LIST = """
graph:
  - {op: conv2d, out_channels: 8, kernel_size: 3}
  - relu
  - {op: conv2d, out_channels: 16, kernel_size: 3}
  - relu
  - {op: conv2d, out_channels: 32, kernel_size: 3}
"""


def test_an_item_put_into_a_list_renumbers_those_behind_it() -> None:
    longer = LIST.replace("  - relu\n", "  - batch_norm2d\n  - relu\n", 1)
    found = edited(LIST, longer)
    assert rows(found) == [("added", "1", "batch norm"), ("renamed", "2-5", "was 1-4")]
    assert rows(edited(longer, LIST)) == [("removed", "1", "batch norm"), ("renamed", "1-4", "was 2-5")]


def test_a_list_of_the_same_types_is_compared_place_by_place() -> None:
    found = edited(LIST, LIST.replace("out_channels: 8,", "out_channels: 16,"))
    assert rows(found)[0] == ("changed", "0", "3×3 conv: out_channels 8 -> 16")
    assert len(found.rows) == 2


def test_inputs_and_names_are_facts() -> None:
    before = network(CHAIN)
    after = load_text("archspec: 1\nname: Other\ninputs: {picture: [3, 16, 16]}\n" + CHAIN)
    found = difference(before, after)
    assert [fact_words(fact) for fact in found.facts] == [
        "name Net -> Other",
        "input image 3 x 32 x 32, only before",
        "input picture 3 x 16 x 16, only after",
        "output d 4 x 32 x 32 -> 4 x 16 x 16",
    ]
    assert rows(found) == [("affected", "", "4 unchanged ops on other sizes")]


def test_an_op_and_a_block_of_one_name_do_not_correspond() -> None:
    wrapped = CHAIN.replace("c: relu", "c: {graph: [relu, relu]}")
    assert rows(edited(CHAIN, wrapped)) == [("removed", "c", "ReLU"), ("added", "c", "2 ops")]


def test_an_output_that_comes_from_elsewhere_is_a_fact() -> None:
    found = edited(CHAIN + "outputs: {y: d, z: c}", CHAIN + "outputs: {y: d, z: b}")
    assert [fact_words(fact) for fact in found.facts] == ["output z from c -> b"]
    assert not found.empty


@pytest.mark.parametrize("kind", ["reads", "gives"])
def test_words_of_wiring(kind: Any) -> None:
    assert change_words(Change(kind, "", ("a",), ("b",))) == f"{kind} a -> b"
    assert change_words(Change(kind, "", (), ("b", "c"))) == f"also {kind} b, c"
    assert change_words(Change(kind, "", ("a",), ())) == f"no longer {kind} a"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (2 / 110, 3 / 230, "p 0.0181818 -> 0.0130435"),
        (0.10001, 0.1, "p 0.10001 -> 0.1"),
        (1e-5, 1e-6, "p 1e-05 -> 1e-06"),
        (0.1, 0.10000001, "p 0.1 -> 0.10000001"),
        ((0.5, 1 / 3), (0.5, 2 / 3), "p [0.5, 0.333333] -> [0.5, 0.666667]"),
        (12345, 12346, "p 12345 -> 12346"),
    ],
)
def test_fractions_have_six_digits_where_that_tells_them_apart(before: Value, after: Value, words: str) -> None:
    assert change_words(Change("setting", "p", before, after)) == words
