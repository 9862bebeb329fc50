"""Small specs that ask for much: name -> text, each below 10 kB."""

from collections.abc import Iterable

HEAD = "archspec: 1\ninputs: {x: [8]}\n"
IMAGE = "archspec: 1\ninputs: {x: [3, 32, 32]}\n"


def spec(*graph: str, blocks: Iterable[str] = (), head: str = HEAD) -> str:
    """A spec of these members and blocks, a line for each."""
    written = [*blocks]
    lines = [head.rstrip(), *(["blocks:"] if written else []), *(f"  {line}" for line in written), "graph:"]
    return "\n".join([*lines, *(f"  {line}" for line in graph), ""])


def doubling(levels: int, times: int = 2, last: str = "relu") -> str:
    """Blocks of which each uses the one before it several times."""
    blocks = [f"b0: {{graph: {{r: {last}}}}}"]
    for level in range(1, levels + 1):
        uses = ", ".join(f"u{i}: {{block: b{level - 1}}}" for i in range(times))
        blocks.append(f"b{level}: {{graph: {{{uses}}}}}")
    return spec(f"top: {{block: b{levels}}}", blocks=blocks)


def nested_repeats(*counts: int) -> str:
    """A repeat of a repeat of ... one op."""
    inner = "relu"
    for count in counts:
        inner = f"{{graph: {{m: {inner}}}, repeat: {count}}}"
    return spec(f"top: {inner}")


def repeated(entry: str, count: int) -> str:
    """One entry, many times."""
    return spec(f"r: {{{entry}, repeat: {count}}}")


def long_paths(length: int, depth: int, count: int) -> str:
    """A repeat inside graphs with long names."""
    name = "n" * length
    return spec("top: " + f"{{graph: {{{name}: " * depth + f"{{op: relu, repeat: {count}}}" + "}}" * depth)


def dense(nodes: int, op: str = "add", each: str = "") -> str:
    """Every member reads all that stand before it."""
    names = ["x", *(f"a{i}" for i in range(nodes))]
    kept = [f"a{i}: {{op: {op}, from: [{', '.join(names[: i + 1])}]{each}}}" for i in range(nodes)]
    return spec("a0: relu", *kept[1:])


def dense_blocks(count: int) -> str:
    """Every part of a list reads the first, by many names, in a block used often."""
    names = ", ".join(f"m{i}" for i in range(count))
    members = [f"m{i}: relu" for i in range(count)]
    inner = ", ".join([*members, f"sum: {{op: add, from: [{names}]}}"])
    return spec("top: {block: b, repeat: 1000}", blocks=[f"b: {{graph: {{{inner}}}}}"])


def ladder(count: int) -> str:
    """Skips from each of the first half to the second half, the way of an encoder and its decoder."""
    down = [f"d{i}: relu" for i in range(count)]
    up = [f"u{i}: {{op: add, from: [{f'u{i - 1}' if i else f'd{count - 1}'}, d{count - 1 - i}]}}" for i in range(count)]
    return spec(*down, *up)


def yaml_aliases(levels: int, width: int) -> str:
    """Aliases of lists of aliases."""
    lines = ["doc0: &a0 [x, x]"]
    lines += [f"doc{level}: &a{level} [{', '.join([f'*a{level - 1}'] * width)}]" for level in range(1, levels)]
    return "\n".join([*lines, HEAD, "graph: {r: relu}", ""])


LARGE: dict[str, str] = {
    "chunks": spec("c: {op: chunk, chunks: 10000000, dim: 1}", head="archspec: 1\ninputs: {x: [10000000]}\n"),
    "split": spec("c: {op: split, split_size: [" + "1, " * 3000 + "1]}", head="archspec: 1\ninputs: {x: [3001]}\n"),
    "unbind": spec("c: {op: unbind, parts: 10000, dim: 1}", head="archspec: 1\ninputs: {x: [10000, 2]}\n"),
    "unbind_repeated": spec(
        "c: {graph: {u: {op: unbind, parts: 2, dim: 1}, z: {op: stack, from: [u.0, u.1], dim: 1}}, repeat: 2000}",
        head="archspec: 1\ninputs: {x: [2, 8]}\n",
    ),
    "chunks_of_9000_repeated": spec(
        "c: {graph: {u: {op: chunk, chunks: 9000, dim: 1}, z: {op: concat, from: [x, u]}}, repeat: 300}",
        head="archspec: 1\ninputs: {x: [90000]}\n",
    ),
    "dense_40": dense(40),
    "dense_60": dense(60),
    "dense_concat_55": dense(55, "concat"),
    "ladder_150": ladder(150),
    "doubling_14": doubling(14),
    "doubling_17": doubling(17),
    "doubling_30": doubling(30),
    "doubling_ten_times_5": doubling(5, 10),
    "doubling_conv": doubling(13, 2, "{op: linear, out_features: 8}"),
    "repeat_1000_3": nested_repeats(1000, 1000, 1000),
    "repeat_40_3": nested_repeats(40, 40, 40),
    "repeat_1_60": nested_repeats(*[1] * 60),
    "repeat_2_15": nested_repeats(*[2] * 15),
    "repeat_op_249000": spec("r: {op: relu, repeat: 249000}"),
    "repeat_op_7900": spec("r: {op: relu, repeat: 7900}"),
    "repeat_linear_7900": spec("r: {op: linear, out_features: 8, repeat: 7900}"),
    "repeat_linear_different_7900": spec("r: {op: linear, out_features: $(i + 1), repeat: 7900}"),
    "repeat_block_10000": spec(
        "r: {block: b, repeat: 10000}",
        blocks=["b: {graph: {l: {op: linear, out_features: 8}, n: layer_norm, r: relu, a: {op: add, from: [r, x]}}}"],
    ),
    "repeat_block_4000": spec(
        "r: {block: b, repeat: 4000}",
        blocks=["b: {graph: {l: {op: linear, out_features: 8}, r: relu, a: {op: add, from: [r, x]}}}"],
    ),
    "repeat_uneven_4000": spec(
        "r: {block: b, w: $(i % 7 + 1), repeat: 4000}",
        blocks=["b: {params: {w: 1}, graph: {l: {op: linear, out_features: $w}, r: {op: relu, when: $(w == 3)}}}"],
    ),
    "repeat_empty_100000": spec("r: {graph: {m: {op: relu, when: false}}, repeat: 100000}"),
    "many_members": spec(*(f"a{i}: relu" for i in range(700))),
    "many_members_of_x": spec(*(f"a{i}: {{op: linear, out_features: {i + 1}, from: x}}" for i in range(180))),
    "many_outputs": spec(*(f"a{i}: relu" for i in range(400)))
    + "outputs: {"
    + ", ".join(f"o{i}: a{i}" for i in range(400))
    + "}\n",
    "many_blocks": spec(
        *(f"a{i}: {{block: b{i}}}" for i in range(180)), blocks=[f"b{i}: {{graph: {{r: relu}}}}" for i in range(180)]
    ),
    "many_inputs": "archspec: 1\ninputs: {"
    + ", ".join(f"x{i}: [8]" for i in range(400))
    + "}\ngraph:\n  s: {op: add, from: ["
    + ", ".join(f"x{i}" for i in range(400))
    + "]}\n",
    "many_variants": "archspec: 1\nparams: {w: 8}\nvariants:\n"
    + "".join(f"  v{i}: {{w: {i + 1}}}\n" for i in range(450))
    + "inputs: {x: [8]}\ngraph:\n  l: {op: linear, out_features: $w}\n",
    "many_variants_of_repeats": "archspec: 1\nparams: {w: 8}\nvariants:\n"
    + "".join(f"  v{i}: {{w: {i + 1}}}\n" for i in range(400))
    + "inputs: {x: [8]}\ngraph:\n  l: {op: linear, out_features: $w, repeat: 3000}\n",
    "many_expectations": "archspec: 1\nparams: {w: 8}\ninputs: {x: [8]}\ngraph:\n"
    "  l: {op: linear, out_features: $w, repeat: 3000}\nexpect:\n"
    + "".join(f"  - {{set: {{w: {i + 1}}}, params: 1}}\n" for i in range(250)),
    "unknown_keys": HEAD + "".join(f"kk{i}: 1\n" for i in range(900)) + "graph: {r: relu}\n",
    "unknown_keys_near": HEAD + "".join(f"graqh{i}: 1\n" for i in range(800)) + "graph: {r: relu}\n",
    "unknown_fields": HEAD + "graph:\n  c: {op: conv2d, " + ", ".join(f"out_chan{i}: 1" for i in range(450)) + "}\n",
    "unknown_ops": spec(*(f"a{i}: {{op: conv{i}dd}}" for i in range(350))),
    "unknown_names": spec(*(f"a{i}: {{op: relu, from: b{i}}}" for i in range(280))),
    "unknown_names_in_expressions": spec(*(f"a{i}: {{op: linear, out_features: $b{i}}}" for i in range(200))),
    "unknown_params": "archspec: 1\nparams: {"
    + ", ".join(f"param{i}: 1" for i in range(250))
    + "}\n"
    + "inputs: {x: [8]}\ngraph:\n"
    + "".join(f"  a{i}: {{op: linear, out_features: $pram{i}}}\n" for i in range(110)),
    "long_unknown_key": HEAD + "k" * 1000 + ": 1\ngraph: {r: relu}\n",
    "long_unknown_key_near": HEAD + "graph" * 200 + ": 1\ngraph: {r: relu}\n",
    "long_unknown_op": HEAD + "graph: {r: {op: " + "conv2d" * 1500 + "}}\n",
    "long_name": spec("a" * 1000 + ": relu"),
    "long_name_repeated": spec("a" * 1000 + ": {op: linear, out_features: 8, repeat: 7900}"),
    "long_name_of_block": spec(
        "r: {block: " + "b" * 1000 + ", repeat: 4000}",
        blocks=["b" * 1000 + ": {graph: {l: {op: linear, out_features: 8}, r: relu}}"],
    ),
    "long_paths": long_paths(900, 10, 9000),
    "long_doc_repeated": spec("r: {op: linear, out_features: 8, doc: " + "word " * 1800 + ", repeat: 7900}"),
    "long_doc": HEAD + "doc: " + "w" * 9500 + "\ngraph: {r: relu}\n",
    "deep_flow": HEAD + "graph: " + "[" * 4800 + "]" * 4800 + "\n",
    "deep_flow_open": HEAD + "graph: " + "[" * 9800,
    "deep_block": HEAD + "".join(" " * i + "a:\n" for i in range(130)),
    "deep_graphs": spec("a: " + "{graph: {a: " * 45 + "relu" + "}}" * 45),
    "aliases": yaml_aliases(60, 10),
    "aliases_of_values": yaml_aliases(5, 15),
    "powers": spec("l: {op: linear, out_features: $(" + "2**" * 600 + "2)}"),
    "power_of_power": spec("l: {op: linear, out_features: $(((10**18)**18)**18)}"),
    "long_expression": spec("l: {op: linear, out_features: $(" + "1+" * 900 + "1)}"),
    "deep_expression": spec("l: {op: linear, out_features: $(" + "(" * 900 + "1" + ")" * 900 + ")}"),
    "expression_repeated": spec('l: {op: linear, out_features: "$(sum([' + "1," * 950 + '1]) + i)", repeat: 7900}'),
    "large_lists": "archspec: 1\nparams: {w: [" + "1, " * 2500 + "1]}\ninputs: {x: [8]}\ngraph:\n"
    "  l: {op: linear, out_features: $(sum(w)), repeat: 7900}\n",
    "large_list_slices": "archspec: 1\nparams: {w: [" + "1, " * 2500 + "1]}\ninputs: {x: [8]}\nblocks:\n"
    "  b: {params: {w: list}, graph: {l: {op: linear, out_features: $(len(w))}}}\ngraph:\n"
    '  l: {block: b, w: "$(w[i:])", repeat: 2500}\n',
    "huge_integer": spec("l: {op: linear, out_features: " + "9" * 9000 + "}"),
    "huge_integer_in_expression": spec("l: {op: linear, out_features: $(" + "9" * 1900 + ")}"),
    "power_10000": spec("l: {op: linear, out_features: $(10**10000)}"),
    "huge_sizes": spec(
        "l: {op: linear, out_features: 9223372036854775807}", "m: {op: linear, out_features: 9223372036854775807}"
    ),
    "huge_input": "archspec: 1\ninputs: {x: [" + ", ".join(["9223372036854775807"] * 3) + "]}\ngraph: {r: relu}\n",
    "huge_kernel": spec(
        "c: {op: conv2d, out_channels: 9, kernel_size: 1000000000, padding: 1000000000, stride: 1000000000}", head=IMAGE
    ),
    "huge_rank": "archspec: 1\ninputs: {x: [" + "1, " * 3000 + "1]}\ngraph: {r: {op: relu, repeat: 3000}}\n",
    "huge_ranks_broadcast": "archspec: 1\ninputs: {x: ["
    + "1, " * 3000
    + "1]}\ngraph:\n  r: {graph: {a: relu, b: {op: add, from: [a, x]}}, repeat: 3000}\n",
    "einsum": spec("e: {op: einsum, equation: '" + "a" * 4000 + "->" + "a" * 4000 + "'}"),
    "padding_list": spec("p: {op: pad, pad: [" + "1, " * 3000 + "1]}"),
    "permute": "archspec: 1\ninputs: {x: ["
    + "1, " * 1100
    + "1]}\ngraph:\n  p: {op: permute, dims: [0, "
    + ", ".join(str(i) for i in range(1101, 0, -1))
    + "], repeat: 2000}\n",
    "shared": spec(
        "a: {block: b}",
        *(f"s{i}: {{block: b, share: a}}" for i in range(200)),
        blocks=["b: {graph: {l: {op: linear, out_features: 8, repeat: 500}}}"],
    ),
    "recursion": spec("a: {block: b}", blocks=["b: {graph: {a: {block: b}}}"]),
    "long_flat_skips": spec(
        "r: {repeat: 300, graph: {"
        + ", ".join(f"a{i}: relu" for i in range(30))
        + ", z: {op: add, from: ["
        + ", ".join(f"a{i}" for i in range(30))
        + "]}}}"
    ),
    "broken_brackets": HEAD + "graph: {" + "a: $(min(1, 2)), " * 500 + "}\n",
    "cut_expressions": HEAD
    + "graph: {c: {op: linear, "
    + ", ".join(f"a{i}: $(x[{i}, 2])" for i in range(500))
    + "}}\n",
    "duplicates": HEAD + "graph:\n" + "  a: relu\n" * 900,
    "duplicate_keys_long": HEAD + "graph:\n" + ("  " + "a" * 200 + ": relu\n") * 45,
    "tags": HEAD + "graph: [" + "!a 1, " * 1500 + "]\n",
    "anchors": HEAD + "graph: [" + ", ".join(f"&a{i} relu" for i in range(800)) + "]\n",
    "comments": "#" * 9900 + "\n" + HEAD,
    "blank_lines": HEAD + "\n" * 9000 + "graph: {r: relu}\n",
    "quotes": HEAD + "doc: " + "'" * 9000 + "\n",
    "percent_tags": "%TAG ! a\n" * 900,
    "empty_items": HEAD + "graph: [" + "," * 9000 + "]\n",
    "questions": HEAD + "graph: {" + "? " * 4000 + "}\n",
    "conditions": spec(*(f"a{i}: {{op: relu, when: [" + "true, " * 20 + "true]}" for i in range(50))),
    "when_lists_repeated": spec("r: {graph: {m: {op: relu, when: [" + "true, " * 1400 + "true]}}, repeat: 4000}"),
    "choices": "archspec: 1\nparams: {w: {type: int, default: 0, choices: ["
    + ", ".join(map(str, range(1600)))
    + "]}}\n"
    "inputs: {x: [8]}\ngraph: {r: relu}\n",
}
