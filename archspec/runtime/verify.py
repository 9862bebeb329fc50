"""Verify: prove with torch what the project says about a network.

Each check stands alone and says what it found, so one that does not hold hides no other. Counts and shapes must be
equal; values beside a peer's must be close, and the report says whether they are equal bit for bit.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch

from archspec.code.naming import packages, root_class
from archspec.graph.network import Network
from archspec.ops.guard import is_own
from archspec.pipeline import Reading
from archspec.runtime.against import checks_against
from archspec.runtime.beside import Side, refuses
from archspec.runtime.build import build, load_class
from archspec.runtime.checks import CHECKS, Setup
from archspec.runtime.foreign import import_here
from archspec.runtime.outcome import Check, VerifyReport, first_line
from archspec.runtime.peer import make_peer, parse_peer

SAID = ("params", "buffers", "MACs", "shapes")  # what a spec says of modules of other packages
DTYPES = ("float32", "float64", "bfloat16", "float16")


def verify(
    network: Network,
    source: str,
    *,
    against: str | None = None,
    device: str = "cpu",
    dtype: str = "float32",
    filename: str = "<archspec>",
    at: Reading | None = None,
) -> VerifyReport:
    """Builds `source` and holds it against the network's figures and, where asked, against a peer.

    Args:
        network: what the project knows.
        source: what it emitted.
        against: a peer as `MODULE:CALLABLE`; see `runtime/peer.py`.
        device: where shapes, values and gradients are computed, such as "cuda".
        dtype: one of DTYPES.
        filename: what tracebacks call the source.
        at: gives the network at other sizes of its inputs and other values of params; without it none are tried.

    Raises:
        PeerError: `against` names no model.
        LookupError: the source does not define the network's class.
    """
    own_ops = tuple(dict.fromkeys(node.op.name for node in network.graph.nodes.values() if is_own(type(node.op))))
    named = packages(network)
    if note := _not_run(named, at) if named else "":
        checks = [Check(name, passed=True, detail=(note,), skipped=True) for name in CHECKS]
        return VerifyReport(network.name, network.variant, device, dtype, tuple(checks), own_ops)
    peer = make_peer(parse_peer(against)) if against else None
    build(source, root_class(network), filename=filename, device="meta")
    kind = load_class(source, root_class(network), filename=filename)
    setup = Setup(network, kind, device, getattr(torch, dtype), at)
    with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False):
        checks = [_run(name, check, setup) for name, check in CHECKS.items()]
        if named:
            checks = [replace(check, ours=check.ours and check.name not in SAID) for check in checks]
        if peer is not None:
            checks += checks_against(setup, peer)
    return VerifyReport(network.name, network.variant, device, dtype, tuple(checks), own_ops)


def _not_run(named: Sequence[str], at: Reading | None) -> str:
    """Why a source that imports packages is not run, "" where it may be and they are there."""
    if at is None or at.permit.modules is None:
        return f"the source imports {', '.join(named)}, and a spec by itself runs no code: --allow-modules does"
    for package in named:
        try:
            import_here(package)
        except Exception as error:  # noqa: BLE001  whatever importing it raises
            return f"the source imports {package}: {type(error).__name__}: {first_line(error)}"
    return ""


def _run(name: str, check: Callable[[Setup], Check], setup: Setup) -> Check:
    """The check; where the module cannot even run, that is what it found."""
    try:
        return check(setup)
    except Exception as error:  # noqa: BLE001  whatever torch raises is a finding about the emitted code
        return Check(
            name, passed=False, detail=(f"{type(error).__name__}: {first_line(error)}",), ours=not _refused(setup)
        )


def _refused(setup: Setup) -> bool:
    """Whether torch refuses the network itself, run op by op: then its source is not at fault."""
    try:
        module = setup.module()
        return all(
            refuses(Side(setup.network, module, batch, batch > 1), setup.device, setup.dtype) for batch in (1, 2)
        )
    except Exception:  # noqa: BLE001  the module cannot even be made
        return False
