"""Ops composed to the parts of known transformers give their values, bit for bit."""

from importlib import import_module
from types import ModuleType

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from archspec.runtime.counters import count_fvcore, count_macs
from archspec.values.shape import Shape
from tests.ops.composing import Value, given, held, parts, run, through
from tests.ops.oracle import make, module_of

EPS = 1e-6


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def encoder_block(x: Value, layer: nn.Module) -> Value:
    """ViT's: attention and a perceptron, each after a norm and beside a shortcut."""
    parts_of = dict(layer.named_modules())
    normed = through(parts_of["ln_1"], "layer_norm", x, eps=EPS)
    attention = make("multi_head_attention", num_heads=2)
    module = module_of(attention, (normed.shape,))
    module.load_state_dict({f"held.{k}": v for k, v in parts_of["self_attention"].state_dict().items()})
    attended = Value(attention.infer((normed.shape,))[0], module(normed.tensor))
    x = run("add", attended, x)
    y = through(parts_of["ln_2"], "layer_norm", x, eps=EPS)
    y = run("gelu", through(parts_of["mlp.0"], "linear", y, out_features=24))
    return run("add", x, through(parts_of["mlp.3"], "linear", y, out_features=12))


@torch.no_grad()
def test_vision_transformer(torchvision: ModuleType) -> None:
    models = import_module(f"{torchvision.__name__}.models.vision_transformer")
    peer = models.VisionTransformer(16, 4, 2, 2, 12, 24, num_classes=5).eval()
    peer.class_token.normal_()
    peer.heads.head.weight.normal_()
    image = torch.randn(3, 3, 16, 16)
    x = through(peer.conv_proj, "conv2d", given(image), out_channels=12, kernel_size=4, stride=4)
    x = run("transpose", run("flatten", x, start_dim=2), dim0=1, dim1=2)
    x = run("concat", held(peer.class_token), x)
    x = run("add", x, held(peer.encoder.pos_embedding))
    for layer in peer.encoder.layers:
        x = encoder_block(x, layer)
    x = through(peer.encoder.ln, "layer_norm", x, eps=EPS)
    y = through(peer.heads.head, "linear", run("select", x, dim=1, index=0), out_features=5)
    assert y.shape == Shape((5,))
    assert torch.equal(y.tensor, peer(image))


@torch.no_grad()
def test_patches_merge_as_in_swin(torchvision: ModuleType) -> None:
    models = import_module(f"{torchvision.__name__}.models.swin_transformer")
    peer, image = models.PatchMerging(6).eval(), torch.randn(2, 8, 6, 6)
    rows = [run("slice", given(image), dim=1, start=start, step=2) for start in (0, 1)]
    quarters = [run("slice", row, dim=2, start=start, step=2) for start in (0, 1) for row in rows]
    x = through(peer.norm, "layer_norm", run("concat", *quarters, dim=-1))
    assert torch.equal(through(peer.reduction, "linear", x, out_features=12, bias=False).tensor, peer(image))


@pytest.mark.parametrize("length", [4, 9])
def test_causal_attention_by_hand_and_fused(length: int) -> None:
    q, k, v = (given(torch.randn(2, 3, length, 8)) for _ in range(3))
    causal = held(module_of(make("causal_mask", size=9), ())())
    for dim in (2, 3):
        causal = run("slice", causal, dim=dim, stop=length)
    scores = run("mul", run("matmul", q, run("transpose", k, dim0=-2, dim1=-1)), other=8**-0.5)
    weights = run("softmax", run("masked_fill", scores, causal), dim=-1)
    by_hand = run("matmul", weights, v).tensor
    fused = run("scaled_dot_product_attention", q, k, v, is_causal=True).tensor
    theirs = F.softmax((q.tensor @ k.tensor.mT * 8**-0.5).masked_fill(causal.tensor == 0, float("-inf")), -1) @ v.tensor
    assert torch.equal(by_hand, theirs)
    torch.testing.assert_close(fused, theirs)


@torch.no_grad()
def test_heads_are_split_at_any_length() -> None:
    declared = Shape((4, 36))
    split = make("unflatten", dim=-1, unflattened_size=(3, 2, 6))
    order = make("permute", dims=(0, 2, 3, 1, 4))
    assert order.infer(split.infer((declared,))) == (Shape((3, 2, 4, 6)),)
    for length in (4, 7):
        x = given(torch.randn(2, length, 36))
        x = run("permute", run("unflatten", x, dim=-1, unflattened_size=(3, 2, 6)), dims=(0, 2, 3, 1, 4))
        q, k, v = parts("unbind", x, dim=1, parts=3)
        y = run("scaled_dot_product_attention", q, k, v)
        assert run("flatten", run("transpose", y, dim0=1, dim1=2), start_dim=2).shape == Shape((length, 12))


def test_fused_attention_is_counted_as_its_products() -> None:
    xs = (Shape((5, 8)),)
    op = make("multi_head_attention", num_heads=2)
    module, inputs = module_of(op, xs), (torch.randn(1, 5, 8),)
    cost = op.cost(xs, op.infer(xs))
    assert count_macs(module, inputs)[""] == cost.macs == 4 * 5 * 8 * 8 + 2 * 5 * 5 * 8
    assert count_fvcore(module, inputs)[""] == cost.fvcore == 4 * 5 * 8 * 8


def test_tables_are_read_as_embeddings_are() -> None:
    table, index = torch.randn(9, 4), torch.randint(0, 9, (2, 5))
    read = run("index", held(table), Value(Shape((5,), dtype="int"), index)).tensor
    assert torch.equal(read, F.embedding(index, table))
    shared: Tensor = run("index", held(table), held(torch.arange(3))).tensor
    assert torch.equal(shared, table[:3])
