"""Expect: the facts that a spec states, held against what was computed."""
from archspec.diagnostics.findings import Findings
from archspec.ir.network import Network
from archspec.spec.spec import Fact


def expect(network: Network, facts: tuple[Fact, ...], findings: Findings) -> None:
    """Records every fact that does not hold."""
