"""What a spec stands for as a graph: who reads whom, what is left out, and which things are the same thing."""

import pytest

from archspec.graph.graph import Local, Ref
from archspec.values.expression import Binary, List, Literal, Name
from tests.graph.specs import network


def inputs_of(text: str) -> dict[str, list[str]]:
    return {
        node.id: [f"{ref.node}.{ref.port}".rstrip(".") for ref in node.inputs]
        for node in network(text).graph.nodes.values()
        if node.inputs
    }


def test_a_member_reads_the_one_above_and_the_first_one_the_input() -> None:
    assert inputs_of("graph: {a: relu, b: relu, c: {op: add, from: [b, a, image]}, d: relu}") == {
        "a": ["image"],
        "b": ["a"],
        "c": ["b", "a", "image"],
        "d": ["c"],
    }


def test_members_of_a_list_have_numbers() -> None:
    assert inputs_of("graph: [relu, relu, {op: add, from: [0, 1]}]") == {"0": ["image"], "1": ["0"], "2": ["0", "1"]}


def test_inputs_go_by_name_or_place() -> None:
    text = """
    blocks:
      join: {inputs: [x, skip], graph: {sum: {op: add, from: [skip, x]}}}
    graph:
      a: relu
      b: {block: join, from: [a, image]}
      c: {block: join, from: {skip: image}}
    """
    assert inputs_of(text) == {"a": ["image"], "b/sum": ["image", "a"], "c/sum": ["image", "b/sum"]}


def test_parts_of_a_repeat_read_the_one_before_and_the_other_inputs() -> None:
    text = """
    blocks:
      join: {inputs: [x, skip], graph: {sum: {op: add, from: [x, skip]}}}
    graph: {a: relu, b: {block: join, repeat: 3, from: [a, image]}, c: {op: relu, repeat: 2}}
    """
    assert inputs_of(text) == {
        "a": ["image"],
        "b/0/sum": ["a", "image"],
        "b/1/sum": ["b/0/sum", "image"],
        "b/2/sum": ["b/1/sum", "image"],
        "c/0": ["b/2/sum"],
        "c/1": ["c/0"],
    }


MANY = """
    blocks:
      pair: {params: {by: int}, inputs: [a, b], graph: {mul: {op: mul, from: [a, b]}}}
      mix:
        inputs: [x, maps.*]
        graph:
          acts: {op: relu, each: maps}
          moved: {block: pair, each: acts, from: [acts.i, x], by: $i}
          sum: {op: add, from: [x, moved.*, maps.0]}
          some: {op: concat, from: ["maps.1:", x]}
        outputs: {x: sum, maps.*: moved.*}
"""


def test_a_block_takes_any_number_of_values_and_has_a_member_for_each() -> None:
    text = """
    graph: {m: {block: mix, from: [image, image, image]}, last: {op: add, from: [m.maps.*, m]}}
    outputs: [last, m.some]
    """
    moved = ["m/moved.0/mul", "m/moved.1/mul"]
    assert inputs_of(MANY + text) == {
        "m/acts.0": ["image"],
        "m/acts.1": ["image"],
        "m/moved.0/mul": ["m/acts.0", "image"],
        "m/moved.1/mul": ["m/acts.1", "image"],
        "m/sum": ["image", *moved, "image"],
        "m/some": ["image", "image"],
        "last": [*moved, "m/sum"],
    }
    scopes = network(MANY + text).graph.scopes
    assert [scopes[f"m/moved.{i}"].args["by"] for i in range(2)] == [0, 1]


def test_a_repeat_hands_on_as_many_values_as_its_block_takes() -> None:
    text = "graph: {m: {block: mix, from: [image, image, image], repeat: 2}, last: {op: add, from: m.maps.*}}"
    found = inputs_of(f"{MANY}    {text}")
    assert found["m/1/acts.1"] == ["m/0/moved.1/mul"]
    assert found["m/1/moved.0/mul"] == ["m/1/acts.0", "m/0/sum"]
    assert found["last"] == ["m/1/moved.0/mul", "m/1/moved.1/mul"]


def test_expressions_know_how_many_values_there_are_and_the_sizes_of_each() -> None:
    text = """
    blocks:
      mix:
        inputs: [maps.*]
        graph:
          each: {op: conv2d, each: maps, out_channels: $(maps.i.channels * len(maps) + i), kernel_size: 1}
          all: {op: conv2d, from: each.1, out_channels: "$(sum(maps.channels))", kernel_size: 1}
          some: {op: conv2d, out_channels: "$(maps.channels[1] + maps[0].channels)", kernel_size: 1}
    graph: {twice: {op: concat, from: [image, image]}, mix: {block: mix, from: [image, twice]}}
    outputs: [mix, mix.each.0]
    """
    made = network(text)
    sizes = {id: made.shape(Ref(id)).dims[0] for id in ("mix/each.0", "mix/each.1", "mix/all", "mix/some")}
    assert sizes == {"mix/each.0": 6, "mix/each.1": 13, "mix/all": 9, "mix/some": 9}


@pytest.mark.parametrize(("outputs", "first"), [("", "1"), (", outputs: [a, b, c]", "b")])
def test_a_left_out_member_passes_on_an_output_by_the_name_that_its_op_was_given(outputs: str, first: str) -> None:
    text = f"""
    graph:
      parts: {{op: chunk, chunks: 3{outputs}}}
      sum: {{op: add, from: [parts.{first}, parts], when: false}}
      relu: relu
    """
    assert inputs_of(text)["relu"] == ["parts.1"]


@pytest.mark.parametrize("absence", ["when: false", "when: $(deep and false)", "repeat: 0", "repeat: $(deep - 1)"])
def test_what_reads_a_left_out_member_reads_its_first_input(absence: str) -> None:
    deep = "1" if "-" in absence else "true"
    text = f"params: {{deep: {deep}}}\ngraph: {{a: relu, b: {{op: dropout, from: a, {absence}}}, c: relu}}"
    graph = network(text).graph
    assert graph.nodes["c"].inputs == (Ref("a"),)
    assert graph.nodes["c"].reads == (Local("b"),)
    assert graph.scopes[""].absent["b"].reads == (Local("a"),)
    assert graph.scopes[""].order == ("a", "b", "c")
    assert graph.scopes[""].members == ("a", "c")


def test_overrides_have_sites_of_their_own_and_other_parts_share_one() -> None:
    text = """
    params: {w: 8}
    blocks:
      stage:
        params: {width: int, stride: 1}
        graph: {conv: {op: conv2d, out_channels: $width, kernel_size: 3, stride: $stride, padding: 1}}
    graph:
      s: {block: stage, width: $w, repeat: 4, first: {stride: 2}, last: {width: $(w * 2)}}
    """
    net = network(text)
    sites = [net.graph.scopes[f"s/{i}"].site for i in range(4)]
    assert sites[1] is sites[2]
    assert len({id(site) for site in sites}) == 3
    assert dict(sites[0].exprs) == {"width": Name("w")}
    assert dict(sites[3].exprs) == {"width": Binary("*", Name("w"), Literal(2))}
    assert len({id(net.graph.nodes[f"s/{i}/conv"].site) for i in range(4)}) == 1
    assert len({id(net.graph.scopes[f"s/{i}"].definition) for i in range(4)}) == 1
    assert [net.graph.scopes[f"s/{i}"].args["stride"] for i in range(4)] == [2, 1, 1, 1]
    assert net.graph.scopes["s"].definition.kind == "repeat"


def test_site_keeps_condition_count_and_expressions_in_lists() -> None:
    text = """
    params: {w: 8, k: 3, deep: true}
    graph:
      conv: {op: conv2d, out_channels: $w, kernel_size: [$k, 1], when: [$deep, $(w > 2)], repeat: $k, padding: [1, 0]}
    """
    graph = network(text).graph
    assert graph.scopes["conv"].site.when == Binary("and", Name("deep"), Binary(">", Name("w"), Literal(2)))
    assert graph.scopes["conv"].site.repeat == Name("k")
    assert dict(graph.nodes["conv/1"].site.exprs) == {
        "out_channels": Name("w"),
        "kernel_size": List((Name("k"), Literal(1))),
    }


def test_expressions_see_the_params_around_and_no_callers() -> None:
    text = """
    params: {w: 4, k: 1}
    blocks:
      inner: {params: {k: 3}, graph: {conv: {op: conv2d, out_channels: $(w * k), kernel_size: $k}}}
      outer: {params: {w: 2}, graph: {inner: {block: inner}, tail: {op: conv2d, out_channels: $w, kernel_size: $k}}}
    graph: {outer: {block: outer}}
    """
    net = network(text)
    assert net.shapes["outer/inner/conv"][0].channels == 12
    assert net.shapes["outer/tail"][0].channels == 2


def test_index_counts_the_parts_and_reaches_into_inline_graphs() -> None:
    text = """
    params: {widths: [4, 6, 8]}
    graph:
      stage: {repeat: 3, graph: {conv: {op: conv2d, out_channels: $widths.i, kernel_size: 1}}}
    """
    net = network(text)
    assert [net.shapes[f"stage/{i}/conv"][0].channels for i in range(3)] == [4, 6, 8]
    assert [net.graph.scopes[f"stage/{i}"].args["i"] for i in range(3)] == [0, 1, 2]


def test_an_inline_graph_asks_its_own_input_first() -> None:
    text = """
    blocks:
      outer:
        inputs: [x, skip]
        graph:
          wide: {op: conv2d, from: x, out_channels: 10, kernel_size: 1}
          branch: {graph: {conv: {op: conv2d, out_channels: $(x.channels + skip.channels), kernel_size: 1}}}
    graph: {outer: {block: outer, from: [image, image]}}
    """
    assert network(text).shapes["outer/branch/conv"][0].channels == 13


def test_a_path_in_outputs_gives_the_scopes_on_its_way_an_output() -> None:
    text = """
    blocks:
      stage: {graph: {conv: {op: conv2d, out_channels: 4, kernel_size: 1}, relu: relu}}
      net: {graph: {features: {graph: {one: {block: stage}, two: {block: stage, repeat: 2}}}}}
    graph:
      backbone: {block: net, outputs: {deep: features, early: features.one.conv, part: features.two.0}}
      sum: {op: add, from: [backbone, backbone.early, backbone.part]}
    """
    graph = network(text).graph
    assert graph.nodes["sum"].inputs == (
        Ref("backbone/features/two/1/relu"),
        Ref("backbone/features/one/conv"),
        Ref("backbone/features/two/0/relu"),
    )
    assert dict(graph.scopes["backbone"].outputs) == {
        "deep": Local("features"),
        "early": Local("features", "one.conv"),
        "part": Local("features", "two.0"),
    }
    assert graph.scopes["backbone/features"].outputs["one.conv"] == Local("one", "conv")
    assert graph.scopes["backbone/features/two"].outputs["0"] == Local("0")


def test_numbered_outputs_are_read_by_number_and_the_bare_name_is_the_first() -> None:
    text = """
    graph:
      parts: {op: chunk, chunks: 3}
      first: {op: relu, from: parts}
      same: {op: relu, from: parts.0}
      last: {op: relu, from: parts.2}
      sum: {op: add, from: [first, same, last]}
    """
    net = network(text)
    assert net.graph.nodes["first"].inputs == net.graph.nodes["same"].inputs == (Ref("parts"),)
    assert net.graph.nodes["last"].inputs == (Ref("parts", "2"),)
    assert [shape.channels for shape in net.shapes["parts"]] == [1, 1, 1]


def test_arithmetic_with_a_number_reads_one_input() -> None:
    net = network("graph: {halved: {op: mul, other: 0.5}, more: {op: add, other: 1}}")
    assert net.graph.nodes["more"].inputs == (Ref("halved"),)


def test_equal_ops_are_one_object() -> None:
    graph = network("graph: {a: relu, b: {op: relu}, c: {op: dropout, p: 0}, d: {op: dropout, p: 0.0}}").graph
    assert graph.nodes["a"].op is graph.nodes["b"].op


def test_shared_parameters_count_once_in_ops_blocks_and_repeats() -> None:
    text = """
    blocks:
      stage: {graph: {conv: {op: conv2d, out_channels: 3, kernel_size: 1}, inner: {graph: [batch_norm2d]}}}
    graph:
      a: {block: stage, repeat: 2}
      b: {block: stage, repeat: 2, share: a}
      c: {block: stage, repeat: 2, share: b}
      d: {op: conv2d, out_channels: 3, kernel_size: 1}
      e: {op: conv2d, out_channels: 3, kernel_size: 1, share: d}
    """
    net = network(text)
    assert net.graph.nodes["c/1/inner/0"].share == "a/1/inner/0"
    assert net.graph.scopes["c"].share == "a"
    assert sum(cost.params for cost in net.costs.values()) == 2 * (12 + 6) + 12
    assert sum(cost.buffers for cost in net.costs.values()) == 2 * 7


def test_a_block_can_be_chosen_by_a_param() -> None:
    text = """
    params: {kind: small}
    blocks:
      small: {graph: {conv: {op: conv2d, out_channels: 1, kernel_size: 1}}}
      large: {graph: {conv: {op: conv2d, out_channels: 9, kernel_size: 1}}}
    graph: {a: {block: $kind}}
    """
    assert network(text).shapes["a/conv"][0].channels == 1
    assert network(text, kind="large").shapes["a/conv"][0].channels == 9


def test_the_number_of_a_part_chooses_its_block() -> None:
    net = network("""
    blocks:
      down: {graph: {pool: {op: max_pool2d, kernel_size: 2}}}
      unit: {graph: {relu: relu}}
    graph: {stage: {block: $('down' if i == 0 else 'unit'), repeat: 3}}
    """)
    assert list(net.graph.nodes) == ["image", "stage/0/pool", "stage/1/relu", "stage/2/relu"]


def test_a_block_of_another_spec_is_used_alone() -> None:
    net = network("""
    use: {bottleneck: resnet#bottleneck, whole: resnet}
    graph:
      a: {block: bottleneck, width: 8, channels: 3, groups: 2}
      b: {block: bottleneck, variant: resnext50_32x4d, width: 32, channels: 3}
      c: {block: whole, from: image, variant: resnet50, outputs: [conv1]}
    outputs: [b, c]
    """)
    assert set(net.graph.scopes["a"].args) == {
        "groups",
        "width",
        "channels",
        "stride",
        "dilation",
        "zero_init_residual",
    }
    assert [net.graph.nodes[f"{use}/conv2"].op.model_dump()["groups"] for use in "ab"] == [2, 32]
    assert net.graph.scopes["a"].definition is net.graph.scopes["b"].definition
    assert "a/fc" not in net.graph.nodes


def test_a_block_of_another_spec_uses_blocks_and_specs_of_that_spec() -> None:
    net = network("use: {head: deeplabv3#DeepLabHead}\ngraph: {head: {block: head, classes: 5}}")
    assert net.graph.scopes["head/0"].definition.name == "ASPP"
    assert net.shapes["head/4"][0].channels == 5


def test_a_dollar_is_written_twice() -> None:
    text = """
    params: {name: $$w}
    blocks: {b: {params: {n: str}, graph: {relu: {op: relu, when: $(n == name)}}}}
    graph: {b: {block: b, n: $$w}}
    """
    net = network(text)
    assert net.params["name"] == "$w"
    assert "b/relu" in net.graph.nodes


def test_outputs_are_the_last_member_or_what_is_said() -> None:
    assert [output.name for output in network("graph: {a: relu, b: relu}").graph.outputs] == ["b"]
    net = network("params: {aux: true}\ngraph: {a: relu, b: relu}\noutputs: {y: b, z: {from: a, when: $(not aux)}}")
    assert [output.name for output in net.graph.outputs] == ["y"]


def test_a_spec_of_a_thousand_and_of_ten_thousand_members_expands() -> None:
    for count in (1_000, 10_000):
        assert len(network("graph:\n" + "  - relu\n" * count).graph.nodes) == count + 1


@pytest.mark.parametrize("inputs", ["layer1, layer2", "layer2, layer2_"])
def test_a_part_of_a_repeat_is_not_taken_for_its_input(inputs: str) -> None:
    first, second = inputs.split(", ")
    net = network(
        f"""
    blocks:
      unit: {{inputs: [{inputs}], graph: {{sum: {{op: add, from: [{first}, {second}]}}}}}}
    graph: {{stem: relu, units: {{block: unit, from: [stem, image], repeat: 3, names: layer1}}}}
    """
    )
    read = {id: [ref.node for ref in node.inputs] for id, node in net.graph.nodes.items() if node.name == "sum"}
    assert read == {
        "units/layer1/sum": ["stem", "image"],
        "units/layer2/sum": ["units/layer1/sum", "image"],
        "units/layer3/sum": ["units/layer2/sum", "image"],
    }


def test_parts_of_a_repeat_of_a_join_are_called_as_its_inputs_might_be() -> None:
    net = network(
        """
    blocks: {cell: {graph: [{op: add, from: [x, x], repeat: 2, names: x1}]}}
    graph: {a: {block: cell}, b: {block: cell}}
    """
    )
    assert [id for id in net.graph.nodes if "/" in id] == ["a/0/x1", "a/0/x2", "b/0/x1", "b/0/x2"]
    assert [ref.node for ref in net.graph.nodes["b/0/x2"].inputs] == ["b/0/x1", "a/0/x2"]
