"""Against a peer: the same state_dict, and from the same weights the same values."""

from collections.abc import Iterator

import torch
from torch import nn

from archspec.runtime.checks import Setup
from archspec.runtime.compare import OutputDifference, output_differences, randomise, state_dict_differences
from archspec.runtime.outcome import Check, Figure


def checks_against(setup: Setup, peer: nn.Module) -> Iterator[Check]:
    """The state_dict; then, if it is the same, the outputs in eval and in train mode from the same random weights."""
    ours = setup.module()
    different = state_dict_differences(ours, peer)
    entries = len(peer.state_dict())
    yield Check(
        "state_dict", not different, {"entries": len(ours.state_dict()), "peer's": entries}, different, ours=False
    )
    if different:
        return
    randomise(peer)
    peer = peer.to(setup.device, setup.dtype)
    ours.load_state_dict(peer.state_dict())
    with torch.no_grad():
        yield _outputs("eval outputs", setup, ours.eval(), peer.eval())
        yield _train_outputs(setup, ours.train(), peer.train())


def _train_outputs(setup: Setup, ours: nn.Module, peer: nn.Module) -> Check:
    """Train-mode outputs from the same seed; without dropout where its random numbers fall in another order."""
    state = {key: value.clone() for key, value in peer.state_dict().items()}
    check = _outputs("train outputs", setup, ours, peer)
    if check.passed or not (_stop_dropout(ours) | _stop_dropout(peer)):
        return check
    ours.load_state_dict(state)  # the first pass moved the running statistics
    peer.load_state_dict(state)
    check = _outputs("train outputs", setup, ours, peer)
    return Check(check.name, check.passed, check.figures, (*check.detail, "with dropout off"), ours=False)


def _outputs(name: str, setup: Setup, ours: nn.Module, peer: nn.Module) -> Check:
    """One forward pass of both. In eval the peer may give more: some run their auxiliary heads there too."""
    inputs = setup.inputs(batch=2)
    torch.manual_seed(0)
    expected = peer(*inputs)
    torch.manual_seed(0)
    differences = output_differences(ours(*inputs), expected, more=not ours.training)
    if isinstance(differences, str):
        return Check(name, passed=False, detail=(differences,), ours=False)
    figures: dict[str, Figure] = {
        "bit-equal": all(d.equal for d in differences),
        "largest difference": max(d.largest for d in differences),
    }
    return Check(name, all(d.close for d in differences), figures, tuple(_remarks(differences)), ours=False)


def _remarks(differences: tuple[OutputDifference, ...]) -> Iterator[str]:
    for d in differences:
        if not d.close:
            yield f"{d.theirs or 'output'}: off by {d.largest:.3g} where values reach {d.scale:.3g}"
        if d.theirs != d.ours and len(differences) > 1:
            yield f"the peer's {d.theirs} is our {d.ours}"


def _stop_dropout(module: nn.Module) -> bool:
    """Sets every dropout's probability to 0, stochastic depth included; whether there was one."""
    found = [(m, name) for m in module.modules() if (name := _probability(m)) and getattr(m, name) > 0]
    for dropout, name in found:
        setattr(dropout, name, 0.0)
    return bool(found)


def _probability(module: nn.Module) -> str:
    """Which attribute holds the probability of a zero; "" where the module is no dropout."""
    if isinstance(module, nn.modules.dropout._DropoutNd):
        return "p"
    # torch has no stochastic depth: ours and torchvision's have one name, timm's has another.
    return {"StochasticDepth": "p", "DropPath": "drop_prob"}.get(type(module).__name__, "")
