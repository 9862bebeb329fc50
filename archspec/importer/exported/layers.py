"""Layers: a module of torch.nn as it was made, from the one operator that an exported program has left of it.

torch.nn.Conv2d, aten.conv2d(x, weight of 8 x 3 x 3 x 3, None, [2, 2], [1, 1])
    ->  nn.Conv2d(3, 8, (3, 3), stride=[2, 2], padding=[1, 1], bias=False)

Settings have one name in the operator and in the constructor; what only that asks for follows from the weight.
"""

import inspect
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn

from archspec.importer.exported.calls import name_of

HOME = "torch.nn."


def layer(
    kind: str, target: object, args: Sequence[Any], named: Mapping[str, Any], state: Mapping[str, Tensor]
) -> nn.Module | None:
    """The module of this class, with these weights; None where it is not one operator of its own.

    Args:
        kind: its class, `torch.nn.modules.conv.Conv2d`.
        target: the operator.
        args: what it is called with, tensors as themselves, its own weights among them.
        named: what it is called with by name.
        state: its parameters and buffers by their names in it.
    """
    found = _class(kind)
    if found is None or not isinstance(target, torch._ops.OpOverload):
        return None
    schema = [argument.name for argument in target._schema.arguments]
    given = {argument.name: argument.default_value for argument in target._schema.arguments}
    given |= {**dict(zip(schema, args, strict=False)), **named}
    known = {**given, **_following(name_of(target), given, state)}
    wanted = [name for name in inspect.signature(found).parameters if name in known]
    try:
        made = found(**{name: known[name] for name in wanted})
        made.load_state_dict(dict(state), strict=True)
    except (TypeError, ValueError, RuntimeError):
        return None
    return made.eval()


def _class(kind: str) -> type[nn.Module] | None:
    if not kind.startswith(HOME):
        return None
    module, _, name = kind.rpartition(".")
    found = getattr(import_module(module), name, None)
    return found if isinstance(found, type) and issubclass(found, nn.Module) else None


def _following(name: str, given: Mapping[str, Any], state: Mapping[str, Tensor]) -> dict[str, Any]:
    """What the constructor asks for and the operator is not told."""
    weight = state.get("weight")
    affine = weight is not None
    found: dict[str, Any] = {"bias": "bias" in state, "affine": affine, "elementwise_affine": affine}
    found["track_running_stats"] = "running_mean" in state
    if weight is None:
        return found
    sizes = tuple(weight.shape)
    if name.startswith("conv"):
        groups = given.get("groups", 1)
        turned = "transpose" in name
        first, second = sizes[0], sizes[1] * groups
        found |= {"in_channels": first if turned else second, "out_channels": second if turned else first}
        found["kernel_size"] = sizes[2:]
    elif name == "linear":
        found |= {"in_features": sizes[1], "out_features": sizes[0]}
    elif name == "embedding":
        padding = given.get("padding_idx", -1)
        found |= {"num_embeddings": sizes[0], "embedding_dim": sizes[1]}
        found["padding_idx"] = padding if padding >= 0 else None
    else:
        found |= {"num_features": sizes[0], "num_channels": sizes[0], "num_parameters": sizes[0]}
    return found
