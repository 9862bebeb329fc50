"""ONNX files become specs: each operator stands in the module that it was exported from, and the outputs are equal."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from click.testing import CliRunner
from onnx.reference import ReferenceEvaluator
from torch import nn

from archspec.cli import main
from archspec.importer.command import imported
from archspec.importer.importing import Wish
from archspec.importer.onnx.parts import network
from archspec.importer.onnx.read import read
from archspec.importer.refused import ImportFault

FLOAT = onnx.TensorProto.FLOAT


def tensor(name: str, *sizes: int, seed: int = 0) -> onnx.TensorProto:
    """Drawn weights."""
    drawn = np.random.default_rng(seed).normal(size=sizes).astype(np.float32)
    return onnx.numpy_helper.from_array(drawn, name)


def whole(name: str, *numbers: int) -> onnx.TensorProto:
    return onnx.numpy_helper.from_array(np.array(numbers, dtype=np.int64), name)


def written(
    folder: Path, nodes: list[onnx.NodeProto], weights: list[onnx.TensorProto], sizes: tuple[int | str | None, ...]
) -> Path:
    """A file of one input `x` and one output `y`."""
    given = onnx.helper.make_tensor_value_info("x", FLOAT, list(sizes))
    gives = onnx.helper.make_tensor_value_info("y", FLOAT, None)
    graph = onnx.helper.make_graph(nodes, "g", [given], [gives], weights)
    path = folder / "small.onnx"
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)]), path)
    return path


def node(op: str, name: str, inputs: list[str], outputs: list[str], **settings: object) -> onnx.NodeProto:
    return onnx.helper.make_node(op, inputs, outputs, name=name, **settings)  # type: ignore[arg-type]


def residual(folder: Path, batch: int | str = "N") -> Path:
    """Two residual blocks of one class, a pool whose size a run knows, and a linear layer."""
    nodes, value = (
        [node("Conv", "/stem/Conv", ["x", "stem.weight"], ["s"], kernel_shape=[3, 3], pads=[1, 1, 1, 1])],
        "s",
    )
    weights = [tensor("stem.weight", 4, 3, 3, 3)]
    for at in range(2):
        block, key = f"/layers/layers.{at}", f"layers.{at}.conv"
        nodes += [
            node(
                "Conv", f"{block}/conv/Conv", [value, f"{key}.weight", f"{key}.bias"], [f"c{at}"], kernel_shape=[1, 1]
            ),
            node("Relu", f"{block}/relu/Relu", [f"c{at}"], [f"r{at}"]),
            node("Add", f"{block}/Add", [f"r{at}", value], [f"a{at}"]),
        ]
        weights += [tensor(f"{key}.weight", 4, 4, 1, 1, seed=at + 1), tensor(f"{key}.bias", 4, seed=at + 7)]
        value = f"a{at}"
    nodes += [
        node("GlobalAveragePool", "/pool/GlobalAveragePool", [value], ["p"]),
        node("Shape", "/Shape", [value], ["size"]),
        node("Gather", "/Gather", ["size", "zero"], ["samples"]),
        node("Unsqueeze", "/Unsqueeze", ["samples", "axis"], ["first"]),
        node("Concat", "/Concat", ["first", "rest"], ["wanted"], axis=0),
        node("Reshape", "/Reshape", ["p", "wanted"], ["flat"]),
        node("MatMul", "/fc/MatMul", ["flat", "matrix"], ["m"]),
        node("Add", "/fc/Add", ["m", "fc.bias"], ["y"]),
    ]
    scalar = onnx.numpy_helper.from_array(np.array(0, dtype=np.int64), "zero")
    weights += [scalar, whole("axis", 0), whole("rest", -1), tensor("matrix", 4, 5), tensor("fc.bias", 5, seed=3)]
    return written(folder, nodes, weights, (batch, 3, 8, 8))


SPEC = """\
archspec: 1
name: Small
inputs: {x: [3, 8, 8]}

blocks:
  layers_part:
    graph:
      conv: {op: conv2d, out_channels: 4, kernel_size: 1}
      relu: relu
      add: {op: add, from: [relu, x]}

graph:
  stem: {op: conv2d, out_channels: 4, kernel_size: 3, padding: 1, bias: false}
  layers: {block: layers_part, repeat: 2}
  avgpool: {op: adaptive_avg_pool2d, output_size: 1}
  flatten: flatten
  fc: {op: linear, out_features: 5}
"""


def test_a_file_becomes_the_spec_that_a_person_would_write(tmp_path: Path) -> None:
    found = imported(str(residual(tmp_path)), {}, {}, Wish())
    assert found.proof.exact, found.report()
    text = found.text.partition("\n")[2]
    assert text.partition("\nexpect")[0] == SPEC
    assert "expect: {params: 173, macs: 8980}" in text


def test_a_module_gives_what_the_file_gives(tmp_path: Path) -> None:
    path = residual(tmp_path)
    made = network(read(path))
    x = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        found = made(x)
    (wanted,) = ReferenceEvaluator(str(path)).run(None, {"x": x.numpy()})
    assert torch.allclose(found, torch.from_numpy(wanted), atol=1e-5)


def test_every_command_takes_a_file(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["summary", str(residual(tmp_path, batch=1)), "--depth", "1"], prog_name="archspec")
    assert done.exit_code == 0, done.output
    assert "2 × layers_part" in done.output


@pytest.mark.parametrize(
    ("op", "settings", "layer"),
    [
        ("Relu", {}, nn.ReLU()),
        ("LeakyRelu", {"alpha": 0.1}, nn.LeakyReLU(0.1)),
        ("HardSwish", {}, nn.Hardswish()),
        ("Softmax", {"axis": 1}, nn.Softmax(1)),
        ("MaxPool", {"kernel_shape": [2, 2], "strides": [2, 2]}, nn.MaxPool2d(2)),
        ("AveragePool", {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}, nn.AvgPool2d(3, 1, 1, count_include_pad=False)),
        ("GlobalAveragePool", {}, nn.AdaptiveAvgPool2d(1)),
        ("Transpose", {"perm": [0, 2, 3, 1]}, None),
        ("Flatten", {"axis": 1}, nn.Flatten()),
        ("LRN", {"size": 3}, nn.LocalResponseNorm(3)),
        ("DepthToSpace", {"blocksize": 2, "mode": "CRD"}, nn.PixelShuffle(2)),
    ],
)
def test_operators_give_what_onnx_says(
    tmp_path: Path, op: str, settings: dict[str, object], layer: nn.Module | None
) -> None:
    path = written(tmp_path, [node(op, f"/{op}", ["x"], ["y"], **settings)], [], ("N", 4, 6, 6))
    x = torch.randn(2, 4, 6, 6, generator=torch.Generator().manual_seed(0))
    found = network(read(path))(x)
    wanted = (
        layer(x)
        if layer is not None
        else torch.from_numpy(ReferenceEvaluator(str(path)).run(None, {"x": x.numpy()})[0])  # type: ignore[index]
    )
    assert torch.allclose(found, wanted, atol=1e-5)


def test_a_scope_that_does_not_hang_together_is_no_module(tmp_path: Path) -> None:
    """One ReLU, called before and behind a convolution, has one scope."""
    nodes = [
        node("Relu", "/act/Relu", ["x"], ["a"]),
        node("Sigmoid", "/act/Sigmoid", ["a"], ["b"]),
        node("Conv", "/conv/Conv", ["b", "conv.weight"], ["c"], kernel_shape=[1, 1]),
        node("Relu", "/act/Relu_1", ["c"], ["y"]),
    ]
    made = network(read(written(tmp_path, nodes, [tensor("conv.weight", 4, 4, 1, 1)], ("N", 4, 6, 6))))
    assert [name for name, _ in made.named_children()] == ["conv"]


def test_of_two_equal_products_only_that_with_a_bias_is_a_layer_with_one(tmp_path: Path) -> None:
    nodes = [
        node("MatMul", "/a/MatMul", ["x", "w"], ["a"]),
        node("Add", "/a/Add", ["a", "b"], ["biased"]),
        node("MatMul", "/c/MatMul", ["x", "w"], ["plain"]),
        node("Add", "/Add", ["biased", "plain"], ["y"]),
    ]
    path = written(tmp_path, nodes, [tensor("w", 4, 5), tensor("b", 5, seed=1)], ("N", 4))
    x = torch.randn(2, 4, generator=torch.Generator().manual_seed(0))
    (wanted,) = ReferenceEvaluator(str(path)).run(None, {"x": x.numpy()})
    assert torch.allclose(network(read(path))(x), torch.from_numpy(wanted), atol=1e-5)


def test_constants_of_two_modules_may_have_one_last_name(tmp_path: Path) -> None:
    nodes = [node("Mul", "/Mul", ["x", "a.scale"], ["a"]), node("Mul", "/Mul_1", ["a", "b.scale"], ["y"])]
    path = written(tmp_path, nodes, [tensor("a.scale", 4), tensor("b.scale", 4, seed=1)], ("N", 4))
    x = torch.randn(2, 4, generator=torch.Generator().manual_seed(0))
    (wanted,) = ReferenceEvaluator(str(path)).run(None, {"x": x.numpy()})
    assert torch.equal(network(read(path))(x), torch.from_numpy(wanted))


@pytest.mark.parametrize("places", [[[2, 0], [1, 1]], [[0, 1], [2, 3]]])
def test_gather_has_the_dimensions_of_its_index(tmp_path: Path, places: list[list[int]]) -> None:
    index = onnx.numpy_helper.from_array(np.array(places), "places")
    path = written(tmp_path, [node("Gather", "/Gather", ["x", "places"], ["y"], axis=1)], [index], ("N", 4, 3))
    x = torch.randn(2, 4, 3, generator=torch.Generator().manual_seed(0))
    (wanted,) = ReferenceEvaluator(str(path)).run(None, {"x": x.numpy()})
    assert torch.equal(network(read(path))(x), torch.from_numpy(wanted))


def test_what_cannot_be_said_is_told(tmp_path: Path) -> None:
    nodes = [node("NonZero", "/NonZero", ["x"], ["i"]), node("Cast", "/Cast", ["i"], ["y"], to=FLOAT)]
    with pytest.raises(ImportFault, match="small has operators that cannot be said: NonZero"):
        network(read(written(tmp_path, nodes, [], ("N", 4, 6, 6))))
    uneven = [node("Conv", "/conv/Conv", ["x", "w"], ["y"], kernel_shape=[2, 2], pads=[0, 0, 1, 1])]
    with pytest.raises(ImportFault, match=r"/conv/Conv pads \[0, 0, 1, 1\], and not the same on both sides"):
        network(read(written(tmp_path, uneven, [tensor("w", 4, 4, 2, 2)], ("N", 4, 6, 6))))
    (tmp_path / "text.onnx").write_text("no model")
    with pytest.raises(ImportFault, match="is no ONNX model"):
        read(tmp_path / "text.onnx")
    with pytest.raises(ImportFault, match="takes no --set"):
        imported(str(residual(tmp_path)), {"width": "3"}, {}, Wish())
