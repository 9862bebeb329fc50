"""What rules find in the gallery was judged, and the rules that run by default are right about it."""

from collections import Counter

import pytest

from archspec.lint.rule import rules
from tests.gallery.networks import sampled, variants
from tests.lint.precision import judgements, of_gallery, table

KNOWN = {one.key: one for one in judgements()}
CHECKED = "judge it in tests/lint/judgements.csv; `python -m tests.lint.precision` lists what is open"


@pytest.mark.parametrize("name", sampled(variants(), "unet", "vgg", "resnet_original"))
def test_every_finding_in_the_gallery_is_judged(name: str) -> None:
    of = [full.partition(":")[2] for full in variants()[name]]
    found = set(of_gallery(name, of if of != [""] else ()))
    assert found == {key for key in KNOWN if key[1] == name}, CHECKED


def test_rules_that_run_by_default_are_right_three_times_in_four() -> None:
    right, wrong = (Counter(one.rule for one in KNOWN.values() if one.right is side) for side in (True, False))
    for name, rule in rules().items():
        fine = 3 * wrong[name] <= right[name]
        assert rule.default == fine, f"{name}: {right[name]} right, {wrong[name]} wrong"


def test_judgements_are_of_rules_and_say_why() -> None:
    assert {one.rule for one in KNOWN.values()} <= set(rules())
    assert all(one.why for one in KNOWN.values())
    assert len(KNOWN) == len(judgements())


def test_the_table_counts_right_wrong_and_open_findings() -> None:
    judged = judgements()
    lines = list(table([judged[0].key, ("large-kernel", "nowhere", "conv")], judged))
    assert next(line for line in lines if line.startswith(judged[0].rule)).split()[1:] == ["1", "1", "0", "0", "100%"]
    assert lines[-1] == "large-kernel,nowhere,conv,,"
