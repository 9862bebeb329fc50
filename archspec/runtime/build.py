"""Emitted source to a live `nn.Module`.

What runs is exactly the text that `compile` writes. It becomes a module of its own in `sys.modules`, under a name made
from the text, so that pickling finds the classes again; its lines stand in `linecache`, so that tracebacks and
`inspect.getsource` show them.
"""

import hashlib
import linecache
import sys
from contextlib import nullcontext
from types import ModuleType

import torch
from torch import nn


def build(
    source: str, class_name: str, *, filename: str = "<archspec>", device: str | torch.device | None = None
) -> nn.Module:
    """A fresh instance of `class_name`, made from `source`.

    Args:
        source: the emitted text; the same text always gives the same classes.
        class_name: the network's class.
        filename: what tracebacks call it, such as `<archspec resnet:resnet50>`.
        device: where the parameters are made; "meta" makes none. Without it, torch's current default.

    Raises:
        LookupError: the source defines no such class.
    """
    with nullcontext() if device is None else torch.device(device):
        return load_class(source, class_name, filename=filename)()


def load_class(source: str, class_name: str, *, filename: str = "<archspec>") -> type[nn.Module]:
    """The class of this name that `source` defines. Raises LookupError where it defines none."""
    made: type[nn.Module] | None = getattr(load_source(source, filename=filename), class_name, None)
    if made is None:
        raise LookupError(f"{filename} defines no class {class_name}")
    return made


def load_source(source: str, *, filename: str = "<archspec>") -> ModuleType:
    """`source` as a module, run once for each text and filename."""
    digest = hashlib.sha256(f"{filename}\0{source}".encode()).hexdigest()[:16]
    name = f"archspec_source_{digest}"
    if name in sys.modules:
        return sys.modules[name]
    filename = _register_lines(source, filename, digest)
    module = ModuleType(name)
    module.__file__ = filename
    sys.modules[name] = module  # before it runs, so that dataclasses and pickling inside it find their module
    try:
        exec(compile(source, filename, "exec"), module.__dict__)  # noqa: S102  our own text, which is the point
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _register_lines(source: str, filename: str, digest: str) -> str:
    """Puts the lines where tracebacks look, and returns the name they stand under: another text keeps its own."""
    lines = source.splitlines(keepends=True)
    held = linecache.cache.get(filename)
    if held is not None and (len(held) == 1 or held[2] != lines):
        filename = f"{filename.removesuffix('>')} {digest}>"
    linecache.cache[filename] = (len(source), None, lines, filename)  # no time of change: never looked for on disk
    return filename
