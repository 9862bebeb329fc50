"""What a run of the tests takes of what is long: all with --whole, a share in each run.

tests/conftest.py loads one of two profiles of hypothesis: `whole` with --whole, `archspec` without.
"""

from collections.abc import Iterable
from zlib import crc32

import pytest
from _pytest.mark import ParameterSet
from hypothesis import settings

SHARE = 0.25


def examples(number: int) -> int:
    """Of so many examples with --whole, how many this run takes: 40 -> 10, and 2 at least."""
    if settings.get_current_profile_name() == "whole":
        return number
    return max(2, round(SHARE * number))


def one_in(share: int, names: Iterable[str], *always: str) -> list[ParameterSet]:
    """Names as parameters of a test: one in so many runs each time, chosen by the name itself, and `always`."""
    return [
        pytest.param(
            name, id=name, marks=[] if name in always or not crc32(name.encode()) % share else pytest.mark.whole
        )
        for name in names
    ]
