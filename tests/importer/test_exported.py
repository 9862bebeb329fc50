"""Exported programs and whole modules become specs: each call stands in the module that it was exported from."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from archspec.importer.command import imported
from archspec.importer.exported.parts import network
from archspec.importer.importing import Wish
from archspec.importer.refused import ImportFault
from tests.cli.conftest import Run, run

__all__ = ["run"]  # a fixture


class Unit(nn.Sequential):
    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.SiLU(True))


class Block(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.unit = Unit(inputs, outputs, stride)
        self.act = nn.ReLU()
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride) if inputs != outputs else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.act(self.unit(x))
        made: Tensor = self.act(y + (x if self.shortcut is None else self.shortcut(x)))
        return made


class Mixer(nn.Module):
    """Attention with samples and heads in one dimension, as nn.MultiheadAttention has them, and by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(8)
        self.attn = nn.MultiheadAttention(8, 2, batch_first=True)
        self.qkv = nn.Linear(8, 24)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(x)
        x = x + self.attn(y, y, y, need_weights=False)[0]
        n, length, width = x.shape
        q, k, v = self.qkv(x).reshape(n, length, 3, 2, width // 2).permute(2, 0, 3, 1, 4)
        return x + nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, length, width)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = Unit(3, 4)
        self.blocks = nn.Sequential(Block(4, 4), Block(4, 8, 2))
        self.mixer = Mixer()
        self.heads = nn.ModuleList([nn.Linear(8, 5), nn.Linear(8, 2)])
        self.unused = nn.Linear(3, 3)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        x = self.blocks(self.stem(image)).flatten(2).transpose(1, 2)
        x = self.mixer(x)[:, 1:].mean(1)
        return {"kind": self.heads[0](x), "place": self.heads[1](x)}


@pytest.fixture(scope="module", params=["fixed", "open"])
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, nn.Module]:
    path = tmp_path_factory.mktemp(request.param) / "net.pt2"
    torch.manual_seed(0)
    net = Net().eval()
    dims = {"image": {0: torch.export.Dim("batch")}} if request.param == "open" else None
    torch.export.save(torch.export.export(net, (torch.rand(2, 3, 8, 8),), dynamic_shapes=dims), path)
    return path, net


def test_each_call_stands_in_its_module(exported: tuple[Path, nn.Module]) -> None:
    found = imported(str(exported[0]), {}, {}, Wish())
    assert found.proof.holds, found.report()
    assert found.proof.exact
    for line in (
        "name: Net",
        "inputs: {image: [3, 8, 8]}",
        "      - {op: conv2d, out_channels: $channels, kernel_size: 3, stride: $stride, padding: 1, bias: false}",
        "  stem: {block: unit, channels: 4}",
        "  blocks: {graph: [{block: block, channels: 4, stride: 1}, {block: block, channels: 8, stride: 2}]}",
        "      attn: {op: multi_head_attention, num_heads: 2}",
        "      attend: {op: scaled_dot_product_attention, from: [unbind, unbind.1, unbind.2]}",
        "outputs: {kind: heads, place: heads.out1}",
    ):
        assert line in found.text.splitlines(), found.text
    assert "unused" not in found.text
    assert "//" not in found.text  # a stride of 1 for 4 channels and 2 for 8 is no third of them, and no quarter


def test_it_gives_what_the_module_gives_whatever_the_number_of_samples(exported: tuple[Path, nn.Module]) -> None:
    path, net = exported
    made, _ = network(path)
    kept = {key: one for key, one in net.state_dict().items() if not key.startswith("unused")}
    assert list(made.state_dict()) == list(kept)
    for batch in (1, 2, 5):
        image = torch.rand(batch, 3, 8, 8, requires_grad=True)  # which keeps attention from summing in another order
        assert all(torch.equal(made(image)[name], one) for name, one in net(image).items())


def test_wherever_a_spec_stands(exported: tuple[Path, nn.Module], run: Run) -> None:
    done = run("summary", exported[0], "--depth", "1")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Net: image 3 x 8 x 8")


def test_open_sizes_are_those_that_the_exporter_saw(tmp_path: Path) -> None:
    dims = {"input": {2: torch.export.Dim("height"), 3: torch.export.Dim("width")}}
    path = tmp_path / "open.pt2"
    torch.export.save(torch.export.export(Unit(3, 4).eval(), (torch.rand(2, 3, 6, 7),), dynamic_shapes=dims), path)
    assert imported(str(path), {}, {}, Wish()).text.splitlines()[3] == "inputs: {input: [3, 6, 7]}"


class Cumulative(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = torch.special.bessel_j0(x)
        return made


def test_files_that_hold_nothing_of_the_kind(run: Run, tmp_path: Path) -> None:
    (tmp_path / "text.pt2").write_text("no program")
    torch.export.save(torch.export.export(Cumulative(), (torch.rand(2, 3),)), tmp_path / "odd.pt2")
    torch.save(Unit(3, 4), tmp_path / "whole.pt")
    torch.save(Unit(3, 4).state_dict(), tmp_path / "weights.pth")
    torch.save([1], tmp_path / "list.pt")
    for name, said in (
        ("none.pt2", "there is no file none.pt2"),
        ("text.pt2", "text.pt2 is no exported program: write one by torch.export.save"),
        ("odd.pt2", "odd.pt2 has aten.special_bessel_j0.default, which nothing that people call does"),
        ("none.pt", "there is no file none.pt"),
        ("whole.pt", "--allow-modules reads it, where you trust whoever wrote it"),
        ("weights.pth", "holds weights and no module: archspec compile SPEC --weights weights.pth takes them along"),
        ("list.pt", "list.pt holds a list, no nn.Module"),
    ):
        done = run("import", name, "--input", "3x8x8")
        assert (done.exit_code, done.stdout) == (2, ""), done.output
        assert said in done.stderr, done.stderr


def test_a_program_exported_in_training_says_so(tmp_path: Path) -> None:
    path = tmp_path / "train.pt2"
    torch.export.save(torch.export.export(nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5)), (torch.rand(2, 3),)), path)
    with pytest.raises(ImportFault, match=r"was exported in training: export it after module\.eval\(\)"):
        network(path)


def test_a_whole_module_is_read_where_that_is_allowed(run: Run, tmp_path: Path) -> None:
    torch.save(Unit(3, 4), tmp_path / "whole.pt")
    done = run("import", "whole.pt", "--input", "3x8x8", "--allow-modules", "-o", "whole.yaml")
    assert done.exit_code == 0, done.output
    assert "conv2d" in (tmp_path / "whole.yaml").read_text()
    assert run("summary", "whole.pt", "--input", "3x8x8").exit_code == 2
    assert run("summary", "whole.pt", "--input", "3x8x8", "--allow-modules").exit_code == 0


def test_settings_are_refused(tmp_path: Path) -> None:
    torch.save(Unit(3, 4), tmp_path / "whole.pt")
    with pytest.raises(ImportFault, match="takes no --set"):
        imported(str(tmp_path / "whole.pt"), {"width": "3"}, {}, Wish(), trusted=True)
