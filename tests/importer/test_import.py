"""Small modules become the specs that a person would have written, and the proof holds to the last bit."""

import pytest
import torch
from torch import nn

import archspec
from archspec.importer.importing import Imported, Wish, import_module
from archspec.importer.inputs import KINDS
from archspec.importer.made import Log, logged
from archspec.importer.named import Size
from archspec.importer.refused import ImportFault, Refused
from tests.importer import edges, networks

IMAGE = Size((3, 8, 8))


def imported(kind: type[nn.Module], wish: Wish | None = None, *given: object, **sizes: Size) -> Imported:
    torch.manual_seed(0)
    with logged() as log:
        module = kind(*given)
    inputs = {name: torch.zeros((1, *size.dims), dtype=KINDS[size.dtype]) for name, size in sizes.items()}
    return import_module(module, inputs, log, wish)


def graph_of(found: Imported) -> str:
    """What follows the inputs."""
    return found.text.partition("\n\n")[2].partition("\nexpect")[0]


class Dropped(nn.Module):
    """A sum with what dropout makes of the same value; dropout of inference gives the very tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(x - self.drop(x))


PROVEN = {
    "Plain": (networks.Plain, {"image": IMAGE}),
    "Residual": (networks.Residual, {"x": IMAGE}),
    "UNet": (networks.UNet, {"x": IMAGE}),
    "Tagger": (networks.Tagger, {"tokens": Size((7,), "int")}),
    "Encoder": (networks.Encoder, {"x": Size((4, 8))}),
    "WithAux": (networks.WithAux, {"x": IMAGE}),
    "Windows": (networks.Windows, {"x": Size((4, 6, 8))}),
    "Weights": (networks.Weights, {"x": Size((6,))}),
    "Language": (networks.Language, {"tokens": Size((7,), "int")}),
    "Picked": (networks.Picked, {"x": Size((4,))}),
    "TwoStarts": (networks.TwoStarts, {"x": Size((4,))}),
    "Twice": (networks.Twice, {"x": Size((4,))}),
    "Dropped": (Dropped, {"x": Size((4,))}),
    "Refined": (networks.Refined, {"x": Size((4,))}),
}


@pytest.mark.parametrize("name", PROVEN)
@pytest.mark.parametrize("folded", [True, False], ids=["blocks", "in place"])
def test_a_module_is_proven_to_the_last_bit(name: str, folded: bool) -> None:
    kind, sizes = PROVEN[name]
    found = imported(kind, Wish(folded=folded), **sizes)
    assert found.report() == tuple(claim.line() for claim in found.proof.claims)
    assert found.proof.exact, found.report()


def test_a_chain_is_written_as_a_person_writes_it() -> None:
    assert imported(networks.Plain, image=IMAGE).text == (
        """\
# Imported from tests.importer.networks:Plain: equal keys, and equal outputs bit for bit, in inference and in training.
archspec: 1
name: Plain
doc: A chain with a view at its end
inputs: {image: [3, 8, 8]}

graph:
  conv: {op: conv2d, out_channels: 4, kernel_size: 3, padding: 1, bias: false}
  norm: {op: batch_norm2d, eps: 0.001}
  relu: relu
  maxpool: {op: max_pool2d, kernel_size: 2}
  flatten: flatten
  fc: {op: linear, out_features: 3}

expect: {params: 311, macs: 7104}
"""
    )


def test_a_class_is_a_block_with_its_arguments_and_conditions() -> None:
    assert (
        graph_of(imported(networks.Residual, x=IMAGE))
        == """\
blocks:
  block:
    doc: A residual block
    params: {channels: int, stride: 1}
    graph:
      conv1: {op: conv2d, out_channels: $channels, kernel_size: 3, stride: $stride, padding: 1, bias: false}
      bn1: batch_norm2d
      relu1: relu
      conv2: {op: conv2d, out_channels: $channels, kernel_size: 3, padding: 1, bias: false}
      bn2: batch_norm2d
      shortcut:
        when: $(stride != 1 or x.channels != channels)
        from: x
        graph:
          - {op: conv2d, out_channels: $channels, kernel_size: 1, stride: $stride, bias: false}
          - batch_norm2d
      add: {op: add, from: [bn2, shortcut]}
      relu2: relu

graph:
  stem: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  layer1: {block: block, channels: 8, repeat: 2}
  layer2: {block: block, channels: 16, repeat: 3, first: {stride: 2}}
  pool: {op: adaptive_avg_pool2d, output_size: 1}
  flatten: flatten
  fc: {op: linear, out_features: 10}
"""
    )


def test_a_list_between_others_keeps_its_numbers() -> None:
    members = [line.split(":")[0].strip() for line in graph_of(imported(networks.UNet, x=IMAGE)).splitlines()[1:]]
    assert [name for name in members if "." in name] == ["down.0", "down.1", "ups.0", "ups.1", "ups.2", "ups.3"]


def test_a_module_called_again_shares_its_parameters() -> None:
    assert (
        graph_of(imported(networks.Twice, x=Size((4,))))
        == """\
graph:
  step: {op: linear, out_features: 4}
  act1: tanh
  step1: {share: step}
  act2: tanh
"""
    )


def test_a_module_that_is_given_one_value_twice_takes_two_as_in_its_other_calls() -> None:
    assert graph_of(imported(networks.Refined, x=Size((4,)))) == (
        """\
blocks:
  cell:
    doc: One step of a refinement
    inputs: [state, given]
    graph:
      mix: {op: linear, out_features: 4}
      add: {op: add, from: [mix, given]}
      norm: batch_norm1d
      mul: {op: mul, from: [norm, given]}

graph:
  cell: {block: cell, from: [x, x]}
  cell1: {share: cell, from: [cell, x]}
  cell2: {share: cell, from: [cell1, cell1]}
"""
    )


def test_a_tensor_of_two_keys_is_tied() -> None:
    found = graph_of(imported(networks.Language, tokens=Size((7,), "int")))
    assert "head: {op: linear, share: {weight: body.0.weight}, out_features: 2, bias: false}" in found


def test_what_runs_in_training_only_stands_where_it_is_registered() -> None:
    assert (
        graph_of(imported(networks.WithAux, x=IMAGE))
        == """\
graph:
  body: {op: conv2d, out_channels: 4, kernel_size: 3}
  aux: {op: conv2d, when: training, out_channels: 2, kernel_size: 1}
  head: {op: conv2d, from: body, out_channels: 2, kernel_size: 1}

outputs: {out: head, aux: aux}
"""
    )


@pytest.mark.parametrize(("kind", "dims"), [(networks.Deep, (4,)), (networks.DeepSecond, (5, 4))])
def test_what_is_given_in_training_only_says_so(kind: type[nn.Module], dims: tuple[int, ...]) -> None:
    found = imported(kind, x=Size(dims))
    assert found.proof.exact, found.report()
    assert "outputs: {output_0: head, output_1: {from: body, when: training}}" in found.text


class Numbered(nn.ModuleDict):
    """A list of which some places are functions, and one is nothing."""

    def __init__(self) -> None:
        super().__init__({"1": nn.Linear(4, 4), "4": nn.Linear(4, 2)})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(self["4"](self["1"](x.sigmoid()).tanh()))


def test_functions_take_the_numbers_that_the_modules_of_a_list_leave() -> None:
    assert (
        graph_of(imported(Numbered, x=Size((4,))))
        == """\
graph:
  - sigmoid
  - {op: linear, out_features: 4}
  - tanh
  - identity
  - {op: linear, out_features: 2}
"""
    )


class Attending(nn.Module):
    """Queries, keys and values of one projection, of which the scores are scaled by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(8, 24)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        parts = self.qkv(x).reshape(x.shape[0], x.shape[1], 3, 8).unbind(2)
        return nn.functional.scaled_dot_product_attention(parts[0] * 8**-0.5, parts[1], parts[2])


def test_values_are_called_as_their_reader_calls_them_and_a_root_is_one() -> None:
    text = imported(Attending, x=Size((4, 8))).text
    assert "{op: mul, other: $(8**-0.5)}" in text
    source = archspec.loads(text).source()
    assert "unbind_0, key, value = " in source
    assert "= unbind_0 * 8**-0.5" in source


def test_two_inputs_see_one_tower() -> None:
    found = imported(networks.Siamese, None, 4, left=IMAGE, right=IMAGE)
    assert found.proof.exact, found.report()
    assert "tower1: {share: tower, from: right}" in found.text


def test_a_batch_that_is_second_is_the_first_here() -> None:
    """Random numbers come in another order then: what is computed besides is equal."""
    found = imported(networks.Sequence, x=Size((5, 8)))
    assert found.proof.holds, found.report()
    assert "identity" not in found.text
    assert "order: [self_attn, linear1, linear2, norm1, norm2]" in found.text


def test_what_no_op_says_is_opaque_and_proven_all_the_same() -> None:
    found = imported(networks.Odd, x=Size((4,)))
    assert found.proof.exact, found.report()
    assert (
        graph_of(found)
        == """\
graph:
  stem: {op: linear, out_features: 6}
  scaled: {op: module, target: "tests.importer.networks:Scaled", args: [[dim, 6], [power, 2.0]], shapes: [[12]],
           params: 84, macs: 72}
  head: {op: linear, out_features: 3}
"""
    )
    assert [(one.path, one.reason) for one in found.opaque] == [("scaled", "no rule for erfcx")]


def test_a_call_is_opaque_where_nothing_can_make_its_module_again() -> None:
    module = nn.Sequential(nn.Sequential(networks.Scaled(4, power=2.0)))
    found = import_module(module, {"input": torch.zeros(1, 4)}, Log())
    assert found.proof.exact, found.report()
    assert '  erfcx: {op: function, target: "torch.special:erfcx", shapes: [[8]]}\n' in graph_of(found)
    assert [one.reason for one in found.opaque] == ["no rule for erfcx"]


def test_calls_of_the_outermost_forward_are_opaque_one_by_one() -> None:
    found = imported(edges.Outermost, x=Size((6,)))
    assert found.proof.exact, found.report()
    assert (
        graph_of(found)
        == """\
graph:
  centers: {op: parameter, shape: [3, 5]}
  stem: {op: linear, out_features: 5}
  erfcx: {op: function, target: "torch.special:erfcx", shapes: [[5]]}
  topk: {op: topk, k: 2}
  zeros_like: {op: zeros_like, from: erfcx}
  scatter_reduce: {op: function, from: [zeros_like, topk.indices, topk], target: "torch:scatter_reduce", shapes: [[5]],
                   args: [1, sum], at: [0, 2, 3]}
  head: {op: linear, out_features: 5}
  cdist: {op: function, from: [head, centers], target: "torch:cdist", shapes: [[3]],
          options: [[p, 2.0], [compute_mode, use_mm_for_euclid_dist_if_necessary]]}
"""
    )
    assert [one.reason for one in found.opaque] == [
        "no rule for erfcx",
        "no rule for scatter_reduce",
        "cdist of N x 5 and 3 x 5: cdist needs vectors one below the other",
    ]
    with pytest.raises(Refused, match="no rule for erfcx"):
        imported(edges.Outermost, Wish(strict=True), x=Size((6,)))


def test_strict_refuses_what_would_be_opaque() -> None:
    with pytest.raises(Refused, match="no rule for erfcx"):
        imported(networks.Odd, Wish(strict=True), x=Size((4,)))


@pytest.mark.parametrize(("kind", "dims"), [(networks.Rows, (4, 6)), (networks.Residuals, (4,))])
def test_what_is_summed_in_another_order_is_proven_but_for_the_last_bits(
    kind: type[nn.Module], dims: tuple[int, ...]
) -> None:
    found = imported(kind, x=Size(dims))
    assert found.proof.holds, found.report()
    assert not found.opaque


def test_data_that_decides_is_refused_with_its_line() -> None:
    with pytest.raises(Refused) as refused:
        imported(networks.Decides, x=Size((3,)))
    path, _, line = refused.value.place.rpartition(":")
    assert (refused.value.reason, path) == ("lets the data decide what runs", networks.__file__)
    assert int(line) > 0


def test_a_forward_that_fails_is_shown_where_it_fails() -> None:
    with pytest.raises(ImportFault) as fault:
        imported(networks.Broken, x=Size((3, 4, 4)))
    first, last = str(fault.value).splitlines()
    assert first.startswith("Broken does not run with x (3, 3, 4, 4): RuntimeError: Sizes of tensors must match")
    assert last.startswith(f"  {networks.__file__}:")
    assert last.endswith("in forward: return torch.cat([x, x.transpose(2, 3)[:, :, 1:]], 1)")
