"""Forward: what a module is given, and which module that is where one of torch's hands all that it is given on."""

import inspect

from torch import nn


def takes(module: nn.Module) -> dict[str, bool]:
    """The arguments of forward: name -> whether it has to be given."""
    given = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = inspect.signature(module.forward).parameters.values()
    return {one.name: one.default is one.empty for one in parameters if one.kind in given}


def unwrapped(module: nn.Module) -> nn.Module:
    """The module inside of torch's wrappers, `torch.compile(net)` or `DataParallel(net)`; any other module itself.

    Its keys have no `_orig_mod.` or `module.` in front.
    """
    while _wraps(module):
        (module,) = module.children()
    return module


def _wraps(module: nn.Module) -> bool:
    own = type(module).__module__.partition(".")[0] == "torch"
    runs = getattr(module.forward, "__func__", module.forward) is not nn.Module.forward  # a ModuleDict of one does not
    return own and runs and not takes(module) and len(list(module.children())) == 1
