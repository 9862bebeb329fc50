"""How many examples a drawn test takes that costs much: all with --whole, a share of them in each run of the tests.

tests/conftest.py loads one of two profiles of hypothesis: `whole` with --whole, `archspec` without.
"""

from hypothesis import settings

SHARE = 0.25


def examples(number: int) -> int:
    """Of so many examples with --whole, how many this run takes: 40 -> 10, and 2 at least."""
    if settings.get_current_profile_name() == "whole":
        return number
    return max(2, round(SHARE * number))
