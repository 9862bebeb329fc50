"""Windows, and what is composed of them, are torchvision's: Swin's attention, Swin V2's, and MaxViT's, bit for bit."""

import math
from importlib import import_module
from types import ModuleType

import pytest
import torch
from torch import Tensor

from tests.ops.composing import Value, given, held, parts, run, through
from tests.ops.oracle import make, module_of

SIZES = [(8, 8), (7, 9), (4, 4), (3, 12), (14, 5)]
SHIFTS = [(0, 0), (2, 2), (1, 3), (0, 1), (2, 0)]
WINDOW, HEADS, WIDTH = (4, 4), 3, 12


@pytest.fixture(scope="module")
def swin(torchvision: ModuleType) -> ModuleType:
    return import_module(f"{torchvision.__name__}.models.swin_transformer")


@pytest.fixture(scope="module")
def maxvit(torchvision: ModuleType) -> ModuleType:
    return import_module(f"{torchvision.__name__}.models.maxvit")


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def split_heads(x: Value) -> tuple[Value, ...]:
    """Queries, keys and values: (N, windows, L, 3 * E) -> three of (N, windows, heads, L, head)."""
    x = run("unflatten", x, dim=-1, unflattened_size=(3, HEADS, WIDTH // HEADS))
    return parts("unbind", run("permute", x, dims=(0, 3, 1, 4, 2, 5)), dim=1, parts=3)


def join_heads(x: Value) -> Value:
    return run("flatten", run("transpose", x, dim0=2, dim1=3), start_dim=3)


def position_bias(table: Value, index: Value) -> Value:
    bias = run("unflatten", run("index", table, index), dim=0, unflattened_size=(16, 16))
    return run("unsqueeze", run("permute", bias, dims=(2, 0, 1)), dim=0)


def masked(scores: Value, x: Value, shift: tuple[int, int]) -> Value:
    return run("add", scores, run("window_mask", x, window_size=WINDOW, shift_size=shift))


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("size", SIZES)
@torch.no_grad()
def test_shifted_windows_attend_as_in_swin(swin: ModuleType, size: tuple[int, int], shift: tuple[int, int]) -> None:
    peer = swin.ShiftedWindowAttention(WIDTH, list(WINDOW), list(shift), HEADS).eval()
    image = torch.randn(2, *size, WIDTH)
    x, fields = given(image), {"window_size": WINDOW, "shift_size": shift}
    q, k, v = split_heads(through(peer.qkv, "linear", run("window_partition", x, **fields), out_features=3 * WIDTH))
    q = run("mul", q, other=(WIDTH // HEADS) ** -0.5)
    scores = run("matmul", q, run("transpose", k, dim0=-2, dim1=-1))
    bias = position_bias(held(peer.relative_position_bias_table), held(peer.relative_position_index))
    weights = run("softmax", masked(run("add", scores, bias), x, shift), dim=-1)
    y = through(peer.proj, "linear", join_heads(run("matmul", weights, v)), out_features=WIDTH)
    assert torch.equal(run("window_reverse", y, x, **fields).tensor, peer(image))


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("size", SIZES)
@torch.no_grad()
def test_shifted_windows_attend_as_in_swin_v2(swin: ModuleType, size: tuple[int, int], shift: tuple[int, int]) -> None:
    peer = swin.ShiftedWindowAttentionV2(WIDTH, list(WINDOW), list(shift), HEADS).eval()
    image = torch.randn(2, *size, WIDTH)
    x, fields = given(image), {"window_size": WINDOW, "shift_size": shift}
    q, k, v = split_heads(through(peer.qkv, "linear", run("window_partition", x, **fields), out_features=3 * WIDTH))
    q, k = run("normalize", q, dim=-1), run("normalize", k, dim=-1)
    scale = held(peer.logit_scale.clamp(max=math.log(100.0)).exp())
    scores = run("mul", run("matmul", q, run("transpose", k, dim0=-2, dim1=-1)), scale)
    hidden = through(peer.cpb_mlp[0], "linear", held(peer.relative_coords_table), out_features=512)
    table = through(peer.cpb_mlp[2], "linear", run("relu", hidden), out_features=HEADS, bias=False)
    bias = position_bias(run("reshape", table, shape=(-1, HEADS)), held(peer.relative_position_index))
    bias = run("mul", run("sigmoid", bias), other=16)
    weights = run("softmax", masked(run("add", scores, bias), x, shift), dim=-1)
    y = through(peer.proj, "linear", join_heads(run("matmul", weights, v)), out_features=WIDTH)
    assert torch.equal(run("window_reverse", y, x, **fields).tensor, peer(image))


@torch.no_grad()
def test_tokens_of_windows_attend_as_in_maxvit(maxvit: ModuleType) -> None:
    peer = maxvit.RelativePositionalMultiHeadAttention(WIDTH, WIDTH // HEADS, 16).eval()
    tokens = torch.randn(2, 5, 16, WIDTH)
    qkv = through(peer.to_qkv, "linear", given(tokens), out_features=3 * WIDTH)
    q, k, v = (
        run("transpose", run("unflatten", part, dim=-1, unflattened_size=(HEADS, -1)), dim0=2, dim1=3)
        for part in parts("chunk", qkv, chunks=3, dim=-1)
    )
    scores = run("einsum", q, run("mul", k, other=WIDTH**-0.5), equation="bghid,bghjd->bghij")
    index = run("flatten", held(peer.relative_position_index), start_dim=0)
    bias = position_bias(held(peer.relative_position_bias_table), index)
    weights = run("softmax", run("add", scores, bias), dim=-1)
    y = join_heads(run("einsum", weights, v, equation="bghij,bghjd->bghid"))
    assert torch.equal(through(peer.merge, "linear", y, out_features=WIDTH).tensor, peer(tokens))


@pytest.mark.parametrize("size", [(8, 8), (12, 4)])
def test_windows_are_those_of_maxvit(maxvit: ModuleType, size: tuple[int, int]) -> None:
    image = torch.randn(2, 6, *size)
    x = run("permute", given(image), dims=(0, 2, 3, 1))
    assert torch.equal(run("window_partition", x, window_size=(4, 4)).tensor, maxvit.WindowPartition()(image, 4))


@pytest.mark.parametrize("size", [8, 12])
def test_grids_are_those_of_maxvit(maxvit: ModuleType, size: int) -> None:
    image = torch.randn(2, 6, size, size)
    x = run("permute", given(image), dims=(0, 2, 3, 1))
    theirs = maxvit.SwapAxes(-2, -3)(maxvit.WindowPartition()(image, size // 4))
    assert torch.equal(run("window_partition", x, window_size=(4, 4), grid=True).tensor, theirs)


@pytest.mark.parametrize("fields", [{}, {"shift_size": (1, 2)}, {"grid": True}])
@pytest.mark.parametrize("size", [(5, 7), (3, 3), (6, 9)])
def test_what_is_cut_into_windows_is_put_together_again(size: tuple[int, int], fields: dict[str, object]) -> None:
    x = given(torch.randn(2, *size, 4))
    windows = run("window_partition", x, window_size=(2, 3), **fields)
    assert torch.equal(run("window_reverse", windows, x, window_size=(2, 3), **fields).tensor, x.tensor)


@pytest.mark.parametrize("name", ["relative_position_index", "relative_coords_table"])
@pytest.mark.parametrize("window", [(7, 7), (8, 8), (2, 5)])
def test_buffers_of_windows_are_those_of_swin(swin: ModuleType, name: str, window: tuple[int, int]) -> None:
    peer = swin.ShiftedWindowAttentionV2(6, list(window), [0, 0], 2)
    ours: Tensor = module_of(make(name, window_size=window), ())()
    theirs: Tensor = getattr(peer, name)
    assert ours.dtype == theirs.dtype
    assert torch.equal(ours, theirs)


def test_an_index_that_is_not_flat_is_that_of_maxvit(maxvit: ModuleType) -> None:
    peer = maxvit.RelativePositionalMultiHeadAttention(6, 3, 25)
    op = make("relative_position_index", window_size=(5, 5), flatten=False)
    assert torch.equal(module_of(op, ())(), peer.relative_position_index)
