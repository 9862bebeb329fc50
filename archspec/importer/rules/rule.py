"""The registry of rules: function of torch -> what says it."""

from collections.abc import Callable

from archspec.importer.site import Rule
from archspec.values.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Declared:
    """A rule, and the names of the arguments that its functions take, in order."""

    says: Rule
    takes: tuple[str, ...]
    spreads: bool = False  # what follows the first argument may be one list: `x.view(2, 3)`


RULES: dict[str, Declared] = {}


def rule(*functions: str, takes: str, spreads: bool = False) -> Callable[[Rule], Rule]:
    """Declares a rule for functions of these names."""

    def declare(says: Rule) -> Rule:
        for function in functions:
            RULES[function] = Declared(says, tuple(takes.split()), spreads)
        return says

    return declare
