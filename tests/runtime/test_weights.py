"""Weights load whole or not at all; what does not fit is named by its key, with both shapes."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

import archspec
from archspec.diagnostics.diagnostic import SpecError
from archspec.runtime.weights.read import WeightsError
from tests.cli.conftest import Run, run

__all__ = ["run"]  # a fixture

DESIGN = archspec.loads("""
archspec: 1
name: Small
inputs: {image: [3, 8, 8]}
graph:
  conv: {op: conv2d, out_channels: 4, kernel_size: 3}
  bn: batch_norm2d
  pool: {op: adaptive_avg_pool2d, output_size: 1}
  flatten: flatten
  fc: {op: linear, out_features: 2}
""")
TIED = archspec.loads("""
archspec: 1
inputs: {words: {shape: [5], dtype: int}}
graph:
  embed: {op: embedding, num_embeddings: 11, embedding_dim: 4}
  out: {op: linear, out_features: 11, share: {weight: embed.weight}}
""")


@pytest.fixture
def trained() -> dict[str, Tensor]:
    return {key: torch.rand_like(one.float()).to(one.dtype) + 1 for key, one in DESIGN.build().state_dict().items()}


def assert_loaded(built: nn.Module, trained: dict[str, Tensor]) -> None:
    loaded = built.state_dict()
    assert list(loaded) == list(trained)
    assert all(torch.equal(loaded[key], one) for key, one in trained.items())


def test_a_mapping_a_module_and_files(trained: dict[str, Tensor], tmp_path: Path) -> None:
    built = DESIGN.build(weights=trained)
    assert_loaded(built, trained)
    assert_loaded(DESIGN.build(weights=built), trained)
    torch.save(trained, tmp_path / "a.pth")
    save_file(trained, tmp_path / "a.safetensors")
    torch.save({"epoch": 2, "optimizer": {"state": {}}, "state_dict": trained}, tmp_path / "a.ckpt")
    halves = [dict(list(trained.items())[:3]), dict(list(trained.items())[3:])]
    for number, half in enumerate(halves):
        save_file(half, tmp_path / f"part{number}.safetensors")
    where = {key: f"part{number}.safetensors" for number, half in enumerate(halves) for key in half}
    (tmp_path / "m.safetensors.index.json").write_text(json.dumps({"weight_map": where}))
    for name in ("a.pth", "a.safetensors", "a.ckpt", "m.safetensors.index.json"):
        assert_loaded(DESIGN.build(weights=tmp_path / name), trained)


def test_a_prefix_of_all_keys_is_left_out(trained: dict[str, Tensor]) -> None:
    assert_loaded(DESIGN.build(weights={f"_orig_mod.module.{key}": one for key, one in trained.items()}), trained)


def test_a_prefix_that_is_a_part_of_ours_is_kept() -> None:
    nested = archspec.loads(
        "archspec: 1\ninputs: {x: [4]}\ngraph:\n  net: {graph: {net: {op: linear, out_features: 4}}}\n"
    )
    state = nested.build().state_dict()
    assert list(state) == ["net.net.weight", "net.net.bias"]
    assert_loaded(nested.build(weights=state), dict(state))


def test_counters_of_norms_may_be_missing(trained: dict[str, Tensor]) -> None:
    older = {key: one for key, one in trained.items() if key != "bn.num_batches_tracked"}
    built = DESIGN.build(weights=older)
    assert torch.equal(built.state_dict()["bn.running_mean"], trained["bn.running_mean"])
    assert_loaded(
        DESIGN.build(weights={f"{n}": one for n, one in enumerate(older.values())}, rename="order"),
        {**trained, "bn.num_batches_tracked": torch.tensor(0)},
    )


def test_tied_weights_may_be_there_once() -> None:
    state = TIED.build().state_dict()
    assert list(state) == ["embed.weight", "out.weight", "out.bias"]
    assert_loaded(TIED.build(weights={key: one for key, one in state.items() if key != "out.weight"}), dict(state))


def test_what_does_not_fit_is_named_by_key(trained: dict[str, Tensor]) -> None:
    trained["fcs.weight"] = trained.pop("fc.weight")
    trained["conv.bias"] = torch.zeros(5)
    with pytest.raises(WeightsError) as caught:
        DESIGN.build(weights=trained)
    assert str(caught.value).splitlines() == [
        "the weights do not fit, and none was loaded: 1 missing, 1 extra, 1 of another shape",
        "  missing  fc.weight  2 x 4; the nearest that is extra is fcs.weight",
        "  extra    fcs.weight  2 x 4",
        "  shape    conv.bias  4 here, 5 there",
        "help: say what is called otherwise in a file: `rename: {old.name: new.name}`, and name it by --rename",
    ]


def test_nothing_is_loaded_where_one_does_not_fit(trained: dict[str, Tensor]) -> None:
    from archspec.runtime.weights.fit import load

    built = DESIGN.build()
    before = {key: one.clone() for key, one in built.state_dict().items()}
    with pytest.raises(WeightsError):
        load(built, {**trained, "stray": torch.zeros(1)})
    assert_loaded(built, before)


def test_renames(trained: dict[str, Tensor]) -> None:
    old = {f"stem.{key}" if key.startswith(("conv", "bn")) else f"head.{key}": one for key, one in trained.items()}
    old["head.aux.weight"] = torch.zeros(3)
    assert_loaded(DESIGN.build(weights=old, rename={"stem": "", "head": "", "head.aux": None}), trained)
    with pytest.raises(WeightsError, match=r"no key is called hea, or begins with it; did you mean head\?"):
        DESIGN.build(weights=old, rename={"hea": ""})
    with pytest.raises(WeightsError, match=r"conv.weight and conv.bias are both called x"):
        DESIGN.build(weights=trained, rename={"conv.weight": "x", "conv.bias": "x"})


def test_order_stops_at_the_first_of_another_shape(trained: dict[str, Tensor]) -> None:
    named = {f"{number}": one for number, one in enumerate(trained.values())}
    assert_loaded(DESIGN.build(weights=named, rename="order"), trained)
    with pytest.raises(WeightsError, match="--rename order takes them so"):
        DESIGN.build(weights=named)
    turned = dict(reversed(named.items()))
    with pytest.raises(WeightsError, match=r"tensor 1 is conv\.weight of 4 x 3 x 3 x 3 here and 8 of 2 there"):
        DESIGN.build(weights=turned, rename="order")
    with pytest.raises(WeightsError, match="there are 8 tensors here and 3 there"):
        DESIGN.build(weights=dict(list(named.items())[:3]), rename="order")


class Other(nn.Module):
    """Not a state_dict."""


def test_files_that_are_no_weights(trained: dict[str, Tensor], tmp_path: Path) -> None:
    torch.save(Other(), tmp_path / "whole.pt")
    (tmp_path / "text.pth").write_text("no weights")
    (tmp_path / "text.safetensors").write_text("no weights")
    torch.save([1, 2], tmp_path / "list.pt")
    torch.save({"epoch": 1}, tmp_path / "none.pt")
    torch.save({"model": trained, "ema": trained}, tmp_path / "two.pt")
    for name, said in (
        ("nowhere.pt", "there is no file"),
        ("whole.pt", "holds more than tensors"),
        ("text.pth", "holds more than tensors|is no file of weights"),
        ("text.safetensors", "is no file of weights"),
        ("list.pt", "holds a list, no state_dict"),
        ("none.pt", "holds no tensors by name"),
        ("two.pt", "several state_dicts: name one of model, ema"),
    ):
        with pytest.raises(WeightsError, match=said):
            DESIGN.build(weights=tmp_path / name)
    (tmp_path / "r.yaml").write_text("entry: ema\n")
    assert_loaded(DESIGN.build(weights=tmp_path / "two.pt", rename=str(tmp_path / "r.yaml")), trained)


def test_mistakes_in_a_file_of_renames_have_their_place(trained: dict[str, Tensor], tmp_path: Path) -> None:
    file = tmp_path / "r.yaml"
    file.write_text("rename:\n  conv: [a]\nrenames: {}\n")
    with pytest.raises(SpecError) as caught:
        DESIGN.build(weights=trained, rename=str(file))
    assert [(one.code, one.span.line) for one in caught.value.diagnostics] == [("wrong-type", 2), ("unknown-key", 3)]


SPEC = "archspec: 1\nname: Tiny\ninputs: {x: [4]}\ngraph:\n  fc: {op: linear, out_features: 2}\n"


def test_compile_writes_them_beside_the_source(run: Run, tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(SPEC)
    state = {"module.fc.weight": torch.rand(2, 4), "module.fc.bias": torch.rand(2)}
    torch.save(state, tmp_path / "tiny.pth")
    save_file(state, tmp_path / "tiny.safetensors")
    for name, made in (("tiny.pth", "net.pt"), ("tiny.safetensors", "net.safetensors")):
        done = run("compile", "tiny.yaml", "-o", "net.py", "--weights", name)
        assert done.exit_code == 0, done.output
        assert done.stderr == f"{name}: left out module. before every key\nwrote {made}\nwrote net.py\n"
    held = torch.load(tmp_path / "net.pt", weights_only=True)
    assert {key: one.tolist() for key, one in held.items()} == {
        key.removeprefix("module."): one.tolist() for key, one in state.items()
    }
    (tmp_path / "made.py").write_text(
        "from torch import nn\n\n\ndef net():\n    return nn.ModuleDict({'fc': nn.Linear(4, 2)})\n"
    )
    assert run("compile", "tiny.yaml", "-o", "net.py", "--weights", "made.py:net").exit_code == 0


def test_wrong_uses_of_weights(run: Run, tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(SPEC)
    torch.save({"fc.weight": torch.rand(3, 4), "fc.bias": torch.rand(2)}, tmp_path / "tiny.pth")
    for arguments, said in (
        (["--weights", "tiny.pth"], "name that with -o"),
        (["-o", "n.py", "--rename", "order"], "--rename is of --weights"),
        (["--family", "--weights", "tiny.pth", "-o", "n.py"], "not of a family"),
        (
            ["-o", "n.py", "--weights", "tiny.pth"],
            "tiny.pth: the weights do not fit, and none was loaded",
        ),
        (["-o", "tiny.py", "--weights", "none.pth"], "there is no file none.pth"),
    ):
        done = run("compile", "tiny.yaml", *arguments)
        assert (done.exit_code, done.stdout) == (2, "")
        assert said in done.stderr
    assert not (tmp_path / "n.py").exists()
