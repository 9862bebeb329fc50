"""Blame: whether a fault is that of somebody's own op, as far as its trace shows."""

import sys

from archspec.ops.guard import READ, OwnFault, described, is_own, placed, trace
from archspec.ops.op import OPS


def blamed(fault: Exception) -> OwnFault | None:
    """What to say of a fault that passed through a file of own ops, as one of a validator does; else None."""
    if isinstance(fault, OwnFault):
        return fault
    files = {getattr(sys.modules.get(module), "__file__", None): name for name, module in _declared()}
    found = next(((file, line) for file, line in reversed(trace(fault)) if file in files), None)
    if found is None:
        return None
    reason = f"op {files[found[0]]} has a fault of its own: it raised {described(fault)}"
    return OwnFault(reason, placed(*found), READ)


def own_ops() -> tuple[str, ...]:
    """The ops that somebody else than archspec declares."""
    return tuple(name for name, _ in _declared())


def _declared() -> list[tuple[str, str]]:
    """Own ops and the modules that declare them."""
    return [(name, cls.__module__) for name, cls in OPS.items() if is_own(cls)]
