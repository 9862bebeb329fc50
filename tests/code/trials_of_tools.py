"""Whether the commands beside `compile` and `verify` take what `check` takes, and say what is so.

lint and draw     end, whatever the network is
expect            what was counted is what a spec may state, and one more is not
checkpoints       blocks that are computed again give the same values and the same gradients
op: module        a layer by its class in torch gives what the op of its name does
"""

from collections.abc import Iterator, Mapping
from random import Random
from tempfile import NamedTemporaryFile
from typing import Any

import torch
from torch import Tensor, nn

from archspec.code.naming import root_class
from archspec.code.pytorch import emit
from archspec.figure.diagram import Style
from archspec.figure.what.fold import DrawError
from archspec.figure.wishes import ORIENTATIONS, Wishes
from archspec.graph.network import Network
from archspec.graph.report import totals
from archspec.graph.walk import within
from archspec.lint.lint import Wish, lint
from archspec.memory.planner import checkpointable
from archspec.pictures import picture
from archspec.pipeline import check, load_text
from archspec.runtime.beside import same
from archspec.runtime.build import load_class
from archspec.runtime.counters import named_outputs, random_inputs
from archspec.runtime.interpret import equal_draws

SUFFIXES = (".svg", ".svg", ".html", ".tex", ".dot", ".mmd")
STYLED = (".svg", ".tex")
STYLES: tuple[Style, ...] = ("auto", "figure", "graph")
LAYERS = {"relu": "ReLU", "tanh": "Tanh", "sigmoid": "Sigmoid", "silu": "SiLU", "gelu": "GELU"}


def wrong_uses(network: Network, rng: Random) -> Iterator[tuple[str, str]]:
    """What goes wrong in lint and draw, in a word or two, and the details."""
    lint((network,), Wish(all=True))
    suffix = rng.choice(SUFFIXES)
    wishes = Wishes()
    if suffix in STYLED:
        wishes = Wishes(style=rng.choice(STYLES), orientation=rng.choice(ORIENTATIONS))
    try:
        made = picture(network, suffix, wishes)
    except DrawError as error:
        if " asks for row " not in str(error):  # which a figure may not have
            raise
        made = b"refused"
    if not made:
        yield "draw", f"an empty {suffix}"


def wrong_facts(text: str, folder: str | None, network: Network, rng: Random) -> Iterator[tuple[str, str]]:
    """Where `check` denies what was counted, or does not deny another number."""
    whole, _ = totals(network)
    stated = {"params": whole.params, "macs": whole.macs}
    shapes = {output.name: list(network.shape(output.ref).dims) for output in network.graph.outputs}
    blocks = {id.replace("/", "."): {"shape": list(network.shapes[id][0].dims)} for id in network.graph.nodes}
    some = dict(rng.sample(sorted(blocks.items()), min(2, len(blocks))))
    facts: dict[str, Any] = {**stated, "outputs": shapes, "blocks": some}
    name = rng.choice(sorted(stated))
    denied = _denied(text, folder, facts, {name: stated[name] + 1})
    right = [one for one in denied if one.endswith(f" not {stated[name] + 1}")]
    yield from (("denies what is so", one) for one in denied if one not in right)
    if not right:
        yield "does not deny", f"{name} {stated[name] + 1} of {stated[name]}"


def _denied(text: str, folder: str | None, *cases: Mapping[str, Any]) -> list[str]:
    """What `check` has against the facts in a file of the folder, which has the specs that the text uses."""
    with NamedTemporaryFile("w", suffix=".yaml", dir=folder, encoding="utf-8") as file:
        file.write(f"{text}expect: {list(map(dict, cases))!r}\n")
        file.flush()
        found = check(file.name)
    return [one.message for one in found if one.severity == "error"]


def wrong_checkpoints(network: Network, made: nn.Module, rng: Random) -> Iterator[tuple[str, str]]:
    """How values and gradients differ where some blocks are computed again."""
    able = [id for id, scope in network.graph.scopes.items() if checkpointable(network, scope)]
    chosen: list[str] = []
    for id in rng.sample(able, min(len(able), 3)):
        if not any(one == id or within(one, id) or within(id, one) for one in chosen):
            chosen.append(id)
    if not chosen:
        return
    other = load_class(emit(network, checkpoints=sorted(chosen)), root_class(network))()
    other.load_state_dict(made.state_dict())
    inputs = random_inputs(network, batch=2)
    try:
        right = _learned(made, inputs)
    except (ValueError, RuntimeError):  # a batch norm of one value: the network's own trial tells
        return
    for name, value in _learned(other, inputs).items():
        if name not in right or not torch.allclose(value, right[name], rtol=1e-3, equal_nan=True):
            yield "checkpoint", f"{name}, of {chosen}: {value.flatten()[:3]} {right.get(name, value).flatten()[:3]}"


def _learned(module: nn.Module, inputs: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """The outputs in training and the gradients of all parameters."""
    module.train().zero_grad()
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    torch.manual_seed(0)
    outputs = named_outputs(module(*(value.clone() for value in inputs)))
    told = {f"output {name}": value.detach().clone() for name, value in outputs.items()}
    total = sum((value.sum() for value in outputs.values() if value.requires_grad), torch.zeros(()))
    if total.requires_grad:
        torch.autograd.backward(total)
    told |= {name: one.grad.to_dense().clone() for name, one in module.named_parameters() if one.grad is not None}
    module.load_state_dict(before)
    return told


def wrong_module(data: Mapping[str, Any], network: Network, made: nn.Module, rng: Random) -> Iterator[tuple[str, str]]:
    """How a layer that is given by its class differs from the op."""
    from tests.code.trials import text_of

    members = _members(data["graph"])
    shared = [entry.get("share") for _, entry in members if isinstance(entry, dict)]
    able = [  # none whose second use says an op, which it is not then
        name for name, entry in members if _is_layer(entry) and _of_a_sample(network, name) and name not in shared
    ]
    if not able:
        return
    name = rng.choice(able)
    entry = dict(data["graph"])[name]
    written = {"op": entry} if isinstance(entry, str) else dict(entry)
    dims = list(network.shapes[name][0].dims)
    written |= {"op": "module", "target": f"torch.nn:{LAYERS[written['op']]}", "shapes": [dims]}
    other = load_text(text_of({**data, "graph": {**data["graph"], name: written}}), variant=network.variant)
    theirs = load_class(emit(other), root_class(other))()
    theirs.load_state_dict(made.state_dict())
    inputs = random_inputs(network, batch=2)
    given = []
    for module in (made, theirs):
        with torch.no_grad(), equal_draws():
            given.append(named_outputs(module.eval()(*(value.clone() for value in inputs))))
    for output, value in given[0].items():
        if not same(value, given[1][output]):
            yield "op: module", f"{output}, of {name} as a module"


def _of_a_sample(network: Network, name: str) -> bool:
    return name in network.graph.nodes and network.shapes[name][0].batch == 1


def _members(graph: Any) -> list[tuple[str, Any]]:
    return list(graph.items()) if isinstance(graph, dict) else []


def _is_layer(entry: Any) -> bool:
    """Whether a member is a layer of torch with its defaults, and always there."""
    if isinstance(entry, str):
        return entry in LAYERS
    return isinstance(entry, dict) and entry.get("op") in LAYERS and entry.keys() <= {"op", "from", "figure", "lint"}
