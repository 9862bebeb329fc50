"""The compiler, over drawn specs: what is emitted computes what the graph says, and counts what it holds."""

import subprocess
import sys
from pathlib import Path

import torch
import yaml
from hypothesis import HealthCheck, given, settings

from archspec.design import Design
from archspec.pipeline import load_text
from archspec.runtime.attributes import attribute_paths
from archspec.runtime.interpret import interpret
from tests.checkers import MYPY
from tests.code.drawn_specs import specs
from tests.examples import examples

COMPARED = settings(
    max_examples=examples(60),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def load(spec: dict[str, object]) -> Design:
    return Design(load_text(yaml.safe_dump(spec, sort_keys=False)))


@COMPARED
@given(specs())
def test_emitted_module_computes_what_the_graph_says(spec: dict[str, object]) -> None:
    design = load(spec)
    module = design.build().eval()
    generator = torch.Generator().manual_seed(0)
    for name, tensor in module.state_dict().items():
        if tensor.is_floating_point():
            tensor.copy_(torch.rand(tensor.shape, generator=generator) + (0.5 if "running_var" in name else -0.5))
    image = torch.rand(2, 3, 8, 8, generator=generator)
    with torch.no_grad():
        found = module(image)
        wanted = interpret(design.network, module.state_dict(), {"image": image.clone()}).outputs
    named = {"logits": found} if isinstance(found, torch.Tensor) else found._asdict()
    for name, tensor in wanted.items():
        assert torch.equal(named[name], tensor), name


@COMPARED
@given(specs())
def test_state_dict_is_the_graph_in_order(spec: dict[str, object]) -> None:
    design = load(spec)
    paths = attribute_paths(design.network.graph)
    wanted: dict[str, tuple[int, ...]] = {}
    for node in design.network.graph.nodes.values():
        xs = design.network.input_shapes(node)
        held = {**node.op.parameters(xs), **node.op.buffers(xs)}
        wanted |= {f"{paths[node.id]}.{name}": shape for name, shape in held.items() if not node.share}
    assert [(name, tuple(tensor.shape)) for name, tensor in design.build().state_dict().items()] == list(wanted.items())


@COMPARED
@given(specs())
def test_emitted_module_trains(spec: dict[str, object]) -> None:
    design = load(spec)
    module = design.build().train()
    found = module(torch.rand(2, 3, 8, 8))
    results = [found] if isinstance(found, torch.Tensor) else [value for value in found if value is not None]
    torch.autograd.backward([result.square().sum() for result in results])
    assert len(results) == len(design.network.graph.outputs)
    assert all(parameter.grad is not None for parameter in module.parameters())


def test_emitted_sources_satisfy_linter_formatter_and_types(tmp_path: Path) -> None:
    sources: list[str] = []

    @settings(COMPARED, max_examples=examples(40))
    @given(specs())
    def collect(spec: dict[str, object]) -> None:
        sources.append(load(spec).source())

    collect()
    for i, source in enumerate(dict.fromkeys(sources)):
        (tmp_path / f"drawn_{i}.py").write_text(source)
    for tool in (["ruff", "check", "--isolated"], ["ruff", "format", "--isolated", "--diff"], MYPY):
        command = [sys.executable, "-m", *tool, "."]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
