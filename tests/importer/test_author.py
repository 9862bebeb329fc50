"""Values have the names that the author of a module gave them, where these say what they are."""

import torch
from torch import Tensor, nn

from archspec.importer.named import Size
from tests.importer.test_import import graph_of, imported

SEQUENCE = Size((5, 8))


def helper(x: Tensor) -> Tensor:
    inside = x.abs()
    return inside.sqrt()


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(8, 24)
        self.proj = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        scores = q @ k.transpose(1, 2)
        x = torch.softmax(scores, dim=-1)
        x = x @ v
        made: Tensor = self.proj(x)
        return made


class Running(nn.Module):
    """What is assigned twice, what has the name of an argument or a module, and what a helper calls its own."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(8, 8)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        h = x * 2
        h = h + x
        mask = mask * 3
        gate = torch.sigmoid(self.gate(h))
        head, rest = torch.split(h, [3, 5], dim=-1)
        kept: Tensor = torch.cat([rest, head], -1) * gate + helper(mask)
        return kept


class Unpacked(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        a, b = self.fc(x).reshape(-1, 5, 2, 4).permute(2, 0, 1, 3)  # a tensor is unpacked by itself
        made: Tensor = a * b
        return made


def test_values_are_called_as_their_author_calls_them() -> None:
    found = imported(Attention, x=SEQUENCE)
    assert found.proof.exact, found.report()
    graph = graph_of(found)
    assert "chunk: {op: chunk, chunks: 3, dim: 2, outputs: [q, k, v]}" in graph
    assert "transpose: {op: transpose, from: chunk.k, dim0: 1, dim1: 2}" in graph
    assert "scores: {op: matmul, from: [chunk.q, transpose]}" in graph
    assert "from: [softmax, chunk.v]" in graph


def test_a_name_of_several_values_or_of_something_else_says_nothing() -> None:
    found = imported(Running, x=SEQUENCE, mask=SEQUENCE)
    assert found.proof.exact, found.report()
    graph = graph_of(found)
    assert "outputs: [head, rest]" in graph
    assert "kept: {op: add" in graph
    assert not any(f"  {name}: {{op" in graph for name in ("h", "mask", "inside", "gate1"))


def test_a_tensor_that_is_unpacked_gives_its_parts_their_names() -> None:
    assert "outputs: [a, b]}" in graph_of(imported(Unpacked, x=SEQUENCE))
