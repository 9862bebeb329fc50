"""Faults of the user's module: that it does not run, and where."""

from collections.abc import Mapping

from torch import Tensor, nn

from archspec.runtime.faults import blamed


def not_run(module: nn.Module, inputs: Mapping[str, Tensor], fault: BaseException) -> str:
    """A message that a module does not run with these inputs."""
    sizes = " and ".join(f"{name} {tuple(one.shape)}" for name, one in inputs.items())
    return blamed(f"{type(module).__name__} does not run with {sizes}", fault)
