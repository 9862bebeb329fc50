"""Check and VerifyReport: what verification found, ready to be shown."""

from collections.abc import Mapping
from dataclasses import field

from archspec.values.dataclass import dataclass

Figure = int | float | str | bool


def first_line(error: BaseException) -> str:
    """The first line of what an exception says; torch's have many."""
    return (str(error).splitlines() or [""])[0]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was held against torch.

    Attributes:
        name: what was checked, such as "params".
        passed: it holds. A check that could not be made, for want of a package, is passed and `skipped`.
        figures: what was compared, by name.
        detail: what does not hold, or what a reader should know; one line each.
        ours: where it does not hold, archspec is at fault, and not the spec or a peer.
    """

    name: str
    passed: bool
    figures: Mapping[str, Figure] = field(default_factory=dict)
    detail: tuple[str, ...] = ()
    skipped: bool = False
    ours: bool = True

    @property
    def status(self) -> str:
        """`ok`, `failed` or `skipped`."""
        if self.skipped:
            return "skipped"
        return "ok" if self.passed else "failed"

    @property
    def summary(self) -> str:
        """The figures on one line: `counted 25,557,032, module 25,557,032`."""
        return ", ".join(f"{name} {_printed(value)}" for name, value in self.figures.items())


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """All checks of one network, in the order they were made.

    Attributes:
        own_ops: the ops in it that are not archspec's, whose figures are theirs.
    """

    name: str
    variant: str
    device: str
    dtype: str
    checks: tuple[Check, ...]
    own_ops: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Every check holds."""
        return all(check.passed for check in self.checks)

    def lines(self) -> tuple[str, ...]:
        """The report as plain text: one line a check, its detail below it."""
        width = max((len(check.name) for check in self.checks), default=0)
        found: list[str] = []
        for check in self.checks:
            found.append(f"{check.name:<{width}}  {check.status:<7}  {check.summary}".rstrip())
            found += [f"{'':<{width}}  {'':<7}  {line}" for line in check.detail]
        failed = [check for check in self.checks if not check.passed]
        if ours := ", ".join(check.name for check in failed if check.ours):
            found.append(f"{ours}: {self._ours()}")
        if theirs := ", ".join(check.name for check in failed if not check.ours):
            what = f"what the spec describes, or your own op, {', '.join(self.own_ops)}, does not hold it. Change it"
            spec = "what the spec describes does not hold it. Change the spec"
            found.append(f"{theirs}: {what if self.own_ops else spec}, or what it is held against.")
        return tuple(found)

    def _ours(self) -> str:
        """Whose fault it is where what archspec says of a network does not hold."""
        if self.own_ops:
            ops = ", ".join(self.own_ops)
            return f"a fault of your own op, {ops}, or of archspec. Hold its rules against the figures above first."
        return "a fault of archspec, not of your spec. Report it with the spec and this output."


def _printed(value: Figure) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3g}" if isinstance(value, float) else value
