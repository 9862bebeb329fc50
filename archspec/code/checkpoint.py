"""Checkpoints: blocks whose values are computed again on the way back, in place of being kept.

        for path in ("layer1.0", "layer1.1"):
            module = self.get_submodule(path)
            module.forward = MethodType(recomputed, module)

The classes stay as they are, and so do the names of parameters. In inference nothing changes.
"""

from collections.abc import Sequence
from dataclasses import replace

from archspec.code.program import Assign, Import, Loop, Program
from archspec.language.names import unused
from archspec.ops.op import Helper
from archspec.values.expression import Global, Name
from archspec.values.source import SELF, Member, Tuple, constant, invoke, method

_NAME = "recomputed"
_HEAD = '''\
def recomputed(self: nn.Module, *inputs: Any) -> Any:
    """The forward of a module that computes its values again on the way back."""
    forward = partial(type(self).forward, self)
    if not self.training:
        return forward(*inputs)
'''
RECOMPUTED = Helper(_NAME, f"{_HEAD}    return checkpoint(forward, *inputs, use_reentrant=False)\n")
TO_ITS_END = Helper(
    _NAME,
    f"""{_HEAD}\
    with set_checkpoint_early_stop(False):  # what is saved last is filled by what saves it
        return checkpoint(forward, *inputs, use_reentrant=False)
""",
)
_IMPORTS = (
    Import("functools", "partial", "partial"),
    Import("types", "MethodType", "MethodType"),
    Import("typing", "Any", "Any"),
    Import("torch.utils.checkpoint", "checkpoint", "checkpoint"),
)
_STOP = Import("torch.utils.checkpoint", "set_checkpoint_early_stop", "set_checkpoint_early_stop")


def with_checkpoints(made: Program, scopes: Sequence[str], *, to_the_end: bool = False) -> Program:
    """The program where these scopes, each a module of its own, are computed again on the way back.

    Args:
        made: of a network.
        scopes: their ids, in the graph whose rounds over lists are dissolved.
        to_the_end: whether to go on when all that was saved is there again, since some of it may not be filled yet.
    """
    if not scopes:
        return made
    *inner, network = made.classes
    taken = {*made.names, *(parameter.name for parameter in network.parameters)}
    path, module = Name(unused("path", taken)), Name(unused("module", taken))
    paths = Tuple(tuple(constant(id.replace("/", ".")) for id in scopes))
    found = Assign((module,), method(SELF, "get_submodule", path))
    bound = Assign((Member(module, "forward"),), invoke("MethodType", Global(_NAME), module))
    loop = Loop((path.name,), paths, (found, bound))
    return replace(
        made,
        classes=(*inner, replace(network, after=(*network.after, loop))),
        helpers=(*made.helpers, TO_ITS_END if to_the_end else RECOMPUTED),
        imports=(*made.imports, *_IMPORTS, *([_STOP] if to_the_end else ())),
    )
