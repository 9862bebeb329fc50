"""The rule of drawn specs agrees with the module that they give; `tests/sizes/fuzz.py` is the whole."""

import pytest

from tests.examples import examples
from tests.sizes.agreement import runs
from tests.sizes.fuzz import checked, differing


@pytest.mark.parametrize("seed", range(examples(12)))
def test_the_rule_of_a_drawn_spec_is_what_torch_takes(seed: int) -> None:
    design = checked(seed)
    assert design is None or not runs(design) or differing(design, 16) == []


def test_most_drawn_specs_are_networks() -> None:
    assert sum(checked(seed) is not None for seed in range(8)) >= 6
