"""Leaves: modules that an op stands for. What they compute inside is not looked at."""

from collections.abc import Mapping

from torch import nn
from torch.nn.utils import parametrize

from archspec.ops import OPS
from archspec.ops.weighted import Weighted

# Modules that other packages define, each by the end of its class's name -> the op, and the op's fields by its
# attributes: BeitDropPath is a DropPath. Import proves what it writes, so that a class of such a name that does
# something else is found out.
ELSEWHERE: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "StochasticDepth": ("stochastic_depth", {"p": "p", "mode": "mode"}),
    "DropPath": ("stochastic_depth", {"p": "drop_prob"}),
    "LayerNorm2d": ("layer_norm2d", {"eps": "eps", "elementwise_affine": "elementwise_affine"}),
}


# What torch makes a weight of, by the class that does -> the parametrization that an op has.
PARAMETRIZATIONS: Mapping[str, str] = {"_WeightNorm": "weight_norm", "_SpectralNorm": "spectral_norm"}


def op_of(module: nn.Module) -> str:
    """The op that a module is, "" for one that is looked into. Hooks would be missed, so a module with them is none."""
    kind = parametrize.type_before_parametrizations(module)
    if is_hooked(module):
        return ""
    if parametrize.is_parametrized(module) and not parametrization_of(module):
        return ""
    if kind.__module__.startswith("torch.nn.modules"):
        return op_of_class(kind)
    found = elsewhere(kind)
    if kind.__module__.startswith("torch.") or found is None:
        return ""
    op, fields = found
    return op if all(hasattr(module, attribute) for attribute in fields.values()) else ""


def op_of_class(kind: type) -> str:
    """The op that modules of a class of torch.nn are, "" for any other class."""
    return _ops_by_class().get(kind.__name__, "") if kind.__module__.startswith("torch.nn.modules") else ""


def is_hooked(module: nn.Module) -> bool:
    """Whether something runs with each call of a module that its class knows nothing of, nor does its constructor."""
    return bool(module._forward_hooks or module._forward_pre_hooks)


def parametrization_of(module: nn.Module) -> str:
    """What the weight of a module follows from, where its op says that; "" of no or any other parametrization."""
    made = {name: list(each) for name, each in getattr(module, "parametrizations", {}).items()}
    op = OPS.get(_ops_by_class().get(parametrize.type_before_parametrizations(module).__name__, ""))
    if list(made) != ["weight"] or len(made["weight"]) != 1 or op is None or not issubclass(op, Weighted):
        return ""
    (how,) = made["weight"]
    said = PARAMETRIZATIONS.get(type(how).__name__, "")
    usual = {"dim": op.columns if said == "spectral_norm" else 0, "n_power_iterations": 1, "eps": 1e-12}
    return said if all(getattr(how, name, value) == value for name, value in usual.items()) else ""


def elsewhere(kind: type[nn.Module]) -> tuple[str, Mapping[str, str]] | None:
    """The op that a class of another package is by its name, and the op's fields by its attributes."""
    return next((said for name, said in ELSEWHERE.items() if kind.__name__.endswith(name)), None)


def _ops_by_class() -> Mapping[str, str]:
    """Class of torch.nn -> op."""
    if not _CLASSES:
        _CLASSES.update((op.module.removeprefix("nn."), name) for name, op in OPS.items() if op.module[:3] == "nn.")
        del _CLASSES["Module"]
    return _CLASSES


_CLASSES: dict[str, str] = {}
