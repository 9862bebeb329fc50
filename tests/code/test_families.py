"""`compile --family`: each function makes what the variant's own source makes."""

import re
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

import archspec
from archspec.cli import main
from archspec.code.family import emit_family
from archspec.pipeline import read_text
from tests.code.families import differences, faults, loaded, written
from tests.code.trials_of_families import wrong_members
from tests.gallery.networks import variants

# Widths, depths and patches as arguments; several outputs; parts for training only; more than one structure; a flat
# sequence of several depths.
TRIED = (
    "shufflenet_v2:shufflenet_v2_x0_5",
    "vit:vit_b_32",
    "csp_pan:n",
    "unet:unet",
    "conformer:small",
    "vgg:vgg16_bn",
)
ALL = [name for spec, names in variants().items() if names != [spec] for name in names]

TWO = """
archspec: 1
name: Tiny
params: {classes: 3, width: 4, wide_head: false}
variants:
  tiny: {}
  tiny-wide/2: {width: 8, wide_head: true}
inputs: {image: [3, 8, 8]}
graph:
  conv: {op: conv2d, out_channels: $width, kernel_size: 3}
  norm: batch_norm2d
  pool: {op: adaptive_avg_pool2d, output_size: 1}
  flat: flatten
  hidden: {op: linear, out_features: 16, when: $wide_head}
  fc: {op: linear, out_features: $classes}
  aux: {op: linear, from: flat, out_features: 2, when: training}
outputs: {logits: fc, aux: aux}
"""


# Blocks of several inputs, one after the other: how many there are is an argument, at the top and inside of a block.
LOOPS = """
archspec: 1
name: Tiny
params: {depth: 2, width: 4}
variants: {two: {}, one: {depth: 1}, five: {depth: 5, width: 6}}
inputs: {x: [4], mask: [4]}
blocks:
  layer:
    inputs: [x, state, mask]
    graph:
      fc: {op: linear, out_features: $width}
      a: {op: mul, from: [fc, state]}
      kept: {op: linear, out_features: $width, from: state}
      b: {op: add, from: [kept, mask]}
    outputs: [a, b]
  tower:
    inputs: [x, mask]
    graph:
      layers: {block: layer, from: [x, x, mask], repeat: $depth}
      sum: {op: add, from: [layers.a, layers.b]}
  masked:
    inputs: [x, mask]
    graph: {fc: {op: linear, out_features: $width}, sum: {op: add, from: [fc, mask]}}
graph:
  x_in: {op: linear, out_features: $width, from: x}
  mask_in: {op: linear, out_features: $width, from: mask}
  tower: {block: tower, from: [x_in, mask_in]}
  tail: {block: masked, from: [tower, mask_in], repeat: $depth}
"""


def test_how_many_blocks_of_several_inputs_there_are_is_an_argument() -> None:
    made = read_text(LOOPS).family()
    source = emit_family(made.network, made.variants)
    assert loaded(source)["__all__"] == ["Tiny", "two", "one", "five"]
    assert source.count("for _ in range(depth)") == 2
    assert "Masked(width) for _ in range(depth)" in source  # and no second argument for the width of what it reads
    assert "a, b = block(a, b, mask)" in source
    assert list(wrong_members(LOOPS)) == []


NONE = """
archspec: 1
name: Tiny
params: {depth: 2}
inputs: {x: [4], mask: [4]}
blocks:
  masked:
    inputs: [x, mask]
    graph: {fc: {op: linear, out_features: 4}, sum: {op: add, from: [fc, mask]}}
graph:
  layers: {block: masked, from: [x, mask], repeat: $depth}
  tanh: tanh
"""


def test_a_loop_of_no_blocks_gives_what_it_reads() -> None:
    made, wanted = loaded(archspec.loads(NONE).source())["Tiny"](depth=0), archspec.loads(NONE, depth=0).build()
    given = torch.rand(2, 4), torch.rand(2, 4)
    assert list(made.state_dict()) == list(wanted.state_dict()) == []
    assert torch.equal(made(*given), wanted(*given))


@pytest.mark.parametrize(
    "name", [pytest.param(name, id=name, marks=[] if name in TRIED else [pytest.mark.whole]) for name in ALL]
)
def test_a_member_has_the_keys_and_outputs_of_its_own_source(name: str) -> None:
    spec, _, variant = name.partition(":")
    assert list(faults(spec, variant)) == []


@pytest.mark.parametrize(("k", "variant"), [(0, "tiny"), (1, "tiny-wide/2")])
def test_a_member_computes_what_its_own_source_does(k: int, variant: str) -> None:
    made = read_text(TWO).family()
    source = loaded(emit_family(made.network, made.variants))
    assert source["__all__"] == ["Tiny", "tiny", "tiny_wide_2"]
    one, design = source[source["__all__"][k + 1]](), archspec.loads(TWO, variant)
    alone = design.build()
    assert list(differences(one.to("meta"), design.build(device="meta"), design.network)) == []
    one = source[source["__all__"][k + 1]]()
    one.load_state_dict(alone.state_dict())
    image = torch.rand(2, 3, 8, 8)
    for training in (False, True):
        given, wanted = one.train(training)(image), alone.train(training)(image)
        assert type(given).__name__ == type(wanted).__name__
        for mine, theirs in zip(given, wanted, strict=True) if training else [(given, wanted)]:
            assert torch.equal(mine, theirs)


# What a variant is as a network, and was not beside others. What only training gives may be a value that inference has.
KEPT = {
    "an input that nothing reads": "inputs: {x: [2], y: [3]}\ngraph: {a: {op: tanh, from: x}}",
    "an output of training only": "inputs: {x: [2]}\ngraph: {a: relu, b: tanh}\n"
    "outputs: {y: b, aux: {from: a, when: training}}",
    "an output called as a member": "inputs: {x: [2]}\ngraph: {a: relu, b: tanh}\noutputs: {a: b, b: a}",
    "all parts of a repeat": "inputs: {x: [2]}\ngraph: {a: {op: linear, out_features: 2, repeat: 2}}\noutputs: [a.*]",
    "a member called _": "inputs: {x: [2]}\ngraph: {_: tanh}",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_a_member_takes_and_gives_all_that_its_own_source_does(text: str) -> None:
    text = f"archspec: 1\nname: Tiny\nvariants: {{one: {{}}, two: {{}}}}\n{text}"
    made, design = read_text(text).family(), archspec.loads(text, "two")
    one = loaded(emit_family(made.network, made.variants))["two"]()
    alone = design.build()
    assert list(differences(one.to("meta"), design.build(device="meta"), design.network)) == []
    one.to_empty(device="cpu").load_state_dict(alone.state_dict())
    given = [torch.rand(2, *design.network.shapes[id][0].dims) for id in design.network.graph.inputs]
    for training in (False, True):
        mine, wanted = one.train(training)(*given), alone.train(training)(*given)
        assert getattr(mine, "_fields", ()) == getattr(wanted, "_fields", ())
        for got, expected in zip(mine, wanted, strict=True):
            assert torch.equal(got, expected)


# What holds of some variants only, so that their functions say it; and names that the family needs for itself.
OF_SOME = {
    "parts of a repeat frozen by their number": """
params: {depth: 3}
variants: {three: {}, two: {depth: 2}}
inputs: {x: [2]}
graph: {body: {op: linear, out_features: 2, repeat: $depth, freeze: $(i % 2 == 0)}}
""",
    "the same where a list of depths is counted in a block": """
params: {depths: [2, 2]}
variants: {two: {}, one: {depths: [2]}}
inputs: {x: [2]}
blocks:
  leaf: {graph: {body: {op: linear, out_features: 2}}}
  wrap: {graph: {fc: [{block: leaf}]}}
  tower: {graph: {right: {block: wrap, repeat: $(len(depths)), freeze: $(i % 2 == 0)}}}
graph: {tower: {block: tower}}
""",
    "a frozen entry of a list that some leave out": """
params: {act: relu}
variants: {one: {}, other: {act: sigmoid}}
inputs: {x: [2, 2, 2]}
graph: {list: [{op: conv2d, out_channels: 2, kernel_size: 2, when: $(act == 'relu'), freeze: true}]}
""",
    "a whole network": """
params: {tuned: true}
variants: {one: {}, other: {tuned: false}}
inputs: {x: [2]}
graph: {all: {freeze: $(not tuned), graph: {fc: {op: linear, out_features: 2}}}}
""",
    "a tie": """
params: {tied: true, layers: 2}
variants: {one: {}, other: {tied: false}, model: {layers: 3}}
inputs: {x: {shape: [4], dtype: int}}
graph:
  emb: {op: embedding, num_embeddings: 7, embedding_dim: 5}
  body: {op: linear, out_features: 5, repeat: $layers}
  head:
  - {op: linear, out_features: 7, bias: false, when: $tied, share: {weight: emb.weight}}
  - {op: linear, out_features: 7, bias: false}
""",
    "ops of a list": """
params: {acts: [relu, gelu], plan: [[4, relu], [6, silu]], act: relu}
variants: {one: {}, other: {acts: [relu, silu, tanh], plan: [[3, tanh]], act: silu}}
inputs: {x: [3]}
blocks:
  layer: {params: {out: int, act: str}, graph: {fc: {op: linear, out_features: $out}, act: {op: $act}}}
  flag: {params: {kind: str}, graph: {fc: {op: linear, out_features: 3}, norm: {op: tanh, when: $(kind == 'relu')}}}
  both: {params: {act: str}, graph: {flag: {block: flag, kind: $act}, act: {op: $act}}}
graph:
  all: {block: layer, out: 3, act: "$acts[i]", repeat: $(len(acts))}
  more: {block: layer, out: 3, act: "$((acts + ['gelu'])[i])", repeat: $(len(acts) + 1)}
  plan: {block: layer, out: "$plan[i][0]", act: "$plan[i][1]", repeat: $(len(plan))}
  both: {block: both, act: $act}
""",
    "params called as inputs and members of the family": """
params: {x_0: 3, v0: 4, n: 2}
variants: {one: {}, other: {n: 3}}
inputs: {x: [2]}
graph:
  a: {op: linear, out_features: $x_0}
  b: {op: linear, out_features: $v0}
  c: {op: linear, out_features: $n}
""",
}


@pytest.mark.parametrize("text", OF_SOME.values(), ids=OF_SOME)
def test_what_holds_of_some_variants_is_said_of_them(text: str) -> None:
    assert list(wrong_members(f"archspec: 1\nname: Tiny{text}")) == []


def test_a_list_that_variants_set_may_be_longer_than_theirs() -> None:
    """Where the second part is the last in all of them, it still is one of a list."""
    made = read_text("""
archspec: 1
name: Tiny
params: {widths: [2, 3]}
variants: {two: {}, one: {widths: [5]}}
inputs: {x: [4]}
blocks: {part: {params: {out: int}, graph: {up: {op: linear, out_features: $out}, down: {op: linear, out_features: 4}}}}
graph: {parts: {block: part, out: "$widths[i]", repeat: $(len(widths))}}
""").family()
    source = loaded(emit_family(made.network, made.variants))
    assert [part.up.out_features for part in source["Tiny"](widths=(2, 3, 6)).parts] == [2, 3, 6]


def test_a_function_freezes_what_its_variant_does() -> None:
    made = read_text(f"archspec: 1\nname: Tiny{OF_SOME['parts of a repeat frozen by their number']}").family()
    source = emit_family(made.network, made.variants)
    assert "    model = Tiny()\n    model.body[2].requires_grad_(False)\n    return model\n" in source
    assert "    return Tiny(depth=2)\n" in source


def test_a_function_takes_what_no_variant_sets() -> None:
    made = read_text(TWO).family()
    source = loaded(emit_family(made.network, made.variants))
    module = source["tiny_wide_2"](classes=7)
    assert module(torch.rand(2, 3, 8, 8))[0].shape == (2, 7)
    assert module.fc.in_features == 16


def test_a_setting_holds_for_all_members() -> None:
    made = read_text(TWO, settings={"classes": 5, "width": 2}).family()
    source = loaded(emit_family(made.network, made.variants))
    for name in ("tiny", "tiny_wide_2"):
        assert source[name]().fc.out_features == 5
        assert source[name]().conv.out_channels == 2


def test_one_class_stands_for_all_that_have_one_structure() -> None:
    assert written("vit").count("class VisionTransformer") == 1
    assert "layers=24,\n        heads=16,\n        width=1024,\n        mlp_width=4096," in written("vit")


def test_what_no_variant_sets_is_an_argument_in_a_family_as_in_one_network() -> None:
    """In blocks too that read it of the spec around them."""
    for spec, argument in {"gpt": "dropout", "swin": "window", "convnext": "layer_scale", "esrgan": "growth"}.items():
        assert re.search(rf"^def \w+\([^)]*\b{argument}: ", written(spec), re.MULTILINE), spec


# Blocks that a param chooses, handed on through a block around them; what one of them takes, all of them do.
CHOSEN = """
archspec: 1
name: Tiny
params: {block: {default: plain, choices: [plain, deep, odd]}, width: 4, depth: 2, groups: 1, slope: 0.0}
variants:
  one: {}
  two: {block: deep, depth: 3, groups: 2}
  three: {block: odd, width: 8, slope: 0.1}
inputs: {image: [4, 8, 8]}
blocks:
  plain:
    params: {width: int, stride: 1}
    graph:
      conv: {op: conv2d, out_channels: $width, kernel_size: 3, padding: 1, stride: $stride}
      skip:
        when: $(stride != 1 or x.channels != width)
        from: x
        graph: [{op: conv2d, out_channels: $width, kernel_size: 1, stride: $stride}]
      add: {op: add, from: [conv, skip]}
  deep:
    params: {width: int, stride: 1}
    graph:
      conv: {op: conv2d, out_channels: $width, kernel_size: 3, padding: 1, stride: $stride, groups: $groups}
      conv2: {op: conv2d, out_channels: $width, kernel_size: 1}
  odd:
    params: {width: int, stride: 1}
    graph:
      conv: {op: conv2d, out_channels: $width, kernel_size: 3, padding: 1, stride: $stride}
      act: {op: leaky_relu, negative_slope: $slope}
  stage:
    params: {width: int, kind: plain}
    graph:
      body: {block: $kind, width: $width, repeat: $depth, first: {stride: 2}}
      tail: {block: $kind, width: "$(2 * width if kind == 'deep' else width)"}
graph:
  a: {block: stage, width: $width, kind: $block}
  b: {block: stage, width: $(2 * width), kind: $block}
  c: {block: $block, width: 6}
"""
# Where they cannot take the same, or one of them stands elsewhere too, what is around them has a class for each.
APART = {
    "one used by itself": ("  c: {block: $block", "  d: {block: plain, width: 6}\n  c: {block: $block"),
    "other params": (
        "  odd:\n    params: {width: int, stride: 1}",
        "  odd:\n    params: {width: int, stride: 1, more: 1}",
    ),
}


def test_the_block_that_variants_choose_is_an_argument() -> None:
    made = read_text(CHOSEN).family()
    source = emit_family(made.network, made.variants)
    assert loaded(source)["__all__"] == ["Tiny", "one", "two", "three"]
    assert "block: type[Plain | Deep | Odd] = Plain" in source
    assert "return Tiny(block=Deep, depth=3, groups=2)" in source
    assert list(wrong_members(CHOSEN)) == []


@pytest.mark.parametrize("change", APART.values(), ids=APART)
def test_blocks_of_other_forms_keep_classes_around_them(change: tuple[str, str]) -> None:
    text = CHOSEN.replace(*change)
    made = read_text(text).family()
    assert loaded(emit_family(made.network, made.variants))["__all__"][:3] == ["Tiny", "DeepTiny", "OddTiny"]
    assert list(wrong_members(text)) == []


def test_resnet_is_a_class_of_a_block_and_depths() -> None:
    source = written("resnet")
    assert [line for line in source.splitlines() if line.startswith("class ")] == [
        "class Basic(nn.Module):",
        "class Bottleneck(nn.Module):",
        "class ResNet(nn.Module):",
    ]
    assert "block: type[Basic | Bottleneck] = Basic" in source
    assert "x = self.layer1(x)  # (N, 64 * expansion, 56, 56)" in source
    assert "def resnet50(classes: int = 1000, zero_init_residual: bool = False) -> ResNet:" in source


def test_no_comment_tells_a_shape_that_only_one_of_several_blocks_gives() -> None:
    source = written("mobilenet_v3")
    assert "net: type[LargeFeatures | SmallFeatures] = LargeFeatures" in source
    assert "x: Tensor = self.features(image)\n" in source


def test_a_flag_that_follows_from_sizes_is_said_by_them() -> None:
    source = written("llama")
    assert "self.enable_gqa = heads != groups" in source
    assert "def llama2_7b() -> Llama:" in source
    assert "return Llama()" in source


def test_the_command_refuses_what_is_no_family(tmp_path: Path) -> None:
    one = CliRunner().invoke(main, ["compile", "resnet:resnet18", "--family", "-o", str(tmp_path / "x.py")])
    assert one.exit_code == 2
    assert "leave out resnet18" in one.output
    none = CliRunner().invoke(main, ["compile", "alexnet", "--family", "-o", str(tmp_path / "x.py")])
    assert none.exit_code == 1
    assert "has no variants" in none.output
    assert not list(tmp_path.iterdir())


def test_the_command_writes_a_family(tmp_path: Path) -> None:
    path = tmp_path / "squeezenet.py"
    done = CliRunner().invoke(main, ["compile", "squeezenet", "--family", "-o", str(path)])
    assert done.exit_code == 0
    assert "def squeezenet1_1(" in path.read_text("utf-8")
