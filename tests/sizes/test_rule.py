"""The rule of small specs, told in words, and held against the module that they give."""

from itertools import chain, islice

import pytest

from archspec.design import Design, loads
from archspec.sizes.box import Box, Condition
from archspec.sizes.form import Form, Variable, constant, divided, of_atom
from archspec.sizes.periodic import at_least
from archspec.sizes.solve import Relation
from archspec.sizes.words import words_of_condition
from archspec.tables.sizes import answer_lines, size_lines
from tests.sizes.agreement import along, disagreements, edges, together

IMAGE = "archspec: 1\ninputs: {image: [3, 64, 64]}\n"
UP = "up: {op: upsample, scale_factor: 2}"

# name: (spec, what it takes, what comes out)
RULES = {
    "a sum that is written over its first term": (
        (
            "archspec: 1\ninputs: {few: [4, 8], many: [4, 8]}\ngraph:\n"
            "  row: {op: linear, out_features: 8, from: few}\n  sum: {op: add, from: [row, many]}\n"
        ),
        "L >= 1; E = 1, 8",
        "",
    ),
    "a pooling and back": (
        f"{IMAGE}graph: {{pool: {{op: max_pool2d, kernel_size: 2}}, {UP}, add: {{from: [up, image], op: add}}}}",
        "C >= 1; H = 2k; W = 2k",
        "N x C x H x W",
    ),
    "as large as the kernel": (
        f"{IMAGE}graph: {{conv: {{op: conv2d, out_channels: 8, kernel_size: 7}}}}",
        "H >= 7; W >= 7",
        "N x 8 x (H - 6) x (W - 6)",
    ),
    "padding for what is missing": (
        f"{IMAGE}graph: {{pad: {{op: pad_to_multiple, multiple: 8}}}}",
        "C >= 1; H >= 1; W >= 1",
        "N x C x (8 ceil(H/8)) x (8 ceil(W/8))",
    ),
    "a stretch of classes": (
        (
            f"{IMAGE}graph: {{down: {{op: conv2d, out_channels: 3, kernel_size: 3, stride: 4, padding: 1}}, "
            "up: {op: upsample, scale_factor: 4}, near: {op: conv2d, out_channels: 3, kernel_size: 1, stride: 2, "
            "from: image}, more: {op: upsample, scale_factor: 2}, add: {op: add, from: [up, more]}}"
        ),
        "H = 4k - 1 .. 4k; W = 4k - 1 .. 4k",
        "",
    ),
    "weights of a flat map": (
        (
            f"{IMAGE}graph: {{conv: {{op: conv2d, out_channels: 8, kernel_size: 64, stride: 8}}, flat: flatten, "
            "fc: {op: linear, out_features: 10}}"
        ),
        "H = 64 .. 71; W = 64 .. 71",
        "N x 10",
    ),
    "places of a table": (
        (
            "archspec: 1\ninputs: {tokens: {shape: [16], dtype: int}}\ngraph:\n"
            "  words: {op: embedding, num_embeddings: 100, embedding_dim: 8}\n"
            "  places: {op: positions, from: tokens}\n"
            "  rows: {op: embedding, num_embeddings: 40, embedding_dim: 8}\n"
            "  add: {op: add, from: [words, rows]}\n"
        ),
        "L = 1 .. 40",
        "N x L x 8",
    ),
    "one of several that are as large is the reference": (
        (
            "archspec: 1\ninputs: {x: [2, 40]}\ngraph:\n"
            "  down: {op: conv1d, out_channels: 2, kernel_size: 3, stride: 3, padding: 1}\n"
            "  up: {op: conv_transpose1d, out_channels: 2, kernel_size: 3, stride: 3}\n"
            "  join: {op: concat, from: [x, up], align: pad}\n"
        ),
        "L >= 1",
        "N x 4 x (3 ceil(L/3))",
    ),
    "values put back where a pooling took them": (
        (
            f"{IMAGE}graph:\n"
            "  many: {op: conv2d, out_channels: 64, kernel_size: 1}\n"  # so that one of the largest is at the end
            "  pool: {op: max_pool2d, kernel_size: 2}\n"
            "  back: {op: max_unpool2d, kernel_size: 2, from: [pool, pool.indices]}\n"
        ),
        "H >= 2; W = 2k",
        "N x 64 x (2 (H // 2)) x W",
    ),
    "one input is as long as a part of another": (
        (
            "archspec: 1\ninputs: {fast: [2, 32], slow: [2, 8]}\ngraph:\n"
            "  lateral: {op: conv1d, out_channels: 2, kernel_size: 5, stride: 4, padding: 2, from: fast}\n"
            "  same: {op: conv1d, out_channels: 2, kernel_size: 1, from: slow}\n"
            "  fuse: {op: concat, from: [same, lateral]}\n"
        ),
        "L_fast >= 1; L_slow >= 1; L_slow = ceil(L_fast/4)",
        "N x 4 x L_slow",
    ),
    "two inputs that meet": (
        (
            "archspec: 1\ninputs: {a: [8, 32], b: [8, 34]}\n"
            "graph: {x: {op: conv1d, out_channels: 4, kernel_size: 3, from: a}, "
            "y: {op: conv1d, out_channels: 4, kernel_size: 5, from: b}, join: {op: concat, from: [x, y]}}"
        ),
        "L = 5 .. 5",
        "",
    ),
}


def design(name: str) -> Design:
    return loads(RULES[name][0])


@pytest.mark.parametrize("name", [name for name in RULES if name != "two inputs that meet"])
def test_a_rule_is_told_in_words(name: str) -> None:
    lines = list(size_lines(design(name).sizes()))
    _, takes, gives = RULES[name]
    assert f"where {takes}" in "\n".join(lines)
    assert not gives or any(line.endswith(f": {gives}") for line in lines if "->" in line)


def test_a_size_follows_another() -> None:
    lines = list(size_lines(design("two inputs that meet").sizes()))
    assert lines[2].split() == ["a", "N", "x", "8", "x", "L"]
    assert lines[3].split() == ["b", "N", "x", "8", "x", "(L", "+", "2)"]


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_what_the_module_does(name: str) -> None:
    made = design(name)
    rule = made.sizes()
    tried = chain(along(made.network, 80), together(made.network, 40), islice(edges(rule, 200), 200))
    assert disagreements(made, tried) == []


def test_a_condition_is_told_with_a_size_by_itself_where_one_is() -> None:
    h, w = Variable("x", 1), Variable("x", 2)
    names, box = {h: "H", w: "W"}, Box({h: at_least(1), w: at_least(1)}, {})
    high, wide, half = of_atom(h), of_atom(w), divided(of_atom(h) + constant(1), 2)

    def said(form: Form, relation: Relation, *, holds: bool) -> str:
        return words_of_condition(Condition(form, relation, holds), box, names)

    assert said(half - wide - constant(3), "zero", holds=True) == "W = ceil(H/2) - 3"
    assert said(wide - half, "zero", holds=False) == "W is not ceil(H/2)"
    assert said(wide - half, "negative", holds=True) == "W < ceil(H/2)"
    assert said(half - wide, "negative", holds=True) == "W > ceil(H/2)"
    assert said(half - wide, "negative", holds=False) == "W <= ceil(H/2)"
    assert said(half * divided(wide, 4) - constant(49), "zero", holds=True) == "ceil(H/2) (W // 4) = 49"
    assert said(high - divided(high, 2) - wide * constant(2), "negative", holds=False) == "H >= (H // 2) + 2 W"


def test_a_size_that_does_not_fit_is_told_why_and_what_is_near() -> None:
    made = design("a pooling and back")
    assert list(answer_lines(made.sizes(), {"image": (3, 33, 64)})) == [
        "3 x 33 x 64 does not fit: add: add needs inputs of one shape: N x 3 x 32 x 64 and N x 3 x 33 x 64",
        "  help: align: crop, pad or resize brings heights and widths together",
        "  nearest that fit: 3 x 32 x 64 and 3 x 34 x 64",
    ]
    assert list(answer_lines(made.sizes(), {"image": (3, 34, 64)})) == ["3 x 34 x 64 fits", "  add: N x 3 x 34 x 64"]
