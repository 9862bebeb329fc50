"""Leaves: modules that an op stands for. What they compute inside is not looked at."""

from collections.abc import Mapping

from torch import nn

from archspec.ops import OPS

# Modules that other packages define, each by the name of its class -> the op, and the op's fields by its attributes.
# Import proves what it writes, so a class of the same name that does something else is found out.
ELSEWHERE: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "StochasticDepth": ("stochastic_depth", {"p": "p", "mode": "mode"}),
    "DropPath": ("stochastic_depth", {"p": "drop_prob"}),
    "LayerNorm2d": ("layer_norm2d", {"eps": "eps", "elementwise_affine": "elementwise_affine"}),
}


def op_of(module: nn.Module) -> str:
    """The op that a module is, "" for one that is looked into. Hooks would be missed, so a module with them is none."""
    kind = type(module)
    if module._forward_hooks or module._forward_pre_hooks:
        return ""
    if kind.__module__.startswith("torch.nn.modules"):
        return _ops_by_class().get(kind.__name__, "")
    if kind.__module__.startswith("torch.") or kind.__name__ not in ELSEWHERE:
        return ""
    op, fields = ELSEWHERE[kind.__name__]
    return op if all(hasattr(module, attribute) for attribute in fields.values()) else ""


def _ops_by_class() -> Mapping[str, str]:
    """Class of torch.nn -> op."""
    if not _CLASSES:
        _CLASSES.update((op.module.removeprefix("nn."), name) for name, op in OPS.items() if op.module[:3] == "nn.")
        del _CLASSES["Module"]
    return _CLASSES


_CLASSES: dict[str, str] = {}
