"""Validate: what a spec gets wrong whatever its settings."""

from archspec.diagnostics.findings import Findings
from archspec.spec.spec import Spec


def validate(spec: Spec, findings: Findings) -> None:
    """Records the mistakes of a spec that are there before any block is expanded."""
